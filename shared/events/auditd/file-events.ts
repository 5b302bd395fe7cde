import { CLASS, type FileActivity, type Process } from '#shared/model/event.ts';
import type { EventBase } from './event-base.ts';
import type { Fields } from './fields.ts';
import type { PathItem } from './paths.ts';
import { type AuditRecord, recordOf } from './record.ts';
import { TYPE } from './record-type.ts';
import type { CallKind, SystemCall } from './system-calls.ts';
import { plain } from './value.ts';

/** Flags of open(2), the same on the four machines that matter (asm-generic/fcntl.h). */
const O_ACCMODE = 0o3;
const O_CREAT = 0o100;
const O_TRUNC = 0o1000;
const WRITES = /O_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND)/;

type Activity = FileActivity['activity'];

const BY_NAME_TYPE: ReadonlyMap<string | undefined, Activity> = new Map([
  ['CREATE', 'create'],
  ['DELETE', 'delete'],
]);

export interface FileContext {
  readonly base: EventBase;
  readonly actor: Process;
  readonly success: boolean | undefined;
}

/**
 * The file events of a system call: one for each path that it names, a rename's paths together. `call` is undefined
 * where the record of the call is missing or is of a kind unknown here: then the paths' own types tell, and where they
 * don't, the activity is `unknown`.
 */
export function fileEvents(
  context: FileContext,
  items: readonly PathItem[],
  call: SystemCall | undefined,
  records: readonly AuditRecord[],
): FileActivity[] {
  const moved = items.some((item) => item.nameType === 'CREATE') && items.some((item) => item.nameType === 'DELETE');
  if (call?.kind === 'rename' || (call === undefined && moved)) return renameEvents(context, items);
  const opened = call?.kind === 'open' ? openActivity(call.name, records) : undefined;
  return items.map((item) => fileEvent(context, item, BY_NAME_TYPE.get(item.nameType) ?? opened ?? byKind(call?.kind)));
}

/** What a call does to a path that it neither creates nor deletes, as far as the record shows. */
function byKind(kind: CallKind | undefined): Activity {
  switch (kind) {
    case 'remove':
      return 'delete';
    case 'make':
      return 'create';
    case 'change':
      return 'update';
    case 'look':
    case 'link':
      return 'read';
    default:
      return 'unknown';
  }
}

/**
 * By the flags: second argument of open, third of openat, the record of its own that openat2 leaves. `unknown` where
 * they were cut off or, as in an io_uring operation, are never logged.
 */
function openActivity(name: string, records: readonly AuditRecord[]): Activity {
  if (name === 'creat') return 'update';
  const call = recordOf(records, TYPE.syscall)?.fields;
  const how = recordOf(records, TYPE.openHow)?.fields;
  if (how !== undefined) return byFlags(plain(how, 'oflag'), 8);
  if (call === undefined || name === 'openat2') return 'unknown';
  return byFlags(flagsArgument(call, name), 16);
}

function flagsArgument(call: Fields, name: string): string | undefined {
  return plain(call, name === 'open' ? 'a1' : 'a2');
}

function byFlags(text: string | undefined, base: 8 | 16): Activity {
  if (text === undefined) return 'unknown';
  if (text.startsWith('O_')) return WRITES.test(text) ? 'update' : 'read';
  const flags = Number.parseInt(text.slice(-(base === 16 ? 8 : 10)), base);
  if (Number.isNaN(flags)) return 'unknown';
  return (flags & O_ACCMODE) !== 0 || (flags & (O_CREAT | O_TRUNC)) !== 0 ? 'update' : 'read';
}

/**
 * The old name is the first path that is deleted, the new one is what is created; a second deletion is what the new
 * name replaced. A failed rename names its paths without these types: the first is the old name, the last the new one.
 */
function renameEvents(context: FileContext, items: readonly PathItem[]): FileActivity[] {
  const old = items.find((item) => item.nameType === 'DELETE');
  const created = items.findLast((item) => item.nameType === 'CREATE');
  if (created !== undefined) return [renamed(context, created, old)];
  const target = items.at(-1);
  if (target === undefined) return [];
  if (old !== undefined && items.length === 1) return [fileEvent(context, old, 'delete')];
  return [renamed(context, target, items.length > 1 ? items[0] : undefined)];
}

function renamed(context: FileContext, to: PathItem, from: PathItem | undefined): FileActivity {
  const event = fileEvent(context, to, 'rename');
  return from === undefined ? event : { ...event, previousPath: from.path };
}

function fileEvent({ base, actor, success }: FileContext, item: PathItem, activity: Activity): FileActivity {
  const event: FileActivity = { ...base, class: CLASS.file, activity, path: item.path, actor };
  return success === undefined ? event : { ...event, success };
}
