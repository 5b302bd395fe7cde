import { isUtf8 } from 'node:buffer';
import type { Keep } from './shapes.ts';

/** What stands for an encoded run, in the words of `maskEncoded`. */
export const ENCODED_MARK = /\[(?:base64|hex|escapes), \d{1,10} characters\]/;

const mark = (sort: 'base64' | 'hex' | 'escapes', length: number): string => `[${sort}, ${length} characters]`;

/** A stretch of decoded bytes that is text: a random run reaches this length once in some 100,000. */
const STRETCH = 12;

const isTextByte = (byte: number): boolean =>
  (byte >= 0x20 && byte < 0x7f) || byte === 0 || byte === 9 || byte === 10 || byte === 13;

const isText = (bytes: Buffer): boolean =>
  bytes.every((byte) => isTextByte(byte) || byte >= 0x80) && (bytes.every(isTextByte) || isUtf8(bytes));

function holdsText(bytes: Buffer): boolean {
  let stretch = 0;
  for (const byte of bytes) {
    stretch = isTextByte(byte) ? stretch + 1 : 0;
    if (stretch >= STRETCH) return true;
  }
  return bytes.length >= STRETCH && isUtf8(bytes) && !bytes.some((byte) => byte < 0x20 && !isTextByte(byte));
}

/** Whether a run decodes to text at any of the four alignments: what stands before it may be of the alphabet too. */
function isEncodedText(run: string): boolean {
  for (let skip = 0; skip < 4; skip++) if (holdsText(Buffer.from(run.slice(skip), 'base64'))) return true;
  return false;
}

const BASE64_RUN = /[A-Za-z0-9+/_-]{24,}={0,2}/g;
const NEXT_LINE = /(?:\r?\n|\\n)[A-Za-z0-9+/_-]+={0,2}/y;

const isHexDigits = (run: string): boolean => /^(?:0x)?[0-9a-fA-F]+$/.test(run);

/** Base64 of 24 characters or more that decodes to text, with the lines that continue it. */
function maskBase64(text: string, keep: Keep): string {
  let out = '';
  let from = 0;
  BASE64_RUN.lastIndex = 0;
  for (let found = BASE64_RUN.exec(text); found !== null; found = BASE64_RUN.exec(text)) {
    const run = found[0];
    if (keep(run) || isHexDigits(run) || !isEncodedText(run)) continue;
    let end = BASE64_RUN.lastIndex;
    NEXT_LINE.lastIndex = end;
    while (NEXT_LINE.test(text)) end = NEXT_LINE.lastIndex;
    out += text.slice(from, found.index) + mark('base64', end - found.index);
    from = end;
    BASE64_RUN.lastIndex = end;
  }
  return out + text.slice(from);
}

/** A dump's lines are joined: xxd breaks plain hexadecimal after 60 digits. */
const HEX_RUN = /(?<![0-9A-Za-z])(?:0x)?[0-9a-fA-F]{32,}(?:(?:\r?\n|\\n)[0-9a-fA-F]{2,})*(?![0-9A-Za-z])/g;
/** Bytes one by one, as od and xxd print them and as arrays hold them. */
const HEX_BYTES = /(?<![0-9A-Za-z])(?:0x)?[0-9a-fA-F]{2}(?:[ ,:\u2028]{1,2}(?:0x)?[0-9a-fA-F]{2}){11,}(?![0-9A-Za-z])/g;

/** Whether digits are the bytes of a text: of a run that was cut, the half of a byte at its end or begin is left over. */
function isHexText(run: string): boolean {
  const digits = run.replace(/^0x|[\r\n]|\\n|[ ,:\u2028]+(?:0x)?/g, '');
  const half = digits.length % 2;
  return isText(Buffer.from(digits.slice(0, digits.length - half), 'hex')) || isText(shifted(digits));
}

const shifted = (digits: string): Buffer =>
  Buffer.from(digits.slice(1, digits.length - ((digits.length + 1) % 2)), 'hex');

const maskHex = (text: string, pattern: RegExp, keep: Keep): string =>
  text.replace(pattern, (run) => (keep(run) || !isHexText(run) ? run : mark('hex', run.length)));

/** One escape of `printf`, `echo -e` and `$'…'` (bash(1), QUOTING): a character in hexadecimal or octal. */
const ESCAPE = /\\{1,8}(?:x[0-9a-f]{1,2}|u[0-9a-f]{8}|u[0-9a-f]{4}|0?[0-7]{2,3})/gi;
const PERCENT = /%(?:25)?[0-9a-f]{2}/gi;
const PLAIN = String.raw`[^\s"'\`\\|;&]`;
/** Escapes one behind the other, with few plain characters between them and the rest of the word behind them. */
const ESCAPES = new RegExp(`(?:(?:${ESCAPE.source})${PLAIN}{0,3}){6,}${PLAIN}*`, 'gi');
/** In a URL single characters need their escapes; so many in a row hide something. */
const PERCENTS = new RegExp(`(?:${PERCENT.source}){8,}`, 'gi');

function escapedCode(one: string): number {
  const digits = one.replace(/^\\+|^%(?:25(?=..))?/, '');
  if (one.startsWith('%')) return Number.parseInt(digits, 16);
  return /^[xu]/i.test(digits) ? Number.parseInt(digits.slice(1), 16) : Number.parseInt(digits, 8);
}

/** Whether most escapes stand for what could be written plainly: colours and other languages need theirs. */
function hidesText(run: string, one: RegExp): boolean {
  const escapes = run.match(one) ?? [];
  const plain = escapes.map(escapedCode).filter((code) => code >= 0x20 && code < 0x7f);
  return plain.length * 4 >= escapes.length * 3;
}

const maskEscapes = (text: string, runs: RegExp, one: RegExp, keep: Keep): string =>
  text.replace(runs, (run) => (keep(run) || !hidesText(run, one) ? run : mark('escapes', run.length)));

/** Replaces base64, hexadecimal and runs of escapes that decode to text by their sort and length. */
export function maskEncoded(text: string, keep: Keep): string {
  let out = maskBase64(text, keep);
  out = maskHex(maskHex(out, HEX_RUN, keep), HEX_BYTES, keep);
  return maskEscapes(maskEscapes(out, ESCAPES, ESCAPE, keep), PERCENTS, PERCENT, keep);
}
