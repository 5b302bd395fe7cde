import type { Output } from './output.ts';
import type { Write } from './program.ts';
import type { Skipped } from './skip-launcher.ts';
import { MAX_SCRIPT } from './words.ts';

export type Environment = Readonly<Record<string, string>>;

/** A command and what it is given. */
export interface Command {
  readonly argv: readonly string[];
  readonly environment: Environment;
  readonly writes: readonly Write[];
  readonly input?: Output | undefined;
  readonly executable?: string | undefined;
  /** The argv[0] that its launcher gives it. */
  readonly spoken?: string | undefined;
  /** What the paths of its process substitutions hold. */
  readonly files?: Files | undefined;
}

/** What paths of process substitutions hold. */
export type Files = ReadonlyMap<string, Output>;

/** What expanding a command's words showed: whether they came out of an encoding, and its process substitutions. */
export interface Expanded {
  decoded: boolean;
  readonly files: Map<string, Output>;
  descriptor: number;
}

/** bash numbers the descriptors of process substitutions downwards from here. */
const FIRST_DESCRIPTOR = 63;

export const nothingExpanded = (): Expanded => ({ decoded: false, files: new Map(), descriptor: FIRST_DESCRIPTOR });

/** Commands that print or decode the file that they are given. */
const READERS: ReadonlySet<string> = new Set(['cat', 'base64', 'base32', 'basenc', 'xxd', 'rev']);

/** What a command reads: its process substitution where it has one as operand, else its standard input. */
export function fedTo(base: string, { argv, files, input }: Command): Output | undefined {
  if (files === undefined || files.size === 0 || !READERS.has(base)) return input;
  const named = argv.flatMap((word) => files.get(word) ?? []);
  return named.length === 0 ? input : joined(named);
}

/** The outputs of commands in a row as one, cut to its bound. */
export function joined(outputs: readonly Output[]): Output {
  let text = '';
  let decoded = false;
  for (const one of outputs) {
    if (text.length >= MAX_SCRIPT) break;
    text += one.text.slice(0, MAX_SCRIPT - text.length);
    decoded ||= one.decoded;
  }
  return { text, decoded };
}

/** What a command substitution gives: the text without its last line ends. */
export function withoutLineEnds(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === '\n') end--;
  return text.slice(0, end);
}

const MAX_FED_WORDS = 256;
/** Starts of one `xargs`. */
const MAX_STARTS = 64;
/** What `xargs` starts where it is told no program (xargs(1)). */
const ECHO = ['echo'];

/**
 * What `xargs` starts for its input: the words behind the program, as many to each start as it says, or each line in
 * place of what stands for it. Once, as written, where the input is not known. Bounded in number.
 */
export function* fedStarts(
  { rest, placeholder = '', atOnce = MAX_FED_WORDS }: Skipped,
  input: Output | undefined,
): Generator<readonly string[]> {
  const program = rest.length === 0 ? ECHO : rest;
  const words = (input?.text ?? '').split(/\s+/, MAX_FED_WORDS).filter((word) => word !== '');
  if (input === undefined || words.length === 0) yield program;
  else if (placeholder !== '') {
    const lines = input.text.split('\n', MAX_STARTS).filter((line) => line.trim() !== '');
    for (const line of lines) yield putInto(program, placeholder, line.trimStart());
  } else {
    for (let at = 0; at < Math.min(words.length, MAX_STARTS * atOnce); at += atOnce)
      yield [...program, ...words.slice(at, at + atOnce)];
  }
}

/** Words with the line in each place that stands for it, as long as that makes them no longer than text is read. */
function putInto(words: readonly string[], placeholder: string, line: string): readonly string[] {
  let room = MAX_SCRIPT;
  return words.map((word) => {
    const parts = word.split(placeholder);
    room -= (parts.length - 1) * line.length;
    return room < 0 ? word : parts.join(line);
  });
}

/** Writes with the output that goes there, where it is known. */
export function withText(writes: readonly Write[], output: Output | undefined): readonly Write[] {
  if (output === undefined)
    return writes.map(({ path, append, text }) => (text ? { path, append, text } : { path, append }));
  return writes.map((write) =>
    write.text === undefined ? { ...write, text: output.text } : { path: write.path, append: write.append },
  );
}

/** The files that `tee` and `dd` write what they are fed to. */
export function ownWrites(base: string, { argv, input }: Command): readonly Write[] {
  const text = input === undefined ? {} : { text: input.text };
  if (base === 'tee' || base === 'sponge') {
    const append = argv.some((word) => word === '--append' || /^-[a-z]{0,3}a/.test(word));
    return argv
      .slice(1)
      .filter((word) => !word.startsWith('-'))
      .map((path) => ({ path, append, ...text }));
  }
  if (base !== 'dd') return [];
  return argv.filter((word) => word.startsWith('of=')).map((word) => ({ path: word.slice(3), append: false, ...text }));
}
