import { fold } from './fold.ts';
import { type CharacterSet, parseRegex, type RegexFault, type RegexTree } from './regex-parse.ts';

/** A compiled regular expression. */
export interface Regex {
  /** Whether it matches anywhere in the text, in time linear in the text's length. */
  test(text: string): boolean;
  readonly tree: RegexTree;
}

export interface RegexFlags {
  readonly ignoreCase: boolean;
  /** `^` and `$` match at line ends too. */
  readonly multiline: boolean;
  /** `.` matches a line end too. */
  readonly dotAll: boolean;
}

/** Bounds what one character of text can cost. */
const MAX_STEPS = 1_000;
/** States remembered; when there are more, all are forgotten and made anew. */
const MAX_STATES = 256;
const REMEMBERED_CODES = 128;

type Step =
  | { readonly kind: 'set'; readonly has: (code: number) => boolean; readonly next: number }
  | { readonly kind: 'split'; next: readonly number[] }
  | { readonly kind: 'start' | 'end'; readonly next: number }
  | { readonly kind: 'match' };

/** Compiles a pattern, or says why it is refused (docs/decisions/0002-regular-expressions.md). */
export function compileRegex(source: string, flags: RegexFlags): Regex | RegexFault {
  const tree = parseRegex(source, flags.dotAll);
  if ('message' in tree) return tree;
  const steps: Step[] = [{ kind: 'match' }];
  const first = addSteps(tree, 0, steps, flags.ignoreCase);
  if (first === undefined) return { message: `too large: more than ${MAX_STEPS} steps`, at: 0 };
  const automaton = new Automaton(steps, first, flags.multiline);
  return { tree, test: (text) => automaton.test(text) };
}

/** Adds the steps of a tree that goes on to `next`; gives its first step, undefined when there are too many. */
function addSteps(tree: RegexTree, next: number, steps: Step[], ignoreCase: boolean): number | undefined {
  if (steps.length > MAX_STEPS) return undefined;
  switch (tree.kind) {
    case 'set':
      return steps.push({ kind: 'set', has: membership(tree.set, ignoreCase), next }) - 1;
    case 'start':
    case 'end':
      return steps.push({ kind: tree.kind, next }) - 1;
    case 'sequence': {
      let at: number | undefined = next;
      for (const part of tree.of.toReversed()) {
        at = addSteps(part, at, steps, ignoreCase);
        if (at === undefined) return undefined;
      }
      return at;
    }
    case 'choice': {
      const branches: number[] = [];
      for (const branch of tree.of) {
        const at = addSteps(branch, next, steps, ignoreCase);
        if (at === undefined) return undefined;
        branches.push(at);
      }
      return steps.push({ kind: 'split', next: branches }) - 1;
    }
    case 'repeat':
      return addRepeat(tree, next, steps, ignoreCase);
  }
}

function addRepeat(
  tree: RegexTree & { kind: 'repeat' },
  next: number,
  steps: Step[],
  ignoreCase: boolean,
): number | undefined {
  let at: number | undefined = next;
  if (tree.max === Number.POSITIVE_INFINITY) {
    const loop: Step & { kind: 'split' } = { kind: 'split', next: [] };
    const loopAt = steps.push(loop) - 1;
    const body = addSteps(tree.of, loopAt, steps, ignoreCase);
    if (body === undefined) return undefined;
    loop.next = [body, next];
    at = loopAt;
  } else {
    for (let count = tree.min; count < tree.max; count += 1) {
      const body: number | undefined = addSteps(tree.of, at, steps, ignoreCase);
      if (body === undefined) return undefined;
      at = steps.push({ kind: 'split', next: [body, next] }) - 1;
    }
  }
  for (let count = 0; count < tree.min; count += 1) {
    at = addSteps(tree.of, at, steps, ignoreCase);
    if (at === undefined) return undefined;
  }
  return at;
}

function membership(set: CharacterSet, ignoreCase: boolean): (code: number) => boolean {
  const inRanges = (code: number) => set.ranges.some(([from, to]) => from <= code && code <= to);
  if (!ignoreCase) return (code) => inRanges(code) !== set.negated;
  return (code) => caseVariants(code).some(inRanges) !== set.negated;
}

function caseVariants(code: number): readonly number[] {
  const character = String.fromCharCode(code);
  const folded = fold(character);
  const upper = character.toUpperCase();
  const beyondAscii = upper.length !== 1 || (code > 127 && upper.charCodeAt(0) < 128);
  return [code, folded.charCodeAt(0), beyondAscii ? code : upper.charCodeAt(0)];
}

/** A set of steps at one place of the text, and where the next characters lead from there. */
interface State {
  readonly steps: readonly number[];
  /** The place is the text's start, or with `m` follows a line end. */
  readonly lineStart: boolean;
  readonly matched: boolean;
  readonly next: (State | undefined)[];
}

/**
 * Walks all ways through the pattern at once, one character after the other, and remembers the sets of steps that it
 * meets (K. Thompson, "Regular expression search algorithm", 1968; R. Cox, "Regular expression matching can be simple
 * and fast", 2007). No input makes it go back.
 */
class Automaton {
  readonly #steps: readonly Step[];
  readonly #first: number;
  readonly #multiline: boolean;
  readonly #states = new Map<string, State>();
  #initial: State | undefined;

  constructor(steps: readonly Step[], first: number, multiline: boolean) {
    this.#steps = steps;
    this.#first = first;
    this.#multiline = multiline;
  }

  test(text: string): boolean {
    this.#initial ??= this.#state([this.#first], true);
    let state = this.#initial;
    for (let at = 0; at < text.length && !state.matched; at += 1) {
      const code = text.charCodeAt(at);
      let next = code < REMEMBERED_CODES ? state.next[code] : undefined;
      if (next === undefined) {
        next = this.#advance(state, code);
        if (code < REMEMBERED_CODES) state.next[code] = next;
      }
      state = next;
    }
    return state.matched || this.#closure(state.steps, state.lineStart, true).has(0);
  }

  #advance(state: State, code: number): State {
    const isLineEnd = this.#multiline && code === 10;
    const now = isLineEnd ? this.#closure(state.steps, state.lineStart, true) : state.steps;
    const seeds = [this.#first];
    for (const index of now) {
      const step = this.#steps[index];
      if (step?.kind === 'match') return { ...state, matched: true };
      if (step?.kind === 'set' && step.has(code)) seeds.push(step.next);
    }
    return this.#state(seeds, isLineEnd);
  }

  #state(seeds: readonly number[], lineStart: boolean): State {
    const steps = [...this.#closure(seeds, lineStart, false)].sort((a, b) => a - b);
    const key = `${lineStart} ${steps.join(' ')}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    if (this.#states.size >= MAX_STATES) {
      this.#states.clear();
      this.#initial = undefined;
    }
    const state = { steps, lineStart, matched: steps[0] === 0, next: [] };
    this.#states.set(key, state);
    return state;
  }

  /** All steps that are reached without a character. An unmet `$` stays in the set, until the place's end is known. */
  #closure(seeds: readonly number[], lineStart: boolean, lineEnd: boolean): Set<number> {
    const reached = new Set(seeds);
    for (const index of reached) {
      const step = this.#steps[index];
      if (step?.kind === 'split') for (const next of step.next) reached.add(next);
      else if (step?.kind === 'start' && lineStart) reached.add(step.next);
      else if (step?.kind === 'end' && lineEnd) reached.add(step.next);
    }
    return reached;
  }
}
