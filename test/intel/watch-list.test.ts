import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { programKey } from '#shared/intel/learner.ts';
import { WatchListBuilder } from '#shared/intel/watch-list.ts';
import type { Answer, Lesson } from '#shared/model/intel.ts';
import { SAMPLE_INTEL } from './sample-intel.ts';

const HOUR = 3_600_000;
const T0 = Date.UTC(2026, 10, 25, 10);
const ACCOUNT = '111122223333';
const POOL: Answer = {
  account: ACCOUNT,
  vpc: 'vpc-1',
  name: 'pool.supportxmr.com',
  address: '203.0.113.20',
  at: T0,
  learned: false,
};

function bound(...answers: readonly Partial<Answer>[]) {
  const builder = new WatchListBuilder(SAMPLE_INTEL);
  for (const answer of answers) builder.bind({ ...POOL, ...answer });
  return builder.freeze();
}

function lesson(host: string, port?: number, more: Partial<Lesson> = {}): Lesson {
  const endpoint = port === undefined ? { host } : { host, port };
  return { endpoint, proxy: false, learner: 'host a', at: T0, ...more };
}

describe('resolved', () => {
  const watch = bound({});
  for (const [offset, expected] of [
    [-1, undefined],
    [0, true],
    [HOUR, true],
    [HOUR + 1, false],
    [24 * HOUR, false],
    [24 * HOUR + 1, undefined],
  ] as const) {
    test(`gives ${expected === undefined ? 'nothing' : expected ? 'a direct binding' : 'a candidate'} ${offset} ms after the answer`, () => {
      const [binding] = watch.resolved(ACCOUNT, 'vpc-1', POOL.address, T0 + offset);
      assert.equal(binding?.direct, expected);
    });
  }

  test('counts a later answer on its own', () => {
    const two = bound({}, { at: T0 + 5 * HOUR });
    const at = (hours: number) => two.resolved(ACCOUNT, 'vpc-1', POOL.address, T0 + hours * HOUR)[0]?.direct;
    assert.deepEqual([0.5, 3, 5.5, 7, 28, 30].map(at), [true, false, true, false, false, undefined]);
  });

  test('joins answers within the hour, in whatever order they come', () => {
    const chain = bound({ at: T0 + 2 * HOUR }, {}, { at: T0 + HOUR });
    assert.equal(chain.resolved(ACCOUNT, 'vpc-1', POOL.address, T0 + 1.5 * HOUR)[0]?.direct, true);
  });

  test('keeps accounts and VPCs apart', () => {
    assert.deepEqual(watch.resolved('444455556666', 'vpc-1', POOL.address, T0), []);
    assert.deepEqual(watch.resolved(ACCOUNT, 'vpc-2', POOL.address, T0), []);
    assert.deepEqual(watch.resolved(ACCOUNT, 'vpc-1', '203.0.113.21', T0), []);
  });

  test('takes an unknown account or VPC on either side where the address is unique', () => {
    assert.equal(watch.resolved(undefined, undefined, POOL.address, T0).length, 1);
    assert.equal(watch.resolved(ACCOUNT, undefined, POOL.address, T0).length, 1);
    const vague = bound({ account: undefined, vpc: undefined });
    assert.equal(vague.resolved(ACCOUNT, 'vpc-7', POOL.address, T0).length, 1);
  });

  test('takes a public address of several VPCs for what all agree on', () => {
    const agreed = bound({}, { vpc: 'vpc-2' }, { vpc: 'vpc-2', name: 'xmr.nanopool.org' });
    assert.deepEqual(
      agreed.resolved(ACCOUNT, undefined, POOL.address, T0).map(({ name }) => name),
      ['pool.supportxmr.com'],
    );
    const apart = bound({}, { vpc: 'vpc-2', name: 'xmr.nanopool.org' });
    assert.deepEqual(apart.resolved(ACCOUNT, undefined, POOL.address, T0), []);
    assert.equal(apart.resolved(ACCOUNT, 'vpc-2', POOL.address, T0)[0]?.name, 'xmr.nanopool.org');
  });

  test('takes a private address of several VPCs for nothing', () => {
    const own = { address: '10.0.0.5', learned: true, name: 'xmr.example.com', port: 3333 };
    const one = bound(own);
    assert.deepEqual(one.resolved(ACCOUNT, undefined, '10.0.0.5', T0), [
      { name: 'xmr.example.com', direct: true, learned: true, port: 3333 },
    ]);
    const two = bound(own, { ...own, vpc: 'vpc-2' });
    assert.deepEqual(two.resolved(ACCOUNT, undefined, '10.0.0.5', T0), []);
    assert.equal(two.resolved(ACCOUNT, 'vpc-2', '10.0.0.5', T0).length, 1);
  });

  test('finds IPv6 under its canonical text', () => {
    assert.equal(bound({ address: '2001:DB8:0::20' }).resolved(ACCOUNT, 'vpc-1', '2001:db8::20', T0).length, 1);
  });
});

describe('bind', () => {
  for (const [address, learned, expected] of [
    ['203.0.113.20', false, true],
    ['2001:db8::20', false, true],
    ['198.51.100.20', false, false],
    ['198.51.100.20', true, false],
    ['2001:db8:cd::1', false, false],
    ['10.0.0.5', false, false],
    ['10.0.0.5', true, true],
    ['100.64.0.5', false, false],
    ['0.0.0.0', false, false],
    ['0.0.0.0', true, false],
    ['127.0.0.1', true, false],
    ['::', true, false],
    ['::1', true, false],
    ['169.254.169.254', true, false],
    ['pool.example.org', false, false],
    ['', false, false],
  ] as const) {
    test(`${expected ? 'takes' : 'refuses'} ${address || 'nothing'} for a ${learned ? 'learned' : 'listed'} name`, () => {
      const builder = new WatchListBuilder(SAMPLE_INTEL);
      assert.equal(builder.bind({ ...POOL, address, learned }), expected);
      assert.equal(builder.size, expected ? 1 : 0);
    });
  }

  test('is bounded for each name', () => {
    const builder = new WatchListBuilder(SAMPLE_INTEL);
    for (let at = 0; at < 1000; at++) builder.bind({ ...POOL, address: `203.0.${at % 250}.${Math.floor(at / 250)}` });
    assert.equal(builder.size, 256);
    assert.equal(builder.bind({ ...POOL, name: 'xmr.nanopool.org' }), true);
  });

  test('gives the same list whatever the order and repetition of calls', () => {
    const answer = fc.record({
      vpc: fc.constantFrom('vpc-1', 'vpc-2', undefined),
      name: fc.constantFrom('pool.supportxmr.com', 'xmr.nanopool.org.'),
      address: fc.constantFrom('203.0.113.20', '203.0.113.21', '10.0.0.5'),
      at: fc.integer({ min: 0, max: 40 }).map((quarter) => T0 + (quarter * HOUR) / 4),
      learned: fc.boolean(),
    });
    const shuffled = fc.array(answer, { maxLength: 20 }).chain((all) => {
      const again = fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2, maxLength: all.length * 2 });
      return fc.tuple(fc.constant(all), again);
    });
    fc.assert(
      fc.property(shuffled, fc.integer({ min: -4, max: 150 }), ([all, again], quarter) => {
        const [a, b] = [bound(...all), bound(...again)];
        for (const vpc of ['vpc-1', 'vpc-2', undefined]) {
          for (const ip of ['203.0.113.20', '10.0.0.5']) {
            const at = T0 + (quarter * HOUR) / 4;
            assert.deepEqual(a.resolved(ACCOUNT, vpc, ip, at), b.resolved(ACCOUNT, vpc, ip, at));
          }
        }
        assert.deepEqual(new Set(a.addresses()), new Set(b.addresses()));
      }),
    );
  });
});

describe('learn', () => {
  for (const [host, expected] of [
    ['pool.example.com', true],
    ['POOL.Example.com.', true],
    ['ec2-192-0-2-1.us-west-2.compute.amazonaws.com', true],
    ['203.0.113.77', true],
    ['10.0.0.5', true],
    ['2001:DB8::77', true],
    ['198.51.100.77', false],
    ['s3.amazonaws.com', false],
    ['sqs.eu-west-1.amazonaws.com', false],
    ['0.pool.ntp.org', false],
    ['127.0.0.1', false],
    ['0.0.0.0', false],
    ['169.254.169.254', false],
    ['224.0.0.1', false],
    ['localhost', false],
    ['a b.example.com', false],
    ['192.0.2.300', false],
    ['', false],
    [`${'a'.repeat(64)}.example.com`, false],
    ['a.'.repeat(200), false],
  ] as const) {
    test(`${expected ? 'takes' : 'refuses'} ${host.slice(0, 50) || 'nothing'}`, () => {
      const builder = new WatchListBuilder(SAMPLE_INTEL);
      assert.equal(builder.learn(lesson(host, 3333)), expected);
      assert.equal(builder.size, expected ? 1 : 0);
      assert.equal(builder.version > 0, expected);
    });
  }

  test('finds endpoints by address and port, and by name under a search suffix', () => {
    const builder = new WatchListBuilder(SAMPLE_INTEL);
    builder.learn(lesson('203.0.113.77', 443));
    builder.learn(lesson('2001:DB8::77'));
    builder.learn(lesson('Pool.Example.com', 3333));
    builder.learn(lesson('xmrig-proxy.mining.svc.cluster.local', 3333, { proxy: true }));
    const watch = builder.freeze();
    assert.equal(watch.endpoint('203.0.113.77', 443).length, 1);
    assert.equal(watch.endpoint('203.0.113.77', undefined).length, 1);
    assert.equal(watch.endpoint('203.0.113.77', 80).length, 0);
    assert.equal(watch.endpoint('2001:db8::77', 80).length, 1);
    assert.deepEqual(watch.name('pool.example.com.ec2.internal.')[0]?.endpoint, {
      host: 'pool.example.com',
      port: 3333,
    });
    assert.equal(watch.name('eu.pool.example.com').length, 0);
    assert.equal(watch.name('XMRIG-proxy.mining.svc.cluster.local.')[0]?.proxy, true);
    assert.deepEqual([...watch.names()].sort(), ['pool.example.com', 'xmrig-proxy.mining.svc.cluster.local']);
    assert.deepEqual([...watch.addresses()].sort(), ['2001:db8::77', '203.0.113.77']);
  });

  test('takes at most 32 endpoints of one learner and day', () => {
    const builder = new WatchListBuilder(SAMPLE_INTEL);
    for (let at = 0; at < 100; at++) builder.learn(lesson(`p${at}.example.com`));
    assert.equal(builder.size, 32);
    assert.equal(builder.learn(lesson('p0.example.com')), true);
    assert.equal(builder.learn(lesson('p99.example.com')), false);
    assert.equal(builder.learn(lesson('p99.example.com', undefined, { learner: 'host b' })), true);
    assert.equal(builder.learn(lesson('p98.example.com', undefined, { at: T0 + 24 * HOUR })), true);
  });

  test('says by its version whether anything new came', () => {
    const builder = new WatchListBuilder(SAMPLE_INTEL);
    builder.learn(lesson('pool.example.com', 3333));
    builder.bind(POOL);
    const { version } = builder;
    builder.learn(lesson('pool.example.com.', 3333));
    builder.bind(POOL);
    assert.equal(builder.version, version);
    builder.bind({ ...POOL, at: T0 + 1 });
    assert.ok(builder.version > version);
  });

  test('is bounded in all', () => {
    const builder = new WatchListBuilder(SAMPLE_INTEL);
    for (let at = 0; at < 9000; at++) builder.learn(lesson(`p${at}.example.com`, 3333, { learner: `host ${at}` }));
    assert.equal(builder.size, 8192);
  });
});

describe('freeze', () => {
  test('is not changed by later calls', () => {
    const builder = new WatchListBuilder(SAMPLE_INTEL);
    builder.bind(POOL);
    const before = builder.freeze();
    builder.bind({ ...POOL, at: T0 + 10 * HOUR });
    builder.learn(lesson('pool.example.com'));
    assert.equal(before.resolved(ACCOUNT, 'vpc-1', POOL.address, T0 + 10 * HOUR)[0]?.direct, false);
    assert.deepEqual(before.name('pool.example.com'), []);
    assert.equal(builder.freeze().resolved(ACCOUNT, 'vpc-1', POOL.address, T0 + 10 * HOUR)[0]?.direct, true);
  });
});

describe('what runs tell one another', () => {
  test('is what was added, once, and not what was recalled', () => {
    const first = new WatchListBuilder(SAMPLE_INTEL);
    first.learn(lesson('203.0.113.9', 3333));
    first.learn(lesson('203.0.113.9', 3333, { learner: 'host b' }));
    first.bind(POOL);
    first.bind(POOL);
    const told = first.takeAdded();
    assert.deepEqual(told, { lessons: [lesson('203.0.113.9', 3333)], answers: [POOL] });
    assert.deepEqual(first.takeAdded(), { lessons: [], answers: [] });

    const second = new WatchListBuilder(SAMPLE_INTEL);
    second.learn(lesson('private.example.com'));
    second.recall(told);
    second.recall(told);
    assert.deepEqual(second.takeAdded(), { lessons: [lesson('private.example.com')], answers: [] });
    const watch = second.freeze();
    assert.deepEqual([...watch.addresses()].sort(), ['203.0.113.20', '203.0.113.9']);
    assert.equal(watch.endpoint('203.0.113.9', 3333).length, 1);
    assert.equal(watch.resolved(ACCOUNT, 'vpc-1', POOL.address, T0)[0]?.name, POOL.name);
  });

  test('is held to the bounds of the one who hears it', () => {
    const lessons = Array.from({ length: 40 }, (_, n) => lesson(`192.0.2.${n}`, 3333));
    const builder = new WatchListBuilder(SAMPLE_INTEL);
    builder.recall({ lessons, answers: [] });
    assert.equal(builder.endpoints, 32);
  });
});

describe('programs that named a pool', () => {
  const named = (host: string, port?: number, path = '/usr/bin/netd'): number => {
    const builder = new WatchListBuilder(SAMPLE_INTEL);
    const endpoint = port === undefined ? { host } : { host, port };
    builder.learnProgram({ learner: 'web-1', path, endpoint });
    return builder.freeze().name(programKey('web-1', path)).length;
  };

  test('are known by host and path, with name and port', () => {
    assert.equal(named('Pool.Example.com.', 4443), 1);
    for (const [host, port, path] of [
      ['pool.example.com', undefined, '/usr/bin/netd'],
      ['203.0.113.9', 4443, '/usr/bin/netd'],
      ['s3.amazonaws.com', 443, '/usr/bin/netd'],
      ['pool.example.com', 4443, 'netd'],
      ['pool.example.com', 4443, `/${'x'.repeat(300)}`],
    ] as const)
      assert.equal(named(host, port, path), 0, host);
  });

  test('are bounded, of one host, and make readers look at their path', () => {
    const builder = new WatchListBuilder(SAMPLE_INTEL);
    for (let n = 0; n < 20; n++)
      builder.learnProgram({
        learner: 'web-1',
        path: '/usr/bin/Netd',
        endpoint: { host: `p${n}.example.com`, port: 1 },
      });
    const watch = builder.freeze();
    assert.equal(watch.name(programKey('web-1', '/usr/bin/Netd (deleted)')).length, 8);
    assert.equal(watch.name(programKey('web-2', '/usr/bin/Netd')).length, 0);
    assert.deepEqual([...watch.executables()], ['/usr/bin/netd']);
  });
});
