import { skipBlanks, startsWith } from '../byte-lines.ts';
import { OPEN_OBJECT, skipSpace, skipString } from './json.ts';
import { MAX_ENVELOPE_LINE } from './limits.ts';
import { Scratch } from './scratch.ts';

const OPEN_ARRAY = 0x5b;
const CLOSE_OBJECT = 0x7d;
const CLOSE_ARRAY = 0x5d;
const QUOTE = 0x22;
const SPACE = 0x20;
/** An element of an array of the document: the document, the array, the element. */
const ELEMENT_DEPTH = 3;
const COLON = 0x3a;
/** How a line ends that opens the list of log events, and the most bytes of it. */
const LOG_EVENTS = /"logEvents"\s{0,8}:\s{0,8}\[?$/;
const MAX_OPENING = 40;
const NOTHING = Buffer.alloc(0);

/** A whole JSON text of a document on several lines: the document, one of the log events that it lists, or nothing kept. */
export interface DocumentPart {
  readonly kind: 'document' | 'event' | 'too-long';
  readonly bytes: Buffer;
  readonly line: number;
}

/**
 * Puts together a JSON document that was printed on several lines, as the AWS CLI and most editors do: its first line
 * is `{` alone. Log events of an `events` list are given one by one, so that a document of any length is read.
 */
export class JsonDocument {
  readonly #text = new Scratch();
  #depth = 0;
  #elementAt = -1;
  /** Up to where the text was given as log events. */
  #given = 0;
  /** Where the scan stands to the list of log events: in front of it, in it, or past it. */
  #list: 'before' | 'inside' | 'past' = 'before';
  #tooLong = false;
  /** The first line held more than the bracket. */
  #hasHead = false;

  /** `{` alone, or a delivery's head up to the bracket of its log events: `{"logEvents":[`. */
  static startsAt(chunk: Buffer, from: number, to: number): boolean {
    const at = skipSpace(chunk, from, to);
    if (at >= to || chunk[at] !== OPEN_OBJECT) return false;
    return skipSpace(chunk, at + 1, to) === to || isHead(chunk, at, to);
  }

  get open(): boolean {
    return this.#depth > 0;
  }

  /** Whether the line can't belong to an open document: printers indent all but brackets, and events behind a head. */
  breaksOff(chunk: Buffer, from: number, to: number): boolean {
    if (this.#hasHead && chunk[from] === OPEN_OBJECT) return isHead(chunk, from, to);
    if (this.#hasHead && chunk[from] === OPEN_ARRAY) return this.#depth > 1;
    const first = chunk[from] ?? SPACE;
    return from < to && first > SPACE && first !== CLOSE_OBJECT && first !== CLOSE_ARRAY && first !== QUOTE;
  }

  /** What is there of a document, or of a log event in it, that broke off. */
  takeRest(line: number): DocumentPart {
    const isEvent = this.#list !== 'before';
    const from = isEvent ? this.#elementAt : 0;
    const bytes = from < 0 ? NOTHING : Buffer.from(this.#text.bytes.subarray(from, this.#text.length));
    this.#reset();
    return { kind: isEvent ? 'event' : 'document', bytes, line };
  }

  /** Takes one line and gives the parts that it completes; their bytes hold until the next call. */
  add(chunk: Buffer, from: number, to: number, line: number, take: (part: DocumentPart) => void): void {
    if (this.#depth === 1 && this.#list === 'before') {
      if (startsWith(chunk, skipBlanks(chunk, from, to), to, '"events"')) this.#list = 'inside';
    }
    if (this.#depth === 0) this.#hasHead = isHead(chunk, from, to);
    this.#keep(chunk, from, to);
    this.#scan(chunk, from, to, line, take);
    this.#dropGiven();
  }

  #scan(chunk: Buffer, from: number, to: number, line: number, take: (part: DocumentPart) => void): void {
    let at = from;
    while (at < to) {
      const byte = chunk[at];
      if (byte === QUOTE) {
        const after = skipString(chunk, at, to);
        at = after < 0 ? to : after;
        continue;
      }
      at++;
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.#enter(at - 1, to);
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) this.#leave(to - at, line, take);
    }
  }

  /** Keeps the line in place of a line end with a space, so that the whole is one line of JSON. */
  #keep(chunk: Buffer, from: number, to: number): void {
    if (this.#text.length + to - from > MAX_ENVELOPE_LINE) {
      this.#tooLong = true;
      this.#text.clear();
      this.#elementAt = -1;
    }
    if (this.#tooLong) return;
    this.#text.append(chunk, from, to);
    this.#text.push(SPACE);
  }

  #enter(at: number, to: number): void {
    this.#depth++;
    if (this.#list === 'inside' && this.#depth === ELEMENT_DEPTH) this.#elementAt = this.#text.length - 1 - (to - at);
  }

  /** `rest`: bytes of the line after the bracket. */
  #leave(rest: number, line: number, take: (part: DocumentPart) => void): void {
    const end = this.#text.length - 1 - rest;
    const isElement = this.#list === 'inside' && this.#depth === ELEMENT_DEPTH;
    this.#depth--;
    if (isElement) {
      if (this.#tooLong) take({ kind: 'too-long', bytes: NOTHING, line });
      else if (this.#elementAt >= 0)
        take({ kind: 'event', bytes: this.#text.bytes.subarray(this.#elementAt, end), line });
      this.#tooLong = false;
      this.#given = Math.max(end, 0);
      this.#elementAt = -1;
    } else if (this.#depth === 1 && this.#list === 'inside') this.#list = 'past';
    else if (this.#depth === 0) {
      if (this.#tooLong) take({ kind: 'too-long', bytes: NOTHING, line });
      else if (this.#list === 'before') take({ kind: 'document', bytes: this.#text.bytes.subarray(0, end), line });
      this.#reset();
    }
  }

  /** Once for each line, however many log events it ended. */
  #dropGiven(): void {
    if (this.#given === 0) return;
    const rest = Buffer.from(this.#text.bytes.subarray(this.#given, this.#text.length));
    if (this.#elementAt >= 0) this.#elementAt -= this.#given;
    this.#given = 0;
    this.#text.clear();
    this.#text.append(rest, 0, rest.length);
  }

  #reset(): void {
    this.#text.clear();
    this.#depth = 0;
    this.#elementAt = -1;
    this.#given = 0;
    this.#list = 'before';
    this.#tooLong = false;
    this.#hasHead = false;
  }
}

/** Whether a line opens the list of log events and ends there, or in front of its bracket. */
function isHead(chunk: Buffer, from: number, to: number): boolean {
  let end = to;
  while (end > from && (chunk[end - 1] ?? 0) <= SPACE) end--;
  const last = chunk[end - 1];
  if (last !== OPEN_ARRAY && last !== COLON) return false;
  return LOG_EVENTS.test(chunk.toString('latin1', Math.max(from, end - MAX_OPENING), end));
}
