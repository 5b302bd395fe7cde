/**
 * Measures `davylamp scan` beside `gunzip -c FILE | wc -l` on the same file, in turn, and prints the ratio of the
 * medians, what was found, and peak memory. Usage: npm run bench -- [MEGABYTES] [RUNS]
 */
import { fileURLToPath } from 'node:url';
import { generate, KINDS, type Kind } from './generate.ts';
import { compareHits } from './hits.ts';
import { type Measured, measure, median } from './measure.ts';

const [megabytes = 300, runs = 3] = process.argv.slice(2).map(Number);
const data = fileURLToPath(new URL('data', import.meta.url));
const cli = fileURLToPath(new URL('../cli/davylamp.js', import.meta.url));

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

for (const kind of Object.keys(KINDS) as Kind[]) {
  const file = await generate(kind, megabytes, data);
  const pipe: Measured[] = [];
  const scan: Measured[] = [];
  for (let run = 0; run <= runs; run++) {
    pipe.push(await measure('sh', ['-c', 'gunzip -c "$0" | wc -l', file]));
    scan.push(await measure(process.execPath, [cli, 'scan', '--json', file]));
  }
  const seconds = (all: readonly Measured[]): number => median(all.slice(1).map((one) => one.seconds));
  const findings = scan.at(-1)?.output.split('\n').filter(Boolean).length ?? 0;
  const peak = Math.max(...scan.map((one) => one.megabytes ?? Number.NaN));
  const hits = await compareHits(kind, await generate(kind, Math.min(megabytes, 20), data));
  print(
    `${kind.padEnd(8)} ${megabytes} MB: pipe ${seconds(pipe).toFixed(2)} s, scan ${seconds(scan).toFixed(2)} s, ` +
      `ratio ${(seconds(scan) / seconds(pipe)).toFixed(2)}; ${findings} findings, peak ${peak.toFixed(0)} MB; ` +
      `events found with prefilter ${hits.fast}, without ${hits.slow}`,
  );
  if (hits.fast === 0 || hits.fast !== hits.slow) throw new Error(`${kind}: the prefilter and the full path differ`);
}
