import { type Evidence, evidenceKey } from '../model/evidence.ts';
import type { Apart, DecidedEvidence, LeftOut } from '../model/finding.ts';
import { compareSeverity, type Severity } from '../model/groups.ts';
import type { Matrix } from '../model/matrix.ts';
import {
  artifactKind,
  artifactValue,
  HOST_SCOPE,
  isContainerScope,
  NETWORK_SCOPE,
  type Place,
} from '../model/place.ts';
import { decide, SESSION_RULE, shareEndpoint } from './decide.ts';
import { compareEvaluations, type Evaluation, evaluate } from './evaluate.ts';
import { type Linkable, type LinkedSet, linkedSets } from './linked-sets.ts';
import { mergeRises, nextCase } from './matrix.ts';

/** What the evidence of one episode says, before any head is looked at. */
export interface EpisodeView {
  /** First and last hour. */
  readonly from: number;
  readonly to: number;
  readonly severity: Severity | undefined;
  readonly rises: Evaluation['rises'];
  readonly counted: readonly DecidedEvidence[];
  readonly leftOut: readonly LeftOut[];
  readonly apart: readonly Apart[];
  readonly linkKeys: LinkedSet['keys'];
  readonly next: ReturnType<typeof nextCase>;
  /** The host has a scope with miner evidence of its own: this network episode belongs there. */
  readonly superseded: boolean;
}

const isMiner = (one: DecidedEvidence): boolean => one.group === 'miner_execution' && one.decided !== 'note';
const opensEpisode = (one: DecidedEvidence): boolean =>
  (one.group === 'miner_execution' || one.group === 'pool_connection') && one.decided !== 'note';

/**
 * Folds all evidence of a host to the episodes of one of its scopes. Pure and order-free: the same evidence gives the
 * same groups, severities, rises and artifacts.
 */
export function fold(
  place: Place,
  hostEvidence: readonly Evidence[],
  matrix: Matrix,
  linkable: Linkable,
): readonly EpisodeView[] {
  const all = decide(
    [...hostEvidence].sort((a, b) => (evidenceKey(a) < evidenceKey(b) ? -1 : 1)),
    linkable,
  );
  const own = ownEvidence(place.scope, all, linkable);
  const network = place.scope === NETWORK_SCOPE ? [] : joiningNetwork(own, all);
  return episodes(own, network, matrix.windowHours).map((span) =>
    view(place.scope, span, own, network, all, matrix, linkable),
  );
}

/** The scope's own evidence: a container has launches and writes of the host that name its artifacts, the host lacks them. */
function ownEvidence(scope: string, all: readonly DecidedEvidence[], linkable: Linkable): DecidedEvidence[] {
  const own = all.filter((one) => one.place.scope === scope);
  const movable = all.filter(
    (one) => one.place.scope === HOST_SCOPE && (one.flags.includes('launch') || one.flags.includes('write')),
  );
  if (movable.length === 0 || scope === NETWORK_SCOPE) return own;
  if (scope === HOST_SCOPE) {
    const kept = own.filter((one) => isMiner(one) && !one.flags.includes('launch'));
    const keptArtifacts = linkableArtifacts(kept, linkable);
    const names = (one: DecidedEvidence): boolean => one.artifacts.some((a) => keptArtifacts.has(a));
    const stays = new Set(withSameLaunch(movable.filter(names), movable));
    const containers = new Set(all.map((one) => one.place.scope).filter(isContainerScope));
    const taken = new Set([...containers].flatMap((other) => movedTo(other, all, movable, linkable)));
    return own.filter((one) => !taken.has(one) || stays.has(one));
  }
  return [...own, ...movedTo(scope, all, movable, linkable)];
}

/**
 * Acts of the host that belong to a container with a miner: they name an artifact of its evidence, or start the miner's
 * image that its own miner evidence names; what the same launch said besides goes with them.
 */
function movedTo(
  scope: string,
  all: readonly DecidedEvidence[],
  movable: readonly DecidedEvidence[],
  linkable: Linkable,
): DecidedEvidence[] {
  const own = all.filter((one) => one.place.scope === scope);
  const miners = own.filter(isMiner);
  if (miners.length === 0) return [];
  const artifacts = linkableArtifacts(own, linkable);
  const images = new Set(miners.flatMap(imagesOf));
  const named = movable.filter(
    (one) =>
      one.artifacts.some((a) => artifacts.has(a)) ||
      (one.flags.includes('launch') && imagesOf(one).some((image) => images.has(image))),
  );
  return withSameLaunch(named, movable);
}

/** The given evidence, and launch evidence of one event with launches among it: one `docker run` is one act. */
function withSameLaunch(named: readonly DecidedEvidence[], movable: readonly DecidedEvidence[]): DecidedEvidence[] {
  const launches = (one: DecidedEvidence): boolean => one.flags.includes('launch');
  const events = new Set(named.filter(launches).flatMap((one) => one.events));
  const known = new Set(named);
  return movable.filter((one) => known.has(one) || (launches(one) && one.events.some((event) => events.has(event))));
}

/** Images of a miner as a registry's default leaves them: `docker.io/a/b:latest` is `a/b`. */
function imagesOf({ artifacts }: DecidedEvidence): string[] {
  return artifacts
    .filter((one) => artifactKind(one) === 'image')
    .map((one) =>
      artifactValue(one)
        .replace(/^(?:(?:index\.)?docker\.io\/)?(?:library\/)?/, '')
        .replace(/@[^@]*$/, '')
        .replace(/:[^:/]*$/, ''),
    );
}

function linkableArtifacts(evidence: readonly DecidedEvidence[], linkable: Linkable): Set<string> {
  return new Set(evidence.flatMap((one) => one.artifacts.filter(linkable)));
}

/** Network evidence that joins this scope: what its own miner named, else what no miner of the host named. */
function joiningNetwork(own: readonly DecidedEvidence[], all: readonly DecidedEvidence[]): DecidedEvidence[] {
  if (!own.some(isMiner)) return [];
  const miners = all.filter((one) => one.place.scope !== NETWORK_SCOPE && isMiner(one));
  return all.filter((one) => {
    if (one.place.scope !== NETWORK_SCOPE || one.rule.startsWith(SESSION_RULE)) return false;
    if (own.some((mine) => isMiner(mine) && shareEndpoint(mine, one))) return true;
    return !miners.some((miner) => shareEndpoint(miner, one));
  });
}

/** Runs of hours with miner or pool evidence, joined network hours included, without a gap longer than the window. */
function episodes(
  own: readonly DecidedEvidence[],
  network: readonly DecidedEvidence[],
  window: number,
): { from: number; to: number }[] {
  const spans: { from: number; to: number }[] = [];
  const hours = new Set(own.filter(opensEpisode).map((one) => one.hour));
  for (const hour of [...hours].sort((a, b) => a - b)) {
    const last = spans.at(-1);
    if (last !== undefined && hour - last.to <= window) last.to = hour;
    else spans.push({ from: hour, to: hour });
  }
  const joining = [...new Set(network.filter(opensEpisode).map((one) => one.hour))].sort((a, b) => a - b);
  for (let grown = true; grown; ) {
    grown = false;
    for (const hour of joining) {
      for (const span of spans) {
        if (hour < span.from && span.from - hour <= window) [span.from, grown] = [hour, true];
        else if (hour > span.to && hour - span.to <= window) [span.to, grown] = [hour, true];
      }
    }
  }
  return mergeSpans(spans, window);
}

function mergeSpans(spans: readonly { from: number; to: number }[], window: number): { from: number; to: number }[] {
  const merged: { from: number; to: number }[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && span.from - last.to <= window) last.to = Math.max(last.to, span.to);
    else merged.push({ ...span });
  }
  return merged;
}

function view(
  scope: string,
  span: { from: number; to: number },
  own: readonly DecidedEvidence[],
  network: readonly DecidedEvidence[],
  all: readonly DecidedEvidence[],
  matrix: Matrix,
  linkable: Linkable,
): EpisodeView {
  const window = matrix.windowHours;
  const near = (one: DecidedEvidence): boolean => one.hour >= span.from - window && one.hour <= span.to + window;
  const within = (one: DecidedEvidence): boolean =>
    opensEpisode(one) ? one.hour >= span.from && one.hour <= span.to : near(one);
  const mine = own.filter(within);
  const wire = network.filter(within);
  const sets =
    scope === NETWORK_SCOPE ? [{ keys: ['-' as const], evidence: mine }] : setsWithNetwork(mine, wire, linkable);
  const evaluated = sets
    .map((set) => ({ set, result: evaluate(set.evidence, matrix) }))
    .sort((a, b) => compareEvaluations(a.result, b.result));
  const top = evaluated[0]?.result.severity;
  const reaching = evaluated.filter((one) => compareSeverity(one.result.severity, top) === 0);
  const counted = unique(reaching.flatMap((one) => one.result.counted));
  const seen = new Set(
    [...counted, ...reaching.flatMap((one) => one.result.leftOut.map((left) => left.evidence))].map(identity),
  );
  const keys = [...new Set(reaching.flatMap((one) => one.set.keys))].sort();
  const unlinked = [...mine, ...wire].filter((one) => !seen.has(identity(one)));
  return {
    ...span,
    severity: top,
    rises: mergeRises(reaching.flatMap((one) => one.result.rises)),
    counted,
    leftOut: [
      ...uniqueLeftOut(
        reaching.flatMap((one) => one.result.leftOut),
        new Set(counted.map(identity)),
      ),
      ...unlinked.map((one) => ({ evidence: one, why: standsApart(one, sets.length) })),
      ...otherScopes(scope, span, all, network, window),
    ],
    apart: evaluated
      .filter((one) => !reaching.includes(one))
      .map(({ set, result }) => ({
        linkKeys: set.keys,
        ...(result.severity === undefined ? {} : { severity: result.severity }),
        groups: [...new Set(result.counted.map((one) => one.group))],
      })),
    linkKeys: keys,
    next: nextCase(matrix, top, mergeTimes(reaching.map((one) => one.result))),
    superseded:
      scope === NETWORK_SCOPE && all.some((one) => one.place.scope !== NETWORK_SCOPE && isMiner(one) && near(one)),
  };
}

/** Linked sets of a scope, each with the network evidence that joins it. */
function setsWithNetwork(
  own: readonly DecidedEvidence[],
  network: readonly DecidedEvidence[],
  linkable: Linkable,
): LinkedSet[] {
  const sets = linkedSets(own, linkable);
  const named = network.map((one) =>
    sets.filter((set) => set.evidence.some((e) => isMiner(e) && shareEndpoint(e, one))),
  );
  return sets.map((set) => ({
    keys: set.keys,
    evidence: [...set.evidence, ...network.filter((_, index) => !named[index]?.length || named[index].includes(set))],
  }));
}

function standsApart(one: DecidedEvidence, sets: number): string {
  if (one.decided === 'note') return one.because ?? 'shown, but too common to count';
  if (sets === 0) return 'no miner evidence here that it could belong to';
  if (one.linkKey === 'pkg') return "a package or configuration manager's own act, without an artifact of the miner";
  const [kind, name] = one.linkKey.split(/:(.*)/s);
  if (kind === 'ses') return `login session ${name} is not the miner's and shares no artifact with it`;
  if (kind === 'unit') return `unit ${name} is not the miner's and shares no artifact with it`;
  return 'shares no artifact with the miner';
}

/** Pool evidence on the wire that joined another scope's miner of the same host: said, not counted. */
function otherScopes(
  scope: string,
  span: { from: number; to: number },
  all: readonly DecidedEvidence[],
  network: readonly DecidedEvidence[],
  window: number,
): LeftOut[] {
  if (scope === NETWORK_SCOPE) return [];
  const joined = new Set(network.map(identity));
  return all
    .filter((one) => one.place.scope === NETWORK_SCOPE && one.group === 'pool_connection' && !joined.has(identity(one)))
    .filter((one) => one.hour >= span.from - window && one.hour <= span.to + window)
    .map((one) => ({ evidence: one, why: 'a miner of another scope on this host named this endpoint' }));
}

const identity = (one: DecidedEvidence): string => evidenceKey(one);

function unique(evidence: readonly DecidedEvidence[]): DecidedEvidence[] {
  const byKey = new Map<string, DecidedEvidence>();
  for (const one of evidence) {
    const known = byKey.get(identity(one));
    if (known === undefined || known.decided !== 'strong') byKey.set(identity(one), one);
  }
  return [...byKey.values()];
}

function uniqueLeftOut(all: readonly LeftOut[], counted: ReadonlySet<string>): LeftOut[] {
  const byKey = new Map(all.map((one) => [identity(one.evidence), one]));
  return [...byKey].filter(([key]) => !counted.has(key)).map(([, one]) => one);
}

function mergeTimes(results: readonly Evaluation[]): Evaluation['times'] {
  const merged = new Map<DecidedEvidence['group'], { any?: number; strong?: number }>();
  for (const { times } of results) {
    for (const [group, time] of times) merged.set(group, { ...merged.get(group), ...time });
  }
  return merged;
}
