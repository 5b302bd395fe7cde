import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KNOWN_ORDERS } from '#shared/events/vpc-flow/fields.ts';
import { VPC_FLOW } from '#shared/events/vpc-flow/reader.ts';
import { collect, EVERYTHING, interestIn, lineStarts, OPTIONS } from './collect.ts';

const INTEREST = interestIn(['203.0.113.9', '2001:db8::9']);
const LISTED = fc.constantFrom('203.0.113.9', '2001:db8::9', '2001:DB8::9', '2001:db8:0:0:0:0:0:9', '2001:0DB8::0009');
const OTHER = fc.constantFrom('192.0.2.10', '198.51.100.7', '203.0.113.90', '2001:db8::90', '-');
const ADDRESSES = ['srcaddr', 'dstaddr', 'pkt-srcaddr', 'pkt-dstaddr'];

const NUMBER = fc.oneof(fc.nat({ max: 60_000 }).map(String), fc.constant('-'));
const VALUES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  version: fc.constantFrom('2', '5', '11'),
  'account-id': fc.constantFrom('111122223333', 'unknown'),
  'interface-id': fc.constant('eni-0123456789abcdef0'),
  srcport: NUMBER,
  dstport: NUMBER,
  packets: NUMBER,
  bytes: NUMBER,
  protocol: fc.constantFrom('6', '17', '58', '-'),
  'tcp-flags': fc.nat({ max: 63 }).map(String),
  start: fc.constant('1795557600'),
  end: fc.constantFrom('1795557660', '-'),
  action: fc.constantFrom('ACCEPT', 'REJECT'),
  'log-status': fc.constant('OK'),
  'flow-direction': fc.constantFrom('ingress', 'egress', '-'),
  'instance-tag': fc.constantFrom('my%2Dapp', 'a%20b%zz', '-'),
};
const FIELDS = [...KNOWN_ORDERS.v5, 'instance-tag', 'a-later-field'];

interface Log {
  readonly fields: readonly string[];
  readonly lines: readonly string[];
}

/** Records of one custom format, with a source and a destination and the fields in any order. */
const log = (address: (field: string, place: number) => fc.Arbitrary<string>): fc.Arbitrary<Log> =>
  fc.shuffledSubarray(FIELDS).chain((some) => {
    const fields = [...new Set([...some, 'srcaddr', 'dstaddr', 'start'])];
    const addressed = fields.filter((field) => ADDRESSES.includes(field));
    const value = (field: string, place: number): fc.Arbitrary<string> =>
      ADDRESSES.includes(field) ? address(field, place) : (VALUES[field] ?? fc.constant('-'));
    const line = fc
      .nat({ max: addressed.length - 1 })
      .chain((chosen) => fc.tuple(...fields.map((field) => value(field, field === addressed[chosen] ? 1 : 0))))
      .map((values) => values.join(' '));
    return fc.array(line, { minLength: 1, maxLength: 8 }).map((lines) => ({ fields, lines }));
  });

const usable = (field: string): fc.Arbitrary<string> =>
  field.startsWith('pkt') ? OTHER : fc.constantFrom('192.0.2.10', '198.51.100.7', '2001:db8::90');
const MATCHING = log((field, chosen) => (chosen === 1 ? LISTED : usable(field)));
const MIXED = log((field) => fc.oneof({ weight: 3, arbitrary: usable(field) }, { weight: 1, arbitrary: LISTED }));

test('the prefilter loses no matching flow, in any order of fields', () => {
  fc.assert(
    fc.property(MATCHING, fc.boolean(), fc.constantFrom('\n', '\r\n'), ({ fields, lines }, header, feed) => {
      const input = [...(header ? [fields.join(' ')] : []), ...lines].join(feed);
      const options = header ? OPTIONS : { ...OPTIONS, flowFormat: fields.map((field) => `\${${field}}`) };
      const full = collect(VPC_FLOW, input, EVERYTHING, options);
      const got = collect(VPC_FLOW, input, INTEREST, options);
      assert.equal(full.events.length, lines.length);
      assert.deepEqual([got.events, got.lines, got.errors], [full.events, full.lines, []]);
    }),
    { numRuns: 1_000 },
  );
});

test('flows among others are found alike for any cut at line ends', () => {
  fc.assert(
    fc.property(MIXED, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), ({ fields, lines }, keep) => {
      const input = [fields.join(' '), ...lines].join('\n');
      const whole = collect(VPC_FLOW, input, INTEREST);
      const cut = collect(
        VPC_FLOW,
        input,
        INTEREST,
        OPTIONS,
        lineStarts(input, (index) => keep[index] === true),
      );
      assert.deepEqual([cut.events, cut.lines, cut.records], [whole.events, whole.lines, lines.length]);
    }),
    { numRuns: 500 },
  );
});

/** Bytes that are nearly a flow log: words of one in any order, cut anywhere, among arbitrary bytes. */
const BYTES = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 24 }),
      fc.constantFrom(
        ' ',
        ' ',
        '\n',
        '\n',
        '-',
        '2 ',
        'version ',
        'dstaddr ',
        'srcaddr ',
        '203.0.113.9 ',
        '{',
        'type=',
        '\r\n',
      ),
      fc.constantFrom(
        '2 111122223333 eni-0 192.0.2.10 203.0.113.9 50112 3333 6 1 40 1795557600 1795557660 ACCEPT OK\n',
        '2 111122223333 eni-0 203.0.113.9 192.0.2.10 -1 3333 6 1 99999999999999999999 1795557600 1795557660 ACCEPT OK\n',
        `${KNOWN_ORDERS.transitGateway.join(' ')}\n`,
        'dstaddr constructor __proto__ start\n',
      ),
    ),
    { maxLength: 30 },
  )
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part as string))));

test('never throws on any bytes, and stops only before a line that it does not recognise', () => {
  fc.assert(
    fc.property(BYTES, fc.boolean(), (bytes, everything) => {
      const got = collect(VPC_FLOW, bytes, everything ? EVERYTHING : INTEREST);
      const feed = bytes.indexOf(10, got.stopped);
      const line = [bytes, got.stopped, feed < 0 ? bytes.length : feed] as const;
      if (got.stopped < bytes.length) assert.ok(!VPC_FLOW.recognises(...line));
    }),
    { numRuns: 2_000 },
  );
});
