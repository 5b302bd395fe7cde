import { canonicalAddress } from '#shared/model/address.ts';
import { dropBlanks, skipByteOrderMark, startsWith } from '../byte-lines.ts';
import { headerFields, MAX_FIELDS } from './fields.ts';
import { compileLayout, looksTyped, makeBounds, provenLayout, splitFields } from './layout.ts';

/** Flow records are far shorter; longer lines are not looked at. */
const MAX_LOOK = 8_192;

function valuesOf(chunk: Buffer, from: number, end: number): readonly string[] {
  const start = skipByteOrderMark(chunk, from, end);
  const stop = dropBlanks(chunk, start, end);
  if (stop <= start || stop - start > MAX_LOOK) return [];
  const values = chunk.toString('latin1', start, stop).split(' ', MAX_FIELDS + 1);
  return values.length > MAX_FIELDS ? [] : values;
}

/** The fields of a line that is a header of a flow log file: names, of which enough are known. */
export function flowHeader(chunk: Buffer, from: number, end: number): readonly string[] | undefined {
  return headerFields(valuesOf(chunk, from, end));
}

export function isFlowHeader(chunk: Buffer, from: number, end: number): boolean {
  return flowHeader(chunk, from, end) !== undefined;
}

/** Whether the line has the fields that the user named: so many values, of which none is of another kind than its field. */
export function isOfNamedOrder(chunk: Buffer, from: number, end: number, names: readonly string[]): boolean {
  if (end - from > MAX_LOOK || belongsElsewhere(chunk, from, end)) return false;
  const layout = compileLayout(names.slice(0, MAX_FIELDS), true);
  const bounds = makeBounds();
  const count = splitFields(chunk, from, end, bounds);
  return count === layout.names.length && layout.addressed && looksTyped(layout, chunk, from, bounds);
}

const VERDICTS: ReadonlySet<string> = new Set(['ACCEPT', 'REJECT', 'ingress', 'egress', 'NODATA', 'SKIPDATA']);

/**
 * Whether the line is a flow record of some order, known or not: an interface or two addresses as values, and the word
 * of a verdict, status or direction. A line of an order that must be named is a flow line all the same, so that the
 * user hears what is missing instead of "unknown format".
 */
export function isFlowRecord(chunk: Buffer, from: number, end: number): boolean {
  if (belongsElsewhere(chunk, from, end)) return false;
  const values = valuesOf(chunk, from, end);
  if (values.length < 4) return false;
  if (provenLayout(values) !== undefined) return true;
  if (values.includes('') || !values.some((value) => VERDICTS.has(value))) return false;
  const addresses = values.filter((value) => canonicalAddress(value) !== undefined).length;
  return addresses >= 2 || values.some((value) => value.startsWith('eni-'));
}

/** A date and the hour's separator, as exports and container runtimes put before a line (ISO 8601); `0` is any digit. */
const TIMESTAMP = '0000-00-00T';

function beginsWithTimestamp(chunk: Uint8Array, from: number, end: number): boolean {
  if (end - from < TIMESTAMP.length) return false;
  for (let at = 0; at < TIMESTAMP.length; at += 1) {
    const byte = chunk[from + at] as number;
    if (TIMESTAMP[at] === '0' ? byte < 0x30 || byte > 0x39 : byte !== TIMESTAMP.charCodeAt(at)) return false;
  }
  return true;
}

/** Whether the line is a JSON value, an audit record or an enveloped line: never a bare flow record, whatever its words. */
export function belongsElsewhere(chunk: Uint8Array, from: number, end: number): boolean {
  const first = chunk[from];
  if (first === 0x7b || first === 0x5b || beginsWithTimestamp(chunk, from, end)) return true;
  return startsWith(chunk, from, end, 'type=') || startsWith(chunk, from, end, 'node=');
}
