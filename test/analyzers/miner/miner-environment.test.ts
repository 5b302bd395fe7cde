import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BTC, decide, launch, QUBIC, split, strengthOf, XMR } from './fixture.ts';

const ofProcess = (environment: Record<string, string>): string =>
  strengthOf('miner_environment', launch(['/entry'], { environment }));
const ofLine = (line: string): string => strengthOf('miner_environment', launch(split(line)));

test('takes the values of the variables that images of miners read', () => {
  for (const environment of [
    { POOL_URL: 'x.listed-pool.example:443', POOL_USER: 'a' },
    { POOL_URL: 'pool.example.com:3333', POOL_USER: XMR },
    { POOL_URL: 'stratum+tcp://pool.example.com:3333' },
    { POOL_ADDRESS: 'pool.example.com:3333', WALLET_ADDRESS: `${XMR}.w` },
    { PAYOUT_ADDRESS: XMR },
    { CUSTOM_URL: 'pool.example.com:3333', CUSTOM_TEMPLATE: `${BTC}.w` },
    { ClientSettings__QubicAddress: QUBIC, POOL_URL: 'pool.example.com:1' },
    { CONFIG: '{"donate-level":1,"rig-id":"a"}' },
  ]) {
    assert.equal(ofProcess(environment), 'strong', JSON.stringify(environment));
  }
});

test('follows assignments and launchers', () => {
  for (const line of [
    `docker run -d -e POOL_URL=pool.example.com:3333 -e POOL_USER=${XMR} reg.example/a`,
    `env POOL_URL=pool.example.com:3333 POOL_USER=${XMR} /opt/a`,
    `sh -c 'export POOL_USER=${XMR}; /opt/a'`,
    `sh -c 'WALLET=${XMR} ./a'`,
  ]) {
    assert.equal(ofLine(line), 'strong', line);
  }
  const [verdict] = decide('miner_environment', launch(split(`docker run -e POOL_USER=${XMR} reg.example/a`)));
  assert.deepEqual(verdict?.flags, ['launch']);
  assert.deepEqual(verdict?.artifacts, [`wallet:${XMR}`, 'coin:XMR', 'image:reg.example/a']);
});

test('is weak for a telling name alone', () => {
  for (const name of ['DONATE_LEVEL', 'XMRIG_VERSION', 'USE_NICEHASH', 'PAYOUT_ADDRESS', 'ClientSettings__Alias']) {
    assert.equal(ofProcess({ [name]: '1' }), 'weak', name);
  }
});

test('says nothing of names that other software shares', () => {
  for (const environment of [
    { POOL_URL: 'postgres://u:p@db.example.com:5432/x', POOL_SIZE: '5' },
    { POOL_URL: 'redis.example.com:6379' },
    { WORKER: '4', ALGO: 'sha256', CURRENCY: 'EUR', THREADS: '8' },
    { USER: 'root', ADDRESS: '0.0.0.0:80', URL: 'https://example.com' },
    { WALLET_ADDRESS: BTC },
    { DONATION_TEXT: `give ${XMR}` },
    { CUSTOM_CONFIG_FILENAME: '/a' },
  ]) {
    assert.equal(ofProcess(environment as unknown as Record<string, string>), '-', JSON.stringify(environment));
  }
});

test('leaves wallets to software that handles them', () => {
  const event = launch(['/usr/bin/monero-wallet-rpc'], { environment: { WALLET_ADDRESS: XMR } });
  assert.equal(strengthOf('miner_environment', event), '-');
});
