import { fold } from './fold.ts';

/** One character of a pattern: itself, `?`, or any of the dashes that `windash` exchanges. */
type Element = string | typeof ANY | typeof DASH;
const ANY = Symbol('any character');
const DASH = Symbol('any dash');
/** The characters that Sigma's `windash` exchanges for one another. */
const DASHES = new Set(['-', '/', '\u2013', '\u2014', '\u2015']);

/**
 * A Sigma text value: pieces between `*`, each a row of characters. The first piece stands at the text's start and the
 * last at its end; where the value begins or ends with `*`, that piece is empty.
 */
export interface Pattern {
  readonly pieces: readonly (readonly Element[])[];
}

/** Reads wildcards and escapes: `\*`, `\?`, `\\` are the characters themselves, any other backslash is itself. */
export function parsePattern(text: string): Pattern {
  const pieces: Element[][] = [[]];
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    if (character === '\\' && (next === '*' || next === '?' || next === '\\')) {
      pieces.at(-1)?.push(next);
      at += 1;
    } else if (character === '*') {
      pieces.push([]);
    } else {
      pieces.at(-1)?.push(character === '?' ? ANY : character);
    }
  }
  return { pieces };
}

/** A pattern of exactly this text, without wildcards. */
export function literalPattern(text: string): Pattern {
  return { pieces: [text.split('')] };
}

/** The text of a pattern without wildcards, else undefined. */
export function plainText(pattern: Pattern): string | undefined {
  const [only, ...rest] = pattern.pieces;
  if (only === undefined || rest.length > 0 || only.some((element) => typeof element !== 'string')) return undefined;
  return only.join('');
}

/** `*` before the pattern, after it, or both: `endswith`, `startswith`, `contains`. */
export function openAt(pattern: Pattern, ends: { start: boolean; end: boolean }): Pattern {
  return { pieces: [...(ends.start ? [[]] : []), ...pattern.pieces, ...(ends.end ? [[]] : [])] };
}

/** Lets a dash that begins an option (before it no word character, after it one) be any of Sigma's dashes. */
export function withAnyDash(pattern: Pattern): Pattern {
  const isWord = (element: Element | undefined) => typeof element === 'string' && /\w/.test(element);
  return {
    pieces: pattern.pieces.map((piece) =>
      piece.map((element, at) =>
        typeof element === 'string' && DASHES.has(element) && !isWord(piece[at - 1]) && isWord(piece[at + 1])
          ? DASH
          : element,
      ),
    ),
  };
}

/** The runs of literal characters that every matching text holds, in order. */
export function literalRuns(pattern: Pattern): string[] {
  return pattern.pieces
    .flatMap((piece) =>
      piece
        .map((element) => (typeof element === 'string' ? element : '\0'))
        .join('')
        .split('\0'),
    )
    .filter((run) => run !== '');
}

/** Finds one piece in a text: the first index at or after `from` where it stands, -1 if nowhere. */
interface Piece {
  readonly length: number;
  find(text: string, from: number): number;
  standsAt(text: string, at: number): boolean;
}

function compilePiece(elements: readonly Element[]): Piece {
  const plain = elements.every((element) => typeof element === 'string') ? elements.join('') : undefined;
  if (plain !== undefined) {
    return {
      length: plain.length,
      find: (text, from) => text.indexOf(plain, from),
      standsAt: (text, at) => text.startsWith(plain, at),
    };
  }
  const standsAt = (text: string, at: number) =>
    at + elements.length <= text.length &&
    elements.every((element, index) => {
      const character = text.charAt(at + index);
      return element === ANY || (element === DASH ? DASHES.has(character) : element === character);
    });
  const find = (text: string, from: number) => {
    for (let at = from; at + elements.length <= text.length; at += 1) if (standsAt(text, at)) return at;
    return -1;
  };
  return { length: elements.length, find, standsAt };
}

/**
 * Compiles to a matcher of a whole text: the first piece at its start, the last at its end, those between leftmost in
 * order. Nothing is tried twice, so time is the text's length times the pattern's. The text comes folded unless the
 * pattern is `cased`.
 */
export function compilePattern(pattern: Pattern, cased: boolean): (text: string) => boolean {
  const pieces = pattern.pieces.map((piece) =>
    compilePiece(cased ? piece : piece.map((element) => (typeof element === 'string' ? fold(element) : element))),
  );
  const [first, ...others] = pieces;
  const last = others.pop();
  if (first === undefined) return (text) => text === '';
  if (last === undefined) return (text) => text.length === first.length && first.standsAt(text, 0);
  return (text) => {
    const end = text.length - last.length;
    if (end < first.length || !first.standsAt(text, 0) || !last.standsAt(text, end)) return false;
    let at = first.length;
    for (const piece of others) {
      const found = piece.find(text, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return at <= end;
  };
}
