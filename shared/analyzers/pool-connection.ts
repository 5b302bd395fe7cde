import { learnerOf, programKey } from '#shared/intel/learner.ts';
import { canonicalAddress } from '#shared/model/address.ts';
import type { Analyzer } from '#shared/model/analyzer.ts';
import { type Endpoint, endpointArtifact, parseEndpoint } from '#shared/model/endpoint.ts';
import { CLASS, type NetworkActivity, type NetworkEndpoint, type Process } from '#shared/model/event.ts';
import type { Strength } from '#shared/model/groups.ts';
import type { Flag, Verdict } from '#shared/model/indicator.ts';
import type { Binding, Intel, LearnedEndpoint, WatchList } from '#shared/model/intel.ts';
import { type Artifact, artifactKind, artifactValue } from '#shared/model/place.ts';
import { baseName } from './command/names.ts';
import { isMinersOwnPath } from './miner/actor.ts';
import { spokenByMiner } from './miner/miner-arguments.ts';
import { isPoolKind, isStratum, listing, POOL_TECHNIQUE } from './pool-lookup.ts';

const TCP = 6;
/** Linux gives out source ports from here on (ip_local_port_range); pools may listen up there too. */
const FIRST_EPHEMERAL = 32_768;
/** Below are the ports of well-known services (RFC 6335, 6). */
const FIRST_UNPRIVILEGED = 1024;
/** The host's clock may run behind the resolver's by this much; flows need none, both times are AWS's. */
const CLOCK_SLACK_MS = 120_000;
const MAX_LEARNED = 8;

/** Why a remote counts, before what the flow itself says is weighed in. */
interface Finding {
  readonly strength: Strength;
  readonly flags: readonly Flag[];
  readonly artifacts: readonly Artifact[];
  readonly why: string;
  /** A stratum endpoint, listed, bound or a miner's own: its minutes can make a session where it is strong. */
  readonly stratum: boolean;
}

/** One reading of a flow: which side is the pool and which is the host that the verdict is about. */
interface Reading {
  readonly remote: NetworkEndpoint;
  readonly own: NetworkEndpoint | undefined;
  readonly direction: 'out' | 'back';
  readonly finding: Finding;
}

/**
 * A connection to a mining pool, seen by a flow log or a sensor: the remote is a listed address, one that a pool's name
 * answered with lately, or one that a miner named, by address, or by name where it goes there itself. Either direction of a flow counts. A reader of flow logs asks
 * `Interest.address`, so it names no needle.
 */
export const poolConnection: Analyzer = {
  id: 'pool_connection',
  version: 1,
  title: 'Connection to a mining pool',
  group: 'pool_connection',
  technique: POOL_TECHNIQUE,
  classes: [CLASS.network],
  needles: [],
  decide(event, intel, watch) {
    if (event.class !== CLASS.network) return [];
    const readings = readingsOf(event, intel, watch);
    return readings.map((reading) => verdictOf(event, reading, readings.length > 1));
  },
};

/** The sides that are pools. The claims' own side is none; where it is unknown, both are tried. */
function readingsOf(event: NetworkActivity, intel: Intel, watch: WatchList): readonly Reading[] {
  const readings: Reading[] = [];
  if (event.own !== 'dst') {
    const match = firstMatch(event, [event.dst, moved(event.dst, event.packetDst)], intel, watch);
    if (match !== undefined) readings.push({ ...match, own: event.src, direction: 'out' });
  }
  if (event.own !== 'src' && event.src !== undefined) {
    const match = firstMatch(event, [event.src, moved(event.src, event.packetSrc)], intel, watch);
    if (match !== undefined) readings.push({ ...match, own: event.dst, direction: 'back' });
  }
  return readings;
}

/** The same side by its address before translation, where that differs: behind a NAT gateway only it is the pool's. */
function moved(side: NetworkEndpoint, packetIp: string | undefined): NetworkEndpoint | undefined {
  return packetIp === undefined || packetIp === side.ip ? undefined : { ...side, ip: packetIp };
}

function firstMatch(
  event: NetworkActivity,
  remotes: readonly (NetworkEndpoint | undefined)[],
  intel: Intel,
  watch: WatchList,
): { remote: NetworkEndpoint; finding: Finding } | undefined {
  for (const remote of remotes) {
    if (remote === undefined) continue;
    const finding =
      listedFinding(remote, intel) ??
      boundFinding(event, remote, intel, watch) ??
      learnedFinding(remote, watch) ??
      minersOwnFinding(event, remote, intel, watch);
    if (finding !== undefined) return { remote, finding };
  }
  return undefined;
}

function listedFinding(remote: NetworkEndpoint, intel: Intel): Finding | undefined {
  const entry = intel.address(remote.ip, remote.port);
  if (entry === undefined) return undefined;
  // A flow that hides its port may have gone to another one.
  const portUnknown = entry.port !== undefined && remote.port === undefined;
  return {
    strength: portUnknown ? 'weak' : 'strong',
    flags: [],
    artifacts: [artifactOf(remote)],
    why: `${textOf(remote)} is listed as a pool of ${entry.operator} (${entry.source}, ${entry.date})`,
    stratum: !portUnknown,
  };
}

function boundFinding(
  event: NetworkActivity,
  remote: NetworkEndpoint,
  intel: Intel,
  watch: WatchList,
): Finding | undefined {
  if (intel.shared(remote.ip)) return undefined;
  const findings = bindingsOf(event, remote.ip, watch).flatMap((binding) => bindingFinding(remote, binding, intel));
  return (
    findings.find(({ strength }) => strength === 'strong') ?? findings.find(({ stratum }) => stratum) ?? findings[0]
  );
}

/** Bindings at any time of the flow: records start before the answer that they follow, so its end is asked for first. */
function bindingsOf(event: NetworkActivity, ip: string, watch: WatchList): readonly Binding[] {
  const { account, vpc } = event.claims;
  const end = event.end ?? event.time;
  const times =
    event.actor === undefined ? [end, event.start ?? event.time] : [event.time, event.time + CLOCK_SLACK_MS];
  const bindings = times.flatMap((at) => watch.resolved(account, vpc, ip, at));
  return bindings.toSorted((a, b) => Number(b.direct) - Number(a.direct) || Number(a.learned) - Number(b.learned));
}

function bindingFinding(remote: NetworkEndpoint, binding: Binding, intel: Intel): Finding[] {
  const when = binding.direct ? 'within the hour' : 'within the window';
  const answered = `${textOf(remote)}: ${binding.name} answered with this address ${when}`;
  const port = binding.port ?? remote.port;
  const artifacts = [
    artifactOf(remote),
    endpointArtifact(port === undefined ? { host: binding.name } : { host: binding.name, port }),
  ];
  const flags: Flag[] = binding.direct ? [] : ['candidate'];
  if (binding.learned) {
    if (binding.port !== undefined && remote.port !== undefined && binding.port !== remote.port) return [];
    const why = `${answered}, and a miner named it as its pool`;
    return [{ strength: 'weak', flags: ['learned', ...flags], artifacts, why, stratum: true }];
  }
  const match = intel.name(binding.name);
  if (match === undefined || !isPoolKind(match.entry)) return [];
  const stratum = isStratum(match);
  const strength = stratum && binding.direct ? 'strong' : 'weak';
  return [{ strength, flags, artifacts, why: `${answered}, and ${listing(match.entry)}`, stratum }];
}

function learnedFinding(remote: NetworkEndpoint, watch: WatchList): Finding | undefined {
  const learned = watch.endpoint(remote.ip, remote.port).slice(0, MAX_LEARNED);
  if (learned.length === 0) return undefined;
  const proxy = learned.every((one: LearnedEndpoint) => one.proxy);
  return {
    strength: 'weak',
    flags: proxy ? ['learned', 'proxy'] : ['learned'],
    artifacts: [...new Set([artifactOf(remote), ...learned.map(({ endpoint }) => endpointArtifact(endpoint))])],
    why: `${textOf(remote)} was named by a miner as its ${proxy ? 'proxy' : 'pool'}`,
    stratum: !proxy,
  };
}

const NOWHERE = /^(?:127\.|0\.|169\.254\.|::1?$|fe80:)/;

/**
 * A connection that a miner's own process makes to the port of a pool that it named by name: resolvers answer from
 * caches that no log sees, so whatever address it went to was the pool's. The process is known by its own words, or by
 * its program's path on the same host. That this host's own miner named the endpoint, the fold finds again.
 */
function minersOwnFinding(
  event: NetworkActivity,
  remote: NetworkEndpoint,
  intel: Intel,
  watch: WatchList,
): Finding | undefined {
  const { actor } = event;
  if (actor === undefined || remote.port === undefined || event.dst.ip !== remote.ip) return undefined;
  if ((event.protocol ?? TCP) !== TCP || NOWHERE.test(remote.ip)) return undefined;
  const port = remote.port;
  const path = actor.executable;
  const byPath =
    path === undefined ? [] : watch.name(programKey(learnerOf(event.claims), path)).map(({ endpoint }) => endpoint);
  const named = [...byPath, ...endpointsSpoken(actor, port, intel)].filter(
    (one) => one.port === port && canonicalAddress(one.host) === undefined,
  );
  const [first] = named;
  if (first === undefined) return undefined;
  return {
    strength: 'weak',
    flags: ['learned'],
    artifacts: [...new Set([artifactOf(remote), ...named.slice(0, MAX_LEARNED).map(endpointArtifact)])],
    why: `${textOf(remote)} was met by the miner itself at the port of its pool ${first.host}:${port}`,
    stratum: true,
  };
}

/** The pools in a process's own words, where these are a miner's. */
function endpointsSpoken(actor: Process, port: number, intel: Intel): readonly Endpoint[] {
  const text = String(port);
  const self = baseName(actor.executable ?? actor.argv?.[0] ?? '');
  if (self === '' || !isMinersOwnPath(`/${self}`)) return [];
  if (actor.argv?.some((word) => word.includes(text)) !== true) return [];
  return spokenByMiner(actor, intel)
    .filter(({ flags }) => flags?.includes('launch') !== true)
    .flatMap(({ artifacts }) => artifacts.filter((one) => artifactKind(one) === 'pool'))
    .map((one) => parseEndpoint(artifactValue(one)));
}

function verdictOf(event: NetworkActivity, reading: Reading, ambiguous: boolean): Verdict {
  const { remote, own, finding } = reading;
  const isFlow = event.actor === undefined;
  const rejected = event.accepted === false;
  const visit = isVisit(remote, own);
  const session = isFlow && finding.stratum && !rejected && !visit && !ambiguous && (event.protocol ?? TCP) === TCP;
  const why = visit ? `${finding.why}; it came to port ${own?.port} here, so it is a visitor` : finding.why;
  return {
    strength: visit
      ? 'note'
      : rejected || ambiguous || (event.protocol ?? TCP) !== TCP
        ? weakened(finding)
        : finding.strength,
    artifacts: finding.artifacts,
    flags: [...finding.flags, ...(rejected ? (['rejected'] as const) : []), ...(session ? (['session'] as const) : [])],
    why,
    ...(isFlow ? { part: `${textOf(remote)}${visit ? '-visit' : rejected ? '-refused' : ''}` } : {}),
    ...(session ? { minutes: { direction: reading.direction, ...timesOf(event) } } : {}),
    ...(isFlow && event.own === undefined && own !== undefined ? { claims: { ...event.claims, address: own.ip } } : {}),
  };
}

function weakened({ strength }: Finding): Strength {
  return strength === 'strong' ? 'weak' : strength;
}

/** The remote's port is one that clients get and ours one that servers have: it visits us, we don't mine there. */
function isVisit(remote: NetworkEndpoint, own: NetworkEndpoint | undefined): boolean {
  return (
    (remote.port ?? 0) >= FIRST_EPHEMERAL && own?.port !== undefined && own.port > 0 && own.port < FIRST_UNPRIVILEGED
  );
}

function timesOf(event: NetworkActivity): { from: number; to: number } {
  const from = event.start ?? event.time;
  return { from, to: Math.max(from, event.end ?? from) };
}

function artifactOf(remote: NetworkEndpoint): Artifact {
  return endpointArtifact(remote.port === undefined ? { host: remote.ip } : { host: remote.ip, port: remote.port });
}

function textOf({ ip, port }: NetworkEndpoint): string {
  if (port === undefined) return ip;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}
