import type { FormatReader, Sink } from '#shared/model/reader.ts';
import { isBlank, lineEnd } from '../byte-lines.ts';
import { parseError } from './inner-stream.ts';
import type { Streams } from './streams.ts';

/** What is special of one kind of envelope: how its lines are opened. */
export interface Unwrapper {
  /** Takes one line, without its line end, and gives what lies in it to streams. False: the line is not of this envelope. */
  line(chunk: Buffer, from: number, to: number, number: number): boolean;
  /** The first line that is kept because it waits for more; infinite when there is none. */
  waitingFrom(): number;
  /** Gives away what still waits for more. */
  finish(): void;
}

/** The reader of an envelope: lines, their numbers and limits are the same for all kinds. */
export class EnvelopeReader implements FormatReader {
  readonly #unwrapper: Unwrapper;
  readonly #streams: Streams;
  readonly #maxLine: number;
  #lines = 0;

  constructor(unwrapper: Unwrapper, streams: Streams, maxLine: number) {
    this.#unwrapper = unwrapper;
    this.#streams = streams;
    this.#maxLine = maxLine;
  }

  get lines(): number {
    return this.#lines;
  }

  read(chunk: Buffer, from: number, end: number, sink: Sink): number {
    this.#streams.holder.sink = sink;
    let at = from;
    while (at < end) {
      const lineFeed = lineEnd(chunk, at, end);
      if (!this.#line(chunk, at, lineFeed, sink)) break;
      this.#lines++;
      at = Math.min(lineFeed + 1, end);
    }
    this.#streams.flush();
    this.#settle(sink);
    return at;
  }

  finish(sink: Sink): void {
    this.#streams.holder.sink = sink;
    this.#unwrapper.finish();
    this.#streams.finish();
    this.#settle(sink);
  }

  #line(chunk: Buffer, from: number, lineFeed: number, sink: Sink): boolean {
    const to = lineFeed > from && chunk[lineFeed - 1] === 0x0d ? lineFeed - 1 : lineFeed;
    const number = this.#lines + 1;
    if (to - from > this.#maxLine) {
      sink.unreadable(parseError('too-long', chunk, from, to), number);
      return true;
    }
    return this.#unwrapper.line(chunk, from, to, number) || isBlank(chunk, from, to);
  }

  #settle(sink: Sink): void {
    const open = Math.min(this.#streams.openFrom(), this.#unwrapper.waitingFrom());
    const settled = Math.min(open - 1, this.#lines);
    if (settled > 0) sink.settled(settled);
  }
}
