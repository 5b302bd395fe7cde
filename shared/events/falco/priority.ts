/** Falco's priorities, the short form of some outputs included (falco: userspace/engine/falco_common.h). */
const PRIORITIES = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'informational',
  'info',
  'debug',
] as const;

const WORDS = PRIORITIES.join('|');
const STAMP = String.raw`(?:\d\d:\d\d:\d\d\.\d{1,9}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d))`;
const STAMPED = new RegExp(`^(${STAMP}): (${WORDS}) `, 'i');
const BARE = new RegExp(`^(${WORDS}) `, 'i');

/** The beginning of a text output: `22:00:01.123456789: Critical …`; the time is absent behind a syslog header. */
export interface TextHead {
  readonly stamp?: string;
  readonly priority: string;
  readonly length: number;
}

/** Reads the beginning of a text output. Without a time the priority's word alone shows it, which only `bare` allows. */
export function textHead(text: string, bare: boolean): TextHead | undefined {
  const head = text.slice(0, 80);
  const [stamped, stamp, priority] = STAMPED.exec(head) ?? [];
  if (stamped !== undefined && stamp !== undefined && priority !== undefined) {
    return { stamp, priority, length: stamped.length };
  }
  const [whole, word] = bare ? (BARE.exec(head) ?? []) : [];
  return whole !== undefined && word !== undefined ? { priority: word, length: whole.length } : undefined;
}
