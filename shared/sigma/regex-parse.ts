/** A set of UTF-16 code units: the ranges, or everything else. */
export interface CharacterSet {
  readonly ranges: readonly (readonly [from: number, to: number])[];
  readonly negated: boolean;
}

export type RegexTree =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice'; readonly of: readonly RegexTree[] }
  | { readonly kind: 'repeat'; readonly of: RegexTree; readonly min: number; readonly max: number };

/** Why a pattern is refused, and at which of its characters. */
export interface RegexFault {
  readonly message: string;
  readonly at: number;
}

const MAX_REPEAT = 255;
const MAX_DEPTH = 32;

const DIGITS: CharacterSet['ranges'] = [[48, 57]];
const WORDS: CharacterSet['ranges'] = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
const SPACES: CharacterSet['ranges'] = [
  [9, 13],
  [32, 32],
];
const CLASSES: ReadonlyMap<string, CharacterSet> = new Map([
  ['d', { ranges: DIGITS, negated: false }],
  ['D', { ranges: DIGITS, negated: true }],
  ['w', { ranges: WORDS, negated: false }],
  ['W', { ranges: WORDS, negated: true }],
  ['s', { ranges: SPACES, negated: false }],
  ['S', { ranges: SPACES, negated: true }],
]);
const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['t', 9],
  ['n', 10],
  ['v', 11],
  ['f', 12],
  ['r', 13],
]);

/** What lies between and beyond the ranges, none of which reaches the last code unit. */
function complement(ranges: CharacterSet['ranges']): CharacterSet['ranges'] {
  const gaps: (readonly [number, number])[] = [];
  let from = 0;
  for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (start > from) gaps.push([from, start - 1]);
    from = Math.max(from, end + 1);
  }
  return [...gaps, [from, 0xffff]];
}

/** Thrown inside this file only. */
class Refused extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/**
 * Reads the regular expressions that Sigma allows (appendix "Modifiers", 2.1: `.`, anchors, quantifiers, classes,
 * groups, alternation) and the class escapes that its rules use. Everything else is a fault, look-around and
 * back-references above all.
 */
export function parseRegex(source: string, dotAll: boolean): RegexTree | RegexFault {
  try {
    return new RegexParser(source, dotAll).parse();
  } catch (error) {
    if (error instanceof Refused) return { message: error.message, at: error.at };
    throw error;
  }
}

class RegexParser {
  readonly #source: string;
  readonly #dot: CharacterSet;
  #at = 0;

  constructor(source: string, dotAll: boolean) {
    this.#source = source;
    this.#dot = { ranges: dotAll ? [] : [[10, 10]], negated: true };
  }

  parse(): RegexTree {
    const tree = this.#choice(0);
    if (this.#at < this.#source.length) this.#refuse("unexpected ')'");
    return tree;
  }

  #choice(depth: number): RegexTree {
    if (depth > MAX_DEPTH) this.#refuse(`groups nested deeper than ${MAX_DEPTH}`);
    const branches = [this.#sequence(depth)];
    while (this.#take('|')) branches.push(this.#sequence(depth));
    return { kind: 'choice', of: branches };
  }

  #sequence(depth: number): RegexTree {
    const parts: RegexTree[] = [];
    while (this.#at < this.#source.length && !'|)'.includes(this.#peek())) parts.push(this.#quantified(depth));
    return { kind: 'sequence', of: parts };
  }

  #quantified(depth: number): RegexTree {
    const start = this.#at;
    const atom = this.#atom(depth);
    const bounds = this.#quantifier();
    if (bounds === undefined) return atom;
    if (atom.kind === 'start' || atom.kind === 'end') this.#refuse("an anchor can't be repeated", start);
    this.#take('?');
    if (this.#peek() === '+' || this.#peek() === '*' || this.#peek() === '?') this.#refuse('nothing to repeat');
    return { kind: 'repeat', of: atom, ...bounds };
  }

  #quantifier(): { min: number; max: number } | undefined {
    if (this.#take('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#take('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#take('?')) return { min: 0, max: 1 };
    const counted = /^\{(\d{1,4})(?:(,)(\d{0,4}))?\}/.exec(this.#source.slice(this.#at, this.#at + 12));
    if (counted === null) return undefined;
    const [whole, low = '', comma, high = ''] = counted;
    const min = Number(low);
    const max = comma === undefined ? min : high === '' ? Number.POSITIVE_INFINITY : Number(high);
    if (min > max) this.#refuse('the first bound is above the second');
    if (min > MAX_REPEAT || (Number.isFinite(max) && max > MAX_REPEAT)) this.#refuse(`bounds above ${MAX_REPEAT}`);
    this.#at += whole.length;
    return { min, max };
  }

  #atom(depth: number): RegexTree {
    const character = this.#peek();
    if ('*+?{'.includes(character))
      this.#refuse(character === '{' ? "a literal '{' is written '\\{'" : 'nothing to repeat');
    if (character === '(') return this.#group(depth);
    this.#at += 1;
    switch (character) {
      case '.':
        return { kind: 'set', set: this.#dot };
      case '^':
        return { kind: 'start' };
      case '$':
        return { kind: 'end' };
      case '[':
        return { kind: 'set', set: this.#characterClass() };
      case '\\':
        return { kind: 'set', set: this.#escape() };
      default:
        return { kind: 'set', set: single(character.charCodeAt(0)) };
    }
  }

  #group(depth: number): RegexTree {
    const start = this.#at;
    this.#at += 1;
    if (this.#take('?') && !this.#take(':')) {
      const next = this.#source.slice(this.#at, this.#at + 2);
      const lookaround = /^(?:[=!]|<[=!])/.test(next);
      this.#refuse(
        lookaround ? 'look-around is not supported' : "of the groups with '?' only '(?:' is supported",
        start,
      );
    }
    const inner = this.#choice(depth + 1);
    if (!this.#take(')')) this.#refuse("the group has no ')'", start);
    return inner;
  }

  /** After a backslash. */
  #escape(): CharacterSet {
    const at = this.#at - 1;
    const character = this.#source.charAt(this.#at);
    this.#at += 1;
    const known = CLASSES.get(character);
    if (known !== undefined) return known;
    const control = CONTROLS.get(character);
    if (control !== undefined) return single(control);
    if (character === 'x' || character === 'u') return single(this.#hexadecimal(character === 'x' ? 2 : 4, at));
    if (character === '') this.#refuse('the pattern ends with a backslash', at);
    if (/[1-9k]/.test(character)) this.#refuse('back-references are not supported', at);
    if (/[a-zA-Z0-9]/.test(character)) this.#refuse(`'\\${character}' is not supported`, at);
    return single(character.charCodeAt(0));
  }

  #hexadecimal(digits: number, at: number): number {
    const text = this.#source.slice(this.#at, this.#at + digits);
    if (text.length < digits || /[^0-9a-fA-F]/.test(text)) this.#refuse(`expected ${digits} hexadecimal digits`, at);
    this.#at += digits;
    return Number.parseInt(text, 16);
  }

  /** After `[`. */
  #characterClass(): CharacterSet {
    const start = this.#at - 1;
    const negated = this.#take('^');
    const ranges: (readonly [number, number])[] = [];
    if (this.#peek() === ']') this.#refuse("an empty class; a literal ']' is written '\\]'", start);
    while (!this.#take(']')) {
      if (this.#at >= this.#source.length) this.#refuse("the class has no ']'", start);
      const from = this.#classMember();
      const isRange = this.#peek() === '-' && !['', ']'].includes(this.#source.charAt(this.#at + 1));
      if (!isRange) {
        ranges.push(...(from.negated ? complement(from.ranges) : from.ranges));
        continue;
      }
      this.#at += 1;
      const low = only(from);
      const high = only(this.#classMember());
      if (low === undefined || high === undefined || low > high)
        this.#refuse('not a range of characters', this.#at - 1);
      ranges.push([low, high]);
    }
    return { ranges, negated };
  }

  #classMember(): CharacterSet {
    const character = this.#peek();
    if (character === '[' && ':.='.includes(this.#source.charAt(this.#at + 1) || ' ')) {
      this.#refuse("named classes are not supported; a literal '[' is written '\\['");
    }
    this.#at += 1;
    return character === '\\' ? this.#escape() : single(character.charCodeAt(0));
  }

  #peek(): string {
    return this.#source.charAt(this.#at);
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at += 1;
    return true;
  }

  #refuse(message: string, at = this.#at): never {
    throw new Refused(message, at);
  }
}

function single(code: number): CharacterSet {
  return { ranges: [[code, code]], negated: false };
}

/** The one character of a set that holds exactly one. */
function only(set: CharacterSet): number | undefined {
  const [range, ...others] = set.ranges;
  return range !== undefined && others.length === 0 && !set.negated && range[0] === range[1] ? range[0] : undefined;
}

/** The character of a tree that matches exactly one, as text. */
export function literalCharacter(tree: RegexTree): string | undefined {
  const code = tree.kind === 'set' ? only(tree.set) : undefined;
  return code === undefined ? undefined : String.fromCharCode(code);
}
