import assert from 'node:assert/strict';
import { BlockList, isIPv4 } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compileIntel, normalizeName } from '#shared/intel/compile.ts';
import { RangeSet } from '#shared/intel/ranges.ts';
import { compiled, SAMPLE_INTEL, SAMPLE_LISTS } from './sample-intel.ts';

const SOURCE = { source: 'a public list', date: '2026-11-25' };
const EMPTY = { names: [], addresses: [], programs: [], ranges: [] };

function errorsOf(part: Partial<typeof SAMPLE_LISTS>): readonly string[] {
  const result = compileIntel({ ...EMPTY, ...part });
  return 'errors' in result ? result.errors : [];
}

function nameErrors(...names: readonly string[]): readonly string[] {
  return errorsOf({ names: [{ ...SOURCE, kind: 'pool', operators: { Example: names } }] });
}

describe('normalizeName', () => {
  for (const [text, expected] of [
    ['Pool.Example.ORG.', 'pool.example.org'],
    ['pool.example.org', 'pool.example.org'],
    ['pool.example.org.ec2.internal.', 'pool.example.org'],
    ['pool.example.org.eu-west-1.compute.internal', 'pool.example.org'],
    ['pool.example.org.compute-1.internal', 'pool.example.org'],
    ['pool.example.org.default.svc.cluster.local', 'pool.example.org'],
    ['pool.example.org.svc.cluster.local', 'pool.example.org'],
    ['pool.example.org.cluster.local', 'pool.example.org'],
    ['pool.example.org.internal', 'pool.example.org'],
    ['pool.example.org.local', 'pool.example.org'],
    ['', ''],
    ['...', ''],
  ] as const) {
    test(`formats 4: reads '${text}' as '${expected}'`, () => {
      assert.equal(normalizeName(text), expected);
    });
  }
});

describe('Intel.name', () => {
  test('finds a listed name under every spelling and search suffix', () => {
    fc.assert(
      fc.property(
        spelling(fc.constantFrom('pool.supportxmr.com', 'xmr-eu1.nanopool.org', 'monerohash.com')),
        (text) => {
          assert.notEqual(SAMPLE_INTEL.name(text), undefined);
        },
      ),
    );
  });

  for (const [name, site] of [
    ['supportxmr.com', true],
    ['www.supportxmr.com', true],
    ['api.xmr.nanopool.org', true],
    ['api2.nanopool.org', true],
    ['mx.nanopool.org', true],
    ['mx.xmr.nanopool.org', false],
    ['nodes.nanopool.org', true],
    ['node3.nanopool.org', false],
    ['pool.supportxmr.com', false],
    ['supportxmr.supportxmr.com', false],
    ['monerohash.com', false],
    ['www.monerohash.com', false],
    ['donate.v2.xmrig.com', false],
    ['proxy.example.net', true],
    ['eu.proxy.example.net', false],
  ] as const) {
    test(`says that ${name} is ${site ? 'a site' : 'a pool'}`, () => {
      assert.equal(SAMPLE_INTEL.name(name)?.site, site);
    });
  }

  test('takes the longest listed name', () => {
    assert.equal(SAMPLE_INTEL.name('donate.v2.xmrig.com')?.entry.kind, 'pool');
    assert.equal(SAMPLE_INTEL.name('api.xmrig.com')?.entry.kind, 'coin_site');
  });

  test('formats 4: matches on label borders', () => {
    for (const name of [
      'notpool.example.org',
      'xpool.example.org.',
      'example.org',
      'supportxmr.com.example.com',
      'com',
      '',
    ]) {
      assert.equal(SAMPLE_INTEL.name(name), undefined, name);
    }
    assert.equal(SAMPLE_INTEL.name('xmr.pool.example.org')?.entry.name, 'pool.example.org');
  });

  test('never takes the NTP pool for a mining pool', () => {
    const lists = { ...SAMPLE_LISTS, names: [{ ...SOURCE, kind: 'pool', operators: { Example: ['pool.ntp.org'] } }] };
    const result = compileIntel(lists);
    assert.match('errors' in result ? (result.errors[0] ?? '') : '', /NTP/);
    assert.equal(SAMPLE_INTEL.name('0.pool.ntp.org'), undefined);
  });

  test('never throws on any text and is bounded', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 700 }), (text) => void SAMPLE_INTEL.name(text)));
    assert.equal(SAMPLE_INTEL.name(`${'a.'.repeat(50_000)}supportxmr.com`), undefined);
  });
});

describe('Intel.address', () => {
  test('compares canonical text, and the port where the entry has one', () => {
    assert.equal(SAMPLE_INTEL.address('203.0.113.9', 3333)?.operator, 'Example');
    assert.equal(SAMPLE_INTEL.address('203.0.113.9', 443), undefined);
    assert.equal(SAMPLE_INTEL.address('203.0.113.9')?.port, 3333);
    assert.equal(SAMPLE_INTEL.address('203.0.113.10', 443)?.operator, 'Example');
    assert.equal(SAMPLE_INTEL.address('2001:db8::9', 443)?.operator, 'Example');
    assert.equal(SAMPLE_INTEL.address('203.0.113.11', 3333), undefined);
  });
});

describe('Intel.miner', () => {
  test('knows programs by base name and by prefix', () => {
    assert.equal(SAMPLE_INTEL.miner('xmrig')?.kind, 'miner');
    assert.equal(SAMPLE_INTEL.miner('xmrig-cuda')?.name, 'xmrig-*');
    assert.equal(SAMPLE_INTEL.miner('srbminer-multi.exe')?.name, 'SRBMiner-MULTI');
    assert.equal(SAMPLE_INTEL.miner('sysupdate')?.generic, true);
    assert.equal(SAMPLE_INTEL.miner('kinsing')?.kind, 'malware');
    for (const name of ['xmrigx', 'notxmrig', 'xmrig.conf', '']) assert.equal(SAMPLE_INTEL.miner(name), undefined);
  });

  test('knows a program that is hidden by a dot or named for a machine', () => {
    for (const name of [
      '.xmrig',
      'xmrig32',
      'xmrig64',
      'xmrigARM64',
      'xmrig_amd64',
      'xmrig.x86_64',
      'xmrig.armv7l',
      'XMRIG_x64.exe',
      '.xmrig_aarch64',
    ])
      assert.equal(SAMPLE_INTEL.miner(name)?.name, 'xmrig', name);
    assert.equal(SAMPLE_INTEL.miner('kinsing_aarch64')?.name, 'kinsing');
    assert.equal(SAMPLE_INTEL.miner('sysupdate.arm7')?.generic, true);
    for (const name of ['..xmrig', 'xmrig6', 'xmrig_64_', 'xmrig.md64', '64', '.', '_amd64'])
      assert.equal(SAMPLE_INTEL.miner(name), undefined, name);
  });

  test('knows numbered and lettered families of programs', () => {
    const programs = [{ kind: 'malware', source: 'a list', date: '2026-11-25', programs: ['famil#', 'threadd?'] }];
    const intel = compiled({ ...SAMPLE_LISTS, programs });
    for (const name of ['famil0', 'famil002', 'famil1234', '.famil7'])
      assert.equal(intel.miner(name)?.name, 'famil#', name);
    for (const name of ['threaddi', 'THREADDK']) assert.equal(intel.miner(name)?.name, 'threadd?', name);
    for (const name of ['famil', 'famil12345', 'famil1a', 'threadd', 'threaddii', 'threadd1'])
      assert.equal(intel.miner(name), undefined, name);
    assert.deepEqual([...intel.programs()], ['famil', 'threadd']);
  });
});

describe('RangeSet', () => {
  const octets = fc.tuple(fc.constantFrom(10, 192, 203), fc.constantFrom(0, 1), fc.nat(3), fc.nat(255));
  const address = fc.oneof(
    octets.map((parts) => parts.join('.')),
    fc.tuple(fc.nat(3), fc.nat(0xffff)).map(([a, b]) => `2001:db8:${a}::${b.toString(16)}`),
  );
  const block = fc.oneof(
    fc.tuple(octets, fc.integer({ min: 6, max: 32 })).map(([parts, length]) => [parts.join('.'), length] as const),
    fc.tuple(fc.nat(3), fc.integer({ min: 28, max: 128 })).map(([a, length]) => [`2001:db8:${a}::`, length] as const),
  );

  test("agrees with Node's own list of blocked networks", () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 12 }), fc.array(address, { maxLength: 20 }), (blocks, addresses) => {
        const oracle = new BlockList();
        for (const [net, length] of blocks) oracle.addSubnet(net, length, isIPv4(net) ? 'ipv4' : 'ipv6');
        const ranges = new RangeSet(blocks.map(([net, length]) => `${net}/${length}`));
        for (const ip of addresses) assert.equal(ranges.has(ip), oracle.check(ip, isIPv4(ip) ? 'ipv4' : 'ipv6'), ip);
      }),
    );
  });

  test('holds both ends of a range and nothing beyond', () => {
    const ranges = new RangeSet(['198.51.100.0/24', '0.0.0.0/32']);
    assert.deepEqual(
      ['198.51.99.255', '198.51.100.0', '198.51.100.255', '198.51.101.0', '0.0.0.0', '0.0.0.1', 'no address'].map(
        (ip) => ranges.has(ip),
      ),
      [false, true, true, false, true, false, false],
    );
  });
});

describe('compileIntel', () => {
  test('accepts an entry, and a group of them', () => {
    assert.deepEqual(errorsOf(SAMPLE_LISTS), []);
  });

  for (const [name, fault] of [
    ['antpool.com.antpool.com', /doubled suffix/],
    ['eu.antpool.com.antpool.com', /doubled suffix/],
    ['github.io', /public suffix/],
    ['co.uk', /public suffix/],
    ['duckdns.org', /public suffix/],
    ['amazonaws.com', /other people's hosts/],
    ['Pool.Example.org', /lower case/],
    ['pool', /no DNS name/],
    ['pool.example.org.', /no DNS name/],
    ['*.example.org', /no DNS name/],
    ['192.0.2.1', /no DNS name/],
    ['pool.example.local', /search suffix/],
  ] as const) {
    test(`refuses the name ${name}`, () => {
      const errors = nameErrors(name);
      assert.equal(errors.length, 1, errors.join('\n'));
      assert.match(errors[0] ?? '', fault);
    });
  }

  test('names both sources of a name that is listed twice', () => {
    const other = {
      kind: 'proxy',
      source: "a user's list",
      date: '2026-11-25',
      operators: { Other: ['pool.example.org'] },
    };
    const group = { ...SOURCE, kind: 'pool', operators: { Example: ['pool.example.org'] } };
    const [error = '', ...more] = errorsOf({ names: [group, other] });
    assert.match(error, /listed twice/);
    assert.match(error, /a user's list/);
    assert.match(error, /a public list/);
    assert.deepEqual(more, []);
  });

  test('refuses a name that an entry of the same kind covers, and takes it for another kind', () => {
    assert.match(nameErrors('example.org', 'pool.example.org')[0] ?? '', /covered by 'example.org'/);
    const site = { ...SOURCE, kind: 'coin_site', operators: { Example: ['example.org'] } };
    const pool = { ...SOURCE, kind: 'pool', operators: { Example: ['pool.example.org'] } };
    assert.deepEqual(errorsOf({ names: [site, pool] }), []);
  });

  test('refuses bad dates, unknown kinds and entries without a source', () => {
    const good = { ...SOURCE, kind: 'pool', name: 'pool.example.org', operator: 'Example' };
    assert.match(errorsOf({ names: [{ ...good, date: '25.11.2026' }] })[0] ?? '', /names\[0\]: date/);
    assert.match(errorsOf({ names: [{ ...good, date: '2026-02-30' }] })[0] ?? '', /names\[0\]: date/);
    assert.match(errorsOf({ names: [{ ...good, kind: 'mine' }] })[0] ?? '', /names\[0\]: kind/);
    assert.match(errorsOf({ names: [{ ...good, source: undefined }] })[0] ?? '', /names\[0\]: source/);
    assert.match(errorsOf({ names: [{ ...good, source: '' }] })[0] ?? '', /names\[0\]: source/);
    assert.match(errorsOf({ names: [{ ...good, colour: 'red' }] })[0] ?? '', /colour/);
  });

  test('refuses addresses that are none, private, shared or listed twice', () => {
    const of = (address: string) => ({ ...SOURCE, address, operator: 'Example' });
    const errors = errorsOf({
      addresses: ['203.0.113.300', '10.0.0.1', '198.51.100.7', '2001:db8::9', '2001:DB8:0::9'].map(of),
      ranges: SAMPLE_LISTS.ranges,
    });
    assert.equal(errors.length, 4, errors.join('\n'));
    for (const [at, fault] of [/no address/, /not public/, /listed twice/, /many tenants/].entries()) {
      assert.match(errors[at] ?? '', fault);
    }
  });

  test('refuses programs that are paths, short prefixes or listed twice', () => {
    const programs = [{ ...SOURCE, kind: 'miner', programs: ['/tmp/xmrig', 'x*', 'xmrig', 'XMRig'] }];
    assert.deepEqual(errorsOf({ programs }).length, 3);
  });

  test('refuses ranges that are none or have host bits', () => {
    const ranges = [{ ...SOURCE, provider: 'a CDN', ranges: ['198.51.100.1/24', '198.51.100.0', '2001:db8::/129'] }];
    assert.deepEqual(errorsOf({ ranges }).length, 3);
  });

  test('gives all faults of all lists at once', () => {
    const errors = errorsOf({ names: {}, addresses: [1], programs: [null], ranges: ['x'] });
    assert.deepEqual(errors.map((error) => error.split(/[[:]/)[0]).sort(), [
      'addresses',
      'names',
      'programs',
      'ranges',
    ]);
  });

  test('never throws on any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.jsonValue()), (a, b) => {
        compileIntel({ names: b, addresses: a, programs: b, ranges: b });
      }),
    );
  });
});

/** A name in random case, with a trailing dot or not, behind labels and before a search suffix. */
function spelling(name: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const label = fc.stringMatching(/^[a-z0-9_-]{1,8}$/);
  const suffix = fc.constantFrom(
    '',
    '.ec2.internal',
    '.eu-west-1.compute.internal',
    '.compute-1.internal',
    '.internal',
    '.kube-system.svc.cluster.local',
    '.dev.svc.cluster.local',
    '.svc.cluster.local',
    '.cluster.local',
    '.local',
  );
  return fc
    .tuple(fc.array(label, { maxLength: 3 }), name, suffix, fc.constantFrom('', '.'), fc.infiniteStream(fc.boolean()))
    .map(([labels, one, end, dot, upper]) => {
      const text = [...labels, one].join('.') + end + dot;
      return [...text].map((letter) => (upper.next().value ? letter.toUpperCase() : letter)).join('');
    });
}
