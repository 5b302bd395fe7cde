import { dropBlanks, isBlank, startsWith } from '#shared/events/byte-lines.ts';
import type { LineKind } from './header.ts';

const SPACE = 32;
const COLON = 0x3a;
const BRACE = 0x7b;
const BRACKET = 0x5b;
const QUOTE = 0x22;
const DASH = 0x2d;
const MAX_PREFIX = 256;
const MAX_HOST = 255;

export interface LinePrefix {
  readonly typeFrom: number;
  readonly nodeFrom: number;
  readonly nodeTo: number;
}

/**
 * What stands before `type=`: nothing but `node=NAME `, or a syslog or kernel log prefix (`Nov 24 22:00:00 HOST
 * audispd: node=… `, `[123.4] audit: `). The host is that of `node=`, else that of the syslog header (RFC 3164 and
 * RFC 5424), so that hosts whose lines share a file keep their events apart. Else what kind of line this is.
 */
export function nodeBefore(bytes: Uint8Array, from: number, to: number): LinePrefix | Exclude<LineKind, 'record'> {
  if (isJson(bytes, from, to)) return 'other';
  const end = Math.min(to, from + MAX_PREFIX);
  const typeFrom = findToken(bytes, from, end, to, isTypeToken);
  if (typeFrom < 0) return withoutType(bytes, from, end, to);
  const node = findToken(bytes, from, typeFrom, to, isNodeToken);
  if (node >= 0) {
    const nodeFrom = node + 5;
    return { typeFrom, nodeFrom, nodeTo: tokenEnd(bytes, nodeFrom, typeFrom) };
  }
  const hostFrom = syslogHost(bytes, from, typeFrom);
  return { typeFrom, nodeFrom: hostFrom, nodeTo: hostEnd(bytes, hostFrom, typeFrom) };
}

/** An object, or an array of objects, arrays or strings; the kernel log's `[12.3]` is none. */
function isJson(bytes: Uint8Array, from: number, to: number): boolean {
  if (bytes[from] !== BRACKET) return bytes[from] === BRACE;
  let first = from + 1;
  while (first < to && bytes[first] === SPACE) first++;
  return bytes[first] === BRACE || bytes[first] === BRACKET || bytes[first] === QUOTE;
}

/** A record whose type was cut off still has its key or its fields; a line without any is of another format. */
function withoutType(bytes: Uint8Array, from: number, end: number, to: number): 'damaged' | 'other' {
  if (findToken(bytes, from, end, to, isAuditToken) >= 0 || findToken(bytes, from, end, to, isFieldToken) >= 0) {
    return 'damaged';
  }
  return to - from === 4 && startsWith(bytes, from, to, 'lost') ? 'damaged' : 'other';
}

type TokenTest = (bytes: Uint8Array, at: number, to: number) => boolean;

function findToken(bytes: Uint8Array, from: number, end: number, to: number, test: TokenTest): number {
  let start = true;
  for (let at = from; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (start && test(bytes, at, to)) return at;
    start = byte === SPACE || byte === 9;
  }
  return -1;
}

/** `type=` before a name in capitals or a number: mount options and the like write theirs in lower case. */
function isTypeToken(bytes: Uint8Array, at: number, to: number): boolean {
  if (!startsWith(bytes, at, to, 'type=')) return false;
  const next = bytes[at + 5] ?? 0;
  return at + 5 < to && ((next >= 48 && next <= 57) || (next >= 65 && next <= 90));
}

function isNodeToken(bytes: Uint8Array, at: number, to: number): boolean {
  return startsWith(bytes, at, to, 'node=');
}

function isAuditToken(bytes: Uint8Array, at: number, to: number): boolean {
  return startsWith(bytes, at, to, 'msg=audit(') || startsWith(bytes, at, to, 'audit(');
}

/** Fields that only audit records have: the rest of a line whose beginning was cut off. */
function isFieldToken(bytes: Uint8Array, at: number, to: number): boolean {
  return (
    startsWith(bytes, at, to, 'nametype=') ||
    startsWith(bytes, at, to, 'proctitle=') ||
    startsWith(bytes, at, to, 'auid=') ||
    startsWith(bytes, at, to, 'fsuid=') ||
    startsWith(bytes, at, to, 'saddr=')
  );
}

function tokenEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && (bytes[at] as number) > SPACE) at += 1;
  return at;
}

/** Offset of the host name in a syslog header, or `to` where there is none. */
function syslogHost(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  if (bytes[at] === 0x3c) {
    while (at < to && bytes[at] !== 0x3e) at += 1;
    at += 1;
    if (bytes[at] === 0x31 && bytes[at + 1] === SPACE) at += 2;
  }
  const first = bytes[at] ?? 0;
  if (first >= 48 && first <= 57) return Math.min(to, tokenEnd(bytes, at, to) + 1);
  const isMonth = first >= 65 && first <= 90 && bytes[at + 3] === SPACE;
  return isMonth && bytes[at + 9] === COLON && bytes[at + 12] === COLON && bytes[at + 15] === SPACE
    ? Math.min(to, at + 16)
    : to;
}

/** End of a host name; its own beginning where what stands there is a tag (`kernel:`) or another sort of text. */
function hostEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  for (; at < to; at += 1) {
    const byte = bytes[at] as number;
    if (byte === SPACE) break;
    const word = (byte >= 48 && byte <= 58) || ((byte | 32) >= 97 && (byte | 32) <= 122);
    if (!word && byte !== 0x2d && byte !== 0x2e && byte !== 0x5f) return from;
  }
  return bytes[at - 1] === COLON || at - from > MAX_HOST ? from : at;
}

/** A line that is no record and no loss: blank, or what ausearch puts between events, a rule of dashes and the time. */
export function isSkipped(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to && (bytes[at] as number) <= SPACE) at += 1;
  if (at === to) return isBlank(bytes, from, to);
  return startsWith(bytes, at, to, 'time->') || isRule(bytes, at, to);
}

function isRule(bytes: Uint8Array, from: number, to: number): boolean {
  const end = dropBlanks(bytes, from, to);
  for (let at = from; at < end; at += 1) if (bytes[at] !== DASH) return false;
  return end - from >= 4;
}
