import type { Claims } from '#shared/model/place.ts';
import { type InnerStream, parseError } from './inner-stream.ts';
import {
  keyText,
  objectSpans,
  type Span,
  skipValue,
  spanDigits,
  spanText,
  spanValue,
  stringInside,
  walkArray,
  walkObject,
} from './json.ts';
import { streamClaims } from './stream-claims.ts';
import type { Streams } from './streams.ts';

const CONTROL_TEXT = Buffer.from('CWL CONTROL MESSAGE:');
const ACCOUNT = /^\d{12}$/;

/** What the trigger around a payload tells. */
export interface BatchContext {
  readonly region?: string | undefined;
  /** The line of the outer stream. */
  readonly line: number;
  /** Ids of log events that this delivery has brought already. */
  readonly seen: Set<string>;
}

/** The head of a subscription payload. */
interface Head {
  messageType?: string | undefined;
  owner?: string | undefined;
  logGroup?: string | undefined;
  logStream?: string | undefined;
  /** Of the stream, once made. */
  key?: string;
}

const HEAD_KEYS = ['messageType', 'owner', 'logGroup', 'logStream'] as const;

/** Reads what CloudWatch Logs delivers: payloads of subscriptions, and the events that the AWS CLI prints. */
export class LogBatches {
  readonly #streams: Streams;

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  /**
   * The subscription payload at `at` (`messageType`, `owner`, `logGroup`, `logStream`, `logEvents`). Gives the offset
   * after it, or `CUT` or `BROKEN`; the events before a cut are read.
   */
  payload(bytes: Buffer, at: number, end: number, context: BatchContext): number {
    const head: Head = {};
    let events: number | undefined;
    let read = false;
    const after = walkObject(bytes, at, end, (keyFrom, keyTo, from) => {
      const key = keyText(bytes, keyFrom, keyTo);
      if (key === 'logEvents') {
        events = from;
        // The head comes first in what AWS writes, so that the events are walked but once.
        read = HEAD_KEYS.every((name) => head[name] !== undefined);
        if (read) return this.#events(bytes, from, end, head, context);
      }
      const to = skipValue(bytes, from, end);
      const name = HEAD_KEYS.find((one) => one === key);
      if (name !== undefined && to > 0) head[name] = spanText(bytes, { from, to, cut: false });
      return to;
    });
    if (!read && events !== undefined) this.#events(bytes, events, end, head, context);
    return after;
  }

  /** The element at `at` of what `filter-log-events` or `get-log-events` printed; false when it holds no message. */
  printedEvent(bytes: Buffer, at: number, end: number, context: BatchContext): boolean {
    const { spans, after } = objectSpans(bytes, at, end);
    const logStream = spanText(bytes, spans.get('logStreamName'));
    return this.#event(bytes, spans, spans.get('eventId'), { logStream }, context, after < 0);
  }

  #events(bytes: Buffer, at: number, end: number, head: Head, context: BatchContext): number {
    if (head.messageType === 'CONTROL_MESSAGE') return skipValue(bytes, at, end);
    return walkArray(bytes, at, end, (from) => {
      const { spans, after } = objectSpans(bytes, from, end);
      const known = this.#event(bytes, spans, spans.get('id'), head, context, after < 0);
      if (!known && after >= 0) this.#missing(bytes, from, after, context);
      return after;
    });
  }

  #missing(bytes: Buffer, from: number, to: number, context: BatchContext): void {
    this.#streams.holder.sink.unreadable(parseError('missing-field', bytes, from, to), context.line);
  }

  #event(
    bytes: Buffer,
    spans: ReadonlyMap<string, Span>,
    idSpan: Span | undefined,
    head: Head,
    context: BatchContext,
    cut = false,
  ): boolean {
    const message = stringInside(bytes, spans.get('message'));
    if (message === undefined) return false;
    if (isControl(bytes, message)) return true;
    const id = spanText(bytes, idSpan) ?? '';
    if (id !== '') {
      if (context.seen.has(id)) return true;
      context.seen.add(id);
    }
    this.#stream(bytes, spans.get('extractedFields'), head, context).appendJsonString(bytes, message.from, message.to, {
      line: context.line,
      time: spanDigits(bytes, spans.get('timestamp')),
      eventId: id === '' ? undefined : id,
      truncated: cut ? true : undefined,
    });
    return true;
  }

  #stream(bytes: Buffer, extracted: Span | undefined, head: Head, context: BatchContext): InnerStream {
    if (extracted === undefined) {
      head.key ??= streamKey(head, head.owner, context.region);
      return this.#open(head.key, head, head.owner, context.region);
    }
    const { account = head.owner, region = context.region } = systemFields(bytes, extracted);
    return this.#open(streamKey(head, account, region), head, account, region);
  }

  #open(key: string, head: Head, account: string | undefined, region: string | undefined): InnerStream {
    return this.#streams.get(key, () => {
      const claims: Claims = head.logStream === undefined ? {} : streamClaims(head.logStream);
      if (account !== undefined && ACCOUNT.test(account)) claims.account = account;
      if (region !== undefined) claims.region = region;
      return { claims, logGroup: head.logGroup, logStream: head.logStream };
    });
  }
}

function streamKey(head: Head, account: string | undefined, region: string | undefined): string {
  return `${account ?? ''}\n${region ?? ''}\n${head.logGroup ?? ''}\n${head.logStream ?? ''}`;
}

/** Account and region of centralised logs, which a subscription may add to each event (`emitSystemFields`). */
function systemFields(
  bytes: Buffer,
  extracted: Span | undefined,
): { account?: string | undefined; region?: string | undefined } {
  const fields = spanValue(bytes, extracted);
  if (typeof fields !== 'object' || fields === null) return {};
  const { '@aws.account': account, '@aws.region': region } = fields as Record<string, unknown>;
  return {
    account: typeof account === 'string' && ACCOUNT.test(account) ? account : undefined,
    region: typeof region === 'string' && /^[a-z0-9-]{4,32}$/.test(region) ? region : undefined,
  };
}

function isControl(bytes: Buffer, message: Span): boolean {
  const end = message.from + CONTROL_TEXT.length;
  if (bytes[message.from] !== CONTROL_TEXT[0]) return false;
  return message.to >= end && bytes.compare(CONTROL_TEXT, 0, CONTROL_TEXT.length, message.from, end) === 0;
}
