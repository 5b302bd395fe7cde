import type { Event, RawPointer } from '#shared/model/event.ts';
import type { Format, FormatReader, Interest, ParseError, ReaderOptions, Sink } from '#shared/model/reader.ts';
import { holdTime } from '../byte-lines.ts';
import { LineMap, outerLine, type Run, runIndex } from './line-map.ts';

/** The sink of the call that is going on: streams outlive calls. */
export interface SinkHolder {
  sink: Sink;
}

const NONE: readonly Run[] = [];

/** One reader inside a stream, its line numbers, and the sink that puts what it says in the outer stream's terms. */
export class InnerReader implements Sink {
  readonly #format: string;
  readonly #reader: FormatReader;
  readonly #holder: SinkHolder;
  readonly #map = new LineMap();
  /** The number of the next line that the reader will be given, and the last one that it has settled. */
  #next = 1;
  #settled = 0;
  /** The batch that is being read, and the line of it that has the number `#next`. */
  #batch = NONE;
  #batchLine = 0;

  constructor(format: Format, interest: Interest, options: ReaderOptions, holder: SinkHolder) {
    this.#format = format.name;
    this.#reader = format.make(interest, options);
    this.#holder = holder;
  }

  /** Gives lines of a batch to the reader, the first of which is number `line` of it; the answer is where it stopped. */
  feed(bytes: Buffer, from: number, batch: readonly Run[], line: number): number {
    this.#batch = batch;
    this.#batchLine = line;
    const stopped = this.#reader.read(bytes, from, bytes.length, this);
    return Math.min(Math.max(stopped, from), bytes.length);
  }

  /** Says how many of the lines given last were read; the others go to another reader. */
  consumed(lines: number): void {
    const end = this.#batchLine + lines;
    const shift = this.#next - this.#batchLine;
    const batch = this.#batch;
    this.#batch = NONE;
    this.#next += lines;
    if (this.#settled >= this.#next - 1) return;
    for (let i = runIndex(batch, 0, this.#batchLine); i < batch.length; i++) {
      const run = batch[i];
      if (run === undefined || run.inner >= end) return;
      const from = Math.max(run.inner, this.#batchLine);
      const to = Math.min(run.inner + run.count, end);
      const outer = outerLine(run, from);
      if (to > from) this.#map.add({ ...run, inner: from + shift, count: to - from, outer });
    }
  }

  finish(): void {
    this.#reader.finish(this);
  }

  /** The first outer line that a later call may name; infinite when nothing is open. */
  openFrom(): number {
    return this.#settled + 1 < this.#next ? this.#outer(this.#settled + 1) : Number.POSITIVE_INFINITY;
  }

  event(event: Event, lines: readonly number[]): void {
    const last = event.raw.line ?? lines.at(-1) ?? this.#next;
    const outer = [...new Set(lines.map((line) => this.#outer(line)))].sort((a, b) => a - b);
    this.#holder.sink.event(relocate(event, this.#run(last), this.#outer(last)), outer);
  }

  unreadable(error: ParseError, line: number): void {
    this.#holder.sink.unreadable(error, this.#outer(line));
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

  #run(line: number): Run | undefined {
    if (line < this.#next || this.#batch.length === 0) return this.#map.run(line);
    return this.#batch[runIndex(this.#batch, 0, line - this.#next + this.#batchLine)];
  }

  #outer(line: number): number {
    const run = this.#run(line);
    if (run === undefined) return line;
    const isOpen = line >= this.#next && this.#batch.length > 0;
    return outerLine(run, isOpen ? line - this.#next + this.#batchLine : line);
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
