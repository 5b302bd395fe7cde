import { unpack } from '#shared/events/decode/inflate.ts';
import {
  CUT,
  keyText,
  objectSpans,
  skipSpace,
  skipValue,
  stringInside,
  walkArray,
  walkObject,
} from '#shared/events/decode/json.ts';
import type { ParseError } from '#shared/model/reader.ts';

/** What a payload's list of log events holds. */
type LogEvents = 'absent' | 'empty' | 'without-messages' | 'messages';

/**
 * What is wrong with the whole payload of a subscription, of which no record was read; `undefined` where it is whole and
 * lists log events with a message, which nobody may know the format of, or no log event. A payload that inflates to more
 * than is read is counted as it is read, and never fails: it would again.
 * @param base64 base64 around gzip around JSON, as CloudWatch Logs sends it
 */
export function payloadFault(base64: string): ParseError['kind'] | undefined {
  const { bytes, error } = unpack(base64);
  if (error !== undefined) return error === 'too-long' ? undefined : error;
  const start = skipSpace(bytes, 0, bytes.length);
  if (start === bytes.length) return 'unknown-format';
  let found: LogEvents = 'absent';
  for (let at = start; at < bytes.length; ) {
    const { after, events } = payloadAt(bytes, at);
    if (after < 0) return after === CUT ? 'truncated' : 'not-json';
    if (found === 'absent' || events === 'messages') found = events;
    at = skipSpace(bytes, after, bytes.length);
  }
  return found === 'absent' || found === 'without-messages' ? 'missing-field' : undefined;
}

/** One payload of several that may stand back to back. */
function payloadAt(bytes: Buffer, at: number): { readonly after: number; readonly events: LogEvents } {
  const end = bytes.length;
  let events: LogEvents = 'absent';
  const after = walkObject(bytes, at, end, (keyFrom, keyTo, from) => {
    if (keyText(bytes, keyFrom, keyTo) !== 'logEvents') return skipValue(bytes, from, end);
    events = 'empty';
    return walkArray(bytes, from, end, (element) => {
      if (events !== 'messages') {
        const { spans } = objectSpans(bytes, element, end);
        events = stringInside(bytes, spans.get('message')) === undefined ? 'without-messages' : 'messages';
      }
      return skipValue(bytes, element, end);
    });
  });
  return { after, events };
}
