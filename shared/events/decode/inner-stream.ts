import type { Event, RawPointer } from '#shared/model/event.ts';
import type { Format, FormatReader, Interest, ParseError, ReaderOptions, Sink } from '#shared/model/reader.ts';
import { dropBlanks, holdTime, lineBeginning, lineEnd } from '../byte-lines.ts';
import { LineMap, type Run } from './line-map.ts';
import { Scratch } from './scratch.ts';

const LINE_FEED = 0x0a;
/** Bytes that are put together before the inner reader is called. */
const BATCH_BYTES = 256 * 1024;

/** What the envelope says of one inner record. */
export interface RecordOrigin {
  /** The line of the outer stream on which the record ends. */
  readonly line: number;
  readonly time?: number | undefined;
  readonly eventId?: string | undefined;
  readonly truncated?: boolean | undefined;
}

/** The sink of the call that is going on: streams outlive calls. */
export interface SinkHolder {
  sink: Sink;
}

/**
 * The records inside one stream of an envelope: finds the format of each, keeps one reader for each format, and turns
 * what those say (inner line numbers, pointers, clocks) into the terms of the outer stream.
 */
export class InnerStream {
  readonly #formats: readonly Format[];
  readonly #interest: Interest;
  readonly #options: ReaderOptions;
  readonly #outerOptions: ReaderOptions;
  readonly #holder: SinkHolder;
  readonly #readers = new Map<Format, InnerReader>();
  #current: InnerReader | undefined;
  readonly #batch = new Scratch();
  readonly #probe = new Scratch();
  #runs: Run[] = [];
  #lines = 0;

  constructor(
    formats: readonly Format[],
    interest: Interest,
    outerOptions: ReaderOptions,
    options: ReaderOptions,
    holder: SinkHolder,
  ) {
    this.#formats = formats;
    this.#interest = interest;
    this.#outerOptions = outerOptions;
    this.#options = options;
    this.#holder = holder;
  }

  /** The format of a text as the beginning of a line, of those that this stream can hold. */
  formatOf(text: Buffer, from: number, to: number): Format | undefined {
    return this.#formats.find((format) => format.recognises(text, from, to));
  }

  /** Whether the inside of a JSON string begins as a record of some format does. */
  recognisesString(bytes: Buffer, from: number, to: number): boolean {
    this.#probe.clear();
    this.#probe.appendJsonString(bytes, from, to);
    const { length } = this.#probe;
    return this.formatOf(this.#probe.bytes.subarray(0, length), 0, length) !== undefined;
  }

  /** Takes the bytes of one record, with or without its line end; it may hold several lines. */
  append(bytes: Uint8Array, from: number, to: number, origin: RecordOrigin): void {
    this.#makeRoom(origin, to - from);
    const start = this.#batch.length;
    this.#batch.append(bytes, from, to);
    this.#endRecord(start, origin);
  }

  /** As `append`, for the inside of a JSON string. */
  appendJsonString(bytes: Buffer, from: number, to: number, origin: RecordOrigin): void {
    this.#makeRoom(origin, to - from);
    const start = this.#batch.length;
    this.#batch.appendJsonString(bytes, from, to);
    this.#endRecord(start, origin);
  }

  /** The first outer line that a later call may name; infinite when nothing is open. */
  openFrom(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const reader of this.#readers.values()) first = Math.min(first, reader.openFrom());
    return first;
  }

  finish(): void {
    this.flush();
    for (const reader of this.#readers.values()) reader.finish();
  }

  /** One batch has one envelope time and one event id, since the reader is told of them before it reads. */
  #makeRoom(origin: RecordOrigin, size: number): void {
    const last = this.#runs.at(-1);
    if (last === undefined) return;
    const same = last.time === origin.time && last.eventId === origin.eventId;
    if (!same || this.#batch.length + size > BATCH_BYTES) this.flush();
  }

  #endRecord(start: number, origin: RecordOrigin): void {
    const batch = this.#batch;
    batch.trimLineEnd(start);
    batch.push(LINE_FEED);
    const count = countLines(batch.bytes, start, batch.length);
    const last = this.#runs.at(-1);
    const follows = last?.step === 1 && origin.line === last.outer + last.count && last.truncated === origin.truncated;
    if (last !== undefined && follows && count === 1) {
      this.#runs[this.#runs.length - 1] = { ...last, count: last.count + 1 };
    } else {
      const { line, ...rest } = origin;
      this.#runs.push({ ...rest, inner: this.#lines, count, outer: line, step: count === 1 ? 1 : 0 });
    }
    this.#lines += count;
  }

  /** Hands the batch to the readers of its lines. */
  flush(): void {
    const { length } = this.#batch;
    if (length === 0) return;
    // Readers may search to the end of what they are given, so they are not given what an earlier batch left behind.
    const bytes = this.#batch.bytes.subarray(0, length);
    this.#tell();
    for (let at = 0, line = 0; at < length; ) {
      this.#current ??= this.#readerOf(bytes, at);
      if (this.#current === undefined) {
        at = this.#skip(bytes, at, line++);
        continue;
      }
      const reader = this.#current;
      const next = Math.min(Math.max(reader.feed(bytes, at, length, this.#from(line)), at), length);
      const consumed = next === length ? this.#lines - line : countLines(bytes, at, next);
      reader.consumed(consumed);
      line += consumed;
      at = next;
      if (at === length) break;
      this.#current = this.#readerOf(bytes, at);
      if (this.#current === reader && consumed === 0) at = this.#skip(bytes, at, line++);
    }
    this.#batch.clear();
    this.#runs = [];
    this.#lines = 0;
  }

  #tell(): void {
    const first = this.#runs[0];
    const time = first?.time ?? this.#outerOptions.envelopeTime;
    const eventId = first?.eventId ?? this.#outerOptions.eventId;
    if (time !== undefined) this.#options.envelopeTime = time;
    else if (this.#options.envelopeTime !== undefined) delete this.#options.envelopeTime;
    if (eventId !== undefined) this.#options.eventId = eventId;
    else if (this.#options.eventId !== undefined) delete this.#options.eventId;
  }

  /** The batch's runs from its line `line` on. */
  #from(line: number): readonly Run[] {
    if (line === 0) return this.#runs;
    const rest: Run[] = [];
    for (const run of this.#runs) {
      const passed = Math.min(Math.max(line - run.inner, 0), run.count);
      if (passed === run.count) continue;
      rest.push({
        ...run,
        inner: run.inner + passed - line,
        count: run.count - passed,
        outer: run.outer + run.step * passed,
      });
    }
    return rest;
  }

  #readerOf(bytes: Buffer, at: number): InnerReader | undefined {
    const format = this.formatOf(bytes, at, lineEnd(bytes, at, bytes.length));
    if (format === undefined) return undefined;
    let reader = this.#readers.get(format);
    if (reader === undefined) {
      reader = new InnerReader(format.name, format.make(this.#interest, this.#options), this.#holder);
      this.#readers.set(format, reader);
    }
    return reader;
  }

  /** Counts the line at `at` as of no known format, unless it is blank, and gives the offset after it. */
  #skip(bytes: Buffer, at: number, line: number): number {
    const end = lineEnd(bytes, at, bytes.length);
    const [run] = this.#from(line);
    if (!isBlank(bytes, at, end)) {
      this.#holder.sink.unreadable(parseError('unknown-format', bytes, at, end), run?.outer ?? 0);
    }
    return Math.min(end + 1, bytes.length);
  }
}

/** One reader inside a stream, its line numbers, and the sink that translates them. */
class InnerReader implements Sink {
  readonly #format: string;
  readonly #reader: FormatReader;
  readonly #holder: SinkHolder;
  readonly #map = new LineMap();
  /** The number of the next line that the reader will be given, and the last one that it has settled. */
  #next = 1;
  #settled = 0;

  constructor(format: string, reader: FormatReader, holder: SinkHolder) {
    this.#format = format;
    this.#reader = reader;
    this.#holder = holder;
  }

  /** Gives lines to the reader; the answer is the offset where it stopped. */
  feed(bytes: Buffer, from: number, end: number, runs: readonly Run[]): number {
    for (const run of runs) this.#map.add({ ...run, inner: this.#next + run.inner });
    return this.#reader.read(bytes, from, end, this);
  }

  /** Says how many of the lines given last were read; the others go to another reader. */
  consumed(lines: number): void {
    this.#next += lines;
    this.#map.truncate(this.#next);
  }

  finish(): void {
    this.#reader.finish(this);
  }

  openFrom(): number {
    return this.#settled + 1 < this.#next ? this.#map.outer(this.#settled + 1) : Number.POSITIVE_INFINITY;
  }

  event(event: Event, lines: readonly number[]): void {
    const last = event.raw.line ?? lines.at(-1) ?? this.#next;
    const outer = [...new Set(lines.map((line) => this.#map.outer(line)))].sort((a, b) => a - b);
    this.#holder.sink.event(relocate(event, this.#map.run(last), this.#map.outer(last)), outer);
  }

  unreadable(error: ParseError, line: number): void {
    this.#holder.sink.unreadable(error, this.#map.outer(line));
  }

  read(records: number, format = this.#format): void {
    this.#holder.sink.read(records, format);
  }

  time(at: number, format = this.#format): void {
    this.#holder.sink.time(at, format);
  }

  settled(line: number): void {
    this.#settled = Math.max(this.#settled, line);
    this.#map.forget(line);
  }
}

/** The event in the outer stream's terms. */
function relocate(event: Event, run: Run | undefined, line: number): Event {
  const raw: RawPointer = { ...event.raw, line };
  if (run?.eventId !== undefined) raw.eventId = run.eventId;
  const time = holdTime(event.time, run?.time);
  return {
    ...event,
    ...(time !== event.time && { time, clamped: true }),
    ...(run?.truncated === true && { truncated: true }),
    raw,
  };
}

/** An error with the beginning of the bad record. */
export function parseError(kind: ParseError['kind'], bytes: Uint8Array, from: number, to: number): ParseError {
  return { kind, bytes: lineBeginning(bytes, from, to) };
}

export function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  return dropBlanks(bytes, from, to) === from;
}

function countLines(bytes: Buffer, from: number, end: number): number {
  let count = 0;
  for (let at = from; at < end; at = lineEnd(bytes, at, end) + 1) count++;
  return count;
}
