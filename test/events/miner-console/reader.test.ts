import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EVERYTHING } from '#shared/classify/interest.ts';
import { MINER_CONSOLE } from '#shared/events/miner-console/reader.ts';
import { StreamReader } from '#shared/events/stream.ts';
import { CLASS, type Event } from '#shared/model/event.ts';
import type { ReaderOptions } from '#shared/model/reader.ts';

interface Taken {
  readonly events: Event[];
  readonly unreadable: string[];
  readonly records: number;
}

function taken(text: string | Buffer, options: Partial<ReaderOptions> = {}, cuts: readonly number[] = []): Taken {
  const bytes = Buffer.from(text);
  const events: Event[] = [];
  const unreadable: string[] = [];
  let records = 0;
  const reader = new StreamReader([MINER_CONSOLE], EVERYTHING, { origin: {}, raw: {}, maxLine: 1_048_576, ...options });
  const sink = {
    event: (event: Event) => events.push(event),
    unreadable: ({ kind }: { kind: string }, line: number) => unreadable.push(`${line} ${kind}`),
    read: (count: number) => {
      records += count;
    },
    time: () => {},
    settled: () => {},
  };
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    reader.read(bytes.subarray(from, to), sink);
    from = to;
  }
  reader.finish(sink);
  return { events, unreadable, records };
}

const messages = ({ events }: Taken): string[] =>
  events.map((event) => (event.class === CLASS.base ? event.message : '-'));

const START = [
  ' * ABOUT        XMRig/6.22.2 gcc/13.2.0 (built for Linux x86-64, 64 bit)',
  ' * POOL #1      203.0.113.7:3333 algo auto',
  '[2026-11-20 21:33:58.123]  net      use pool 203.0.113.7:3333  203.0.113.7',
  '[2026-11-20 21:33:59.001]  net      new job from 203.0.113.7:3333 diff 100001 algo rx/0 height 3300000 (12 tx)',
];

test('gives each line as a message without its time, and a banner the time of the first line after it', () => {
  const found = taken(START.join('\n'));
  assert.deepEqual(messages(found), [
    '* ABOUT        XMRig/6.22.2 gcc/13.2.0 (built for Linux x86-64, 64 bit)',
    '* POOL #1      203.0.113.7:3333 algo auto',
    'net      use pool 203.0.113.7:3333  203.0.113.7',
    'net      new job from 203.0.113.7:3333 diff 100001 algo rx/0 height 3300000 (12 tx)',
  ]);
  const first = Date.UTC(2026, 10, 20, 21, 33, 58, 123);
  assert.deepEqual(
    found.events.map(({ time }) => time),
    [first, first, first, first + 878],
  );
  assert.deepEqual([found.records, found.unreadable], [4, []]);
});

test('believes the time of the envelope before that of the miner, whose zone nobody knows', () => {
  const envelopeTime = Date.UTC(2026, 10, 21);
  assert.ok(taken(START.join('\n'), { envelopeTime }).events.every(({ time }) => time === envelopeTime));
});

test('reads a line without its colours', () => {
  const coloured =
    '[2026-11-20 21:33:58.123] \u001b[44;1m\u001b[1;37m net     \u001b[0m \u001b[1;37muse pool \u001b[0m\u001b[1;36mpool.example.com:443 \u001b[0m\u001b[1;32mTLSv1.3\u001b[0m \u001b[1;30m203.0.113.7\u001b[0m';
  assert.deepEqual(messages(taken(coloured)), ['net      use pool pool.example.com:443 TLSv1.3 203.0.113.7']);
});

test('takes what cpuminer says, and what other miners call themselves', () => {
  const lines = [
    '[2026-11-20 21:33:58] Starting Stratum on stratum+tcp://203.0.113.7:3333',
    "[2026-11-20 21:33:58] 2 miner threads started, using 'yespower' algorithm.",
    '[2026-11-20 21:34:58] accepted: 1/1 (100.00%), 2.10 khash/s (yay!!!)',
    '[2026-11-20 21:34:58] thread 0: 4104 hashes, 1.10 khash/s',
    'SRBMiner-MULTI 2.6.5',
  ];
  assert.equal(taken(lines.join('\n')).records, lines.length);
});

for (const line of [
  '[2026-11-20 21:33:58] GET /new job from the board',
  '[2026-11-20 21:33:58.123] INFO accepted connection (1/0)',
  '[2026-11-20 21:33:58] accepted: 3 of 4 invitations',
  ' * CPU usage is high',
  '* MEMORY leak fixed',
  'my service uses XMRig/6.22 never',
  '[2026-13-20 21:33:58] use pool 203.0.113.7:3333',
  '2026-11-20 use pool 203.0.113.7:3333',
  'speed 10s/60s/15m',
]) {
  test(`does not take ${JSON.stringify(line)} for a miner's`, () => {
    assert.equal(MINER_CONSOLE.recognises(Buffer.from(line), 0, Buffer.byteLength(line)), false);
  });
}

test('counts a banner that no line with a time followed as without a time', () => {
  assert.deepEqual(taken(START.slice(0, 2).join('\n')).unreadable, ['1 missing-field', '2 missing-field']);
});

test('reads the lines of a miner between those of something else, each of which is counted', () => {
  const found = taken(['starting up', START[2], 'health ok', START[3]].join('\n'));
  assert.deepEqual([found.records, found.unreadable], [2, ['1 unknown-format', '3 unknown-format']]);
});

test('gives a line that comes twice the same id, and two lines of one moment different ones', () => {
  const [, , use = '', job = ''] = START;
  const ids = taken([use, job, use].join('\n')).events.map(({ id }) => id);
  assert.equal(new Set(ids).size, 2);
  const same = taken([use, use.replace('use pool', 'new job from').concat(' diff 1')].join('\n')).events;
  assert.equal(new Set(same.map(({ id }) => id)).size, same.length);
});

test('never throws, and gives the same wherever lines are cut into chunks', () => {
  const piece = fc.oneof(
    fc.constantFrom(...START, '', 'x', '\u001b[0m', '[2026-11-20 21:33:58]', ' * POOL #1', '\u0000', '\ufffd'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (lines) => {
      const text = `${lines.join('\n')}\n`;
      const cuts = [...text.matchAll(/\n/g)].map(({ index }) => Buffer.byteLength(text.slice(0, index + 1)));
      assert.deepEqual(taken(text, {}, cuts), taken(text));
    }),
    { numRuns: 300 },
  );
});

test('gives up on a line longer than any that miners print', () => {
  assert.deepEqual(taken(`${START[2]} ${'x'.repeat(5000)}`).unreadable, ['1 unknown-format']);
});
