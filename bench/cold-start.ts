/**
 * Measures how long each function's bundle takes to import and initialise in a fresh process, beside a handler that is
 * empty, with the options that the stack gives to Node. Prints medians beside their targets; timings fail nothing.
 * Usage: npx node bench/cold-start.ts [RUNS] [FUNCTION…]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeRules } from '../cdk/bundle-rules.ts';
import { bundleFunctions, FUNCTIONS, type FunctionName } from '../cdk/bundling.ts';
import { median } from './measure.ts';

/** Milliseconds above the empty handler on one idle processor. A function at 1,024 MB has some 0.6 of one. */
const TARGET_MS: Readonly<Record<FunctionName, number>> = {
  'classify-runtime': 500,
  'classify-flow': 500,
  'classify-dns': 500,
  correlate: 250,
  sweep: 200,
  'notify-slack': 200,
  'import-security-hub': 250,
  'notify-chat': 200,
  'reconcile-subscriptions': 200,
};
const EMPTY = 'empty';

/** What the stack gives to any function; no value of it is used before the first event. */
const ENVIRONMENT = {
  NODE_OPTIONS: '--enable-source-maps',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
  DAVYLAMP_TABLE: 'davylamp',
  DAVYLAMP_WINDOW_HOURS: '24',
  DAVYLAMP_ACCOUNT: '111122223333',
  DAVYLAMP_OWN_LOG_PREFIX: '/davylamp/',
  DAVYLAMP_FINDINGS_TOPIC_ARN: 'arn:aws:sns:us-east-1:111122223333:findings',
  DAVYLAMP_OPERATIONS_TOPIC_ARN: 'arn:aws:sns:us-east-1:111122223333:operations',
  DAVYLAMP_EVENT_BUS: 'davylamp',
  DAVYLAMP_SLACK_SECRET: 'davylamp/slack',
  DAVYLAMP_SOURCES: 'runtime,vpc-flow,resolver',
};

interface Import {
  /** Milliseconds by the clock, and of processor time, which a busy machine stretches less. */
  readonly wall: number;
  readonly processor: number;
}

/** Imports the bundle that its argument names, and sends how long that took. */
const PROBE = `
  const [before, used] = [performance.now(), process.cpuUsage()];
  const { handler } = await import(process.argv[2]);
  const [wall, { user, system }] = [performance.now() - before, process.cpuUsage(used)];
  if (typeof handler !== 'function') throw new Error('no handler');
  process.send({ wall, processor: (user + system) / 1000 }, () => process.exit(0));
`;

const [runs = 7] = process.argv.slice(2, 3).map(Number);
const named = process.argv.slice(3);
const names = FUNCTIONS.filter((name) => named.length === 0 || named.includes(name));

async function importOnce(folder: string, name: string): Promise<Import> {
  const child = fork(join(folder, 'probe.mjs'), [join(folder, name, 'index.mjs')], {
    env: { PATH: process.env['PATH'] ?? '', ...ENVIRONMENT },
  });
  const [took] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([status]) => {
      throw new Error(`${name} ended with status ${status} before it was imported`);
    }),
  ]);
  await once(child, 'exit');
  return took as Import;
}

const folder = mkdtempSync(join(tmpdir(), 'davylamp-cold-start-'));
try {
  await bundleFunctions(names, folder);
  for (const name of names) if (name.startsWith('classify-')) writeRules(join(folder, name));
  mkdirSync(join(folder, EMPTY));
  writeFileSync(join(folder, EMPTY, 'index.mjs'), 'export const handler = async () => {};\n');
  writeFileSync(join(folder, 'probe.mjs'), PROBE);
  const times = new Map<string, Import[]>([EMPTY, ...names].map((name) => [name, []]));
  // In turn, so that what else the machine does meets all; the first round fills the caches and is dropped.
  for (let run = 0; run <= runs; run++) {
    for (const [name, all] of times) {
      const took = await importOnce(folder, name);
      if (run > 0) all.push(took);
    }
  }
  const wall = (name: string): number => median((times.get(name) ?? []).map((one) => one.wall));
  const processor = (name: string): number => median((times.get(name) ?? []).map((one) => one.processor));
  const shown = (name: string): string =>
    `${name.padEnd(24)} ${wall(name).toFixed(0).padStart(5)} ms, processor ${processor(name).toFixed(0).padStart(4)} ms`;
  process.stdout.write(`${shown(EMPTY)}\n`);
  for (const name of names) {
    const above = (processor(name) - processor(EMPTY)).toFixed(0).padStart(4);
    const kilobytes = (statSync(join(folder, name, 'index.mjs')).size / 1000).toFixed(0);
    process.stdout.write(
      `${shown(name)}, ${above} above empty (target ${TARGET_MS[name]}); ${kilobytes.padStart(5)} KB\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
