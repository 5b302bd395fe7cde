import { isInterpreter } from '#shared/analyzers/command/names.ts';
import { absolutePath, type Program, programName } from '#shared/analyzers/command/program.ts';
import { interpreterWords } from '#shared/analyzers/command/program-text.ts';
import { unpacked } from './archives.ts';
import { downloads } from './downloads.ts';
import { programWrites } from './program-writes.ts';

/** A file that a command sets up, as its command line says. */
export interface FileWrite {
  readonly path: string;
  /** What is written, where the command line holds it. */
  readonly text?: string;
  /** Where the content comes from: the file that is copied, moved or linked, or the URL. */
  readonly from?: string;
  /** The act takes lines out or empties the file. */
  readonly removes?: true;
  /** The path is a folder, and files whose names are not seen are put into it. */
  readonly inside?: true;
}

const COPIERS = new Set(['cp', 'mv', 'ln', 'install', 'rsync', 'scp', 'gcp', 'ginstall']);
const MAX_WRITES = 64;

/** Options of copying tools that take a value as the next word. */
const VALUED = new Set([
  '-m',
  '-o',
  '-g',
  '-t',
  '-S',
  '-e',
  '-i',
  '-P',
  '--mode',
  '--owner',
  '--group',
  '--suffix',
  '--rsh',
]);

/**
 * Everything that one program writes: redirections, tee, copies, downloads, unpacked archives, edits in place, program
 * texts of interpreters.
 */
export function fileWrites(program: Program): readonly FileWrite[] {
  const name = programName(program).toLowerCase();
  const emptied = new Set(['true', ':', 'truncate']);
  const redirected = program.writes.map(({ path, text }): FileWrite => {
    const isEmpty =
      text === undefined
        ? program.argv.length === 0 || emptied.has(name) || copiesNothing(program)
        : text.trim() === '';
    return isEmpty ? { path, removes: true } : text === undefined ? { path } : { path, text };
  });
  return [...redirected, ...ownWrites(name, program)].slice(0, MAX_WRITES).map((write) => {
    const path = write.path.includes('/') ? write.path : `./${write.path}`;
    return { ...write, path: absolutePath(path, program.folder) };
  });
}

function ownWrites(name: string, program: Program): readonly FileWrite[] {
  const { argv } = program;
  if (COPIERS.has(name)) return copies(argv);
  if (name === 'sed') return edits(argv);
  if (isInterpreter(name)) return [...(name === 'perl' ? edits(argv) : []), ...textsOf(program).flatMap(programWrites)];
  return [...downloads(name, argv), ...unpacked(name, argv)];
}

/** Program texts that an interpreter gets by an option or, without a script's name, by standard input. */
function textsOf({ argv, exact, source, input }: Program): readonly string[] {
  const { texts, operands } = interpreterWords(argv, !exact && source === 'argv');
  return texts.length === 0 && operands.length === 0 && input !== undefined ? [input] : texts;
}

/** `cat /dev/null > file`. */
function copiesNothing(program: Program): boolean {
  return program.argv.length === 2 && program.argv[1] === '/dev/null';
}

/** `cp A B`, `mv A B… DIR`, `install -m 644 A B`, `ln -s A B`, `cp -t DIR A`. A folder gets the source's name. */
function copies(argv: readonly string[]): readonly FileWrite[] {
  const operands: string[] = [];
  let folder: string | undefined;
  for (let at = 1; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    const long = /^--target-directory=(.+)$/.exec(word)?.[1];
    if (long !== undefined) folder = long;
    else if (word === '-t' || word === '--target-directory') folder = argv[++at];
    else if (VALUED.has(word)) at += 1;
    else if (!word.startsWith('-') || word === '-') operands.push(word);
  }
  const sources = folder === undefined ? operands.slice(0, -1) : operands;
  const target = folder ?? operands.at(-1);
  if (target === undefined || sources.length === 0) return [];
  // Several sources need a folder, but `cp A /etc/{a,b}` shows each target as an operand.
  const named = folder === undefined && !target.endsWith('/');
  return sources.flatMap((from): FileWrite[] => {
    const inside = `${target.replace(/\/$/, '')}/${from.slice(from.lastIndexOf('/') + 1)}`;
    return [...(named ? [{ path: target, from }] : []), { path: inside, from }];
  });
}

/** `sed -i SCRIPT FILE…`: a script of deletions alone removes; other scripts are the text that is put in. */
function edits(argv: readonly string[]): readonly FileWrite[] {
  if (!argv.some((word) => /^-[a-zA-Z]{0,4}i|^--in-place/.test(word))) return [];
  const scripts: string[] = [];
  const operands: string[] = [];
  for (let at = 1; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (word === '-e' || word === '--expression' || word === '-f') scripts.push(argv[++at] ?? '');
    else if (!word.startsWith('-')) operands.push(word);
  }
  const files = scripts.length > 0 ? operands : operands.slice(1);
  const text = (scripts.length > 0 ? scripts : operands.slice(0, 1)).join('\n');
  const removes = text.split(/[\n;]/).every((one) => one.trim() === '' || /d\s*$/.test(one));
  return files.map((path): FileWrite => (removes ? { path, removes: true } : { path, text: inserted(text) }));
}

/** What a sed script puts in: the text of `a`, `i` and `c`, the replacement of `s`. */
function inserted(script: string): string {
  return script.split('\n').map(insertedBy).join('\n').replaceAll('\\n', '\n');
}

function insertedBy(line: string): string {
  const command = /^\s*(?:\d{1,9}|\$|\/(?:[^/\\]|\\.){0,200}\/)?\s*([aics])(.*)$/s.exec(line);
  if (command === null) return line;
  const [, verb = '', rest = ''] = command;
  if (verb !== 's') return rest.replace(/^\\?\s*/, '');
  const mark = rest[0] ?? '/';
  const pieces: string[] = [''];
  for (let at = 1; at < rest.length && pieces.length < 3; at += 1) {
    const char = rest[at] ?? '';
    if (char === mark) pieces.push('');
    else if (char === '\\' && rest[at + 1] === mark) pieces.push(`${pieces.pop() ?? ''}${rest[++at] ?? ''}`);
    else pieces.push(`${pieces.pop() ?? ''}${char}`);
  }
  return pieces[1] ?? '';
}
