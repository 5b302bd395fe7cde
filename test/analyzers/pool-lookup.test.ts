import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { poolLookup } from '#shared/analyzers/pool-lookup.ts';
import { compileIntel } from '#shared/intel/compile.ts';
import { WatchListBuilder } from '#shared/intel/watch-list.ts';
import { CLASS, type DnsActivity, type DnsAnswer } from '#shared/model/event.ts';
import { EMPTY_WATCH_LIST } from '#shared/model/intel.ts';

const T0 = Date.UTC(2026, 10, 25, 10);
const SOURCE = { source: 'a public list', date: '2026-11-25' };
const compiled = compileIntel({
  names: [
    { ...SOURCE, kind: 'pool', operators: { SupportXMR: ['supportxmr.com'], Nanopool: ['nanopool.org'] } },
    {
      ...SOURCE,
      kind: 'pool',
      siteIsPool: true,
      operators: { XMRig: ['donate.v2.xmrig.com', 'donate.ssl.xmrig.com'] },
    },
    { ...SOURCE, kind: 'proxy', siteIsPool: true, operators: { 'a campaign': ['proxy.example.net'] } },
    { ...SOURCE, kind: 'coin_site', operators: { XMRig: ['xmrig.com'] } },
    { ...SOURCE, kind: 'browser_miner', operators: { Coinhive: ['coinhive.com'] } },
    { ...SOURCE, kind: 'wallet_site', operators: { MyMonero: ['mymonero.com'] } },
  ],
  addresses: [],
  programs: [],
  ranges: [],
});
assert.ok('intel' in compiled);
const { intel } = compiled;

function lookup(query: string, more: Partial<DnsActivity> = {}): DnsActivity {
  return {
    class: CLASS.dns,
    time: T0,
    claims: { account: '111122223333', vpc: 'vpc-1', address: '192.0.2.10', network: true },
    raw: {},
    id: 'event 1',
    source: 'resolver',
    query,
    type: 'A',
    rcode: 'NOERROR',
    answers: [{ type: 'A', data: '203.0.113.20' }],
    ...more,
  };
}

const decide = (event: DnsActivity, watch = EMPTY_WATCH_LIST) => poolLookup.decide(event, intel, watch);

describe('a listed name', () => {
  for (const [query, strength] of [
    ['pool.supportxmr.com', 'strong'],
    ['xmr-eu1.nanopool.org', 'strong'],
    ['pool.supportxmr.com.ec2.internal', 'strong'],
    ['pool.supportxmr.com.default.svc.cluster.local', 'strong'],
    ['donate.v2.xmrig.com', 'strong'],
    ['proxy.example.net', 'strong'],
    ['supportxmr.com', 'weak'],
    ['www.supportxmr.com', 'weak'],
    ['api.nanopool.org', 'weak'],
    ['xmrig.com', 'note'],
    ['coinhive.com', 'note'],
    ['ws.coinhive.com', 'note'],
    ['mymonero.com', 'note'],
  ] as const) {
    test(`${query} is ${strength}`, () => {
      const [verdict, ...more] = decide(lookup(query));
      assert.equal(verdict?.strength, strength);
      assert.deepEqual(verdict?.flags, ['lookup', 'answered']);
      assert.deepEqual(more, []);
      assert.match(verdict?.why ?? '', /a public list, 2026-11-25/);
    });
  }

  test('gives its name without search suffix as artifact', () => {
    assert.deepEqual(decide(lookup('pool.supportxmr.com.ec2.internal'))[0]?.artifacts, ['pool:pool.supportxmr.com']);
  });

  test('says of the donation hosts that an unmodified XMRig asks for them', () => {
    assert.match(decide(lookup('donate.ssl.xmrig.com'))[0]?.why ?? '', /unmodified XMRig build/);
    assert.doesNotMatch(decide(lookup('pool.supportxmr.com'))[0]?.why ?? '', /XMRig/);
  });
});

describe('other names', () => {
  for (const query of [
    'pool.ntp.org',
    '2.amazon.pool.ntp.org',
    'notsupportxmr.com',
    'supportxmr.com.example.com',
    'poolparty.biz',
    'minecraft.net',
    'connectionpool.example.com',
    'd111111abcdef8.cloudfront.net',
    'com',
    '',
  ]) {
    test(`'${query}' give nothing`, () => {
      assert.deepEqual(decide(lookup(query)), []);
    });
  }

  test('that an address is turned into give nothing, whatever they are', () => {
    const answers: DnsAnswer[] = [{ type: 'PTR', data: 'eu.nanopool.org' }];
    assert.deepEqual(decide(lookup('20.113.0.203.in-addr.arpa', { type: 'PTR', answers })), []);
    assert.deepEqual(decide(lookup('pool.supportxmr.com', { type: 'PTR', answers: [] })), []);
    assert.deepEqual(
      decide(lookup('example.com', { type: 'MX', answers: [{ type: 'MX', data: '10 pool.supportxmr.com' }] })),
      [],
    );
  });
});

describe('what came back', () => {
  for (const [what, more, answered] of [
    ['an IPv4 address', {}, true],
    ['an IPv6 address', { type: 'AAAA', answers: [{ type: 'AAAA', data: '2001:db8::20' }] }, true],
    ['nothing', { rcode: 'NXDOMAIN', answers: [] }, false],
    ['a sinkhole', { answers: [{ type: 'A', data: '0.0.0.0' }] }, false],
    ['this very host', { answers: [{ type: 'A', data: '127.0.0.1' }] }, false],
    ['an IPv6 sinkhole', { type: 'AAAA', answers: [{ type: 'AAAA', data: '::' }] }, false],
    ['an answer of DNS Firewall', { blocked: true }, false],
    ['only a CNAME', { answers: [{ type: 'CNAME', data: 'lb.example.com' }] }, false],
    ['text', { type: 'HTTPS', answers: [{ type: 'HTTPS', data: '1 . alpn="h2"' }] }, false],
  ] as const) {
    test(`formats 4: ${what} ${answered ? 'is an answer' : 'leaves the lookup unanswered, still strong'}`, () => {
      const [verdict] = decide(lookup('pool.supportxmr.com', more));
      assert.equal(verdict?.strength, 'strong');
      assert.equal(verdict?.flags?.includes('answered'), answered);
    });
  }
});

describe('a CNAME', () => {
  const via = (data: string): DnsAnswer[] => [
    { type: 'CNAME', data },
    { type: 'A', data: '203.0.113.20' },
  ];

  test('that leads to a pool shows what an unlisted name hides', () => {
    const [verdict] = decide(lookup('cdn.example.com', { answers: via('pool.supportxmr.com') }));
    assert.equal(verdict?.strength, 'strong');
    assert.deepEqual(verdict?.artifacts, ['pool:pool.supportxmr.com']);
  });

  test('comes after the name asked for, but before its web page', () => {
    const of = (query: string) => decide(lookup(query, { answers: via('pool.supportxmr.com') }))[0]?.artifacts;
    assert.deepEqual(of('xmr-eu1.nanopool.org'), ['pool:xmr-eu1.nanopool.org']);
    assert.deepEqual(of('www.nanopool.org'), ['pool:pool.supportxmr.com']);
  });
});

describe('a forwarded query', () => {
  test('is a note with the flag of a forwarder', () => {
    const [verdict] = decide(lookup('pool.supportxmr.com', { forwarded: true }));
    assert.equal(verdict?.strength, 'note');
    assert.deepEqual(verdict?.flags, ['lookup', 'answered', 'forwarder']);
  });
});

describe('a learned name', () => {
  const builder = new WatchListBuilder(intel);
  const learner = { learner: 'host a', at: T0 };
  builder.learn({ endpoint: { host: 'hidden.example.com', port: 8080 }, proxy: false, ...learner });
  builder.learn({ endpoint: { host: 'socks.example.com', port: 1080 }, proxy: true, ...learner });
  builder.learn({ endpoint: { host: 'pool.supportxmr.com', port: 3333 }, proxy: false, ...learner });
  builder.learn({ endpoint: { host: 'supportxmr.com', port: 3333 }, proxy: false, ...learner });
  const watch = builder.freeze();

  test('is weak and gives the endpoint as the miner named it', () => {
    const [verdict, ...more] = decide(lookup('hidden.example.com'), watch);
    assert.equal(verdict?.strength, 'weak');
    assert.deepEqual(verdict?.flags, ['learned', 'lookup', 'answered']);
    assert.deepEqual(verdict?.artifacts, ['pool:hidden.example.com:8080']);
    assert.equal(verdict?.part, 'learned');
    assert.deepEqual(more, []);
  });

  test('of a proxy says so', () => {
    assert.deepEqual(decide(lookup('socks.example.com'), watch)[0]?.flags, ['learned', 'proxy', 'lookup', 'answered']);
  });

  test('that a forwarder asks for is a note', () => {
    assert.equal(decide(lookup('hidden.example.com', { forwarded: true }), watch)[0]?.strength, 'note');
  });

  test('adds nothing to a listed stratum name, and stands beside a web page', () => {
    assert.equal(decide(lookup('pool.supportxmr.com'), watch).length, 1);
    assert.deepEqual(
      decide(lookup('supportxmr.com'), watch).map(({ part }) => part),
      [undefined, 'learned'],
    );
  });
});

test('never throws on any query and answer', () => {
  const text = fc.string({ unit: 'binary', maxLength: 300 });
  const answers = fc.array(fc.record({ type: fc.constantFrom('A', 'CNAME', 'TXT'), data: text }), { maxLength: 100 });
  fc.assert(fc.property(text, answers, (query, data) => void decide(lookup(query, { answers: data }))));
});
