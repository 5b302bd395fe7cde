import { CLASS, type ConsoleOutput, type RawPointer } from '#shared/model/event.ts';
import type { Format, FormatReader, ReaderOptions, Sink } from '#shared/model/reader.ts';
import { isEventTime } from '#shared/model/time.ts';
import { dropBlanks, isBlank, lineBeginning, lineEnd, skipBlanks } from '../byte-lines.ts';
import { type ConsoleLine, consoleLine } from './line.ts';

/** Lines of a banner that wait for the first line with a time. */
const MAX_WAITING = 64;
const MAX_ID_TEXT = 120;

interface Waiting {
  readonly line: ConsoleLine;
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly raw: RawPointer;
}

/**
 * Reads what miners print. The envelope's time is believed before the miner's own, whose zone is not told; a banner,
 * which has no time, takes that of the line before it or of the first one after it.
 */
class MinerConsoleReader implements FormatReader {
  readonly #options: ReaderOptions;
  readonly #waiting: Waiting[] = [];
  #lines = 0;
  #time: number | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  get lines(): number {
    return this.#lines;
  }

  read(chunk: Buffer, from: number, end: number, sink: Sink): number {
    let at = from;
    while (at < end) {
      const feed = lineEnd(chunk, at, end);
      const start = skipBlanks(chunk, at, feed);
      const to = dropBlanks(chunk, start, feed);
      if (start < to) {
        const line = consoleLine(chunk, start, to);
        if (line === undefined) break;
        this.#lines += 1;
        this.#take(
          { line, number: this.#lines, bytes: lineBeginning(chunk, start, to), raw: this.#pointer(this.#lines) },
          sink,
        );
      } else {
        if (!isBlank(chunk, at, feed)) break;
        this.#lines += 1;
      }
      at = Math.min(feed + 1, end);
    }
    this.#settle(sink);
    return at;
  }

  /** A banner that no line with a time followed belongs to no moment. */
  finish(sink: Sink): void {
    for (const { bytes, number } of this.#waiting.splice(0)) sink.unreadable({ kind: 'missing-field', bytes }, number);
    this.#settle(sink);
  }

  #take(waiting: Waiting, sink: Sink): void {
    const time = this.#options.envelopeTime ?? waiting.line.written;
    if (time !== undefined && !isEventTime(time)) {
      sink.unreadable({ kind: 'bad-number', bytes: waiting.bytes }, waiting.number);
      return;
    }
    this.#time = time ?? this.#time;
    if (this.#time === undefined) {
      if (this.#waiting.length >= MAX_WAITING) this.finish(sink);
      this.#waiting.push(waiting);
      return;
    }
    for (const earlier of this.#waiting.splice(0)) this.#give(earlier, this.#time, sink);
    this.#give(waiting, this.#time, sink);
  }

  #give({ line, number, raw }: Waiting, time: number, sink: Sink): void {
    sink.read(1);
    sink.time(time);
    const event: ConsoleOutput = {
      class: CLASS.base,
      time,
      claims: this.#options.origin,
      raw,
      id: raw.eventId ?? `${time}/${line.text.slice(0, MAX_ID_TEXT)}`,
      source: MINER_CONSOLE.name,
      message: line.text,
    };
    sink.event(event, [number]);
  }

  #pointer(line: number): RawPointer {
    const { raw, eventId } = this.#options;
    return { ...raw, line, ...(eventId === undefined ? {} : { eventId }) };
  }

  #settle(sink: Sink): void {
    const settled = (this.#waiting[0]?.number ?? this.#lines + 1) - 1;
    if (settled > 0) sink.settled(settled);
  }
}

/** The console of a miner, as a container's log driver or a shell's redirection keeps it: XMRig, cpuminer and their forks. */
export const MINER_CONSOLE: Format = {
  name: 'miner-console',
  look: 'process',
  recognises: (chunk, from, to) => consoleLine(chunk, from, to) !== undefined,
  make: (_interest, options) => new MinerConsoleReader(options),
};
