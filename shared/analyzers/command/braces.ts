import type { Part, Word } from './words.ts';

/** Words that one word may become, and values of one sequence. */
const MAX_WORDS = 64;
const MAX_TEXT = 8192;
const MARK = '\0';
const GROUP = /\{(?:([^{},]{0,256}(?:,[^{},]{0,256}){1,32})|(-?\d{1,6})\.\.(-?\d{1,6}))\}/g;

/**
 * bash's brace expansion beside other text: `cron.{d,daily}` and `cpu{0..3}` give a word for each value. Groups in
 * groups stay as they are, and so does what looks like a JSON object that has lost its quotes. Bounded in number.
 */
export function braceWords(word: Word): readonly Word[] {
  if (!word.parts.some((part) => part.kind === 'text' && !part.quoted && part.text.includes('{'))) return [word];
  const text = word.parts.map((part, index) => (isOpen(part) ? part.text : MARK + index + MARK)).join('');
  if (text.length > MAX_TEXT) return [word];
  let done: readonly string[] = [''];
  let at = 0;
  for (const { index, 0: group, 1: list, 2: first = '', 3: last = '' } of text.matchAll(GROUP)) {
    if (list?.includes(':') === true) continue;
    const values = list === undefined ? sequence(Number(first), Number(last)) : list.split(',');
    const before = text.slice(at, index);
    done = done.flatMap((start) => values.map((value) => start + before + value)).slice(0, MAX_WORDS);
    at = index + group.length;
  }
  if (at === 0) return [word];
  return done.map((start) => ({ kind: 'word', parts: restored(start + text.slice(at), word.parts) }));
}

/** Whether a part is plain text whose braces count. */
function isOpen(part: Part): part is Part & { kind: 'text' } {
  return part.kind === 'text' && !part.quoted && !part.text.includes(MARK);
}

/** Text with marks back into parts. */
function restored(text: string, parts: readonly Part[]): readonly Part[] {
  return text.split(MARK).flatMap((piece, index): readonly Part[] => {
    if (index % 2 === 0) return piece === '' ? [] : [{ kind: 'text', text: piece, quoted: false }];
    const part = parts[Number(piece)];
    return part === undefined ? [] : [part];
  });
}

/** The whole numbers from one to another, either way. Bounded in number. */
export function sequence(first: number, last: number, step = 1): readonly string[] {
  const values: string[] = [];
  const by = Math.max(1, Math.abs(step)) * (first <= last ? 1 : -1);
  for (let value = first; values.length < MAX_WORDS && (by > 0 ? value <= last : value >= last); value += by)
    values.push(String(value));
  return values;
}
