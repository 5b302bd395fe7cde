/**
 * Keeps the README's transcript true. `node docs/transcript.ts` runs what `npm start` runs and writes its output,
 * shortened, between two markers of README.md; with `--check` it fails when they differ.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const README = `${ROOT}README.md`;
const COMMAND = ['cli/davylamp.js', 'scan', 'samples/scenarios'];
const BEGIN = '<!-- transcript: written by docs/transcript.ts -->';
const END = '<!-- end of transcript -->';
const CUT = '…';

/** A finding begins with its severity, at the beginning of a line. */
const FINDING = /^(?:CRITICAL|HIGH|MEDIUM|LOW) {2}/;
const SECOND_STEP = /^ {2}2\. /;
const PASSED_OVER = /: passed over, of no known format$|^and [\d,]+ more files passed over/;

/**
 * What the README shows of a run: the first finding up to the second of its nine steps, the first line of each other
 * finding, and what follows the findings; of the files that were passed over, the first.
 */
export function shorten(stdout: string, stderr: string): string {
  const [scanning = '', ...summary] = stderr.trimEnd().split('\n');
  return [scanning, '', ...shortFindings(stdout.trimEnd().split('\n')), '', ...shortSummary(summary)]
    .map((line) => line.trimEnd())
    .join('\n');
}

function shortFindings(lines: readonly string[]): string[] {
  const places = lines.findIndex((line) => line.startsWith('Places to watch'));
  const end = places < 0 ? lines.length : places;
  const starts = lines.flatMap((line, at) => (at < end && FINDING.test(line) ? [at] : []));
  const [first = 0, next = end, ...others] = starts;
  const step = lines.findIndex((line, at) => at > first && at < next && SECOND_STEP.test(line));
  const shown = lines.slice(first, step < 0 ? next : step);
  const heads = [next, ...others].filter((at) => at < end).map((at) => lines[at] ?? '');
  const rest = [heads, places < 0 ? [] : lines.slice(places)].flatMap((part) =>
    part.length === 0 ? [] : ['', ...part],
  );
  return [...shown, `  ${CUT}`, ...rest];
}

function shortSummary(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => PASSED_OVER.test(line));
  return lines.flatMap((line, at) => {
    if (!PASSED_OVER.test(line)) return [line];
    return at === first ? [line, CUT] : [];
  });
}

/** The text with what lies between the markers replaced by a code block; `undefined` where the markers are missing. */
export function withTranscript(readme: string, transcript: string): string | undefined {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) return undefined;
  const longest = Math.max(2, ...[...transcript.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const block = `${BEGIN}\n\n${fence}text\n$ npm start\n${transcript}\n${fence}\n\n`;
  return readme.slice(0, begin) + block + readme.slice(end);
}

function run(): string {
  const { COLUMNS: _, FORCE_COLOR: __, ...environment } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, COMMAND, {
    cwd: ROOT,
    env: { ...environment, NO_COLOR: '1' },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`${COMMAND.join(' ')} ended with ${status}:\n${stderr}`);
  return shorten(stdout, stderr);
}

/** The first line in which two texts differ, to be read by whoever broke it. */
function difference(shown: string, printed: string): string {
  const before = shown.split('\n');
  const after = printed.split('\n');
  const at = after.findIndex((line, index) => line !== before[index]);
  const line = at < 0 ? after.length : at;
  return `line ${line + 1}\n  README:    ${before[line] ?? '(ends)'}\n  npm start: ${after[line] ?? '(ends)'}`;
}

function main(check: boolean): number {
  const readme = readFileSync(README, 'utf8');
  const wanted = withTranscript(readme, run());
  if (wanted === undefined) {
    process.stderr.write(`README.md lacks the markers ${BEGIN} and ${END}\n`);
    return 1;
  }
  if (wanted === readme) return 0;
  if (!check) {
    writeFileSync(README, wanted);
    return 0;
  }
  process.stderr.write(
    `README.md does not show what npm start prints; first difference in ${difference(readme, wanted)}\n` +
      'Run: npx node docs/transcript.ts\n',
  );
  return 1;
}

if (import.meta.main) process.exitCode = main(process.argv.includes('--check'));
