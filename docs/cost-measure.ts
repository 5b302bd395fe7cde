/**
 * Measures what docs/cost-model.ts assumes: processor time of one warm invocation of each classifier, for log batches of
 * several sizes, and the bytes of its line of metrics. It calls the bundles that are deployed. Timings fail nothing.
 * Usage: npx node docs/cost-measure.ts
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { generate, type Kind } from '../bench/generate.ts';
import { median } from '../bench/measure.ts';
import { writeRules } from '../cdk/bundle-rules.ts';
import { bundleFunctions, type FunctionName } from '../cdk/bundling.ts';
import { openEmbeddedTable } from '../cli/embedded-table.ts';

type Invoke = (event: unknown, context: object) => Promise<unknown>;

const CLASSIFIERS = {
  flow: 'classify-flow',
  resolver: 'classify-dns',
  auditd: 'classify-runtime',
} as const satisfies Record<Kind, FunctionName>;
const KINDS: readonly Kind[] = ['flow', 'resolver', 'auditd'];
/** Bytes of log lines in one batch. */
const BATCH_BYTES = [2_000, 16_000, 128_000, 1_000_000];
const MEGABYTES = 4;
/** The first invocations run code that is not compiled yet. */
const WARM_UP = 200;
const INVOCATIONS = 60;

const folder = mkdtempSync(join(tmpdir(), 'davylamp-cost-'));
const table = await openEmbeddedTable();
Object.assign(process.env, {
  DAVYLAMP_TABLE: 'davylamp',
  DAVYLAMP_WINDOW_HOURS: '24',
  DAVYLAMP_ACCOUNT: '111122223333',
  DAVYLAMP_OWN_LOG_PREFIX: '/davylamp/',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'embedded',
  AWS_SECRET_ACCESS_KEY: 'embedded',
  AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
});

/** The lines of a log in batches of about `size` bytes, as CloudWatch Logs hands them over. */
function batchesOf(lines: readonly string[], size: number): object[] {
  const batches: object[] = [];
  let batch: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    batch.push(line);
    bytes += line.length + 1;
    if (bytes < size) continue;
    batches.push(subscription(batch));
    batch = [];
    bytes = 0;
  }
  return batches.length > 0 ? batches : [subscription(batch)];
}

function subscription(lines: readonly string[]): object {
  const timestamp = Date.now();
  const document = {
    messageType: 'DATA_MESSAGE',
    owner: '111122223333',
    logGroup: '/example/logs',
    logStream: 'i-0123456789abcdef0',
    subscriptionFilters: ['davylamp'],
    logEvents: lines.map((message, at) => ({ id: String(at).padStart(56, '3'), timestamp, message })),
  };
  return { awslogs: { data: gzipSync(JSON.stringify(document)).toString('base64') } };
}

interface Taken {
  /** Median processor time, milliseconds. */
  readonly milliseconds: number;
  /** Bytes on standard output for each invocation. */
  readonly bytes: number;
}

async function time(handler: Invoke, batches: readonly object[]): Promise<Taken> {
  const times: number[] = [];
  let bytes = 0;
  const write = process.stdout.write;
  process.stdout.write = (text: string | Uint8Array) => {
    bytes += Buffer.byteLength(text);
    return true;
  };
  try {
    for (let at = 0; at < WARM_UP + INVOCATIONS; at++) {
      if (at === WARM_UP) bytes = 0;
      const before = process.cpuUsage();
      await handler(batches[at % batches.length], { awsRequestId: '00000000-0000-4000-8000-000000000000' });
      const { user, system } = process.cpuUsage(before);
      if (at >= WARM_UP) times.push((user + system) / 1000);
    }
  } finally {
    process.stdout.write = write;
  }
  return { milliseconds: median(times), bytes: bytes / INVOCATIONS };
}

try {
  const names = Object.values(CLASSIFIERS);
  await bundleFunctions(names, folder);
  for (const name of names) writeRules(join(folder, name));
  for (const kind of KINDS) {
    const lines = gunzipSync(readFileSync(await generate(kind, MEGABYTES, folder)))
      .toString()
      .trimEnd()
      .split('\n');
    const bundle = (await import(join(folder, CLASSIFIERS[kind], 'index.mjs'))) as { readonly handler: Invoke };
    for (const size of BATCH_BYTES) {
      const { milliseconds, bytes } = await time(bundle.handler, batchesOf(lines, size));
      process.stdout.write(
        `${kind.padEnd(9)} ${String(size).padStart(8)} bytes  ${milliseconds.toFixed(2).padStart(7)} ms  ${bytes.toFixed(0)} bytes of metrics\n`,
      );
    }
  }
} finally {
  await table.close();
  rmSync(folder, { recursive: true });
}
