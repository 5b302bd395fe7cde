/** When the made-up chain was acted out, milliseconds since the epoch. */
export const ACTED = Date.parse('2026-11-24T22:00:00Z');
export const TEST_GROUP = '/davylamp-test/davylamp';

const hex = (text: string): string => Buffer.from(text).toString('hex').toUpperCase();
const plain = (text: string): boolean => /^[\x21-\x7e]+$/.test(text) && !text.includes('"');

/** auditd's two records of one exec by no session. */
function execLines(serial: number, executable: string, argv: readonly string[]): readonly string[] {
  const stamp = `msg=audit(${ACTED / 1000}.000:${serial}):`;
  const words = argv.map((word, at) => `a${at}=${plain(word) ? `"${word}"` : hex(word)}`);
  return [
    `type=SYSCALL ${stamp} arch=c000003e syscall=59 success=yes exit=0 ppid=1 pid=${4000 + serial} auid=4294967295 uid=0 gid=0 ses=4294967295 comm="made-up" exe="${executable}" key="exec"`,
    `type=EXECVE ${stamp} argc=${argv.length} ${words.join(' ')}`,
  ];
}

const ACTS: readonly (readonly [string, readonly string[]])[] = [
  ['/usr/sbin/wrmsr', ['wrmsr', '-a', '0x1a4', '0xf']],
  ['/tmp/xmrig', ['/tmp/xmrig', '-o', 'stratum+tcp://xmr-eu1.nanopool.org:10343']],
  ['/usr/bin/dig', ['dig', '+short', 'xmr-eu1.nanopool.org']],
  ['/usr/bin/bash', ['sh', '-c', 'echo "@reboot /tmp/xmrig" | crontab -']],
];

/** All four groups by starts of programs alone, the lines of each act together: no act needs another to be understood. */
export const CHAIN: readonly (readonly string[])[] = ACTS.map(([executable, argv], at) =>
  execLines(at + 1, executable, argv),
);

/** The miner's start as Falco tells of it. */
export function falcoLine(fields: Readonly<Record<string, unknown>> = {}, beside: object = {}): string {
  const time = '2026-11-24T22:00:00.000000000Z';
  const output_fields = {
    ...{ 'evt.type': 'execve', 'proc.cmdline': 'xmrig -o stratum+tcp://xmr-eu1.nanopool.org:10343' },
    ...{ 'proc.exepath': '/tmp/xmrig', 'proc.pid': 42, ...fields },
  };
  return JSON.stringify({
    output: 'x',
    priority: 'Notice',
    rule: 'x',
    source: 'syscall',
    time,
    output_fields,
    ...beside,
  });
}
