import { writtenControls } from './escape.ts';

/** A string of CloudWatch Logs Insights, whatever the text holds. */
export const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`;

const like = (text: string): string => `@message like ${quoted(text)}`;

/**
 * A condition of Logs Insights that finds a text of an artifact in raw records. Control characters are written in each
 * log's own way, so what stands between them is asked for; auditd writes such text, and text with blanks, quotes or
 * letters beyond ASCII, as hexadecimal (audit_string_contains_control in the kernel's audit.c), so that form is asked
 * for too where such logs are read.
 */
export function messageHolds(text: string, auditd: boolean): string {
  const { parts, whole } = writtenControls(text);
  const plain = parts.filter((part) => part !== '').map(like);
  const conditions = plain.length === 0 ? [] : [plain.length === 1 ? plain.join('') : `(${plain.join(' and ')})`];
  if (auditd && /[^\u0021\u0023-\u007e]/u.test(whole)) conditions.push(like(hexadecimal(whole)));
  return conditions.length > 0 ? conditions.join(' or ') : like(text);
}

/** A text as auditd writes what its own form can't hold. */
export const hexadecimal = (text: string): string =>
  [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('');
