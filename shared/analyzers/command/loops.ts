import { baseName } from './names.ts';

/** Values of one loop. */
const MAX_VALUES = 64;
const MAX_WORDS = 64;
/** A variable that the text never set stands for itself, and so for no value. */
const UNKNOWN = /^\$[\w@*#?$!-]{1,128}$/;

/** The values that a loop's variable takes of the expanded words of its head. Bounded in number. */
export function loopValues(words: readonly string[]): readonly string[] {
  return words.filter((word) => word !== '' && !UNKNOWN.test(word)).slice(0, MAX_VALUES);
}

/**
 * What a loop goes over when its head lists files by a command whose output is not known: `$(ls -d /sys/a/b*)` and
 * `$(find /home -maxdepth 1)` name the paths or their folder, and `$(ls /home)` stands for any name.
 */
export function listedPaths(script: string): string {
  const [program = '', ...words] = script.trimStart().split(/[\s;|&<>]+/, MAX_WORDS);
  const name = baseName(program);
  if (name !== 'ls' && name !== 'find') return '';
  const paths = words.map((word) => word.replace(/["'`()]/g, '')).filter((word) => /^[/~$]/.test(word));
  if (name === 'find') return paths.flatMap((path) => [path, `${path.replace(/\/$/, '')}/*`]).join(' ');
  const itself = words.some((word) => /^-[a-zA-Z]*d/.test(word));
  return paths.map((path) => (itself || /[*?[]/.test(path) ? path : '*')).join(' ');
}
