import { parseError, type RecordOrigin } from './inner-stream.ts';
import { OPEN_OBJECT, type Span, skipSpace, skipValue } from './json.ts';
import { Scratch } from './scratch.ts';
import type { StreamOrigin, Streams } from './streams.ts';

/** Docker cuts longer lines into parts of this size (docker: daemon/logger/copier.go, 16 KiB). */
const DOCKER_PART = 16 * 1024;
/** Lines of which parts are kept at a time. */
const MAX_WAITING = 64;
const MAX_PARTS = 4096;
const LINE_FEED = 0x0a;

/** A stream by name: it may be closed and opened again while parts wait. */
export interface NamedStream {
  readonly key: string;
  describe(): StreamOrigin;
}

interface Waiting {
  readonly key: string;
  readonly stream: StreamOrigin;
  readonly since: number;
  origin: RecordOrigin;
  readonly parts: { readonly ordinal: number; readonly bytes: Buffer }[];
  size: number;
  tooLong: boolean;
}

/** What FireLens says of a part of a split line. */
export interface Part {
  readonly id: string;
  readonly ordinal: number;
  readonly last: boolean;
}

/** Puts the parts of long lines together: Docker's, which end with the first line end, and FireLens', which are numbered. */
export class PartialRecords {
  readonly #streams: Streams;
  readonly #waiting = new Map<string, Waiting>();
  readonly #text = new Scratch();

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  waitingFrom(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { since } of this.#waiting.values()) first = Math.min(first, since);
    return first;
  }

  finish(): void {
    for (const [key, waiting] of this.#waiting) this.#release(key, waiting, waiting.size >= DOCKER_PART);
  }

  /**
   * A text of Docker's own file. Without a line end it waits for the next one, unless either shows that it is whole: a
   * complete JSON object, or a short text before one that begins another record.
   */
  dockerText(chunk: Buffer, log: Span, origin: RecordOrigin, stream: NamedStream): void {
    const waiting = this.#waiting.get(stream.key);
    if (waiting === undefined && endsLine(chunk, log)) {
      this.#streams.get(stream.key, stream.describe).appendJsonString(chunk, log.from, log.to, origin);
      return;
    }
    const text = this.#unescape(chunk, log);
    if (waiting !== undefined && this.#isWhole(waiting, text)) this.#release(stream.key, waiting, false);
    const ended = text.length > 0 && text[text.length - 1] === LINE_FEED;
    const open = this.#waiting.get(stream.key);
    if (open === undefined && (ended || text.length === 0 || isCompleteObject(text))) {
      this.#streams.get(stream.key, stream.describe).append(text, 0, text.length, origin);
      return;
    }
    const joined = open ?? this.#wait(stream.key, stream, origin);
    this.#add(joined, text, joined.parts.length, origin);
    if (ended) this.#release(stream.key, joined, false);
  }

  /** A part with its number; the last one releases them all in the order of their numbers. */
  part(chunk: Buffer, log: Span, part: Part, origin: RecordOrigin, stream: NamedStream): void {
    const id = `${stream.key}partial=${part.id.slice(0, 256)}`;
    const waiting = this.#waiting.get(id) ?? this.#wait(id, stream, origin);
    this.#add(waiting, this.#unescape(chunk, log), part.ordinal, origin);
    if (part.last) this.#release(id, waiting, false);
  }

  /** A text is no part of the next one if that begins another record: of the same format, or behind a text of none. */
  #isWhole(waiting: Waiting, next: Buffer): boolean {
    if (waiting.size >= DOCKER_PART) return false;
    if (isCompleteObject(next)) return true;
    const stream = this.#streams.get(waiting.key, () => waiting.stream);
    const follows = stream.formatOf(next, 0, next.length);
    if (follows === undefined) return false;
    const bytes = Buffer.concat(waiting.parts.map((part) => part.bytes));
    const before = stream.formatOf(bytes, 0, bytes.length);
    return before === undefined || before === follows;
  }

  #unescape(chunk: Buffer, log: Span): Buffer {
    this.#text.clear();
    this.#text.appendJsonString(chunk, log.from, log.to);
    return this.#text.bytes.subarray(0, this.#text.length);
  }

  #wait(id: string, stream: NamedStream, origin: RecordOrigin): Waiting {
    if (this.#waiting.size >= MAX_WAITING) {
      const [oldest] = this.#waiting;
      if (oldest !== undefined) this.#release(oldest[0], oldest[1], true);
    }
    const { line } = origin;
    const waiting = {
      key: stream.key,
      stream: stream.describe(),
      since: line,
      origin,
      parts: [],
      size: 0,
      tooLong: false,
    };
    this.#waiting.set(id, waiting);
    return waiting;
  }

  #add(waiting: Waiting, text: Buffer, ordinal: number, origin: RecordOrigin): void {
    const truncated = waiting.origin.truncated === true || origin.truncated === true;
    waiting.origin = { ...waiting.origin, line: origin.line, ...(truncated && { truncated }) };
    waiting.tooLong ||= waiting.size > this.#streams.options.maxLine || waiting.parts.length >= MAX_PARTS;
    if (waiting.tooLong) return;
    waiting.parts.push({ ordinal, bytes: Buffer.from(text) });
    waiting.size += text.length;
  }

  #release(id: string, waiting: Waiting, truncated: boolean): void {
    this.#waiting.delete(id);
    const sorted = waiting.parts.toSorted((a, b) => a.ordinal - b.ordinal);
    const bytes = Buffer.concat(sorted.map((part) => part.bytes));
    if (waiting.tooLong) {
      this.#streams.holder.sink.unreadable(parseError('too-long', bytes, 0, bytes.length), waiting.origin.line);
      return;
    }
    const origin = { ...waiting.origin, ...(truncated && { truncated }) };
    this.#streams.get(waiting.key, () => waiting.stream).append(bytes, 0, bytes.length, origin);
  }
}

/** Whether the string ends with an escaped line feed: `\\n` behind a character that is no backslash. */
function endsLine(chunk: Uint8Array, { from, to, cut }: Span): boolean {
  return !cut && to - from > 2 && chunk[to - 1] === 0x6e && chunk[to - 2] === 0x5c && chunk[to - 3] !== 0x5c;
}

function isCompleteObject(text: Buffer): boolean {
  if (text[0] !== OPEN_OBJECT) return false;
  const after = skipValue(text, 0, text.length);
  return after > 0 && skipSpace(text, after, text.length) === text.length;
}
