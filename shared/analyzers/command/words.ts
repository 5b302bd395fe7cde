import { Parts } from './parts.ts';

/**
 * A piece of a shell word: plain text, a variable's name, or the text of a command or process substitution.
 * `quoted` pieces are not split at white space when they are expanded.
 */
export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'variable'; readonly name: string; readonly quoted: boolean }
  | { readonly kind: 'command'; readonly script: string; readonly quoted: boolean; readonly file: boolean };

export interface Word {
  readonly kind: 'word';
  readonly parts: readonly Part[];
}

/** A redirection. Of a here-document, `target` is its body. */
export interface Redirect {
  readonly kind: 'redirect';
  readonly operator: '>' | '>>' | '<' | '<<' | '<<<' | '>&';
  readonly descriptor: number;
  readonly target: Word;
}

interface Operator {
  readonly kind: 'operator';
  /** `;;` stands for each end of a branch of `case`: `;;`, `;&`, `;;&`. */
  readonly text: ';' | ';;' | '&' | '&&' | '||' | '|' | '(' | ')';
}

export type Token = Word | Redirect | Operator;

/** Longest script text that is read, in characters: what one argument may hold on Linux (MAX_ARG_STRLEN, 128 KiB). */
export const MAX_SCRIPT = 131_072;

const BLANK = /[ \t\r]/;
const META = /[\s;&|()<>]/;
/** What stands before the parenthesis of an array: `NAME=(`, `NAME+=(`, `NAME[1]=(`. */
const ARRAY_HEAD = /^[A-Za-z_]\w{0,63}(?:\[[^\]\s]{0,32}\])?\+?=$/;
/** Longest head that is compared. */
const MAX_ARRAY_HEAD = 100;
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]/y;
const ANSI_ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', e: '\x1b' };

/**
 * Splits shell text (POSIX sh with bash's usual additions) into words, redirections and operators. Never throws: a
 * quote or substitution that is never closed is plain text. Time is linear in the text's length.
 */
export function tokens(script: string): readonly Token[] {
  return new Lexer(script.slice(0, MAX_SCRIPT)).all();
}

/** The escapes of `printf`, `echo -e` and `$'…'`: `\n`, `\x41`, `\101`, `A`. */
export function unescapeAnsi(text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|0?[0-7]{1,3}|[\s\S])/g, (_, code: string) => {
    const first = code[0] ?? '';
    if (code.length > 1 && (first === 'x' || first === 'u')) return String.fromCharCode(parseInt(code.slice(1), 16));
    if (first >= '0' && first <= '7') return String.fromCharCode(parseInt(code, 8) & 0xff);
    return ANSI_ESCAPES[first] ?? code;
  });
}

class Lexer {
  private readonly text: string;
  private at = 0;
  private readonly found: Token[] = [];
  /** Arrays hold no arrays. */
  private inArray = false;
  /** Characters that searches for closing marks may still visit: keeps hostile nesting linear. */
  private search: number;
  private readonly hereDocuments: {
    readonly index: number;
    readonly end: string;
    readonly literal: boolean;
    readonly tabs: boolean;
  }[] = [];

  constructor(text: string) {
    this.text = text;
    this.search = 8 * text.length + 1024;
  }

  all(): readonly Token[] {
    while (this.at < this.text.length) this.next();
    return this.found;
  }

  private next(): void {
    const char = this.text[this.at] ?? '';
    if (BLANK.test(char)) {
      this.at++;
    } else if (char === '\n') {
      this.at++;
      this.operator(';');
      this.readHereDocuments();
    } else if (char === '#') {
      this.skipComment();
    } else if (char === '\\' && this.text[this.at + 1] === '\n') {
      this.at += 2;
    } else if (!this.redirect() && !this.control()) {
      this.found.push(this.word());
    }
  }

  private operator(text: Operator['text']): void {
    this.found.push({ kind: 'operator', text });
  }

  private control(): boolean {
    const two = this.text.slice(this.at, this.at + 2);
    if (two === '&&' || two === '||') {
      this.at += 2;
      this.operator(two);
      return true;
    }
    const branchEnd = /;;&|;;|;&/y;
    branchEnd.lastIndex = this.at;
    const end = branchEnd.exec(this.text)?.[0];
    if (end !== undefined) {
      this.at += end.length;
      this.operator(';;');
      return true;
    }
    const one = two[0] ?? '';
    if (one === ';' || one === '&' || one === '|' || one === '(' || one === ')') {
      this.at += two === '|&' ? 2 : 1;
      this.operator(one);
      return true;
    }
    return false;
  }

  private redirect(): boolean {
    const match = /(\d{0,2})(&>>|&>|<<<|<<-|<<|<>|<&|<|>>|>\||>&|>)/y;
    match.lastIndex = this.at;
    const hit = match.exec(this.text);
    if (hit === null) return false;
    const [whole, digits = '', sign = ''] = hit;
    const afterSign = this.text[this.at + whole.length];
    if ((sign === '<' || sign === '>') && afterSign === '(') return false;
    this.at += whole.length;
    this.skipBlanks();
    const descriptor = digits !== '' ? Number(digits) : sign.startsWith('<') ? 0 : 1;
    const isWord = this.at < this.text.length && (!META.test(this.text[this.at] ?? '') || this.opensProcess());
    const target = isWord ? this.word() : EMPTY_WORD;
    if (sign === '<<' || sign === '<<-') {
      const literal = target.parts.some((part) => part.quoted);
      const end = target.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
      this.hereDocuments.push({ index: this.found.length, end, literal, tabs: sign === '<<-' });
    }
    this.found.push({ kind: 'redirect', operator: REDIRECTS[sign] ?? '<', descriptor, target });
    return true;
  }

  /** Whether `<(` or `>(` stands here. */
  private opensProcess(): boolean {
    const char = this.text[this.at];
    return (char === '<' || char === '>') && this.text[this.at + 1] === '(';
  }

  private skipBlanks(): void {
    while (BLANK.test(this.text[this.at] ?? '')) this.at++;
  }

  private readHereDocuments(): void {
    for (const { index, end, literal, tabs } of this.hereDocuments.splice(0)) {
      const lines: string[] = [];
      while (this.at < this.text.length) {
        const stop = this.text.indexOf('\n', this.at);
        const raw = this.text.slice(this.at, stop < 0 ? undefined : stop);
        this.at = stop < 0 ? this.text.length : stop + 1;
        const line = tabs ? raw.replace(/^\t+/, '') : raw;
        if (line === end) break;
        lines.push(line);
      }
      const body = lines.map((line) => `${line}\n`).join('');
      const parts: readonly Part[] = literal
        ? [{ kind: 'text', text: body, quoted: true }]
        : new Lexer(body).quotedParts();
      this.found[index] = { kind: 'redirect', operator: '<<', descriptor: 0, target: { kind: 'word', parts } };
    }
  }

  /** The whole text read as if it stood in double quotes. */
  private quotedParts(): readonly Part[] {
    const parts = new Parts();
    this.doubleQuoted(parts, this.text.length);
    return parts.list();
  }

  private word(): Word {
    const parts = new Parts();
    const start = this.at;
    while (this.at < this.text.length) {
      const char = this.text[this.at] ?? '';
      const processSubstitution = this.opensProcess();
      if (char === '(' && !this.inArray && this.array(parts, start)) break;
      if (META.test(char) && !processSubstitution) break;
      if (char === "'") this.singleQuoted(parts);
      else if (char === '"') this.openDouble(parts);
      else if (char === '\\') this.escaped(parts);
      else if (processSubstitution) this.substitution(parts, 2, false, true);
      else if (char === '$' || char === '`') this.dollar(parts, false);
      else parts.text(this.take(), false);
    }
    if (this.at === start) parts.text(this.take(), false);
    return { kind: 'word', parts: parts.list() };
  }

  /**
   * The elements of `NAME=(…)`: data that run nothing, save the substitutions among them. They become the variable's
   * value, joined by blanks. A parenthesis that never closes opens none.
   */
  private array(parts: Parts, start: number): boolean {
    const length = this.at - start;
    if (length > MAX_ARRAY_HEAD || !ARRAY_HEAD.test(this.text.slice(start, this.at))) return false;
    if (this.closing(')', this.at + 1) < 0) return false;
    let first = this.text[this.at - 2] !== '+';
    this.inArray = true;
    this.at++;
    while (this.at < this.text.length && this.text[this.at] !== ')') {
      const char = this.text[this.at] ?? '';
      if (char === '#') this.skipComment();
      else if (META.test(char) && !this.opensProcess()) this.at++;
      else {
        if (!first) parts.text(' ', true);
        for (const part of this.word().parts) {
          if (part.kind === 'text') parts.text(part.text, true);
          else parts.push({ ...part, quoted: true });
        }
        first = false;
      }
    }
    this.at++;
    this.inArray = false;
    return true;
  }

  private skipComment(): void {
    const end = this.text.indexOf('\n', this.at);
    this.at = end < 0 ? this.text.length : end;
  }

  private take(): string {
    return this.text[this.at++] ?? '';
  }

  private escaped(parts: Parts): void {
    const next = this.text[this.at + 1];
    if (next === undefined) parts.text('\\', false);
    else if (next !== '\n') parts.text(next, true);
    this.at += 2;
  }

  private singleQuoted(parts: Parts): void {
    const close = this.text.indexOf("'", this.at + 1);
    if (close < 0) {
      parts.text(this.take(), false);
      return;
    }
    parts.text(this.text.slice(this.at + 1, close), true);
    this.at = close + 1;
  }

  private openDouble(parts: Parts): void {
    const close = this.closing('"', this.at + 1);
    if (close < 0) {
      parts.text(this.take(), false);
      return;
    }
    this.at++;
    parts.text('', true);
    this.doubleQuoted(parts, close);
    this.at = close + 1;
  }

  private doubleQuoted(parts: Parts, end: number): void {
    while (this.at < end) {
      const char = this.text[this.at] ?? '';
      const next = this.text[this.at + 1] ?? '';
      if (char === '\\' && this.at + 1 < end && '$`"\\\n'.includes(next)) {
        if (next !== '\n') parts.text(next, true);
        this.at += 2;
      } else if (char === '$' || char === '`') this.dollar(parts, true);
      else parts.text(this.take(), true);
    }
  }

  private dollar(parts: Parts, quoted: boolean): void {
    const next = this.text[this.at + 1] ?? '';
    if (this.text[this.at] === '`') this.backtick(parts, quoted);
    else if (next === '(') this.substitution(parts, 2, quoted, false);
    else if (next === "'" && !quoted) this.ansiQuoted(parts);
    else if (next === '{') this.braced(parts, quoted);
    else {
      IDENTIFIER.lastIndex = this.at + 1;
      const name = IDENTIFIER.exec(this.text)?.[0];
      if (name === undefined) parts.text(this.take(), quoted);
      else {
        parts.push({ kind: 'variable', name, quoted });
        this.at += 1 + name.length;
      }
    }
  }

  private backtick(parts: Parts, quoted: boolean): void {
    const close = this.text.indexOf('`', this.at + 1);
    if (close < 0) parts.text(this.take(), quoted);
    else {
      parts.push({ kind: 'command', script: this.text.slice(this.at + 1, close), quoted, file: false });
      this.at = close + 1;
    }
  }

  private substitution(parts: Parts, skip: number, quoted: boolean, file: boolean): void {
    const close = this.closing(')', this.at + skip);
    if (close < 0) {
      parts.text(this.take(), quoted);
      if (file) parts.text(this.take(), quoted);
      return;
    }
    const script = this.text.slice(this.at + skip, close);
    if (script.startsWith('(') && !file) parts.text(this.text.slice(this.at, close + 1), true);
    else parts.push({ kind: 'command', script, quoted, file });
    this.at = close + 1;
  }

  private ansiQuoted(parts: Parts): void {
    let close = this.at + 2;
    while (close < this.text.length && this.text[close] !== "'") close += this.text[close] === '\\' ? 2 : 1;
    if (close >= this.text.length) {
      parts.text(this.take(), false);
      return;
    }
    parts.text(unescapeAnsi(this.text.slice(this.at + 2, close)), true);
    this.at = close + 1;
  }

  private braced(parts: Parts, quoted: boolean): void {
    const close = this.text.indexOf('}', this.at + 2);
    IDENTIFIER.lastIndex = this.at + 2;
    const name = IDENTIFIER.exec(this.text)?.[0];
    if (close < 0 || name === undefined || this.at + 2 + name.length > close) {
      parts.text(this.take(), quoted);
      return;
    }
    const elements = this.text.startsWith('[@]', this.at + 2 + name.length);
    parts.push({ kind: 'variable', name, quoted: quoted && !elements });
    this.at = close + 1;
  }

  /** Where the double quote or parenthesis that is open at `from` closes; negative when it never does. */
  private closing(mark: '"' | ')', from: number): number {
    const open: ('"' | ')')[] = [mark];
    for (let at = from; at < this.text.length && this.search > 0; at++, this.search--) {
      const char = this.text[at] ?? '';
      const inside = open[open.length - 1];
      if (char === '\\') at++;
      else if (char === inside) {
        open.pop();
        if (open.length === 0) return at;
      } else if (char === '"') open.push('"');
      else if (char === '$' && this.text[at + 1] === '(') {
        open.push(')');
        at++;
      } else if (inside === ')' && char === '(') open.push(')');
      else if (inside === ')' && char === "'") {
        const close = this.text.indexOf("'", at + 1);
        if (close > 0) {
          this.search -= close - at;
          at = close;
        }
      }
    }
    return -1;
  }
}

const EMPTY_WORD: Word = { kind: 'word', parts: [] };

const REDIRECTS: Readonly<Record<string, Redirect['operator']>> = {
  '&>>': '>>',
  '&>': '>',
  '<<<': '<<<',
  '<<-': '<<',
  '<<': '<<',
  '<>': '<',
  '<&': '<',
  '<': '<',
  '>>': '>>',
  '>|': '>',
  '>&': '>&',
  '>': '>',
};
