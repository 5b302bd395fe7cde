import type { Process } from '#shared/model/event.ts';
import { assignment } from './assignments.ts';
import { decodedTexts } from './encodings.ts';
import { Interpreter } from './interpreter.ts';
import { baseName, isInterpreter } from './names.ts';
import { type CommandLine, type Program, wordsOf } from './program.ts';
import { interpreterWords } from './program-text.ts';

const readings = new WeakMap<Process, CommandLine>();

/**
 * Everything that a process's command line runs: itself, what its launchers start, the simple commands of its shell
 * strings, and what base64, hexadecimal and escapes in its arguments hold (decoded once). Bounded in depth, number and
 * text; never throws. Remembered for each process object, so that several detections may ask.
 */
export function readCommand(process: Process): CommandLine {
  let reading = readings.get(process);
  if (reading === undefined) {
    reading = readProcess(process);
    readings.set(process, reading);
  }
  return reading;
}

/** The programs of `readCommand`. */
export function programs(process: Process): readonly Program[] {
  return readCommand(process).programs;
}

/** The same for shell text that stands alone: the command of a cron line, of a unit, of a profile. */
export function readScript(text: string): CommandLine {
  const interpreter = new Interpreter(true);
  interpreter.script(text, 'shell');
  return withDecoded(interpreter, [text]);
}

function readProcess(launched: Process): CommandLine {
  const exact = launched.exact === true;
  const { argv, assigned } = exact ? { argv: wordsOf(launched), assigned: {} } : withoutAssignments(launched);
  const interpreter = new Interpreter(exact, launched.workingDirectory);
  const environment = { ...launched.environment, ...assigned };
  const whole = exact || shellString(argv) ? undefined : scriptOf(wordsOf(launched));
  if (whole !== undefined) interpreter.script(whole, 'argv', launched.environment);
  if (argv.length > 0 && (whole === undefined || programText(argv)))
    interpreter.run({ argv, environment, writes: [], executable: launched.executable });
  return withDecoded(interpreter, wordsOf(launched));
}

/**
 * A command line that was split from one string may begin with assignments, as a shell takes them: they are variables,
 * and the first other word is the program. Where the kernel names the executable, that word must agree with it.
 */
function withoutAssignments(launched: Process): { argv: readonly string[]; assigned: Record<string, string> } {
  const argv = wordsOf(launched);
  const assigned: Record<string, string> = {};
  let at = 0;
  for (let pair = assignment(argv[at] ?? ''); pair !== undefined; pair = assignment(argv[++at] ?? ''))
    assigned[pair[0]] = pair[1];
  const { executable } = launched;
  const program = argv[at];
  if (at === 0 || program === undefined || (executable !== undefined && baseName(executable) !== baseName(program)))
    return { argv, assigned: {} };
  return { argv: argv.slice(at), assigned };
}

/** Encoded runs that no `base64 -d` in the text decodes: interpreters' programs, PowerShell, arguments. */
function withDecoded(interpreter: Interpreter, texts: readonly string[]): CommandLine {
  const decoded = [...interpreter.decoded];
  for (const text of decodedTexts(texts.join('\n'))) {
    if (decoded.some((known) => known.trim() === text.trim())) continue;
    decoded.push(text);
    interpreter.script(text, 'decoded');
  }
  return { programs: interpreter.programs, decoded };
}

/**
 * A bare command line holds operators or quotes of its own (`cd /tmp && ./a`): then its words are shell text. Words
 * that hold white space had quotes, and get them back.
 */
function scriptOf(argv: readonly string[]): string | undefined {
  const operators = argv.some(
    (word) => /^(?:[;|]|&&|\|\||&|\d?>{1,2}|<{1,3})$/.test(word) || (word.length > 1 && /[^\\];$/.test(word)),
  );
  const quotes =
    argv.some((word) => /^(?:[^\s'"=]{0,64}=)?["']/.test(word)) && argv.some((word) => /["'];?$/.test(word));
  if (!operators && !quotes) return undefined;
  return argv.map((word) => (/\s/.test(word) ? `'${word.replaceAll("'", `'\\''`)}'` : word)).join(' ');
}

/** `sh -c …`: the interpreter of launchers joins the rest itself. */
function shellString(argv: readonly string[]): boolean {
  return (
    /(?:^|\/)-?(?:ba|da|a|z|k)?sh$/.test(argv[0] ?? '') && argv.slice(1, 4).some((word) => /^-[a-z]*c$/.test(word))
  );
}

/** `python3 -c …` whose text has lost its quotes: an interpreter reads the rest too, and marks in it may be no shell's. */
function programText(argv: readonly string[]): boolean {
  if (!isInterpreter(baseName(argv[0] ?? ''))) return false;
  const [text] = interpreterWords(argv, true).texts;
  return text !== undefined && text !== '' && !/^["']/.test(text);
}
