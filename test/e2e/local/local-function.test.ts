import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Gateway } from './gateway.ts';
import { LocalFunction } from './local-function.ts';
import { Template } from './template.ts';

const CODE = `
let calls = 0;
export const handler = async (event, context) => {
  calls += 1;
  if (event.act === 'throw') throw new RangeError('no');
  if (event.act === 'hang') await new Promise((resolve) => setTimeout(resolve, 60_000));
  if (event.act === 'fill') { const all = []; for (;;) all.push(new Array(1e6).fill({})); }
  if (event.act === 'print') console.log('printed');
  if (event.act === 'fetch') return (await fetch(process.env.AWS_ENDPOINT_URL + '/slack/x')).status;
  return {
    calls, variable: process.env.VARIABLE, path: process.env.HOME, now: Date.now(), year: new Date().getFullYear(),
    fixed: new Date(0).toISOString(), remaining: context.getRemainingTimeInMillis(), name: context.functionName,
  };
};
`;

async function opened(
  t: { after: (act: () => Promise<void>) => void },
  settings: { code?: string; properties?: object; clockOffsetMs?: number } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'davylamp-function-'));
  writeFileSync(join(folder, 'index.mjs'), settings.code ?? CODE);
  const manifest = { files: { a: { source: { path: '.' }, destinations: { b: { objectKey: 'work.zip' } } } } };
  writeFileSync(join(folder, 'davylamp.assets.json'), JSON.stringify(manifest));
  const template = new Template({
    Resources: {
      Work: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          ...{ FunctionName: 'work', Handler: 'index.handler', MemorySize: 64, Timeout: 3, Role: 'role' },
          Code: { S3Key: 'work.zip' },
          ...{ Runtime: 'nodejs24.x', LoggingConfig: { LogGroup: '/own/work' } },
          Environment: { Variables: { VARIABLE: 'value' } },
          ...settings.properties,
        },
      },
    },
  });
  const gateway = await Gateway.open();
  t.after(async () => {
    await gateway.close();
    rmSync(folder, { recursive: true });
  });
  const { clockOffsetMs = 0 } = settings;
  const fn = new LocalFunction(template.only('AWS::Lambda::Function'), {
    ...{ gateway, assembly: folder, clockOffsetMs: () => clockOffsetMs },
  });
  t.after(() => fn.close());
  return { fn, gateway };
}

type Seen = { result: { [name: string]: unknown } };

test('runs the bundle with the variables of the template alone, and keeps the process for the next event', async (t) => {
  const { fn, gateway } = await opened(t);
  const first = (await fn.invoke({})) as Seen;
  const second = (await fn.invoke({ act: 'print' })) as Seen;
  assert.deepEqual(
    [
      first.result['calls'],
      first.result['variable'],
      first.result['path'],
      first.result['name'],
      second.result['calls'],
    ],
    [1, 'value', undefined, 'work', 2],
  );
  assert.ok(Number(first.result['remaining']) <= 3000);
  assert.equal(fn.coldStarts.length, 1);
  await fn.close();
  assert.deepEqual(fn.lines, ['printed']);
  assert.deepEqual(gateway.log.actionsOf('Work'), ['logs:CreateLogStream', 'logs:PutLogEvents']);
  assert.match(
    gateway.log.calls[0]?.resources[0] ?? '',
    /^arn:aws:logs:eu-west-1:111122223333:log-group:\/own\/work:log-stream:/,
  );
});

test('starts another process for an event that comes meanwhile', async (t) => {
  const { fn } = await opened(t);
  const both = await Promise.all([fn.invoke({}), fn.invoke({})]);
  assert.deepEqual(
    both.map((one) => (one as Seen).result['calls']),
    [1, 1],
  );
});

const ENDINGS: readonly [string, string, RegExp][] = [
  ['throws', 'throw', /^RangeError: no$/],
  ['is not done in time', 'hang', /^Sandbox\.Timedout: Task timed out after 3000 ms$/],
  ['needs more memory than it has', 'fill', /^Runtime\.ExitError: /],
];
for (const [what, act, says] of ENDINGS) {
  test(`tells of a function that ${what}, and goes on with the next event`, async (t) => {
    const { fn } = await opened(t);
    const outcome = await fn.invoke({ act });
    assert.match('error' in outcome ? `${outcome.error.errorType}: ${outcome.error.errorMessage}` : '', says);
    assert.ok('result' in (await fn.invoke({})));
  });
}

test('tells of a bundle that can not be loaded', async (t) => {
  const { fn } = await opened(t, { code: "throw new TypeError('broken');" });
  assert.deepEqual(await fn.invoke({}), { error: { errorType: 'TypeError', errorMessage: 'broken' } });
});

test('lets the function live later than the machine', async (t) => {
  const hour = 3_600_000;
  const { fn } = await opened(t, { clockOffsetMs: 24 * 366 * hour });
  const { result } = (await fn.invoke({})) as Seen;
  assert.ok(Number(result['now']) > Date.now() + 24 * 365 * hour);
  assert.equal(result['fixed'], '1970-01-01T00:00:00.000Z');
  assert.equal(result['year'], new Date(Number(result['now'])).getUTCFullYear());
});

test('is known by requests that nobody signs, and killed at them', async (t) => {
  const { fn, gateway } = await opened(t);
  gateway.add({
    name: 'slack',
    answer: async ({ enter }) => {
      enter('slack:Post', ['x']);
      return { status: 204, headers: {}, body: '' };
    },
  });
  assert.deepEqual(await fn.invoke({ act: 'fetch' }), { result: 204 });
  gateway.interventions.add({ on: ({ caller }) => caller === 'Work', times: 1, act: { kill: 'after' } });
  assert.deepEqual(await fn.invoke({ act: 'fetch' }), {
    error: { errorType: 'Runtime.ExitError', errorMessage: 'ended by SIGKILL' },
  });
  assert.deepEqual(await fn.invoke({ act: 'fetch' }), { result: 204 });
});

test('refuses another runtime than the one that runs the tests, and a bundle that is not there', async (t) => {
  await assert.rejects(opened(t, { properties: { Runtime: 'nodejs22.x' } }), /nodejs22\.x/);
  await assert.rejects(opened(t, { properties: { Handler: 'other.handler' } }), /no bundle of other\.handler/);
});
