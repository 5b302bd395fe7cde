import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FLOW_FORMAT_ADVICE, VPC_FLOW } from '#shared/events/vpc-flow/reader.ts';
import { CLASS, type NetworkActivity } from '#shared/model/event.ts';
import type { ReaderOptions } from '#shared/model/reader.ts';
import { type Collected, collect, EVERYTHING, interestIn, lineStarts, OPTIONS } from './collect.ts';

const V2 =
  '2 111122223333 eni-0123456789abcdef0 192.0.2.10 203.0.113.9 50112 3333 6 120 18000 1795557600 1795557660 ACCEPT OK';
const REPLY =
  '2 111122223333 eni-0123456789abcdef0 203.0.113.9 192.0.2.10 3333 50112 6 90 9000 1795557600 1795557660 ACCEPT OK';
const BENIGN =
  '2 111122223333 eni-0123456789abcdef0 192.0.2.10 198.51.100.7 50113 443 6 1 40 1795557601 1795557661 ACCEPT OK';
const NODATA = '2 111122223333 eni-0123456789abcdef0 - - - - - - - 1795557600 1795557660 - NODATA';
const SKIPDATA = NODATA.replace('NODATA', 'SKIPDATA');
const V5 =
  '5 111122223333 eni-0123456789abcdef0 203.0.113.9 192.0.2.10 3333 50112 6 3 180 1795557600 1795557660 ACCEPT OK vpc-0123456789abcdef0 subnet-0123456789abcdef0 i-0123456789abcdef0 19 IPv4 203.0.113.9 192.0.2.77 us-east-1 use1-az5 - - EC2 - ingress -';
const GATEWAY =
  '6 TransitGateway 111122223333 tgw-0123456789abcdef0 tgw-attach-0123456789abcdef0 111122223333 444455556666 vpc-0123456789abcdef0 vpc-0fedcba9876543210 - - eni-0123456789abcdef0 eni-0fedcba9876543210 use1-az1 use1-az2 - 192.0.2.10 203.0.113.9 50112 3333 6 12 900 1795557600 1795557660 OK IPv4 0 0 0 0 2 us-east-1 ingress - -';

function flows(got: Collected): NetworkActivity[] {
  return got.events.flatMap((event) => (event.class === CLASS.network ? [event] : []));
}

function read(text: string, options: Partial<ReaderOptions> = {}): NetworkActivity[] {
  return flows(collect(VPC_FLOW, text, EVERYTHING, { ...OPTIONS, ...options }));
}

/** One record of a custom format, named in the configuration. */
function custom(format: string, line: string, options: Partial<ReaderOptions> = {}): Collected {
  return collect(VPC_FLOW, line, EVERYTHING, { ...OPTIONS, ...options, flowFormat: format.split(' ') });
}

test('reads a record of the default format into one network event', () => {
  assert.deepEqual(read(`${V2}\n`), [
    {
      class: CLASS.network,
      source: 'vpc-flow',
      id: '192.0.2.10 50112 203.0.113.9 3333 - - 6 1795557600 ACCEPT eni-0123456789abcdef0',
      time: 1_795_557_600_000,
      claims: { account: '111122223333', eni: 'eni-0123456789abcdef0', network: true },
      raw: { file: 'input.log', line: 1 },
      src: { ip: '192.0.2.10', port: 50_112 },
      dst: { ip: '203.0.113.9', port: 3333 },
      protocol: 6,
      accepted: true,
      bytes: 18_000,
      packets: 120,
      start: 1_795_557_600_000,
      end: 1_795_557_660_000,
    },
  ]);
});

for (const [name, line] of [
  ['NODATA', NODATA],
  ['SKIPDATA', SKIPDATA],
  ['NODATA without times', '2 111122223333 eni-0123456789abcdef0 - - - - - - - - - - NODATA'],
  ['SKIPDATA with addresses', V2.replace(/OK$/, 'SKIPDATA')],
] as const) {
  test(`formats 3: ${name} is read and never an event`, () => {
    const got = collect(VPC_FLOW, `${line}\n`);
    assert.deepEqual(
      { events: got.events, errors: got.errors, records: got.records },
      { events: [], errors: [], records: 1 },
    );
  });
}

test('formats 3: a dash in a number column is absent, neither NaN nor 0', () => {
  const [flow] = read(V2.replace(' 50112 3333 6 120 18000 ', ' - - - - - '));
  assert.ok(flow);
  for (const key of ['protocol', 'packets', 'bytes', 'tcpFlags']) assert.ok(!(key in flow), key);
  assert.deepEqual([flow.src, flow.dst], [{ ip: '192.0.2.10' }, { ip: '203.0.113.9' }]);
});

test('formats 3: both directions of a connection are seen, each as the record orders it, with no own side', () => {
  const got = flows(collect(VPC_FLOW, `${V2}\n${BENIGN}\n${REPLY}\n`, interestIn(['203.0.113.9'])));
  assert.deepEqual(
    got.map((flow) => [flow.src?.ip, flow.dst.ip, flow.own, flow.claims.address]),
    [
      ['192.0.2.10', '203.0.113.9', undefined, undefined],
      ['203.0.113.9', '192.0.2.10', undefined, undefined],
    ],
  );
});

test('formats 3: a header line sets the order for that stream only', () => {
  const shuffled =
    'dstaddr srcaddr version start dstport account-id\n203.0.113.9 192.0.2.10 2 1795557600 3333 111122223333\n';
  const [flow] = read(shuffled);
  assert.deepEqual(
    [flow?.dst, flow?.src?.ip, flow?.claims.account],
    [{ ip: '203.0.113.9', port: 3333 }, '192.0.2.10', '111122223333'],
  );
  assert.equal(read(`${V2}\n`).length, 1);
});

test('formats 3: a later header sets the order from there on', () => {
  const got = collect(VPC_FLOW, `${V2}\nsrcaddr dstaddr end\n192.0.2.10 203.0.113.9 1795557660\n${V2}\n`);
  assert.deepEqual(got.lines, [1, 3]);
  assert.deepEqual(
    got.errors.map(({ kind, line }) => [kind, line]),
    [['field-count', 4]],
  );
});

test('formats 3: a header overrides the configured order', () => {
  const got = custom('dstaddr srcaddr end', 'srcaddr dstaddr end\n192.0.2.10 203.0.113.9 1795557660\n');
  assert.equal(flows(got)[0]?.dst.ip, '203.0.113.9');
});

for (const [name, line] of [
  ['one value less', V2.replace(/ OK$/, '')],
  ['one value more', `${V2} OK`],
  ['a doubled space', V2.replace(' 6 ', '  6 ')],
] as const) {
  test(`formats 3: a line with ${name} is malformed, not shifted`, () => {
    const got = collect(VPC_FLOW, `${BENIGN}\n${line}\n${V2}\n`);
    assert.deepEqual(
      got.errors.map((error) => [error.kind, error.line]),
      [['field-count', 2]],
    );
    assert.deepEqual(got.lines, [1, 3]);
    assert.equal(got.records, 2);
  });
}

test('says that the format must be named', () => {
  assert.match(FLOW_FORMAT_ADVICE, /--flow-format/);
});

test('reads any order of fields and unknown future fields by their place', () => {
  const [flow] = flows(
    custom(
      'next-hop-colour dstport dstaddr srcaddr start interface-id',
      'blue 3333 203.0.113.9 192.0.2.10 1795557600 eni-0123456789abcdef0',
    ),
  );
  assert.deepEqual([flow?.dst, flow?.claims.eni], [{ ip: '203.0.113.9', port: 3333 }, 'eni-0123456789abcdef0']);
});

for (const spelling of ['pkt-dstaddr', 'pkt_dstaddr', 'pktDstaddr', '$' + '{pkt-dstaddr}']) {
  test(`formats 3: the field name ${spelling} is known`, () => {
    const [flow] = flows(custom(`srcaddr dstaddr ${spelling} start`, '192.0.2.10 192.0.2.1 203.0.113.9 1795557600'));
    assert.equal(flow?.packetDst, '203.0.113.9');
  });
}

test('formats 3: REJECT flows are kept and marked', () => {
  assert.deepEqual(
    read(V2.replace('ACCEPT', 'REJECT')).map((flow) => flow.accepted),
    [false],
  );
});

test('formats 3: IPv6 is compared without case and compression', () => {
  const line = V2.replace('203.0.113.9', '2001:DB8:0:0:0:0:0:9').replace('192.0.2.10', '2001:db8::10');
  const [flow] = flows(collect(VPC_FLOW, line, interestIn(['2001:db8::9'])));
  assert.deepEqual([flow?.dst.ip, flow?.src?.ip], ['2001:db8::9', '2001:db8::10']);
});

test('tells the own side by the direction of the flow', () => {
  const format = 'interface-id srcaddr dstaddr dstport flow-direction start';
  const line = 'eni-0123456789abcdef0 192.0.2.10 203.0.113.9 3333 egress 1795557600';
  const [out] = flows(custom(format, line));
  const [back] = flows(custom(format, line.replace('egress', 'ingress')));
  assert.deepEqual(
    [out?.own, out?.claims.address, back?.own, back?.claims.address],
    ['src', '192.0.2.10', 'dst', '203.0.113.9'],
  );
});

test('finds a pod or a translated address in the packet addresses', () => {
  const [flow] = flows(collect(VPC_FLOW, `${V2}\n${V5}\n`, interestIn(['192.0.2.77'])));
  assert.deepEqual([flow?.packetDst, flow?.packetSrc, flow?.dst.ip], ['192.0.2.77', undefined, '192.0.2.10']);
});

test('uses the packet addresses where the format has no others', () => {
  const [flow] = flows(custom('pkt-srcaddr pkt-dstaddr start', '192.0.2.10 203.0.113.9 1795557600'));
  assert.deepEqual([flow?.src?.ip, flow?.dst.ip, flow?.packetDst], ['192.0.2.10', '203.0.113.9', undefined]);
});

test('claims what a record with ECS fields says of the task', () => {
  const [flow] = flows(
    custom(
      'account-id region vpc-id interface-id instance-id srcaddr dstaddr start ecs-cluster-name ecs-task-definition-arn ecs-task-arn tcp-flags',
      'unknown us-east-1 vpc-0123456789abcdef0 eni-0123456789abcdef0 - 192.0.2.10 203.0.113.9 1795557600 web-cluster arn:aws:ecs:us-east-1:111122223333:task-definition/web:7 arn:aws:ecs:us-east-1:111122223333:task/web-cluster/0123456789abcdef0123456789abcdef 2',
      { origin: { account: '111122223333', stream: 'eni-0123456789abcdef0-all' } },
    ),
  );
  assert.deepEqual(flow?.claims, {
    account: '111122223333',
    stream: 'eni-0123456789abcdef0-all',
    region: 'us-east-1',
    vpc: 'vpc-0123456789abcdef0',
    eni: 'eni-0123456789abcdef0',
    cluster: 'web-cluster',
    family: 'web',
    task: '0123456789abcdef0123456789abcdef',
    network: true,
  });
  assert.equal(flow?.tcpFlags, 2);
});

test('names a gateway without an interface by its resource', () => {
  const [flow] = flows(
    custom('interface-id resource-id srcaddr dstaddr end', '- nat-0123456789abcdef0 192.0.2.10 203.0.113.9 1795557660'),
  );
  assert.equal(flow?.claims.eni, 'nat-0123456789abcdef0');
  assert.equal(flow?.time, 1_795_557_660_000);
});

for (const [name, line] of [
  ['a port above 65535', V2.replace(' 3333 ', ' 70000 ')],
  ['a negative number', V2.replace(' 18000 ', ' -18000 ')],
  ['a number above 2^53', V2.replace(' 18000 ', ' 9007199254740993 ')],
  ['a number of forty digits', V2.replace(' 18000 ', ` ${'9'.repeat(40)} `)],
  ['a fraction', V2.replace(' 18000 ', ' 1.5 ')],
  ['a time that no calendar has', V2.replaceAll('1795557600', '9007199254740')],
] as const) {
  test(`counts ${name} as bad-number`, () => {
    const got = collect(VPC_FLOW, `${line}\n`);
    assert.deepEqual([got.events, got.records, got.errors.map((error) => error.kind)], [[], 0, ['bad-number']]);
  });
}

test('counts text in a number column of a named order as bad-number', () => {
  const got = custom('srcaddr dstaddr dstport start', '192.0.2.10 203.0.113.9 OK 1795557600');
  assert.deepEqual(
    got.errors.map((error) => error.kind),
    ['bad-number'],
  );
});

test('counts a text that is no address as missing-field', () => {
  const got = custom('srcaddr dstaddr start', '192.0.2.10 203.0.113.999 1795557600');
  assert.deepEqual(
    got.errors.map((error) => error.kind),
    ['missing-field'],
  );
});

test('counts records without a destination field as missing-field, since no remote can be told', () => {
  const got = custom('srcaddr start', '203.0.113.9 1795557600\n203.0.113.9 1795557601\n');
  assert.deepEqual([got.records, got.errors.map((error) => error.kind)], [0, ['missing-field', 'missing-field']]);
});

test('counts a record without any time as missing-field, unless the envelope has one', () => {
  const line = '192.0.2.10 203.0.113.9';
  assert.deepEqual(
    custom('srcaddr dstaddr', line).errors.map((error) => error.kind),
    ['missing-field'],
  );
  assert.equal(flows(custom('srcaddr dstaddr', line, { envelopeTime: 1_795_557_600_000 }))[0]?.time, 1_795_557_600_000);
});

test('formats 17.7: 29 fields in alphabetical order are not taken for another order of 29', () => {
  const line =
    '111122223333 ACCEPT use1-az5 180 192.0.2.10 3333 1795557660 ingress i-0123456789abcdef0 eni-0123456789abcdef0 OK 3 - 203.0.113.9 - 192.0.2.10 6 us-east-1 203.0.113.9 50112 1795557600 - - subnet-0123456789abcdef0 19 1 IPv4 5 vpc-0123456789abcdef0';
  assert.equal(line.split(' ').length, 29);
  const got = collect(VPC_FLOW, `${line}\n`);
  assert.deepEqual([got.events, got.errors.map((error) => error.kind)], [[], ['field-count']]);
});

test('formats 17.7: 14 fields of another order are not taken for the default', () => {
  const values = V2.split(' ');
  const got = collect(VPC_FLOW, `${[...values].reverse().join(' ')}\n`);
  assert.deepEqual([got.events, got.errors.map((error) => error.kind)], [[], ['field-count']]);
});

test('accepts version 5 in its documented order, since its columns prove it', () => {
  const [flow] = read(`${V5}\n`);
  assert.deepEqual(
    [flow?.own, flow?.claims.instance, flow?.claims.region, flow?.tcpFlags],
    ['dst', 'i-0123456789abcdef0', 'us-east-1', 19],
  );
});

test('accepts Transit Gateway records in their documented order and blames no side', () => {
  const [flow] = read(`${GATEWAY}\n`);
  assert.deepEqual(
    [flow?.own, flow?.claims.address, flow?.claims.eni, flow?.dst],
    [undefined, undefined, undefined, { ip: '203.0.113.9', port: 3333 }],
  );
});

test('reads known orders that take turns in one stream', () => {
  assert.deepEqual(collect(VPC_FLOW, [V2, V5, V5, V2, GATEWAY, V2, ''].join('\n')).lines, [1, 2, 3, 4, 5, 6]);
});

test('formats 17.8: a format with fields of version 11 is read', () => {
  const [flow] = flows(
    custom(
      'version account-id srcaddr dstaddr dstport flow-direction instance-tag next-hop-interface-type start',
      '11 111122223333 192.0.2.10 203.0.113.9 3333 egress my%2Dapp nat_gateway 1795557600',
    ),
  );
  assert.equal(flow?.claims.address, '192.0.2.10');
});

test('formats 17.9: NODATA is no error and the lines after it are read', () => {
  const got = collect(VPC_FLOW, `${NODATA}\n${V2}\n`);
  assert.deepEqual([got.errors, got.lines, got.records], [[], [2], 2]);
});

test('takes carriage returns, blank lines, a byte order mark and a last line without its end', () => {
  const got = collect(VPC_FLOW, `\ufeff${V2}\r\n\r\n\n${BENIGN}\r\n${V2}`);
  assert.deepEqual(
    [got.errors, got.lines, got.stopped],
    [[], [1, 4, 5], Buffer.byteLength(`\ufeff${V2}\r\n\r\n\n${BENIGN}\r\n${V2}`)],
  );
});

test('counts a line beyond the limit as too-long and keeps its beginning alone', () => {
  const got = collect(VPC_FLOW, `${'9'.repeat(5_000)}\n${V2}\n`, EVERYTHING, { ...OPTIONS, maxLine: 1_000 });
  assert.deepEqual(got.errors, [{ kind: 'too-long', line: 1, text: '9'.repeat(256) }]);
  assert.deepEqual(got.lines, [2]);
});

for (const other of [
  '{"query_name":"example.com."}',
  '[1]',
  'type=SYSCALL msg=audit(1.000:1): a=1',
  'node=a type=EOE msg=audit(1.000:1):',
]) {
  test(`stops before a line of another format: ${other.slice(0, 12)}`, () => {
    const got = collect(VPC_FLOW, `${V2}\n${other}\n${V2}\n`);
    assert.deepEqual([got.stopped, got.lines, got.settled], [V2.length + 1, [1], 1]);
  });
}

test('holds times within what the envelope allows and says so', () => {
  const envelopeTime = 1_795_557_600_000 + 20 * 86_400_000;
  const [late] = read(V2, { envelopeTime });
  assert.deepEqual(
    [late?.time, late?.start, late?.clamped],
    [envelopeTime - 14 * 86_400_000, envelopeTime - 14 * 86_400_000, true],
  );
  const [early] = read(V2, { envelopeTime: 1_795_557_600_000 - 3_600_000 });
  assert.deepEqual([early?.time, early?.clamped], [1_795_557_600_000 - 3_000_000, true]);
  assert.ok(!('clamped' in (read(V2, { envelopeTime: 1_795_557_600_000 })[0] ?? {})));
});

test('gives duplicates equal ids, and different ones to the verdicts of one connection', () => {
  const ids = read([V2, V2, V2.replace('ACCEPT', 'REJECT'), REPLY].join('\n')).map((flow) => flow.id);
  assert.equal(ids[0], ids[1]);
  assert.equal(new Set(ids).size, 3);
});

test('points to the envelope of the record', () => {
  const [flow] = read(V2, { raw: { logGroup: 'flows', logStream: 'eni-0123456789abcdef0-all' }, eventId: '3712' });
  assert.deepEqual(flow?.raw, { logGroup: 'flows', logStream: 'eni-0123456789abcdef0-all', line: 1, eventId: '3712' });
});

test('samples the times of skipped lines: the first and last of a chunk and some between', () => {
  const lines = Array.from({ length: 3_000 }, (_, index) =>
    BENIGN.replace('1795557661', String(1_795_557_661 + index)),
  );
  const got = collect(VPC_FLOW, lines.join('\n'), interestIn([]));
  const at = (index: number): number => (1_795_557_661 + index) * 1_000;
  assert.deepEqual([got.records, got.events, got.times], [3_000, [], [at(0), at(1_025), at(2_050), at(2_999)]]);
});

test('gives the same events for any cut into chunks at line ends', () => {
  const input = [
    V2,
    NODATA,
    BENIGN,
    'garbage',
    'srcaddr dstaddr start',
    '192.0.2.10 203.0.113.9 1795557600',
    V2,
    '',
  ].join('\n');
  const whole = collect(VPC_FLOW, input);
  for (let mask = 0; mask < 128; mask += 1) {
    const cut = collect(
      VPC_FLOW,
      input,
      EVERYTHING,
      OPTIONS,
      lineStarts(input, (index) => (mask & (1 << index)) !== 0),
    );
    assert.deepEqual(
      [cut.events, cut.lines, cut.errors, cut.records],
      [whole.events, whole.lines, whole.errors, whole.records],
    );
  }
});
