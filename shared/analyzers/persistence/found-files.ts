import { type Program, programName } from '#shared/analyzers/command/program.ts';
import { stripRoot } from './root-prefix.ts';
import { persistenceTarget } from './targets.ts';

const MAX_ROOTS = 8;
/** Where start-up files lie below the root, below the homes, below any other folder. */
const OF_ROOT: readonly string[] = ['/root', '/home/*', '/root/.ssh', '/etc'];
const OF_HOMES: readonly string[] = ['/*', '/*/.ssh'];
const OF_FOLDER: readonly string[] = ['', '/.ssh', ...OF_HOMES];

/**
 * The start-up file that `{}` stands for behind `find ROOT… -name NAME -exec`: the first place below a root where that
 * name starts something. The path itself where no `find` stands before, or nothing of that name starts anything.
 * @param before the programs in front of the one that writes
 */
export function foundFile(path: string, before: readonly Program[]): string {
  if (!path.includes('{}')) return path;
  const find = before.findLast((one) => programName(one) === 'find');
  if (find === undefined) return path;
  const at = find.argv.findIndex((word, index) => index > 0 && /^[-(!]/.test(word));
  const roots = find.argv.slice(1, at < 0 ? undefined : at).slice(0, MAX_ROOTS);
  const named = find.argv.findIndex((word) => word === '-name' || word === '-iname' || word === '-path');
  const name = named > 0 ? find.argv[named + 1] : undefined;
  if (name === undefined || name === '') return path;
  const bare = name.slice(name.lastIndexOf('/') + 1);
  for (const root of roots.map((one) => one.replace(/\/$/, ''))) {
    const below = root === '/home' ? OF_HOMES : OF_FOLDER;
    const folders = root === '' ? OF_ROOT : below.map((one) => root + one);
    const place = folders
      .map((folder) => `${folder}/${bare}`)
      .find((one) => persistenceTarget(stripRoot(one).path) !== undefined);
    if (place !== undefined) return place;
  }
  return path;
}
