import type { Process } from '#shared/model/event.ts';
import type { Fields } from './fields.ts';
import { plain, setByLogin, untrusted, wholeNumber } from './value.ts';

/** A process under construction: the model's fields, writable. */
export type ProcessFields = { -readonly [key in keyof Process]: Process[key] };

/** The process that a record of the kernel or of user space speaks of. Fields without a value are absent. */
export function processFields(fields: Fields | undefined): ProcessFields {
  const process: ProcessFields = {};
  if (fields === undefined) return process;
  put(process, 'pid', wholeNumber(fields, 'pid'));
  put(process, 'parentPid', wholeNumber(fields, 'ppid'));
  put(process, 'executable', untrusted(fields, 'exe'));
  put(process, 'name', untrusted(fields, 'comm'));
  put(process, 'uid', plain(fields, 'uid'));
  put(process, 'auid', setByLogin(fields, 'auid'));
  put(process, 'session', setByLogin(fields, 'ses'));
  put(process, 'tty', plain(fields, 'tty') ?? plain(fields, 'terminal'));
  return process;
}

/** Sets a field that has a value. */
export function put<K extends keyof ProcessFields>(
  process: ProcessFields,
  key: K,
  value: ProcessFields[K] | undefined,
): void {
  if (value !== undefined) process[key] = value;
}
