import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { executables, packed, payload, readAll } from './wrap.ts';

const kinesis = (data: readonly string[]): string =>
  JSON.stringify({
    Records: data.map((one) => ({ kinesis: { data: one }, eventSource: 'aws:kinesis', awsRegion: 'eu-central-1' })),
  });
const event = (message: string, id = ''): { id: string; message: string } => ({ id, message });

test('reads a subscription payload with its place, pointer and event ids', () => {
  const read = readAll([payload([event('fake 1 a', 'id-1'), event('fake 2 b\n', 'id-2')])]);
  assert.deepEqual(executables(read), ['a', 'b']);
  assert.deepEqual(read.events[1]?.claims, {
    stream: 'i-0123456789abcdef0',
    instance: 'i-0123456789abcdef0',
    account: '111122223333',
  });
  assert.deepEqual(read.events[1]?.raw, {
    file: 'made-up.log',
    logGroup: '/made/up',
    logStream: 'i-0123456789abcdef0',
    line: 1,
    eventId: 'id-2',
  });
  assert.deepEqual([...read.formats], [['fake', 2]]);
});

for (const [name, text] of [
  ['a Lambda event', JSON.stringify({ awslogs: { data: packed(payload([event('fake 1 a')])) } })],
  ['a printed Lambda event', JSON.stringify({ awslogs: { data: packed(payload([event('fake 1 a')])) } }, null, 2)],
  ['a Kinesis event', kinesis([packed(payload([event('fake 1 a')]))])],
  ['a Firehose event', JSON.stringify({ region: 'x', records: [{ data: packed(payload([event('fake 1 a')])) }] })],
  ['a payload packed twice', kinesis([gzipSync(gzipSync(payload([event('fake 1 a')]))).toString('base64')])],
  ['a payload in base64 alone', kinesis([Buffer.from(payload([event('fake 1 a')])).toString('base64')])],
  ['lines in base64', kinesis([Buffer.from('fake 1 a\n').toString('base64')])],
  [
    'a payload whose events come first',
    payload([], { logEvents: undefined }).replace('{', '{"logEvents":[{"message":"fake 1 a"}],'),
  ],
  ['what get-log-events prints', JSON.stringify({ events: [{ timestamp: 1, message: 'fake 1 a' }] }, null, 4)],
  ['a printed payload', JSON.stringify(JSON.parse(payload([event('fake 1 a')])), null, 2)],
] as const) {
  test(`reads ${name}`, () => {
    const read = readAll([`${text}\n`]);
    assert.deepEqual(executables(read), ['a']);
    assert.deepEqual(read.errors, []);
  });
}

test('takes the region from a Kinesis event', () => {
  const [one] = readAll([kinesis([packed(payload([event('fake 1 a')]))])]).events;
  assert.equal(one?.claims.region, 'eu-central-1');
});

test('formats 5: a control message gives no event and no error', () => {
  const text = 'CWL CONTROL MESSAGE: Checking health of destination Kinesis stream.';
  const control = payload([event(text)], {
    messageType: 'CONTROL_MESSAGE',
    owner: 'CloudwatchLogs',
    logGroup: '',
    logStream: '',
  });
  for (const line of [control, kinesis([packed(control)]), payload([event(text)])]) {
    const read = readAll([line]);
    assert.deepEqual([read.events, read.errors], [[], []]);
  }
});

test('formats 17.14: a control message has an empty id, and empty ids are no duplicates', () => {
  const read = readAll([payload([event('fake 1 a'), event('fake 2 b')])]);
  assert.deepEqual(executables(read), ['a', 'b']);
});

test('formats 5: bad base64 or gzip fails that record alone', () => {
  const good = packed(payload([event('fake 1 a')]));
  const broken = Buffer.from(good, 'base64');
  broken[20] = (broken[20] ?? 0) ^ 0xff;
  const read = readAll([kinesis(['%%%', broken.toString('base64'), good])]);
  assert.deepEqual(executables(read), ['a']);
  assert.deepEqual(
    read.errors.map(({ kind }) => kind),
    ['unknown-format', 'truncated'],
  );
});

const gzipped = (text: string): Buffer => gzipSync(payload([event(text)]));
const ZEROS = Buffer.alloc(7);
/** A member whose header has all that a header may have (RFC 1952, section 2.3). */
const adorned = Buffer.concat([
  Buffer.from([0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3, 3, 0]),
  Buffer.from('abcname\0comment\0hc', 'latin1'),
  gzipped('fake 1 a').subarray(10),
]);
const wrongSum = gzipped('fake 1 a');
wrongSum[wrongSum.length - 6] = (wrongSum[wrongSum.length - 6] ?? 0) ^ 1;

for (const [name, parts, found, errors] of [
  ['zeros behind it', [gzipped('fake 1 a'), ZEROS], ['a'], []],
  ['a second member', [gzipped('fake 1 a'), gzipped('fake 2 b')], ['a', 'b'], []],
  ['zeros and a second member', [gzipped('fake 1 a'), ZEROS, gzipped('fake 2 b'), ZEROS], ['a', 'b'], []],
  ['one byte behind it', [gzipped('fake 1 a'), Buffer.from('x')], ['a'], ['unknown-format']],
  ['a line end behind it', [gzipped('fake 1 a'), Buffer.from('\n')], ['a'], ['unknown-format']],
  ['text behind it', [gzipped('fake 1 a'), Buffer.from('text')], ['a'], ['unknown-format']],
  ['zeros and text behind it', [gzipped('fake 1 a'), ZEROS, Buffer.from('text')], ['a'], ['unknown-format']],
  [
    'two members and a byte',
    [gzipped('fake 1 a'), gzipped('fake 2 b'), Buffer.from('x')],
    ['a', 'b'],
    ['unknown-format'],
  ],
  ['a cut second member', [gzipped('fake 1 a'), gzipped('fake 2 b').subarray(0, -12)], ['a', 'b'], ['truncated']],
  ['a cut header', [gzipped('fake 1 a'), adorned.subarray(0, 20)], ['a'], ['truncated']],
  ['all that a header may have, and a byte', [adorned, Buffer.from('x')], ['a'], ['unknown-format']],
  ['a wrong sum', [wrongSum], ['a'], ['truncated']],
] as const) {
  test(`reads a packed payload with ${name}`, () => {
    const read = readAll([kinesis([Buffer.concat(parts).toString('base64')])]);
    assert.deepEqual(executables(read), found);
    assert.deepEqual(
      read.errors.map(({ kind }) => kind),
      errors,
    );
  });
}

test('reads three layers of gzip, and counts what has more', () => {
  const layers = (count: number): string =>
    Array.from({ length: count })
      .reduce((bytes: Buffer) => gzipSync(bytes), Buffer.from(payload([event('fake 1 a')])))
      .toString('base64');
  const read = readAll([kinesis([layers(3)])]);
  assert.deepEqual([executables(read), read.errors], [['a'], []]);
  const deeper = readAll([kinesis([layers(4)])]);
  assert.deepEqual(executables(deeper), []);
  assert.deepEqual(
    deeper.errors.map(({ kind }) => kind),
    ['unknown-format'],
  );
});

test('gives what stands before the cut of a packed payload', () => {
  const events = Array.from({ length: 200 }, (_, i) => event(`fake ${i} ${'x'.repeat(i)}`));
  const whole = Buffer.from(packed(payload(events)), 'base64');
  const read = readAll([kinesis([whole.subarray(0, whole.length - 40).toString('base64')])]);
  assert.ok(read.events.length > 50 && read.events.length < 200, `${read.events.length}`);
  assert.deepEqual(
    read.errors.map(({ kind }) => kind),
    ['truncated'],
  );
});

test('formats 5: objects back to back are split', () => {
  const line = [payload([event('fake 1 a')]), payload([event('fake 2 }{')]), payload([event('fake 3 c')])].join('');
  const read = readAll([`${line}\n${kinesis([packed(line)])}`]);
  assert.deepEqual(executables(read), ['a', '}{', 'c', 'a', '}{', 'c']);
  assert.deepEqual(read.lines, [[1], [1], [1], [2], [2], [2]]);
});

test('formats 5: an id that comes twice in one delivery counts once', () => {
  const twice = payload([event('fake 1 a', 'same'), event('fake 1 a', 'same')]);
  assert.deepEqual(executables(readAll([twice])), ['a']);
  assert.deepEqual(executables(readAll([kinesis([packed(twice), packed(twice)])])), ['a']);
  assert.deepEqual(executables(readAll([`${twice}\n${twice}`])), ['a', 'a']);
});

test('keeps the streams of a delivery apart, and finds their formats one by one', () => {
  const other = { logStream: 'eni-0123456789abcdef0-all' };
  const read = readAll([payload([event('fake 1 a')]) + payload([event('fake 2 b'), event('what')], other)]);
  assert.deepEqual(
    read.events.map(({ claims }) => claims.eni),
    [undefined, 'eni-0123456789abcdef0'],
  );
  assert.deepEqual(
    read.errors.map(({ kind, text }) => [kind, text]),
    [['unknown-format', 'what']],
  );
});

test('reads what filter-log-events prints, whatever its length and wherever a chunk ends', () => {
  const events = Array.from({ length: 50 }, (_, i) => ({
    logStreamName: `app/web/${'0123456789abcdef'.repeat(2)}`,
    timestamp: 1_795_557_600_000,
    message: `fake ${i} { ] "quoted" ${i}`,
    ingestionTime: 1_795_557_600_500,
    eventId: `id-${i}`,
  }));
  const printed = `${JSON.stringify({ events, searchedLogStreams: [{ logStreamName: 'x' }] }, null, 4)}\n`;
  const whole = readAll([printed]);
  assert.equal(whole.events.length, 50);
  assert.deepEqual(whole.errors, []);
  assert.deepEqual(whole.events[7]?.raw, {
    file: 'made-up.log',
    logStream: `app/web/${'0123456789abcdef'.repeat(2)}`,
    line: 9 + 7 * 7,
    eventId: 'id-7',
  });
  assert.equal(whole.events[7]?.claims.task, '0123456789abcdef'.repeat(2));
  assert.deepEqual(readAll(printed.split(/(?<=\n)/)).events, whole.events);
});

test('reads log events that are printed several on a line', () => {
  const events = ['a', 'b', 'c', 'd'].map((name) => JSON.stringify({ message: `fake 1 ${name}` }));
  const text = `{\n "events": [ ${events[0]}, ${events[1]}, {"message":\n "fake 1 x"}, ${events[2]},\n ${events[3]} ], "nextToken": "t"\n}\n`;
  const read = readAll([text]);
  assert.deepEqual(executables(read), ['a', 'b', 'x', 'c', 'd']);
  assert.deepEqual(read.errors, []);
  assert.deepEqual(read.lines, [[2], [2], [3], [3], [4]]);
});

test('a printed document that breaks off is counted, and the lines after it are read', () => {
  const printed = JSON.stringify({ events: [{ message: 'fake 1 a' }, { message: 'fake 2 b' }] }, null, 4);
  const read = readAll([`${printed.slice(0, printed.indexOf('fake 2'))}\nfake 3 c\n`]);
  assert.deepEqual(executables(read), ['a', 'c']);
  assert.deepEqual(
    read.errors.map(({ kind }) => kind),
    ['truncated'],
  );
});

test('reads a printed record of a format inside as one line', () => {
  const alert = {
    output_fields: { 'proc.exepath': '/tmp/x' },
    rule: 'r',
    priority: 'Notice',
    time: '2026-11-24T22:00:00Z',
  };
  assert.deepEqual(executables(readAll([JSON.stringify(alert, null, 2)])), ['/tmp/x']);
});

test('counts a cut payload, and reads the events before the cut', () => {
  const whole = payload([event('fake 1 a', 'id-1'), event('fake 2 bcd', 'id-2')]);
  const read = readAll([`${whole.slice(0, whole.indexOf('cd"'))}\nfake 3 c\n`]);
  assert.deepEqual(executables(read), ['a', 'b', 'c']);
  assert.deepEqual(
    read.events.map(({ truncated }) => truncated),
    [undefined, true, undefined],
  );
  assert.deepEqual(
    read.errors.map(({ kind, line }) => [kind, line]),
    [['truncated', 1]],
  );
});

test('takes account and region of centralised logs from the fields that the subscription adds', () => {
  const logEvents = [
    {
      id: '1',
      timestamp: 1,
      message: 'fake 1 a',
      extractedFields: { '@aws.account': '444455556666', '@aws.region': 'eu-west-1' },
    },
  ];
  const [one] = readAll([payload([], { logEvents })]).events;
  assert.deepEqual([one?.claims.account, one?.claims.region], ['444455556666', 'eu-west-1']);
});

test('leaves triggers that carry no log alone', () => {
  const trigger = JSON.stringify({
    Records: [{ eventSource: 'aws:s3', s3: { bucket: { name: 'x' }, object: { key: 'a+b' } } }],
  });
  const read = readAll([trigger]);
  assert.deepEqual(
    read.errors.map(({ kind }) => kind),
    ['unknown-format'],
  );
});

test('holds clocks to the time of each event', () => {
  const at = 1_795_557_600_000;
  const read = readAll([payload([{ id: '1', timestamp: at, message: `fake ${at + 3_600_000} late` }])]);
  assert.deepEqual([read.events[0]?.time, read.events[0]?.clamped], [at + 600_000, true]);
});

test('reads a printed payload whose list of log events has its brackets on lines of their own', () => {
  const one = JSON.parse(payload([event('fake 1 a', '1'), event('fake 2 b', '2')]));
  const { logEvents, ...head } = one;
  const lines = logEvents.map((each: unknown) => `    ${JSON.stringify(each)}`).join(',\n');
  const texts = [
    JSON.stringify(one, null, 2),
    JSON.stringify(one, null, '\t'),
    JSON.stringify({ logEvents, ...head }, null, 2),
    `{\n${JSON.stringify(head).slice(1, -1)},\n"logEvents":[\n${lines}\n]\n}`,
    `{"logEvents":[\n${lines}\n],\n${JSON.stringify(head).slice(1, -1)}}`,
    `${JSON.stringify(head).slice(0, -1)},"logEvents":[\n${lines}\n]}`,
    `{"logEvents":\n[\n${lines}\n]\n}`,
    `{"logEvents":[\n${lines.replaceAll('    ', '')}\n]}`,
  ];
  for (const text of texts) {
    const read = readAll([`${text}\n`]);
    assert.deepEqual(executables(read), ['a', 'b'], text);
    assert.deepEqual(read.errors, [], text);
  }
});
