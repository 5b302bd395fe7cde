import { createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** One line or record of a synthetic log; `hit` lines hold what a detection must find. */
type Line = (random: () => number, index: number, hit: boolean) => string;

const START = Date.parse('2026-11-24T00:00:00Z') / 1000;

/** Mulberry32: the same lines in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A listed pool address (intel/addresses.json), so that a flow log alone has something to find. */
const LISTED = { address: '199.115.116.7', port: 8925 };

/** The hosts whose logs these are; what hits come from is one of them. */
const HOSTS = 64;
const MINING_HOST = 7;

interface Host {
  readonly eni: string;
  readonly instance: string;
  readonly address: string;
}

function host(random: () => number, hit: boolean): Host {
  const number = hit ? MINING_HOST : below(random, HOSTS);
  const id = `0a1b2c3d4e5f6${String(number).padStart(4, '0')}`;
  return { eni: `eni-${id}`, instance: `i-${id}`, address: `10.0.${number >> 4}.${10 + number}` };
}

const pick = <T>(random: () => number, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const below = (random: () => number, limit: number): number => Math.floor(random() * limit);

const flow: Line = (random, index, hit) => {
  const start = START + Math.floor(index / 400);
  const own = host(random, hit);
  const remote = hit
    ? LISTED.address
    : `${52 + below(random, 20)}.${below(random, 256)}.${below(random, 256)}.${below(random, 256)}`;
  const port = hit ? LISTED.port : pick(random, [443, 443, 443, 80, 5432, 6379, 8080, 9092]);
  const packets = 1 + below(random, 400);
  const near = [own.address, 32768 + below(random, 28000)] as const;
  const far = [remote, port] as const;
  const [from, to] = index % 3 === 0 ? [far, near] : [near, far];
  return `2 111122223333 ${own.eni} ${from[0]} ${to[0]} ${from[1]} ${to[1]} 6 ${packets} ${packets * (60 + below(random, 1000))} ${start} ${start + 60} ${random() < 0.95 ? 'ACCEPT' : 'REJECT'} OK\n`;
};

const NAMES = [
  'api.example.com',
  'sqs.us-east-1.amazonaws.com',
  'db-1.internal.example.net',
  'registry.example.org',
  'ntp.example.com',
  'metrics.example.io',
];
const resolver: Line = (random, index, hit) => {
  const time = new Date((START + Math.floor(index / 200)) * 1000).toISOString().replace('.000', '');
  const name = hit ? 'pool.supportxmr.com' : `${below(random, 5000).toString(36)}.${pick(random, NAMES)}`;
  const own = host(random, hit);
  const address = `${52 + below(random, 20)}.${below(random, 256)}.${below(random, 256)}.${below(random, 256)}`;
  return `{"version":"1.100000","account_id":"111122223333","region":"us-east-1","vpc_id":"vpc-0123456789abcdef0","query_timestamp":"${time}","query_name":"${name}.","query_type":"A","query_class":"IN","rcode":"NOERROR","answers":[{"Rdata":"${address}","Type":"A","Class":"IN"}],"srcaddr":"${own.address}","srcport":"${32768 + below(random, 28000)}","transport":"UDP","srcids":{"instance":"${own.instance}"}}\n`;
};

type Program = readonly [exe: string, argv: readonly string[]];

const PROGRAMS: readonly Program[] = [
  ['/usr/bin/python3', ['python3', '/opt/app/worker.py', '--queue', 'default']],
  ['/usr/bin/ls', ['ls', '-la', '/var/log']],
  ['/usr/bin/grep', ['grep', '-c', 'error', '/var/log/app.log']],
  ['/usr/bin/curl', ['curl', '-fsS', 'https://hc.example.com/ping']],
  ['/usr/bin/date', ['date', '+%s']],
  ['/usr/sbin/logrotate', ['logrotate', '/etc/logrotate.conf']],
];

/** What a detection must read before it can say no: it stands for administrators, packages and jobs. */
const LOOKED_AT: readonly Program[] = [
  ['/usr/bin/systemctl', ['systemctl', 'daemon-reload']],
  ['/usr/bin/crontab', ['crontab', '-l']],
  ['/usr/bin/chattr', ['chattr', '-i', '/etc/resolv.conf']],
  ['/usr/sbin/sysctl', ['sysctl', 'vm.nr_hugepages']],
  ['/usr/bin/wget', ['wget', '-q', '-O', '/tmp/release.tar.gz', 'https://www.example.com/release.tar.gz']],
];
/** One event in so many is such a one. */
const LOOKED_AT_EVERY = 100;

const MINER: Program = ['/tmp/.cache/kthr', ['./kthr', '-o', '203.0.113.77:3333', '-a', 'rx/0', '--donate-level', '1']];

/** Six records an event, as the kernel writes an exec. */
const auditd: Line = (random, index, hit) => {
  const key = `msg=audit(${START + Math.floor(index / 30)}.${String(index % 1000).padStart(3, '0')}:${100_000 + index})`;
  const [exe, argv] = hit ? MINER : pick(random, index % LOOKED_AT_EVERY === 3 ? LOOKED_AT : PROGRAMS);
  const pid = 1000 + below(random, 60_000);
  const hex = Buffer.from(argv.join('\0')).toString('hex').toUpperCase();
  return [
    `type=SYSCALL ${key}: arch=c000003e syscall=59 success=yes exit=0 a0=55d0${below(random, 0xffff).toString(16)} a1=55d8 a2=55e0 a3=8 items=2 ppid=${pid - 1} pid=${pid} auid=4294967295 uid=1000 gid=1000 euid=1000 suid=1000 fsuid=1000 egid=1000 sgid=1000 fsgid=1000 tty=(none) ses=4294967295 comm="${(argv[0] ?? '').slice(0, 15)}" exe="${exe}" subj=unconfined key="exec"`,
    `type=EXECVE ${key}: argc=${argv.length} ${argv.map((word, at) => `a${at}="${word}"`).join(' ')}`,
    `type=CWD ${key}: cwd="/"`,
    `type=PATH ${key}: item=0 name="${exe}" inode=${below(random, 1e6)} dev=fd:00 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0`,
    `type=PATH ${key}: item=1 name="/lib64/ld-linux-x86-64.so.2" inode=${below(random, 1e6)} dev=fd:00 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0`,
    `type=PROCTITLE ${key}: proctitle=${hex}\n`,
  ].join('\n');
};

export const KINDS = { flow, resolver, auditd } as const satisfies Record<string, Line>;
export type Kind = keyof typeof KINDS;

/** One hit in so many lines or events. */
const HIT_EVERY = 20_000;

/** Writes `megabytes` of raw lines of a kind as one gzip file, unless it is there already; gives its path. */
export async function generate(kind: Kind, megabytes: number, folder: string): Promise<string> {
  const path = `${folder}/${kind}-${megabytes}.log.gz`;
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const random = seeded(42);
  const gzip = createGzip({ level: 6 });
  const file = gzip.pipe(createWriteStream(path));
  let written = 0;
  for (let index = 0; written < megabytes * 1_000_000; ) {
    const lines: string[] = [];
    for (let count = 0; count < 5000; count++, index++) lines.push(KINDS[kind](random, index, index % HIT_EVERY === 7));
    const chunk = lines.join('');
    written += chunk.length;
    if (!gzip.write(chunk)) await new Promise((resolve) => gzip.once('drain', resolve));
  }
  gzip.end();
  await finished(file);
  return path;
}
