import { attachedFrom, type Command, commandOf, isSlashOption, NO_COMMAND, optionSort } from './names.ts';
import { bareEnd, isSpace, QUOTES, Rewriter, readValue, skip } from './reading.ts';
import { type Keep, MASK } from './shapes.ts';

/** A pool or server in place of a password: lolMiner's `-p host:port`, a URL. */
export const ENDPOINT = /^(?:[A-Za-z0-9_-]{1,63}\.){1,10}[A-Za-z0-9-]{1,63}:\d{1,5}$/;
export const URL = /^[A-Za-z][A-Za-z0-9+.-]{0,30}:\/\//;
export const NO_VALUE = /^(?:-[A-Za-z]{1,2}|--[A-Za-z].*|[<>|&;]+.?|\d?>.*)$/s;

/** What stays of the value of an option that takes a password. */
export function maskPasswordOf(option: string, value: string, keep: Keep): string {
  const endpoint = /^-p\d?$/.test(option) && ENDPOINT.test(value);
  return value === '' || endpoint || URL.test(value) || keep(value) ? value : MASK;
}

/** `user:password` to `user:[redacted]`; a coin's prefix before a kept wallet (`XMR:4…`, `kaspa:q…`) is no user. */
export function maskAfterUser(value: string, keep: Keep): string {
  const colon = /:|%(?:25)?3a/i.exec(value);
  if (colon === null) return value;
  const rest = value.slice(colon.index + colon[0].length);
  if (rest === '' || (colon[0] === ':' && rest.startsWith('//')) || keep(value) || keep(rest)) return value;
  const head = rest.split(/[.+/#@:;,]/, 1)[0] ?? '';
  if (head !== '' && (keep(head) || keep(`${value.slice(0, colon.index)}:${head}`))) {
    const later = rest.indexOf(':', head.length);
    return later < 0 ? value : `${value.slice(0, value.length - rest.length + later + 1)}${MASK}`;
  }
  return `${value.slice(0, value.length - rest.length)}${MASK}`;
}

export function maskUserOption(option: string, value: string, keep: Keep): string {
  const percent = option === '-U' && !/%3a/i.test(value) ? value.indexOf('%') : -1;
  return percent > 0 ? `${value.slice(0, percent + 1)}${MASK}` : maskAfterUser(value, keep);
}

const LOOK_BACK = 200;

/** The simple command in which an option at `at` stands, as far as that can be told. */
function commandAt(text: string, at: number): Command {
  const from = Math.max(0, at - LOOK_BACK);
  const before = text.slice(from, at);
  const border = Math.max(...[...';|&\n("\'`'].map((char) => before.lastIndexOf(char)));
  const command = commandOf(before.slice(border + 1).split(/\s+/));
  return border < 0 && from > 0 ? { program: '', names: command.names } : command;
}

/** Options in a text: `-p x`, `-px`, `--token x`, `-u user:x`, `"-p", "x"`. */
export function maskOptions(text: string, keep: Keep): string {
  const words = /(?<![A-Za-z0-9_.-])(?:-[A-Za-z-]|\/[A-Za-z]{1,2}(?=\s)|[a-z]{3})[^\s"'`]*/g;
  const out = new Rewriter(text);
  for (let found = words.exec(text); found !== null; found = words.exec(text)) {
    const word = found[0].replace(/[\\,]+$/, '');
    const command = /^(?:-[^-]|\/)/.test(word) ? commandAt(text, found.index) : NO_COMMAND;
    const sort = optionSort(word, command);
    if (sort === 'none') {
      const equals = /^--[\w-]{1,32}=/.exec(word)?.[0].length ?? 0;
      if (equals > 0) words.lastIndex = maskUserAfter(out, text, found.index, equals, keep) ?? words.lastIndex;
      continue;
    }
    const letter = attachedFrom(word, command);
    const start = found.index + letter;
    const end = found.index + word.length;
    if (sort === 'attached' || sort === 'attached-user') {
      const to = bareEnd(text, start, false);
      const value = text.slice(start, to);
      const option = `-${word.charAt(letter - 1)}`;
      const shown = sort === 'attached' ? maskPasswordOf(option, value, keep) : maskUserOption(option, value, keep);
      if (shown !== value) out.replace(start, to, shown);
      words.lastIndex = Math.max(to, end);
      continue;
    }
    const from = gapEnd(text, end);
    if (from < 0) continue;
    const value = readValue(text, from);
    const shown = text.slice(value.from, value.to);
    if (value.from === from && (NO_VALUE.test(shown) || isSlashOption(word, shown))) continue;
    const masked = sort === 'secret' ? maskPasswordOf(word, shown, keep) : maskUserOption(word, shown, keep);
    if (masked === shown) continue;
    out.replace(value.from, value.to, masked);
    words.lastIndex = value.next;
  }
  return out.toString();
}

/** The password in `--userpass=user:x`, of which getopt_long takes a beginning too; where reading goes on. */
function maskUserAfter(out: Rewriter, text: string, at: number, equals: number, keep: Keep): number | undefined {
  if (optionSort(text.slice(at, at + equals - 1), NO_COMMAND) !== 'user-and-password') return undefined;
  const value = readValue(text, at + equals);
  const shown = text.slice(value.from, value.to);
  const masked = maskUserOption('-u', shown, keep);
  if (masked === shown) return undefined;
  out.replace(value.from, value.to, masked);
  return value.next;
}

/** The end of the gap between an option and its value: white space, or in a JSON array a quote, a comma and white space. */
function gapEnd(text: string, from: number): number {
  let at = skip(text, from, '\\', 8);
  const quoted = at < text.length && QUOTES.includes(text.charAt(at));
  if (quoted) at = skip(text, at + 1, ',', 1);
  else if (at !== from) return -1;
  let end = at;
  while (isSpace(text[end]) && text[end] !== '\n') end++;
  return end > from ? end : -1;
}

/** `echo root:x | chpasswd`: names and passwords are plain words there. */
export function maskChpasswd(text: string, keep: Keep): string {
  if (!text.includes('chpasswd')) return text;
  return text.replace(/(?<![^\s"'`])[A-Za-z_][\w.-]*:[^\s"'`]+/g, (word) => maskAfterUser(word, keep));
}
