import { skipBlanks, skipByteOrderMark } from '../byte-lines.ts';
import { OPEN_OBJECT } from '../decode/json.ts';
import { textHead } from './priority.ts';

const SYSLOG_TAG = /^.{0,120}?\bfalco(?:\[\d{1,10}\])?: /;
const HEAD = 200;
/** Members of which an alert always has some, however the outputs are switched (falco: formats.cpp). */
const OUTPUT_FIELDS = '"output_fields"';
const PAIRS = ['"rule"', '"priority"', '"output"'];

/** Where the alert begins in a line, behind a syslog header if it has one, and its form. */
export interface AlertStart {
  readonly at: number;
  readonly json: boolean;
}

/** Finds the alert in a line; `undefined` when the line is none of Falco's. */
export function alertStart(chunk: Buffer, from: number, to: number): AlertStart | undefined {
  const at = skipBlanks(chunk, skipByteOrderMark(chunk, from, to), to);
  if (at >= to) return undefined;
  if (chunk[at] === OPEN_OBJECT) return isAlert(chunk, at, to) ? { at, json: true } : undefined;
  const head = chunk.toString('latin1', at, Math.min(to, at + HEAD));
  if (textHead(head, false) !== undefined) return { at, json: false };
  const tag = SYSLOG_TAG.exec(head)?.[0];
  if (tag === undefined) return undefined;
  const inner = at + tag.length;
  if (chunk[inner] === OPEN_OBJECT) return isAlert(chunk, inner, to) ? { at: inner, json: true } : undefined;
  return textHead(head.slice(tag.length), true) === undefined ? undefined : { at: inner, json: false };
}

function isAlert(chunk: Buffer, at: number, to: number): boolean {
  const line = chunk.subarray(at, to);
  if (line.includes(OUTPUT_FIELDS, 0, 'latin1')) return true;
  return PAIRS.filter((key) => line.includes(key, 0, 'latin1')).length >= 2;
}
