import { type AuditRecord, recordOf } from './record.ts';
import { TYPE } from './record-type.ts';
import { plain, untrusted, wholeNumber } from './value.ts';

/** A system call names a handful of paths; more are an attack on the reader. */
const MAX_ITEMS = 64;
/** What the kernel calls a descriptor without a name in the file system. */
const NO_FILE = /^(?:pipe|socket|anon_inode):/;

/** One PATH record, its name joined with the directory that it is relative to. */
export interface PathItem {
  readonly path: string;
  /** NORMAL, PARENT, CREATE, DELETE or UNKNOWN; absent in old or cut records. */
  readonly nameType: string | undefined;
}

export interface Paths {
  /** In the order of their item numbers, PARENT items left out. */
  readonly items: readonly PathItem[];
  readonly workingDirectory: string | undefined;
  readonly cut: boolean;
}

/**
 * The paths of an event. A relative name is relative to the working directory that the event's CWD record gives; a bare
 * name whose PARENT record names another directory lies there. A rename brings two parents: the first is that of what
 * is deleted first, the last that of everything else.
 */
export function pathsOf(records: readonly AuditRecord[]): Paths {
  const workingDirectory = absolute(recordOf(records, TYPE.workingDirectory));
  const numbered = records
    .filter((record) => record.type === TYPE.path)
    .map((record) => ({ record, item: wholeNumber(record.fields, 'item') ?? Number.MAX_SAFE_INTEGER }))
    .sort((a, b) => a.item - b.item);
  const all = numbered.map(({ record }) => ({
    name: untrusted(record.fields, 'name'),
    nameType: (plain(record.fields, 'nametype') ?? plain(record.fields, 'objtype'))?.toUpperCase(),
  }));
  const parents = all.flatMap(({ name, nameType }) =>
    nameType === 'PARENT' && name !== undefined ? [joinPath(workingDirectory, name)] : [],
  );
  const items: PathItem[] = [];
  let deleted = false;
  for (const { name, nameType } of all) {
    if (nameType === 'PARENT' || name === undefined || NO_FILE.test(name)) continue;
    const parent = nameType === 'DELETE' && !deleted ? parents[0] : parents.at(-1);
    deleted ||= nameType === 'DELETE';
    const base = name.includes('/') ? workingDirectory : (parent ?? workingDirectory);
    if (items.length < MAX_ITEMS) items.push({ path: joinPath(base, name), nameType });
  }
  const cut = numbered.some(({ record }) => record.fields.cut) || all.length > MAX_ITEMS;
  return { items, workingDirectory, cut };
}

function absolute(record: AuditRecord | undefined): string | undefined {
  return record === undefined ? undefined : untrusted(record.fields, 'cwd');
}

/** A name joined with its directory, `.`, `..` and doubled slashes resolved as text; relative where no directory is known. */
function joinPath(directory: string | undefined, name: string): string {
  const joined = name.startsWith('/') || directory === undefined ? name : `${directory}/${name}`;
  if (!/\/\/|\/\.\.?(?:\/|$)|^\.\.?(?:\/|$)|.\/$/.test(joined)) return joined;
  const parts: string[] = [];
  for (const part of joined.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !joined.startsWith('/')) parts.push(part);
  }
  const path = parts.join('/');
  return joined.startsWith('/') ? `/${path}` : path;
}
