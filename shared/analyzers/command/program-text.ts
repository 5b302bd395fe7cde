import { baseName } from './names.ts';

/** What an interpreter's words say. */
export interface InterpreterWords {
  /** The script and its arguments. */
  readonly operands: readonly string[];
  /** Program texts given as options. */
  readonly texts: readonly string[];
}

/** What a program text starts. */
export interface ProgramCalls {
  /** Shell strings that it hands to a shell. */
  readonly scripts: readonly string[];
  /** Word lists that it executes. */
  readonly argvs: readonly (readonly string[])[];
}

const MAX_CALLS = 64;
const MAX_LITERALS = 128;

const CALL =
  /\b(?:system|popen|Popen|run|call|check_call|check_output|getoutput|exec|exec[lv]p?e?|execSync|execFile|spawn|spawnSync|shell_exec|passthru|proc_open)\s{0,4}\(?\s{0,4}(?=["'[]|qq?[/{|!~<"']|qq[([])/g;
const TICKS = /`([^`]{1,8192})`/g;

/** Options that take program text, and options with another value, of each kind of interpreter. */
const OPTIONS: readonly (readonly [RegExp, readonly string[], readonly string[]])[] = [
  [/^python/, ['c'], ['W', 'X', 'Q']],
  [/^perl/, ['e', 'E'], ['I']],
  [/^ruby/, ['e'], ['I', 'r', 'C']],
  [/^(?:node|nodejs|bun|deno)/, ['e', 'p', 'eval', 'print'], ['r', 'require', 'import', 'loader']],
  [/^php/, ['r', 'B', 'R', 'E'], ['c', 'd', 'z']],
  [/^lua/, ['e'], ['l']],
  [/^java/, [], ['cp', 'classpath', '-class-path', 'p', '-module-path', '-add-opens', '-add-exports', '-add-modules']],
  [/^(?:pwsh|tclsh|expect)/, ['c', 'Command', 'command'], ['ExecutionPolicy', 'File']],
];

const OTHER: (typeof OPTIONS)[number] = [/^/, ['c', 'e'], []];

/**
 * Reads an interpreter's own words; `argv[0]` is the interpreter.
 * @param joined the words were split from one string, so that a program text without blanks of its own goes on to the end
 */
export function interpreterWords(argv: readonly string[], joined = false): InterpreterWords {
  const base = baseName(argv[0] ?? '').toLowerCase();
  const [, texts, valued] = OPTIONS.find(([names]) => names.test(base)) ?? OTHER;
  const found: string[] = [];
  let at = 1;
  for (; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (!word.startsWith('-') || word === '-') break;
    const name = word.replace(/^--?/, '');
    if (name === 'jar' || name === 'm' || name === 'File') {
      at++;
      break;
    }
    const cluster = /^[A-Za-z]{1,6}$/.test(name) ? name.slice(-1) : name;
    if (texts.includes(name) || texts.includes(cluster)) {
      const text = argv[++at] ?? '';
      if (joined && !/\s/.test(text)) return { operands: [], texts: [...found, argv.slice(at).join(' ')] };
      found.push(text);
    } else if (valued.includes(name)) at++;
  }
  return { operands: found.length > 0 ? [] : argv.slice(at).filter((word) => word !== '-'), texts: found };
}

/** The shell strings and word lists in the calls of a program text that start others. Bounded in number. */
export function callsOf(text: string): ProgramCalls {
  const scripts: string[] = [];
  const argvs: (readonly string[])[] = [];
  let count = 0;
  for (const match of text.matchAll(CALL)) {
    if (count++ >= MAX_CALLS) return { scripts, argvs };
    const literals = literalsAt(text, match.index + match[0].length);
    const [first = ''] = literals;
    if (literals.length > 1 && !/\s/.test(first)) argvs.push(literals);
    else if (first !== '') scripts.push(first);
  }
  for (const [, inside = ''] of text.matchAll(TICKS)) {
    if (count++ >= MAX_CALLS) break;
    scripts.push(inside);
  }
  return { scripts, argvs };
}

/** Brackets that close another character than they open with, in Perl's and Ruby's quoting. */
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' };
/** `q(` and `q[` are left out: they are also a call and an index of other languages. */
const QUOTE = /["']|qq?(?=[/{|!~<"'])|qq(?=[([])/y;

/** String literals from `from` on, separated by commas, in brackets or not. */
function literalsAt(text: string, from: number): readonly string[] {
  const found: string[] = [];
  let at = text[from] === '[' ? from + 1 : from;
  while (found.length < MAX_LITERALS) {
    while (/[\s,]/.test(text[at] ?? '')) at++;
    QUOTE.lastIndex = at;
    const quote = QUOTE.exec(text)?.[0];
    if (quote === undefined) break;
    const start = quote.startsWith('q') ? at + quote.length : at;
    const open = text[start] ?? '';
    const close = CLOSING[open] ?? open;
    let end = start + 1;
    while (end < text.length && text[end] !== close) end += text[end] === '\\' ? 2 : 1;
    if (end >= text.length) break;
    found.push(text.slice(start + 1, end).replace(/\\(["'\\])/g, '$1'));
    at = end + 1;
  }
  return found;
}
