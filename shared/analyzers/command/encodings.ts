import { unescapeAnsi } from './words.ts';

/** Longest encoded run that is decoded, in characters, and the number of runs of one text that are tried. */
const MAX_RUN = 65_536;
const MAX_RUNS = 64;
const MIN_BASE64 = 20;
const MIN_HEX = 24;

/**
 * Literals of four characters or more, of which every text holds one that `decodedTexts` and the shell's decoders read
 * without a base64 run: hexadecimal needs a decoder's name beside it, escapes are their own literals.
 */
export const ENCODING_NEEDLES: readonly string[] = [
  ...[
    'xxd -',
    'xxd,',
    '"xxd"',
    'hexlify',
    'fromhex',
    'from_hex',
    'hex2bin',
    "'hex'",
    '"hex"',
    'rev |',
    'rev|',
    '{rev}',
  ],
  // The template of Perl's and Ruby's `pack`, in any quotes.
  ...['"h*"', "'h*'", 'h*\\"', '/h*/', '(h*)', '{h*}', '[h*]', '|h*|', '!h*!'],
  ...Array.from({ length: 95 }, (_, index) => `\\x${(index + 32).toString(16)}`),
];
const HEX_DECODER = /xxd[ ,"]|hexlify|fromhex|from_hex|hex2bin|["']hex["']|["'/({[|!]H\*/i;

const BASE64_RUN = /[A-Za-z0-9+/_-]{20,}={0,2}/g;
const HEX_RUN = /(?:[0-9a-fA-F]{2}){12,}/g;
const ESCAPED_RUN = /(?:\\x[0-9a-fA-F]{2}|\\[0-7]{3}){4,}/g;

/** Decodes standard or URL base64; white space and everything after the padding is ignored. */
export function decodeBase64(text: string): string {
  return Buffer.from(text.slice(0, MAX_RUN), 'base64').toString('latin1');
}

/** Decodes pairs of hexadecimal digits; other characters are dropped first, as `xxd -r -p` does. */
export function decodeHex(text: string): string {
  return Buffer.from(text.slice(0, MAX_RUN).replace(/[^0-9a-fA-F]/g, ''), 'hex').toString('latin1');
}

/**
 * The readable texts hidden in base64 runs (at each alignment, so that letters glued to the front don't hide one; also
 * UTF-16, as PowerShell's `-EncodedCommand` takes it), hexadecimal runs beside a decoder's name, and `\x` escapes of a text. Decoded once, not
 * recursively; bounded in number and length.
 */
export function decodedTexts(text: string): readonly string[] {
  const found: string[] = [];
  const add = (decoded: string | undefined): void => {
    if (decoded !== undefined && !found.includes(decoded)) found.push(decoded);
  };
  for (const [run] of bounded(text, BASE64_RUN)) {
    if (run.length < MIN_BASE64 || isPlainWord(run)) continue;
    for (let offset = 0; offset < 4; offset++) add(readable(decodeBase64(run.slice(offset))));
  }
  for (const [run] of HEX_DECODER.test(text) ? bounded(text, HEX_RUN) : [])
    if (run.length >= MIN_HEX) add(readable(decodeHex(run)));
  for (const [run] of bounded(text, ESCAPED_RUN)) add(readable(unescapeAnsi(run.slice(0, MAX_RUN))));
  return found;
}

function* bounded(text: string, pattern: RegExp): Generator<RegExpMatchArray> {
  let count = 0;
  for (const match of text.matchAll(pattern)) {
    if (count++ >= MAX_RUNS) return;
    yield match;
  }
}

/** Paths and option words are runs of base64's alphabet too: text in one case, or with many separators. */
function isPlainWord(run: string): boolean {
  return !/[A-Z]/.test(run) || !/[a-z0-9]/.test(run);
}

/** The text, when nine of ten characters are printable ASCII or white space; UTF-16 is unfolded first. */
function readable(decoded: string): string | undefined {
  if (decoded.length < 8) return undefined;
  const wide = decoded.length >= 16 && decoded[1] === '\0' && decoded[3] === '\0' && decoded[5] === '\0';
  const text = wide ? decoded.replaceAll('\0', '') : decoded;
  let printable = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if ((code >= 32 && code < 127) || code === 9 || code === 10 || code === 13) printable++;
  }
  return printable * 10 >= text.length * 9 ? text.replace(/[^\t\n\r -~]/g, ' ') : undefined;
}
