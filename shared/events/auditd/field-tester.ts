import { startsWith } from '#shared/events/byte-lines.ts';
import type { Interest } from '#shared/model/reader.ts';
import { decodeHex, hexEnd } from './hex.ts';
import { socketEndpoint } from './socket-address.ts';

const SPACE = 32;
const QUOTE = 0x22;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const APOSTROPHE = 0x27;
const OPEN = 0x28;
/** The byte between a record and its translation (AUDIT_INTERP_SEPARATOR). */
const SEPARATOR = 0x1d;
/** Longer decoded texts are not tested but taken: the kernel's own records stay far below. */
const SCRATCH = 32 * 1024;
const MAX_ADDRESS_DIGITS = 256;
/** Digits of the shortest text that a needle could match. */
const SHORTEST_TEXT = 8;

/** A value's own text, in the line or decoded elsewhere. One object is used for all: it is valid until the next call. */
export interface DecodedRange {
  source: Uint8Array;
  start: number;
  end: number;
  /** Digits run into something else, as where a translation follows without a gap: where the value ends is a guess. */
  unclear: boolean;
}

/** Puts the texts of a line's fields, decoded, before the `Interest`. */
export class FieldTester {
  readonly #interest: Interest;
  readonly #scratch = Buffer.alloc(SCRATCH);
  /** For joining a name that itself lies in the scratch. */
  readonly #joined = Buffer.alloc(SCRATCH);
  readonly #range: DecodedRange = { source: this.#scratch, start: 0, end: 0, unclear: false };

  constructor(interest: Interest) {
    this.#interest = interest;
  }

  literal(bytes: Uint8Array, from: number, to: number): boolean {
    return this.#interest.text(bytes, from, to);
  }

  /** Whether the value at `from` may matter: quoted, hexadecimal, a marker for no value, or unclear and so taken. */
  value(bytes: Buffer, from: number, to: number): boolean {
    const range = this.decoded(bytes, from, to);
    if (range === undefined) return false;
    return range.unclear || this.#interest.text(range.source, range.start, range.end);
  }

  /**
   * The text of the value at `from`: what stands in quotes, else what its hexadecimal digits say, else itself up to the
   * next blank. `undefined` for a marker of no value.
   */
  decoded(bytes: Buffer, from: number, to: number): DecodedRange | undefined {
    const range = this.#range;
    range.unclear = false;
    if (bytes[from] === QUOTE) {
      range.source = bytes;
      range.start = from + 1;
      range.end = closing(bytes, from + 1, to);
      return range;
    }
    if (bytes[from] === OPEN || from >= to) return undefined;
    const digits = hexEnd(bytes, from, to);
    const length = digits - from;
    if (length > 0 && length % 2 === 0 && length <= 2 * SCRATCH && endsValue(bytes, digits, to)) {
      range.source = this.#scratch;
      range.start = 0;
      range.end = decodeHex(bytes, from, digits, this.#scratch, 0);
      return range;
    }
    range.unclear = length >= SHORTEST_TEXT && !endsValue(bytes, digits, to);
    range.source = bytes;
    range.start = from;
    range.end = valueEnd(bytes, from, to);
    return range;
  }

  /** Whether a working directory, in quotes or hexadecimal, and a name below it may together matter. */
  joined(directory: Buffer, from: number, to: number, name: Uint8Array): boolean {
    const out = this.#joined;
    let end = 0;
    if (directory[from] === QUOTE) {
      const close = closing(directory, from + 1, to);
      if (close - from + name.length >= SCRATCH) return true;
      directory.copy(out, 0, from + 1, close);
      end = close - from - 1;
    } else {
      const digits = hexEnd(directory, from, to);
      if ((digits - from) % 2 !== 0 || !endsValue(directory, digits, to)) return true;
      if ((digits - from) / 2 + name.length >= SCRATCH - 1) return true;
      end = decodeHex(directory, from, digits, out, 0);
    }
    if (end === 0 || out[end - 1] !== 0x2f) out[end++] = 0x2f;
    out.set(name, end);
    return this.#interest.text(out, 0, end + name.length);
  }

  /**
   * Whether the arguments of an EXECVE record may matter: all of them together, as a command line. A record that holds
   * a piece of an argument, or goes on from another record, is taken.
   */
  argumentsOf(bytes: Buffer, from: number, to: number): boolean {
    if (!startsWith(bytes, from, to, 'argc=') || to - from > SCRATCH) return true;
    const out = this.#scratch;
    let end = 0;
    let at = from + 5;
    while (at < to && bytes[at] !== SPACE) at += 1;
    for (;;) {
      while (at < to && bytes[at] === SPACE) at += 1;
      if (at >= to || bytes[at] === SEPARATOR) break;
      if (bytes[at] !== 0x61) return true;
      at += 1;
      while (at < to && (bytes[at] as number) >= 48 && (bytes[at] as number) <= 57) at += 1;
      if (bytes[at] !== EQUALS) return true;
      at += 1;
      if (bytes[at] === QUOTE) {
        at += 1;
        for (; at < to && bytes[at] !== QUOTE; at += 1) out[end++] = bytes[at] as number;
        at += 1;
      } else {
        const digits = hexEnd(bytes, at, to);
        if ((digits - at) % 2 !== 0 || !endsValue(bytes, digits, to)) return true;
        end = decodeHex(bytes, at, digits, out, end);
        at = digits;
      }
      out[end++] = SPACE;
    }
    return this.#interest.text(out, 0, end);
  }

  /** Whether the socket address of the record is one of interest; those of other families are not. */
  address(bytes: Buffer, from: number, to: number): boolean {
    if (!startsWith(bytes, from, to, 'saddr=')) return true;
    const start = from + 6;
    const family = bytes.toString('latin1', start, Math.min(start + 4, to)).toUpperCase();
    if (family === '0100' || family === '1000') return false;
    const digits = hexEnd(bytes, start, Math.min(to, start + MAX_ADDRESS_DIGITS));
    if (family !== '0200' && family !== '0002' && family !== '0A00' && family !== '000A') return digits - start < 8;
    const endpoint = socketEndpoint(bytes.toString('latin1', start, digits));
    if (endpoint === undefined) return true;
    const length = this.#scratch.write(endpoint.ip, 'latin1');
    return this.#interest.address(this.#scratch, 0, length);
  }

  /** Whether the value of any field of the record may matter, the fields being in no order that could be relied on. */
  any(bytes: Buffer, from: number, to: number): boolean {
    let at = from;
    while (at < to) {
      if (bytes[at] !== EQUALS) {
        at += 1;
      } else if (bytes[at + 1] === APOSTROPHE) {
        at += 2;
      } else {
        if (this.value(bytes, at + 1, to)) return true;
        at = afterValue(bytes, at + 1, to);
      }
    }
    return false;
  }
}

/** Offset of the quote that closes a value, or `to`. */
function closing(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== QUOTE) at += 1;
  return at;
}

/** Whether a value that stops at `at` has come to its end. */
function endsValue(bytes: Uint8Array, at: number, to: number): boolean {
  if (at >= to) return true;
  const byte = bytes[at];
  return byte === SPACE || byte === SEPARATOR || byte === BACKSLASH || byte === APOSTROPHE;
}

function valueEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== SPACE && bytes[at] !== SEPARATOR) at += 1;
  return at;
}

/** Offset behind the value at `from`. */
function afterValue(bytes: Uint8Array, from: number, to: number): number {
  return bytes[from] === QUOTE ? closing(bytes, from + 1, to) + 1 : valueEnd(bytes, from, to);
}
