import { startsWith } from '#shared/events/byte-lines.ts';
import { parseEventKey } from './event-time.ts';
import { nodeBefore } from './line-prefix.ts';
import { type RecordType, recordType, TYPE } from './record-type.ts';

const SPACE = 32;
const ZERO = 48;
const QUOTE = 0x22;
const DOT = 0x2e;
const COLON = 0x3a;
const CLOSE = 0x29;

const OPENING = 'audit(';
const MAX_TYPE = 32;
const MAX_KEY = 64;
/** So many digits of seconds are a time that a calendar holds, and so many of a serial with its colon fit 64 bits. */
const SURE_DIGITS = 11;
const SURE_SERIAL = 20;

/**
 * What a line is: a record; one whose key holds no time that a calendar has (`undated`); one of
 * auditd's that holds no readable header (`damaged`) or breaks off in it (`cut`); or a line of something else.
 */
export type LineKind = 'record' | 'undated' | 'damaged' | 'cut' | 'other';

/**
 * The header of one line, `[prefix ][node=NAME ]type=TYPE [msg=]audit(SEC.MSEC:SERIAL): `, as offsets into its bytes.
 * One object is used for all lines: `scan` overwrites it. The event key is the node and the text in the parentheses
 * (audit-userspace, src/auditd-event.c).
 */
export class Header {
  type: RecordType = TYPE.other;
  /** Empty where the line names no host. */
  nodeFrom = 0;
  nodeTo = 0;
  keyFrom = 0;
  keyTo = 0;
  /** After `): `. */
  bodyFrom = 0;
  /** 30 bits over node and key; equal for the lines of one event, and not for those alone. */
  hash = 0;
  /** The key holds a written date: values are printed for people, with no quotes and no hexadecimal. */
  interpreted = false;

  scan(bytes: Uint8Array, from: number, to: number): LineKind {
    this.nodeFrom = this.nodeTo = from;
    let typeFrom = from;
    if (startsWith(bytes, from, to, 'node=')) {
      typeFrom = this.#node(bytes, from + 5, to);
    }
    if (!startsWith(bytes, typeFrom, to, 'type=')) {
      const prefix = nodeBefore(bytes, from, to);
      if (typeof prefix === 'string') return prefix;
      typeFrom = prefix.typeFrom;
      this.nodeFrom = prefix.nodeFrom;
      this.nodeTo = prefix.nodeTo;
    }
    typeFrom += 5;
    const typeEnd = Math.min(to, typeFrom + MAX_TYPE);
    let at = typeFrom;
    while (at < typeEnd && (bytes[at] as number) > SPACE) at += 1;
    if (at === to) return 'cut';
    if (bytes[at] !== SPACE || at === typeFrom) return 'damaged';
    this.type = recordType(bytes, typeFrom, at);
    at += 1;
    if (startsWith(bytes, at, to, 'msg=')) at += 4;
    if (bytes[at] === QUOTE) at += 1;
    if (startsWith(bytes, at, to, OPENING)) return this.#key(bytes, at + OPENING.length, to);
    return startsWith(bytes, at, to, OPENING.slice(0, to - at)) ? 'cut' : 'damaged';
  }

  /** The name behind `node=`; gives the offset of what follows. */
  #node(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to && (bytes[at] as number) > SPACE) at += 1;
    this.nodeFrom = from;
    this.nodeTo = at;
    return at + 1;
  }

  /** Seconds, milliseconds and serial in digits; else what a tool may have written in their place. */
  #key(bytes: Uint8Array, from: number, to: number): LineKind {
    let at = from;
    let seconds = 0;
    let digit = (bytes[at] as number) - ZERO;
    for (; digit >= 0 && digit < 10; digit = (bytes[++at] as number) - ZERO) seconds = (seconds * 10 + digit) | 0;
    const dot = at;
    let thousandths = 0;
    digit = (bytes[++at] as number) - ZERO;
    for (; digit >= 0 && digit < 10; digit = (bytes[++at] as number) - ZERO)
      thousandths = (thousandths * 10 + digit) | 0;
    const colon = at;
    let serial = 0;
    digit = (bytes[++at] as number) - ZERO;
    for (; digit >= 0 && digit < 10; digit = (bytes[++at] as number) - ZERO) serial = (serial * 10 + digit) | 0;
    const isShaped = bytes[dot] === DOT && bytes[colon] === COLON && bytes[at] === CLOSE;
    if (
      !isShaped ||
      dot === from ||
      dot - from > SURE_DIGITS ||
      at - colon > SURE_SERIAL ||
      colon === dot + 1 ||
      at === colon + 1 ||
      at >= to ||
      at - from > MAX_KEY
    ) {
      return this.#writtenKey(bytes, from, to);
    }
    this.interpreted = false;
    this.#accept(bytes, from, at, to, Math.imul(seconds ^ Math.imul(thousandths, 0x2c1b3c6d), 0x01000193) ^ serial);
    return 'record';
  }

  #writtenKey(bytes: Uint8Array, from: number, to: number): LineKind {
    const end = Math.min(to, from + MAX_KEY);
    let hash = 0;
    let colon = 0;
    let written = false;
    let at = from;
    for (; at < end && bytes[at] !== CLOSE; at += 1) {
      const byte = bytes[at] as number;
      const isDigit = byte >= ZERO && byte < ZERO + 10;
      if (byte === COLON) colon = at;
      else if (isDateByte(byte)) written = true;
      else if (!isDigit && byte !== DOT) return 'damaged';
      hash = Math.imul(hash ^ byte, 0x01000193);
    }
    if (at === to) return 'cut';
    if (bytes[at] !== CLOSE || colon <= from || colon + 1 === at) return 'damaged';
    if (parseEventKey(latin1(bytes, from, at)) === undefined) return 'undated';
    this.interpreted = written;
    this.#accept(bytes, from, at, to, hash);
    return 'record';
  }

  #accept(bytes: Uint8Array, keyFrom: number, keyTo: number, to: number, keyHash: number): void {
    let hash = keyHash;
    for (let at = this.nodeFrom; at < this.nodeTo; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
    this.keyFrom = keyFrom;
    this.keyTo = keyTo;
    this.hash = mixed(hash);
    let at = keyTo + 1;
    if (bytes[at] === QUOTE) at += 1;
    while (at < to && (bytes[at] === SPACE || bytes[at] === COLON)) at += 1;
    this.bodyFrom = at;
  }
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
}

/** What a written date holds besides digits, dots and colons: `/`, `-`, `,`, the space, letters. */
function isDateByte(byte: number): boolean {
  return byte === 0x2f || byte === 0x2d || byte === 0x2c || byte === SPACE || ((byte | 32) >= 97 && (byte | 32) <= 122);
}

/** The engine holds numbers up to here in place; larger ones cost an object each time a map is asked for them. */
const MAX_SMALL = 0x3fffffff;

/** Spreads the hash over its low bits, which the index uses. */
function mixed(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (half ^ (half >>> 13)) & MAX_SMALL;
}
