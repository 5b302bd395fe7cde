import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AUDITD } from '#shared/events/auditd/reader.ts';
import { envelopeFormats } from '#shared/events/decode/envelopes.ts';
import { FALCO } from '#shared/events/falco/reader.ts';
import { RESOLVER } from '#shared/events/resolver/reader.ts';
import { StreamReader } from '#shared/events/stream.ts';
import { VPC_FLOW } from '#shared/events/vpc-flow/reader.ts';
import type { Format } from '#shared/model/reader.ts';
import { execLines, falcoLine, flowLine, queryLine } from '../../cli/logs.ts';
import { ALL, type Collected, collector, executables, payload, readAll } from './wrap.ts';

const RECORDS: readonly Format[] = [AUDITD, RESOLVER, FALCO, VPC_FLOW];
const FORMATS: readonly Format[] = [...envelopeFormats(RECORDS), ...RECORDS];
const TIME = 1_795_557_600;

function read(chunks: readonly string[]): Collected {
  const sink = collector();
  const reader = new StreamReader(FORMATS, ALL, { origin: {}, raw: {}, maxLine: 1_048_576 });
  for (const chunk of chunks) reader.read(Buffer.from(chunk), sink);
  reader.finish(sink);
  return sink;
}

/** As Python's `json.dumps` writes it: a space behind each colon and comma. */
const dumps = (records: readonly string[]): string => `[${records.join(', ')}]`;
const spaced = (value: Record<string, unknown>): string =>
  `{${Object.entries(value)
    .map(([key, one]) => `"${key}": ${JSON.stringify(one)}`)
    .join(', ')}}`;
const fluentBit = (log: string, date = TIME): string => spaced({ date, log });
const fakes = (count: number): string[] => Array.from({ length: count }, (_, i) => fluentBit(`fake 1 ${i} [{"]}`));

const withoutLines = ({ events, errors, formats }: Collected): unknown => [
  events.map(({ raw: { line: _, ...raw }, ...event }) => ({ ...event, raw })),
  errors.map(({ kind, text }) => ({ kind, text })),
  [...formats],
];

const exec = execLines(['/var/tmp/[x]', '-o', '"]},{[']).trimEnd().split('\n');
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'Fluent Bit around auditd': exec.map((line) => fluentBit(line)),
  'Fluent Bit around audit lines with a node': exec.map((line) => fluentBit(`node=host ${line}`)),
  'Fluent Bit around syslog': exec.map((line) => fluentBit(`Nov 24 22:00:00 host audispd: ${line}`)),
  'Fluent Bit around Falco': [fluentBit(falcoLine('/tmp/xmrig').trimEnd())],
  'Fluent Bit around flow records': [fluentBit(flowLine('198.51.100.20:443').trimEnd())],
  'bare Falco alerts': [falcoLine('/tmp/xmrig').trimEnd()],
  'bare resolver records': [queryLine('www.example.com', '198.51.100.9').trimEnd()],
  'CloudWatch deliveries': [payload(exec.map((message) => ({ message })))],
};

for (const [name, records] of Object.entries(KINDS)) {
  test(`reads ${name} of an array on one line as it does of lines`, () => {
    const lines = read([`${records.join('\n')}\n`]);
    assert.ok(lines.events.length > 0);
    for (const text of [dumps(records), `[${records.join(',')}]`, `  [ ${records.join(' ,\t')} ] `]) {
      assert.deepEqual(withoutLines(read([`${text}\n`])), withoutLines(lines));
      assert.deepEqual(withoutLines(read([text])), withoutLines(lines));
    }
    assert.deepEqual(withoutLines(read([`[${records.join(',\n')}]\n`])), withoutLines(lines));
    assert.deepEqual(withoutLines(read(records.map((one) => `[${one}]\n`))), withoutLines(lines));
    assert.deepEqual(withoutLines(read([`${records.map((one) => `[${one}]`).join('')}\n`])), withoutLines(lines));
  });
}

for (const count of [1, 3, 300]) {
  test(`reads each of ${count} elements, all of the array's line`, () => {
    const got = readAll([`${dumps(fakes(count))}\n`]);
    assert.deepEqual(executables(got), executables(readAll([`${fakes(count).join('\n')}\n`])));
    assert.equal(got.events.length, count);
    assert.ok(got.lines.every(([line, ...more]) => line === 1 && more.length === 0));
    assert.deepEqual(got.errors, []);
  });
}

test('reads an array of several MB', () => {
  const records = fakes(40_000).map((one) => one.replace('"date"', `"filler": "${'x'.repeat(60)}", "date"`));
  const got = readAll([`${dumps(records)}\n`]);
  assert.equal(got.events.length, 40_000);
  assert.deepEqual(got.errors, []);
});

test('reads a record behind its time in an inner array', () => {
  const [a = '', b = ''] = fakes(2);
  for (const text of [`[[${TIME}.5, ${a}], [${TIME}, ${b}]]`, `[[[${TIME}, {}], ${a}], [[${TIME}, { }], ${b}]]`]) {
    const got = readAll([`${text}\n`]);
    assert.equal(got.events.length, 2);
    assert.deepEqual(got.errors, []);
  }
});

test('reads strings as lines', () => {
  const got = readAll([`${JSON.stringify(['fake 1 a', 'fake 2 "b"', 'words'])}\n`]);
  assert.deepEqual(executables(got), ['a', '"b"']);
  assert.deepEqual(got.errors, [{ kind: 'unknown-format', line: 1, text: 'words' }]);
});

test('opens an array inside of a delivery', () => {
  const got = readAll([`${payload([{ message: dumps(fakes(3)) }])}\n`]);
  assert.equal(got.events.length, 3);
  assert.deepEqual(got.errors, []);
});

test('counts each element that can not be read', () => {
  const [a = '', b = ''] = fakes(2);
  const got = readAll([`[${a}, 17, {"other": 1}, null, {}, ${b}]\n`]);
  assert.equal(got.events.length, 2);
  assert.deepEqual(got.errors.map(({ kind, text }) => `${kind} ${text}`).sort(), [
    'unknown-format 17',
    'unknown-format null',
    'unknown-format {"other": 1}',
    'unknown-format {}',
  ]);
});

test('counts once what follows something that is no JSON', () => {
  const [a = '', b = ''] = fakes(2);
  for (const [text, events] of [
    [`[${a}, words and more, ${b}]`, 1],
    [`[${a}}, ${b}]`, 1],
    [`[${a}, ${b}] words and more`, 2],
  ] as const) {
    const got = readAll([`${text}\nfake 3 c\n`]);
    assert.equal(got.events.length, events + 1, text);
    assert.deepEqual(
      got.errors.map(({ kind, line }) => [kind, line]),
      [['not-json', 1]],
    );
  }
});

test('reads what is whole of an array that is cut anywhere, and counts the rest once', () => {
  const records = fakes(3);
  const text = dumps(records);
  const ends = records.map((_, i) => dumps(records.slice(0, i + 1)).length - 1);
  for (let cut = 2; cut < text.length; cut++) {
    for (const behind of ['\n', '', '\nfake 3 c\n']) {
      const got = readAll([text.slice(0, cut) + behind]);
      const whole = ends.filter((end) => end <= cut).length;
      const texts = executables(got).filter((one) => one !== 'c');
      assert.deepEqual(texts.slice(0, whole), ['0 [{"]}', '1 [{"]}', '2 [{"]}'].slice(0, whole));
      assert.ok(got.events.slice(whole).every((event) => event.truncated || event.id === '3/c'));
      const counted = got.errors.filter(({ kind }) => kind === 'truncated').length;
      assert.equal(counted, 1, text.slice(0, cut));
    }
  }
});

test('counts the cut element of every kind', () => {
  for (const [name, records] of Object.entries(KINDS)) {
    const text = dumps([...records, ...records]);
    for (const cut of [text.length - 12, text.length - 40]) {
      assert.ok(read([`${text.slice(0, cut)}\n`]).errors.length > 0, name);
    }
  }
});

test('never throws on what looks like an array, nor depends on where chunks end', () => {
  const piece = fc.constantFrom('[', ']', '{', '}', ',', '"', '\\', ' ', '\n', '1', 'null', 'x', ...fakes(2), '[{}');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = `[${pieces.join('')}`;
      const whole = readAll([text]);
      const cut = readAll(text.split(/(?<=\n)/));
      assert.deepEqual(executables(cut), executables(whole));
      assert.deepEqual(cut.errors.map((one) => one.kind).sort(), whole.errors.map((one) => one.kind).sort());
    }),
  );
});

test('reads an array that follows the plain line of an audit log', () => {
  const plain = (n: number): string =>
    `type=SYSCALL msg=audit(${TIME}.000:${n}): arch=c000003e syscall=59 success=yes exe="/tmp/a${n}" key="exec"`;
  const array = dumps([2, 3].map((n) => fluentBit(`node=h ${plain(n)}`)));
  const all = read([`${plain(1)}\n${array}\n`]);
  assert.deepEqual(executables(all), ['/tmp/a1', '/tmp/a2', '/tmp/a3']);
  assert.deepEqual(all.errors, []);
});

test('reads an array that is printed over many lines', () => {
  const records = [0, 1, 2].map((n) => JSON.parse(fluentBit(`fake 1 ${n}`)));
  for (const count of [1, 3]) {
    const all = readAll([`${JSON.stringify(records.slice(0, count), null, 2)}\n`]);
    assert.deepEqual(executables(all), ['0', '1', '2'].slice(0, count));
    assert.deepEqual(all.errors, []);
  }
});

test('reads an array whose brackets stand on lines of their own', () => {
  const records = [0, 1, 2].map((n) => fluentBit(`fake 1 ${n}`));
  const all = readAll([`[\n  ${records.join(',\n  ')}\n]\n`]);
  assert.deepEqual(executables(all), ['0', '1', '2']);
  assert.deepEqual(all.errors, []);
});

test('reads on behind a broken element where the next line begins with a comma', () => {
  const [a, , c, d] = fakes(4);
  for (const broken of [',{"date":1,"log":"fake', ',{"date"', ', [1, {"log"', ',nonsense', ',"fake 1 x']) {
    const all = readAll([`[${a}\n${broken}\n,${c}\n  , ${d}\n]\n`]);
    assert.deepEqual(
      executables(all).filter((one) => one?.endsWith('[{"]}')),
      ['0 [{"]}', '2 [{"]}', '3 [{"]}'],
      broken,
    );
    assert.ok(all.errors.length > 0, broken);
  }
});
