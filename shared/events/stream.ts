import type { Format, FormatReader, Interest, ReaderOptions, Sink } from '../model/reader.ts';
import { detectFormat } from './detect.ts';

const LINE_FEED = 10;
const KEPT_BYTES = 256;
/** Format changes within one stream whose line numbers are remembered; beyond them numbers are those of the reader. */
const MAX_SEGMENTS = 10_000;

/** From which line of a reader on its numbers differ from the stream's, and by how much. */
interface Segment {
  readonly fromLine: number;
  readonly shift: number;
}

interface Open {
  readonly reader: FormatReader;
  readonly segments: Segment[];
}

/**
 * Reads one stream of lines whose format is named or found by content, and follows it when it changes. Lines of no
 * known format are counted, each, and passed over.
 */
export class StreamReader {
  readonly #formats: readonly Format[];
  readonly #interest: Interest;
  readonly #options: ReaderOptions;
  readonly #open = new Map<Format, Open>();
  #current: Format | undefined;
  #line = 0;

  constructor(formats: readonly Format[], interest: Interest, options: ReaderOptions) {
    this.#formats = formats;
    this.#interest = interest;
    this.#options = options;
  }

  /** Takes a chunk that ends at a line end, or at the end of the stream. */
  read(chunk: Buffer, sink: Sink): void {
    let at = 0;
    while (at < chunk.length) {
      const format = this.#formatAt(chunk, at);
      if (format === 'blank') return;
      if (format === 'unknown') at = this.#skipUnknown(chunk, at, sink);
      else at = this.#readAs(format, chunk, at, sink);
    }
  }

  finish(sink: Sink): void {
    for (const [format, open] of this.#open) open.reader.finish(this.#sinkOf(format, open, sink));
  }

  #formatAt(chunk: Buffer, at: number): Format | 'unknown' | 'blank' {
    if (this.#current !== undefined) return this.#current;
    const [only] = this.#formats;
    return this.#formats.length === 1 && only !== undefined
      ? only
      : detectFormat(this.#formats, chunk, at, chunk.length);
  }

  #readAs(format: Format, chunk: Buffer, at: number, sink: Sink): number {
    const open = this.#opened(format);
    if (this.#current !== format) this.#startSegment(open);
    const before = open.reader.lines ?? 0;
    const stopped = open.reader.read(chunk, at, chunk.length, this.#sinkOf(format, open, sink));
    this.#line += (open.reader.lines ?? 0) - before;
    this.#current = stopped >= chunk.length ? format : undefined;
    if (stopped > at || stopped >= chunk.length) return stopped;
    return this.#skipUnknown(chunk, at, sink);
  }

  #opened(format: Format): Open {
    const known = this.#open.get(format);
    if (known !== undefined) return known;
    const open = { reader: format.make(this.#interest, this.#options), segments: [] };
    this.#open.set(format, open);
    return open;
  }

  #startSegment(open: Open): void {
    const fromLine = (open.reader.lines ?? 0) + 1;
    const shift = this.#line + 1 - fromLine;
    if (open.segments.length < MAX_SEGMENTS && (open.segments.at(-1)?.shift ?? 0) !== shift)
      open.segments.push({ fromLine, shift });
  }

  #skipUnknown(chunk: Buffer, at: number, sink: Sink): number {
    const feed = chunk.indexOf(LINE_FEED, at);
    const end = feed < 0 ? chunk.length : feed;
    this.#line += 1;
    if (!isBlank(chunk, at, end)) {
      const bytes = Uint8Array.prototype.slice.call(chunk, at, Math.min(end, at + KEPT_BYTES));
      sink.unreadable({ kind: 'unknown-format', bytes }, this.#line);
    }
    return end + 1;
  }

  #sinkOf(format: Format, open: Open, sink: Sink): Sink {
    const { segments } = open;
    const shifted = (line: number): number => {
      for (let index = segments.length - 1; index >= 0; index--) {
        const segment = segments[index];
        if (segment !== undefined && line >= segment.fromLine) return line + segment.shift;
      }
      return line;
    };
    const named: Sink = {
      ...bound(sink),
      read: (records, inner = format.name) => sink.read(records, inner),
      time: (at, inner = format.name) => sink.time(at, inner),
    };
    if (segments.length === 0) return named;
    return {
      ...named,
      event: (event, lines) => {
        const raw = event.raw.line === undefined ? event.raw : { ...event.raw, line: shifted(event.raw.line) };
        sink.event({ ...event, raw }, lines.map(shifted));
      },
      unreadable: (error, line) => sink.unreadable(error, shifted(line)),
      settled: (line) => sink.settled(shifted(line)),
    };
  }
}

/** A sink may be an object of a class: its methods, bound. */
function bound(sink: Sink): Sink {
  return {
    event: (event, lines) => sink.event(event, lines),
    unreadable: (error, line) => sink.unreadable(error, line),
    read: (records, format) => sink.read(records, format),
    time: (at, format) => sink.time(at, format),
    settled: (line) => sink.settled(line),
  };
}

function isBlank(chunk: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if ((chunk[at] as number) > 0x20) return false;
  return true;
}
