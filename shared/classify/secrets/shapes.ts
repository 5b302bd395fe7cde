import { isUtf8 } from 'node:buffer';

export type Keep = (token: string) => boolean;
export const MASK = '[redacted]';

/** Tokens that their own prefix gives away: AWS, GitHub, GitLab, Slack, Google, Stripe, npm, and webhooks whose path is the secret. */
const SHAPES: readonly RegExp[] = [
  /(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16,}/g,
  /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?/g,
  /(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{20,}/g,
  /(?<![A-Za-z0-9])github_pat_\w{20,}/g,
  /(?<![A-Za-z0-9])glpat-[\w-]{16,}/g,
  /(?<![A-Za-z0-9])xox[abeprs]-[A-Za-z0-9-]{10,}/g,
  /(?<![A-Za-z0-9])AIza[\w-]{30,}/g,
  /(?<![A-Za-z0-9])[sr]k_(?:live|test)_[A-Za-z0-9]{16,}/g,
  /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{30,}/g,
  /(?<=hooks\.slack\.com\/services\/)[A-Za-z0-9/]+/g,
  /(?<=api\.telegram\.org\/bot)\d+:[\w-]+/g,
  /(?<=discord(?:app)?\.com\/api\/webhooks\/)[\w/-]+/g,
];
const ACCESS_KEY_ID = /(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}/;
const LONG_RUN = /(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40,}/g;

const SECRET_KEY = /(?<![\w/+.~-])[A-Za-z0-9/+]{40}(?![\w/+=.~-])/g;
const SLASHES_OF_A_PATH = 4;
/** Folders at the root have fewer. */
const CAPITALS_OF_NO_FOLDER = 3;

/** Whether 40 characters look drawn by chance, as an AWS secret access key: no digest, no path, no words. */
function isSecretKey(run: string): boolean {
  const count = (sort: RegExp): number => run.match(sort)?.length ?? 0;
  const folder = /^\/([^/]*)/.exec(run)?.[1];
  if (folder !== undefined && (folder.match(/[A-Z]/g)?.length ?? 0) < CAPITALS_OF_NO_FOLDER) return false;
  if (!/[\d/+]/.test(run) || run.split('/').length > SLASHES_OF_A_PATH) return false;
  return count(/[A-Z]/g) >= 5 && count(/[a-z]/g) >= 5 && !/^[0-9a-fA-F]+$/.test(run);
}

/** Masks AWS secret access keys that stand alone; what decodes to text is to be masked before, for it may go on in the next line. */
export function maskSecretKeys(text: string, keep: Keep): string {
  return text.replace(SECRET_KEY, (run) => (isSecretKey(run) && !keep(run) ? MASK : run));
}

/** Whether a text holds an AWS access key id, which other passes may mask before its secret is looked for. */
export const holdsAccessKeyId = (text: string): boolean => ACCESS_KEY_ID.test(text);

/** Masks what looks like a token by itself, and long runs beside an AWS access key id (a secret access key has 40 characters). */
export function maskShapes(text: string, keep: Keep, besideId: boolean): string {
  let out = text;
  if (besideId) {
    out = out.replace(LONG_RUN, (run) =>
      keep(run) || (run.length !== 40 && !(/[A-Z]/.test(run) && /\d/.test(run))) ? run : MASK,
    );
  }
  for (const shape of SHAPES) out = out.replace(shape, (found) => (keep(found) ? found : MASK));
  return out;
}

/** Masks private keys in PEM armour, to the armour's end or, where that was cut off, to the end of the text. */
export function maskPrivateKeys(text: string): string {
  const begin = /-----BEGIN[A-Z0-9\s]{1,40}PRIVATE\sKEY(?:\sBLOCK)?-----/g;
  let out = '';
  let from = 0;
  for (let found = begin.exec(text); found !== null; found = begin.exec(text)) {
    const end = text.indexOf('-----END', begin.lastIndex);
    const close = end < 0 ? -1 : text.indexOf('-----', end + 8);
    out += text.slice(from, found.index) + MASK;
    from = close < 0 ? text.length : close + 5;
    begin.lastIndex = from;
  }
  return out + text.slice(from);
}

/** A stretch of decoded bytes that is text: a random run reaches this length once in some 100,000. */
const STRETCH = 12;

const isTextByte = (byte: number): boolean =>
  (byte >= 0x20 && byte < 0x7f) || byte === 0 || byte === 9 || byte === 10 || byte === 13;

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
const HEX_RUN = /(?<![0-9A-Za-z])(?:0x)?[0-9a-fA-F]{32,}(?![0-9A-Za-z])/g;

function isHexText(run: string): boolean {
  const digits = run.startsWith('0x') ? run.slice(2) : run;
  return digits.length % 2 === 0 && Buffer.from(digits, 'hex').every(isTextByte);
}

/** Replaces base64 of 24 characters or more that decodes to text, with the lines that continue it, and hexadecimal text. */
export function maskEncoded(text: string, keep: Keep): string {
  let out = '';
  let from = 0;
  BASE64_RUN.lastIndex = 0;
  for (let found = BASE64_RUN.exec(text); found !== null; found = BASE64_RUN.exec(text)) {
    const run = found[0];
    if (keep(run) || isHexDigits(run) || !isEncodedText(run)) continue;
    let end = BASE64_RUN.lastIndex;
    NEXT_LINE.lastIndex = end;
    while (NEXT_LINE.test(text)) end = NEXT_LINE.lastIndex;
    out += `${text.slice(from, found.index)}[base64, ${end - found.index} characters]`;
    from = end;
    BASE64_RUN.lastIndex = end;
  }
  out += text.slice(from);
  return out.replace(HEX_RUN, (run) => (keep(run) || !isHexText(run) ? run : `[hex, ${run.length} characters]`));
}

const isHexDigits = (run: string): boolean => /^(?:0x)?[0-9a-fA-F]+$/.test(run);
