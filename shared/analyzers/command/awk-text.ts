/** A command that an awk program starts, and what the program prints into it where that is a string of its own. */
export interface AwkCommand {
  readonly script: string;
  readonly input?: string;
}

const MAX_COMMANDS = 64;
const MAX_STRING = 65_536;
/** The value options of gawk(1) and mawk(1); `-e` and `--source` hold program text. */
const VALUED = /^(?:-[vFfiElbdopDL]|--(?:assign|field-separator|file|include|exec|load))$/;
const SOURCE = /^(?:-e|--source)$/;

/**
 * The program text of awk's words: of `-e`, else the first operand; none where a file holds it.
 * @param joined the words were split from one string, so that the text goes on to the end
 */
export function awkText(argv: readonly string[], joined = false): string {
  const texts: string[] = [];
  let fromFile = false;
  for (let at = 1; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (SOURCE.test(word)) texts.push(argv[++at] ?? '');
    else if (word.startsWith('--source=')) texts.push(word.slice('--source='.length));
    else if (VALUED.test(word)) {
      fromFile ||= word === '-f' || word === '--file' || word === '-E' || word === '--exec';
      at++;
    } else if (!word.startsWith('-') || word === '--') {
      if (texts.length > 0 || fromFile) break;
      const rest = argv.slice(word === '--' ? at + 1 : at);
      return joined ? rest.join(' ') : (rest[0] ?? '');
    } else fromFile ||= word.startsWith('-f') || word.startsWith('--file=');
  }
  return texts.join('\n');
}

type Token = { readonly kind: 'string' | 'mark' | 'word'; readonly text: string };

const STRING = /"(?:[^"\\\n]|\\[\s\S])*"/y;
const TOKEN = /\|\||\|&?|==|[A-Za-z_]\w*|\S/y;
const SPACE = /\s*/y;
const MAX_TOKENS = 16_384;

/**
 * The commands of an awk program (POSIX awk, "Output Statements" and "Input/Output and General Functions"):
 * `system("TEXT")`, `"TEXT" | getline`, `print … | "TEXT"`, the text also as a variable's value.
 */
export function awkCommands(text: string): readonly AwkCommand[] {
  const tokens = awkTokens(text);
  const found: AwkCommand[] = [];
  const variables = new Map<string, string>();
  const strings = (from: number): string => stringsFrom(tokens, from, variables);
  for (const [at, token] of tokens.entries()) {
    if (found.length >= MAX_COMMANDS) break;
    if (token.kind === 'word' && tokens[at + 1]?.text === '=') variables.set(token.text, strings(at + 2));
    if (token.kind === 'word' && token.text === 'system') {
      const script = strings(tokens[at + 1]?.text === '(' ? at + 2 : at + 1);
      if (script !== '') found.push({ script });
    } else if (token.kind === 'mark') {
      const before = tokens[at - 1]?.text === ')' ? strings(at - 2) : strings(at - 1);
      if (tokens[at + 1]?.text === 'getline') {
        if (before !== '') found.push({ script: before });
        continue;
      }
      const script = strings(tokens[at + 1]?.text === '(' ? at + 2 : at + 1);
      if (script !== '') found.push(before === '' ? { script } : { script, input: `${before}\n` });
    }
  }
  return found;
}

/** A string that never closes ends the program: awk refuses it. */
function awkTokens(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const taken = pattern.exec(text)?.[0];
    at += taken?.length ?? 0;
    return taken;
  };
  while (tokens.length < MAX_TOKENS) {
    take(SPACE);
    const isString = text[at] === '"';
    const token = take(isString ? STRING : TOKEN);
    if (token === undefined) break;
    if (isString) tokens.push({ kind: 'string', text: unescaped(token.slice(1, -1)) });
    else tokens.push({ kind: token === '|' || token === '|&' ? 'mark' : 'word', text: token });
  }
  return tokens;
}

/** Strings and known variables in a row are joined; what an unknown one puts between them ends the text. */
function stringsFrom(tokens: readonly Token[], from: number, variables: ReadonlyMap<string, string>): string {
  let text = '';
  for (let at = from; text.length < MAX_STRING; at++) {
    const token = tokens[at];
    const value =
      token?.kind === 'string' ? token.text : token?.kind === 'word' ? variables.get(token.text) : undefined;
    if (value === undefined) break;
    text += value;
  }
  return text.slice(0, MAX_STRING);
}

function unescaped(text: string): string {
  return text.replace(/\\([\s\S])/g, (_, char: string) => (char === 'n' ? '\n' : char === 't' ? '\t' : char));
}
