import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AUDITD } from '#shared/events/auditd/reader.ts';
import { envelopeFormats } from '#shared/events/decode/envelopes.ts';
import { MAX_STREAMS } from '#shared/events/decode/limits.ts';
import { StreamReader } from '#shared/events/stream.ts';
import { ALL, collector, executables, payload, readAll } from './wrap.ts';

const syscall = (serial: number): string =>
  `type=SYSCALL msg=audit(1795557600.123:${serial}): arch=c000003e syscall=59 success=yes exit=0 a0=0 a1=0 a2=0 a3=0 items=2 ppid=1 pid=2 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 comm="x" exe="/tmp/${serial}" key=(null)`;
const execve = (serial: number): string =>
  `type=EXECVE msg=audit(1795557600.123:${serial}): argc=2 a0="./x" a1="serial-${serial}"`;

test('keeps one reader for each stream, so that interleaved streams with the same serials stay apart', () => {
  const one = (stream: string, message: string): string => payload([{ message }], { logStream: stream });
  const text = [one('a', syscall(7)), one('b', syscall(7)), one('b', execve(7)), one('a', execve(7))].join('\n');
  const sink = collector();
  const reader = new StreamReader(envelopeFormats([AUDITD]), ALL, { origin: {}, raw: {}, maxLine: 1_048_576 });
  reader.read(Buffer.from(text), sink);
  reader.finish(sink);
  assert.deepEqual(sink.events.map(({ claims, raw }) => [claims.stream, raw.line]).sort(), [
    ['a', 4],
    ['b', 3],
  ]);
});

test('an event that spans records names their lines in the outer file', () => {
  const noise = payload([{ message: 'noise' }], { logStream: 'other' });
  const text = [payload([{ message: syscall(7) }]), noise, noise, payload([{ id: 'last', message: execve(7) }])].join(
    '\n',
  );
  const sink = collector();
  const reader = new StreamReader(envelopeFormats([AUDITD]), ALL, { origin: {}, raw: {}, maxLine: 1_048_576 });
  for (const line of text.split(/(?<=\n)/)) reader.read(Buffer.from(line), sink);
  reader.finish(sink);
  assert.deepEqual(sink.lines, [[1, 4]]);
  assert.deepEqual([sink.events[0]?.raw.line, sink.events[0]?.raw.eventId], [4, 'last']);
});

test('reads more streams than it keeps open', () => {
  const count = MAX_STREAMS * 2;
  const text = Array.from({ length: count * 2 }, (_, i) =>
    payload([{ message: `fake 1 ${i}` }], { logStream: `stream-${i % count}` }),
  ).join('\n');
  const read = readAll([text]);
  assert.deepEqual(
    executables(read).map(Number),
    Array.from({ length: count * 2 }, (_, i) => i),
  );
  assert.equal(read.events[count + 3]?.claims.stream, 'stream-3');
});

test('gives each record of a stream to the reader of its format', () => {
  const alert = JSON.stringify({
    output_fields: { 'proc.exepath': '/b' },
    rule: 'r',
    priority: 'Notice',
    time: '2026-11-24T22:00:00Z',
  });
  const messages = ['fake 1 a', 'unknown', alert, 'unknown\nfake 2 c\n\nunknown', 'fake 3 d'];
  const read = readAll([
    payload(messages.map((message) => ({ message, timestamp: Date.parse('2026-11-24T22:00:00Z') }))),
  ]);
  assert.deepEqual(executables(read), ['a', '/b', 'c', 'd']);
  assert.equal(read.errors.length, 3);
});
