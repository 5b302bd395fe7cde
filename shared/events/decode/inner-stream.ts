import type { Format, Interest, ParseError, ReaderOptions } from '#shared/model/reader.ts';
import { isBlank, lineBeginning, lineEnd } from '../byte-lines.ts';
import { formatOfLine } from '../detect.ts';
import { unknownLine } from '../unknown-line.ts';
import { InnerReader, type SinkHolder } from './inner-reader.ts';
import { outerLine, type Run, runIndex } from './line-map.ts';
import { Scratch } from './scratch.ts';

const LINE_FEED = 0x0a;
const SECOND_MS = 1000;
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

/**
 * The records inside one stream of an envelope: puts them together in batches, finds the format of each, and keeps one
 * reader for each format.
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
  /** Where the lines of the batch came from; they count from 0. */
  #runs: Run[] = [];
  #lines = 0;
  /** The second of the envelope time that all records of the batch have in common. */
  #second: number | undefined;

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
    return formatOfLine(this.#formats, text, from, to, this.#options.flowFormat);
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
    this.#makeRoom(origin.time, to - from);
    const start = this.#batch.length;
    this.#batch.append(bytes, from, to);
    this.#endRecord(start, origin);
  }

  /** As `append`, for the inside of a JSON string. */
  appendJsonString(bytes: Buffer, from: number, to: number, origin: RecordOrigin): void {
    this.#makeRoom(origin.time, to - from);
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

  /**
   * Readers are told of the envelope's time before they read, so a batch has one: its second, so that it is the same
   * wherever batches end. What they give is then held to the record's own time.
   */
  #makeRoom(time: number | undefined, size: number): void {
    const second = time === undefined ? undefined : Math.floor(time / SECOND_MS);
    if (second !== this.#second || this.#batch.length + size > BATCH_BYTES) this.flush();
    this.#second = second;
  }

  #endRecord(start: number, { line, time, eventId, truncated }: RecordOrigin): void {
    const batch = this.#batch;
    batch.trimLineEnd(start);
    batch.push(LINE_FEED);
    const count = countLines(batch.bytes, start, batch.length);
    const last = this.#runs.at(-1);
    const follows =
      last?.step === 1 &&
      line === last.outer + last.count &&
      last.time === time &&
      last.eventId === eventId &&
      last.truncated === truncated;
    if (last !== undefined && follows && count === 1) last.count++;
    else {
      const step = count === 1 ? 1 : 0;
      this.#runs.push({ inner: this.#lines, count, outer: line, step, time, eventId, truncated });
    }
    this.#lines += count;
  }

  /** Hands the batch to the readers of its lines. */
  flush(): void {
    const { length } = this.#batch;
    if (length === 0) return;
    // Readers may search to the end of what they are given, so they are not given what an earlier batch left behind.
    const bytes = this.#batch.bytes.subarray(0, length);
    this.#tellTime();
    for (let at = 0, line = 0; at < length; ) {
      this.#current ??= this.#readerOf(bytes, at);
      if (this.#current === undefined) {
        at = this.#skip(bytes, at, line++);
        continue;
      }
      const reader = this.#current;
      const next = reader.feed(bytes, at, this.#runs, line);
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

  #tellTime(): void {
    const time = this.#second === undefined ? this.#outerOptions.envelopeTime : this.#second * SECOND_MS;
    if (time !== undefined) this.#options.envelopeTime = time;
    else if (this.#options.envelopeTime !== undefined) delete this.#options.envelopeTime;
  }

  #readerOf(bytes: Buffer, at: number): InnerReader | undefined {
    const format = this.formatOf(bytes, at, lineEnd(bytes, at, bytes.length));
    if (format === undefined) return undefined;
    let reader = this.#readers.get(format);
    if (reader === undefined) {
      reader = new InnerReader(format, this.#interest, this.#options, this.#holder);
      this.#readers.set(format, reader);
    }
    return reader;
  }

  /** Counts the line at `at` as of no known format, unless it is blank, and gives the offset after it. */
  #skip(bytes: Buffer, at: number, line: number): number {
    const end = lineEnd(bytes, at, bytes.length);
    const run = this.#runs[runIndex(this.#runs, 0, line)];
    if (run !== undefined && !isBlank(bytes, at, end)) {
      this.#holder.sink.unreadable(unknownLine(bytes, at, end, this.#options.maxLine), outerLine(run, line));
    }
    return Math.min(end + 1, bytes.length);
  }
}

/** An error with the beginning of the bad record. */
export function parseError(kind: ParseError['kind'], bytes: Uint8Array, from: number, to: number): ParseError {
  return { kind, bytes: lineBeginning(bytes, from, to) };
}

function countLines(bytes: Buffer, from: number, end: number): number {
  let count = 0;
  for (let at = from; at < end; at = lineEnd(bytes, at, end) + 1) count++;
  return count;
}
