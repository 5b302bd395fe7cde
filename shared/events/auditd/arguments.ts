import type { Field } from './fields.ts';
import { type AuditRecord, recordOf } from './record.ts';
import { TYPE } from './record-type.ts';
import { decodeField, hexBytes, wholeNumber } from './value.ts';

const ARGUMENT = /^a(\d{1,7})(?:(_len)|\[(\d{1,7})\])?$/;
/** The kernel logs this much of a process title and marks no cut (MAX_PROCTITLE_AUDIT_LEN, kernel/auditsc.c). */
const TITLE_BYTES = 128;

export interface ArgumentList {
  readonly argv: readonly string[];
  /** The list is what execve received. */
  readonly exact: boolean;
  /** Arguments, or pieces of one, may be missing. */
  readonly cut: boolean;
}

interface Argument {
  whole?: Field;
  length?: number;
  readonly pieces: Map<number, Field>;
}

/**
 * The arguments of an event's EXECVE records. The N of `aN` decides, not the place in the line: empty arguments may be
 * left out (audit-userspace#57). A long argument comes as `aN_len=` and pieces `aN[0]=…`, over several records and in any
 * order: they are put together by index, then decoded once. `undefined` without any EXECVE record.
 */
export function executedArguments(records: readonly AuditRecord[]): ArgumentList | undefined {
  const executions = records.filter((record) => record.type === TYPE.execArguments);
  if (executions.length === 0) return undefined;
  const found = new Map<number, Argument>();
  let count: number | undefined;
  let cut = false;
  for (const { fields } of executions) {
    count ??= wholeNumber(fields, 'argc');
    cut ||= fields.cut;
    for (const [key, field] of fields.byKey) {
      const name = ARGUMENT.exec(key);
      if (name === null) continue;
      const index = Number(name[1]);
      const argument: Argument = found.get(index) ?? { pieces: new Map() };
      found.set(index, argument);
      if (name[2] !== undefined) argument.length = Number(field.raw);
      else if (name[3] === undefined) argument.whole ??= field;
      else if (!argument.pieces.has(Number(name[3]))) argument.pieces.set(Number(name[3]), field);
    }
  }
  const interpreted = executions.some(({ fields }) => fields.interpreted);
  const argv: string[] = [];
  let last = -1;
  for (const [index, argument] of [...found].sort(([a], [b]) => a - b)) {
    if (count !== undefined && index >= count) break;
    const joined = argument.whole ?? joinPieces(argument);
    cut ||= argument.whole === undefined && isIncomplete(argument);
    if (joined === undefined) continue;
    argv.push(decodeField(joined, interpreted) ?? joined.raw);
    last = index;
  }
  return { argv, exact: true, cut: cut || (count !== undefined && last + 1 < count) };
}

function joinPieces(argument: Argument): Field | undefined {
  const pieces = [...argument.pieces].sort(([a], [b]) => a - b).map(([, field]) => field);
  const first = pieces[0];
  return first === undefined ? undefined : { raw: pieces.map((one) => one.raw).join(''), quoted: first.quoted };
}

/** The length counts characters as printed, hexadecimal digits where the argument is so. */
function isIncomplete(argument: Argument): boolean {
  let printed = 0;
  for (let index = 0; index < argument.pieces.size; index += 1) {
    const piece = argument.pieces.get(index);
    if (piece === undefined) return true;
    printed += piece.raw.length;
  }
  return argument.pieces.size === 0 || (argument.length !== undefined && printed < argument.length);
}

/**
 * The process title at the time of the event: the beginning of the command line, with NUL between arguments, or one
 * quoted text. The process may have overwritten it, so a title without NUL but with blanks, and one that fills the
 * kernel's 128 bytes, is not taken as exact. `undefined` where the event has none.
 */
export function processTitle(records: readonly AuditRecord[]): ArgumentList | undefined {
  const fields = recordOf(records, TYPE.processTitle)?.fields;
  const field = fields?.byKey.get('proctitle');
  if (fields === undefined || field === undefined) return undefined;
  const text = withoutPadding(decodeField(field, fields.interpreted) ?? '');
  if (text === '') return undefined;
  const bytes = hexBytes(field, fields.interpreted)?.length ?? field.raw.length;
  const cut = fields.cut || bytes >= TITLE_BYTES;
  if (text.includes('\0')) return { argv: text.split('\0'), exact: !cut, cut };
  const argv = text.split(' ').filter((word) => word !== '');
  return { argv, exact: !cut && argv.length === 1, cut };
}

/** The NULs behind the last argument. */
function withoutPadding(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0) end -= 1;
  return text.slice(0, end);
}
