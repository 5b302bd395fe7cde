import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyzer, BTC, decide, isCandidate, launch, QUBIC, split, strengthOf, XMR } from './fixture.ts';

const ofProcess = (environment: Record<string, string>): string =>
  strengthOf('miner_environment', launch(['/entry'], { environment }));
const ofLine = (line: string): string => strengthOf('miner_environment', launch(split(line)));

test('takes the values of the variables that images of miners read', () => {
  for (const environment of [
    { POOL_URL: 'x.listed-pool.example:443', POOL_USER: 'a' },
    { POOL_URL: 'pool.example.com:3333', POOL_USER: XMR },
    { POOL_URL: 'stratum+tcp://pool.example.com:3333' },
    { POOL_ADDRESS: 'pool.example.com:3333', WALLET_ADDRESS: `${XMR}.w` },
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
    `sh -c 'WALLET=${XMR} ALGO=rx/0 ./a'`,
    `sh -c 'WALLET=${XMR} WORKER=rig7 ./a'`,
    `sh -c 'WALLET=${XMR} ./xmrig'`,
  ]) {
    assert.equal(ofLine(line), 'strong', line);
  }
  const [verdict] = decide('miner_environment', launch(split(`docker run -e POOL_USER=${XMR} reg.example/a`)));
  assert.deepEqual(verdict?.flags, ['launch']);
  assert.deepEqual(verdict?.artifacts, [`wallet:${XMR}`, 'coin:XMR', 'image:reg.example/a']);
});

test('is weak for a wallet that nothing of mining stands beside: whoever is paid has one', () => {
  for (const line of [
    `docker run -d -e XMR_ADDRESS=${XMR} shop/app`,
    `docker run -e WALLET=${XMR} -e SERVER=db.example.com:5432 shop/app`,
    `docker run -e XMR_WALLET_ADDRESS=${XMR} -e WORKERS=4 shop/app`,
    `docker run -d -e WALLET=${XMR} team/monero-wallet-rpc`,
    `kubectl run shop --image=shop/app --env=XMR_ADDRESS=${XMR}`,
    `env XMR_ADDRESS=${XMR} node shop.js`,
    `env PAYOUT_ADDRESS=${XMR} POOL_SIZE=5 node shop.js`,
    `export XMR_ADDRESS=${XMR}`,
    `sh -c 'export XMR_ADDRESS=${XMR}'`,
    `sh -c 'export WALLET=${XMR}; exec node shop.js'`,
    `sh -c 'WALLET=${XMR} ./a'`,
  ]) {
    assert.equal(ofLine(line), 'weak', line);
  }
  assert.equal(ofProcess({ PAYOUT_ADDRESS: XMR }), 'weak');
  assert.equal(ofProcess({ WALLET: XMR, DATABASE_URL: 'postgres://db.example.com:5432/a' }), 'weak');
});

test('proves a wallet by the image or the program that gets it', () => {
  for (const line of [
    `docker run -d -e WALLET=${XMR} metal3d/xmrig`,
    `docker run -d -e WALLET=${XMR} --entrypoint /xmrig shop/app`,
    `env WALLET=${XMR} /opt/xmrig`,
    `sh -c 'export WALLET=${XMR}; /opt/xmrig'`,
  ]) {
    assert.equal(ofLine(line), 'strong', line);
  }
  assert.equal(ofLine(`docker run -e WALLET=${XMR} --entrypoint sha256sum metal3d/xmrig /xmrig`), 'weak');
});

test('is strong for an algorithm beside a pool in every form of environment, and learns the pool', () => {
  for (const line of [
    'docker run -d -e ALGO=rx/0 -e POOL_URL=203.0.113.9:3333 reg.example/a',
    'docker run -d -eALGO=rx/0 -ePOOL_URL=203.0.113.9:3333 reg.example/a',
    'docker run -d --env ALGO=rx/0 --env POOL_URL=203.0.113.9:3333 reg.example/a',
    'docker run -d --env=ALGO=rx/0 --env=POOL_URL=203.0.113.9:3333 reg.example/a',
    'docker run -d -e ALGO=rx/0 -e POOL_HOST=203.0.113.9 -e POOL_PORT=3333 reg.example/a',
    'docker run -d -e ALGO=kawpow -e URL=203.0.113.9:3333 reg.example/a',
    'docker exec -e ALGO=rx/0 -e POOL_URL=203.0.113.9:3333 name /opt/a',
    'docker service create -e ALGO=rx/0 -e POOL_URL=203.0.113.9:3333 reg.example/a',
    'podman run -e ALGO=rx/0 -e POOL_URL=203.0.113.9:3333 reg.example/a',
    'kubectl run x --image=reg.example/a --env=ALGO=rx/0 --env=POOL_URL=203.0.113.9:3333',
    'kubectl run x --image=reg.example/a --env ALGO=rx/0 --env POOL_URL=203.0.113.9:3333',
    'kubectl set env deployment/x ALGO=rx/0 POOL_URL=203.0.113.9:3333',
    'kubectl -n a set env deployment/x -e ALGO=rx/0 --env=POOL_URL=203.0.113.9:3333',
    'env ALGO=rx/0 POOL_URL=203.0.113.9:3333 /opt/a',
    'sudo ALGO=rx/0 POOL_URL=203.0.113.9:3333 /opt/a',
    'systemd-run -E ALGO=rx/0 --setenv=POOL_URL=203.0.113.9:3333 /opt/a',
    "sh -c 'ALGO=rx/0 POOL_URL=203.0.113.9:3333 /opt/a'",
    "sh -c 'export ALGO=rx/0 POOL_URL=203.0.113.9:3333; /opt/a'",
    "sh -c 'export ALGO=rx/0; declare -x POOL_URL=203.0.113.9:3333; nohup /opt/a &'",
    "sh -c 'export ALGO=rx/0; POOL_URL=203.0.113.9:3333 /opt/a'",
    "sh -c 'ALGO=rx/0; POOL_URL=203.0.113.9:3333; export ALGO POOL_URL; /opt/a'",
  ]) {
    const event = launch(split(line));
    const verdicts = decide('miner_environment', event);
    assert.equal(strengthOf('miner_environment', event), 'strong', line);
    const artifacts = verdicts.flatMap((verdict) => verdict.artifacts);
    assert.ok(artifacts.includes('pool:203.0.113.9:3333'), line);
    assert.ok(isCandidate(event, analyzer('miner_environment').needles ?? []), line);
  }
  const whole = launch(['env', '-S', 'ALGO=rx/0 POOL_URL=203.0.113.9:3333 /opt/a']);
  assert.equal(strengthOf('miner_environment', whole), 'strong');
  assert.equal(ofProcess({ ALGO: 'rx/0', POOL_URL: '203.0.113.9:3333' }), 'strong');
});

test('does not mix what is exported here with what a container or another machine gets', () => {
  for (const line of [
    "sh -c 'export ALGO=rx/0; docker run -e POOL_URL=203.0.113.9:3333 reg.example/a'",
    "sh -c 'export ALGO=rx/0; ssh h.example.com POOL_URL=203.0.113.9:3333 /opt/a'",
    "sh -c 'ALGO=rx/0; export POOL_URL=203.0.113.9:3333; /opt/a'",
  ]) {
    assert.equal(ofLine(line), '-', line);
  }
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
    { ALGO: 'sha256', POOL_URL: 'redis.example.com:6379' },
    { ALGO: 'rx/0', THREADS: '4' },
    { ALGO: 'rx/0', URL: 'https://app.example.com:8443' },
    { ALGO: 'rx/0', SERVER: '127.0.0.1:8080' },
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

test("reads a miner's own arguments in the value of a variable", () => {
  for (const value of [
    '-o 198.51.100.7:3333 -a rx/0 -u x',
    '--donate-level 1 -o 198.51.100.7:3333',
    '-o x.listed-pool.example:443 -u x -p y',
    '/opt/a -o x.listed-pool.example:443 -u x',
    `--algo randomx --pool 198.51.100.7:3333 --wallet ${XMR}`,
  ]) {
    const argv = ['docker', 'run', '-d', '-e', `MINER_OPTS=${value}`, 'app'];
    assert.equal(strengthOf('miner_environment', launch(argv)), 'strong', value);
    assert.equal(strengthOf('miner_environment', launch(['sh', '-c', `ARGS="${value}" ./a`])), 'strong', value);
    assert.equal(ofProcess({ EXTRA_ARGS: value }), 'strong', value);
  }
  const [verdict] = decide(
    'miner_environment',
    launch(['/a'], { environment: { A: '-o 198.51.100.7:3333 -a rx/0 -u x' } }),
  );
  assert.deepEqual(verdict?.artifacts, ['pool:198.51.100.7:3333', 'algo:rx/0', 'path:/a']);
});

test("leaves options in a value that are not a miner's, and text that speaks of them", () => {
  for (const value of [
    '-Xmx1g -Drandomx=1 -u x',
    '-o 198.51.100.7:3333 -u x',
    'run it with -o x.listed-pool.example:443 -u x',
    'grep -e --donate-level=1 -o 198.51.100.7:3333',
    '--randomx-init=4',
    '--version -o x.listed-pool.example:443 -u x',
    '--algo randomx',
  ]) {
    assert.equal(ofProcess({ EXTRA_ARGS: value }), '-', value);
  }
});

test('is weak for a mining algorithm beside a host and a port that it goes to', () => {
  assert.equal(ofLine('docker run -e HOST=198.51.100.7 -e PORT=3333 -e ALGO=randomx app'), 'weak');
  assert.equal(ofLine('docker run -e SERVER_HOST=h.example.com -e SERVER_PORT=3333 -e ALGO=rx/0 app'), 'weak');
  for (const rest of ['HOST=0.0.0.0 -e PORT=8080', 'HOST=198.51.100.7', 'PORT=3333', 'HOST=198.51.100.7 -e PORT=x']) {
    assert.equal(ofLine(`docker run -e ${rest} -e ALGO=randomx app`), '-', rest);
  }
  assert.equal(ofLine('docker run -e HOST=198.51.100.7 -e PORT=3333 -e ALGO=argon2id app'), '-');
});

test('follows variables that a shell exports by set -a', () => {
  const line = (set: string): string => `sh -c '${set}; POOL=stratum+tcp://198.51.100.7:3333; ./a'`;
  for (const set of ['set -a', 'set -ea', 'set -o allexport']) {
    assert.equal(ofLine(line(set)), 'strong', set);
    const argv = ['sh', '-c', `${set}\nPOOL="stratum+tcp://198.51.100.7:3333"\n./a`];
    assert.equal(strengthOf('miner_environment', launch(argv)), 'strong', set);
  }
  for (const set of ['set -e', 'set +a', 'set -o pipefail', 'true']) assert.equal(ofLine(line(set)), '-', set);
});
