import type { Event } from '../model/event.ts';
import type { Format, FormatReader, ParseError, Sink } from '../model/reader.ts';
import { LineShifts } from './line-shifts.ts';

/** The reader of one format within a stream: puts what it says, in lines of its own, in the lines of the stream. */
export class OpenedReader implements Sink {
  readonly #format: string;
  readonly #reader: FormatReader;
  readonly #shifts = new LineShifts();
  #sink: Sink;
  #settled = 0;

  constructor(format: Format, reader: FormatReader, sink: Sink) {
    this.#format = format.name;
    this.#reader = reader;
    this.#sink = sink;
  }

  /** Lines that it has taken so far. */
  get lines(): number {
    return this.#reader.lines;
  }

  /** Reads from `from` on, after `before` lines of the stream; gives the offset where it stopped. */
  feed(chunk: Buffer, from: number, before: number, sink: Sink): number {
    this.#sink = sink;
    this.#shifts.add(this.lines + 1, before - this.lines);
    return this.#reader.read(chunk, from, chunk.length, this);
  }

  finish(sink: Sink): void {
    this.#sink = sink;
    this.#reader.finish(this);
  }

  /** The first line of the stream that it may still name; infinite when nothing is open. */
  openFrom(): number {
    return this.#settled < this.lines ? this.#outer(this.#settled + 1) : Number.POSITIVE_INFINITY;
  }

  event(event: Event, lines: readonly number[]): void {
    const { line } = event.raw;
    const moved = line === undefined || this.#shifts.shiftOf(line) === 0;
    const raw = moved ? event.raw : { ...event.raw, line: this.#outer(line) };
    this.#sink.event(raw === event.raw ? event : { ...event, raw }, lines.map(this.#outer));
  }

  unreadable(error: ParseError, line: number): void {
    this.#sink.unreadable(error, this.#outer(line));
  }

  read(records: number, format = this.#format): void {
    this.#sink.read(records, format);
  }

  time(at: number, format = this.#format): void {
    this.#sink.time(at, format);
  }

  /** What is settled in the stream is for all its readers together to say. */
  settled(line: number): void {
    this.#settled = Math.max(this.#settled, line);
    this.#shifts.forget(line);
  }

  readonly #outer = (line: number): number => line + this.#shifts.shiftOf(line);
}
