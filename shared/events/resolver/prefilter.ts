import type { Interest } from '#shared/model/reader.ts';
import { Needle, NextByte, skipBlanks } from '../byte-lines.ts';
import { KeySearch } from './key-search.ts';

const QUOTE = 0x22;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const BACKSLASH = 0x5c;
const TIMESTAMP_KEY = '"query_timestamp"';

/** Kinds of bytes in an answer's data; digits and dots are of none. */
const SEPARATOR = 1;
const COLONS = 2;
const LETTER = 4;
const KIND_OF_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  if (/[0-9.]/.test(character)) return 0;
  return character === ' ' ? SEPARATOR : character === ':' ? COLONS : LETTER;
});

/**
 * Says of a line, on its bytes, whether it is surely of no interest. Without any backslash in the line each quote is a
 * token's border, so that a key's value is what stands between the next two; whatever else is unusual is left to the
 * full parser.
 */
export class ResolverPrefilter {
  readonly #interest: Interest;
  readonly #keys = new KeySearch();
  readonly #timestampKey = new Needle(TIMESTAMP_KEY);
  readonly #backslashes = new NextByte(BACKSLASH);
  /** The value found last by `#value`: its first byte, its closing quote, and the kinds of bytes between. */
  #from = 0;
  #to = 0;
  #kinds = 0;

  constructor(interest: Interest) {
    this.#interest = interest;
  }

  /** To be called for each chunk: offsets start again. */
  restart(): void {
    this.#backslashes.restart();
  }

  /** True only for a whole line with its keys, in which no name and no address is of interest. Lines come in order. */
  isBenign(chunk: Buffer, from: number, to: number): boolean {
    if (this.#interest.everything || chunk[from] !== OPEN_BRACE || chunk[to - 1] !== CLOSE_BRACE) return false;
    if (this.#backslashes.within(chunk, from, to) || this.#timestampKey.findNear(chunk, from, to) < 0) return false;
    return this.#keysBenign(chunk, from, to);
  }

  #keysBenign(chunk: Buffer, from: number, to: number): boolean {
    const keys = this.#keys;
    let named = false;
    for (let key = keys.find(chunk, from, to); key >= 0; key = keys.find(chunk, this.#to, to)) {
      const { isName } = keys;
      // A name given twice, perhaps within another object: which one counts is the parser's to say.
      if ((isName && named) || !this.#value(chunk, key, to)) return false;
      if (isName ? this.#isNameOfInterest(chunk) : this.#isDataOfInterest(chunk)) return false;
      named ||= isName;
    }
    return named;
  }

  /** An empty name is no name: the parser says so. */
  #isNameOfInterest(chunk: Buffer): boolean {
    return this.#from === this.#to || this.#interest.name(chunk, this.#from, this.#to);
  }

  #isDataOfInterest(chunk: Buffer): boolean {
    const several = (this.#kinds & SEPARATOR) !== 0;
    if (several) return isDataOfInterest(chunk, this.#from, this.#to, this.#interest);
    return isWordOfInterest(chunk, this.#from, this.#to, this.#kinds, this.#interest);
  }

  /** Finds the string after a key's closing quote; false where something else stands there. */
  #value(chunk: Buffer, from: number, to: number): boolean {
    const colon = skipBlanks(chunk, from, to);
    if (chunk[colon] !== COLON) return false;
    const open = skipBlanks(chunk, colon + 1, to);
    if (chunk[open] !== QUOTE) return false;
    let close = open + 1;
    let kinds = 0;
    for (; close < to; close += 1) {
      const byte = chunk[close] as number;
      if (byte === QUOTE) break;
      kinds |= KIND_OF_BYTE[byte] as number;
    }
    this.#kinds = kinds;
    this.#from = open + 1;
    this.#to = close;
    return close < to;
  }

  /** The text of the line's timestamp, where it is a plain string; for sampling. */
  timestamp(chunk: Buffer, from: number, to: number): string | undefined {
    const key = this.#timestampKey.find(chunk, from, to);
    if (key < 0 || !this.#value(chunk, key + TIMESTAMP_KEY.length, to)) return undefined;
    return chunk.toString('latin1', this.#from, Math.min(this.#to, this.#from + 40));
  }
}

/** Whether an answer's data, or one of the words of it (`10 mail.example.com.`), is a name or address of interest. */
export function isDataOfInterest(bytes: Uint8Array, from: number, to: number, interest: Interest): boolean {
  let start = from;
  let kinds = 0;
  for (let at = from; at <= to; at += 1) {
    const kind = at < to ? (KIND_OF_BYTE[bytes[at] as number] as number) : SEPARATOR;
    if ((kind & SEPARATOR) === 0) kinds |= kind;
    else {
      if (isWordOfInterest(bytes, start, at, kinds, interest)) return true;
      start = at + 1;
      kinds = 0;
    }
  }
  return false;
}

/** Digits and dots alone are no name; without a colon, what holds anything else is no address. */
function isWordOfInterest(bytes: Uint8Array, from: number, to: number, kinds: number, interest: Interest): boolean {
  if (from >= to) return false;
  if ((kinds & LETTER) === 0 || (kinds & COLONS) !== 0) {
    if (interest.address(bytes, from, to)) return true;
  }
  return (kinds & (LETTER | COLONS)) !== 0 && interest.name(bytes, from, to);
}
