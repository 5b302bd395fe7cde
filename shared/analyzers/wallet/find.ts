import { CASHADDR } from './coins.ts';
import { verifyWallet, type Wallet } from './wallet.ts';

/** An address in a text, with what pools read behind it. */
export interface FoundWallet extends Wallet {
  /** The name behind the address: `ADDRESS.worker`, `ADDRESS/worker`. */
  readonly worker?: string;
  /** Where the address begins in the text. */
  readonly at: number;
}

/**
 * Literals of four characters or more, one of which stands in every lower-case address whose form has a prefix. Other
 * verified addresses hold twenty characters in a row with a capital among them, but for Zcash's lower-case forms.
 */
export const WALLET_NEEDLES: readonly string[] = [
  ...[...CASHADDR.keys(), 'cfx', 'xel'].map((prefix) => `${prefix}:`),
  ...['bc1q', 'bc1p', 'ltc1', 'ltcmweb1', 'vtc1', 'sys1', 'grs1', 'dgb1', 'btg1', 'zil1', 'dero1', 'deroi1'],
];

/** Candidates that are looked at in one text. */
const MAX_CANDIDATES = 1024;
/** Shortest address (a base58check one with leading zeroes) and the longest. */
const CANDIDATE = /[A-Za-z0-9]{25,400}/g;
const PREFIX = /(?:^|[^A-Za-z0-9])([a-z]{3,12}|[A-Z]{3,12}):(?:type\.[a-z]{1,16}:|TYPE\.[A-Z]{1,16}:)?$/;
const WORKER = /[./]([A-Za-z0-9_-]{1,64})/y;

/**
 * The coin addresses in a text. Around an address may stand what miners and pools put there: `COIN:` before it;
 * `.worker`, `+difficulty`, `/email`, `:pass`, `~algo`, `#referral`, `@difficulty` behind it. Linear; at most 1,024
 * candidates are tried.
 */
export function findWallets(text: string): readonly FoundWallet[] {
  const found: FoundWallet[] = [];
  let tried = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    if (tried++ >= MAX_CANDIDATES) break;
    const [run] = match;
    if (/[A-Za-z0-9]/.test(text[match.index - 1] ?? '') || /[A-Za-z0-9]/.test(text[match.index + run.length] ?? ''))
      continue;
    const before = text.slice(Math.max(0, match.index - 32), match.index);
    const prefix = coinPrefix(before);
    const wallet = (prefix === '' ? undefined : verifyWallet(prefix + run)) ?? verifyWallet(run);
    if (wallet === undefined) continue;
    WORKER.lastIndex = match.index + run.length;
    const worker = WORKER.exec(text)?.[1];
    found.push({ ...wallet, at: match.index, ...(worker === undefined ? {} : { worker }) });
  }
  return found;
}

/** `kaspa:`, `cfx:TYPE.USER:` and the like, which belong to the address; `XMR:` and `solo:` do not. */
function coinPrefix(before: string): string {
  const match = PREFIX.exec(before);
  if (match === null) return '';
  const [whole, name = ''] = match;
  const coin = name.toLowerCase();
  if (!CASHADDR.has(coin) && coin !== 'cfx' && coin !== 'xel') return '';
  return whole.slice(whole.indexOf(name));
}
