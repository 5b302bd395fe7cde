import type { Format } from '#shared/model/reader.ts';
import { EnvelopeReader, type Unwrapper } from './envelope-reader.ts';
import { type InnerStream, parseError, type RecordOrigin } from './inner-stream.ts';
import {
  BROKEN,
  keyText,
  OPEN_OBJECT,
  objectSpans,
  type Span,
  skipSpace,
  spanText,
  spanValue,
  stringInside,
} from './json.ts';
import { MAX_ENVELOPE_LINE } from './limits.ts';
import { type NamedStream, type Part, PartialRecords } from './partial-records.ts';
import { PLACE_KEYS, recordClaims } from './record-claims.ts';
import { pathClaims } from './stream-claims.ts';
import { type InnerFormats, type StreamOrigin, Streams } from './streams.ts';
import { readInstant, timestampEnd } from './timestamp.ts';

/** Keys that make a record one of a shipper even where its text is named `message`, as many programs name theirs. */
const SHIPPER_KEYS = [
  'container_id',
  'container_name',
  'docker',
  'docker_id',
  'ec2_instance_id',
  'ecs_cluster',
  'ecs_task_arn',
  'ident',
  'logtag',
  'stream',
  'systemd_unit',
];
/** Docker's own file has these alone; only there a text without a line end is a part of a longer one. */
const DOCKER_KEYS: ReadonlySet<string> = new Set(['log', 'stream', 'time', 'attrs']);

type Spans = ReadonlyMap<string, Span>;
type WalkedObject = ReturnType<typeof objectSpans>;

/** Whether the record's keys are those of the Docker json-file driver, Fluent Bit, Fluentd or FireLens. */
function isShipped(spans: Spans): boolean {
  if (spans.has('log') || spans.has('log_processed') || spans.has('kubernetes')) return true;
  return spans.has('message') && SHIPPER_KEYS.some((key) => spans.has(key));
}

const HINTS = ['"log"', '"log_processed"', '"kubernetes"', '"message"'].map((key) => Buffer.from(key));

function recognises(chunk: Buffer, from: number, to: number): boolean {
  const start = skipSpace(chunk, from, to);
  if (chunk[start] !== OPEN_OBJECT || start >= to) return false;
  const line = chunk.subarray(start, to);
  return HINTS.some((hint) => line.includes(hint)) && isShipped(objectSpans(chunk, start, to).spans);
}

class DockerUnwrapper implements Unwrapper {
  readonly #streams: Streams;
  readonly #partial: PartialRecords;

  constructor(streams: Streams) {
    this.#streams = streams;
    this.#partial = new PartialRecords(streams);
  }

  line(chunk: Buffer, from: number, to: number, line: number): boolean {
    const start = skipSpace(chunk, from, to);
    if (start >= to || chunk[start] !== OPEN_OBJECT) return false;
    const first = objectSpans(chunk, start, to);
    if (!isShipped(first.spans)) return false;
    let next = this.#object(chunk, first, start, to, line);
    // Firehose sets no line end between records.
    while (next < to) {
      const object = chunk[next] === OPEN_OBJECT ? objectSpans(chunk, next, to) : undefined;
      if (object === undefined || !isShipped(object.spans)) {
        this.#streams.holder.sink.unreadable(parseError('unknown-format', chunk, next, to), line);
        return true;
      }
      next = this.#object(chunk, object, next, to, line);
    }
    return true;
  }

  /** Gives the offset of what follows the object on its line; `to` where nothing does or nothing can be told apart. */
  #object(chunk: Buffer, { spans, after }: WalkedObject, from: number, to: number, line: number): number {
    if (after === BROKEN) {
      this.#streams.holder.sink.unreadable(parseError('not-json', chunk, from, to), line);
      return to;
    }
    const truncated = after < 0;
    if (truncated) this.#streams.holder.sink.unreadable(parseError('truncated', chunk, from, to), line);
    const time = recordTime(chunk, spans);
    const whole = { from, to: truncated ? to : after, cut: truncated };
    this.#record(chunk, spans, whole, { line, time, ...(truncated && { truncated }) });
    return truncated ? to : skipSpace(chunk, after, to);
  }

  waitingFrom(): number {
    return this.#partial.waitingFrom();
  }

  finish(): void {
    this.#partial.finish();
  }

  #record(chunk: Buffer, spans: Spans, whole: Span, origin: RecordOrigin): void {
    const stream: NamedStream = { key: streamKey(chunk, spans), describe: () => this.#describe(chunk, spans) };
    const object = ['log_processed', 'log'].map((key) => spans.get(key)).find((span) => isObject(chunk, span));
    const log = stringInside(chunk, spans.get('log'));
    if (object !== undefined) this.#open(stream).append(chunk, object.from, object.to, origin);
    else if (log === undefined) this.#withoutLog(chunk, spans, whole, origin, stream);
    else {
      const part = fireLensPart(chunk, spans);
      if (part !== undefined) this.#partial.part(chunk, log, part, origin, stream);
      else if (onlyDockerKeys(spans)) this.#partial.dockerText(chunk, log, origin, stream);
      else this.#open(stream).appendJsonString(chunk, log.from, log.to, origin);
    }
  }

  /** The record's own keys may be those of the payload (a filter merged them); else its text is under `message`. */
  #withoutLog(chunk: Buffer, spans: Spans, whole: Span, origin: RecordOrigin, named: NamedStream): void {
    const stream = this.#open(named);
    const message = stringInside(chunk, spans.get('message'));
    const { payloads } = this.#streams.formats;
    const merged = payloads.some((format) => format.recognises(chunk, whole.from, whole.to));
    if (message !== undefined && (!merged || stream.recognisesString(chunk, message.from, message.to))) {
      stream.appendJsonString(chunk, message.from, message.to, origin);
      return;
    }
    const describe = (): StreamOrigin => ({ ...named.describe(), payloadOnly: true });
    this.#open({ key: `${named.key}merged`, describe }).append(chunk, whole.from, whole.to, origin);
  }

  #open(stream: NamedStream): InnerStream {
    return this.#streams.get(stream.key, stream.describe);
  }

  #describe(chunk: Buffer, spans: Spans): StreamOrigin {
    return { claims: { ...pathClaims(this.#streams.options.raw), ...recordClaims(chunk, spans) } };
  }
}

function isObject(chunk: Buffer, span: Span | undefined): boolean {
  return span !== undefined && chunk[span.from] === OPEN_OBJECT;
}

/** What FireLens says of a record that is a part of a longer line. */
function fireLensPart(chunk: Buffer, spans: Spans): Part | undefined {
  const id = spanText(chunk, spans.get('partial_id'));
  if (id === undefined) return undefined;
  const ordinal = Number(spanText(chunk, spans.get('partial_ordinal')) ?? '0');
  return { id, ordinal: Number.isFinite(ordinal) ? ordinal : 0, last: isTrue(chunk, spans.get('partial_last')) };
}

function isTrue(chunk: Buffer, span: Span | undefined): boolean {
  const value = spanValue(chunk, span);
  return value === true || value === 'true';
}

function onlyDockerKeys(spans: Spans): boolean {
  for (const key of spans.keys()) if (!DOCKER_KEYS.has(key)) return false;
  return true;
}

const STREAM_KEYS: ReadonlySet<string> = new Set(['stream', 'source', ...PLACE_KEYS]);

/** One stream for each container and each of its outputs. */
function streamKey(chunk: Buffer, spans: Spans): string {
  let key = '';
  for (const [name, { from, to }] of spans) {
    if (STREAM_KEYS.has(name)) key += `${name}=${keyText(chunk, from, Math.min(to, from + 4096))}\n`;
  }
  return key;
}

/** The record's own time: the shipper's or Docker's. */
function recordTime(chunk: Buffer, spans: Spans): number | undefined {
  const time = stringInside(chunk, spans.get('time'));
  const whole = time !== undefined && timestampEnd(chunk, time.from, time.to) === time.to;
  return whole ? readInstant(chunk, time.from, time.to)?.ms : undefined;
}

/**
 * One JSON record a line around a text: Docker's json-file driver, Fluent Bit, Fluentd and FireLens
 * (docker: daemon/logger/jsonfilelog; fluent-bit-docs: pipeline/filters/kubernetes.md).
 */
export function docker(inner: () => InnerFormats): Format {
  return {
    name: 'docker',
    look: 'process',
    recognises,
    make(interest, options) {
      const streams = new Streams(inner(), interest, options);
      return new EnvelopeReader(new DockerUnwrapper(streams), streams, Math.max(MAX_ENVELOPE_LINE, options.maxLine));
    },
  };
}
