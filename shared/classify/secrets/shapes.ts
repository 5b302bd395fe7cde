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
