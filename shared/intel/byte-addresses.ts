import { canonicalAddress } from '#shared/model/address.ts';

const DOT = 0x2e;
const COLON = 0x3a;
const PERCENT = 0x25;
const ZERO = 0x30;
/** The longest text of an IPv6 address (RFC 4291, 2.2: eight groups, the last two as IPv4). */
const MAX_TEXT = 45;
const PRIME = 0x01000193;

/** What a parse came to, besides a value. */
const NO_ADDRESS = -1;
const ODD = -2;

/**
 * Makes a test of the bytes [from, to): whether the address text there is one of the addresses; IPv4 dotted, IPv6 in
 * any spelling, IPv4-mapped too. Never misses an address whose canonical text is among them; says yes to text that looks
 * like an address and does not parse. Linear, without allocation; not to be called from itself.
 */
export function compileAddressMatcher(
  addresses: Iterable<string>,
): (bytes: Uint8Array, from: number, to: number) => boolean {
  const groups = new Uint16Array(8);
  const v4: number[] = [];
  const v6: number[] = [];
  for (const address of addresses) {
    const text = Buffer.from(canonicalAddress(address) ?? '');
    const ip = parseIPv4(text, 0, text.length);
    if (ip >= 0) v4.push(ip);
    else if (parseIPv6(text, 0, text.length, groups)) v6.push(hashGroups(groups));
  }
  const known4 = new NumberTable(v4);
  const known6 = new NumberTable(v6);
  return (bytes, from, to) => {
    const ip = parseIPv4(bytes, from, to);
    if (ip >= 0) return known4.has(ip);
    if (ip === NO_ADDRESS) return false;
    if (!holds(COLON, bytes, from, to)) return true;
    if (!parseIPv6(bytes, from, to, groups)) return true;
    const mapped = embeddedIPv4(groups, holds(DOT, bytes, from, to));
    return mapped >= 0 ? known4.has(mapped) : known6.has(hashGroups(groups));
  };
}

/** The 32 bits of a dotted address; `NO_ADDRESS` for what no address begins like, `ODD` for anything else. */
function parseIPv4(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (length < 2) return NO_ADDRESS;
  let value = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    const digit = byte - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (digits > 0 && octet === 0) return ODD;
      octet = octet * 10 + digit;
      if (octet > 255) return ODD;
      digits++;
    } else if (byte === DOT && digits > 0 && dots < 3) {
      value = value * 256 + octet;
      octet = 0;
      digits = 0;
      dots++;
    } else return ODD;
  }
  return dots === 3 && digits > 0 ? value * 256 + octet : ODD;
}

function holds(byte: number, bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] === byte) return true;
  return false;
}

/** Fills the eight groups of an IPv6 address; false where the text is none. A zone index is skipped. */
function parseIPv6(bytes: Uint8Array, from: number, end: number, groups: Uint16Array): boolean {
  let to = from;
  while (to < end && bytes[to] !== PERCENT) to++;
  if (to - from < 2 || to - from > MAX_TEXT) return false;
  let count = 0;
  let gap = -1;
  let at = from;
  if (bytes[at] === COLON) {
    if (bytes[at + 1] !== COLON) return false;
    gap = 0;
    at += 2;
  }
  while (at < to) {
    const start = at;
    let group = 0;
    for (; at < to; at++) {
      const digit = hexDigit(bytes[at] ?? 0);
      if (digit < 0) break;
      group = group * 16 + digit;
    }
    const next = at < to ? bytes[at] : COLON;
    if (next === DOT) {
      const ip = parseIPv4(bytes, start, to);
      if (ip < 0 || count > 6) return false;
      groups[count++] = ip >>> 16;
      groups[count++] = ip & 0xffff;
      at = to;
      break;
    }
    if (next !== COLON || at === start || at - start > 4 || count === 8) return false;
    groups[count++] = group;
    if (at === to) break;
    at++;
    if (at < to && bytes[at] === COLON) {
      if (gap >= 0) return false;
      gap = count;
      at++;
    } else if (at === to) return false;
  }
  return gap < 0 ? count === 8 : spread(groups, count, gap);
}

/** Moves the groups behind `::` to the end and fills the gap with zeros. */
function spread(groups: Uint16Array, count: number, gap: number): boolean {
  if (count > 7) return false;
  const tail = count - gap;
  for (let moved = 1; moved <= tail; moved++) groups[8 - moved] = groups[count - moved] ?? 0;
  for (let zero = gap; zero < 8 - tail; zero++) groups[zero] = 0;
  return true;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** The IPv4 address inside `::ffff:0:0/96` (RFC 4291, 2.5.5.2) or the old `::192.0.2.1`, written so; else -1. */
function embeddedIPv4(groups: Uint16Array, dotted: boolean): number {
  for (let at = 0; at < 5; at++) if (groups[at] !== 0) return -1;
  return groups[5] === 0xffff || (groups[5] === 0 && dotted) ? (groups[6] ?? 0) * 65_536 + (groups[7] ?? 0) : -1;
}

function hashGroups(groups: Uint16Array): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < 8; at++) hash = Math.imul(hash ^ (groups[at] ?? 0), PRIME);
  return hash >>> 0;
}

/** A set of unsigned 32-bit numbers in one typed array, open addressing (Knuth's multiplicative hash); 0 marks a free slot and is kept apart. */
class NumberTable {
  readonly #slots: Uint32Array;
  readonly #mask: number;
  readonly #shift: number;
  readonly #zero: boolean;

  constructor(values: readonly number[]) {
    let bits = 6;
    while (2 ** bits < values.length * 4) bits++;
    const size = 2 ** bits;
    this.#shift = 32 - bits;
    this.#slots = new Uint32Array(size);
    this.#mask = size - 1;
    this.#zero = values.includes(0);
    for (const value of values) {
      if (value === 0) continue;
      let slot = this.#slotOf(value);
      while (this.#slots[slot] !== 0 && this.#slots[slot] !== value) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = value;
    }
  }

  has(value: number): boolean {
    if (value === 0) return this.#zero;
    let slot = this.#slotOf(value);
    while (true) {
      const found = this.#slots[slot];
      if (found === value) return true;
      if (found === 0) return false;
      slot = (slot + 1) & this.#mask;
    }
  }

  #slotOf(value: number): number {
    return Math.imul(value, 0x9e3779b1) >>> this.#shift;
  }
}
