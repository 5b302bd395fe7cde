import { startsWith } from '#shared/events/byte-lines.ts';
import { nodeBefore } from './line-prefix.ts';
import { type RecordType, recordType, TYPE } from './record-type.ts';

const SPACE = 32;
const QUOTE = 0x22;
const DOT = 0x2e;
const COLON = 0x3a;
const CLOSE = 0x29;

const OPENING = 'audit(';
const MAX_TYPE = 32;
const MAX_KEY = 64;

/**
 * What a line is: a record; one of auditd's that holds no readable header (`damaged`) or breaks off in it (`cut`); or a
 * line of something else.
 */
export type LineKind = 'record' | 'damaged' | 'cut' | 'other';

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
  /** 32 bits over node and key; equal for the lines of one event, and not for those alone. */
  hash = 0;
  /** The key holds a written date: values are printed for people, with no quotes and no hexadecimal. */
  interpreted = false;

  scan(bytes: Uint8Array, from: number, to: number): LineKind {
    this.nodeFrom = this.nodeTo = from;
    let typeFrom = from;
    if (!startsWith(bytes, from, to, 'type=')) {
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

  #key(bytes: Uint8Array, from: number, to: number): LineKind {
    let hash = 0x811c9dc5;
    for (let at = this.nodeFrom; at < this.nodeTo; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
    const end = Math.min(to, from + MAX_KEY);
    let dot = 0;
    let colon = 0;
    let written = false;
    let at = from;
    for (; at < end; at += 1) {
      const byte = bytes[at] as number;
      if (byte >= 48 && byte <= 57) {
        // a digit, as most are
      } else if (byte === CLOSE) break;
      else if (byte === DOT) dot = at;
      else if (byte === COLON) colon = at;
      else if (isDateByte(byte)) written = true;
      else return 'damaged';
      hash = Math.imul(hash ^ byte, 0x01000193);
    }
    if (at === to) return 'cut';
    if (bytes[at] !== CLOSE || colon <= from || colon + 1 === at) return 'damaged';
    if (!written && (dot <= from || dot + 1 >= colon)) return 'damaged';
    this.keyFrom = from;
    this.keyTo = at;
    this.hash = mixed(hash);
    this.interpreted = written;
    at += 1;
    if (bytes[at] === QUOTE) at += 1;
    while (at < to && (bytes[at] === SPACE || bytes[at] === COLON)) at += 1;
    this.bodyFrom = at;
    return 'record';
  }
}

/** What a written date holds besides digits, dots and colons: `/`, `-`, `,`, the space, letters. */
function isDateByte(byte: number): boolean {
  return byte === 0x2f || byte === 0x2d || byte === 0x2c || byte === SPACE || ((byte | 32) >= 97 && (byte | 32) <= 122);
}

/** Spreads the hash over its low bits, which the index uses. */
function mixed(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return half ^ (half >>> 13);
}
