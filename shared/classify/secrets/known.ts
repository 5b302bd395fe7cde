import { ENCODED_MARK } from './encoded.ts';
import { MASK } from './shapes.ts';

/** Shorter ones are too often words of a sentence of ours. */
const SHORTEST = 4;
/** From this length a secret needs no border around it, and its begin is known where a text was cut. */
const DISTINCT = 6;
const MAX_KNOWN = 64;
/** No text of an analyzer is cut farther within one secret. */
const LONGEST_CUT = 512;

const ANY_MASK = new RegExp(`\\[redacted\\]|${ENCODED_MARK.source}`);

/** What masks stand for: what of `text` is not in `masked`, between the parts that stayed. */
export function removed(text: string, masked: string): readonly string[] {
  const kept = masked.split(ANY_MASK);
  const first = kept[0] ?? '';
  if (kept.length < 2 || !text.startsWith(first)) return [];
  const out: string[] = [];
  let from = first.length;
  for (let index = 1; index < kept.length; index++) {
    const part = kept[index] ?? '';
    const last = index === kept.length - 1;
    const to = last ? text.length - part.length : text.indexOf(part, from);
    if (to < from || !text.startsWith(part, to)) return out;
    out.push(text.slice(from, to));
    from = to + part.length;
  }
  return out;
}

/** The secrets of a command line, longest first, from its arguments as they were and as they were redacted. */
export function secretsOf(argv: readonly string[], redacted: readonly string[]): readonly string[] {
  const found =
    argv.length === redacted.length
      ? argv.flatMap((argument, index) => removed(argument, redacted[index] ?? argument))
      : removed(argv.join(' '), redacted.join(' '));
  const known = new Set<string>();
  for (const secret of found.slice(0, MAX_KNOWN)) {
    const spaced = secret.replace(/\s+/g, ' ');
    for (const one of [secret, spaced]) if (one.length >= SHORTEST && one !== MASK) known.add(one);
  }
  return [...known].sort((a, b) => b.length - a.length);
}

const isLetter = (char: string): boolean => /[A-Za-z0-9]/.test(char);

/** A text without the secrets that are known from elsewhere, also where it was cut within one. */
export function maskKnown(text: string, secrets: readonly string[]): string {
  let out = text;
  for (const secret of secrets) {
    let from = 0;
    let next = '';
    for (let at = out.indexOf(secret); at >= 0; at = out.indexOf(secret, Math.max(from, at + 1))) {
      const end = at + secret.length;
      if (secret.length < DISTINCT && (isLetter(out.charAt(at - 1)) || isLetter(out.charAt(end)))) continue;
      next += out.slice(from, at) + MASK;
      from = end;
    }
    out = next + out.slice(from);
    out = maskCut(out, secret);
  }
  return out;
}

/** What follows where a text was cut: nothing, dots, a closing bracket, or a remark in brackets. */
const AFTER_CUT = /^(?:$|…|\.{3}|\)| \([a-z ]{1,24}\))/;

/** Masks the begin of a secret where the text was cut within it. */
function maskCut(text: string, secret: string): string {
  const begin = secret.slice(0, DISTINCT);
  let out = '';
  let from = 0;
  for (
    let at = text.indexOf(begin);
    secret.length > DISTINCT && at >= 0;
    at = text.indexOf(begin, Math.max(from, at + 1))
  ) {
    let size = DISTINCT;
    while (size < LONGEST_CUT && at + size < text.length && text[at + size] === secret[size]) size++;
    if (size < LONGEST_CUT && !AFTER_CUT.test(text.slice(at + size, at + size + 32))) continue;
    out += text.slice(from, at) + MASK;
    from = at + size;
  }
  return out + text.slice(from);
}
