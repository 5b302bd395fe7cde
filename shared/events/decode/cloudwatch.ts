import type { Format, ParseError } from '#shared/model/reader.ts';
import { JsonDocument } from './cloudwatch-document.ts';
import { EnvelopeReader, type Unwrapper } from './envelope-reader.ts';
import { unpack } from './inflate.ts';
import { parseError } from './inner-stream.ts';
import { BROKEN, CUT, keyText, OPEN_OBJECT, skipSpace, skipValue, spanText, walkArray, walkObject } from './json.ts';
import { MAX_ENVELOPE_LINE } from './limits.ts';
import { type BatchContext, LogBatches } from './log-batch.ts';
import { type InnerFormats, Streams } from './streams.ts';

/** Keys of which a line holds one when it is a delivery; the second key of a pair tells it from other events. */
const HINTS: readonly (readonly string[])[] = [
  ['"logEvents"'],
  ['"messageType"'],
  ['"awslogs"'],
  ['"Records"', '"kinesis"'],
  ['"records"', '"data"'],
  ['"events"', '"message"'],
];

function recognises(chunk: Buffer, from: number, to: number): boolean {
  const start = skipSpace(chunk, from, to);
  if (start >= to || chunk[start] !== OPEN_OBJECT) return false;
  if (JsonDocument.startsAt(chunk, start, to)) return true;
  const line = chunk.subarray(start, to);
  return HINTS.some((keys) => keys.every((key) => line.includes(key, 0, 'latin1')));
}

/** Ends a walk: the object is a payload, which is walked on its own. */
const STOP = -3;

class CloudWatchUnwrapper implements Unwrapper {
  readonly #streams: Streams;
  readonly #batches: LogBatches;
  readonly #document = new JsonDocument();
  #documentFrom = 0;

  constructor(streams: Streams) {
    this.#streams = streams;
    this.#batches = new LogBatches(streams);
  }

  line(chunk: Buffer, from: number, to: number, line: number): boolean {
    if (this.#document.open) {
      if (!this.#document.breaksOff(chunk, from, to)) return this.#addToDocument(chunk, from, to, line);
      this.#breakOff(line);
    }
    if (!recognises(chunk, from, to)) return false;
    if (JsonDocument.startsAt(chunk, from, to)) {
      this.#documentFrom = line;
      return this.#addToDocument(chunk, from, to, line);
    }
    this.#objects(chunk, from, to, { line, seen: new Set() });
    return true;
  }

  waitingFrom(): number {
    return this.#document.open ? this.#documentFrom : Number.POSITIVE_INFINITY;
  }

  finish(): void {
    if (this.#document.open) this.#breakOff(this.#documentFrom);
  }

  #addToDocument(chunk: Buffer, from: number, to: number, line: number): boolean {
    this.#document.add(chunk, from, to, line, (part) => {
      const context = { line: part.line, seen: new Set<string>() };
      if (part.kind === 'too-long') this.#fail('too-long', chunk, from, to, line);
      else if (part.kind === 'document') this.#printed(part.bytes, context);
      else if (!this.#batches.printedEvent(part.bytes, 0, part.bytes.length, context)) {
        this.#fail('missing-field', part.bytes, 0, part.bytes.length, line);
      }
    });
    return true;
  }

  /** A printed document that is no delivery may be one record of a payload's format: it is read as one line. */
  #printed(bytes: Buffer, context: BatchContext): void {
    if (recognises(bytes, 0, bytes.length)) this.#objects(bytes, 0, bytes.length, context);
    else this.#streams.get('', () => ({ claims: {} })).append(bytes, 0, bytes.length, { line: context.line });
  }

  #breakOff(line: number): void {
    const { kind, bytes } = this.#document.takeRest(line);
    const context = { line, seen: new Set<string>() };
    if (kind === 'document' && recognises(bytes, 0, bytes.length)) this.#objects(bytes, 0, bytes.length, context);
    else {
      this.#fail('truncated', bytes, 0, bytes.length, line);
      if (kind === 'event') this.#batches.printedEvent(bytes, 0, bytes.length, context);
    }
  }

  /** One object, or several back to back as deliveries are written without a separator. */
  #objects(bytes: Buffer, from: number, to: number, context: BatchContext): void {
    let at = skipSpace(bytes, from, to);
    while (at < to) {
      const after = this.#object(bytes, at, to, context);
      if (after < 0) {
        this.#fail(after === CUT ? 'truncated' : 'not-json', bytes, at, to, context.line);
        return;
      }
      at = skipSpace(bytes, after, to);
    }
  }

  #object(bytes: Buffer, at: number, to: number, context: BatchContext): number {
    const { line } = context;
    // Each object is a delivery of its own: only within one does an id count once.
    const delivery = { ...context, seen: new Set<string>() };
    let kind: 'payload' | 'other' | undefined;
    let region: string | undefined;
    const after = walkObject(bytes, at, to, (keyFrom, keyTo, from) => {
      const key = keyText(bytes, keyFrom, keyTo);
      if (key === 'messageType' || key === 'logEvents' || key === 'logGroup' || key === 'logStream') kind = 'payload';
      else if (key === 'awslogs' || key === 'Records' || key === 'records' || key === 'events') kind ??= 'other';
      if (kind === 'payload') return STOP;
      switch (key) {
        case 'awslogs':
          return this.#packed(bytes, from, to, delivery);
        case 'Records':
        case 'records':
          return walkArray(bytes, from, to, (element) => this.#record(bytes, element, to, { ...delivery, region }));
        case 'events':
          return walkArray(bytes, from, to, (element) => this.#listed(bytes, element, to, delivery));
        default: {
          const end = skipValue(bytes, from, to);
          if (key === 'region' && end > 0) region = spanText(bytes, { from, to: end, cut: false });
          return end;
        }
      }
    });
    if (kind === 'payload') return this.#batches.payload(bytes, at, to, delivery);
    if (kind === undefined && after > 0) this.#fail('unknown-format', bytes, at, after, line);
    return after;
  }

  #listed(bytes: Buffer, at: number, to: number, context: BatchContext): number {
    const after = skipValue(bytes, at, to);
    const known = bytes[at] === OPEN_OBJECT && this.#batches.printedEvent(bytes, at, after < 0 ? to : after, context);
    if (!known && after > 0) this.#fail('missing-field', bytes, at, after, context.line);
    return after;
  }

  /** A record of a Kinesis event (`kinesis.data`) or of a Firehose event (`data`). */
  #record(bytes: Buffer, at: number, to: number, context: BatchContext): number {
    if (bytes[at] !== OPEN_OBJECT) return BROKEN;
    const end = skipValue(bytes, at, to);
    let region: string | undefined = context.region;
    let found = false;
    // The region stands behind the data.
    walkObject(bytes, at, to, (keyFrom, keyTo, from) => {
      const after = skipValue(bytes, from, to);
      if (after > 0 && keyText(bytes, keyFrom, keyTo) === 'awsRegion') {
        region = spanText(bytes, { from, to: after, cut: false });
      }
      return after;
    });
    const after = walkObject(bytes, at, to, (keyFrom, keyTo, from) => {
      const key = keyText(bytes, keyFrom, keyTo);
      if (key !== 'kinesis' && key !== 'data') return skipValue(bytes, from, to);
      found = true;
      return key === 'data'
        ? this.#data(bytes, from, to, { ...context, region })
        : this.#packed(bytes, from, to, { ...context, region });
    });
    if (!found && end > 0) this.#fail('unknown-format', bytes, at, end, context.line);
    return after;
  }

  /** An object with the packed payload in `data`. */
  #packed(bytes: Buffer, at: number, to: number, context: BatchContext): number {
    return walkObject(bytes, at, to, (keyFrom, keyTo, from) =>
      keyText(bytes, keyFrom, keyTo) === 'data' ? this.#data(bytes, from, to, context) : skipValue(bytes, from, to),
    );
  }

  #data(bytes: Buffer, from: number, to: number, context: BatchContext): number {
    const after = skipValue(bytes, from, to);
    if (after < 0) return after;
    const text = spanText(bytes, { from, to: after, cut: false });
    if (text === undefined) {
      this.#fail('missing-field', bytes, from, after, context.line);
      return after;
    }
    const unpacked = unpack(text);
    if (unpacked.error !== undefined) this.#fail(unpacked.error, bytes, from, after, context.line);
    this.#payloads(unpacked.bytes, context, unpacked.error !== undefined);
    return after;
  }

  /** The payloads in unpacked data, back to back; other text is read as lines. */
  #payloads(bytes: Buffer, context: BatchContext, reported: boolean): void {
    if (!recognises(bytes, 0, bytes.length)) {
      this.#streams.get('data', () => ({ claims: {} })).append(bytes, 0, bytes.length, { line: context.line });
      return;
    }
    let at = skipSpace(bytes, 0, bytes.length);
    while (at < bytes.length) {
      const after = this.#batches.payload(bytes, at, bytes.length, context);
      if (after < 0) {
        if (!reported) this.#fail(after === CUT ? 'truncated' : 'not-json', bytes, at, bytes.length, context.line);
        return;
      }
      at = skipSpace(bytes, after, bytes.length);
    }
  }

  #fail(kind: ParseError['kind'], bytes: Buffer, from: number, to: number, line: number): void {
    this.#streams.holder.sink.unreadable(parseError(kind, bytes, from, to), line);
  }
}

/**
 * What CloudWatch Logs delivers to a subscription, as a file: Lambda, Kinesis and Firehose events with packed payloads,
 * payloads unpacked already, and what `filter-log-events` of the AWS CLI prints.
 */
export function cloudwatch(inner: () => InnerFormats): Format {
  return {
    name: 'cloudwatch',
    look: 'process',
    recognises,
    make(interest, options) {
      const streams = new Streams(inner(), interest, options);
      return new EnvelopeReader(
        new CloudWatchUnwrapper(streams),
        streams,
        Math.max(MAX_ENVELOPE_LINE, options.maxLine),
      );
    },
  };
}
