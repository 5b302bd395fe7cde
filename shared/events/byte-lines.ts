const NEWLINE = 10;
const SPACE = 32;

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** How far a host's clock may lie behind and before the envelope's: CloudWatch Logs takes events 14 days old. */
const OLDEST_MS = 14 * DAY_MS;
const NEWEST_MS = 10 * MINUTE_MS;
const MAX_ERROR_BYTES = 256;
const MAX_SAFE_DIGITS = 16;

/** Offset of the line feed that ends the line at `from`, or `end` where none follows. */
export function lineEnd(chunk: Buffer, from: number, end: number): number {
  const at = chunk.indexOf(NEWLINE, from);
  return at < 0 || at > end ? end : at;
}

/** `from` moved over leading blanks (bytes up to the space). */
export function skipBlanks(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && (bytes[at] as number) <= SPACE) at += 1;
  return at;
}

/** `to` moved back over trailing blanks, carriage returns among them. */
export function dropBlanks(bytes: Uint8Array, from: number, to: number): number {
  let at = to;
  while (at > from && (bytes[at - 1] as number) <= SPACE) at -= 1;
  return at;
}

/** `from` moved over a UTF-8 byte order mark. */
export function skipByteOrderMark(bytes: Uint8Array, from: number, to: number): number {
  const marked = to - from >= 3 && bytes[from] === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf;
  return marked ? from + 3 : from;
}

/** Whether the bytes at `from` are those of an ASCII text. */
export function startsWith(bytes: Uint8Array, from: number, to: number, ascii: string): boolean {
  if (to - from < ascii.length) return false;
  for (let index = 0; index < ascii.length; index += 1) {
    if (bytes[from + index] !== ascii.charCodeAt(index)) return false;
  }
  return true;
}

/** A whole number of decimal digits up to 2^53 - 1; `undefined` for anything else, signs and the empty text included. */
export function decimal(bytes: Uint8Array, from: number, to: number): number | undefined {
  if (to <= from || to - from > MAX_SAFE_DIGITS) return undefined;
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = (bytes[at] as number) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

/** A copy of the beginning of a line, as `ParseError.bytes` wants it. */
export function lineBeginning(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return new Uint8Array(bytes.subarray(from, Math.min(to, from + MAX_ERROR_BYTES)));
}

/** Lower case of ASCII letters alone: what DNS compares, and what matchers on bytes see (RFC 4343). */
export function asciiLower(text: string): string {
  return /[^\u0000-\u007f]/.test(text)
    ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
    : text.toLowerCase();
}

/**
 * An event time (milliseconds) held within what the envelope around the record allows: 14 days before it to 10 minutes
 * after it. Without an envelope the time stands.
 */
export function holdTime(time: number, envelopeTime: number | undefined): number {
  if (envelopeTime === undefined) return time;
  return Math.min(Math.max(time, envelopeTime - OLDEST_MS), envelopeTime + NEWEST_MS);
}

/**
 * Finds one needle over a chunk by native search. It remembers the next place, so that asking line by line costs one
 * search for each place and never scans a byte twice. Offsets asked for must not go back within one chunk.
 */
export class Occurrences {
  readonly #needle: Buffer;
  #next = -1;

  constructor(needle: string) {
    this.#needle = Buffer.from(needle, 'latin1');
  }

  /** Forgets the last chunk. */
  restart(): void {
    this.#next = -1;
  }

  /** The first place at or after `at`, or infinity. */
  next(chunk: Buffer, at: number): number {
    if (this.#next < at) {
      const found = chunk.indexOf(this.#needle, at);
      this.#next = found < 0 ? Number.POSITIVE_INFINITY : found;
    }
    return this.#next;
  }
}
