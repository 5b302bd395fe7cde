import type { Format, Interest, ReaderOptions, Sink } from '../model/reader.ts';
import { isBlank, lineEnd } from './byte-lines.ts';
import { detectFormat } from './detect.ts';
import { OpenedReader } from './opened-reader.ts';
import { unknownLine } from './unknown-line.ts';

/**
 * Reads one stream of lines whose format is named or found by content, and follows it when it changes. Lines of no
 * known format, and longer ones than any may have, are counted, each, and passed over.
 */
export class StreamReader {
  readonly #formats: readonly Format[];
  readonly #interest: Interest;
  readonly #options: ReaderOptions;
  readonly #opened = new Map<Format, OpenedReader>();
  #current: Format | undefined;
  #line = 0;
  #settled = 0;

  constructor(formats: readonly Format[], interest: Interest, options: ReaderOptions) {
    this.#formats = formats;
    this.#interest = interest;
    this.#options = options;
  }

  /** Lines taken so far, blank ones and those of no known format included. */
  get lines(): number {
    return this.#line;
  }

  /** Takes a chunk that ends at a line end, or at the end of the stream. */
  read(chunk: Buffer, sink: Sink): void {
    let at = 0;
    while (at < chunk.length) {
      const format = this.#formatAt(chunk, at);
      if (format === 'blank') {
        this.#line += countLines(chunk, at);
        break;
      }
      if (format === 'unknown') at = this.#skipUnknown(chunk, at, sink);
      else at = this.#readAs(format, chunk, at, sink);
    }
    this.#settle(sink);
  }

  finish(sink: Sink): void {
    for (const opened of this.#opened.values()) opened.finish(sink);
    this.#settle(sink);
  }

  #formatAt(chunk: Buffer, at: number): Format | 'unknown' | 'blank' {
    if (this.#current !== undefined) return this.#current;
    const [only] = this.#formats;
    return this.#formats.length === 1 && only !== undefined
      ? only
      : detectFormat(this.#formats, chunk, at, chunk.length, this.#options.flowFormat);
  }

  #readAs(format: Format, chunk: Buffer, at: number, sink: Sink): number {
    const opened = this.#open(format, sink);
    const before = opened.lines;
    const remembered = this.#current !== undefined;
    const stopped = opened.feed(chunk, at, this.#line, sink);
    this.#line += opened.lines - before;
    this.#current = stopped >= chunk.length ? format : undefined;
    if (stopped > at) return stopped;
    // The format of the chunk before ended with it; one that was found just now and refuses its own line is none.
    return remembered ? at : this.#skipUnknown(chunk, at, sink);
  }

  #open(format: Format, sink: Sink): OpenedReader {
    const known = this.#opened.get(format);
    if (known !== undefined) return known;
    const opened = new OpenedReader(format, format.make(this.#interest, this.#options), sink);
    this.#opened.set(format, opened);
    return opened;
  }

  /** Passes over blank lines and the one that follows them. */
  #skipUnknown(chunk: Buffer, from: number, sink: Sink): number {
    for (let at = from; at < chunk.length; ) {
      const end = lineEnd(chunk, at, chunk.length);
      this.#line += 1;
      if (!isBlank(chunk, at, end)) {
        sink.unreadable(unknownLine(chunk, at, end, this.#options.maxLine), this.#line);
        return end + 1;
      }
      at = end + 1;
    }
    return chunk.length;
  }

  /** A line is settled when none of the readers can name it any more. */
  #settle(sink: Sink): void {
    let settled = this.#line;
    for (const opened of this.#opened.values()) settled = Math.min(settled, opened.openFrom() - 1);
    if (settled <= this.#settled) return;
    this.#settled = settled;
    sink.settled(settled);
  }
}

function countLines(chunk: Buffer, from: number): number {
  let count = 0;
  for (let at = from; at < chunk.length; at = lineEnd(chunk, at, chunk.length) + 1) count += 1;
  return count;
}
