import type { ParseError } from '#shared/model/reader.ts';
import { dropBlanks, lineBeginning, skipBlanks } from './byte-lines.ts';
import { MAX_ENVELOPE_LINE } from './decode/limits.ts';

const SPACE = 0x20;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const ESCAPE = 0x1b;
/** Between the two forms of an enriched audit record. */
const GROUP_SEPARATOR = 0x1d;

/**
 * Why the line [from, to), which no format takes, can't be read: it is longer than `maxLine` bytes, which no reader would
 * take, or else of no known format.
 */
export function unknownLine(chunk: Buffer, from: number, to: number, maxLine: number): ParseError {
  const bytes = lineBeginning(chunk, from, to);
  return { kind: isTooLong(chunk, from, to, maxLine, bytes) ? 'too-long' : 'unknown-format', bytes };
}

/**
 * A whole JSON object was looked at as the envelope that it might have been, so its length is not why it was not read.
 * What holds no line ends because it is no text, as a database or a preallocated journal, has no lines to be too long.
 */
function isTooLong(chunk: Buffer, from: number, to: number, maxLine: number, beginning: Uint8Array): boolean {
  if (to - from <= maxLine) return false;
  const first = chunk[skipBlanks(chunk, from, to)];
  const last = chunk[dropBlanks(chunk, from, to) - 1];
  if (first === OPEN_OBJECT && last === CLOSE_OBJECT) return to - from > MAX_ENVELOPE_LINE;
  return beginning.every(isTextByte);
}

function isTextByte(byte: number): boolean {
  return byte >= SPACE || (byte >= 9 && byte <= 13) || byte === ESCAPE || byte === GROUP_SEPARATOR;
}
