import { quotedValue, Rewriter, readValue, skip } from './reading.ts';
import { type Keep, MASK } from './shapes.ts';

/** Farthest that a command's words are read for what it does with its standard input. */
const COMMAND_LENGTH = 200;
const STDIN_OPTION = /^(?:--stdin|--password-stdin|--with-token|--passphrase-fd(?:=0)?|stdin|fd:0)$/;

/** Whether a command reads a password from its standard input: `sudo -S`, `passwd --stdin`, `docker login --password-stdin`. */
function readsPassword(words: readonly string[]): boolean {
  const sudo = words.findIndex((word) => /(?:^|\/)sudo$/.test(word));
  if (sudo >= 0 && words.slice(sudo + 1).some((word) => /^-[A-Za-z]*S[A-Za-z]*$/.test(word))) return true;
  return words.some((word) => STDIN_OPTION.test(word) || /(?:^|\/)(?:su|kinit|vncpasswd)$/.test(word));
}

const commandWords = (text: string): readonly string[] => text.split(/[\s"'`\\]+/).filter((word) => word !== '');

/** Where the words end that are printed from `from` on, and their span; `pipe` is false where no pipe follows them. */
function printedWords(text: string, from: number): { start: number; end: number; at: number; pipe: boolean } {
  const bare = /[^\s"'`|;&\\]+/y;
  let at = from;
  let start = -1;
  let end = from;
  while (at < text.length) {
    while (at < text.length && /[^\S\r\n]/.test(text.charAt(at))) at++;
    const quoteAt = skip(text, at, '\\', 8);
    bare.lastIndex = at;
    const word = bare.exec(text)?.[0];
    if (word !== undefined) {
      at += word.length;
      if (start < 0 && /^-[neE]+$/.test(word)) continue;
      if (start < 0) start = at - word.length;
      end = at;
    } else if (/["'`]/.test(text.charAt(quoteAt))) {
      if (start < 0) start = at;
      at = quotedValue(text, quoteAt + 1, text.charAt(quoteAt), quoteAt - at).next;
      end = at;
    } else if (quoteAt > at && quoteAt < text.length) {
      at = quoteAt + 1;
      end = at;
    } else break;
  }
  return { start, end, at, pipe: text[at] === '|' && text[at + 1] !== '|' };
}

/** What is printed into a program that reads a password from its standard input, and a here-string given to one. */
export function maskPiped(text: string, keep: Keep): string {
  if (!text.includes('|') && !text.includes('<<<')) return text;
  const starts = /(?<![\w.-])(?:echo|printf)(?=\s)|<<</g;
  const out = new Rewriter(text);
  for (let found = starts.exec(text); found !== null; found = starts.exec(text)) {
    const from = starts.lastIndex;
    if (found[0] === '<<<') {
      const before = text.slice(Math.max(0, found.index - COMMAND_LENGTH), found.index).split(/[|;&\r\n]/);
      if (!readsPassword(commandWords(before.at(-1) ?? ''))) continue;
      const value = readValue(text, skip(text, from, ' \t\u2028'));
      const shown = text.slice(value.from, value.to);
      if (shown !== '' && !keep(shown)) out.replace(value.from, value.to, MASK);
      starts.lastIndex = Math.max(value.next, from);
      continue;
    }
    const printed = printedWords(text, from);
    if (!printed.pipe || printed.start < 0) continue;
    const command = text.slice(printed.at + 1, printed.at + 1 + COMMAND_LENGTH).split(/[|;&\r\n]/, 1)[0] ?? '';
    if (!readsPassword(commandWords(command))) continue;
    if (!keep(text.slice(printed.start, printed.end))) out.replace(printed.start, printed.end, MASK);
    starts.lastIndex = printed.at;
  }
  return out.toString();
}

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
