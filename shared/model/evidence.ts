import { hash } from 'node:crypto';
import type { Group, Strength } from './groups.ts';
import { strongest } from './groups.ts';
import type { Flag, Sample } from './indicator.ts';
import { type Artifact, type ArtifactKind, artifactKind, type LinkKey, type Place } from './place.ts';

/** The 60 minutes of an hour in which a session was seen, as bit sets: bit 0 is the first minute. */
export interface Minutes {
  readonly out: bigint;
  readonly back: bigint;
}

/**
 * Indicators as stored: one item for each place, hour, group, rule and link key. A join-semilattice without counters,
 * so that duplicates, replays and order change nothing. Strength is what single records show; the fold decides what it
 * is worth.
 */
export interface Evidence {
  readonly place: Place;
  /** Hours since the epoch. */
  readonly hour: number;
  readonly group: Group;
  /** `rule` or `rule/part`. */
  readonly rule: string;
  readonly linkKey: LinkKey;
  readonly ruleVersion: number;
  readonly technique: string;
  /** Event time of the earliest record, milliseconds since the epoch. */
  readonly first: number;
  readonly strength: Strength;
  readonly flags: readonly Flag[];
  readonly minutes?: Minutes;
  /** At most 32 of a kind. */
  readonly artifacts: readonly Artifact[];
  /** Short hashes of event ids, at most 64: how often, or "64 or more". */
  readonly events: readonly string[];
  /** A set has overflowed: it holds the smallest by hash, not all. */
  readonly more: boolean;
  /** First the one of `whyEvent`, where that is known; then the earliest and the three smallest by hash, by time. */
  readonly samples: readonly Sample[];
  /** Of the strongest indicator; of several, the first by text. */
  readonly why: string;
  /** Id of the event of which `why` speaks: the first sample's. Absent in items that were written before it was kept. */
  readonly whyEvent?: string;
}

export const MAX_ARTIFACTS_OF_A_KIND = 32;
export const MAX_EVENT_IDS = 64;
const MAX_SAMPLES_BY_HASH = 3;

const digests = new Map<string, string>();
const MAX_DIGESTS = 50_000;

/** SHA-256 in hexadecimal, so that nobody can choose what a capped set keeps; remembered for texts seen lately. */
function digest(text: string): string {
  let known = digests.get(text);
  if (known === undefined) {
    if (digests.size >= MAX_DIGESTS) digests.clear();
    known = hash('sha256', text);
    digests.set(text, known);
  }
  return known;
}

/** The short form in which evidence remembers an event id: 64 bits in hexadecimal. */
export function eventHash(id: string): string {
  return hash('sha256', id).slice(0, 16);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const firstText = (a: string, b: string): string => (compareText(a, b) <= 0 ? a : b);
const byDigest = (a: string, b: string): number => compareText(digest(a), digest(b)) || compareText(a, b);

/** The union of two sets, sorted as text, cut to the `limit` smallest by hash. */
function smallest(all: Iterable<string>, limit: number): { kept: string[]; cut: boolean } {
  const set = [...new Set(all)];
  const cut = set.length > limit;
  return { kept: (cut ? set.sort(byDigest).slice(0, limit) : set).sort(compareText), cut };
}

function joinArtifacts(all: readonly Artifact[]): { kept: Artifact[]; cut: boolean } {
  const kinds = new Map<ArtifactKind, Artifact[]>();
  for (const one of all) {
    const kind = artifactKind(one);
    kinds.set(kind, [...(kinds.get(kind) ?? []), one]);
  }
  let cut = false;
  const kept: Artifact[] = [];
  for (const [, values] of kinds) {
    const part = smallest(values, MAX_ARTIFACTS_OF_A_KIND);
    kept.push(...(part.kept as Artifact[]));
    cut ||= part.cut;
  }
  return { kept: kept.sort(compareText), cut };
}

/** One text for one value, whatever the order in which its properties were set. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => compareText(a, b)))
      : part,
  );
}

const bySample = (a: Sample, b: Sample): number =>
  a.time - b.time || compareText(a.id, b.id) || compareText(canonicalJson(a), canonicalJson(b));

/** Why something is evidence, as one indicator says it, and what that indicator saw. */
export interface Reason {
  readonly strength: Strength;
  readonly why: string;
  readonly sample?: Sample;
}

/**
 * The reason that merged evidence keeps: the stronger, else the first by text, else that of the earlier sample. A total
 * order, so that neither order nor grouping of what is merged changes the choice; one without a sample comes last.
 */
export function leadingReason(a: Reason, b: Reason): Reason {
  if (a.strength !== b.strength) return strongest(a.strength, b.strength) === a.strength ? a : b;
  if (a.why !== b.why) return firstText(a.why, b.why) === a.why ? a : b;
  if (a.sample === undefined || b.sample === undefined) return b.sample === undefined ? a : b;
  return bySample(a.sample, b.sample) <= 0 ? a : b;
}

/** An item's reason: of several samples of one event, its own is the first. */
function reasonOf({ strength, why, whyEvent, samples }: Evidence): Reason {
  const sample = whyEvent === undefined ? undefined : samples.find(({ id }) => id === whyEvent);
  return { strength, why, ...(sample === undefined ? {} : { sample }) };
}

/**
 * The reason's own sample; then the earliest, and the three smallest by the hash of their event ids, one for each event
 * id. One record may give several samples of one id (both names of a rename), and be read again with more of its lines:
 * the reason's own is never exchanged for another, which might not show it, and would make the order of joins matter.
 */
function joinSamples(all: readonly Sample[], own: Sample | undefined): Sample[] {
  const byId = new Map<string, Sample>();
  for (const sample of all) {
    const known = byId.get(sample.id);
    if (known === undefined || bySample(sample, known) < 0) byId.set(sample.id, sample);
  }
  const sorted = [...byId.values()].sort(bySample);
  const ids = new Set([...byId.keys()].sort(byDigest).slice(0, MAX_SAMPLES_BY_HASH));
  const earliest = sorted[0];
  const kept = sorted.filter((sample) => sample === earliest || ids.has(sample.id));
  return own === undefined ? kept : [own, ...kept.filter((sample) => bySample(sample, own) !== 0)];
}

/** The key of an evidence item within its host. */
export function evidenceKey(of: Evidence): string {
  return [of.place.scope, of.hour, of.group, of.rule, of.linkKey].join('\u0000');
}

/**
 * Merges two items of the same place, hour, group, rule and link key. Idempotent, commutative and associative.
 * @throws RangeError when the items are not of one key: a bug of the caller.
 */
export function join(a: Evidence, b: Evidence): Evidence {
  if (evidenceKey(a) !== evidenceKey(b)) throw new RangeError('join: evidence of two keys');
  const artifacts = joinArtifacts([...a.artifacts, ...b.artifacts]);
  const events = smallest([...a.events, ...b.events], MAX_EVENT_IDS);
  const reason = leadingReason(reasonOf(a), reasonOf(b));
  return {
    place: a.place,
    hour: a.hour,
    group: a.group,
    rule: a.rule,
    linkKey: a.linkKey,
    ruleVersion: Math.max(a.ruleVersion, b.ruleVersion),
    technique: firstText(a.technique, b.technique),
    first: Math.min(a.first, b.first),
    strength: reason.strength,
    flags: [...new Set([...a.flags, ...b.flags])].sort(),
    ...(a.minutes === undefined && b.minutes === undefined
      ? {}
      : {
          minutes: {
            out: (a.minutes?.out ?? 0n) | (b.minutes?.out ?? 0n),
            back: (a.minutes?.back ?? 0n) | (b.minutes?.back ?? 0n),
          },
        }),
    artifacts: artifacts.kept,
    events: events.kept,
    more: a.more || b.more || artifacts.cut || events.cut,
    samples: joinSamples([...a.samples, ...b.samples], reason.sample),
    why: reason.why,
    ...(reason.sample === undefined ? {} : { whyEvent: reason.sample.id }),
  };
}

/** The normal form of one item: what `join` makes of it with itself. */
export function normalized(evidence: Evidence): Evidence {
  return join(evidence, evidence);
}

/** Whether two items hold the same: then nothing need be written. */
export function sameEvidence(a: Evidence, b: Evidence): boolean {
  return evidenceText(a) === evidenceText(b);
}

/** A canonical text of an item, equal for equal items: bit sets as hexadecimal. */
export function evidenceText(evidence: Evidence): string {
  const { minutes, ...rest } = evidence;
  return canonicalJson(
    minutes === undefined
      ? rest
      : { ...rest, minutes: { out: minutes.out.toString(16), back: minutes.back.toString(16) } },
  );
}
