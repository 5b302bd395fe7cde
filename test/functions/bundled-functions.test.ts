import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import type { Metafile } from 'esbuild';
import { writeRules } from '../../cdk/bundle-rules.ts';
import { bundleFunctions, FUNCTIONS } from '../../cdk/bundling.ts';
import { unwantedInputs } from '../../cdk/check-bundles.ts';
import { openEmbeddedTable } from '../../cli/embedded-table.ts';
import { subscriptionEvent } from './classifier.ts';

const NAMES = ['classify-runtime', 'classify-flow', 'classify-dns'] as const;
/** Calls the handler of the bundle in the working directory with the event on standard input. */
const CALL = `
  import { readFileSync } from 'node:fs';
  const { handler } = await import(process.cwd() + '/index.mjs');
  const event = JSON.parse(readFileSync(0, 'utf8'));
  try {
    const context = { awsRequestId: 'id', getRemainingTimeInMillis: () => 60_000 };
    console.log(JSON.stringify({ result: (await handler(event, context)) ?? null }));
  } catch ({ name, message }) {
    console.log(JSON.stringify({ error: name + ': ' + message }));
  }
`;

const folder = mkdtempSync(join(tmpdir(), 'davylamp-bundles-'));
let table: Awaited<ReturnType<typeof openEmbeddedTable>>;
let metafile: Metafile;

before(async () => {
  table = await openEmbeddedTable();
  metafile = await bundleFunctions(FUNCTIONS, folder);
  for (const name of NAMES) writeRules(join(folder, name));
});
after(async () => {
  await table.close();
  rmSync(folder, { recursive: true });
});

const VARIABLES = {
  DAVYLAMP_TABLE: 'davylamp',
  DAVYLAMP_WINDOW_HOURS: '24',
  DAVYLAMP_ACCOUNT: '111122223333',
  DAVYLAMP_OWN_LOG_PREFIX: '/davylamp/',
  DAVYLAMP_FINDINGS_TOPIC_ARN: 'arn:aws:sns:us-east-1:111122223333:findings',
  DAVYLAMP_OPERATIONS_TOPIC_ARN: 'arn:aws:sns:us-east-1:111122223333:operations',
  DAVYLAMP_CHAT_TOPIC_ARN: 'arn:aws:sns:us-east-1:111122223333:chat',
  DAVYLAMP_EVENT_BUS: 'davylamp',
  DAVYLAMP_SLACK_SECRET: 'davylamp/slack',
  DAVYLAMP_SOURCES: 'runtime',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'embedded',
  AWS_SECRET_ACCESS_KEY: 'embedded',
};

interface Called {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Not in step with the child: the table that it calls lives in this process. */
async function call(name: string, event: unknown, variables: Readonly<Record<string, string>>): Promise<Called> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', CALL], {
    cwd: join(folder, name),
    env: { PATH: process.env['PATH'] ?? '', ...variables },
  });
  // A child that ends at its start takes no event.
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(event));
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { status, stdout, stderr };
}

for (const name of NAMES) {
  test(`the bundle of ${name} takes a control message`, async () => {
    const event = subscriptionEvent(['CWL CONTROL MESSAGE: Checking health'], {
      at: 0,
      messageType: 'CONTROL_MESSAGE',
    });
    const { stdout, stderr } = await call(name, event, VARIABLES);
    assert.match(stdout, /"result":null/, stderr);
    assert.match(stdout, new RegExp(`"function":"${name}"`));
  });

  test(`the bundle of ${name} says at its start what is missing in its environment`, async () => {
    const { DAVYLAMP_TABLE: _, ...others } = VARIABLES;
    const { status, stderr } = await call(name, {}, others);
    assert.notEqual(status, 0);
    assert.match(stderr, /missing in the environment of this function: DAVYLAMP_TABLE/);
  });
}

/** A Kinesis event. */
const FOREIGN = { Records: [{ eventSource: 'aws:kinesis', eventID: 'secret', kinesis: { data: 'c2VjcmV0' } }] };
for (const name of FUNCTIONS) {
  test(`the bundle of ${name} says that an event is not of its trigger, and repeats nothing of it`, async () => {
    const { stdout, stderr } = await call(name, FOREIGN, VARIABLES);
    assert.match(stdout, /"error":"[A-Za-z]*Error: (?:expected |not |the event )/, stderr);
    assert.doesNotMatch(stdout + stderr, /secret|c2VjcmV0/);
  });
}

test('no bundle holds a YAML parser, the embedded table or the command line', () => {
  assert.ok(Object.keys(metafile.inputs).length > 100);
  assert.deepEqual(unwantedInputs(metafile), []);
});

test('a bundle writes evidence to its table', async () => {
  const lines = readFileSync('samples/scenarios/critical/logs/audit.log.1', 'utf8').trimEnd().split('\n');
  const at = Date.now() - 60_000;
  // The scenario's time, moved to a minute ago: the function's clock is the machine's.
  const moved = lines.map((line) => line.replace(/audit\(\d+\.\d+:/, `audit(${(at / 1000).toFixed(3)}:`));
  const event = subscriptionEvent(moved, { at });
  const { stdout, stderr } = await call('classify-runtime', event, {
    ...VARIABLES,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
  });
  assert.match(stdout, /"EvidenceWritten":[1-9]/, stderr);
});
