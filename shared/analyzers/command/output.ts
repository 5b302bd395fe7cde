import { sequence } from './braces.ts';
import { decodeBase64, decodeHex } from './encodings.ts';
import { unescapeAnsi } from './words.ts';

/** What a simple command prints: `decoded` when it came out of an encoding. Undefined where the text can't tell. */
export interface Output {
  readonly text: string;
  readonly decoded: boolean;
}

/** Longest text that is passed from command to command, in characters. */
const MAX_OUTPUT = 131_072;

/**
 * What `echo`, `printf`, `seq`, `cat`, `tee`, `command -v`, `which` and decoders print, given their words and what they are
 * fed. Everything else prints something unknown.
 */
export function outputOf(base: string, argv: readonly string[], input: Output | undefined): Output | undefined {
  const plain = (text: string): Output => ({ text: text.slice(0, MAX_OUTPUT), decoded: input?.decoded ?? false });
  const decoded = (text: string): Output => ({ text: text.slice(0, MAX_OUTPUT), decoded: true });
  switch (base) {
    case 'echo':
      return { text: echo(argv), decoded: argv.some((word) => word.includes('\\x')) };
    case 'printf':
      return { text: printf(argv), decoded: argv.some((word) => word.includes('\\x')) };
    case 'seq':
      return numbers(argv);
    case 'command':
    case 'which':
      return resolved(base, argv);
    case 'cat':
    case 'tee':
    case 'sponge':
      return input === undefined ? undefined : plain(input.text);
    case 'base64':
    case 'base32':
    case 'basenc':
      return input !== undefined && argv.some(isDecodeOption) ? decoded(decodeBase64(input.text)) : undefined;
    case 'openssl':
      return input !== undefined &&
        argv.some((word) => word === 'base64' || word === '-base64' || word === '-a') &&
        argv.includes('-d')
        ? decoded(decodeBase64(input.text))
        : undefined;
    case 'xxd':
      return input !== undefined && argv.some((word) => /^-[a-z]*r/.test(word))
        ? decoded(decodeHex(input.text))
        : undefined;
    case 'rev':
      return input === undefined ? undefined : decoded(input.text.split('\n').map(reversed).join('\n'));
    default:
      return undefined;
  }
}

const reversed = (line: string): string => [...line].reverse().join('');

/** A program's path, as `x=$(command -v NAME)` asks for it: the name stands for the unknown path. */
function resolved(base: string, argv: readonly string[]): Output | undefined {
  const at = argv.findIndex((word, index) => index > 0 && !word.startsWith('-'));
  const asks = base === 'which' || argv.slice(1, at).some((word) => /^-p?v$/.test(word));
  return at < 0 || !asks ? undefined : { text: `${argv[at]}\n`.slice(0, MAX_OUTPUT), decoded: false };
}

/** `seq LAST`, `seq FIRST LAST`, `seq FIRST STEP LAST` in whole numbers, as they stand in the heads of loops. */
function numbers(argv: readonly string[]): Output | undefined {
  const words = argv.slice(1).filter((word) => !/^-[a-z]/.test(word));
  if (words.length < 1 || words.length > 3 || !words.every((word) => /^-?\d{1,9}$/.test(word))) return undefined;
  const given = words.map(Number);
  const [first = 1, last = 1] = given.length === 1 ? [1, given[0]] : [given[0], given.at(-1)];
  const step = given.length === 3 ? given[1] : 1;
  return { text: `${sequence(first, last, step).join('\n')}\n`, decoded: false };
}

function isDecodeOption(word: string): boolean {
  return word === '--decode' || (word.startsWith('-') && !word.startsWith('--') && /[dD]/.test(word)) || word === '--d';
}

function echo(argv: readonly string[]): string {
  let at = 1;
  let escapes = false;
  let newline = true;
  while (/^-[neE]+$/.test(argv[at] ?? '')) {
    if (argv[at]?.includes('e') === true) escapes = true;
    if (argv[at]?.includes('n') === true) newline = false;
    at++;
  }
  const text = argv.slice(at).join(' ');
  const shown = escapes || text.includes('\\x') ? unescapeAnsi(text) : text;
  return (newline ? `${shown}\n` : shown).slice(0, MAX_OUTPUT);
}

/** `printf FORMAT ARGUMENTS` with the format used once for each round of arguments, as POSIX says. */
function printf(argv: readonly string[]): string {
  const at = argv[1] === '--' ? 2 : 1;
  const format = argv[at] ?? '';
  const values = argv.slice(at + 1);
  let used = 0;
  let text = '';
  do {
    const before = used;
    text += format.replace(
      /%(?:%|[-+ 0#]{0,3}\d{0,4}(?:\.\d{1,4})?([sbdiuxXc]))|\\(?:x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[\s\S])/g,
      (whole, kind) =>
        whole.startsWith('\\')
          ? unescapeAnsi(whole)
          : whole === '%%'
            ? '%'
            : kind === 'b'
              ? unescapeAnsi(values[used++] ?? '')
              : (values[used++] ?? ''),
    );
    if (used === before) break;
  } while (used < values.length && text.length < MAX_OUTPUT);
  return text.slice(0, MAX_OUTPUT);
}
