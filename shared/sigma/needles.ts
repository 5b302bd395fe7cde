import type { Expression } from './expression.ts';
import { fold } from './fold.ts';
import { literalCharacter, type RegexTree } from './regex-parse.ts';

/** Shorter literals are in too many lines to be worth looking for. */
const MIN_NEEDLE = 4;

/**
 * How a field's text stands in a raw record. `words`: as it is, but for the characters that formats escape or split at
 * (spaces between arguments, quotes, `<>&` in JSON). `path`: besides, it may have been put together from a working
 * directory and a relative name. `none`: the raw record writes it otherwise (numbers, addresses, words of our own).
 */
export type NeedlePolicy = 'words' | 'path' | 'none';

/** Everything that some log format writes otherwise: white space, controls, quotes, backslash, `<>&`, non-ASCII. */
const ESCAPED = /[^!-~]|["'\\<>&]/;

/** The best needle that a text holding all these literals must hold in its raw record, if there is any. */
export function needleOf(literals: readonly string[], policy: NeedlePolicy): string | undefined {
  if (policy === 'none') return undefined;
  const words = literals.flatMap((literal) => fold(literal).split(ESCAPED));
  const parts = policy === 'path' ? words.flatMap((word) => word.split('/')) : words;
  return longest(parts) ?? (policy === 'path' ? longest(words.map((word) => word.replace(/\/$/, ''))) : undefined);
}

function longest(parts: readonly string[]): string | undefined {
  const best = parts.reduce((a, b) => (b.length > a.length ? b : a), '');
  return best.length >= MIN_NEEDLE ? best : undefined;
}

/** The needles of a choice: all of them, or none where one part has none. */
export function eitherOf(sets: readonly (readonly string[] | null)[]): readonly string[] | null {
  const all = new Set<string>();
  for (const set of sets) {
    if (set === null) return null;
    for (const needle of set) all.add(needle);
  }
  return [...all];
}

/** The needles of a conjunction: those of the part whose shortest needle is longest, and of equals the fewest. */
function bestOf(sets: readonly (readonly string[] | null)[]): readonly string[] | null {
  let best: readonly string[] | null = null;
  for (const set of sets) if (set !== null && (best === null || compareSets(set, best) > 0)) best = set;
  return best;
}

function compareSets(a: readonly string[], b: readonly string[]): number {
  const shortest = (set: readonly string[]) => Math.min(...set.map((needle) => needle.length));
  return shortest(a) - shortest(b) || b.length - a.length;
}

/** Needles of a whole rule: every event that the expression accepts holds at least one; `null` if none can be named. */
export function needlesOf(expression: Expression): readonly string[] | null {
  switch (expression.kind) {
    case 'test':
      return expression.test.needles;
    case 'not':
      return null;
    case 'or':
      return eitherOf(expression.of.map(needlesOf));
    case 'and':
      return bestOf(expression.of.map(needlesOf));
  }
}

/** Needles of a regular expression: the best part that every match must go through. */
export function regexNeedles(tree: RegexTree, policy: NeedlePolicy): readonly string[] | null {
  switch (tree.kind) {
    case 'choice':
      return eitherOf(tree.of.map((branch) => regexNeedles(branch, policy)));
    case 'repeat':
      return tree.min > 0 ? regexNeedles(tree.of, policy) : null;
    case 'sequence':
      return sequenceNeedles(tree.of, policy);
    default:
      return null;
  }
}

function sequenceNeedles(parts: readonly RegexTree[], policy: NeedlePolicy): readonly string[] | null {
  const runs: string[] = [];
  let run = '';
  const sets: (readonly string[] | null)[] = [];
  for (const part of parts) {
    const character = literalCharacter(part);
    if (character === undefined) {
      runs.push(run);
      run = '';
      sets.push(regexNeedles(part, policy));
    } else {
      run += character;
    }
  }
  for (const literal of [...runs, run]) {
    const needle = needleOf([literal], policy);
    if (needle !== undefined) sets.push([needle]);
  }
  return bestOf(sets);
}
