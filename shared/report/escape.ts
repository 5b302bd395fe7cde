/**
 * What a terminal obeys or hides: control characters (with ESC and the C1 forms of it), format characters (bidi
 * overrides, zero-width, tags), lone surrogates, private use, line separators, spaces that are not U+0020, fillers
 * that show nothing (Unicode 16, chapter 23), and a third combining mark on one letter.
 */
const UNSAFE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u115f\u1160\u3164\uffa0\u2800]|(?<=\p{M}\p{M})\p{M}/gu;

/** Text from a log as a terminal may show it: what it would obey or hide is written out as `\u{1b}`. */
export function terminalText(text: string): string {
  return text.replace(UNSAFE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** JSON on one line, in which also DEL, C1 controls, bidi and other format characters are escaped, so that it can be shown. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) =>
    [...Array(char.length).keys()].map((at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
}

/** A control character as artifacts hold it. */
const WRITTEN_CONTROL = /\\u\{(?:1?[0-9a-f]|7f|[89][0-9a-f])\}/;

/**
 * One word of a POSIX shell, whatever the text holds; `undefined` for text that no command should carry (control
 * characters, also written out: the host knows it by another name).
 */
export function shellWord(text: string): string | undefined {
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(text) || WRITTEN_CONTROL.test(text)) return undefined;
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A text of an artifact with its control characters as the log had them, and what stands between these. */
export function writtenControls(text: string): { readonly parts: readonly string[]; readonly whole: string } {
  const pieces = text.split(new RegExp(`(${WRITTEN_CONTROL.source})`));
  const whole = pieces.map((piece, at) =>
    at % 2 === 0 ? piece : String.fromCharCode(Number.parseInt(piece.slice(3, -1), 16)),
  );
  return { parts: pieces.filter((_, at) => at % 2 === 0), whole: whole.join('') };
}
