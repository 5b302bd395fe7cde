/** Ranges of code points that take two columns (Unicode 16, East Asian Width W and F, joined where close). */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2fb],
  [0x1f000, 0x1faff],
  [0x20000, 0x3fffd],
];
const EMOJI = /^\p{Emoji_Presentation}$/u;
const MARK = /^\p{M}$/u;

function columns(char: string): number {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (MARK.test(char)) return 0;
  return EMOJI.test(char) || WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}

/** The columns that a text without control characters takes on a terminal. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) width += columns(char);
  return width;
}

/** A text filled up with spaces to a number of columns. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** Cuts a word that no line holds; each part fits `width` columns. */
function pieces(word: string, first: number, width: number): string[] {
  const parts: string[] = [];
  let part = '';
  let left = first;
  for (const char of word) {
    const need = columns(char);
    if (need > left && part !== '') {
      parts.push(part);
      part = '';
      left = width;
    }
    part += char;
    left -= need;
  }
  return [...parts, part];
}

/**
 * A text in lines of at most `width` columns, broken at spaces and within a word only where no line holds it. The first
 * line begins with `first`, the others are indented as far. At most `most` lines; the last then ends with `…`.
 */
export function wrap(text: string, width: number, first = '', most = Number.POSITIVE_INFINITY): string[] {
  const indent = ' '.repeat(displayWidth(first));
  const room = Math.max(2, width - indent.length);
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of text.split(' ')) {
    const need = displayWidth(word);
    const gap = line === '' ? 0 : 1;
    if (used + gap + need <= room) {
      line += (gap === 1 ? ' ' : '') + word;
      used += gap + need;
    } else if (need <= room) {
      lines.push(line);
      line = word;
      used = need;
    } else {
      if (line !== '') lines.push(line);
      const parts = pieces(word, room, room);
      line = parts.pop() ?? '';
      used = displayWidth(line);
      lines.push(...parts);
    }
    if (lines.length > most) break;
  }
  lines.push(line);
  if (lines.length > most) {
    lines.length = most;
    const last = pieces(lines[most - 1] ?? '', room - 1, room - 1)[0] ?? '';
    lines[most - 1] = `${last.trimEnd()}…`;
  }
  return lines.map((one, at) => (at === 0 ? first : indent) + one);
}
