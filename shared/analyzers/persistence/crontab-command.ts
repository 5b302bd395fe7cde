import type { Intel } from '#shared/model/intel.ts';
import { baseName } from '../command/names.ts';
import { outputOf } from '../command/output.ts';
import { type Program, programName } from '../command/program.ts';
import { type Found, found, judged, weak } from './command-findings.ts';
import { judgeCommands } from './content.ts';
import { parseCrontab } from './crontab.ts';
import { downloads } from './downloads.ts';
import { readOptions, type Valued } from './short-options.ts';
import { strangeSource } from './starts.ts';

/** `-u USER` of crontab(1), `-s` and `-n` of cronie take no file either. */
const CRONTAB: Valued = { letters: 'u', names: new Set() };

/** `crontab -`, `-e`, FILE; `-l` reads, `-r` removes, and a list that is filtered back removes lines. */
export function crontab(program: Program, intel: Intel, all: readonly Program[]): Found | undefined {
  const options = program.argv.slice(1);
  if (options.includes('-l')) return undefined;
  if (options.includes('-r')) return found('note', 'T1053.003', 'crontab removed: rivals or an administrator', [], []);
  const given = program.input ?? givenFile(program, all);
  if (given !== undefined) {
    const entries = parseCrontab(given).map(({ command }) => command);
    const commands = entries.length > 0 ? entries : [given];
    return judged(judgeCommands(commands, intel), 'T1053.003', 'crontab replaced');
  }
  const lists = all.some((one) => programName(one) === 'crontab' && one.argv.includes('-l'));
  const filters = all.some((one) => ['sed', 'grep', 'egrep', 'awk'].includes(programName(one)));
  if (lists && filters && (options.includes('-') || options.length === 0))
    return found('note', 'T1053.003', 'lines removed from a crontab', [], []);
  if (options.some((word) => /^-[Vhn?]/.test(word))) return undefined;
  const fetched = lists ? undefined : fetchedText(program, all);
  return fetched === undefined
    ? weak('T1053.003', 'crontab replaced or edited, text unseen')
    : found('strong', 'T1053.003', `crontab replaced: ${fetched}`);
}

/** `curl URL | crontab -`, `curl URL -o FILE; crontab FILE`: why the text comes from where no administrator keeps one. */
function fetchedText(program: Program, all: readonly Program[]): string | undefined {
  const file = readOptions(program.argv.slice(1), CRONTAB).find(({ name }) => name === '')?.value ?? '-';
  return before(program, all)
    .filter(({ argv, writes }) => {
      const saved = [...downloads(baseName(argv[0] ?? '').toLowerCase(), argv), ...writes].map(({ path }) => path);
      return file === '-' || file.startsWith('/dev/') ? saved.length === 0 : saved.includes(file);
    })
    .map(strangeSource)
    .find((reason) => reason !== undefined);
}

/** The commands that stand before one, the nearest of them. */
function before(program: Program, all: readonly Program[]): readonly Program[] {
  const end = Math.max(0, all.indexOf(program));
  return all.slice(Math.max(0, end - MAX_BEFORE), end);
}

/** What counts of the commands before a crontab command. */
const MAX_BEFORE = 64;

/** The text of `crontab [-u USER] FILE`, where the command line wrote the file before or prints it by `<(…)`. */
function givenFile(program: Program, all: readonly Program[]): string | undefined {
  const file = readOptions(program.argv.slice(1), CRONTAB).find(({ name }) => name === '')?.value;
  if (file === undefined || file === '-') return undefined;
  const earlier = before(program, all);
  const texts = file.startsWith('/dev/fd/')
    ? earlier
        .map((one) => outputOf(baseName(one.argv[0] ?? ''), one.argv, undefined)?.text)
        .filter((text) => text !== undefined && parseCrontab(text).length > 0)
    : earlier.flatMap(({ writes }) => writes.filter(({ path }) => path === file).map(({ text }) => text));
  const known = texts.filter((text) => text !== undefined && text !== '').join('\n');
  return known === '' ? undefined : known;
}
