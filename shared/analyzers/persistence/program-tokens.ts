/** A word, a string literal or a mark of a program text. */
export interface Token {
  readonly kind: 'word' | 'string' | 'mark';
  readonly text: string;
}

/** One argument of a call. */
export interface Argument {
  /** Its literal pieces joined. */
  readonly text: string;
  /** The same where nothing else is part of it. */
  readonly whole?: string;
}

const MAX_TEXT = 65_536;
const MAX_TOKENS = 8192;
const MAX_ARGUMENTS = 32;
/** Tokens that one call may reach over, so that calls in calls cost no more than their number. */
const MAX_REACH = 512;
const TOKEN = /[A-Za-z_]\w{0,127}|["'`]|[^\s\w]|\n|\d{1,64}/g;

/** Words, string literals and marks of a program text of most languages. At most 8,192 of them; never throws. */
export function tokensOf(text: string): readonly Token[] {
  const bounded = text.slice(0, MAX_TEXT);
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  const pattern = new RegExp(TOKEN);
  for (let match = pattern.exec(bounded); match !== null && tokens.length < MAX_TOKENS; match = pattern.exec(bounded)) {
    const [piece] = match;
    const quote = quoteAt(bounded, match.index, piece);
    if (quote === undefined) {
      tokens.push({ kind: /^[A-Za-z_]/.test(piece) ? 'word' : 'mark', text: piece });
      continue;
    }
    const start = match.index + quote.opening;
    const end = closing(bounded, start, quote.close);
    tokens.push({ kind: 'string', text: unescaped(bounded.slice(start, end)) });
    pattern.lastIndex = Math.min(bounded.length, end + quote.close.length);
  }
  return tokens;
}

/** Quotes, Python's threefold ones, Perl's and Ruby's `q{…}` and `qq{…}`. */
function quoteAt(text: string, at: number, piece: string): { opening: number; close: string } | undefined {
  if (piece === '"' || piece === "'" || piece === '`') {
    const triple = piece.repeat(3);
    return text.startsWith(triple, at) ? { opening: 3, close: triple } : { opening: 1, close: piece };
  }
  if (piece !== 'q' && piece !== 'qq') return undefined;
  const close = ({ '{': '}', '|': '|', '/': '/', '(': ')', '[': ']' } as const)[text[at + piece.length] ?? ''];
  return close === undefined ? undefined : { opening: piece.length + 1, close };
}

function closing(text: string, from: number, close: string): number {
  let at = from;
  while (at < text.length && !text.startsWith(close, at)) at += text[at] === '\\' ? 2 : 1;
  return Math.min(at, text.length);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };

function unescaped(text: string): string {
  return text
    .replace(/\\x([0-9a-fA-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\(.)/gs, (_, mark: string) => ESCAPES[mark] ?? mark);
}

/**
 * The arguments of a call, in parentheses or, as Perl and Ruby allow, up to the end of the statement. A word stands for
 * the literal that was assigned to it; a name before `=` is no part of the argument.
 */
export function argumentsAt(
  tokens: readonly Token[],
  from: number,
  values: ReadonlyMap<string, string>,
): readonly Argument[] {
  const bracketed = tokens[from]?.text === '(' && tokens[from]?.kind === 'mark';
  const found: Argument[] = [];
  let pieces: Token[] = [];
  let depth = 0;
  const end = (): void => {
    if (pieces.length > 0 && found.length < MAX_ARGUMENTS) found.push(argument(pieces, values));
    pieces = [];
  };
  const last = Math.min(tokens.length, from + MAX_REACH);
  for (let at = bracketed ? from + 1 : from; at < last; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    const mark = token.kind === 'mark' ? token.text : '';
    if ('([{'.includes(mark) && mark !== '') depth += 1;
    else if (')]}'.includes(mark) && mark !== '') depth -= 1;
    if (depth < 0 || (depth === 0 && !bracketed && (mark === ';' || mark === '\n'))) break;
    if (mark === ',' && depth === 0) end();
    else if (mark !== '\n') pieces.push(token);
  }
  end();
  return found;
}

/** Marks that join literals, and sigils before a variable's name. */
const JOINING = new Set(['+', '.', '$']);

function argument(pieces: readonly Token[], values: ReadonlyMap<string, string>): Argument {
  const named = pieces[0]?.kind === 'word' && pieces[1]?.text === '=' ? pieces.slice(2) : pieces;
  let text = '';
  let whole = true;
  for (const piece of named) {
    const known = piece.kind === 'string' ? piece.text : piece.kind === 'word' ? values.get(piece.text) : undefined;
    if (known !== undefined) text += known;
    else if (!(piece.kind === 'mark' && JOINING.has(piece.text)) && !/^[bru]$/.test(piece.text)) whole = false;
  }
  return whole ? { text, whole: text } : { text };
}
