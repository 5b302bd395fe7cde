import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { poolConnection } from '#shared/analyzers/pool-connection.ts';
import { compileIntel } from '#shared/intel/compile.ts';
import { WatchListBuilder } from '#shared/intel/watch-list.ts';
import { CLASS, type NetworkActivity, type Process } from '#shared/model/event.ts';
import type { Verdict } from '#shared/model/indicator.ts';
import type { Answer } from '#shared/model/intel.ts';
import { EMPTY_WATCH_LIST, type WatchList } from '#shared/model/intel.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const T0 = Date.UTC(2026, 10, 25, 10);
const SOURCE = { source: 'a public list', date: '2026-11-25' };
const HOST = '192.0.2.10';
const LISTED = '203.0.113.9';
const BOUND = '203.0.113.20';
const SITE = '203.0.113.21';
const LEARNED = '203.0.113.30';
const OWN_NAME = '203.0.113.31';
const CDN = '198.51.100.7';

const compiled = compileIntel({
  names: [
    { ...SOURCE, kind: 'pool', operators: { SupportXMR: ['supportxmr.com'] } },
    { ...SOURCE, kind: 'coin_site', operators: { XMRig: ['xmrig.com'] } },
  ],
  addresses: [
    { ...SOURCE, address: LISTED, port: 3333, operator: 'Example' },
    { ...SOURCE, address: '2001:db8::9', operator: 'Example' },
  ],
  programs: [],
  ranges: [{ ...SOURCE, provider: 'a CDN', ranges: ['198.51.100.0/24'] }],
});
assert.ok('intel' in compiled);
const { intel } = compiled;

const builder = new WatchListBuilder(intel);
const answer = (address: string, name: string, more: Partial<Answer> = {}) =>
  builder.bind({ account: '111122223333', vpc: 'vpc-1', name, address, at: T0, learned: false, ...more });
answer(BOUND, 'pool.supportxmr.com');
answer(SITE, 'www.supportxmr.com');
answer('203.0.113.22', 'xmrig.com');
answer(OWN_NAME, 'hidden.example.com', { learned: true, port: 8080 });
builder.learn({ endpoint: { host: LEARNED, port: 443 }, proxy: false, learner: 'host a', at: T0 });
builder.learn({ endpoint: { host: '203.0.113.40', port: 1080 }, proxy: true, learner: 'host a', at: T0 });
const watch = builder.freeze();

function flow(dst: string, port: number, more: Partial<NetworkActivity> = {}): NetworkActivity {
  return {
    class: CLASS.network,
    time: T0 + MINUTE,
    start: T0 + MINUTE,
    end: T0 + 2 * MINUTE,
    claims: { account: '111122223333', vpc: 'vpc-1', eni: 'eni-1', network: true },
    raw: {},
    id: 'flow 1',
    source: 'vpc-flow',
    src: { ip: HOST, port: 50_112 },
    dst: { ip: dst, port },
    protocol: 6,
    accepted: true,
    ...more,
  };
}

/** The same connection as its other direction is logged. */
function reply(event: NetworkActivity): NetworkActivity {
  const { src, packetSrc, packetDst, ...rest } = event;
  assert.ok(src !== undefined);
  return {
    ...rest,
    src: event.dst,
    dst: src,
    ...(packetDst === undefined ? {} : { packetSrc: packetDst }),
    ...(packetSrc === undefined ? {} : { packetDst: packetSrc }),
  };
}

const decide = (event: NetworkActivity, list: WatchList = watch): readonly Verdict[] =>
  poolConnection.decide(event, intel, list);

function only(event: NetworkActivity): Verdict {
  const [verdict, ...more] = decide(event);
  assert.ok(verdict !== undefined);
  assert.deepEqual(more, []);
  return verdict;
}

describe('a flow', () => {
  for (const [what, event, strength, flags] of [
    ['to a listed address', flow(LISTED, 3333), 'strong', ['session']],
    ['to a listed IPv6 address', flow('2001:db8::9', 443), 'strong', ['session']],
    ['to a bound address, on any port', flow(BOUND, 443), 'strong', ['session']],
    ['to a bound address, later', flow(BOUND, 443, at(3 * HOUR)), 'weak', ['candidate', 'session']],
    ['to a web page’s address', flow(SITE, 443), 'weak', []],
    ['to a learned address', flow(LEARNED, 443), 'weak', ['learned', 'session']],
    ['to a learned proxy', flow('203.0.113.40', 1080), 'weak', ['learned', 'proxy']],
    ['to the address of a learned name', flow(OWN_NAME, 8080), 'weak', ['learned', 'session']],
    ['that was refused', flow(BOUND, 3333, { accepted: false }), 'weak', ['rejected']],
    ['that was refused by a listed address', flow(LISTED, 3333, { accepted: false }), 'weak', ['rejected']],
    ['of UDP', flow(BOUND, 3333, { protocol: 17 }), 'weak', []],
    [
      'that says neither protocol nor action',
      { ...without(flow(BOUND, 3333), 'protocol', 'accepted') },
      'strong',
      ['session'],
    ],
    [
      'that began before the answer',
      flow(BOUND, 3333, { start: T0 - MINUTE, time: T0 - MINUTE, end: T0 }),
      'strong',
      ['session'],
    ],
    ['from the address of a pool’s visitor', reply(flow(HOST, 443, { src: { ip: BOUND, port: 50_112 } })), 'note', []],
  ] as const) {
    test(`${what} is ${strength}`, () => {
      const verdict = only(event);
      assert.equal(verdict.strength, strength);
      assert.deepEqual(verdict.flags, flags);
    });
  }

  for (const [what, event] of [
    ['to the same port of another address', flow('203.0.113.8', 3333)],
    ['to another port of an address listed with one', flow(LISTED, 443)],
    ['to another port than the miner named', flow(LEARNED, 80)],
    ['to another port than the miner named with a name', flow(OWN_NAME, 443)],
    ['to a site that is no pool', flow('203.0.113.22', 443)],
    ['to a content network', flow(CDN, 443)],
    [
      'that ended before the answer',
      flow(BOUND, 3333, { start: T0 - 2 * MINUTE, time: T0 - 2 * MINUTE, end: T0 - 1000 }),
    ],
    ['a window after the answer', flow(BOUND, 3333, at(25 * HOUR))],
    ['in another VPC', flow(BOUND, 3333, { claims: { account: '111122223333', vpc: 'vpc-2', network: true } })],
    ['in another account', flow(BOUND, 3333, { claims: { account: '444455556666', vpc: 'vpc-1', network: true } })],
  ] as const) {
    test(`${what} is nothing`, () => {
      assert.deepEqual(decide(event), []);
      assert.deepEqual(decide(reply(event)), []);
    });
  }

  test('to a shared address never matches by binding, whoever made the watch list', () => {
    const bad = {
      ...EMPTY_WATCH_LIST,
      resolved: () => [{ name: 'pool.supportxmr.com', direct: true, learned: false }],
    };
    assert.deepEqual(decide(flow(CDN, 443, { own: 'src' }), bad), []);
    assert.equal(decide(flow('203.0.113.99', 443, { own: 'src' }), bad).length, 1);
  });

  test('without a VPC takes an address that is unique', () => {
    assert.equal(only(flow(BOUND, 3333, { claims: { account: '111122223333', network: true } })).strength, 'strong');
  });
});

describe('formats 3: both directions of a flow', () => {
  const out = flow(BOUND, 3333);
  for (const [what, event, direction] of [
    ['request', out, 'out'],
    ['reply', reply(out), 'back'],
    ['request seen on the way out', { ...out, own: 'src' }, 'out'],
    ['reply seen on the way in', { ...reply(out), own: 'dst' }, 'back'],
  ] as const) {
    test(`the ${what} counts for the same remote`, () => {
      const verdict = only(event);
      assert.equal(verdict.part, `${BOUND}:3333`);
      assert.equal(verdict.strength, 'strong');
      assert.deepEqual(verdict.artifacts, [`pool:${BOUND}:3333`, 'pool:pool.supportxmr.com:3333']);
      assert.deepEqual(verdict.minutes, { direction, from: T0 + MINUTE, to: T0 + 2 * MINUTE });
      assert.equal((verdict.claims ?? { address: HOST }).address, HOST);
      assert.equal(verdict.claims === undefined, 'own' in event);
    });
  }

  test('keep the claims of the record beside the address', () => {
    assert.deepEqual(only(out).claims, { ...out.claims, address: HOST });
  });

  test('count for no pool that is our own side', () => {
    assert.deepEqual(decide({ ...out, own: 'dst' }), []);
    assert.deepEqual(decide({ ...reply(out), own: 'src' }), []);
  });

  test('count for both sides, weakly, where both are pools and neither is known as ours', () => {
    const between = flow(BOUND, 3333, { src: { ip: LISTED, port: 3333 } });
    const verdicts = decide(between);
    assert.deepEqual(
      verdicts.map(({ strength, part, claims, minutes }) => [strength, part, claims?.address, minutes]),
      [
        ['weak', `${BOUND}:3333`, LISTED, undefined],
        ['weak', `${LISTED}:3333`, BOUND, undefined],
      ],
    );
    assert.equal(decide({ ...between, own: 'src' }).length, 1);
  });

  test('write IPv6 in brackets', () => {
    assert.equal(only(flow('2001:db8::9', 443)).part, '[2001:db8::9]:443');
  });
});

describe('addresses before translation', () => {
  const atGateway = flow('10.0.0.220', 3333, { src: { ip: '10.0.1.5', port: 50_112 }, packetDst: BOUND });

  test('show the pool behind a NAT gateway, and the inner source', () => {
    for (const event of [atGateway, reply(atGateway)]) {
      const verdict = only(event);
      assert.equal(verdict.strength, 'strong');
      assert.equal(verdict.part, `${BOUND}:3333`);
      assert.equal(verdict.claims?.address, '10.0.1.5');
    }
  });
});

describe('a visitor', () => {
  const visit = flow(HOST, 443, { src: { ip: BOUND, port: 50_112 }, own: 'dst' });

  test('from a bound address is a note without a session, in both directions', () => {
    for (const event of [visit, { ...reply(visit), own: 'src' as const }]) {
      const verdict = only(event);
      assert.equal(verdict.strength, 'note');
      assert.deepEqual(verdict.flags, []);
      assert.equal(verdict.minutes, undefined);
      assert.match(verdict.why, /visitor/);
    }
  });

  test('is not whoever answers from a high port to ours', () => {
    assert.equal(only(reply(flow(BOUND, 45_700))).strength, 'strong');
  });
});

describe('a sensor’s event', () => {
  const claims = { account: '111122223333', vpc: 'vpc-1', hostName: 'a', container: '0123456789ab' };
  const seen = { ...flow(BOUND, 3333), claims, actor: { pid: 7, name: 'x' }, own: 'src' as const, source: 'falco' };

  test('keeps its claims and has neither part nor minutes', () => {
    const verdict = only(without(seen, 'start', 'end'));
    assert.equal(verdict.strength, 'strong');
    assert.deepEqual(verdict.flags, []);
    assert.deepEqual([verdict.claims, verdict.part, verdict.minutes], [undefined, undefined, undefined]);
  });

  test('may come from a clock that runs behind', () => {
    const early = (ms: number) => decide({ ...without(seen, 'start', 'end'), time: T0 - ms });
    assert.equal(early(2 * MINUTE)[0]?.strength, 'strong');
    assert.deepEqual(early(3 * MINUTE), []);
  });
});

describe("a miner's own connection to the port of a pool that it named by name", () => {
  const claims = { hostName: 'web-1' };
  const knows = new WatchListBuilder(intel);
  const endpoint = { host: 'unlisted.example.com', port: 4443 };
  knows.learnProgram({ learner: 'web-1', path: '/usr/bin/netd', endpoint });
  const known = knows.freeze();
  const met = (actor: Process, ip = '198.51.100.99', port = 4443, more: Partial<NetworkActivity> = {}) =>
    poolConnection.decide(
      { ...without(flow(ip, port), 'start', 'end'), claims, actor, own: 'src', source: 'auditd', ...more },
      intel,
      known,
    );
  const spoken = ['kube-cache', '-o', 'unlisted.example.com:4443', '-u', 'x', '--donate-level', '1'];

  test('is learned pool evidence that names the pool', () => {
    for (const actor of [
      { pid: 888, executable: '/usr/bin/netd' },
      { executable: '/usr/bin/netd (deleted)' },
      { pid: 7, argv: spoken },
    ])
      for (const ip of ['198.51.100.99', '10.0.0.9']) {
        const [verdict] = met(actor, ip);
        assert.equal(verdict?.strength, 'weak');
        assert.deepEqual(verdict?.flags, ['learned']);
        assert.deepEqual(verdict?.artifacts, [`pool:${ip}:4443`, 'pool:unlisted.example.com:4443']);
      }
  });

  test('is none of another port, program, host or protocol, nor of tools that take a pool for an address', () => {
    const own = { executable: '/usr/bin/netd' };
    for (const port of [53, 80, 443, 4444]) assert.deepEqual(met(own, '198.51.100.99', port), []);
    assert.deepEqual(met(own, '127.0.0.1'), []);
    assert.deepEqual(met(own, '198.51.100.99', 4443, { protocol: 17 }), []);
    assert.deepEqual(met(own, '198.51.100.99', 4443, { claims: { hostName: 'web-2' } }), []);
    for (const actor of [
      { executable: '/usr/bin/nginx' },
      { argv: ['curl', '-u', 'x', 'https://unlisted.example.com:4443'] },
      { argv: ['app', '--server', 'unlisted.example.com:4443'] },
      { executable: '/bin/sh', argv: ['sh', '-c', spoken.join(' ')] },
    ])
      assert.deepEqual(met(actor), []);
  });
});

test('never throws on any flow', () => {
  const side = fc.record({ ip: fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), port: fc.integer() });
  fc.assert(
    fc.property(side, side, fc.integer(), (src, dst, protocol) => void decide(flow('x', 1, { src, dst, protocol }))),
  );
});

function at(offset: number): Partial<NetworkActivity> {
  return { time: T0 + offset, start: T0 + offset, end: T0 + offset + MINUTE };
}

function without<T extends object, K extends keyof T>(value: T, ...keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key as K))) as Omit<T, K>;
}
