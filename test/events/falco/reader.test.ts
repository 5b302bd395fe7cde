import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CLASS } from '#shared/model/event.ts';
import { alert, eventOf, readFalco } from './falco.ts';

const MINER = {
  'proc.cmdline': 'xmrig -o pool.example.com:3333',
  'proc.exepath': '/tmp/xmrig',
  'container.id': 'host',
};
const ENVELOPE = Date.parse('2026-11-24T22:00:05Z');

for (const absent of ['hostname', 'source', 'tags', 'output', 'message', 'rule']) {
  test(`formats 2: an alert without ${absent} is read`, () => {
    const event = eventOf(alert(MINER, { [absent]: undefined }), CLASS.process);
    assert.equal(event.process.executable, '/tmp/xmrig');
  });
}

test('formats 2: an alert without output_fields is read from its text', () => {
  const output =
    '22:00:01.1: Notice Miner (command=xmrig -o pool.example.com:3333 container_id=0123456789ab image=web)';
  const event = eventOf(alert(undefined, { output }), CLASS.process);
  assert.deepEqual(event.process.argv, ['xmrig', '-o', 'pool.example.com:3333']);
  assert.deepEqual([event.claims.container, event.claims.image], ['0123456789ab', 'web']);
});

test('formats 2: the case of the priority does not matter', () => {
  for (const priority of ['CRITICAL', 'critical', 'Critical']) {
    const text = `22:00:01.123456789: ${priority} Miner (command=xmrig)`;
    assert.equal(readFalco(text, { envelopeTime: ENVELOPE }).events.length, 1);
    assert.equal(readFalco(alert(MINER, { priority })).events.length, 1);
  }
});

test('formats 2: null and <NA> are unknown', () => {
  for (const unknown of [null, '<NA>']) {
    const event = eventOf(
      alert({
        ...MINER,
        'proc.pname': unknown,
        'k8s.pod.name': unknown,
        'container.name': unknown,
        'proc.tty': unknown,
      }),
      CLASS.process,
    );
    assert.deepEqual(event.claims, { hostName: 'ip-192-0-2-10' });
    assert.deepEqual(Object.keys(event.process).sort(), ['argv', 'exact', 'executable']);
  }
});

test('formats 2: two alerts one nanosecond apart keep their order', () => {
  const at = (nanos: string): string =>
    alert(MINER, {
      time: `2026-11-24T22:00:01.${nanos}Z`,
      output_fields: { ...MINER, 'evt.time': 1795557601123456800 },
    });
  const { events } = readFalco(`${at('123456790')}\n${at('123456789')}\n`);
  const ids = events.map((event) => event.id);
  assert.deepEqual([...ids].sort(), [ids[1], ids[0]]);
  assert.deepEqual([...new Set(events.map((event) => event.time))], [Date.parse('2026-11-24T22:00:01.123Z')]);
});

test('reads evt.time digit by digit where the alert has no time', () => {
  const text = alert({ ...MINER, 'evt.time': 0 }, { time: undefined }).replace(
    '"evt.time":0',
    '"evt.time":1795557601123456789',
  );
  const event = eventOf(text, CLASS.process);
  assert.equal(event.time, 1_795_557_601_123);
  assert.ok(event.id.startsWith('2026-11-24T22:00:01.123456789Z/'), event.id);
});

test('does not take a time from what a process printed', () => {
  const forged = alert({ ...MINER, 'proc.cmdline': 'echo "evt.time":1000000000000000000,' }, { time: undefined });
  assert.deepEqual(
    readFalco(forged).errors.map(({ kind }) => kind),
    ['missing-field'],
  );
  const text = '22:00:01.1: Notice x (command=echo "evt.time":1000000000000000000,)';
  assert.equal(readFalco(text).errors[0]?.kind, 'missing-field');
});

for (const [name, stamp, expected] of [
  ['a moment before', '22:00:04.900000000', '2026-11-24T22:00:04.900Z'],
  ['another time zone', '03:30:04.900000000', '2026-11-24T22:00:04.900Z'],
  ['a moment after', '22:00:05.100000000', '2026-11-24T22:00:05.100Z'],
  ['the hour before', '21:59:59.000000000', '2026-11-24T21:59:59.000Z'],
] as const) {
  test(`a text output takes its day from the envelope: ${name}`, () => {
    const event = eventOf(`${stamp}: Critical Miner (command=xmrig)`, CLASS.process, { envelopeTime: ENVELOPE });
    assert.equal(event.time, Date.parse(expected));
  });
}

test('a text output without an envelope has no day, unless it prints it', () => {
  const text = '22:00:01.123456789: Critical Miner (command=xmrig)';
  assert.deepEqual(readFalco(text).errors, [{ kind: 'missing-field', line: 1, text }]);
  const dated = eventOf('2026-11-24T22:00:01.123456789+0000: Critical Miner (command=xmrig)', CLASS.process);
  assert.equal(dated.time, Date.parse('2026-11-24T22:00:01.123Z'));
});

test('reads alerts behind a syslog header', () => {
  const header = 'Nov 24 22:00:01 ip-192-0-2-10 falco[123]: ';
  assert.equal(readFalco(`${header}${alert(MINER)}\n`).events.length, 1);
  assert.equal(readFalco(`${header}Critical Miner (command=xmrig)\n`, { envelopeTime: ENVELOPE }).events.length, 1);
});

test('stops before lines of another format, and goes on behind them', () => {
  const { events, errors } = readFalco(`${alert(MINER)}\n\nfalco is a bird\n${alert(MINER)}\r\n`);
  assert.equal(events.length, 2);
  assert.deepEqual(errors, [{ kind: 'unknown-format', line: 3, text: 'falco is a bird' }]);
});

test('an alert that was cut is counted, and what stands whole before the cut is read', () => {
  const whole = alert(MINER, {
    output_fields: { 'proc.exepath': '/tmp/xmrig', 'proc.cmdline': 'xmrig -o pool.example.com:3333' },
  });
  const text = whole.slice(0, whole.indexOf('.com:3333'));
  const { events, errors } = readFalco(text, { envelopeTime: ENVELOPE });
  assert.equal(errors[0]?.kind, 'truncated');
  const [event] = events;
  assert.ok(event?.class === CLASS.process);
  assert.deepEqual([event.process.executable, event.process.argv], ['/tmp/xmrig', ['xmrig', '-o']]);
  assert.equal(event.truncated, true);
});

test('counts what is no JSON, and what is too long', () => {
  const { errors } = readFalco(`{"rule":"x" "priority":"Notice"}\n${alert({ ...MINER, long: 'x'.repeat(2000) })}\n`, {
    maxLine: 1000,
  });
  assert.deepEqual(
    errors.map(({ kind, line }) => [kind, line]),
    [
      ['not-json', 1],
      ['too-long', 2],
    ],
  );
});

test('holds its clock to that of the envelope', () => {
  const event = eventOf(alert(MINER), CLASS.process, { envelopeTime: ENVELOPE - 3_600_000 });
  assert.deepEqual([event.time, event.clamped], [ENVELOPE - 3_000_000, true]);
});

test('never throws', () => {
  const names = fc.constantFrom(
    'proc.cmdline',
    'fd.name',
    'evt.type',
    'container.id',
    'proc.aname[2]',
    'thread.cgroups',
    'x',
  );
  const fields = fc.dictionary(names, fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.array(fc.string())));
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fields.map((one) => alert(one)),
    fields.map((one) => alert(undefined, { output: `22:00:01.1: Error x (command=${JSON.stringify(one)} image=)` })),
    fc.tuple(fields, fc.nat(400)).map(([one, cut]) => alert(one).slice(0, cut)),
    fc.tuple(fields, fc.anything()).map(([one, top]) => alert(one, { tags: top, time: top, hostname: top })),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 4 }), fc.nat(), (lines, envelopeTime) => {
      readFalco(lines.join('\n'), { envelopeTime });
    }),
    { numRuns: 2000 },
  );
});
