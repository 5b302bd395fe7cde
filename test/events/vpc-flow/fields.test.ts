import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  fieldKey,
  headerFields,
  KNOWN_ORDERS,
  parseFlowFormat,
  unknownFields,
} from '#shared/events/vpc-flow/fields.ts';
import { compileLayout } from '#shared/events/vpc-flow/layout.ts';
import { isFlowHeader, isFlowRecord } from '#shared/events/vpc-flow/recognise.ts';
import { flowFields } from '#shared/events/vpc-flow/record.ts';

test('has 14 fields in the default order, 29 up to version 5 and 36 of a Transit Gateway', () => {
  assert.deepEqual(
    Object.values(KNOWN_ORDERS).map((fields) => new Set(fields).size),
    [14, 29, 36],
  );
});

test('formats 3: field names are compared without dashes, underscores and case', () => {
  const spellings = ['pkt-dst-aws-service', 'pkt_dst_aws_service', 'pktDstAwsService', 'PKT-DST-AWS-SERVICE'];
  assert.deepEqual(
    spellings.map(fieldKey),
    spellings.map(() => 'pktdstawsservice'),
  );
});

test('formats 3: a version 11 tag value is percent-decoded and unknown fields are kept by name', () => {
  const layout = compileLayout('version srcaddr instance-tag asg-tag a-later-field dstaddr'.split(' '), true);
  const fields = flowFields(layout, ['11', '192.0.2.10', 'my%2Dapp', '100%', 'blue%2Dgreen', '-']);
  assert.deepEqual(Object.fromEntries(fields), {
    version: '11',
    srcaddr: '192.0.2.10',
    'instance-tag': 'my-app',
    'asg-tag': '100%',
    'a-later-field': 'blue%2Dgreen',
  });
});

test('reads a format as EC2 gives it, or as plain names', () => {
  const fields = ['version', 'srcaddr', 'dstaddr', 'next-hop-vpc-id', 'tgw-src-eni'];
  assert.deepEqual(parseFlowFormat(`  ${fields.join(' ')} `), { fields });
  assert.deepEqual(parseFlowFormat(fields.join(',')), { fields });
  const wrapped = fields.map((field) => `\${${field}}`);
  assert.deepEqual(parseFlowFormat(wrapped.join(' ')), { fields: wrapped });
});

test('takes names of later versions and tells which they are', () => {
  const fields = ['version', 'srcaddr', '\u0024{dstaddr}', '\u0024{a-later-field}', 'colour'];
  assert.deepEqual(parseFlowFormat(fields.join(' ')), { fields });
  assert.deepEqual(unknownFields(fields), ['a-later-field', 'colour']);
});

test('names all that can not be a name of a field', () => {
  assert.deepEqual(parseFlowFormat('version src;addr dstaddr 10.0.0.5'), {
    problem: 'no-names',
    names: ['src;addr', '10.0.0.5'],
  });
});

for (const [text, problem] of [
  ['', 'empty'],
  [' , ', 'empty'],
  ['version srcaddr start', 'no-address'],
  ['version '.repeat(129), 'too-many'],
] as const) {
  test(`refuses a format that is ${problem}: ${JSON.stringify(text.slice(0, 24))}`, () => {
    assert.deepEqual(parseFlowFormat(text), { problem });
  });
}

test('takes a line of names for a header, with fields that are not known yet', () => {
  assert.ok(headerFields(['a-later-field', 'srcaddr', 'dstaddr']));
  assert.ok(headerFields(['account_id', 'action', 'az_id', 'bytes', 'another', 'colour']));
  assert.ok(headerFields(['dstaddr']));
});

for (const values of [
  ['start'],
  ['version', 'account-id', 'action'],
  ['srcaddr', 'colour', 'shape'],
  ['version', '203.0.113.9', 'dstaddr'],
  ['region', '', 'dstaddr'],
  ['2', '111122223333'],
]) {
  test(`takes no line for a header that begins ${values.slice(0, 2).join(' ')}`, () => {
    assert.equal(headerFields(values), undefined);
  });
}

const recognised = (look: typeof isFlowRecord, text: string): boolean =>
  look(Buffer.from(text), 0, Buffer.byteLength(text));

for (const text of [
  '2 111122223333 eni-0123456789abcdef0 192.0.2.10 203.0.113.9 50112 3333 6 120 18000 1795557600 1795557660 ACCEPT OK\r',
  '2 111122223333 eni-0123456789abcdef0 - - - - - - - 1795557600 1795557660 - NODATA',
  '2 unknown eni-0123456789abcdef0 2001:db8::1 2001:db8::2 50112 3333 6 1 1 1795557600 1795557660 REJECT OK',
  '11 111122223333 192.0.2.10 203.0.113.9 3333 egress my%2Dapp nat_gateway',
  '7 111122223333 eni-0123456789abcdef0 192.0.2.10 203.0.113.9 50112 3333 6 2 egress 8 web-cluster 0123456789abcdef0123456789abcdef',
]) {
  test(`recognises the record ${text.slice(0, 40)}`, () => assert.ok(recognised(isFlowRecord, text)));
}

for (const text of [
  '',
  'type=SYSCALL msg=audit(1.000:1): a b c d e f g h i j k l',
  '{"a": "192.0.2.10 203.0.113.9 ACCEPT OK eni-0"}',
  'Nov 24 22:00:00 host sshd[1]: Accepted publickey for a from 192.0.2.10 port 22',
  '1.0 2017-12-13T08:16:02.130Z Z123412341234 example.com A NOERROR UDP FRA6 192.0.2.1 -',
  '192.0.2.10 - - [24/Nov/2026:22:00:00 +0000] "GET / HTTP/1.1" 200 1',
]) {
  test(`does not recognise as a record: ${text.slice(0, 40)}`, () => assert.ok(!recognised(isFlowRecord, text)));
}

test('recognises a header in any order and spelling', () => {
  assert.ok(recognised(isFlowHeader, 'version account-id interface-id srcaddr dstaddr\r'));
  assert.ok(recognised(isFlowHeader, '\ufeffaccount_id action az_id bytes dstaddr'));
  assert.ok(!recognised(isFlowHeader, 'type=EOE msg=audit(1.000:1):'));
});
