import assert from 'node:assert/strict';
import { test } from 'node:test';
import { executables, readAll } from './wrap.ts';

const T = '2026-11-24T22:00:00.000Z';

test('takes the time off each line of an export', () => {
  const read = readAll([`${T} fake 1795557600000 a\n2026-11-24T22:00:01.500Z fake 1795557600000 b\n`]);
  assert.deepEqual(executables(read), ['a', 'b']);
  assert.deepEqual(read.lines, [[1], [2]]);
  assert.deepEqual(
    read.events.map((event) => event.raw.line),
    [1, 2],
  );
});

test('gives lines without a time to the message before them', () => {
  const read = readAll([`${T} fake 1 a\nfake 2 continued\n${T} fake 3 b\n`]);
  assert.deepEqual(executables(read), ['a', 'continued', 'b']);
});

test('takes interface and instance from the folder of the stream', () => {
  const [flow] = readAll([`${T} fake 1 a\n`], { raw: { file: 'exp/task/eni-0123456789abcdef0-all/000000.gz' } }).events;
  assert.equal(flow?.claims.eni, 'eni-0123456789abcdef0');
  const [host] = readAll([`${T} fake 1 a\n`], { raw: { key: 'exp/task/i-0123456789abcdef0/000001.gz' } }).events;
  assert.deepEqual(host?.claims, { stream: 'i-0123456789abcdef0', instance: 'i-0123456789abcdef0' });
});

test('counts messages of no known format by their line', () => {
  const read = readAll([`${T} fake 1 a\n${T} GET /index.html\n${T} \n${T} fake 2 b\r\n`]);
  assert.deepEqual(read.errors, [{ kind: 'unknown-format', line: 2, text: 'GET /index.html' }]);
  assert.deepEqual(executables(read), ['a', 'b']);
});

test('holds the clock to the second of the export, wherever a chunk ends', () => {
  const lines = [`${T} fake 0 a\n`, '2026-11-24T22:00:00.900Z fake 0 b\n', '2026-11-24T22:00:01.100Z fake 0 c\n'];
  const whole = readAll([lines.join('')]);
  assert.deepEqual(readAll(lines).events, whole.events);
  const days = 14 * 86_400_000;
  const second = Date.parse(T);
  assert.deepEqual(
    whole.events.map((event) => event.time),
    [second - days, second - days, second - days + 1000],
  );
});
