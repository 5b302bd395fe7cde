import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { algorithmStrength, isCoin } from '#shared/analyzers/miner/algorithms.ts';
import { readArguments } from '#shared/analyzers/miner/arguments.ts';
import { longOption } from '#shared/analyzers/miner/options.ts';
import { split, XMR } from './fixture.ts';

const pools = (line: string): readonly string[] =>
  readArguments(split(line)).pools.map(({ endpoint }) => `${endpoint.host}:${endpoint.port ?? ''}`);

test('reads a pool in every form of the option', () => {
  for (const line of [
    ...[
      '-o a.example:1',
      '-oa.example:1',
      '-o=a.example:1',
      '--url a.example:1',
      '--url=a.example:1',
      '--pool a.example:1',
    ],
    ...[
      '-p a.example:1',
      '-s a.example:1',
      '--server a.example --port 1',
      '-P http://w@a.example:1',
      '-pool a.example:1',
    ],
    ...[
      '-epool a.example:1',
      '--dualpool a.example:1',
      '-o2 a.example:1',
      '--url2 a.example:1',
      'x stratum+tcp://a.example:1',
    ],
    ...['--tls-url=a.example:1', '-pool1 a.example:1', '--cc-url=a.example:1'],
  ]) {
    assert.deepEqual(pools(line), ['a.example:1'], line);
  }
});

test('takes no option for the value of another', () => {
  const said = readArguments(split('-o -u -p x --user --pass -w'));
  assert.deepEqual([said.pools, said.users, said.passes, said.workers], [[], [], ['x'], []]);
});

test('tells users, workers and passwords', () => {
  const said = readArguments(
    split(`-o a.example:1 -u ${XMR}.w1 -p c=XMR --rig-id r2 -a rx/0 --coin monero -c /etc/a.json`),
  );
  assert.deepEqual(said.users, [`${XMR}.w1`]);
  assert.deepEqual(said.workers, ['r2', 'w1']);
  assert.deepEqual([said.passes, said.coins, said.config, said.triple], [['c=XMR'], ['MONERO'], '/etc/a.json', true]);
  assert.deepEqual(said.algorithms, [{ name: 'rx/0', strength: 'strong' }]);
  assert.equal(readArguments(split(`-O ${XMR}:x`)).users[0], XMR);
});

test('takes unambiguous beginnings of long options as getopt_long does', () => {
  assert.equal(longOption('donate-l')?.name, 'donate-level');
  assert.equal(longOption('cpu-max')?.name, 'cpu-max-threads-hint');
  assert.equal(longOption('randomx-1')?.name, 'randomx-1gb-pages');
  for (const name of ['nic', 'donate', 'random', 'disable', 'no', 'cpu-m'])
    assert.equal(longOption(name), undefined, name);
});

test('knows algorithms that only mining uses from shared ones', () => {
  for (const name of [
    'rx/0',
    'RandomX',
    'cn/r',
    'kawpow',
    'ETCHASH',
    'ghostrider',
    'yespowerr16',
    'kheavyhash',
    'verushash',
    'qhash',
  ]) {
    assert.equal(algorithmStrength(name), 'strong', name);
  }
  for (const name of ['zil+etchash', 'etchash;kaspa', '[1]kawpow', 'equihash 125,4', 'equihash144_5', 'kawpow+zil']) {
    assert.equal(algorithmStrength(name), 'strong', name);
  }
  for (const name of ['sha256', 'scrypt', 'x11', 'blake3', 'auto', 'octopus'])
    assert.equal(algorithmStrength(name), 'weak', name);
  for (const name of ['', '3', 'sgd', 'rsa', 'aes-256-gcm', 'gzip'])
    assert.equal(algorithmStrength(name), undefined, name);
  assert.ok(isCoin('XMR') && isCoin('monero') && !isCoin('usd'));
});

test('never throws on any words', () => {
  fc.assert(fc.property(fc.array(fc.string()), (words) => readArguments(words).pools.length <= words.length * 16 + 64));
});
