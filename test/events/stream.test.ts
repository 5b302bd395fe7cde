import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AUDITD } from '#shared/events/auditd/reader.ts';
import { envelopeFormats } from '#shared/events/decode/envelopes.ts';
import { FALCO } from '#shared/events/falco/reader.ts';
import { LineShifts } from '#shared/events/line-shifts.ts';
import { RESOLVER } from '#shared/events/resolver/reader.ts';
import { StreamReader } from '#shared/events/stream.ts';
import { VPC_FLOW } from '#shared/events/vpc-flow/reader.ts';
import type { Format, Interest } from '#shared/model/reader.ts';
import { execLines, falcoLine, flowLine, queryLine } from '../cli/logs.ts';

const ALL: Interest = { text: () => true, name: () => true, address: () => true, everything: true };
const RECORDS: readonly Format[] = [AUDITD, RESOLVER, FALCO, VPC_FLOW];
const FORMATS: readonly Format[] = [...envelopeFormats(RECORDS), ...RECORDS];

const docker = (line: string): string =>
  `${JSON.stringify({ log: line, stream: 'stdout', time: '2026-11-24T22:10:05.000000000Z' })}\n`;
const exec = execLines(['/usr/bin/id', '-u']).split(/(?<=\n)/);

/** Single lines: of each format, of none, blank; the lines of one audit event may stand anywhere. */
const LINES: readonly string[] = [
  ...exec,
  ...execLines(['/usr/bin/ls']).split(/(?<=\n)/),
  flowLine('198.51.100.20:443'),
  queryLine('www.example.com', '198.51.100.9'),
  falcoLine('/usr/bin/uptime'),
  docker(falcoLine('/usr/bin/uptime')),
  docker(exec[0] ?? ''),
  'of no format\n',
  '\n',
  ' \r\n',
];

interface Told {
  readonly calls: string[];
  readonly settled: number[];
  readonly lines: number;
}

/** What a stream says of lines; `cuts` are the numbers of lines in its chunks, in turn. */
function told(lines: readonly string[], cuts: readonly number[]): Told {
  const reader = new StreamReader(FORMATS, ALL, { origin: {}, raw: {}, maxLine: 1_048_576 });
  const calls: string[] = [];
  const settled: number[] = [0];
  const check = (named: readonly number[]): void => {
    for (const line of named)
      assert.ok(line > (settled.at(-1) ?? 0), `line ${line} after ${settled.at(-1)} was settled`);
  };
  const sink = {
    event: (event: { readonly source: string; readonly raw: { readonly line?: number } }, of: readonly number[]) => {
      check(of);
      calls.push(`${event.source} ${of.join(' ')} last ${event.raw.line}`);
    },
    unreadable: (error: { readonly kind: string }, line: number) => {
      check([line]);
      calls.push(`${error.kind} ${line}`);
    },
    read: () => {},
    time: () => {},
    settled: (line: number) => {
      assert.ok(line > (settled.at(-1) ?? 0));
      settled.push(line);
    },
  };
  for (let at = 0, chunk = 0; at < lines.length; chunk++) {
    const next = at + (cuts[chunk % cuts.length] ?? 1);
    reader.read(Buffer.from(lines.slice(at, next).join('')), sink);
    at = next;
  }
  reader.finish(sink);
  return { calls: calls.sort(), settled, lines: reader.lines };
}

test('says the same of any mix of formats, however it is cut into chunks at line ends', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...LINES), { maxLength: 40 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
      (lines, cuts) => {
        const whole = told(lines, [Math.max(1, lines.length)]);
        const cut = told(lines, cuts);
        assert.deepEqual(cut.calls, whole.calls);
        assert.deepEqual([cut.lines, whole.lines], [lines.length, lines.length]);
      },
    ),
  );
});

test('settles no line that a reader may still name, and all lines at the end', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...LINES), { minLength: 1, maxLength: 60 }), (lines) => {
      assert.equal(told(lines, [1]).settled.at(-1), lines.length);
    }),
  );
});

test('numbers the lines of each format by their place in the stream', () => {
  const lines = [
    '\n',
    flowLine('198.51.100.20:443'),
    ...exec.slice(0, 2),
    'of no format\n',
    falcoLine('/usr/bin/uptime'),
  ];
  const { calls } = told([...lines, ...exec.slice(2), flowLine('198.51.100.20:443')], [2]);
  assert.deepEqual(calls, [
    'auditd 3 4 7 8 9 last 9',
    'falco 6 last 6',
    'unknown-format 5',
    'vpc-flow 10 last 10',
    'vpc-flow 2 last 2',
  ]);
});

test('finds the format again where a chunk begins with another one', () => {
  const lines = [
    flowLine('198.51.100.20:443'),
    falcoLine('/usr/bin/uptime'),
    queryLine('www.example.com', '198.51.100.9'),
  ];
  assert.deepEqual(told(lines, [1]).calls, ['falco 2 last 2', 'resolver 3 last 3', 'vpc-flow 1 last 1']);
});

test('keeps the shifts of lines that are not settled, in bounded memory', () => {
  const shifts = new LineShifts();
  for (let line = 1; line <= 200_000; line++) shifts.add(line, line);
  assert.equal(shifts.shiftOf(200_000), 200_000);
  assert.equal(shifts.shiftOf(199_000), 199_000);
  shifts.forget(199_999);
  assert.equal(shifts.shiftOf(200_000), 200_000);
  assert.equal(shifts.shiftOf(3), 200_000, 'of what was forgotten, the first that is known');
});

for (const [name, line, kind] of [
  ['words up to the limit', 'w'.repeat(200), 'unknown-format'],
  ['words beyond it', 'w'.repeat(201), 'too-long'],
  ['JSON that is whole', `{"a":"${'w'.repeat(300)}"}`, 'unknown-format'],
  ['JSON that is cut', `{"a":"${'w'.repeat(300)}`, 'too-long'],
  ['an enriched record of another log', `type words\u001d${'w'.repeat(300)}`, 'too-long'],
  ['bytes that are no text', `\0\u0001${'w'.repeat(300)}`, 'unknown-format'],
] as const) {
  test(`counts ${name}, of no known format, as ${kind}`, () => {
    const fluentBit = JSON.stringify({ log: line, ec2_instance_id: 'i-0123456789abcdef0' });
    for (const text of [line, fluentBit]) {
      const kinds: string[] = [];
      const reader = new StreamReader(FORMATS, ALL, { origin: {}, raw: {}, maxLine: 200 });
      const sink = {
        event: () => {},
        unreadable: (error: { readonly kind: string }) => kinds.push(error.kind),
        read: () => {},
        time: () => {},
        settled: () => {},
      };
      reader.read(Buffer.from(`${text}\n`), sink);
      reader.finish(sink);
      assert.deepEqual(kinds, [kind]);
    }
  });
}
