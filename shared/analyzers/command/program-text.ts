import { baseName } from './names.ts';

/** What an interpreter's words run: the script named as an operand, and what program text given as an option starts. */
export interface InterpreterCalls {
  /** The script and its arguments. */
  readonly operands: readonly string[];
  /** Shell strings that the program text hands to a shell. */
  readonly scripts: readonly string[];
  /** Word lists that the program text executes. */
  readonly argvs: readonly (readonly string[])[];
}

const MAX_CALLS = 64;
const MAX_LITERALS = 128;

const CALL =
  /\b(?:system|popen|Popen|run|call|check_call|check_output|getoutput|exec|exec[lv]p?e?|execSync|execFile|spawn|spawnSync|shell_exec|passthru|proc_open)\s{0,4}\(?\s{0,4}(?=["'[])/g;
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

/** Reads an interpreter's own words; `argv[0]` is the interpreter. */
export function interpreterCalls(argv: readonly string[]): InterpreterCalls {
  const base = baseName(argv[0] ?? '').toLowerCase();
  const [, texts, valued] = OPTIONS.find(([names]) => names.test(base)) ?? OTHER;
  const scripts: string[] = [];
  const argvs: (readonly string[])[] = [];
  let at = 1;
  let hasText = false;
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
      hasText = true;
      readText(argv[++at] ?? '', scripts, argvs);
    } else if (valued.includes(name)) at++;
  }
  return { operands: hasText ? [] : argv.slice(at).filter((word) => word !== '-'), scripts, argvs };
}

function readText(text: string, scripts: string[], argvs: (readonly string[])[]): void {
  let count = 0;
  for (const match of text.matchAll(CALL)) {
    if (count++ >= MAX_CALLS) return;
    const literals = literalsAt(text, match.index + match[0].length);
    const [first = ''] = literals;
    if (literals.length > 1 && !/\s/.test(first)) argvs.push(literals);
    else if (first !== '') scripts.push(first);
  }
  for (const [, inside = ''] of text.matchAll(TICKS)) {
    if (count++ >= MAX_CALLS) return;
    scripts.push(inside);
  }
}

/** String literals from `from` on, separated by commas, in brackets or not. */
function literalsAt(text: string, from: number): readonly string[] {
  const found: string[] = [];
  let at = text[from] === '[' ? from + 1 : from;
  while (found.length < MAX_LITERALS) {
    while (/[\s,]/.test(text[at] ?? '')) at++;
    const quote = text[at];
    if (quote !== '"' && quote !== "'") break;
    let end = at + 1;
    while (end < text.length && text[end] !== quote) end += text[end] === '\\' ? 2 : 1;
    if (end >= text.length) break;
    found.push(text.slice(at + 1, end).replace(/\\(["'\\])/g, '$1'));
    at = end + 1;
  }
  return found;
}
