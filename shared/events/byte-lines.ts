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

/** Whether the line holds nothing but white space. NUL and other control bytes are no space: something was lost there. */
export function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] as number;
    if (byte !== SPACE && (byte < 9 || byte > 13)) return false;
  }
  return true;
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
 * Finds an ASCII text within a line by Horspool's method: it looks at about one byte in as many as the text has, and
 * costs no call out of the engine, which for lines of a few hundred bytes is dearer than the search.
 */
export class Needle {
  readonly #codes: Uint8Array;
  readonly #shifts: Uint8Array;
  #offset = 0;

  /** At most 255 bytes. */
  constructor(text: string) {
    this.#codes = Uint8Array.from(Buffer.from(text, 'latin1'));
    const size = this.#codes.length;
    this.#shifts = Uint8Array.from({ length: 256 }, (_, byte) =>
      size < 2 ? 1 : size - 1 - this.#codes.lastIndexOf(byte, size - 2),
    );
  }

  /** Whether the text ends right before `end` and does not begin before `from`. */
  #endsAt(bytes: Uint8Array, from: number, end: number): boolean {
    const codes = this.#codes;
    const start = end - codes.length;
    if (start < from) return false;
    for (let back = codes.length - 1; back >= 0; back -= 1) {
      if (bytes[start + back] !== codes[back]) return false;
    }
    return true;
  }

  /** As `find`, but looks first where a line of the same shape has it; what it gives may not be the first place. */
  findNear(bytes: Uint8Array, from: number, to: number): number {
    const near = from + this.#offset;
    if (near + this.#codes.length <= to && this.#endsAt(bytes, from, near + this.#codes.length)) return near;
    const found = this.find(bytes, from, to);
    if (found >= 0) this.#offset = found - from;
    return found;
  }

  /** The first place of the text that lies whole within [from, to), or -1. */
  find(bytes: Uint8Array, from: number, to: number): number {
    const shifts = this.#shifts;
    const last = this.#codes.length - 1;
    const ending = this.#codes[last] as number;
    for (let at = from + last; at < to; ) {
      const byte = bytes[at] as number;
      if (byte === ending && this.#endsAt(bytes, from, at + 1)) return at - last;
      at += shifts[byte] as number;
    }
    return -1;
  }
}

/**
 * Finds one byte over a chunk by native search and remembers the next place, so that asking line by line never scans
 * a byte twice. Offsets asked for must not go back within one chunk.
 */
export class NextByte {
  readonly #byte: number;
  #next = -1;

  constructor(byte: number) {
    this.#byte = byte;
  }

  /** Forgets the last chunk. */
  restart(): void {
    this.#next = -1;
  }

  /** Whether the byte occurs within [from, to). */
  within(chunk: Buffer, from: number, to: number): boolean {
    if (this.#next < from) {
      const found = chunk.indexOf(this.#byte, from);
      this.#next = found < 0 ? Number.POSITIVE_INFINITY : found;
    }
    return this.#next < to;
  }
}
