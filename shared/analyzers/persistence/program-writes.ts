import type { FileWrite } from './file-writes.ts';
import { type Argument, argumentsAt, type Token, tokensOf } from './program-tokens.ts';

const MAX_FILES = 32;
const MAX_WRITTEN = 65_536;

/** Calls that open a file, give text to the open one, write a whole file, or put one file in another's place. */
const OPENS = new Set(['open', 'fopen', 'openSync', 'createWriteStream', 'sysopen']);
const PUTS = new Set('write print puts printf fwrite fputs writelines say putc fprintf writeSync'.split(' '));
const WHOLE = new Set('writeFileSync writeFile appendFileSync appendFile file_put_contents binwrite'.split(' '));
const PATHS_OWN = new Set(['write_text', 'write_bytes']);
const MOVES = new Set(
  `copy copy2 copyfile copyFile copyFileSync move rename renameSync replace symlink symlinkSync link linkSync cp mv
   urlretrieve getstore download`.split(/\s+/),
);
/** Modes that write, of fopen(3), Python, Ruby, PHP and Perl. */
const WRITING = /^(?:[rbt]{0,2}\+|[wax]|\+?>|a\+)/;

/**
 * Files that the text of a Python, Perl, Ruby, PHP, Lua or JavaScript program writes, with the literal texts that it
 * gives them. The text is read word by word, not run: computed paths and texts stay unseen.
 */
export function programWrites(text: string): readonly FileWrite[] {
  const tokens = tokensOf(text);
  const files = new Files();
  const values = new Map<string, string>();
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== 'word') continue;
    const value = tokens[at + 2];
    if (tokens[at + 1]?.text === '=' && value?.kind === 'string' && tokens[at + 3]?.text !== ',')
      values.set(token.text, value.text);
    else call(token.text, tokens, at, values, files);
    if (files.full) break;
  }
  return files.all();
}

function call(
  name: string,
  tokens: readonly Token[],
  at: number,
  values: ReadonlyMap<string, string>,
  files: Files,
): void {
  const owner = tokens[at - 1]?.text === '.' ? tokens[at - 2]?.text : undefined;
  const read = (): readonly Argument[] => argumentsAt(tokens, at + 1, values);
  const ofClass = (owner === 'File' || owner === 'IO') && name === 'write';
  if (name === 'Path') files.path = read()[0]?.whole;
  else if (OPENS.has(name)) open(name, read(), files);
  else if (WHOLE.has(name) || ofClass) {
    const [path, text] = read();
    files.start(path?.whole);
    files.put(text?.text ?? '');
  } else if (PATHS_OWN.has(name)) {
    files.start(files.path);
    files.put(read()[0]?.text ?? '');
  } else if (MOVES.has(name) && (name !== 'replace' || owner === 'os')) {
    const [from, to] = read();
    if (to?.whole?.startsWith('/') === true) files.moved(from?.whole, to.whole);
  } else if (PUTS.has(name)) {
    files.put(
      read()
        .map(({ text }) => text)
        .join(''),
    );
  }
}

/** `open(PATH, MODE)`, Perl's `open(F, ">>PATH")` and `open(F, ">", PATH)`, `Path(PATH).open(MODE)`. */
function open(name: string, given: readonly Argument[], files: Files): void {
  const [first, second, third] = given.map(({ whole }) => whole);
  const perl = /^\+?>{1,2}/.exec(second ?? '')?.[0];
  if (perl !== undefined) files.start(given.length > 2 ? third : second?.slice(perl.length).trim());
  else if (name === 'createWriteStream') files.start(first);
  else if (second !== undefined) files.start(WRITING.test(second) ? first : undefined);
  else files.start(given.length === 1 && first !== undefined && WRITING.test(first) ? files.path : undefined);
}

/** Files in the order of the text; what is written goes to the one that was opened last. */
class Files {
  /** The path object that was made last. */
  path: string | undefined;
  private readonly found: { path: string; text: string; from?: string }[] = [];
  private isOpen = false;

  get full(): boolean {
    return this.found.length >= MAX_FILES;
  }

  start(path: string | undefined): void {
    this.isOpen = path !== undefined && path !== '';
    if (path !== undefined && path !== '') this.found.push({ path, text: '' });
  }

  put(text: string): void {
    const last = this.found.at(-1);
    if (this.isOpen && last !== undefined) last.text = (last.text + text).slice(0, MAX_WRITTEN);
  }

  moved(from: string | undefined, path: string): void {
    this.isOpen = false;
    this.found.push({ path, text: '', ...(from === undefined ? {} : { from }) });
  }

  all(): readonly FileWrite[] {
    return this.found.map(({ path, text, from }) => ({
      path,
      ...(text === '' ? {} : { text }),
      ...(from === undefined ? {} : { from }),
    }));
  }
}
