import { constants, gunzipSync } from 'node:zlib';
import { unpack } from './inflate.ts';
import { keyText, skipSpace, skipValue, spanText, walkObject } from './json.ts';

/** What a subscription's payload says before its log events. */
export interface PayloadHead {
  readonly messageType?: string;
  readonly logGroup?: string;
}

/** Base64 that surely holds the head, which AWS writes first: names of groups and streams have at most 512 characters. */
const EARLY_CHARACTERS = 8192;
const EARLY_BYTES = 8 * 1024 * 1024;
/** Ends a walk. */
const STOP = -3;

/** Message type and log group of a payload in base64 around gzip; empty where it can't be read, which its reader tells. */
export function payloadHead(base64: string): PayloadHead {
  const early = headOf(inflatedStart(base64.slice(0, EARLY_CHARACTERS)));
  return early.messageType === undefined || early.logGroup === undefined ? headOf(unpack(base64).bytes) : early;
}

function inflatedStart(base64: string): Buffer {
  try {
    return gunzipSync(Buffer.from(base64, 'base64'), {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: EARLY_BYTES,
    });
  } catch {
    // Damaged, or more than a start inflates to: the whole is looked at.
    return Buffer.alloc(0);
  }
}

function headOf(bytes: Buffer): PayloadHead {
  const head: { messageType?: string; logGroup?: string } = {};
  walkObject(bytes, skipSpace(bytes, 0, bytes.length), bytes.length, (keyFrom, keyTo, from) => {
    const key = keyText(bytes, keyFrom, keyTo);
    const to = skipValue(bytes, from, bytes.length);
    if (to > 0 && (key === 'messageType' || key === 'logGroup')) {
      const text = spanText(bytes, { from, to, cut: false });
      if (text !== undefined) head[key] = text;
    }
    return head.messageType !== undefined && head.logGroup !== undefined ? STOP : to;
  });
  return head;
}
