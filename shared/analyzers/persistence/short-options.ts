/** An option or operand of a command line, as getopt(3) reads it. */
export interface Option {
  /** The letter of a short option, `--name` of a long one, empty for an operand. */
  readonly name: string;
  readonly value?: string;
}

/** Which options take a value: letters of short ones, names with their dashes of long ones. */
export interface Valued {
  readonly letters: string;
  readonly names: ReadonlySet<string>;
  /** A long name may be cut as far as it stays the only one that begins so, as getopt_long(3) allows. */
  readonly abbreviated?: true;
}

/** Options and operands that are kept of one command line. */
const MAX_OPTIONS = 4096;

/**
 * Reads words as getopt_long(3) does: letters behind one dash stand together, and the first that takes a value takes the
 * rest of the word (`-qO/tmp/a`), or the next word where nothing is left. At most 4,096 options.
 * @param words without the program's own name
 */
export function readOptions(words: readonly string[], valued: Valued): readonly Option[] {
  const found: Option[] = [];
  for (let at = 0; at < words.length && found.length < MAX_OPTIONS; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') {
      found.push(...words.slice(at + 1, at + 1 + MAX_OPTIONS).map((value) => ({ name: '', value })));
      break;
    }
    if (word.startsWith('--')) {
      const cut = word.indexOf('=');
      const name = wholeName(cut > 0 ? word.slice(0, cut) : word, valued);
      if (cut > 0) found.push({ name, value: word.slice(cut + 1) });
      else if (valued.names.has(name)) found.push(withValue(name, words[++at]));
      else found.push({ name });
    } else if (word.startsWith('-') && word.length > 1) {
      const { options, open } = cluster(word.slice(1), valued.letters);
      found.push(...options);
      if (open !== undefined) found.push(withValue(open, words[++at]));
    } else found.push({ name: '', value: word });
  }
  return found;
}

function wholeName(name: string, { names, abbreviated }: Valued): string {
  if (abbreviated !== true || names.has(name) || name.length < MIN_ABBREVIATION) return name;
  const longer = [...names].filter((one) => one.startsWith(name));
  return longer.length === 1 ? (longer[0] ?? name) : name;
}
/** `--` and three letters: shorter ones are ambiguous among the options that take no value. */
const MIN_ABBREVIATION = 5;

/** Letters of one word; `open` is the last one where it still waits for its value. */
function cluster(letters: string, valued: string): { options: readonly Option[]; open?: string } {
  const options: Option[] = [];
  for (let at = 0; at < letters.length && at < MAX_OPTIONS; at += 1) {
    const name = letters[at] ?? '';
    if (!valued.includes(name)) options.push({ name });
    else if (at + 1 === letters.length) return { options, open: name };
    else return { options: [...options, { name, value: letters.slice(at + 1) }] };
  }
  return { options };
}

const withValue = (name: string, value: string | undefined): Option =>
  value === undefined ? { name } : { name, value };
