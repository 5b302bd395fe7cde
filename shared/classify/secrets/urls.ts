import { maskAfterUser } from './options.ts';
import { Rewriter } from './reading.ts';
import { type Keep, MASK } from './shapes.ts';

const AT = /@|%(?:25)?40/gi;

function lastAt(text: string): { at: number; end: number } | undefined {
  const raw = text.lastIndexOf('@');
  if (raw >= 0) return { at: raw, end: raw + 1 };
  let last: { at: number; end: number } | undefined;
  for (const found of text.matchAll(AT)) last = { at: found.index, end: found.index + found[0].length };
  return last;
}

/** The length of the user information of a URL's part behind `//`; 0 if there is none. */
function userInfoLength(body: string): number {
  const slash = body.search(/[/?#]/);
  const authority = slash < 0 ? body : body.slice(0, slash);
  const inside = lastAt(authority);
  if (inside !== undefined) return inside.at;
  const colon = authority.search(/:|%(?:25)?3a/i);
  if (colon < 0 || /^:\d{1,5}$/.test(authority.slice(colon))) return 0;
  const last = lastAt(body);
  return last === undefined ? 0 : last.at;
}

/** A user name that is long is a token (`https://TOKEN@host`). */
const LONG_USER = 20;
/** Where users are mostly tokens, this long or of several kinds of letters. */
const LONG_WEB_USER = 9;
const WEB = /(?:^|[^A-Za-z])(?:https?|ftps?|wss?|git)$/i;

function isToken(user: string, web: boolean): boolean {
  if (!web) return user.length >= LONG_USER;
  return user.length >= LONG_WEB_USER || [/[a-z]/, /[A-Z]/, /\d/].filter((sort) => sort.test(user)).length > 1;
}

function maskUserInfo(userInfo: string, web: boolean, keep: Keep): string {
  if (/:|%(?:25)?3a/i.test(userInfo)) return maskAfterUser(userInfo, keep);
  const head = userInfo.split(/[.+/]/, 1)[0] ?? '';
  return !isToken(userInfo, web) || keep(head) || keep(userInfo) ? userInfo : MASK;
}

/** User information in URLs, plain, with escaped slashes or percent-encoded, and `user:password@host` without a scheme. */
export function maskUrls(text: string, keep: Keep): string {
  const words = /[^\s"'<>`]+/g;
  const out = new Rewriter(text);
  for (let found = words.exec(text); found !== null; found = words.exec(text)) {
    if (!maskUrlsOfWord(out, found[0], found.index, keep)) maskBareUser(out, found[0], found.index, keep);
  }
  return out.toString();
}

function maskUrlsOfWord(out: Rewriter, word: string, offset: number, keep: Keep): boolean {
  const schemes = /(?::|%(?:25)?3a)(?:\\{0,3}\/|%(?:25)?2f){2}/gi;
  let scheme = schemes.exec(word);
  if (scheme === null) return false;
  while (scheme !== null) {
    const start = schemes.lastIndex;
    const web = WEB.test(
      word.slice(Math.max(0, scheme.index - 8), scheme.index).replace(/^.*%(?:25)?[0-9a-f]{2}/i, ''),
    );
    scheme = schemes.exec(word);
    const body = word.slice(start, scheme === null ? word.length : scheme.index);
    const shown = body.slice(0, userInfoLength(body));
    const masked = maskUserInfo(shown, web, keep);
    if (masked !== shown) out.replace(offset + start, offset + start + shown.length, masked);
  }
  return true;
}

function maskBareUser(out: Rewriter, word: string, offset: number, keep: Keep): void {
  const at = word.lastIndexOf('@');
  const colon = word.indexOf(':');
  if (colon < 0 || at <= colon + 1 || at === word.length - 1 || /^sha\d/.test(word.slice(at + 1))) return;
  const shown = word.slice(0, at);
  const masked = maskAfterUser(shown, keep);
  if (masked !== shown) out.replace(offset, offset + at, masked);
}
