import type { Format, ParseError } from '#shared/model/reader.ts';
import { EnvelopeReader, type Unwrapper } from './envelope-reader.ts';
import { type InnerStream, parseError } from './inner-stream.ts';
import { OPEN_OBJECT, skipSpace, skipValue, walkObject } from './json.ts';
import { MAX_ENVELOPE_LINE } from './limits.ts';
import { type InnerFormats, Streams } from './streams.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const LETTERS_OF_WORDS = [0x74, 0x66, 0x6e];

/**
 * An array whose first element can hold a record, or stands on the next line, or the end of one whose elements another
 * format took; `[ 12.3] audit: …` of the kernel's log is none.
 */
function recognises(chunk: Buffer, from: number, to: number): boolean {
  const start = skipSpace(chunk, from, to);
  if (isAlone(chunk, start, to, CLOSE_ARRAY)) return true;
  if (start >= to || chunk[start] !== OPEN_ARRAY) return false;
  const first = skipSpace(chunk, start + 1, to);
  return first >= to || [OPEN_OBJECT, OPEN_ARRAY, QUOTE].includes(chunk[first] ?? 0);
}

/**
 * Gives the elements of arrays one by one, whatever the arrays' depth, without recursion. An array may go on over
 * several lines with whole elements on each; one that is never closed is counted as cut.
 */
class ArrayUnwrapper implements Unwrapper {
  readonly #streams: Streams;
  #depth = 0;
  /** The last line of an array that is open. */
  #last = 0;
  /** Nothing but the bracket of the array that is open was read yet. */
  #isEmpty = false;
  /** A broken element ended what could be read of the array. */
  #isLost = false;

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  line(chunk: Buffer, from: number, to: number, line: number): boolean {
    const start = skipSpace(chunk, from, to);
    if (start >= to) return false;
    // Elements that were printed on many lines are documents of their own.
    if (this.#depth === 1 && this.#isEmpty && isAlone(chunk, start, to, OPEN_OBJECT)) this.#depth = 0;
    else if (this.#depth > 0 && !goesOn(chunk[start])) this.#breakOff();
    // Printers that begin lines with the comma: what stands behind it is the next element.
    if (this.#isLost && chunk[start] === COMMA) this.#depth = 1;
    this.#isLost = false;
    if (this.#depth === 0 && !recognises(chunk, start, to)) return false;
    this.#last = line;
    this.#isEmpty = isAlone(chunk, start, to, OPEN_ARRAY);
    // The end of what another format took.
    if (this.#depth > 0 || chunk[start] !== CLOSE_ARRAY) this.#elements(chunk, start, to);
    return true;
  }

  waitingFrom(): number {
    return this.#depth > 0 ? this.#last : Number.POSITIVE_INFINITY;
  }

  finish(): void {
    if (this.#depth > 0) this.#breakOff();
  }

  #breakOff(): void {
    this.#depth = 0;
    this.#fail('truncated', Buffer.alloc(0), 0, 0);
  }

  #elements(chunk: Buffer, from: number, to: number): void {
    for (let at = from; at < to; at = skipSpace(chunk, at, to)) {
      const byte = chunk[at];
      if (byte === OPEN_ARRAY) this.#depth++;
      else if (byte === CLOSE_ARRAY && this.#depth > 0) this.#depth--;
      else if (byte !== COMMA) {
        at = this.#element(chunk, at, to);
        continue;
      }
      at++;
    }
  }

  /** Gives the offset after the element; `to` where it is cut or no JSON, and what is left can't be told apart. */
  #element(chunk: Buffer, at: number, to: number): number {
    const first = chunk[at] ?? 0;
    const isRecord = first === OPEN_OBJECT || first === QUOTE;
    const after = isRecord || (this.#depth > 0 && isScalar(first)) ? skipValue(chunk, at, to) : to;
    if (isRecord) this.#record(chunk, at, after < 0 ? to : after, after < 0);
    else if (after < 0) this.#fail('truncated', chunk, at, to);
    else if (after === to) this.#fail('not-json', chunk, at, to);
    // A number inside of an inner array is the time before its record.
    else if (this.#depth === 1 || !isNumber(first)) this.#fail('unknown-format', chunk, at, after);
    if (after >= 0 && (isRecord || after < to)) return after;
    this.#isLost = this.#depth > 0;
    this.#depth = 0;
    return to;
  }

  #record(chunk: Buffer, at: number, to: number, cut: boolean): void {
    const origin = { line: this.#last, ...(cut && { truncated: true }) };
    if (chunk[at] === QUOTE) {
      if (cut) this.#fail('truncated', chunk, at, to);
      this.#stream().appendJsonString(chunk, at + 1, cut ? to : to - 1, origin);
    } else if (cut && this.#stream().formatOf(chunk, at, to) === undefined) this.#fail('truncated', chunk, at, to);
    else if (this.#depth < 2 || !isEmptyObject(chunk, at, to)) this.#stream().append(chunk, at, to, origin);
  }

  #stream(): InnerStream {
    return this.#streams.get('', () => ({ claims: {} }));
  }

  #fail(kind: ParseError['kind'], bytes: Buffer, from: number, to: number): void {
    this.#streams.holder.sink.unreadable(parseError(kind, bytes, from, to), this.#last);
  }
}

function isAlone(chunk: Buffer, at: number, to: number, byte: number): boolean {
  return at < to && chunk[at] === byte && skipSpace(chunk, at + 1, to) >= to;
}

/** Whether a line that begins so can belong to an array that is open. */
function goesOn(first: number | undefined): boolean {
  return [OPEN_OBJECT, OPEN_ARRAY, CLOSE_ARRAY, COMMA, QUOTE].includes(first ?? 0);
}

function isNumber(first: number): boolean {
  return first === 0x2d || (first >= 0x30 && first <= 0x39);
}

function isScalar(first: number): boolean {
  return isNumber(first) || LETTERS_OF_WORDS.includes(first);
}

/** Fluent Bit writes one beside the time where a record has no metadata. */
function isEmptyObject(chunk: Buffer, at: number, to: number): boolean {
  return to - at < 64 && walkObject(chunk, at, to, () => -1) === to;
}

/**
 * Records as the elements of one JSON array: Fluent Bit's `json` output format, and what `json.dumps` or `jq -s -c` make
 * of any records (fluent-bit: src/flb_pack.c, FLB_PACK_JSON_FORMAT_JSON). Inner arrays are opened too, since records may
 * stand there behind their time.
 */
export function jsonArray(inner: () => InnerFormats): Format {
  return {
    name: 'json-array',
    look: 'process',
    recognises,
    make(interest, options) {
      const streams = new Streams(inner(), interest, options);
      return new EnvelopeReader(new ArrayUnwrapper(streams), streams, Math.max(MAX_ENVELOPE_LINE, options.maxLine));
    },
  };
}
