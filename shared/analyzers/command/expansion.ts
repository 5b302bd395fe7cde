import { braceWords } from './braces.ts';
import type { Part, Word } from './words.ts';

/** What stands for variables and command substitutions. */
export interface Substitute {
  variable(name: string): string | undefined;
  /** The output of a command, without its last line ends. */
  command(script: string): string;
  /** The path under which a command's output is read: of `<(…)`. */
  file(script: string): string;
}

const MAX_WORD = 131_072;
const MAX_FIELDS = 4096;

/**
 * The words that a shell makes of one: variables whose value the script set are put in, others stay as `$NAME`;
 * unquoted values are split at white space unless `split` is false, and then `a{b,c}` gives two.
 */
export function expandWord(word: Word, substitute: Substitute, split = true): readonly string[] {
  if (!split) return fieldsOf(word, substitute, false);
  return bracedList(word.parts) ?? braceWords(word).flatMap((one) => fieldsOf(one, substitute, true));
}

/** The words that braces alone make of one: `{curl,-s,URL}` gives three, and so does `a{1,2,3}`. */
export function bracedWords(word: Word): readonly Word[] {
  const list = bracedList(word.parts);
  if (list === undefined) return braceWords(word);
  return list.map((text) => ({ kind: 'word', parts: [{ kind: 'text', text, quoted: true }] }));
}

/** The words of a whole command; past a bound of words that braces and variables added, braces stay as they are. */
export function expandWords(words: readonly Word[], substitute: Substitute): readonly string[] {
  const fields: string[] = [];
  for (const [index, word] of words.entries()) {
    const isFull = fields.length - index > MAX_FIELDS;
    fields.push(...(isFull ? fieldsOf(word, substitute, true) : expandWord(word, substitute)));
  }
  return fields;
}

function fieldsOf(word: Word, substitute: Substitute, split: boolean): readonly string[] {
  const fields: string[] = [];
  let current = '';
  let open = word.parts.some((part) => part.quoted);
  for (const part of word.parts) {
    const value = pieceText(part, substitute).slice(0, Math.max(0, MAX_WORD - current.length));
    if (part.kind === 'text' || part.quoted || !split) {
      current += value;
      open = open || value !== '';
      continue;
    }
    const pieces = value.split(/\s+/, MAX_FIELDS);
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) {
        if (open && current !== '') fields.push(current);
        current = '';
      }
      current += piece;
      open = open || piece !== '';
    }
  }
  if (current !== '' || (open && fields.length === 0)) fields.push(current);
  return fields;
}

function pieceText(part: Part, substitute: Substitute): string {
  if (part.kind === 'text') return part.text;
  if (part.kind === 'variable') return substitute.variable(part.name) ?? `$${part.name}`;
  return part.file ? substitute.file(part.script) : substitute.command(part.script);
}

/** `{curl,-s,URL}` without quotes: bash's way to write blanks without blanks. */
function bracedList(parts: readonly Part[]): readonly string[] | undefined {
  const text = parts.map((part) => (part.kind === 'text' ? part.text : '\0')).join('');
  if (!text.startsWith('{') || !text.endsWith('}') || !text.includes(',') || text.includes('\0')) return undefined;
  if (parts[0]?.quoted === true || text.includes('"') || text.includes(':{')) return undefined;
  const inside = text.slice(1, -1);
  return /[{}]/.test(inside) ? undefined : inside.split(',', MAX_FIELDS);
}
