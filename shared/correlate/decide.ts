import { type Endpoint, parseEndpoint, sameEndpoint } from '../model/endpoint.ts';
import type { Evidence, Minutes } from '../model/evidence.ts';
import type { DecidedEvidence } from '../model/finding.ts';
import type { Strength } from '../model/groups.ts';
import { MINUTES_OF_AN_HOUR, minuteNumbers } from '../model/minutes.ts';
import { artifactKind, artifactValue, NETWORK_SCOPE } from '../model/place.ts';
import type { Linkable } from './linked-sets.ts';
import { type Session, sustainedSession } from './session.ts';

/** Rule of the miner evidence that is derived from a sustained pool session. */
export const SESSION_RULE = 'sustained_pool_session';

/** The pool endpoints (and, with `proxies`, the proxies) that evidence names. */
function endpointsOf(evidence: Evidence, proxies = false): Endpoint[] {
  return evidence.artifacts
    .filter((one) => artifactKind(one) === 'pool' || (proxies && artifactKind(one) === 'proxy'))
    .map((one) => parseEndpoint(artifactValue(one)));
}

/** Whether two items name one endpoint. */
export function shareEndpoint(a: Evidence, b: Evidence): boolean {
  const theirs = endpointsOf(b, true);
  return endpointsOf(a, true).some((mine) => theirs.some((other) => sameEndpoint(mine, other)));
}

/** Evidence of the host that more than one record must decide, in the order in which later decisions need earlier ones. */
export function decide(evidence: readonly Evidence[], linkable: Linkable): DecidedEvidence[] {
  const minerEndpoints = evidence
    .filter((one) => one.group === 'miner_execution' && one.strength !== 'note')
    .flatMap((one) => endpointsOf(one));
  const deleted = new Set(evidence.filter((one) => one.flags.includes('deleted')).flatMap((one) => one.artifacts));
  const minersOwn = new Set(
    evidence
      .filter((one) => one.group === 'miner_execution' && one.strength !== 'note')
      .flatMap((one) => one.artifacts.filter(linkable)),
  );
  const first = evidence.map((one) => startsMiner(one, minersOwn) ?? decideAlone(one, minerEndpoints, deleted));
  const chained = chainCandidates(first);
  return [...markSessions(chained)];
}

function decided(evidence: DecidedEvidence | Evidence, strength: Strength, because: string): DecidedEvidence {
  return { ...evidence, decided: strength, because };
}

/** Persistence is judged by what it starts: a harmless-looking line that starts the miner's own file is none. */
function startsMiner(one: Evidence, minersOwn: ReadonlySet<string>): DecidedEvidence | undefined {
  if (one.group !== 'persistence_setup' || one.strength === 'strong' || !one.flags.includes('write')) return undefined;
  const shared = one.artifacts.find((artifact) => minersOwn.has(artifact));
  return shared === undefined
    ? undefined
    : decided(one, 'strong', `it names what the miner evidence names: ${artifactValue(shared)}`);
}

function decideAlone(
  one: Evidence,
  minerEndpoints: readonly Endpoint[],
  deleted: ReadonlySet<string>,
): DecidedEvidence {
  const has = (flag: Evidence['flags'][number]): boolean => one.flags.includes(flag);
  if (has('forwarder')) return decided(one, 'note', 'seen at a forwarder (DNS server, NAT, load balancer or proxy)');
  if (
    has('common_option') &&
    one.strength === 'weak' &&
    one.artifacts.some((a) => a.startsWith('path:') && deleted.has(a))
  )
    return decided(one, 'strong', 'its binary was deleted');
  const named = (): boolean =>
    endpointsOf(one).some((mine) => minerEndpoints.some((other) => sameEndpoint(mine, other)));
  if (has('learned') && one.strength === 'weak' && !has('rejected')) {
    if (has('proxy')) return decided(one, 'weak', 'the proxy of a miner, not its pool');
    if (!named()) return decided(one, 'weak', 'a miner of another host named this endpoint');
    if (!has('candidate')) return decided(one, 'strong', "this host's own miner named this endpoint");
  }
  return { ...one, decided: one.strength };
}

/** The remote's items of one place, over the hours. */
function byRemote(evidence: readonly DecidedEvidence[]): Map<string, DecidedEvidence[]> {
  const remotes = new Map<string, DecidedEvidence[]>();
  for (const one of evidence) {
    if (!one.flags.includes('session')) continue;
    const key = `${one.place.scope}\u0000${one.rule}\u0000${one.linkKey}`;
    remotes.set(key, [...(remotes.get(key) ?? []), one]);
  }
  return remotes;
}

/**
 * A flow to an address that a pool's name gave counts for an hour after the answer, and on while flows go on without an
 * hour's gap: resolver logs carry no lifetime, and a session outlives its look-up.
 */
function chainCandidates(evidence: readonly DecidedEvidence[]): DecidedEvidence[] {
  const upgraded = new Map<DecidedEvidence, DecidedEvidence>();
  for (const items of byRemote(evidence).values()) {
    let last: number | undefined;
    for (const item of [...items].sort((a, b) => a.hour - b.hour)) {
      const both = (item.minutes?.out ?? 0n) | (item.minutes?.back ?? 0n);
      const minutes = minuteNumbers(item.hour, both);
      const from = minutes[0];
      const to = minutes.at(-1);
      if (from === undefined || to === undefined) continue;
      const mayChain = item.flags.includes('candidate') && !item.because?.startsWith('a miner of another');
      if (item.decided === 'strong') last = to;
      else if (mayChain && last !== undefined && from - last < MINUTES_OF_AN_HOUR) {
        upgraded.set(item, decided(item, 'strong', "goes on from a flow that followed the pool name's answer"));
        last = to;
      }
    }
  }
  return evidence.map((one) => upgraded.get(one) ?? (isStale(one) ? decided(one, 'note', STALE) : one));
}

const STALE = "the pool's name answered with this address more than an hour before, and nothing went there since";

const isStale = (one: DecidedEvidence): boolean =>
  one.decided === 'weak' && one.flags.includes('candidate') && one.flags.includes('session');

/** Sustained sessions: their flows say so, and each gives weak miner evidence of scope `network`. */
function* markSessions(evidence: readonly DecidedEvidence[]): Generator<DecidedEvidence> {
  const sessions = new Map<DecidedEvidence, Session>();
  for (const items of byRemote(evidence).values()) {
    const strong = items.filter((item) => item.decided === 'strong' && item.minutes !== undefined);
    const session = sustainedSession(new Map(strong.map((item) => [item.hour, item.minutes as Minutes])));
    if (session === undefined) continue;
    for (const item of strong) if (session.hours.has(item.hour)) sessions.set(item, session);
  }
  for (const one of evidence) {
    const session = sessions.get(one);
    yield session === undefined ? one : decided(one, 'strong', 'a sustained session: a miner at work');
    if (session !== undefined && one.place.scope === NETWORK_SCOPE) yield derivedMiner(one, session);
  }
}

/** Its reason is of all flows of the session, so no one event is named as the reason's. */
function derivedMiner({ whyEvent: _, ...flow }: DecidedEvidence, session: Session): DecidedEvidence {
  return {
    ...flow,
    group: 'miner_execution',
    rule: SESSION_RULE,
    technique: 'T1496.001',
    first: Math.max(flow.first, session.since),
    strength: 'weak',
    decided: 'weak',
    flags: [],
    artifacts: flow.artifacts,
    why: 'traffic to a pool in thirty of sixty minutes, answered: only a miner at work talks so',
    because: 'derived from the session',
  };
}

/** Whether a pool item belongs to a sustained session. */
export function isSustained(one: DecidedEvidence): boolean {
  return one.group === 'pool_connection' && one.because === 'a sustained session: a miner at work';
}
