/** Lines of made-up logs: one host with a miner whose pool is a bare address, and what its network logs say. */

/** Event time of the miner's start, seconds since the epoch. */
export const START = Date.parse('2026-11-24T22:10:00Z') / 1000;
export const ACCOUNT = '111122223333';
export const POOL = '203.0.113.7:3333';
export const MINER = ['/tmp/.x/kthr', '-o', POOL, '-a', 'rx/0', '--donate-level', '1'];

let serial = 1000;

interface Act {
  /** Seconds after `START`. */
  readonly at?: number;
  readonly node?: string;
  readonly session?: number;
}

function auditLines(act: Act, syscall: number, exe: string, rest: readonly string[]): string {
  serial += 1;
  const { at = 0, node = 'ip-10-0-0-5', session } = act;
  const key = `msg=audit(${START + at}.000:${serial})`;
  const login = session === undefined ? 4294967295 : 1000;
  const call =
    `arch=c000003e syscall=${syscall} success=yes exit=0 a0=55d0c1a2 a1=55d0c1b2 a2=55d0c1c2 a3=8 items=2 ppid=900 pid=4242 ` +
    `auid=${login} uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=${session ?? 4294967295} ` +
    `comm="${exe.slice(exe.lastIndexOf('/') + 1)}" exe="${exe}" key="exec"`;
  return [`SYSCALL ${key}: ${call}`, ...rest.map((line) => line.replace(' ', ` ${key}: `)), `EOE ${key}: `]
    .map((line) => `node=${node} type=${line}\n`)
    .join('');
}

/** An exec as auditd writes it: five lines, the arguments on the second. */
export function execLines(argv: readonly string[], act: Act = {}): string {
  const args = argv.map((word, at) => `a${at}="${word}"`).join(' ');
  return auditLines(act, 59, argv[0] ?? '', [
    `EXECVE argc=${argv.length} ${args}`,
    'CWD cwd="/root"',
    `PATH item=0 name="${argv[0]}" inode=77 dev=fd:00 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL`,
  ]);
}

/** A connect to an IPv4 address and port, as auditd writes it: three lines. */
export function connectLines(endpoint: string, exe: string, act: Act = {}): string {
  const [address = '', port = ''] = endpoint.split(':');
  const bytes = [
    2,
    0,
    Number(port) >> 8,
    Number(port) & 255,
    ...address.split('.').map(Number),
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  return auditLines(act, 42, exe, [`SOCKADDR saddr=${Buffer.from(bytes).toString('hex').toUpperCase()}`]);
}

/** A flow of the default format, out of the host. */
export function flowLine(remote: string, at = 30, own = '10.0.0.5', account = ACCOUNT): string {
  const [address, port] = remote.split(':');
  const start = START + at;
  return `2 ${account} eni-0a1b2c3d4e5f60718 ${own} ${address} 41000 ${port} 6 12 1800 ${start} ${start + 50} ACCEPT OK\n`;
}

/** A query for a name and its answer, as the Resolver logs it. */
export function queryLine(name: string, answer: string, at = 10, account = ACCOUNT): string {
  const stamp = `${new Date((START + at) * 1000).toISOString().slice(0, 19)}Z`;
  return `${JSON.stringify({
    version: '1.100000',
    account_id: account,
    region: 'us-east-1',
    vpc_id: 'vpc-0a1b2c3d4e5f60718',
    query_timestamp: stamp,
    query_name: `${name}.`,
    query_type: 'A',
    query_class: 'IN',
    rcode: 'NOERROR',
    answers: [{ Rdata: answer, Type: 'A', Class: 'IN' }],
    srcaddr: '10.0.0.5',
    srcport: '40000',
    transport: 'UDP',
    srcids: { instance: 'i-0a1b2c3d4e5f60718' },
  })}\n`;
}

/** An alert of Falco on a started process, outside containers. */
export function falcoLine(cmdline: string, at = 0): string {
  const [exe = ''] = cmdline.split(' ');
  const time = new Date((START + at) * 1000).toISOString();
  return `${JSON.stringify({
    hostname: 'ip-10-0-0-5',
    output: `process started ${cmdline}`,
    priority: 'Notice',
    rule: 'Made-up rule',
    source: 'syscall',
    tags: [],
    time,
    output_fields: {
      'container.id': 'host',
      'evt.time': (START + at) * 1e9,
      'evt.type': 'execve',
      'proc.cmdline': cmdline,
      'proc.exepath': exe,
      'proc.name': exe.slice(exe.lastIndexOf('/') + 1),
      'proc.pid': 4242,
      'user.uid': 0,
    },
  })}\n`;
}

/** A day of nothing: what a host does all the time. */
export const BENIGN = execLines(['/usr/bin/date', '+%s']) + execLines(['/usr/bin/ls', '-la', '/var/log'], { at: 1 });
