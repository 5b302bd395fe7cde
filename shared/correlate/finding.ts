import { hash } from 'node:crypto';
import { MAX_ARTIFACTS_OF_A_KIND } from '../model/evidence.ts';
import type { DecidedEvidence, Finding, GroupView, LeftOut } from '../model/finding.ts';
import { CHAIN_GROUPS, type Group, strongest } from '../model/groups.ts';
import type { Artifact, Place } from '../model/place.ts';
import type { EpisodeView } from './fold.ts';

/** A head holds eight snapshots in one item of at most 400 KB: the finding names what these caps cut. */
const MAX_EVIDENCE = 48;
const MAX_LEFT_OUT = 16;
const MAX_ARTIFACTS = 96;
const MAX_SAMPLES_LEFT_OUT = 1;

/** The identity of a finding: its place and the number of its episode, as 32 hexadecimal digits. */
function findingId(place: Place, episode: number): string {
  return hash('sha256', JSON.stringify([place.account, place.region, place.host, place.scope, episode])).slice(0, 32);
}

/** What identifies this state of a finding beside its view: numbers that only the head knows. */
export interface FindingState {
  readonly place: Place;
  readonly episode: number;
  readonly revision: number;
  readonly state: Finding['state'];
  /** The severity held: reached once, never falling. */
  readonly severity: Finding['severity'];
  readonly rises: Finding['rises'];
  readonly notes: readonly string[];
}

/** Makes the finding of an episode from what the fold saw of it. */
export function makeFinding(view: EpisodeView, state: FindingState): Finding {
  const evidence = mostTelling(view.counted);
  const artifacts = [...new Set(view.counted.flatMap((one) => one.artifacts))].sort();
  return {
    id: findingId(state.place, state.episode),
    episode: state.episode,
    revision: state.revision,
    state: state.state,
    severity: state.severity,
    place: state.place,
    rises: state.rises,
    hours: { from: view.from, to: view.to },
    groups: groupViews(view.counted),
    artifacts: artifacts.slice(0, MAX_ARTIFACTS),
    linkKeys: view.linkKeys,
    evidence: evidence.slice(0, MAX_EVIDENCE),
    ...(view.next === undefined ? {} : { next: view.next }),
    missing: CHAIN_GROUPS.filter((group) => !view.counted.some((one) => one.group === group)),
    leftOut: view.leftOut.slice(0, MAX_LEFT_OUT).map(shortened),
    apart: view.apart.slice(0, MAX_LEFT_OUT),
    notes: [...state.notes, ...notesOf(view, evidence.length, artifacts)],
  };
}

function shortened(one: LeftOut): LeftOut {
  return { ...one, evidence: { ...one.evidence, samples: one.evidence.samples.slice(0, MAX_SAMPLES_LEFT_OUT) } };
}

/** Chain evidence before context, strong before weak, then by time: the same for any order of arrival. */
function mostTelling(evidence: readonly DecidedEvidence[]): DecidedEvidence[] {
  const rank = (one: DecidedEvidence): number => (one.group === 'context' ? 2 : one.decided === 'strong' ? 0 : 1);
  const text = (one: DecidedEvidence): string => `${one.group}${one.rule}${one.linkKey}${one.place.scope}`;
  return [...evidence].sort(
    (a, b) => rank(a) - rank(b) || a.first - b.first || (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0),
  );
}

function groupViews(evidence: readonly DecidedEvidence[]): Partial<Record<Group, GroupView>> {
  const views: Partial<Record<Group, GroupView>> = {};
  for (const one of mostTelling(evidence)) {
    const known = views[one.group];
    views[one.group] = {
      first: Math.min(known?.first ?? one.first, one.first),
      lastHour: Math.max(known?.lastHour ?? one.hour, one.hour),
      strength: known === undefined ? one.decided : strongest(known.strength, one.decided),
      rules: [...new Set([...(known?.rules ?? []), one.rule])].sort(),
    };
  }
  return views;
}

function notesOf(view: EpisodeView, evidence: number, artifacts: readonly Artifact[]): string[] {
  const notes: string[] = [];
  const pool = view.counted.filter((one) => one.group === 'pool_connection');
  if (pool.length > 0 && pool.every((one) => one.flags.includes('lookup'))) {
    notes.push(
      pool.some((one) => one.flags.includes('answered'))
        ? 'The pool was looked up; no connection to it was seen.'
        : 'The pool was looked up and nothing answered: no connection was seen.',
    );
  } else if (pool.length > 0 && pool.every((one) => one.flags.includes('rejected'))) {
    notes.push('Every connection to the pool was refused.');
  }
  if (view.counted.some((one) => one.flags.includes('clamped')))
    notes.push('Some records carried times that their envelope excludes; these were moved to its border.');
  if (view.counted.some((one) => one.flags.includes('claimed')))
    notes.push("Part of the place is known only from the host's own text.");
  if (view.counted.some((one) => one.more && one.artifacts.length >= MAX_ARTIFACTS_OF_A_KIND))
    notes.push('More artifacts were seen than evidence keeps: the finding shows a part.');
  if (evidence > MAX_EVIDENCE) notes.push(`${evidence} items of evidence count; ${MAX_EVIDENCE} are shown.`);
  if (artifacts.length > MAX_ARTIFACTS) notes.push(`${artifacts.length} artifacts; ${MAX_ARTIFACTS} are shown.`);
  if (view.leftOut.length > MAX_LEFT_OUT)
    notes.push(`${view.leftOut.length} items were left out; ${MAX_LEFT_OUT} are shown.`);
  return notes;
}
