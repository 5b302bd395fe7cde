import type { Interest } from '#shared/model/reader.ts';
import { Occurrences, skipBlanks } from '../byte-lines.ts';

const QUOTE = 0x22;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SPACE = 0x20;
const NAME_KEY = '"query_name"';
const TIMESTAMP_KEY = '"query_timestamp"';
/** The end that `"Rdata"` and `"rdata"` share. */
const DATA_KEY_END = 'data"';

/**
 * Says of a line, on its bytes, whether it is surely of no interest. Without any backslash in the line each quote is a
 * token's border, so that a key's value is what stands between the next two; whatever else is unusual is left to the
 * full parser.
 */
export class ResolverPrefilter {
  readonly #interest: Interest;
  readonly #names = new Occurrences(NAME_KEY);
  readonly #timestamps = new Occurrences(TIMESTAMP_KEY);
  readonly #data = new Occurrences(DATA_KEY_END);
  readonly #backslashes = new Occurrences('\\');
  /** The value found last by `#value`: its first byte and its closing quote. */
  #from = 0;
  #to = 0;

  constructor(interest: Interest) {
    this.#interest = interest;
  }

  /** To be called for each chunk: offsets start again. */
  restart(): void {
    for (const one of [this.#names, this.#timestamps, this.#data, this.#backslashes]) one.restart();
  }

  /** True only for a whole line with its keys, in which no name and no address is of interest. Lines come in order. */
  isBenign(chunk: Buffer, from: number, to: number): boolean {
    if (this.#interest.everything || chunk[from] !== OPEN_BRACE || chunk[to - 1] !== CLOSE_BRACE) return false;
    if (this.#backslashes.next(chunk, from) < to || this.#timestamps.next(chunk, from) >= to) return false;
    const name = this.#names.next(chunk, from);
    if (name >= to || !this.#value(chunk, name + NAME_KEY.length, to)) return false;
    if (this.#from === this.#to || this.#interest.name(chunk, this.#from, this.#to)) return false;
    // A key given twice: which one counts is the parser's to say.
    return this.#names.next(chunk, name + 1) >= to && this.#answersBenign(chunk, from, to);
  }

  #answersBenign(chunk: Buffer, from: number, to: number): boolean {
    for (let at = this.#data.next(chunk, from); at < to; at = this.#data.next(chunk, at + 1)) {
      const letter = chunk[at - 1];
      if ((letter !== 0x52 && letter !== 0x72) || chunk[at - 2] !== QUOTE) continue;
      if (!this.#value(chunk, at + DATA_KEY_END.length, to)) return false;
      if (isDataOfInterest(chunk, this.#from, this.#to, this.#interest)) return false;
    }
    return true;
  }

  /** Finds the string after a key's closing quote; false where something else stands there. */
  #value(chunk: Buffer, from: number, to: number): boolean {
    const colon = skipBlanks(chunk, from, to);
    if (chunk[colon] !== COLON) return false;
    const open = skipBlanks(chunk, colon + 1, to);
    if (chunk[open] !== QUOTE) return false;
    let close = open + 1;
    while (close < to && chunk[close] !== QUOTE) close += 1;
    this.#from = open + 1;
    this.#to = close;
    return close < to;
  }

  /** The text of the line's timestamp, where it is a plain string; for sampling. */
  timestamp(chunk: Buffer, from: number, to: number): string | undefined {
    const key = chunk.subarray(from, to).indexOf(TIMESTAMP_KEY, 0, 'latin1');
    if (key < 0 || !this.#value(chunk, from + key + TIMESTAMP_KEY.length, to)) return undefined;
    return chunk.toString('latin1', this.#from, Math.min(this.#to, this.#from + 40));
  }
}

/** Whether an answer's data, or one of the words of it (`10 mail.example.com.`), is a name or address of interest. */
export function isDataOfInterest(bytes: Uint8Array, from: number, to: number, interest: Interest): boolean {
  let start = from;
  for (let at = from; at <= to; at += 1) {
    if (at < to && bytes[at] !== SPACE) continue;
    if (start < at && (interest.address(bytes, start, at) || interest.name(bytes, start, at))) return true;
    start = at + 1;
  }
  return false;
}
