import type { FileActivity } from '#shared/model/event.ts';
import type { Alert } from './alert.ts';
import type { Fields } from './fields.ts';
import { saidByRule } from './rule-words.ts';

const FLAG = /\bO_[A-Z_]{1,32}\b/g;
const ONLY_FLAGS = /^(?:\d{1,10}\()?O_[A-Z_]{1,32}(?:\|[A-Z_]{1,32}){0,32}\)?$/;
const FLAGS_OF_ARGUMENTS = /\bflags=(?:\d{1,10}\()?([A-Z_|]{1,512})/g;
const MAX_TEXT = 16_384;

/**
 * What a file was opened for: as the alert's `evt.is_open_*` say, else its flags, else the rule's own words. With none
 * of these it stays `unknown`, which detections take as a write: Falco's rules on opens ask either for `open_write` or
 * for `open_read`, and those that ask for `open_read` say "read" in their name and output (falcosecurity/rules:
 * falco_rules.yaml, falco-incubating_rules.yaml), so a rule that does not say it most likely saw a write.
 */
export function openActivity(alert: Alert, type: string | undefined): FileActivity['activity'] {
  const { fields } = alert;
  const flags = openFlags(fields);
  // The kernel's FMODE_CREATED: this open made the file, in whatever mode (libs: driver/ppm_fillers.c).
  const isMade = fields.flag('evt.is_open_create') === true || flags.has('O_F_CREATED');
  if (type === 'creat' || isMade) return 'create';
  const isWrite = flags.has('O_TRUNC') || (fields.flag('evt.is_open_write') ?? writesByFlags(flags) ?? unread(fields));
  if (isWrite === true) return flags.has('O_CREAT') ? 'create' : 'update';
  if (isWrite === false) return 'read';
  const said = saidByRule(alert);
  if (said !== undefined) return said;
  // Only files to be made have permissions in an open (libs: sinsp_filtercheck_event.cpp, TYPE_ISOPEN_EXEC).
  if (fields.flag('evt.is_open_exec') === true) return 'create';
  return fields.flag('evt.is_open_read') === true ? 'read' : 'unknown';
}

/**
 * `O_CREAT` beside `O_RDONLY` shows no write: lock files are opened so, and nothing can be written by that descriptor.
 */
function writesByFlags(flags: ReadonlySet<string>): boolean | undefined {
  if (flags.has('O_WRONLY') || flags.has('O_RDWR')) return true;
  if (flags.has('O_RDONLY')) return false;
  return flags.has('O_CREAT') || flags.has('O_APPEND') ? true : undefined;
}

/** An open that is not for reading is for writing; one for reading may be for both, as `O_RDWR` sets both. */
function unread(fields: Fields): true | undefined {
  return fields.flag('evt.is_open_read') === false ? true : undefined;
}

/**
 * The flags in every place where a rule can print them: `evt.arg.flags`, any `evt.arg[…]`, `evt.args`. File names stand
 * among the arguments too: all flags found are joined, so that a name can add a write but never hide one.
 */
function openFlags(fields: Fields): ReadonlySet<string> {
  const texts = [fields.text('evt.arg.flags') ?? ''];
  for (const { text } of fields.keyed('evt.arg')) if (ONLY_FLAGS.test(text)) texts.push(text);
  for (const [, text = ''] of (fields.text('evt.args') ?? '').slice(0, MAX_TEXT).matchAll(FLAGS_OF_ARGUMENTS)) {
    texts.push(text);
  }
  return new Set(texts.flatMap((text) => text.slice(0, MAX_TEXT).match(FLAG) ?? []));
}
