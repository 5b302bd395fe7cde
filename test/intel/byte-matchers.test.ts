import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compileAddressMatcher } from '#shared/intel/byte-addresses.ts';
import { compileNameMatcher } from '#shared/intel/byte-names.ts';
import { canonicalAddress } from '#shared/model/address.ts';
import { SAMPLE_INTEL } from './sample-intel.ts';

/** Tries a matcher on text that stands inside other bytes. */
function on(matcher: (bytes: Uint8Array, from: number, to: number) => boolean, text: string): boolean {
  const bytes = Buffer.from(`"${text}", x.supportxmr.com 203.0.113.9`);
  return matcher(bytes, 1, 1 + Buffer.byteLength(text));
}

const label = fc.oneof(
  fc.stringMatching(/^[a-z0-9_-]{1,10}$/),
  fc.constantFrom('pool', 'www', 'com', 'supportxmr', 'local', 'internal', 'svc', 'cluster', 'compute', ''),
);
const suffix = fc.constantFrom(
  '',
  '.',
  '..',
  '.ec2.internal.',
  '.eu-west-1.compute.internal',
  '.compute-1.internal',
  '.internal',
  '.kube-system.svc.cluster.local.',
  '.dev.svc.cluster.local',
  '.svc.cluster.local',
  '.cluster.local',
  '.local',
);

function anyCase(text: string, upper: readonly boolean[]): string {
  return [...text].map((letter, at) => (upper[at % upper.length] ? letter.toUpperCase() : letter)).join('');
}

const name = fc
  .tuple(
    fc.array(label, { maxLength: 5 }),
    fc.constantFrom('supportxmr.com', 'nanopool.org', 'monerohash.com', 'xmrig.com', 'example.com', 'x'),
    suffix,
    fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
  )
  .map(([labels, listed, end, upper]) => anyCase([...labels, listed].join('.') + end, upper));

describe('compileNameMatcher', () => {
  const matches = compileNameMatcher(SAMPLE_INTEL.names());

  test('never misses what the list would find', () => {
    fc.assert(
      fc.property(fc.oneof(name, fc.string({ unit: 'binary', maxLength: 40 })), (text) => {
        if (SAMPLE_INTEL.name(text) !== undefined) assert.equal(on(matches, text), true, text);
      }),
      { numRuns: 2000 },
    );
  });

  test('says no to names that are not listed', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z0-9-]{1,12}$/), { minLength: 1, maxLength: 6 }), (labels) => {
        const text = `${labels.join('.')}.unlisted.example.com.`;
        assert.equal(on(matches, text), false, text);
      }),
    );
    for (const text of [
      'notsupportxmr.com',
      'supportxmr.com.example.com',
      'com',
      '.',
      '',
      'ip-10-0-0-1.ec2.internal',
    ]) {
      assert.equal(on(matches, text), false, text);
    }
  });

  test('leaves odd bytes to the full path', () => {
    for (const text of ['pool\\052.example.com', 'pöol.example.com', 'pool\u0000.example.com', 'pool example.com']) {
      assert.equal(on(matches, text), true, text);
    }
  });

  test('reads only its own part of the bytes', () => {
    const bytes = Buffer.from('pool.supportxmr.com');
    assert.equal(matches(bytes, 0, bytes.length), true);
    assert.equal(matches(bytes, 0, bytes.length - 1), false);
    assert.equal(matches(bytes, 6, bytes.length), false);
    assert.equal(matches(bytes, 5, bytes.length), true);
  });

  test('holds thousands of names', () => {
    const many = Array.from({ length: 5000 }, (_, at) => `pool${at}.example.net`);
    const matcher = compileNameMatcher(many);
    assert.ok(many.every((one) => on(matcher, `eu.${one.toUpperCase()}.`)));
    assert.equal(on(matcher, 'pool5000.example.net'), false);
  });
});

describe('compileAddressMatcher', () => {
  const listed = [
    '203.0.113.9',
    '0.0.0.0',
    '255.255.255.255',
    '2001:db8::9',
    '::1',
    '2001:db8:0:1:2:3:4:5',
    '::ffff:198.51.100.7',
  ];
  const matches = compileAddressMatcher(listed);
  const canonical = new Set(listed.map(canonicalAddress));

  const group = fc.constantFrom('0', '1', '9', 'db8', '0DB8', '2001', 'ffff', 'FFFF', '0009', '');
  const v6 = fc
    .tuple(fc.array(group, { minLength: 1, maxLength: 9 }), fc.constantFrom('', '203.0.113.9', '198.51.100.7', '%eth0'))
    .map(([groups, tail]) => groups.join(':') + (tail.startsWith('%') || tail === '' ? tail : `:${tail}`));
  const compressed = fc.tuple(fc.constantFrom(...listed), fc.nat(7), fc.boolean()).map(([ip, at, upper]) => {
    const text = expand(ip);
    const groups = text.split(':');
    const zeros = groups.findIndex((one, index) => index >= at && /^0+$/.test(one));
    const short =
      zeros < 0 || groups.length < 8
        ? text
        : `${groups.slice(0, zeros).join(':')}::${groups.slice(zeros + 1).join(':')}`;
    return upper ? short.toUpperCase() : short;
  });
  const v4 = fc.tuple(
    fc.constantFrom(203, 0, 255),
    fc.constantFrom(0, 255),
    fc.constantFrom(113, 0, 255),
    fc.constantFrom(9, 0, 255),
  );
  const odd = fc.constantFrom(
    '-',
    '',
    '203.0.113',
    '203.0.113.09',
    '203.0.113.9.',
    '1.2.3.4.5',
    '::',
    ':::',
    '2001:db8::9::',
    '203.0.113.9%1',
  );

  test('never misses an address, in any spelling', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          v6,
          compressed,
          v4.map((parts) => parts.join('.')),
          odd,
          fc.ipV6(),
          fc.ipV4(),
        ),
        (text) => {
          const ip = canonicalAddress(text);
          if (ip !== undefined && canonical.has(ip)) assert.equal(on(matches, text), true, text);
        },
      ),
      { numRuns: 5000 },
    );
  });

  test('says no to random addresses', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const ip = canonicalAddress(text);
        if (ip !== undefined && !/^::.*\./.test(text)) assert.equal(on(matches, text), canonical.has(ip), text);
      }),
    );
  });

  test('formats 3: compares IPv6 without regard to case and compression', () => {
    for (const text of [
      '2001:DB8::9',
      '2001:0db8:0000:0000:0000:0000:0000:0009',
      '2001:db8:0::0:9',
      '2001:db8::9%eth0',
      '0:0:0:0:0:0:0:1',
      '::ffff:203.0.113.9',
      '::FFFF:cb00:7109',
      '198.51.100.7',
    ]) {
      assert.equal(on(matches, text), true, text);
    }
  });

  test('says no to other addresses and to absent ones', () => {
    for (const text of [
      '203.0.113.8',
      '203.0.113.90',
      '10.0.0.1',
      '2001:db8::8',
      '::2',
      '::',
      '::ffff:203.0.113.8',
      '-',
      '',
    ]) {
      assert.equal(on(matches, text), false, text);
    }
  });

  test('leaves what does not parse to the full path', () => {
    for (const text of [
      '203.0.113.009',
      '203.0.113.256',
      'srcaddr',
      '2001:db8::9::1',
      '2001:db8:1',
      '1:2:3:4:5:6:7:8:9',
    ]) {
      assert.equal(on(matches, text), true, text);
    }
  });

  test('holds many addresses', () => {
    const many = Array.from({ length: 3000 }, (_, at) => `198.51.${at % 100}.${Math.floor(at / 100)}`);
    const matcher = compileAddressMatcher(many);
    assert.ok(many.every((one) => on(matcher, one)));
    assert.equal(on(matcher, '198.51.100.1'), false);
  });
});

/** The long form of an IPv6 address; other text as it is. */
function expand(ip: string): string {
  if (!ip.includes(':') || ip.includes('.')) return ip;
  const [head = '', tail] = ip.split('::');
  if (tail === undefined) return ip;
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0000'), ...right].join(':');
}
