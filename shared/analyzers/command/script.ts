import { type Redirect, type Token, tokens, type Word } from './words.ts';

/** `for NAME in WORDS`: what its body runs with. */
export interface Loop {
  readonly name: string;
  readonly words: readonly Word[];
}

/** A command of words, or commands in parentheses, in braces, in a loop or a condition, with its redirections. */
export type Node =
  | { readonly kind: 'simple'; readonly words: readonly Word[]; readonly redirects: readonly Redirect[] }
  | {
      readonly kind: 'group';
      readonly list: readonly Pipeline[];
      readonly redirects: readonly Redirect[];
      readonly loop?: Loop;
      /** In parentheses: what it changes of folder and variables ends with it. */
      readonly subshell?: true;
    };

/** Commands joined by `|`. */
export type Pipeline = readonly Node[];

/** Deepest nesting of groups that is kept; deeper ones are flattened. */
const MAX_NESTING = 64;

/** Words that stand in a command's place without being one. */
const SKIPPED: ReadonlySet<string> = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '!']);
const NAME = /^[A-Za-z_]\w{0,127}$/;
type Close = ')' | '}' | 'done' | 'fi';
/** Words that begin a compound command, whose commands share its pipe and redirections, and what ends it. */
const COMPOUND: ReadonlyMap<string, Close> = new Map([
  ['while', 'done'],
  ['until', 'done'],
  ['if', 'fi'],
]);
/** Words that make the rest of their simple command data. */
const HEADS: ReadonlySet<string> = new Set(['for', 'select', '[[']);

/** Reads shell text into pipelines of commands. Control words are dropped, their commands stay. Never throws. */
export function parseScript(text: string): readonly Pipeline[] {
  return new Parser(tokens(text)).list(undefined);
}

/** The text of a word that holds neither variables nor substitutions. */
export function literal(word: Word): string | undefined {
  let text = '';
  for (const part of word.parts) {
    if (part.kind !== 'text') return undefined;
    text += part.text;
  }
  return text;
}

/** The text of a word that has no quoted part: only such a word can be a control word. */
function bare(token: Token | undefined): string | undefined {
  if (token?.kind !== 'word' || token.parts.length !== 1) return undefined;
  const [part] = token.parts;
  return part?.kind === 'text' && !part.quoted ? part.text : undefined;
}

class Parser {
  private readonly all: readonly Token[];
  private at = 0;
  private nesting = 0;
  /** How many `case … esac` are open. */
  private cases = 0;

  constructor(all: readonly Token[]) {
    this.all = all;
  }

  /**
   * Pipelines up to the closing mark (`)`, `}`, `done` or `fi`) or the end. A mark that closes nothing separates.
   * @param bodies the bodies of loops in the list that are not read as groups, and so must find their own `done`
   */
  list(close: Close | undefined, bodies = 0): readonly Pipeline[] {
    const pipelines: Pipeline[] = [];
    let nodes: Node[] = [];
    let piped = false;
    const end = (): void => {
      if (nodes.length > 0) pipelines.push(nodes);
      nodes = [];
    };
    while (this.at < this.all.length) {
      const token = this.all[this.at];
      if (token?.kind === 'operator' && token.text !== '(') {
        this.at++;
        piped = token.text === '|';
        if (!piped) end();
        if (token.text === ')' && close === ')') break;
        if (token.text === ';;' && this.cases > 0) this.skipPattern();
        continue;
      }
      const word = bare(token);
      if (word === '}') {
        this.at++;
        if (close !== '}') continue;
        break;
      }
      if (word === 'case') this.caseHead();
      else if (word === 'function') this.functionHead();
      else if (word !== undefined && SKIPPED.has(word)) {
        this.at++;
        if (word === close && (word === 'fi' || bodies === 0)) break;
        if (word === 'do') bodies++;
        if (word === 'done') bodies--;
        if (word === 'esac' && this.cases > 0) this.cases--;
      } else {
        // What lost its line ends has commands behind a group without a mark between.
        if (!piped) end();
        piped = false;
        const node = this.node(token, word);
        if (node.kind === 'group' || node.words.length > 0 || node.redirects.length > 0) nodes.push(node);
      }
    }
    end();
    return pipelines;
  }

  private node(token: Token | undefined, word: string | undefined): Node {
    if (token?.kind === 'operator') return this.group(')');
    if (word === 'for') return this.loop() ?? this.simple();
    const end = COMPOUND.get(word ?? '');
    // The loop's own `do` stands behind its condition.
    if (end !== undefined) return this.group(end, undefined, end === 'done' ? -1 : 0);
    return word === '{' ? this.group('}') : this.simple();
  }

  private group(close: Close, loop?: Loop, bodies = 0): Node {
    this.at++;
    if (this.nesting >= MAX_NESTING) return { kind: 'group', list: [], redirects: [] };
    this.nesting++;
    const list = this.list(close, bodies);
    this.nesting--;
    const redirects = this.redirects();
    return {
      kind: 'group',
      list,
      redirects,
      ...(loop === undefined ? {} : { loop }),
      ...(close === ')' ? { subshell: true } : {}),
    };
  }

  /**
   * `for NAME in WORDS; do … done`, or in braces. Nothing where the words are no such head: they are data then. A line
   * that has lost its line ends has no mark before `do`.
   */
  private loop(): Node | undefined {
    const start = this.at;
    const name = bare(this.all[start + 1]) ?? '';
    const words: Word[] = [];
    let at = this.pastEnds(start + 2);
    if (NAME.test(name) && bare(this.all[at]) === 'in' && this.nesting < MAX_NESTING) {
      for (let token = this.all[++at]; token?.kind === 'word' && bare(token) !== 'do'; token = this.all[++at])
        words.push(token);
      at = this.pastEnds(at);
      const opening = bare(this.all[at]);
      if (opening === 'do' || opening === '{') {
        this.at = at;
        return this.group(opening === 'do' ? 'done' : '}', { name, words });
      }
    }
    this.at = start;
    return undefined;
  }

  private pastEnds(from: number): number {
    let at = from;
    for (let token = this.all[at]; token?.kind === 'operator' && token.text === ';'; token = this.all[at]) at++;
    return at;
  }

  /** `case WORD in PATTERN)`: none of it runs. */
  private caseHead(): void {
    let token = this.all[++this.at];
    while (token !== undefined && token.kind !== 'operator' && bare(token) !== 'in') token = this.all[++this.at];
    if (bare(token) !== 'in') return;
    this.at++;
    this.cases++;
    this.skipPattern();
  }

  /** A branch's patterns up to their parenthesis; where none closes them, the words are commands after all. */
  private skipPattern(): void {
    const start = this.at;
    let words = 0;
    for (let token = this.all[this.at]; token !== undefined; token = this.all[++this.at]) {
      if (token.kind === 'operator') {
        if (token.text === ')') {
          this.at++;
          return;
        }
        if (token.text !== '(' && token.text !== '|' && (token.text !== ';' || words > 0)) break;
      } else if (words === 0 && bare(token) === 'esac') return;
      else words++;
    }
    this.at = start;
  }

  /** `function NAME`, with or without parentheses: the body follows as a group. */
  private functionHead(): void {
    this.at++;
    if (this.all[this.at]?.kind === 'word') this.at++;
    this.skipParentheses();
  }

  private skipParentheses(): boolean {
    const [open, close] = [this.all[this.at], this.all[this.at + 1]];
    if (open?.kind !== 'operator' || open.text !== '(') return false;
    if (close?.kind !== 'operator' || close.text !== ')') return false;
    this.at += 2;
    return true;
  }

  private redirects(): readonly Redirect[] {
    const found: Redirect[] = [];
    for (let token = this.all[this.at]; token?.kind === 'redirect'; token = this.all[++this.at]) found.push(token);
    return found;
  }

  private simple(): Node {
    const words: Word[] = [];
    const redirects: Redirect[] = [];
    for (let token = this.all[this.at]; token !== undefined && token.kind !== 'operator'; token = this.all[++this.at]) {
      if (token.kind === 'redirect') redirects.push(token);
      else words.push(token);
    }
    if (this.isFunctionHead(words) || HEADS.has(bare(words[0]) ?? '')) return { kind: 'simple', words: [], redirects };
    return { kind: 'simple', words, redirects };
  }

  /** `name ()`: the parentheses are skipped, the body follows as a group. */
  private isFunctionHead(words: readonly Word[]): boolean {
    return words.length === 1 && this.skipParentheses();
  }
}
