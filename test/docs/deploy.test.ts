import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { checkConfig, EXAMPLE_FILE } from '../../cdk/config.ts';
import { main } from '../../cli/main.ts';

const page = readFileSync('docs/deploy.md', 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text);

/** `sources.flow.buckets.name`: the keys of a value, without the places in lists. */
function keysOf(value: unknown, prefix = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => keysOf(one, prefix));
  if (typeof value !== 'object' || value === null) return [prefix];
  const inner = Object.entries(value).flatMap(([key, one]) => keysOf(one, prefix === '' ? key : `${prefix}.${key}`));
  return inner.length > 0 ? inner : [prefix];
}

/** The three sources have the same keys but for the format of flow logs; the page speaks of them once. */
const merged = (keys: readonly string[]): string[] => [
  ...new Set(keys.map((key) => key.replace(/^sources\.(?:runtime|dns|flow(?!\.format))(?=\.)/, 'sources.NAME'))),
];

/** The one that uses every key. */
const fullest = blocks('json').reduce((longest, one) => (one.length > longest.length ? one : longest), '');

test('every configuration on the page is taken', () => {
  for (const text of blocks('json')) assert.deepEqual(Object.keys(checkConfig(JSON.parse(text))), ['config'], text);
});

test('the table names every key of a configuration, and no other', () => {
  const checked = checkConfig(JSON.parse(fullest));
  assert.ok('config' in checked);
  const told = [...page.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, key = '']) => key);
  assert.deepEqual(told.sort(), merged(keysOf(checked.config)).sort());
});

test('the shipped example is taken, and of its keys the page knows all', () => {
  const example: unknown = JSON.parse(readFileSync(EXAMPLE_FILE, 'utf8'));
  assert.ok('config' in checkConfig(example));
  for (const key of merged(keysOf(example))) assert.ok(page.includes(`| \`${key}\` |`), key);
});

test('the defaults that the table names are those of the schema', () => {
  const checked = checkConfig({
    sources: { runtime: { buckets: [{ name: 'example-logs' }] } },
    email: [{ address: 'oncall@example.com' }],
    slack: { secretName: 'davylamp/slack' },
    chat: { workspaceId: 'T0123ABCD', channelId: 'C0123ABCD' },
  });
  assert.ok('config' in checked);
  const rows = [...page.matchAll(/^\| `([\w.]+)` \| ([^|]+) \|/gm)];
  const defaults = new Map(rows.map(([, key = '', value = '']) => [key, value.trim()]));
  const read = (key: string): unknown =>
    key.split('.').reduce<unknown>((value, part) => {
      const one: unknown = Array.isArray(value) ? value[0] : value;
      return typeof one === 'object' && one !== null ? Reflect.get(one, part) : undefined;
    }, checked.config);
  let compared = 0;
  for (const [key, told] of defaults) {
    const value = read(key.replace('NAME', 'runtime'));
    if (typeof value !== 'boolean' && typeof value !== 'number' && !key.endsWith('Severity')) continue;
    assert.equal(told, `\`${String(value)}\``, key);
    compared += 1;
  }
  assert.ok(compared >= 9, `only ${compared} compared`);
});

test('the records of the first deployment are a Medium chain', async () => {
  const block = blocks('sh').find((text) => text.includes('audit.json <<EOF'));
  assert.ok(block !== undefined);
  const now = Math.floor(Date.now() / 1000);
  const values: Readonly<Record<string, string>> = {
    NOW: String(now),
    ISO: new Date(now * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
    ACCOUNT: '111122223333',
    REGION: 'eu-west-1',
  };
  const folder = mkdtempSync(join(tmpdir(), 'davylamp-deploy-'));
  try {
    const streams = {
      audit: ['/hosts/audit', 'i-0123456789abcdef0'],
      dns: ['/vpc/resolver', 'davylamp-first'],
    } as const;
    for (const [name, [logGroup, logStream]] of Object.entries(streams)) {
      const [, body = ''] = new RegExp(`${name}\\.json <<EOF\\n([\\s\\S]*?)\\nEOF`).exec(block) ?? [];
      // What the shell makes of an unquoted here-document: variables, and a backslash before one of \ $ and the like.
      const text = body
        .replace(/\$(?:\{(\w+)\}|(\w+))/g, (all, braced, bare) => values[braced ?? bare] ?? all)
        .replace(/\\\\/g, '\\');
      const events: { timestamp: number; message: string }[] = JSON.parse(text);
      const logEvents = events.map((event, at) => ({ id: String(at).padStart(56, '0'), ...event }));
      const envelope = { messageType: 'DATA_MESSAGE', owner: values['ACCOUNT'], logGroup, logStream, logEvents };
      writeFileSync(
        join(folder, `${name}.json`),
        `${JSON.stringify({ ...envelope, subscriptionFilters: ['davylamp'] })}\n`,
      );
    }
    let printed = '';
    const stdout = new Writable({
      write: (chunk, _, done) => {
        printed += String(chunk);
        done();
      },
    });
    const stderr = new Writable({ write: (_chunk, _encoding, done) => done() });
    const code = await main(['scan', folder, '--json', '--region', 'eu-west-1'], {
      stdin: process.stdin,
      stdout,
      stderr,
      env: {},
    });
    assert.equal(code, 0);
    const findings = printed
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      findings.map(({ severity, place }) => [severity, place.account, place.host, place.scope]),
      [['Medium', '111122223333', 'i-0123456789abcdef0', 'host']],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** The list for the first deployment. */
const [, firstDeployment = ''] = /^## The first deployment\n([\s\S]*?)^## /m.exec(page) ?? [];

test('the list for the first deployment writes to groups of the example alone, which tells of Medium findings', () => {
  const checked = checkConfig(JSON.parse(readFileSync(EXAMPLE_FILE, 'utf8')));
  assert.ok('config' in checked);
  const { sources, email } = checked.config;
  const groups = [sources.runtime, sources.flow, sources.dns].flatMap(({ logGroups }) => logGroups);
  const named = [...firstDeployment.matchAll(/--log-group-name (\S+)/g)].map(([, group = '']) => group);
  assert.ok(named.length >= 7, `only ${named.length} named`);
  const others = named.filter((group) => !group.startsWith('/davylamp'));
  assert.deepEqual([...new Set(others)].sort(), ['/hosts/audit', '/vpc/resolver']);
  for (const group of others) assert.ok(groups.includes(group), group);
  assert.deepEqual([...new Set(email.map(({ minimumSeverity }) => minimumSeverity))], ['Low']);
});

test('the list for the first deployment asks of date what macOS has too', () => {
  const calls = [...firstDeployment.matchAll(/\$\(date ([^)]*)\)/g)].map(([, options = '']) => options);
  assert.ok(calls.length >= 5);
  for (const options of calls) assert.match(options, /^(?:\+%s|-u \+%FT%TZ)$/);
});

/** Runs the block that switches EventBridge on with an `aws` of which `get` does what `getting` says. */
function switchedOn(context: TestContext, getting: string): { readonly status: number | null; readonly put: unknown } {
  const block = blocks('sh').find((text) => text.includes('put-bucket-notification-configuration'));
  assert.ok(block !== undefined);
  const folder = mkdtempSync(join(tmpdir(), 'davylamp-notification-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const aws = `#!/bin/sh
case "$2" in
  get-*) ${getting} ;;
  put-*) for last in "$@"; do :; done; cp "\${last#file://}" put.json ;;
esac
`;
  writeFileSync(join(folder, 'aws'), aws, { mode: 0o755 });
  const path = [folder, dirname(process.execPath), process.env['PATH']].join(delimiter);
  const { status } = spawnSync('sh', ['-c', block], { cwd: folder, env: { PATH: path } });
  const put = join(folder, 'put.json');
  return { status, put: existsSync(put) ? JSON.parse(readFileSync(put, 'utf8')) : undefined };
}

for (const [name, getting] of [
  ['refused', 'exit 254'],
  ['broken off', `printf '{"QueueConfigurations": ['; exit 255`],
  ['no JSON', 'echo None'],
] as const) {
  test(`leaves a bucket's notifications alone when reading them is ${name}`, (context) => {
    const { status, put } = switchedOn(context, getting);
    assert.equal(put, undefined);
    assert.notEqual(status, 0);
  });
}

const QUEUE = { Id: 'others', QueueArn: 'arn:aws:sqs:eu-west-1:111122223333:others', Events: ['s3:ObjectCreated:*'] };

for (const [name, answer, kept] of [
  ['none', '', {}],
  ['those of others', JSON.stringify({ QueueConfigurations: [QUEUE] }), { QueueConfigurations: [QUEUE] }],
  ['EventBridge already', '{"EventBridgeConfiguration": {}}', {}],
] as const) {
  test(`switches EventBridge on for a bucket with ${name}, and keeps what is there`, (context) => {
    const { status, put } = switchedOn(context, `printf '%s' '${answer}'`);
    assert.deepEqual([status, put], [0, { ...kept, EventBridgeConfiguration: {} }]);
  });
}
