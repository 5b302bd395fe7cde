import { REGION } from '../local/account.ts';
import type { Deployment } from '../local/deployment.ts';

/** One line of a log and its time in milliseconds. */
interface Line {
  readonly message: string;
  readonly timestamp: number;
}

/** A machine on which somebody mines. */
export interface Victim {
  readonly instance: string;
  readonly eni: string;
  readonly address: string;
  /** When the intrusion began, milliseconds since the epoch. */
  readonly start: number;
}

/** What an intruder does, in whatever order. All of them in one login session. */
export type Act = 'miner' | 'pool' | 'persistence' | 'optimization';
export const CHAIN: readonly Act[] = ['miner', 'pool', 'persistence', 'optimization'];

export const RUNTIME_GROUP = '/hosts/audit';
export const FLOW_GROUP = '/vpc/flow';
export const RESOLVER_GROUP = '/vpc/resolver';
export const VPC = 'vpc-00400000000000000';
export const ACCOUNT_ID = '111122223333';

const POOL = 'pool.supportxmr.com';
const WALLET = '48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU5xvqgzYnDK9URnRoJMk1j8nLwEVsaSWJ4fhdUyZijBGUicoD';
const PROGRAM = '/var/tmp/.x/xmrig';
const HOUR = 3_600_000;

/** A victim that differs from all others by its number. Its intrusion lies in one hour, which is over. */
export function victim(number: number, hoursAgo = 2): Victim {
  return {
    instance: `i-${number.toString(16).padStart(17, '0')}`,
    eni: `eni-${number.toString(16).padStart(17, '0')}`,
    address: `10.40.${Math.floor(number / 250)}.${(number % 250) + 1}`,
    start: Math.floor(Date.now() / HOUR) * HOUR - hoursAgo * HOUR,
  };
}

/** Writes to the log groups what auditd and the resolver saw of the acts. */
export async function attack(deployment: Deployment, { instance, address, start }: Victim, acts: readonly Act[]) {
  const audit = acts.flatMap((act) => auditLines(act, start));
  if (audit.length > 0) await deployment.logs.append(RUNTIME_GROUP, instance, audit);
  if (!acts.includes('pool')) return;
  await deployment.logs.append(RESOLVER_GROUP, VPC, [lookup({ address, instance, at: start + 61_000 })]);
}

/** What auditd says of one act, without the name of the host: whose stream it is in tells. */
export function auditLines(act: Act, start: number, node = ''): readonly Line[] {
  switch (act) {
    case 'miner':
      return executed(minerOf(`${POOL}:3333`), { at: start + 60_000, serial: 100, node });
    case 'persistence': {
      const line = `echo "*/5 * * * * root ${PROGRAM}" > /etc/cron.d/sync`;
      return executed(['/bin/sh', '-c', line], { at: start + 120_000, serial: 200, node, exe: '/usr/bin/dash' });
    }
    case 'optimization':
      return executed(['wrmsr', '-a', '0x1a4', '0xf'], {
        at: start + 180_000,
        serial: 300,
        node,
        exe: '/usr/sbin/wrmsr',
      });
    case 'pool':
      return [];
  }
}

/** The command line of a miner for an endpoint. */
export function minerOf(endpoint: string): readonly string[] {
  return [PROGRAM, '-o', `stratum+tcp://${endpoint}`, '-u', WALLET, '-k', '--donate-level=1'];
}

interface Execution {
  readonly at: number;
  readonly serial: number;
  readonly node?: string;
  readonly exe?: string;
}

/** The records of auditd for one executed program. */
export function executed(
  argv: readonly string[],
  { at, serial, node = '', exe = argv[0] ?? '' }: Execution,
): readonly Line[] {
  const message = `msg=audit(${(at / 1000).toFixed(3)}:${serial}):`;
  const name = node === '' ? '' : `node=${node} `;
  const ids = 'auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=5';
  const comm = exe.slice(exe.lastIndexOf('/') + 1);
  return [
    `${name}type=SYSCALL ${message} arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=8 items=2 ppid=5099 pid=5100 ${ids} comm="${comm}" exe="${exe}" key="exec"`,
    `${name}type=EXECVE ${message} argc=${argv.length} ${argv.map((one, place) => `a${place}=${argument(one)}`).join(' ')}`,
    `${name}type=CWD ${message} cwd="/root"`,
    `${name}type=EOE ${message} `,
  ].map((text) => ({ message: text, timestamp: at }));
}

/** auditd writes what holds a space or a quote in hexadecimal digits. */
function argument(text: string): string {
  return /[\s"]/.test(text) ? Buffer.from(text).toString('hex').toUpperCase() : `"${text}"`;
}

interface Lookup {
  readonly address: string;
  readonly at: number;
  readonly instance?: string;
  readonly name?: string;
  readonly answer?: string;
}

/** A record of the resolver's query log for the name of a pool. */
export function lookup({ address, at, instance, name = POOL, answer = '203.0.113.2' }: Lookup): Line {
  const record = {
    ...{ version: '1.100000', account_id: ACCOUNT_ID, region: REGION, vpc_id: VPC },
    query_timestamp: `${new Date(at).toISOString().slice(0, 19)}Z`,
    ...{ query_name: `${name}.`, query_type: 'A', query_class: 'IN', rcode: 'NOERROR' },
    answers: [{ Rdata: answer, Type: 'A', Class: 'IN' }],
    ...{ srcaddr: address, srcport: '40000', transport: 'UDP' },
    srcids: instance === undefined ? {} : { instance },
  };
  return { message: JSON.stringify(record), timestamp: at };
}

interface Connection extends Pick<Victim, 'eni' | 'address'> {
  readonly remote: string;
  readonly port: number;
  readonly at: number;
}

/** Records of a flow log with the fields that it has by default, in which interface and address alone name the host. */
export function flowLines(connections: readonly Connection[]): readonly Line[] {
  return connections.map(({ eni, address, remote, port, at }) => {
    const start = Math.floor(at / 1000);
    const message = `2 ${ACCOUNT_ID} ${eni} ${address} ${remote} 41000 ${port} 6 20 9000 ${start} ${start + 58} ACCEPT OK`;
    return { message, timestamp: at };
  });
}

const DEFAULT_FIELDS =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';

/** The same as an object in a bucket, header included. */
export function flowLog(connections: readonly Connection[]): string {
  return [DEFAULT_FIELDS, ...flowLines(connections).map(({ message }) => message), ''].join('\n');
}

/** A flow log whose records name the instance too. */
export function namingFlowLog(connections: readonly (Connection & Pick<Victim, 'instance'>)[]): string {
  const records = connections.map(({ instance, ...one }) => {
    const [version = '', account = '', eni = '', ...rest] = (flowLines([one])[0]?.message ?? '').split(' ');
    return [version, account, VPC, eni, instance, ...rest].join(' ');
  });
  return [DEFAULT_FIELDS.replace('interface-id', 'vpc-id interface-id instance-id'), ...records, ''].join('\n');
}

/** EC2's inventory of a victim. */
export function inventoryOf({ eni, instance, address, start }: Victim): Readonly<Record<string, unknown>> {
  return {
    ...{ NetworkInterfaceId: eni, VpcId: VPC, OwnerId: ACCOUNT_ID, InterfaceType: 'interface' },
    PrivateIpAddress: address,
    PrivateIpAddresses: [{ PrivateIpAddress: address, Primary: true }],
    Attachment: { InstanceId: instance, AttachTime: new Date(start - 86_400_000).toISOString() },
  };
}
