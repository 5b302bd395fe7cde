import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RESOLVER } from '#shared/events/resolver/reader.ts';
import { CLASS, type DnsActivity } from '#shared/model/event.ts';
import type { ReaderOptions } from '#shared/model/reader.ts';
import { type Collected, collect, EVERYTHING, interestIn, lineStarts, OPTIONS } from '../vpc-flow/collect.ts';

const QUERY = {
  version: '1.100000',
  account_id: '111122223333',
  region: 'us-east-1',
  vpc_id: 'vpc-0123456789abcdef0',
  query_timestamp: '2026-11-24T22:00:00Z',
  query_name: 'pool.example.com.',
  query_type: 'A',
  query_class: 'IN',
  rcode: 'NOERROR',
  answers: [
    { Rdata: 'pool-lb.example.net.', Type: 'CNAME', Class: 'IN' },
    { Rdata: '203.0.113.9', Type: 'A', Class: 'IN' },
  ],
  srcaddr: '192.0.2.10',
  srcport: '56067',
  transport: 'UDP',
  srcids: { instance: 'i-0123456789abcdef0' },
};
const AT = Date.UTC(2026, 10, 24, 22);
const PUBLIC_ZONE = '1.0 2017-12-13T08:16:02.130Z Z123412341234 example.com A NOERROR UDP FRA6 192.0.2.1 -';

function line(changes: Record<string, unknown> = {}): string {
  return JSON.stringify({ ...QUERY, ...changes });
}

function queries(got: Collected): DnsActivity[] {
  return got.events.flatMap((event) => (event.class === CLASS.dns ? [event] : []));
}

function read(text: string, options: Partial<ReaderOptions> = {}): DnsActivity[] {
  return queries(collect(RESOLVER, text, EVERYTHING, { ...OPTIONS, ...options }));
}

function kinds(got: Collected): string[] {
  return got.errors.map((error) => error.kind);
}

test('reads a query into one DNS event', () => {
  assert.deepEqual(read(`${line()}\n`), [
    {
      class: CLASS.dns,
      source: 'resolver',
      id: '2026-11-24T22:00:00Z 192.0.2.10 56067 pool.example.com A',
      time: AT,
      claims: {
        account: '111122223333',
        region: 'us-east-1',
        vpc: 'vpc-0123456789abcdef0',
        instance: 'i-0123456789abcdef0',
        address: '192.0.2.10',
        network: true,
      },
      raw: { file: 'input.log', line: 1 },
      query: 'pool.example.com',
      type: 'A',
      rcode: 'NOERROR',
      answers: [
        { type: 'CNAME', data: 'pool-lb.example.net' },
        { type: 'A', data: '203.0.113.9' },
      ],
    },
  ]);
});

test('formats 4: the trailing dot is removed and the name is lower-cased', () => {
  const got = collect(RESOLVER, line({ query_name: 'XmR.PoOl.ExAmPlE.oRg.' }), interestIn([], ['pool.example.org']));
  assert.deepEqual(
    queries(got).map((event) => event.query),
    ['xmr.pool.example.org'],
  );
});

test('formats 4: a name is asked for whole, so that labels can be told', () => {
  const interest = interestIn([], ['pool.example.com']);
  const input = [
    line({ query_name: 'notpool.example.com.', answers: [] }),
    line({ query_name: 'a.pool.example.com.' }),
  ];
  assert.deepEqual(collect(RESOLVER, input.join('\n'), interest).lines, [2]);
});

for (const suffix of ['ec2.internal.', 'svc.cluster.local.']) {
  test(`formats 4: the search suffix ${suffix} stays on the name that the event gives`, () => {
    const [event] = read(line({ query_name: `pool.example.com.${suffix}`, rcode: 'NXDOMAIN', answers: [] }));
    assert.equal(event?.query, `pool.example.com.${suffix.slice(0, -1)}`);
  });
}

for (const version of ['1.1', '1.100000', 1.1, undefined]) {
  test(`formats 4: version ${JSON.stringify(version)} is accepted`, () => {
    assert.equal(read(line({ version })).length, 1);
  });
}

test('formats 4: missing answers and srcids are accepted', () => {
  const [event] = read(line({ answers: undefined, srcids: undefined }));
  assert.deepEqual([event?.answers, event?.claims.instance, event?.claims.address], [[], undefined, '192.0.2.10']);
});

for (const srcport of ['56067', 56_067]) {
  test(`formats 4: srcport as ${typeof srcport} gives the same id`, () => {
    assert.equal(read(line({ srcport }))[0]?.id, '2026-11-24T22:00:00Z 192.0.2.10 56067 pool.example.com A');
  });
}

for (const [type, data] of [
  ['Type', 'Rdata'],
  ['type', 'rdata'],
] as const) {
  test(`formats 4: the answer keys ${type} and ${data} are read, and found by the prefilter`, () => {
    const input = line({ query_name: 'a.example.', answers: [{ [data]: '203.0.113.9', [type]: 'a' }] });
    const [event] = queries(collect(RESOLVER, input, interestIn(['203.0.113.9'])));
    assert.deepEqual(event?.answers, [{ type: 'A', data: '203.0.113.9' }]);
  });
}

test('formats 4: NXDOMAIN and BLOCK are told, so that an attempt is no connection', () => {
  const [event] = read(line({ rcode: 'NXDOMAIN', answers: [], firewall_rule_action: 'BLOCK' }));
  assert.deepEqual([event?.rcode, event?.blocked, event?.answers], ['NXDOMAIN', true, []]);
  assert.ok(!('blocked' in (read(line({ firewall_rule_action: 'ALERT' }))[0] ?? {})));
});

test('formats 4: a query_timestamp that is no time falls back to the time of the log event', () => {
  const broken = line({ query_timestamp: '2026-13-45T99:00:00Z' });
  assert.equal(read(broken, { envelopeTime: AT + 1 })[0]?.time, AT + 1);
  assert.deepEqual(kinds(collect(RESOLVER, broken)), ['missing-field']);
});

for (const [text, time] of [
  ['2026-11-24 22:00:00', AT],
  ['2026-11-24T22:00:00.250Z', AT + 250],
  ['2026-11-24T22:00:00.123456789Z', AT + 123],
  ['2026-11-24T23:30:00+01:30', AT],
  ['2026-11-24T20:00:00-0200', AT],
  ['2026-11-24 22:00:00 UTC', AT],
] as const) {
  test(`reads the time ${text}`, () => {
    assert.equal(read(line({ query_timestamp: text }))[0]?.time, time);
  });
}

for (const text of ['2026-02-30T00:00:00Z', '2026-11-24T24:01:00Z', '2026-11-24', 'now', '']) {
  test(`does not take ${JSON.stringify(text)} for a time`, () => {
    assert.deepEqual(kinds(collect(RESOLVER, line({ query_timestamp: text }))), ['missing-field']);
  });
}

test('holds times within what the envelope allows and says so', () => {
  const [event] = read(line(), { envelopeTime: AT + 15 * 86_400_000 });
  assert.deepEqual([event?.time, event?.clamped], [AT + 86_400_000, true]);
  assert.ok(!('clamped' in (read(line(), { envelopeTime: AT })[0] ?? {})));
});

test('takes answers given as one object', () => {
  const [event] = read(line({ answers: { Class: 'IN', Rdata: '203.0.113.9', Type: 'A' } }));
  assert.deepEqual(event?.answers, [{ type: 'A', data: '203.0.113.9' }]);
});

test('keeps other answers with their type and text, names as names are', () => {
  const answers = [
    { Rdata: '10 Mail.example.com.', Type: 'MX', Class: 'IN' },
    { Rdata: '1 svc.example.com. alpn="h2"', Type: 'HTTPS', Class: 'IN' },
    { Rdata: 'NS1.example.com.', Type: 'NS', Class: 'IN' },
    { Rdata: '2001:DB8:0::9', Type: 'AAAA', Class: 'IN' },
    { Rdata: '203.0.113.9' },
    { Rdata: 7, Type: 'A' },
    'text',
  ];
  assert.deepEqual(read(line({ answers }))[0]?.answers, [
    { type: 'MX', data: '10 Mail.example.com.' },
    { type: 'HTTPS', data: '1 svc.example.com. alpn="h2"' },
    { type: 'NS', data: 'ns1.example.com' },
    { type: 'AAAA', data: '2001:db8::9' },
    { type: 'A', data: '203.0.113.9' },
  ]);
});

test('keeps 64 answers and says that there were more', () => {
  const answers = Array.from({ length: 90 }, (_, index) => ({ Rdata: `203.0.113.${index}`, Type: 'A' }));
  const [event] = read(line({ answers }));
  assert.deepEqual([event?.answers.length, event?.truncated], [64, true]);
  assert.ok(!('truncated' in (read(line({ answers: answers.slice(0, 64) }))[0] ?? {})));
});

for (const key of ['resolver_endpoint', 'resolver_network_interface']) {
  test(`marks a query that came by a ${key} as forwarded`, () => {
    const [event] = read(line({ srcids: { [key]: 'rslvr-in-0123456789abcdef' } }));
    assert.deepEqual([event?.forwarded, event?.claims.instance], [true, undefined]);
  });
}

test('claims what the record says before what the trigger says', () => {
  const [event] = read(line({ region: undefined, account_id: 'nobody' }), {
    origin: { account: '444455556666', region: 'eu-west-1', vpc: 'vpc-0' },
  });
  assert.deepEqual(
    [event?.claims.account, event?.claims.region, event?.claims.vpc],
    ['444455556666', 'eu-west-1', 'vpc-0123456789abcdef0'],
  );
});

test('finds a listed name and a listed address among the answers', () => {
  const input = [
    line({ query_name: 'a.example.' }),
    line({ query_name: 'b.example.', answers: [] }),
    line({ query_name: 'c.example.', answers: [{ Rdata: '1 pool.example.com. alpn=h2', Type: 'HTTPS' }] }),
    line({ query_name: 'd.example.', answers: [{ Rdata: '203.0.113.77', Type: 'A' }] }),
  ].join('\n');
  assert.deepEqual(collect(RESOLVER, input, interestIn([], ['pool-lb.example.net', 'pool.example.com'])).lines, [1, 3]);
  assert.deepEqual(collect(RESOLVER, input, interestIn(['203.0.113.77'])).lines, [4]);
});

test('reads benign lines without an event and counts them', () => {
  const got = collect(RESOLVER, `${line()}\n${line()}\n`, interestIn(['198.51.100.1'], ['other.example']));
  assert.deepEqual([got.events, got.errors, got.records, got.times], [[], [], 2, [AT, AT]]);
});

for (const [name, input, kind] of [
  ['a line that breaks off', line().slice(0, 200), 'truncated'],
  ['broken JSON', '{"query_name":"a.example.",}', 'not-json'],
  ['a record without a name', line({ query_name: undefined }), 'missing-field'],
  ['a record without a time', line({ query_timestamp: undefined }), 'missing-field'],
  ['a name that is no text', line({ query_name: 7 }), 'missing-field'],
  ['an empty name', line({ query_name: '' }), 'missing-field'],
  ['a query log of a public zone', PUBLIC_ZONE, 'wrong-log-type'],
] as const) {
  test(`counts ${name} as ${kind}, and reads on`, () => {
    const got = collect(RESOLVER, `${line()}\n${input}\n${line()}\n`, interestIn([], ['pool.example.com']));
    assert.deepEqual([kinds(got), got.lines, got.errors[0]?.line], [[kind], [1, 3], 2]);
  });
}

test('counts a line beyond the limit as too-long and keeps its beginning alone', () => {
  const long = line({ padding: 'x'.repeat(2_000) });
  const got = collect(RESOLVER, `${long}\n${line()}\n`, EVERYTHING, { ...OPTIONS, maxLine: 1_000 });
  assert.deepEqual(got.errors, [{ kind: 'too-long', line: 1, text: long.slice(0, 256) }]);
  assert.deepEqual(got.lines, [2]);
});

test('decides by the last of a key given twice, as JSON does', () => {
  const twice = `{"query_name":"good.example.",${line().slice(1)}`;
  assert.deepEqual(collect(RESOLVER, twice, interestIn([], ['pool.example.com'])).lines, [1]);
});

for (const other of [
  '2 111122223333 eni-0123456789abcdef0 192.0.2.10 203.0.113.9 50112 3333 6 1 1 1 1 ACCEPT OK',
  '{"output":"text","rule":"A rule","time":"2026-11-24T22:00:00Z"}',
  '{"class_uid":4003,"query":{"hostname":"pool.example.com"},"rcode":"NOERROR"}',
  '[]',
]) {
  test(`stops before a line of another format: ${other.slice(0, 14)}`, () => {
    const got = collect(RESOLVER, `${line()}\n${other}\n${line()}\n`);
    assert.deepEqual([got.stopped, got.lines, got.settled], [line().length + 1, [1], 1]);
  });
}

test('takes carriage returns, blank lines, a byte order mark and a last line without its end', () => {
  const got = collect(RESOLVER, `\ufeff${line()}\r\n\r\n\n  ${line()}\r\n${line()}`);
  assert.deepEqual([got.errors, got.lines], [[], [1, 4, 5]]);
});

test('gives duplicates equal ids', () => {
  assert.equal(new Set(read([line(), line(), line({ srcport: '1' })].join('\n')).map((event) => event.id)).size, 2);
});

test('gives the same events for any cut into chunks at line ends', () => {
  const benign = line({ query_name: 'a.example.', answers: [] });
  const input = [line(), benign, PUBLIC_ZONE, '{', '', line({ answers: {} }), benign, line(), ''].join('\n');
  const interest = interestIn([], ['pool.example.com']);
  const whole = collect(RESOLVER, input, interest);
  assert.equal(whole.events.length, 3);
  for (let mask = 0; mask < 256; mask += 1) {
    const cut = collect(
      RESOLVER,
      input,
      interest,
      OPTIONS,
      lineStarts(input, (index) => (mask & (1 << index)) !== 0),
    );
    assert.deepEqual(
      [cut.events, cut.lines, cut.errors, cut.records],
      [whole.events, whole.lines, whole.errors, whole.records],
    );
  }
});
