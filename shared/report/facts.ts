import type { Coverage } from '#shared/model/coverage.ts';
import { type Endpoint, parseEndpoint } from '#shared/model/endpoint.ts';
import type { DecidedEvidence, Finding } from '#shared/model/finding.ts';
import type { Group } from '#shared/model/groups.ts';
import type { Sample } from '#shared/model/indicator.ts';
import { type Artifact, type ArtifactKind, artifactKind, artifactValue } from '#shared/model/place.ts';
import { coinTicker } from './words.ts';

/** One sample and the evidence that holds it. */
interface Sighting {
  readonly evidence: DecidedEvidence;
  readonly sample: Sample;
}

/** What the steps of triage ask of a finding. */
export interface Facts {
  readonly finding: Finding;
  readonly coverage: Coverage;
  /** All samples of the finding's evidence, earliest first. */
  readonly sightings: readonly Sighting[];
}

export function factsOf(finding: Finding, coverage: Coverage): Facts {
  const sightings = finding.evidence.flatMap((evidence) => evidence.samples.map((sample) => ({ evidence, sample })));
  return { finding, coverage, sightings: sightings.sort((a, b) => a.sample.time - b.sample.time) };
}

/** The values of one kind among artifacts; a coin once, whether a miner gave its name or its ticker. */
export function valuesAmong(artifacts: readonly Artifact[], kind: ArtifactKind): readonly string[] {
  const values = artifacts.filter((one) => artifactKind(one) === kind).map(artifactValue);
  return kind === 'coin' ? [...new Set(values.map(coinTicker))].sort() : values;
}

/** The finding's artifacts of one kind. */
export const valuesOf = ({ artifacts }: Finding, kind: ArtifactKind): readonly string[] => valuesAmong(artifacts, kind);

/** The artifacts of one kind that one item of evidence names. */
export const namedBy = ({ artifacts }: DecidedEvidence, kind: ArtifactKind): readonly string[] =>
  valuesAmong(artifacts, kind);

export function evidenceOf(finding: Finding, group: Group): readonly DecidedEvidence[] {
  return finding.evidence.filter((one) => one.group === group);
}

export const unique = (all: readonly (string | undefined)[]): string[] => [
  ...new Set(all.filter((one): one is string => one !== undefined && one !== '')),
];

/** `a, b, c and 4 more`. */
export function list(all: readonly string[], most = 8): string {
  const more = all.length - most;
  return more <= 0 ? all.join(', ') : `${all.slice(0, most).join(', ')} and ${more} more`;
}

/** Processes that ran the miner or met the pool, and who started them. */
export interface Running {
  readonly pid: number | undefined;
  readonly name: string;
  readonly details: readonly string[];
}

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Programs that ask, fetch, look or set up: evidence may be of what they did, none of them is the miner. */
const TOOLS = words(`
  dig kdig delv drill dog host nslookup getent resolvectl whois ping ping6 traceroute tracepath mtr nc ncat netcat telnet
  curl wget aria2c openssl ssh scp rsync cat grep egrep sed awk gawk ls ps top pgrep pkill kill killall find tee cp mv rm ln
  chmod chown chattr tar unzip crontab at systemctl service sysctl modprobe insmod wrmsr rdmsr kmod nvidia-smi dnsmasq
  systemd-resolved unbound named nscd`);
/** Clients of container engines: what they started runs elsewhere, under its engine. */
const LAUNCHERS = words('docker podman nerdctl ctr crictl kubectl docker-compose');
/** Where packages put programs: a `dig` of another folder may be anything. */
const INSTALLED = /^(?:\/(?:usr\/(?:local\/)?)?(?:s?bin|lib\/systemd|libexec)\/)?[^/]+$/;

function isInstalled(executable: string, names: ReadonlySet<string>): boolean {
  return INSTALLED.test(executable) && names.has(executable.slice(executable.lastIndexOf('/') + 1));
}

const nameOf = ({ executable, pid, commandLine }: Sample): string | undefined =>
  executable ?? (pid === undefined ? undefined : commandLine?.split(' ', 1)[0]);

/** Whether evidence is of a process that mines or talks to the pool, rather than of what was asked, written or deleted. */
export function isOfMiner({ group, rule }: DecidedEvidence): boolean {
  if (group === 'miner_execution') return !/^(?:miner_config|binary_deletion|mining_order)/.test(rule);
  return group === 'pool_connection' && !rule.startsWith('lookup_tool');
}

/** Samples of such evidence whose process started and is none of the tools. */
export function minerSamples({ sightings }: Facts): readonly Sample[] {
  return sightings
    .filter(({ evidence, sample }) => isOfMiner(evidence) && sample.success !== false)
    .map(({ sample }) => sample)
    .filter((sample) => {
      const name = nameOf(sample);
      return (name ?? sample.pid) !== undefined && !isInstalled(name ?? '', TOOLS);
    });
}

/** Whether a sample's process is a client that has an engine start a container. */
export const startsContainer = (sample: Sample): boolean => isInstalled(nameOf(sample) ?? '', LAUNCHERS);

/** Processes that ran the miner or met the pool: neither look-up tools nor clients that start containers are among them. */
export function runningProcesses(facts: Facts): readonly Running[] {
  const seen = new Map<string, Running>();
  for (const sample of minerSamples(facts)) {
    if (startsContainer(sample)) continue;
    const name = nameOf(sample);
    const key = `${sample.pid ?? ''} ${name ?? ''}`;
    if (seen.has(key)) continue;
    seen.set(key, { pid: sample.pid, name: name ?? 'executable not recorded', details: detailsOf(sample) });
  }
  return [...seen.values()];
}

/** Parent and identity of a sample's process, each as `word value`. */
export function detailsOf(sample: Sample): string[] {
  const parent = [sample.parentPid, sample.parentName].filter((one) => one !== undefined).join(' ');
  const parts: readonly (readonly [string, string | number | undefined])[] = [
    ['parent', parent === '' ? undefined : parent],
    ['uid', sample.uid],
    ['login uid', sample.auid],
    ['session', sample.session],
    ['tty', sample.tty],
    ['cwd', sample.workingDirectory],
    ['container', sample.container],
    ['pod', sample.pod],
    ['task', sample.task],
    ['image', sample.image],
  ];
  return parts.filter(([, value]) => value !== undefined).map(([word, value]) => `${word} ${value}`);
}

/** The names and addresses of pools and proxies: named by a miner, looked up, or met on the wire. */
export interface PoolTargets {
  readonly names: readonly string[];
  readonly endpoints: readonly string[];
  /** Addresses that answered a lookup and were not met on the wire. */
  readonly answers: readonly string[];
}

const isAddress = (host: string): boolean => host.includes(':') || /^[\d.]+$/.test(host);

export function poolTargets(facts: Facts): PoolTargets {
  const { finding } = facts;
  const named = [...valuesOf(finding, 'pool'), ...valuesOf(finding, 'proxy')].map(parseEndpoint);
  const met = facts.sightings
    .filter(({ evidence }) => evidence.group === 'pool_connection')
    .map(({ sample }) => sample);
  const remotes = unique(met.map((sample) => sample.remote)).map(parseEndpoint);
  const addresses = [...named, ...remotes].filter(({ host }) => isAddress(host));
  const known = new Set(addresses.map(({ host }) => host));
  const withPort = addresses.filter(
    (one) => one.port !== undefined || !addresses.some((a) => a.host === one.host && a.port),
  );
  return {
    names: unique(
      [...named, ...remotes]
        .map(({ host }) => (isAddress(host) ? undefined : host))
        .concat(met.map((sample) => sample.query)),
    ).sort(),
    endpoints: unique(withPort.map(endpointText)).sort(),
    answers: unique(met.flatMap((sample) => sample.answer?.split(/[\s,]+/) ?? [])).filter(
      (one) => isAddress(one) && !known.has(one),
    ),
  };
}

function endpointText({ host, port }: Endpoint): string {
  const text = host.includes(':') ? `[${host}]` : host;
  return port === undefined ? text : `${text}:${port}`;
}

/** Pool artifacts, without the bare name where the same name is known with its port. */
export function poolValues(finding: Finding): readonly string[] {
  const values = valuesOf(finding, 'pool');
  return values.filter(
    (one) => parseEndpoint(one).port !== undefined || !values.some((other) => other.startsWith(`${one}:`)),
  );
}
