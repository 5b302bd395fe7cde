import { quotedValue, Rewriter, readValue, skip } from './reading.ts';
import { type Keep, MASK } from './shapes.ts';

/** Farthest that a command's words are read for what it does with its standard input. */
const COMMAND_LENGTH = 200;
/** Farthest that printed words are read, so that each start costs the same whatever follows. */
const PRINTED_LENGTH = 400;
const STDIN_OPTION = /^(?:--stdin|--password-stdin|--with-token|--passphrase-fd(?:=0)?|stdin|fd:0)$/;

/** What every command holds that reads a password so. */
const READER = /su|kinit|vncpasswd|stdin|--with-token|--passphrase-fd|fd:0/;

/** Whether a command reads a password from its standard input: `sudo -S`, `passwd --stdin`, `docker login --password-stdin`. */
function readsPassword(command: string): boolean {
  const words = command.split(/[\s"'`\\()]+/).filter((word) => word !== '');
  const sudo = words.findIndex((word) => /(?:^|\/)sudo$/.test(word));
  if (sudo >= 0 && words.slice(sudo + 1).some((word) => /^-[A-Za-z]*S[A-Za-z]*$/.test(word))) return true;
  return words.some((word) => STDIN_OPTION.test(word) || /(?:^|\/)(?:su|kinit|vncpasswd)$/.test(word));
}

/** The last simple command before `at`, and the one that goes on at it. */
const commandBefore = (text: string, at: number): string =>
  text
    .slice(Math.max(0, at - COMMAND_LENGTH), at)
    .split(/[|;&\r\n]/)
    .at(-1) ?? '';
const commandAfter = (text: string, at: number): string =>
  text.slice(at, at + COMMAND_LENGTH).split(/[|;&\r\n]/, 1)[0] ?? '';

/** Whether what is written up to `at` goes through a pipe to a command that reads a password, be it behind `tee` or `)`. */
function feedsPassword(text: string, at: number, grouped: boolean): boolean {
  let after = text.slice(at, at + COMMAND_LENGTH);
  const close = grouped ? /[)}]\s*\|/.exec(after) : null;
  if (close !== null && /^\s*[;&]/.test(after)) after = after.slice(close.index + 1);
  const pipe = /^[\s"'`\\)}]*\|(?!\|)/.exec(after)?.[0];
  if (pipe === undefined) return false;
  const pipeline =
    after
      .slice(pipe.length)
      .replace(/\|&/g, '|')
      .replace(/^&/, '')
      .split(/\|\||[;&\r\n]/, 1)[0] ?? '';
  return pipeline.split('|').some(readsPassword);
}

/** A quote that was opened before a command, behind how many backslashes. */
interface Opened {
  readonly quote: string;
  readonly depth: number;
}

/** A span of printed words, where reading ended, and up to where nothing was quoted. */
interface Printed {
  readonly start: number;
  readonly end: number;
  readonly at: number;
  readonly bare: number;
}

/** The words that are printed from `from` on, up to an operator or the quote that was opened before. */
function printedWords(text: string, from: number, opened: Opened | undefined): Printed {
  const word = /[^\s"'`|;&\\]+/y;
  let at = from;
  let start = -1;
  let end = from;
  let bare = -1;
  while (at < text.length) {
    while (at < text.length && /[^\S\r\n]/.test(text.charAt(at))) at++;
    const quoteAt = skip(text, at, '\\', 8);
    const quote = text.charAt(quoteAt);
    word.lastIndex = at;
    const shown = word.exec(text)?.[0];
    if (shown !== undefined) {
      at += shown.length;
      if (start < 0 && /^-[neE]+$/.test(shown)) continue;
      if (start < 0) start = at - shown.length;
      end = at;
    } else if (/["'`]/.test(quote)) {
      if (bare < 0) bare = at;
      if (quote === opened?.quote && quoteAt - at === opened.depth) break;
      if (start < 0) start = at;
      at = quotedValue(text, quoteAt + 1, quote, quoteAt - at).next;
      end = at;
    } else if (quoteAt > at && quoteAt < text.length) {
      at = quoteAt + 1;
      end = at;
    } else break;
  }
  return { start, end, at, bare: bare < 0 ? at : bare };
}

/** The quote right before a command, as in `sh -c "echo x"` and `"echo x"`. */
function openedBefore(text: string, at: number): Opened | undefined {
  const found = /(\\{0,8})(["'`])(?:[\w.-]{0,16}\/){0,4}$/.exec(text.slice(Math.max(0, at - 64), at));
  return found?.[2] === undefined ? undefined : { quote: found[2], depth: (found[1] ?? '').length };
}

function maskPrinted(out: Rewriter, text: string, begin: number, from: number, keep: Keep): number {
  const before = text.slice(Math.max(0, begin - COMMAND_LENGTH), begin);
  const closed = /^\\{0,8}["'`]/.exec(text.slice(from, from + 9))?.[0];
  const window = text.slice(0, from + PRINTED_LENGTH);
  const words = printedWords(
    window,
    from + (closed?.length ?? 0),
    closed === undefined ? openedBefore(text, begin) : undefined,
  );
  const substituted = /<\($/.test(before.trimEnd()) ? before.trimEnd().slice(0, -2) : undefined;
  const reads =
    feedsPassword(text, words.at, /[({]/.test(before)) ||
    (substituted !== undefined && readsPassword(commandBefore(substituted, substituted.length)));
  if (words.start < 0 || !reads) return Math.max(words.bare, from);
  const end = Math.max(words.start, words.end - (/\)+$/.exec(text.slice(words.start, words.end))?.[0].length ?? 0));
  if (end > words.start && !keep(text.slice(words.start, end))) out.replace(words.start, end, MASK);
  return Math.max(words.at, from);
}

function maskHereString(out: Rewriter, text: string, begin: number, from: number, keep: Keep): number {
  const value = readValue(text, skip(text, from, ' \t\u2028'));
  const shown = text.slice(value.from, value.to);
  const reads =
    readsPassword(commandBefore(text, begin)) ||
    readsPassword(commandAfter(text, value.next)) ||
    feedsPassword(text, value.next, false);
  if (!reads) return from;
  if (shown !== '' && !keep(shown)) out.replace(value.from, value.to, MASK);
  return Math.max(value.next, from);
}

/** Lines of a here-document that may be passwords: what stands farther on is a script. */
const DOCUMENT_LINES = 4;

/** The first line of a here-document, and the next ones that are one word each. */
function maskHereDocument(out: Rewriter, text: string, begin: number, from: number, keep: Keep): number {
  const rest = text.slice(from, from + COMMAND_LENGTH + PRINTED_LENGTH);
  const delimiter = /^-?\s{0,4}\\{0,8}["']?([A-Za-z_]\w{0,32})["']?/.exec(rest);
  if (delimiter?.[1] === undefined) return from;
  const at = from + delimiter[0].length;
  const newline = /\r?\n|\\n/.exec(rest.slice(delimiter[0].length));
  if (newline === null) return from;
  if (!readsPassword(commandBefore(text, begin)) && !commandsUpTo(text, at, at + newline.index).some(readsPassword)) {
    return from;
  }
  let line = at + newline.index + newline[0].length;
  for (let count = 0; count < DOCUMENT_LINES; count++) {
    const body = text.slice(line, line + PRINTED_LENGTH);
    const stop = /\r?\n|\\n/.exec(body);
    const shown = body.slice(0, stop?.index ?? body.length);
    if (shown.trim() === delimiter[1] || (count > 0 && /\s/.test(shown.trim()))) break;
    if (shown !== '' && !keep(shown)) out.replace(line, line + shown.length, MASK);
    line += shown.length + (stop?.[0].length ?? 0);
    if (stop === null) break;
  }
  return line;
}

const commandsUpTo = (text: string, from: number, to: number): readonly string[] =>
  text.slice(from, Math.min(to, from + COMMAND_LENGTH)).split(/[|;&]/);

/** What is given to a program that reads a password from its standard input: printed words, here-strings and -documents. */
export function maskPiped(text: string, keep: Keep): string {
  if (!text.includes('|') && !text.includes('<<') && !text.includes('<(')) return text;
  if (!READER.test(text)) return text;
  const starts = /(?<![\w.-])(?:echo|printf|yes)(?=\\{0,8}["'`]?\s)|<<<?/g;
  const out = new Rewriter(text);
  for (let found = starts.exec(text); found !== null; found = starts.exec(text)) {
    const mask = found[0] === '<<<' ? maskHereString : found[0] === '<<' ? maskHereDocument : maskPrinted;
    starts.lastIndex = mask(out, text, found.index, starts.lastIndex, keep);
  }
  return out.toString();
}
