export const QUOTES = '"\'`';
const BORDER = /[\s;|&)\]},]/;
export const isSpace = (char: string | undefined): boolean => char !== undefined && /\s/.test(char);
const isBorder = (char: string | undefined): boolean => char === undefined || BORDER.test(char);

export function skip(text: string, from: number, chars: string, most = 16): number {
  let at = from;
  while (at < text.length && at - from < most && chars.includes(text.charAt(at))) at++;
  return at;
}

/** A value's place in a text: `[from, to)` is what is masked, `next` is where reading goes on. */
export interface Value {
  readonly from: number;
  readonly to: number;
  readonly next: number;
}

/** Where a quoted value ends that was opened by a quote behind `depth` backslashes: at the text's end if it was cut. */
export function quotedValue(text: string, from: number, quote: string, depth: number): Value {
  for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 1)) {
    let slashes = 0;
    while (at - slashes - 1 >= from && text[at - slashes - 1] === '\\') slashes++;
    if (slashes <= depth || (depth === 0 && slashes % 2 === 0)) {
      return { from, to: at - (depth === 0 ? 0 : slashes), next: at + 1 };
    }
  }
  return { from, to: text.length, next: text.length };
}

/** What begins the next command where a separator has no blank behind it. */
const NEXT_COMMAND =
  /^(?:echo|printf|curl|wget|cd|chmod|chown|nohup|export|sudo|rm|mv|cp|mkdir|sysctl|env|exec|eval|kill|pkill|(?:ba|da|z)?sh|python3?|perl|docker|base64|xxd|tee|cat|chpasswd|crontab|systemctl|\.?\/)(?:[\s/;|&]|$)/;
const SEPARATORS = /(?<![\\;|&>])[;|&]{1,3}/g;
const LONGEST_COMMAND = 12;

/** The part of a word before the shell's separator that ends it, or that goes on in another command. */
export function beforeSeparator(word: string): string {
  for (const found of word.matchAll(SEPARATORS)) {
    const end = found.index + found[0].length;
    if (end === word.length || NEXT_COMMAND.test(word.slice(end, end + LONGEST_COMMAND)))
      return word.slice(0, found.index);
  }
  return word;
}

/** Where an unquoted value ends: at white space, or at the quote that closes what is around it; a query's also at `&`. */
export function bareEnd(text: string, from: number, query: boolean, stop = ''): number {
  const end = wordEnd(text, from, query, stop);
  return from + beforeSeparator(text.slice(from, end)).length;
}

function wordEnd(text: string, from: number, query: boolean, stop: string): number {
  let at = from;
  while (at < text.length) {
    const char = text.charAt(at);
    if (isSpace(char) || (query && (char === '&' || char === '#')) || (stop !== '' && text.startsWith(stop, at))) break;
    const slashes = char === '\\' ? skip(text, at, '\\', text.length) - at : 0;
    const quote = text.charAt(at + slashes);
    if (quote !== '' && QUOTES.includes(quote)) {
      const close = text.indexOf(quote, at + slashes + 1);
      if (query || isBorder(text[at + slashes + 1])) break;
      at = close < 0 ? at + slashes + 1 : close + 1;
    } else {
      at += slashes === 0 ? 1 : slashes + (slashes % 2);
    }
  }
  return Math.min(at, text.length);
}

export function readValue(text: string, from: number, query = false, stop = ''): Value {
  const quoteAt = skip(text, from, '\\', 8);
  const quote = text.charAt(quoteAt);
  if (quote !== '' && QUOTES.includes(quote)) return quotedValue(text, quoteAt + 1, quote, quoteAt - from);
  const to = bareEnd(text, from, query, stop);
  return { from, to, next: to };
}

/** Copies a text, with some of its parts replaced: parts come in order. */
export class Rewriter {
  readonly #text: string;
  #out = '';
  #from = 0;

  constructor(text: string) {
    this.#text = text;
  }

  replace(from: number, to: number, by: string): void {
    this.#out += this.#text.slice(this.#from, from) + by;
    this.#from = to;
  }

  toString(): string {
    return this.#out + this.#text.slice(this.#from);
  }
}
