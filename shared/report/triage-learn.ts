import type { DecidedEvidence } from '#shared/model/finding.ts';
import type { Sample } from '#shared/model/indicator.ts';
import { isContainerScope } from '#shared/model/place.ts';
import { spoolFile } from './crontab-entry.ts';
import { evidenceOf, type Facts, list, namedBy, poolTargets, poolValues, unique, valuesOf } from './facts.ts';
import { messageHolds, quoted } from './insights.ts';
import { command, regionOption } from './triage-stop.ts';
import { count, hostSort, isoHour, isoTime, linkKeyText } from './words.ts';

/** Event time of the finding's first evidence; the first hour where there is none. */
function firstSeen({ finding }: Facts): string {
  const first = Math.min(...finding.evidence.map((one) => one.first));
  return Number.isFinite(first) ? isoTime(first) : isoHour(finding.hours.from);
}

/** Event time of the first evidence of the miner or its pool. */
function miningSince(facts: Facts): string {
  const mining = facts.finding.evidence.filter(
    ({ group }) => group === 'miner_execution' || group === 'pool_connection',
  );
  const first = Math.min(...mining.map((one) => one.first));
  return Number.isFinite(first) ? isoTime(first) : isoHour(facts.finding.hours.from);
}

/** Step 5: what names the attacker, and a line to send to the pool. */
export function readConfiguration(facts: Facts): string[] {
  const { finding } = facts;
  const wallets = valuesOf(finding, 'wallet');
  const parts: readonly (readonly [string, readonly string[]])[] = [
    ['wallet (checksum verified)', wallets],
    ['coin', valuesOf(finding, 'coin')],
    ['worker', valuesOf(finding, 'worker')],
    ['pool', poolValues(finding)],
    ['proxy', valuesOf(finding, 'proxy')],
    ['algorithm', valuesOf(finding, 'algo')],
    ['miner', valuesOf(finding, 'miner')],
  ];
  const known = parts.filter(([, values]) => values.length > 0);
  const actions = known.map(([word, values]) => `The attacker's ${word}: ${list(values)}.`);
  if (wallets.length > 0) {
    const said = known
      .filter(([word]) => word !== 'pool' && word !== 'miner' && word !== 'proxy')
      .map(([word, values]) => `${word}: ${list(values, 4)}`);
    const { names, endpoints } = poolTargets(facts);
    const pool = poolValues(finding).length > 0 ? poolValues(finding) : [...names, ...endpoints];
    const where = pool.length === 0 ? '' : `; pool: ${list(pool, 4)}`;
    actions.push(
      `Report to the pool (copy): unauthorised mining on our systems. ${said.join('; ')}${where}; seen from ${miningSince(facts)}, last in the hour of ${isoHour(finding.hours.to)}.`,
    );
  }
  const files = configFiles(facts);
  if (files.length > 0)
    actions.push(`Read the configuration ${list(files, 4)}: more pools, wallets and the API token may be in it.`);
  if (wallets.length === 0) {
    const beside = unique(
      valuesOf(finding, 'path')
        .filter((path) => path.startsWith('/'))
        .map((path) => path.slice(0, path.lastIndexOf('/') + 1)),
    );
    const where = beside.length === 0 ? 'beside the binary' : `in ${list(beside, 3)}`;
    actions.push(
      `No wallet was seen: config.json ${where}, ~/.xmrig.json, or /proc/PID/cmdline and environ on ${finding.place.host} would tell.`,
    );
  }
  return actions;
}

const CONFIG_FILE = /\.(?:json|conf|cfg|ini|toml|ya?ml)$/;

function configFiles({ sightings }: Facts): string[] {
  const words = sightings.flatMap(({ evidence, sample }) =>
    evidence.group === 'miner_execution'
      ? [...(sample.commandLine ?? '').split(/[\s=]+/).map(unquoted), sample.path]
      : [],
  );
  return unique(words).filter((word) => word.length < 256 && CONFIG_FILE.test(word));
}

const unquoted = (word: string): string => word.replace(/^["']/, '').replace(/["']$/, '');

const THREADS =
  /(?:^|\s)(-t[ =]?\d{1,4}|--(?:threads|cpu-threads|cpu-max-threads-hint|max-cpu-usage)[ =]\d{1,4})(?=\s|$)/g;

/** Step 6: how long, with what, and how to price it: logs name no instance type. */
export function assessCost(facts: Facts): string[] {
  const { finding } = facts;
  const { host } = finding.place;
  const hours = finding.hours.to - finding.hours.from + 1;
  const actions = [
    `It mined for up to ${count(hours, 'hour')} as far as logs tell: first sign ${miningSince(facts)}, last in the hour of ${isoHour(finding.hours.to)}.`,
  ];
  const threads = unique(
    facts.sightings.flatMap(({ sample }) => [...(sample.commandLine ?? '').matchAll(THREADS)].map((one) => one[1])),
  );
  actions.push(
    threads.length > 0
      ? `Threads asked for: ${list(threads, 4)}.`
      : `No thread option was seen on ${host}: the miner takes what it finds; CloudWatch CPUUtilization since ${miningSince(facts)} would tell.`,
  );
  const tuned = unique([
    ...valuesOf(finding, 'register'),
    ...evidenceOf(finding, 'system_optimization').map((one) => one.samples[0]?.path),
  ]);
  if (tuned.length > 0) actions.push(`Tuned for mining, undo after the clean-up: ${list(tuned, 6)}.`);
  const bytes = facts.sightings
    .filter(({ sample }) => sample.bytes !== undefined && sample.remote !== undefined)
    .slice(0, 1);
  for (const { sample } of bytes)
    actions.push(`Traffic is small, the cost is CPU: one record of ${sample.remote} shows ${sample.bytes} bytes.`);
  actions.push(priceAction(facts, hours));
  return actions;
}

function priceAction({ finding, sightings }: Facts, hours: number): string {
  const { place } = finding;
  const price = `The logs don't name the size of ${place.host}: price is its on-demand rate x ${count(hours, 'hour')} x copies`;
  if (hostSort(place.host) === 'instance') {
    const type = command(
      [
        "aws ec2 describe-instances --query 'Reservations[].Instances[].InstanceType' --output text --instance-ids ",
        regionOption(place),
      ],
      place.host,
    );
    return type === undefined ? `${price}.` : `${price}. Its type: ${type}`;
  }
  const tasks = unique(sightings.map(({ sample }) => sample.task));
  if (hostSort(place.host) === 'ECS service') {
    const [cluster = ''] = place.host.split('/');
    const sizes = command(
      ["aws ecs describe-tasks --query 'tasks[].[cpu,memory]' --cluster ", ' --tasks ', regionOption(place)],
      cluster,
      tasks[0] ?? 'TASK',
    );
    return sizes === undefined ? `${price}.` : `${price}. vCPU and memory: ${sizes}`;
  }
  return `${price}. Cost Explorer, grouped by instance type and filtered to those hours, tells it too.`;
}

/** Step 7: ancestors, sessions and context, as far as they hint at how it came in. */
export function findWayIn(facts: Facts): string[] {
  const { finding, sightings } = facts;
  const actions: string[] = [];
  for (const evidence of evidenceOf(finding, 'context').slice(0, 6)) {
    const what = evidence.samples[0]?.commandLine ?? evidence.samples[0]?.path ?? evidence.why;
    actions.push(`${isoTime(evidence.first)} ${evidence.rule}: ${what}.`);
  }
  const urls = valuesOf(finding, 'url');
  if (urls.length > 0) actions.push(`Downloaded from ${list(urls, 6)}: who fetched it, and what else came from there?`);
  const chains = unique(
    sightings.map(({ sample }) =>
      sample.ancestors === undefined || sample.ancestors.length === 0 ? undefined : sample.ancestors.join(' < '),
    ),
  );
  if (chains.length > 0) actions.push(`Started by (nearest first): ${list(chains, 3)}.`);
  const sessions = unique(sightings.map(({ sample }) => sessionText(sample)));
  if (sessions.length > 0)
    actions.push(
      `Login: ${list(sessions, 4)}. Where did it come from? sshd in the auth log of ${finding.place.host} names address and key.`,
    );
  const keys = finding.linkKeys.filter((key) => key !== '-' && key !== '+' && !key.startsWith('ses:')).map(linkKeyText);
  if (keys.length > 0) actions.push(`The acts belong to ${list(keys, 4)}.`);
  const images = unique(sightings.map(({ sample }) => sample.image));
  if (images.length > 0)
    actions.push(
      `Image ${list(images, 4)}: was the miner in it? Who pushed and who started it (CloudTrail, Kubernetes audit log)?`,
    );
  actions.push(whereElse(facts, actions.length > 0));
  return actions;
}

function sessionText(sample: {
  readonly auid?: string;
  readonly session?: string;
  readonly tty?: string;
}): string | undefined {
  if (sample.auid === undefined && sample.session === undefined) return undefined;
  const parts = [
    sample.auid && `login uid ${sample.auid}`,
    sample.session && `session ${sample.session}`,
    sample.tty && `tty ${sample.tty}`,
  ];
  return unique(parts.map((one) => one || undefined)).join(', ');
}

function whereElse(facts: Facts, hinted: boolean): string {
  const { place } = facts.finding;
  const what = isContainerScope(place.scope)
    ? 'the application log of the container, and CloudTrail or the Kubernetes audit log'
    : 'sshd and web server logs, and CloudTrail (StartSession, SendCommand, RunInstances)';
  const begin = hinted
    ? 'Before that'
    : facts.coverage.process
      ? 'No ancestor, session or download was recorded'
      : 'No process source here: nothing read tells how it came in';
  return `${begin}: ${what} for the hour before ${firstSeen(facts)} on ${place.host} would tell.`;
}

/** Paths that the attacker chose: those of the miner and of what brought it, not the system's own that were written. */
function ownPaths({ finding }: Facts): string[] {
  return unique(
    finding.evidence
      .filter(({ group }) => group === 'miner_execution' || group === 'context')
      .flatMap((one) => namedBy(one, 'path')),
  );
}

/** Step 8: strings that stay the same on other hosts, and queries that find them. */
export function hunt(facts: Facts): string[] {
  const { finding } = facts;
  const { names, endpoints } = poolTargets(facts);
  const written = [
    ...valuesOf(finding, 'wallet'),
    ...valuesOf(finding, 'worker').filter((one) => one.length >= 6),
    ...valuesOf(finding, 'url'),
    ...ownPaths(facts),
    ...valuesOf(finding, 'cmd'),
  ];
  const actions = written.length === 0 ? [] : [`Strings of this attacker: ${list(unique(written), 12)}.`];
  const inText = unique([
    ...valuesOf(finding, 'wallet'),
    ...names,
    ...valuesOf(finding, 'url'),
    ...ownPaths(facts),
  ]).slice(0, 6);
  if (inText.length > 0) {
    const auditd = facts.coverage.sources.some(({ format }) => format === 'auditd');
    actions.push(
      `Logs Insights, process logs of all accounts: fields @timestamp, @log, @message | filter ${inText.map((one) => messageHolds(one, auditd)).join(' or ')}`,
    );
  }
  if (names.length > 0) {
    actions.push(
      `Logs Insights, Resolver query logs: stats count() by srcaddr, query_name | filter ${names
        .slice(0, 6)
        .map((one) => `query_name like ${quoted(one)}`)
        .join(' or ')}`,
    );
  }
  const addresses = unique(endpoints.map(addressFilter)).slice(0, 6);
  if (addresses.length > 0)
    actions.push(
      `Logs Insights, flow logs: stats sum(bytes) by srcAddr, dstAddr, dstPort | filter ${addresses.join(' or ')}`,
    );
  if (actions.length === 0) {
    actions.push(
      `Nothing of this finding is the attacker's own string: look for other hosts that run ${list(unique(finding.evidence.map((one) => one.samples[0]?.executable ?? one.rule)), 4)}.`,
    );
  }
  const same = unique(facts.sightings.map(({ sample }) => sample.image));
  if (same.length > 0) actions.push(`Everything else that runs ${list(same, 4)}.`);
  return actions;
}

function addressFilter(endpoint: string): string {
  const colon = endpoint.startsWith('[') ? endpoint.indexOf(']') + 1 : endpoint.indexOf(':');
  const end = colon <= 0 ? endpoint.length : colon;
  const host = endpoint.slice(0, end).replace(/^\[|\]$/g, '');
  const port = endpoint.slice(end + 1);
  return port === '' ? `dstAddr = ${quoted(host)}` : `(dstAddr = ${quoted(host)} and dstPort = ${port})`;
}

const WRITABLE = /^\/(?:tmp|var\/tmp|dev\/shm|run\/user|home\/[^/]+\/\.)/;

/** The file of a sample; for a temporary file of crontab(1), the folder: the name is never used again. */
function watched({ path }: Sample): string | undefined {
  const spool = path === undefined ? undefined : spoolFile(path);
  return spool !== undefined && spool.user === undefined ? spool.folder : path;
}

/**
 * Files that ran: the executables of processes, and, since samples are few, the paths that evidence of a miner's start
 * names beside such an executable. What was only written or named is not among them.
 */
function executed({ finding }: Facts): string[] {
  const ran = ({ samples }: DecidedEvidence): string[] =>
    unique(samples.map((one) => (one.success === false && one.path === undefined ? undefined : one.executable)));
  const started = finding.evidence.flatMap((one) => {
    const paths = namedBy(one, 'path');
    const ofStarts =
      one.group === 'miner_execution' &&
      one.samples.every(({ path, success }) => path === undefined && success !== false);
    return ofStarts && ran(one).some((path) => paths.includes(path)) ? paths : [];
  });
  return unique([...finding.evidence.flatMap(ran).map((path) => path.replace(/ \(deleted\)$/, '')), ...started]);
}

/** Step 9: what would have stopped this one. */
export function prevent(facts: Facts): string[] {
  const { finding, coverage } = facts;
  const { names, endpoints } = poolTargets(facts);
  const { host, scope } = finding.place;
  const actions: string[] = [];
  const pools = [...names, ...endpoints];
  if (pools.length > 0) actions.push(`Outbound allow-list for ${host}: it had no need to reach ${list(pools, 4)}.`);
  const writable = executed(facts).filter((path) => WRITABLE.test(path));
  if (writable.length > 0) actions.push(`Mount writable folders noexec: ${list(writable, 4)} ran from one.`);
  const entries = evidenceOf(finding, 'persistence_setup').flatMap((one) => one.samples.map(watched));
  if (unique(entries).length > 0) actions.push(`Watch these for changes, with an alarm: ${list(unique(entries), 4)}.`);
  if (entries.some((path) => path?.endsWith('authorized_keys')))
    actions.push(`Replace the SSH keys of ${host} by Session Manager, and rotate what could be read there.`);
  const tuned = evidenceOf(finding, 'system_optimization').flatMap((one) => [
    ...namedBy(one, 'register'),
    ...one.samples.map((sample) => sample.path),
  ]);
  if (unique(tuned).length > 0)
    actions.push(
      `No root, CAP_SYS_ADMIN or privileged container where it is not needed: ${list(unique(tuned), 4)} took it.`,
    );
  const logins = unique(
    facts.sightings.map(({ sample }) => (sample.auid === undefined ? undefined : `login uid ${sample.auid}`)),
  );
  if (logins.length > 0) actions.push(`Revoke and replace the credentials of ${list(logins, 4)} on ${host}.`);
  const urls = valuesOf(finding, 'url');
  if (urls.length > 0) actions.push(`Block downloads from ${list(urls, 4)}.`);
  if (isContainerScope(scope))
    actions.push(`Run ${scope} read-only, as non-root, from an image pinned by digest, with a CPU limit.`);
  const blind = [
    coverage.process ? '' : 'process (auditd, Falco)',
    coverage.resolver ? '' : 'Resolver query',
    coverage.flow ? '' : 'VPC flow',
  ].filter((one) => one !== '');
  if (blind.length > 0) actions.push(`See more next time: no ${blind.join(', no ')} logs of ${host} were read.`);
  if (actions.length === 0)
    actions.push(
      `Limit what ${host} may run: ${list(unique(finding.evidence.map((one) => one.samples[0]?.executable ?? one.rule)), 4)} was not stopped.`,
    );
  return actions;
}
