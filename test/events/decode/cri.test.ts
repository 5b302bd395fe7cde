import assert from 'node:assert/strict';
import { test } from 'node:test';
import { executables, readAll } from './wrap.ts';

const T = '2026-11-24T22:00:00.123456789Z';

test('formats 6: joins partial lines, and keeps stdout and stderr apart', () => {
  const text = `${T} stdout P fake 1 ou\n${T} stderr P fake 2 er\n${T} stdout F t\n${T} stderr F r\n`;
  const read = readAll([text]);
  assert.deepEqual(executables(read), ['out', 'err']);
  assert.deepEqual(read.lines, [[3], [4]]);
  assert.deepEqual(read.errors, []);
});

test('formats 6: a part without its end yields what came of it, marked as truncated', () => {
  const read = readAll([`${T} stdout P fake 1 beginning`]);
  assert.deepEqual(executables(read), ['beginning']);
  assert.equal(read.events[0]?.truncated, true);
});

test('formats 17.10: a last part whose first is in the file before is counted, and what follows is read', () => {
  const read = readAll([`${T} stdout F rest of a line\n${T} stdout F fake 1 next\n`]);
  assert.deepEqual(executables(read), ['next']);
  assert.deepEqual(read.errors, [{ kind: 'unknown-format', line: 1, text: 'rest of a line' }]);
});

test('formats 17.11: parts of one output never go to the other, over chunks too', () => {
  const lines = [`${T} stdout P fake 1 a`, `${T} stderr F fake 2 whole`, `${T} stdout P b`, `${T} stdout F c`];
  const read = readAll(lines.map((line) => `${line}\n`));
  assert.deepEqual(executables(read), ['whole', 'abc']);
});

test('reads times without fraction or with an offset, tags with more behind a colon, and empty text', () => {
  const read = readAll([
    `2026-11-24T22:00:00Z stdout F fake 1 a\n2026-11-24T23:00:00.5+01:00 stderr F:x fake 2 b\n${T} stdout F\n`,
  ]);
  assert.deepEqual(executables(read), ['a', 'b']);
  assert.deepEqual(read.errors, []);
});

test('counts a joined line that is too long, and drops what lies beyond', () => {
  const part = `${T} stdout P ${'x'.repeat(600)}\n`;
  const read = readAll([part.repeat(5), `${T} stdout F end\n${T} stdout F fake 1 next\n`], { maxLine: 1000 });
  assert.deepEqual(
    read.errors.map(({ kind, line }) => [kind, line]),
    [['too-long', 6]],
  );
  assert.deepEqual(executables(read), ['next']);
});

test('takes pod, namespace and container from the name of the file', () => {
  const file = `/var/log/containers/web-1_shop_app-${'0123456789abcdef'.repeat(4)}.log`;
  const [event] = readAll([`${T} stdout F fake 1 a\n`], { raw: { file } }).events;
  assert.deepEqual(event?.claims, { pod: 'web-1', namespace: 'shop', containerName: 'app', container: '0123456789ab' });
});

test('holds the clock of what lies inside to that of the envelope', () => {
  const envelope = Date.parse('2026-11-24T22:00:00.123Z');
  const read = readAll([`${T} stdout F fake ${envelope + 3_600_000} a\n${T} stdout F fake ${envelope} b\n`]);
  assert.deepEqual(
    read.events.map(({ time, clamped }) => [time, clamped]),
    [
      [envelope + 600_000, true],
      [envelope, undefined],
    ],
  );
});
