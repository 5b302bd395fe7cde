import { readCommand } from '#shared/analyzers/command/reading.ts';
import type { Process } from '#shared/model/event.ts';

/** The words that loops of a command line give to their variables. */
export type Loops = ReadonlyMap<string, readonly string[]>;

const HEAD = /\bfor\s{1,8}([A-Za-z_]\w{0,63})\s{1,8}in\s{1,8}([^;\n]{1,4096})/g;
const MAX_LOOPS = 16;
const MAX_PATHS = 64;
/** Longest path that Linux accepts (PATH_MAX, linux/limits.h). */
const MAX_PATH = 4096;
const NONE: Loops = new Map();

/**
 * The loops `for NAME in WORDS` of a command line. Words of a command substitution count too: `$(ls /sys/a /sys/b)` names
 * the paths itself.
 */
export function loopsOf(process: Process): Loops {
  const line = process.argv?.join(' ') ?? '';
  const texts = [line, ...readCommand(process).decoded].filter((text) => text.includes('for '));
  if (texts.length === 0) return NONE;
  const loops = new Map<string, readonly string[]>();
  for (const text of texts) {
    for (const [, name = '', list = ''] of text.matchAll(HEAD)) {
      if (loops.size >= MAX_LOOPS) return loops;
      const values = loops.get(name) ?? [];
      loops.set(name, [...values, ...wordsOf(list).flatMap(braced)].slice(0, MAX_PATHS));
    }
  }
  return loops;
}

/** The words of a loop's head without their quotes; a substitution's own program and its options are none. */
function wordsOf(list: string): readonly string[] {
  return list
    .split(/\s+/, MAX_PATHS)
    .filter((word) => !/^(?:\$\(|`|-)/.test(word))
    .map(unmarked)
    .filter((word) => word !== '');
}

const MARKS = '"\'`()';

function unmarked(word: string): string {
  let start = 0;
  let end = word.length;
  while (start < end && MARKS.includes(word[start] ?? '')) start += 1;
  while (end > start && MARKS.includes(word[end - 1] ?? '')) end -= 1;
  return word.slice(start, end);
}

/** The paths that a word stands for: `{a,b}` spelled out, and each value of a loop's variable in its place. */
export function unrolled(word: string, loops: Loops): readonly string[] {
  let paths: readonly string[] = word.includes('{') ? braced(word) : [word];
  for (const [name, values] of loops) {
    const variable = new RegExp(String.raw`\$(?:\{${name}\}|${name}(?!\w))`, 'g');
    const filled: string[] = [];
    for (const path of paths) {
      const isNamed = path.includes('$') && path.search(variable) >= 0;
      for (const value of isNamed ? values : ['']) {
        if (filled.length >= MAX_PATHS) break;
        filled.push(isNamed ? path.replace(variable, () => value).slice(0, MAX_PATH) : path);
      }
    }
    paths = filled;
  }
  return paths;
}

/** bash's brace expansion of lists, one list after the other; lists in lists stay as they are. */
function braced(word: string): readonly string[] {
  if (word.length > MAX_PATH) return [word];
  let done: readonly string[] = [''];
  let at = 0;
  for (const match of word.matchAll(/(?<!\$)\{([^{},]{0,256}(?:,[^{},]{0,256}){1,32})\}/g)) {
    const before = word.slice(at, match.index);
    const pieces = (match[1] ?? '').split(',');
    done = done.flatMap((start) => pieces.map((piece) => start + before + piece)).slice(0, MAX_PATHS);
    at = match.index + match[0].length;
  }
  return done.map((start) => start + word.slice(at));
}
