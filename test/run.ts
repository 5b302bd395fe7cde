/**
 * Runs all tests but the end-to-end ones in three processes, each of which runs its files one after the other without a
 * process for each: two cores are what a small machine has, and a part of the tests waits for commands that they start.
 * Ends with the totals of all.
 * Usage: npx node test/run.ts
 */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';

/** Folders whose tests take about a third of the time; those of one folder share what they set up. */
const THIRDS = [/^test\/(?:aws|functions)\//, /^test\/(?:cdk|cli|correlate|docs|report)\//];

const files = globSync('test/**/*.test.ts').filter((path) => !path.startsWith('test/e2e/'));
const rest = files.filter((path) => !THIRDS.some((third) => third.test(path)));
const parts = [...THIRDS.map((third) => files.filter((path) => third.test(path))), rest];

interface Outcome {
  readonly code: number;
  readonly output: string;
}

function run(part: readonly string[]): Promise<Outcome> {
  const child = spawn(process.execPath, ['--test', '--test-isolation=none', ...part.toSorted()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

const outcomes = await Promise.all(parts.map(run));
for (const { output } of outcomes) process.stdout.write(output);

const summaries = outcomes.map(
  ({ output }) =>
    new Map([...output.matchAll(/^ℹ (\w+) ([\d.]+)$/gm)].map(([, name = '', count = '']) => [name, Number(count)])),
);
process.stdout.write('\n');
for (const name of ['tests', 'suites', 'pass', 'fail', 'cancelled', 'skipped', 'todo']) {
  const counts = summaries.map((summary) => summary.get(name));
  // A part without a summary has not come to its end.
  const total = counts.some((count) => count === undefined)
    ? Number.NaN
    : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  process.stdout.write(`ℹ ${name} ${total}\n`);
}
process.exitCode = outcomes.every(({ code }) => code === 0) ? 0 : 1;
