import type { Field, Fields } from './fields.ts';

const NO_VALUE: ReadonlySet<string> = new Set(['', '?', '(null)', '(none)']);
/** The login uid and session of a process that no login started: -1 as the kernel and as the library print it. */
const UNSET: ReadonlySet<string> = new Set(['4294967295', '-1', 'unset']);
const HEX = /^(?:[0-9A-Fa-f]{2})+$/;
const MAX_DIGITS = 16;

/** Bytes given as Latin-1, read as UTF-8; what is none becomes a replacement character. */
function utf8(latin1: string): string {
  return /[\u0080-\u00ff]/.test(latin1) ? Buffer.from(latin1, 'latin1').toString('utf8') : latin1;
}

/**
 * A value that the kernel calls untrusted: quoted it is literal, even where it looks like hexadecimal; bare it is
 * hexadecimal, for it held a blank, a quote or a byte that is not printable (kernel/audit.c,
 * `audit_string_contains_control`). Bare text that is no hexadecimal stays itself. `undefined`: no value.
 */
export function untrusted(fields: Fields, key: string): string | undefined {
  const field = fields.byKey.get(key);
  return field === undefined ? undefined : decodeField(field, fields.interpreted);
}

/** The text of one field, see `untrusted`. */
export function decodeField(field: Field, interpreted: boolean): string | undefined {
  if (!field.quoted && NO_VALUE.has(field.raw)) return undefined;
  return hexBytes(field, interpreted)?.toString('utf8') ?? utf8(field.raw);
}

/** The bytes that a bare hexadecimal value stands for; `undefined` where the value is none. */
export function hexBytes(field: Field, interpreted: boolean): Buffer | undefined {
  return !field.quoted && !interpreted && HEX.test(field.raw) ? Buffer.from(field.raw, 'hex') : undefined;
}

/** A value that is written as it is; shippers may put it into quotes. */
export function plain(fields: Fields, key: string): string | undefined {
  const raw = fields.byKey.get(key)?.raw;
  return raw === undefined || NO_VALUE.has(raw) ? undefined : utf8(raw);
}

/** A whole number that is exact as such. */
export function wholeNumber(fields: Fields, key: string): number | undefined {
  const text = plain(fields, key);
  if (text === undefined || text.length > MAX_DIGITS || !/^\d+$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** A login uid or session; `undefined` where no login set it. */
export function setByLogin(fields: Fields, key: string): string | undefined {
  const text = plain(fields, key);
  return text === undefined || UNSET.has(text) ? undefined : text;
}

/** `success=` of the kernel's records, `res=` of user space. */
export function outcome(fields: Fields, key: 'success' | 'res'): boolean | undefined {
  const text = plain(fields, key);
  if (text === 'yes' || text === 'success' || text === '1') return true;
  return text === 'no' || text === 'failed' || text === '0' ? false : undefined;
}
