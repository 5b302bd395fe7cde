import { isSecretName } from './names.ts';
import { bareEnd, quotedValue, Rewriter, readValue, skip } from './reading.ts';
import { type Keep, MASK } from './shapes.ts';

function lineEnd(text: string, from: number): number {
  const end = /[\r\n]|$/g;
  end.lastIndex = from;
  return end.exec(text)?.index ?? text.length;
}

const NEXT_WORD = /[^\S\r\n]*(\S+)/y;

/** The words of a header's value where nothing shows its end: a scheme and its token, and all that commas or semicolons join. */
function headerWordsEnd(text: string, from: number): number {
  let at = from;
  for (let more = true; more; ) {
    NEXT_WORD.lastIndex = at;
    const word = NEXT_WORD.exec(text)?.[1];
    if (word === undefined || (at > from && /^(?:-|[a-z]{1,20}:\/\/)/i.test(word))) break;
    more = (at === from && /^[A-Za-z][A-Za-z0-9-]{1,24}$/.test(word)) || /[,;]$/.test(word.slice(-1));
    at = NEXT_WORD.lastIndex;
  }
  return at;
}

/** `Authorization:` and `Cookie:` headers, whose values hold spaces. */
export function maskHeaders(text: string): string {
  const header = /(?:authorization|cookie)(?:\\{0,8}["'])?[ \t]{0,8}:[ \t\u2028]{0,8}/gi;
  const out = new Rewriter(text);
  for (let found = header.exec(text); found !== null; found = header.exec(text)) {
    const from = header.lastIndex;
    const start = text.slice(Math.max(0, found.index - 16), found.index).replace(/(?:proxy-|set-)$/i, '');
    const before = /(\\{0,8})(["'`])$/.exec(start);
    let value = readValue(text, from);
    if (value.from === from) {
      const atLineStart = start === '' || /[\r\n]$/.test(start);
      if (before !== null && before[2] !== undefined) {
        value = quotedValue(text, from, before[2], (before[1] ?? '').length);
      } else {
        const to = atLineStart ? lineEnd(text, from) : headerWordsEnd(text, from);
        value = { from, to, next: to };
      }
    }
    if (value.to > value.from) out.replace(value.from, value.to, MASK);
    header.lastIndex = Math.max(value.next, from);
  }
  return out.toString();
}

/** White space of one line, and what stands between arguments. */
const SPACES = ' \t\u2028';

/** The end of what separates a name from its value (`=`, `:`, `=>`, `%3D`, a closing quote before it); -1 if nothing does. */
function separatorEnd(text: string, nameEnd: number): number {
  let at = skip(text, nameEnd, '\\', 8);
  const quoted = at < text.length && '"\''.includes(text.charAt(at));
  if (quoted) at = skip(text, at + 1, ']', 1);
  else if (at !== nameEnd) return -1;
  at = skip(text, at, SPACES);
  if (/^%3[ad]/i.test(text.slice(at, at + 3))) return at + 3;
  const sign = text[at];
  if (sign === ':') {
    if (text.startsWith('//', at + 1) || text.startsWith('\\/', at + 1)) return -1;
    return skip(text, text[at + 1] === '=' ? at + 2 : at + 1, SPACES);
  }
  if (sign !== '=') return -1;
  return skip(text, text[at + 1] === '>' ? at + 2 : at + 1, SPACES);
}

const SCHEME_WORD = /^(?:bearer|basic|digest|token|negotiate)$/i;

/** `name=value`, `name: value`, `"name": "value"`, `?name=value&` where the name says that the value is secret. */
export function maskNamedValues(text: string, keep: Keep): string {
  const names = /[A-Za-z0-9_.-]{2,}/g;
  const out = new Rewriter(text);
  for (let found = names.exec(text); found !== null; found = names.exec(text)) {
    const name = found[0];
    if (!isSecretName(name)) continue;
    const nameEnd = names.lastIndex;
    const start = separatorEnd(text, nameEnd);
    if (start < 0) continue;
    const sign = text.slice(nameEnd, start);
    if (isNoSecret(name, sign, text.slice(start, start + 6))) continue;
    const query = found.index > 0 && '?&'.includes(text.charAt(found.index - 1));
    let value = readValue(text, start, query, text[nameEnd] === '%' ? '%26' : '');
    const shown = text.slice(value.from, value.to);
    if (value.from === start && SCHEME_WORD.test(shown)) {
      const to = bareEnd(text, skip(text, value.to, SPACES), false);
      value = { from: start, to, next: to };
    }
    if (shown === '') continue;
    if (!keep(shown)) out.replace(value.from, value.to, MASK);
    names.lastIndex = value.next;
  }
  return out.toString();
}

/** Whether what follows a name that tells of a secret shows that it is none: base64 padding, a server's port, a folder. */
export function isNoSecret(name: string, sign: string, begin: string): boolean {
  const padding = sign.startsWith('=') && name.length >= 24 && /^(?:=?(?:["'`\s]|$)|[|)])/.test(begin);
  const port = sign === ':' && name.includes('.') && /^\d{1,5}(?:\D|$)/.test(begin);
  return padding || port || (/^(?:OLD)?PWD$/.test(name) && begin.startsWith('/'));
}
