import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readArguments } from '#shared/analyzers/miner/arguments.ts';
import { clusterEnd, longOption } from '#shared/analyzers/miner/options.ts';
import { parsePoolUrl } from '#shared/analyzers/miner/pool-url.ts';
import { analyzer, BTC, decide, ETH, launch, split, strengthOf, XMR } from './fixture.ts';

const strength = (line: string): string => strengthOf('miner_arguments', launch(split(line)));
const artifactsOf = (line: string): readonly string[] =>
  decide('miner_arguments', launch(split(line))).flatMap(({ artifacts }) => artifacts);
const POOL = 'pool.example.com:3333';

/** Dialect, lines that only a miner of it is started by, lines that look alike. */
const DIALECTS: readonly (readonly [dialect: string, strong: readonly string[], silent: readonly string[]])[] = [
  [
    'getopt clusters that end in a value',
    [
      `/opt/a -kBo ${POOL} -u ${XMR}`,
      `/opt/a -ko ${POOL} -u ${XMR}`,
      `/opt/a -ko${POOL} -Bu ${XMR}`,
      `/opt/a -kBo${POOL} -u${XMR}`,
      `/opt/a -Ba rx/0 -ko ${POOL} -4u login`,
      `/opt/a -qDo ${POOL} -Su ${XMR}`,
    ],
    [
      '/usr/bin/curl -ko pool.html -u bob:pass https://example.com/pool',
      '/opt/a -kBo api.example.com:8443 -u bob -p x',
      `curl -kSs https://rpc.example.com:8545 -o out -u ${ETH}`,
      'java -Duser.name=bob -Dorg.pool=api.example.com:80 -jar pool.jar',
      'cmake -Bout -Sapp --log-level=pool',
    ],
  ],
  [
    'beginnings of long options',
    [
      `/opt/a --ur ${POOL} --use ${XMR}`,
      `/opt/a --ur=${POOL} --use=${XMR}`,
      `/opt/a --al rx/0 --ur ${POOL} --use login --pas x`,
      `/opt/a -o ${POOL} --nice`,
      `/opt/a --nice --ur ${POOL}`,
      `/opt/a --niceh -o ${POOL} -u login`,
    ],
    [
      'sbatch --nice -o pool.out -u bob job.sh',
      `/opt/a --nice 10 -o ${POOL}`,
      `/opt/a --nice=10 -o ${POOL}`,
      '/opt/a --nice --server pool.example.com:80',
      `/opt/a --use bob --ur api.example.com:8443`,
    ],
  ],
  [
    'GMiner',
    [
      `/opt/g -s xmr.example.com -n 5555 -u ${XMR}`,
      `/opt/g --server xmr.example.com --port 5555 --user ${XMR}`,
      `/opt/g -a ethash -s eth.example.com -n 5555 -u ${ETH}.w`,
      '/opt/g --algo kawpow -n 5555 -s rvn.example.com -u account.w',
      '/opt/g --maintenance_server m.example.com:80 --maintenance_fee 0.5',
    ],
    [
      '/opt/g -s eth.example.com -n 5555 -u bob',
      '/tmp/app -s api.example.com -n 3 -u bob',
      `/opt/g --server rpc.example.com --port 8545 --user ${ETH}`,
      '/opt/status --maintenance_server m.example.com:80 --maintenance_window 5',
      'tail -n 50 -s 2 /var/log/pool.log',
    ],
  ],
  [
    'miniZ',
    [
      `/opt/z --url=${XMR}.rig@zec.example.com:5555 --par=144,5`,
      `/opt/z --url=${BTC}.rig@btg.example.com:5555 --par=144,5 --pers auto`,
      '/opt/z --url=account.rig@btg.example.com:5555 --par=144,5',
      '/opt/z --url ssl://account.rig@btg.example.com:5555 --par 144,5',
      `/opt/z --url ${BTC}@btg.example.com:5555 --par 125_4`,
    ],
    [
      '/opt/z --url=bob@db.example.com:5432 --par=4',
      '/opt/z --url=bob@db.example.com:5432 --par=144,500',
      'make --par=8 -C /opt/pool',
      'ssh -o pool@host.example.com:22 -p 22 host.example.com',
    ],
  ],
  [
    "p2pool's ports",
    [
      `/opt/p --wallet ${XMR} --zmq-port 18083 --rpc-port 18081`,
      `/opt/p --zmq-port=18083 --rpc-port=18081 --wallet=${XMR}`,
      `/opt/p --host 127.0.0.1 --wallet ${XMR} --light-mode --mini`,
    ],
    [
      '/opt/wallet --wallet default --zmq-port 28332 --rpc-port 8332',
      `/opt/wallet --wallet ${BTC} --zmq-port 28332 --rpc-port 8332`,
      `monero-wallet-rpc --wallet ${XMR} --zmq-port 18083 --rpc-port 18081`,
    ],
  ],
  [
    'options of one miner alone',
    [
      '/opt/t --eth_config=B340',
      '/opt/t --prog_config=A',
      '/opt/t --cm_api_listen=0.0.0.0:3333',
      '/opt/t --cm_api_password x',
      '/opt/t --dns_https=https://192.0.2.1/dns-query',
      '/opt/t --dns_https_sni',
      '/opt/t --kernel_vm_mode=3',
      '/opt/w --progpow-kernel',
      '/opt/w --progpow-kernel=2',
    ],
    [
      '/opt/t --eth-config=/etc/eth0.yaml',
      '/opt/t --program_config=/etc/a.yaml',
      '/opt/t --api_listen=0.0.0.0:3333',
      '/opt/t --dns-https=1',
      '/opt/t --cm_api=https://api.example.com',
    ],
  ],
  [
    'xmr-stak',
    [
      '/opt/x --noAMD --noNVIDIA',
      '/opt/x --noUAC --poolconf /etc/p.txt',
      '/opt/x --currency monero --noAMD',
      '/opt/x --poolconf p.txt --currency monero7',
      '/opt/x --currency cryptonight_v8 --noCPU',
      '/opt/x --poolconf=/a --noCPU',
    ],
    [
      '/opt/shop --currency USD --noCPU',
      '/opt/shop --currency XMR',
      '/opt/shop --currency BTC --amd --nvidia',
      '/opt/shop --poolconf /etc/pgpool.conf --currency EUR',
      '/opt/shop --no-amd --no-nvidia',
    ],
  ],
];

for (const [dialect, strong, silent] of DIALECTS) {
  test(`finds ${dialect} whatever the program is called, and nothing in what looks alike`, () => {
    for (const line of strong) assert.equal(strength(line), 'strong', line);
    for (const line of silent) assert.equal(strength(line), '-', line);
  });
}

test('takes a fingerprint beside a pool for a miner, and half a dialect for little', () => {
  assert.equal(strength(`/opt/a --tls-fingerprint 0a1b -o ${POOL}`), 'strong');
  assert.equal(strength(`/opt/a -ko ${POOL} --tls-fingerprint=0a1b`), 'strong');
  for (const line of [
    '/opt/a --tls-fingerprint 0a1b -o out.json',
    '/opt/a --tls-fingerprint 0a1b --server api.example.com:443',
    '/opt/a --noUAC',
    `/opt/g -s eth.example.com -n 5555 -u ${ETH}`,
    '/opt/z --par=144,5',
    '/opt/a --noAMD --currency USD',
  ]) {
    assert.equal(strength(line), 'weak', line);
  }
});

test('is weak of a benchmark that is submitted, and silent of benchmarks', () => {
  for (const line of ['/opt/a --bench=1M --submit', '/opt/a --submit --bench 10M', '/tmp/a --bench=1M --submit'])
    assert.equal(strength(line), 'weak', line);
  for (const line of [
    '/opt/a --bench=1M',
    '/opt/a --bench=1000 --submit',
    '/opt/a --bench=all --submit',
    '/a --submit',
  ])
    assert.equal(strength(line), '-', line);
});

test('learns the endpoint, the login and the wallet of each dialect', () => {
  const learned: readonly (readonly [line: string, artifacts: readonly string[]])[] = [
    [`/opt/a -kBo ${POOL} -u ${XMR}.w1`, [`pool:${POOL}`, `wallet:${XMR}`, 'worker:w1']],
    [`/opt/a --ur ${POOL} --use ${XMR}`, [`pool:${POOL}`, `wallet:${XMR}`]],
    [`/opt/g -s xmr.example.com -n 5555 -u ${XMR}`, ['pool:xmr.example.com:5555', `wallet:${XMR}`]],
    [`/opt/g --user ${XMR} --port 5555 --server 192.0.2.7`, ['pool:192.0.2.7:5555', `wallet:${XMR}`]],
    [
      `/opt/z --url=${BTC}.rig@btg.example.com:5555 --par=144,5`,
      ['pool:btg.example.com:5555', `wallet:${BTC}`, 'algo:144,5', 'worker:rig'],
    ],
    [`/opt/p --wallet ${XMR} --zmq-port 18083 --rpc-port 18081`, [`wallet:${XMR}`]],
    ['/opt/g --maintenance_server m.example.com:80 --maintenance_fee 1', ['pool:m.example.com:80']],
  ];
  for (const [line, artifacts] of learned) {
    const all = artifactsOf(line);
    for (const one of artifacts) assert.ok(all.includes(one), `${one} of ${line}: ${all.join(' ')}`);
  }
});

test('takes a login before a bare host only where it is asked for, or as long as a wallet', () => {
  assert.equal(parsePoolUrl('bob@host.example.com:22'), undefined);
  assert.equal(parsePoolUrl('bob@host.example.com:22', false, true)?.user, 'bob');
  assert.equal(parsePoolUrl(`${BTC}.rig@host.example.com:22`)?.user, `${BTC}.rig`);
  assert.equal(parsePoolUrl(`${BTC}.rig@host.example.com`), undefined);
});

test('cuts the flags of a getopt cluster off and nothing else', () => {
  for (const [word, rest] of [
    ['-kBo', '-o'],
    ['-ko', '-o'],
    ['-kohost:1', '-ohost:1'],
    ['-4Su', '-u'],
    ['-kpx', '-px'],
    ['-Do', '-o'],
    ['-Dorg.a=b', undefined],
    ['-o', undefined],
    ['-k', undefined],
    ['-kB', undefined],
    ['-xko', undefined],
    ['--ko', undefined],
  ] as const) {
    assert.equal(clusterEnd(word), rest, word);
  }
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('k', 'B', 'S', 'q', '4', '6'), { minLength: 1, maxLength: 7 }),
      fc.boolean(),
      (flags, glued) => {
        const words = glued ? [`-${flags.join('')}o${POOL}`] : [`-${flags.join('')}o`, POOL];
        assert.deepEqual(
          readArguments(words).pools.map(({ endpoint }) => endpoint),
          [{ host: 'pool.example.com', port: 3333 }],
        );
      },
    ),
  );
});

test('knows short beginnings of the options that say where and who', () => {
  for (const [begin, name] of [
    ['ur', 'url'],
    ['use', 'user'],
    ['userp', 'userpass'],
    ['pas', 'pass'],
    ['nice', 'nicehash'],
    ['niceha', 'nicehash'],
  ] as const) {
    assert.deepEqual([longOption(begin)?.name, longOption(begin)?.option.weight], [name, 'none'], begin);
  }
  for (const begin of ['u', 'us', 'p', 'pa', 'nic', 'nicer', 'used', 'urls', ''])
    assert.equal(longOption(begin), undefined, begin);
});

test('has a needle or a run of a wallet in every line that it finds', () => {
  const needles = analyzer('miner_arguments').needles ?? [];
  assert.notEqual(needles.length, 0);
  for (const line of DIALECTS.flatMap(([, strong]) => strong)) {
    const run = (line.match(/[A-Za-z0-9+/=]{20,}/g) ?? []).some((one) => /[A-Z]/.test(one));
    assert.ok(run || needles.some((needle) => line.toLowerCase().includes(needle)), line);
  }
  for (const needle of needles) assert.ok(needle.length >= 4 && needle === needle.toLowerCase(), needle);
});
