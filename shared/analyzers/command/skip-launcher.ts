import { assignment } from './assignments.ts';
import type { Launcher } from './launchers.ts';

/** What a launcher's words say: the program's words, shell text, assignments. */
export interface Skipped {
  readonly rest: readonly string[];
  readonly script?: string;
  /** The name that the program is given as argv[0]. */
  readonly spoken?: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What stands for words of the input among `rest`. */
  readonly placeholder?: string;
  /** How many words of the input each start gets. */
  readonly atOnce?: number;
}

interface OptionRead {
  readonly name: string;
  readonly value: string | undefined;
  /** Letters of a cluster that take no value. */
  readonly letters: string;
  /** Index of the word after the option and its value. */
  readonly next: number;
}

/** Reads the option at `at` (a word that begins with a dash) by the launcher's table. */
function readOption(argv: readonly string[], at: number, launcher: Launcher): OptionRead {
  const word = argv[at] ?? '';
  if (word.startsWith('--') || launcher.single === true) {
    const dashes = word.startsWith('--') ? 2 : 1;
    const equals = word.indexOf('=');
    if (equals > 0)
      return { name: word.slice(dashes, equals), value: word.slice(equals + 1), letters: '', next: at + 1 };
    const name = word.slice(dashes);
    return launcher.long?.includes(name) === true
      ? { name, value: argv[at + 1], letters: '', next: at + 2 }
      : { name, value: undefined, letters: '', next: at + 1 };
  }
  for (let letter = 1; letter < word.length; letter++) {
    const name = word[letter] ?? '';
    if (launcher.attached?.includes(name) === true) {
      const value = word.slice(letter + 1);
      return { name, value: value === '' ? undefined : value, letters: word.slice(1, letter), next: at + 1 };
    }
    if (!launcher.short.includes(name)) continue;
    const letters = word.slice(1, letter);
    return letter + 1 < word.length
      ? { name, value: word.slice(letter + 1), letters, next: at + 1 }
      : { name, value: argv[at + 1], letters, next: at + 2 };
  }
  return { name: word.slice(1), value: undefined, letters: word.slice(1), next: at + 1 };
}

/** Options whose value is an assignment, of any launcher. */
const ASSIGNING: ReadonlySet<string> = new Set(['E', 'e', 'setenv', 'env']);
/** Launchers that take assignments as operands. */
const ASSIGNED_IN_FRONT: ReadonlySet<string> = new Set(['env', 'sudo', 'doas']);

/** Skips a launcher's options and operands; `argv[0]` is the launcher itself. */
export function skipLauncher(argv: readonly string[], launcher: Launcher, base: string): Skipped {
  const environment: Record<string, string> = {};
  let operands = launcher.operands ?? 0;
  let first = launcher.first;
  let options = true;
  let script: string | undefined;
  let program: string | undefined;
  let spoken: string | undefined;
  let direct = false;
  let placeholder: string | undefined;
  let atOnce: string | undefined;
  if (launcher.behind !== undefined) return { rest: behind(argv, launcher.behind), environment };
  let at = 1;
  while (at < argv.length) {
    const word = argv[at] ?? '';
    if (options && word === '--') {
      options = false;
      at++;
    } else if (options && word.length > 1 && word.startsWith('-')) {
      const { name, value, letters, next } = readOption(argv, at, launcher);
      at = next;
      if (isIdle(launcher, name, letters)) return { rest: [], environment };
      if (launcher.placeholder?.includes(name) === true) placeholder = value ?? '{}';
      if (value === undefined) continue;
      if (launcher.atOnce?.includes(name) === true) atOnce = value;
      direct ||= launcher.direct?.includes(name) === true;
      if (launcher.spoken?.includes(name) === true) spoken = value;
      if (launcher.script?.includes(name) === true) script ??= value;
      if (launcher.program?.includes(name) === true) program ??= value;
      if (ASSIGNING.has(name)) assign(environment, value);
    } else {
      if (first !== undefined) {
        if (!first.includes(word)) return { rest: [], environment };
        first = undefined;
      } else if (ASSIGNED_IN_FRONT.has(base) && assign(environment, word)) {
        // An assignment, not yet the program.
      } else if (operands > 0) operands--;
      else break;
      at++;
    }
  }
  const rest = argv.slice(at);
  if (launcher.scriptBehind === true && !direct) script ??= scriptBehind(rest);
  if (script !== undefined) return { rest: [], environment, script };
  return {
    rest: program === undefined ? rest : [program, ...rest],
    environment,
    ...(spoken === undefined ? {} : { spoken }),
    ...(placeholder === undefined ? {} : { placeholder }),
    ...(atOnce === undefined || !/^[1-9]\d{0,5}$/.test(atOnce) ? {} : { atOnce: Number(atOnce) }),
  };
}

/** The words behind an option with one dash or two. */
function behind(argv: readonly string[], option: string): readonly string[] {
  const at = argv.findIndex((word) => word === `--${option}` || word === `-${option}`);
  return at < 0 ? [] : argv.slice(at + 1);
}

function isIdle({ idle, idleLetters }: Launcher, name: string, letters: string): boolean {
  return idle?.includes(name) === true || [...letters].some((letter) => idleLetters?.includes(letter) === true);
}

/** `runuser -l user -c TEXT`: the option stands behind the operand. */
function scriptBehind(rest: readonly string[]): string | undefined {
  const at = rest.findIndex((word) => word === '-c' || word === '--command');
  return at > 0 ? rest[at + 1] : undefined;
}

function assign(environment: Record<string, string>, word: string): boolean {
  const pair = assignment(word);
  if (pair !== undefined) environment[pair[0]] = pair[1];
  return pair !== undefined;
}
