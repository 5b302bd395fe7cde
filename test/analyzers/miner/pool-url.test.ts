import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findPoolUrls, parsePoolList, parsePoolUrl } from '#shared/analyzers/miner/pool-url.ts';

const POOL = { host: 'pool.example.com', port: 3333 };

const MINING: readonly string[] = [
  ...[
    'stratum+tcp',
    'stratum+ssl',
    'stratum+tls',
    'stratum1+tcp',
    'stratum2+ssl',
    'stratum3+tls12',
    'stratum+tcps',
    'STRATUM+TCP',
  ],
  ...[
    'ethproxy+tcp',
    'ethproxy+ssl',
    'ethstratum+tcp',
    'ethstratum2+tcp',
    'nicehash+tcp',
    'ethnh+ssl',
    'zmp',
    'zmp+tcp',
    'zmp+ssl',
  ],
  ...['daemon+http', 'daemon+https', 'solo+tcp', 'stratum', 'stratums', 'stratumss', 'nstratum+tcp'],
];

test('reads each mining scheme', () => {
  for (const scheme of MINING) {
    const url = parsePoolUrl(`${scheme}://pool.example.com:3333`);
    assert.deepEqual([url?.mining, url?.endpoint], [true, POOL], scheme);
  }
});

test('reads schemes that other software shares without calling them mining', () => {
  for (const scheme of ['http', 'https', 'ssl', 'tls', 'tcp', 'ws', 'wss', 'socks5']) {
    const url = parsePoolUrl(`${scheme}://pool.example.com:3333`);
    assert.deepEqual([url?.mining, url?.endpoint], [false, POOL], scheme);
  }
});

test('reads the authority of each dialect', () => {
  const cases: readonly (readonly [string, object, string | undefined])[] = [
    ['pool.example.com:3333', POOL, undefined],
    ['Pool.Example.COM.:3333', POOL, undefined],
    ['203.0.113.5:80', { host: '203.0.113.5', port: 80 }, undefined],
    ['[2001:DB8:0::5]:443', { host: '2001:db8::5', port: 443 }, undefined],
    ['stratum+tcp://[2001:db8::5]:1', { host: '2001:db8::5', port: 1 }, undefined],
    ['stratum+tcp://pool.example.com', { host: 'pool.example.com' }, undefined],
    ['stratum+tcp://u.w:p@pool.example.com:3333/x', POOL, 'u.w'],
    ['stratum1+ssl://a%40example.com.w@pool.example.com:3333', POOL, 'a@example.com.w'],
    ['stratum2+tcp://pool.example.com:3333/9auqWEzQDVyd2oe1JVGFLMLHZtCo2FFqZwtKA5gd9xbuEu7PH72', POOL, undefined],
    ['stratum+ssl://pool.example.com/real.example.org:3333', POOL, undefined],
    ['[1]stratum+tcp://pool.example.com:3333', POOL, undefined],
    ['xmrig-proxy:3333', { host: 'xmrig-proxy', port: 3333 }, undefined],
  ];
  for (const [text, endpoint, user] of cases) {
    const url = parsePoolUrl(text);
    assert.deepEqual([url?.endpoint, url?.user], [endpoint, user], text);
  }
});

test('refuses what is no pool', () => {
  for (const text of [
    ...[
      'pool.yaml',
      'Port=22',
      'ControlPersist=60s',
      '/tmp/a:1',
      'out.txt',
      'a/b:3333',
      '',
      ':3333',
      'a:',
      'a:0',
      'a:65536',
      'a:b',
    ],
    ...[
      '12:34',
      '2026-11-25T10:00',
      'mailto://a:1',
      'postgres://u:p@db:5432/x',
      'redis://a:1',
      'x:y:1',
      'user:pass',
      '[::1',
      '80:80',
    ],
  ]) {
    assert.equal(parsePoolUrl(text), undefined, text);
  }
});

test('takes several pools of one value, and the proxy in front of one', () => {
  const { pools, proxies } = parsePoolList('socks5:203.0.113.9:1080|http://pool.example.com:3333,b.example.com:1');
  assert.deepEqual(
    pools.map(({ endpoint }) => endpoint),
    [POOL, { host: 'b.example.com', port: 1 }],
  );
  assert.deepEqual(proxies[0]?.endpoint, { host: '203.0.113.9', port: 1080 });
});

test('finds mining schemes in a text, on the border of a word only', () => {
  const found = (text: string): number => findPoolUrls(text).length;
  assert.equal(found('{"url":"stratum+tcp://pool.example.com:3333"} x=stratum+ssl://b.example.com:1'), 2);
  assert.equal(found('chrony: stratum 2'), 0);
  assert.equal(found('apache+stratum://x.example.com'), 0);
  assert.equal(found('substratum+tcp://x.example.com:1'), 0);
  assert.equal(found('grpc+tcp://x.example.com:1 tcp://x.example.com:1'), 0);
});

test('never throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9+:/@.[\]|,%-]{0,80}$/)), (text) => {
      parsePoolUrl(text);
      parsePoolUrl(text, true);
      parsePoolList(text);
      assert.ok(findPoolUrls(text).length <= 32);
    }),
  );
});
