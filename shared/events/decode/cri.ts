import type { Format } from '#shared/model/reader.ts';
import { EnvelopeReader, type Unwrapper } from './envelope-reader.ts';
import { parseError } from './inner-stream.ts';
import { Scratch } from './scratch.ts';
import { pathClaims } from './stream-claims.ts';
import { type InnerFormats, type StreamOrigin, Streams } from './streams.ts';
import { readInstant, timestampEnd } from './timestamp.ts';

const SPACE = 0x20;
const PARTIAL = 0x50;
const FULL = 0x46;

interface CriLine {
  readonly stream: 'stdout' | 'stderr';
  readonly partial: boolean;
  readonly stampEnd: number;
  readonly text: number;
}

/** The parts of `<RFC 3339 time> stdout|stderr P|F text`; tags may carry more after a colon (`P:x`). */
function split(chunk: Buffer, from: number, to: number): CriLine | undefined {
  const stampEnd = timestampEnd(chunk, from, to);
  // ` stdout F` is the shortest rest: the text and its space may be absent.
  if (stampEnd < 0 || to - stampEnd < 9 || chunk[stampEnd] !== SPACE || chunk[stampEnd + 7] !== SPACE) return undefined;
  const name = chunk.toString('latin1', stampEnd + 1, stampEnd + 7);
  if (name !== 'stdout' && name !== 'stderr') return undefined;
  const tag = chunk[stampEnd + 8];
  if (tag !== PARTIAL && tag !== FULL) return undefined;
  let tagEnd = stampEnd + 9;
  if (tagEnd < to && chunk[tagEnd] === 0x3a) while (tagEnd < to && chunk[tagEnd] !== SPACE) tagEnd++;
  if (tagEnd < to && chunk[tagEnd] !== SPACE) return undefined;
  return { stream: name, partial: tag === PARTIAL, stampEnd, text: Math.min(tagEnd + 1, to) };
}

/** The parts of one line of output, until its last part comes. */
interface Waiting {
  readonly parts: Scratch;
  since: number;
  line: number;
  time: number | undefined;
  tooLong: boolean;
}

class CriUnwrapper implements Unwrapper {
  readonly #streams: Streams;
  readonly #origin: StreamOrigin;
  readonly #waiting = new Map<string, Waiting>();

  constructor(streams: Streams) {
    this.#streams = streams;
    this.#origin = { claims: pathClaims(streams.options.raw) };
  }

  line(chunk: Buffer, from: number, to: number, line: number): boolean {
    const parts = split(chunk, from, to);
    if (parts === undefined) return false;
    const time = readInstant(chunk, from, parts.stampEnd)?.ms;
    const waiting = this.#waiting.get(parts.stream);
    if (parts.partial || (waiting !== undefined && waiting.since > 0)) {
      const joined = waiting ?? this.#wait(parts.stream);
      this.#join(joined, chunk, parts.text, to, line, time);
      if (!parts.partial) this.#release(parts.stream, joined, false);
    } else {
      this.#streams.get(parts.stream, () => this.#origin).append(chunk, parts.text, to, { line, time });
    }
    return true;
  }

  waitingFrom(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { since } of this.#waiting.values()) if (since > 0) first = Math.min(first, since);
    return first;
  }

  finish(): void {
    for (const [stream, waiting] of this.#waiting) if (waiting.since > 0) this.#release(stream, waiting, true);
  }

  #wait(stream: string): Waiting {
    const waiting: Waiting = { parts: new Scratch(), since: 0, line: 0, time: undefined, tooLong: false };
    this.#waiting.set(stream, waiting);
    return waiting;
  }

  #join(waiting: Waiting, chunk: Buffer, from: number, to: number, line: number, time: number | undefined): void {
    if (waiting.since === 0) Object.assign(waiting, { since: line, time });
    waiting.line = line;
    // One part more than the limit is kept, so that the inner reader sees that the line is too long.
    waiting.tooLong ||= waiting.parts.length > this.#streams.options.maxLine;
    if (!waiting.tooLong) waiting.parts.append(chunk, from, to);
  }

  #release(stream: string, waiting: Waiting, truncated: boolean): void {
    const { parts, line, time, tooLong } = waiting;
    if (tooLong) this.#streams.holder.sink.unreadable(parseError('too-long', parts.bytes, 0, parts.length), line);
    else {
      const origin = { line, time, ...(truncated && { truncated }) };
      this.#streams.get(stream, () => this.#origin).append(parts.bytes, 0, parts.length, origin);
    }
    parts.clear();
    Object.assign(waiting, { since: 0, tooLong: false });
  }
}

/** Container output as containerd and CRI-O write it (Kubernetes' CRI logging format); stdout and stderr are apart. */
export function cri(inner: () => InnerFormats): Format {
  return {
    name: 'cri',
    look: 'process',
    recognises: (chunk, from, to) => split(chunk, from, to) !== undefined,
    make(interest, options) {
      const streams = new Streams(inner(), interest, options);
      return new EnvelopeReader(new CriUnwrapper(streams), streams, options.maxLine + 64);
    },
  };
}
