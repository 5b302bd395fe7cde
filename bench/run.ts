/**
 * Measures `davylamp scan` beside `gunzip -c FILE | wc -l` on the same file, in turn, and prints the ratio of the
 * medians and that of the quickest runs beside their bound, what was found, and peak memory. Timings fail nothing; a
 * prefilter that loses hits does.
 * Usage: npm run bench -- [MEGABYTES] [RUNS] [KIND…]
 */
import { fileURLToPath } from 'node:url';
import { generate, KINDS, type Kind } from './generate.ts';
import { compareHits } from './hits.ts';
import { type Measured, measure, median } from './measure.ts';

/** What docs/decisions/0006-speed.md promises of 300 MB on two processors. */
const RATIO_BOUND: Readonly<Record<Kind, number>> = { flow: 1.5, resolver: 1.5, auditd: 2 };
const MEGABYTES_BOUND = 300;
/** The full path takes some thirty times as long: hits are compared on fewer lines. */
const COMPARED_MEGABYTES = 20;

const [megabytes = 300, runs = 3] = process.argv.slice(2, 4).map(Number);
const named = process.argv.slice(4);
const kinds = (Object.keys(KINDS) as Kind[]).filter((kind) => named.length === 0 || named.includes(kind));
const data = fileURLToPath(new URL('data', import.meta.url));
const cli = fileURLToPath(new URL('../cli/davylamp.js', import.meta.url));

/** Pairs in turn, so that what else the machine does meets both; the first pair fills the caches and is dropped. */
async function measurePairs(file: string): Promise<{ pipe: readonly Measured[]; scan: readonly Measured[] }> {
  const pipe: Measured[] = [];
  const scan: Measured[] = [];
  for (let run = 0; run <= runs; run++) {
    pipe.push(await measure('sh', ['-c', 'gunzip -c "$0" | wc -l', file]));
    scan.push(await measure(process.execPath, [cli, 'scan', '--json', file]));
  }
  return { pipe: pipe.slice(1), scan: scan.slice(1) };
}

const secondsOf = (all: readonly Measured[]): number => median(all.map((one) => one.seconds));
/** What else a machine does only ever adds time: the quickest run of each is nearest to what they cost themselves. */
const quickest = (all: readonly Measured[]): number => Math.min(...all.map((one) => one.seconds));

for (const kind of kinds) {
  const { pipe, scan } = await measurePairs(await generate(kind, megabytes, data));
  const ratio = secondsOf(scan) / secondsOf(pipe);
  const findings = scan.at(-1)?.output.split('\n').filter(Boolean).length ?? 0;
  const peak = Math.max(...scan.map((one) => one.megabytes ?? Number.NaN));
  const hits = await compareHits(kind, await generate(kind, Math.min(megabytes, COMPARED_MEGABYTES), data));
  process.stdout.write(
    `${kind.padEnd(8)} ${megabytes} MB: pipe ${secondsOf(pipe).toFixed(2)} s, scan ${secondsOf(scan).toFixed(2)} s, ` +
      `ratio ${ratio.toFixed(2)}, of the quickest runs ${(quickest(scan) / quickest(pipe)).toFixed(2)} ` +
      `(bound ${RATIO_BOUND[kind]}); peak ${peak.toFixed(0)} MB (bound ${MEGABYTES_BOUND}); ` +
      `findings ${findings}; events found with prefilter ${hits.fast}, without ${hits.slow}\n`,
  );
  if (hits.fast === 0 || hits.fast !== hits.slow) throw new Error(`${kind}: the prefilter and the full path differ`);
}
