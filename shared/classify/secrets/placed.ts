import { Rewriter, readValue } from './reading.ts';
import { type Keep, MASK } from './shapes.ts';

/** `htpasswd -b file user password` and `htpasswd -nb user password`. */
export function maskHtpasswd(text: string): string {
  const start = /(?<![\w.-])htpasswd(?=\s)/g;
  const word = /[^\S\r\n]+([^\s|;&<>]+)/y;
  const out = new Rewriter(text);
  for (let found = start.exec(text); found !== null; found = start.exec(text)) {
    let options = '';
    let operands = 0;
    word.lastIndex = start.lastIndex;
    for (let next = word.exec(text); next !== null; next = word.exec(text)) {
      const shown = next[1] ?? '';
      start.lastIndex = word.lastIndex;
      if (shown.startsWith('-')) options += shown;
      else if (!/C$/.test(options) || !/^\d+$/.test(shown)) operands++;
      if (operands < (options.includes('n') ? 2 : 3)) continue;
      if (options.includes('b')) {
        const value = readValue(text, word.lastIndex - shown.length);
        out.replace(value.from, value.to, MASK);
        start.lastIndex = Math.max(value.next, word.lastIndex);
      }
      break;
    }
  }
  return out.toString();
}

/** The password of a `.netrc` entry. */
export function maskNetrc(text: string): string {
  return text.replace(
    /(?<=(?<![\w.-])(?:login|machine|account)\s{1,8}[^\s"'`]{1,256}(?:\s|\\n){1,8}password\s{1,8})[^\s"'`\\]+/g,
    MASK,
  );
}

/** The password of an account that Windows makes or changes: `net user NAME PASSWORD /add`. */
export function maskNetUser(text: string): string {
  return text.replace(
    /(?<![\w.-])(net1?(?:\.exe)?\s{1,8}user\s{1,8}[^\s"'`/]{1,64}\s{1,8})(?![/*|;&<>])[^\s"'`]{1,256}/gi,
    `$1${MASK}`,
  );
}

const WALLET_RUN = /(?<![A-Za-z0-9])[A-Za-z0-9]{25,256}(?![A-Za-z0-9])/g;

/** The password behind a wallet and its worker, wherever they stand: `WALLET.worker:password`. */
export function maskAfterWallet(text: string, keep: Keep): string {
  const tail = /(?:[.+/#@][\w.-]{1,64})?:(?!\/\/)([^\s"'`\\]+)/y;
  const out = new Rewriter(text);
  WALLET_RUN.lastIndex = 0;
  for (let found = WALLET_RUN.exec(text); found !== null; found = WALLET_RUN.exec(text)) {
    const end = WALLET_RUN.lastIndex;
    tail.lastIndex = end;
    const value = tail.exec(text)?.[1];
    if (value === undefined || keep(value)) continue;
    const coin = /[A-Za-z]{2,16}:$/.exec(text.slice(Math.max(0, found.index - 17), found.index))?.[0] ?? '';
    if (!keep(found[0]) && (coin === '' || !keep(coin + found[0]))) continue;
    out.replace(tail.lastIndex - value.length, tail.lastIndex, MASK);
    WALLET_RUN.lastIndex = tail.lastIndex;
  }
  return out.toString();
}
