import assert from 'node:assert/strict';
import { test } from 'node:test';
import { executables, readAll } from './wrap.ts';

const TIME = '2026-11-24T22:00:00.123456789Z';
const dockerLine = (log: string, stream = 'stdout'): string => `${JSON.stringify({ log, stream, time: TIME })}\n`;
const lines = (...records: readonly object[]): string => records.map((one) => `${JSON.stringify(one)}\n`).join('');

const FALCO_ALERT = {
  output: '22:00:01.123456789: Critical Miner (command=xmrig -o pool.example.com:3333)',
  output_fields: { 'proc.cmdline': 'xmrig -o pool.example.com:3333', 'proc.exepath': '/tmp/xmrig' },
  priority: 'Critical',
  rule: 'Miner started',
  time: '2026-11-24T22:00:01.123456789Z',
};

test('formats 6: trims one line end of the text', () => {
  const read = readAll([dockerLine('fake 1 a\n') + dockerLine('fake 2 b\r\n') + dockerLine('fake 3 c\n\n')]);
  assert.deepEqual(executables(read), ['a', 'b', 'c']);
  assert.deepEqual(read.errors, []);
});

test('joins the parts of a long line until a line end, for each output', () => {
  const read = readAll([
    dockerLine('fake 1 a') + dockerLine('fake 2 x', 'stderr') + dockerLine('b') + dockerLine('y\n', 'stderr'),
    dockerLine('c\n'),
  ]);
  assert.deepEqual(executables(read), ['xy', 'abc']);
  assert.deepEqual(read.lines, [[4], [5]]);
});

test('does not join whole records that lost their line end', () => {
  const alert = JSON.stringify(FALCO_ALERT);
  const read = readAll([dockerLine('fake 1 a') + dockerLine('fake 2 b') + dockerLine(alert) + dockerLine('fake 3 c')]);
  assert.deepEqual(executables(read), ['a', 'b', '/tmp/xmrig', 'c']);
});

test('always joins parts of the size at which Docker cuts', () => {
  const first = `fake 1 ${'x'.repeat(16_384 - 7)}`;
  const read = readAll([dockerLine(first) + dockerLine('fake 2 b\n')]);
  assert.deepEqual(executables(read), [`${'x'.repeat(16_384 - 7)}fake 2 b`]);
});

test('formats 6: the processed object wins over the text, and both make one event', () => {
  const read = readAll([lines({ log: JSON.stringify(FALCO_ALERT), log_processed: FALCO_ALERT, stream: 'stdout' })]);
  assert.deepEqual(executables(read), ['/tmp/xmrig']);
});

test('reads an alert whose keys were merged into the record, with and without the text', () => {
  const kubernetes = { pod_name: 'web-1', namespace_name: 'shop', container_name: 'app' };
  const merged = { ...FALCO_ALERT, stream: 'stdout', kubernetes };
  for (const record of [merged, { ...merged, log: JSON.stringify(FALCO_ALERT) }]) {
    const read = readAll([lines(record)]);
    assert.deepEqual(executables(read), ['/tmp/xmrig']);
    assert.equal(read.events[0]?.claims.pod, 'web-1');
    assert.deepEqual(read.errors, []);
  }
});

test('formats 6: Kubernetes context becomes the place, and the id may carry its runtime', () => {
  const kubernetes = {
    pod_name: 'web-1',
    namespace_name: 'shop',
    container_name: 'app',
    docker_id: `containerd://${'0123456789abcdef'.repeat(4)}`,
    host: 'ip-192-0-2-10.ec2.internal',
    container_image: 'registry.example.com/web:1',
  };
  const [event] = readAll([lines({ log: 'fake 1 a\n', stream: 'stderr', kubernetes })]).events;
  assert.deepEqual(event?.claims, {
    container: '0123456789ab',
    pod: 'web-1',
    namespace: 'shop',
    containerName: 'app',
    image: 'registry.example.com/web:1',
    hostName: 'ip-192-0-2-10.ec2.internal',
  });
});

test("reads FireLens' and the AWS filters' keys", () => {
  const [event] = readAll([
    lines({
      log: 'fake 1 a',
      source: 'stdout',
      container_id: '0123456789abcdef'.repeat(4),
      container_name: '/ecs-shop-1-app-aabbcc',
      ecs_cluster: 'production',
      ecs_task_arn: 'arn:aws:ecs:us-east-1:111122223333:task/production/0123456789abcdef0123456789abcdef',
      ecs_task_definition: 'shop:7',
      ec2_instance_id: 'i-0123456789abcdef0',
    }),
  ]).events;
  assert.deepEqual(event?.claims, {
    instance: 'i-0123456789abcdef0',
    cluster: 'production',
    family: 'shop',
    region: 'us-east-1',
    account: '111122223333',
    task: '0123456789abcdef0123456789abcdef',
    container: '0123456789ab',
    containerName: 'ecs-shop-1-app-aabbcc',
  });
});

test('puts the numbered parts of FireLens together in the order of their numbers', () => {
  const part = (log: string, ordinal: number, last: boolean): object => ({
    log,
    container_name: 'app',
    partial_message: 'true',
    partial_id: 'one',
    partial_ordinal: String(ordinal),
    partial_last: String(last),
  });
  const read = readAll([lines(part('ba', 2, false), part('fake 1 a', 1, false), part('c', 3, true))]);
  assert.deepEqual(executables(read), ['abac']);
});

test('reads the text under message of a syslog record, and does not take every message for one', () => {
  const read = readAll([
    lines({ host: 'web', ident: 'audispd', pid: '1', message: 'fake 1 a' }, { message: 'fake 2 b', level: 'info' }),
  ]);
  assert.deepEqual(executables(read), ['a']);
  assert.equal(read.events[0]?.claims.hostName, 'web');
  assert.deepEqual(
    read.errors.map(({ kind, line }) => [kind, line]),
    [['unknown-format', 2]],
  );
});

test('formats 17.12: a record that was cut is counted, and what stands before the cut is read', () => {
  const whole = JSON.stringify({ log: 'fake 1 abc\n', stream: 'stdout', kubernetes: { pod_name: 'web-1' } });
  const behindText = readAll([`${whole.slice(0, -10)}\n`]);
  assert.deepEqual(executables(behindText), ['abc']);
  assert.deepEqual([behindText.events[0]?.truncated, behindText.errors[0]?.kind], [true, 'truncated']);
  const inText = readAll([`${whole.slice(0, whole.indexOf('bc'))}\n`]);
  assert.deepEqual(executables(inText), ['a']);
  assert.deepEqual([inText.events[0]?.truncated, inText.errors[0]?.kind], [true, 'truncated']);
});

test('counts a record that is no JSON', () => {
  const read = readAll(['{"log":"fake 1 a" "stream":"stdout"}\n']);
  assert.deepEqual(
    read.errors.map(({ kind }) => kind),
    ['not-json'],
  );
  assert.deepEqual(read.events, []);
});

test('formats 6: envelopes are opened four deep and no deeper', () => {
  let text = 'fake 1 a';
  for (let depth = 0; depth < 4; depth++) text = JSON.stringify({ log: `${text}\n`, stream: 'stdout' });
  assert.deepEqual(executables(readAll([text])), ['a']);
  const deeper = readAll([JSON.stringify({ log: text, stream: 'stdout' })]);
  assert.deepEqual(deeper.events, []);
  assert.equal(deeper.errors[0]?.kind, 'unknown-format');
});

test('formats 6: a text that is not JSON stays text', () => {
  const read = readAll([dockerLine('{not json\n') + dockerLine('plain\n')]);
  assert.deepEqual(
    read.errors.map(({ text }) => text),
    ['{not json', 'plain'],
  );
});

test('reads records that stand back to back on a line, and counts what else stands there', () => {
  const record = (log: string): string => JSON.stringify({ log, stream: 'stdout', container_name: 'a' });
  const kinds = (read: ReturnType<typeof readAll>): string[] => read.errors.map(({ kind }) => kind);
  const whole = readAll([`${['fake 1 a', 'fake 2 b', 'fake 3 c'].map(record).join('')}\n`]);
  assert.deepEqual(executables(whole), ['a', 'b', 'c']);
  assert.deepEqual(whole.errors, []);
  const cut = readAll([`${record('fake 1 a')} ${record('fake 2 b').slice(0, -12)}\n`]);
  assert.deepEqual(kinds(cut), ['truncated']);
  const foreign = readAll([`${record('fake 1 a')}{"x":1}\n${record('fake 2 b')}tail\n`]);
  assert.deepEqual(executables(foreign), ['a', 'b']);
  assert.deepEqual(kinds(foreign), ['unknown-format', 'unknown-format']);
});
