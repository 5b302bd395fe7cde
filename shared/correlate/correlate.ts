import { isDeepStrictEqual } from 'node:util';
import type { Evidence } from '../model/evidence.ts';
import { type Episode, type Head, MAX_EPISODES, type Transition, type Unpublished } from '../model/finding.ts';
import { compareSeverity, GROUPS, type Severity } from '../model/groups.ts';
import type { Matrix } from '../model/matrix.ts';
import type { Place } from '../model/place.ts';
import { hourStart } from '../model/time.ts';
import { makeFinding } from './finding.ts';
import { type EpisodeView, fold } from './fold.ts';
import type { Linkable } from './linked-sets.ts';
import { mergeRises } from './matrix.ts';

/** How long after its last hour and the window an episode waits for late evidence before it is due. */
const LATENESS_HOURS = 6;

export interface Correlated {
  readonly next: Head;
  /** Empty: nothing changed, nothing to write but perhaps a watching head. */
  readonly transitions: readonly { readonly episode: number; readonly kind: Transition }[];
  readonly changed: boolean;
}

/**
 * Folds the evidence of a host to the next head of one scope: episodes are matched with those that the head knows,
 * severity never falls, each rise is a revision. Nothing is sent here: transitions stand in `unpublished`.
 * @param hostEvidence evidence of all scopes of the host for the span of each touched episode and a window at each end
 * @param notes what the caller knows of the place, for its findings: identities inferred, caps reached
 */
export function correlate(
  place: Place,
  hostEvidence: readonly Evidence[],
  head: Head | undefined,
  matrix: Matrix,
  linkable: Linkable,
  notes: readonly string[] = [],
): Correlated {
  const base: Head = head ?? { place, version: 0, episodes: [], groups: [], lastEpisode: 0, unpublished: [] };
  const episodes = new Map(base.episodes.map((one) => [one.number, one]));
  const transitions: { episode: number; kind: Transition }[] = [];
  let lastEpisode = base.lastEpisode;

  for (const view of fold(place, hostEvidence, matrix, linkable)) {
    const known = base.episodes.filter((one) => one.state !== 'superseded' && touches(one, view, matrix.windowHours));
    const [older, ...younger] = known;
    const number = older?.number ?? ++lastEpisode;
    const step = nextEpisode(place, number, older, view, younger, notes);
    episodes.set(number, step.episode);
    if (step.transition !== undefined) transitions.push({ episode: number, kind: step.transition });
    for (const one of younger) {
      const superseded = supersede(one);
      episodes.set(one.number, superseded);
      if (superseded.revision !== one.revision) transitions.push({ episode: one.number, kind: 'superseded' });
    }
  }

  const kept = [...episodes.values()].sort((a, b) => a.number - b.number).slice(-MAX_EPISODES);
  const groups = GROUPS.filter(
    (group) =>
      base.groups.includes(group) ||
      hostEvidence.some((one) => one.group === group && one.place.scope === place.scope && one.strength !== 'note'),
  );
  const revisionOf = (number: number): number => episodes.get(number)?.revision ?? 0;
  const unpublished: Unpublished[] = transitions.map(({ episode, kind }) => ({
    episode,
    revision: revisionOf(episode),
    transition: kind,
  }));
  const due = kept.filter((one) => one.state === 'open').map((one) => dueAt(one, matrix.windowHours));
  const next: Head = {
    place,
    version: base.version + 1,
    episodes: kept,
    groups,
    lastEpisode,
    unpublished: [...base.unpublished, ...unpublished],
    ...(due.length === 0 ? {} : { dueAt: Math.min(...due) }),
  };
  const changed = head === undefined || !isDeepStrictEqual({ ...next, version: 0 }, { ...base, version: 0 });
  return { next, transitions, changed };
}

function touches(episode: Episode, view: EpisodeView, window: number): boolean {
  return episode.from - view.to <= window && view.from - episode.to <= window;
}

/** Event time at which an episode is due to be archived: its last hour, the window, and the lateness. */
function dueAt(episode: Episode, window: number): number {
  return hourStart(episode.to + 1 + window + LATENESS_HOURS);
}

function supersede(episode: Episode): Episode {
  if (episode.state !== 'open') return { ...episode, state: 'superseded' };
  const revision = episode.revision + 1;
  return {
    ...episode,
    state: 'superseded',
    revision,
    ...(episode.snapshot === undefined ? {} : { snapshot: { ...episode.snapshot, state: 'superseded', revision } }),
  };
}

function nextEpisode(
  place: Place,
  number: number,
  known: Episode | undefined,
  view: EpisodeView,
  joined: readonly Episode[],
  notes: readonly string[],
): { episode: Episode; transition?: Transition } {
  const hours = {
    from: Math.min(view.from, known?.from ?? view.from, ...joined.map((one) => one.from)),
    to: Math.max(view.to, known?.to ?? view.to, ...joined.map((one) => one.to)),
  };
  if (view.superseded) {
    const before: Episode = known ?? { number, ...hours, state: 'watching', revision: 0 };
    if (before.state !== 'open') return { episode: { ...before, ...hours } };
    return { episode: { ...supersede(before), ...hours }, transition: 'superseded' };
  }
  const severity = highest([view.severity, known?.severity, ...joined.map((one) => one.severity)]);
  if (severity === undefined) return { episode: { ...known, number, ...hours, state: 'watching', revision: 0 } };
  const transition = transitionOf(known, severity, hours.to, joined.length > 0);
  const revision = (known?.revision ?? 0) + (transition === undefined ? 0 : 1);
  if (transition === undefined && known?.snapshot !== undefined) return { episode: { ...known, ...hours } };
  const held =
    compareSeverity(severity, view.severity) > 0 ? ['Evidence no longer supports the severity that was reached.'] : [];
  const snapshot = makeFinding(view, {
    place,
    episode: number,
    revision,
    state: 'open',
    severity,
    rises: mergeRises(
      [view, ...[known, ...joined].map((one) => one?.snapshot ?? { rises: [] })].flatMap((one) => one.rises),
    ),
    notes: [...notes, ...held],
  });
  const episode: Episode = { number, ...hours, state: 'open', revision, severity, snapshot };
  return transition === undefined ? { episode } : { episode, transition };
}

function transitionOf(
  known: Episode | undefined,
  severity: Severity,
  to: number,
  joins: boolean,
): Transition | undefined {
  if (known?.severity === undefined || known.state === 'watching') return 'opened';
  if (compareSeverity(severity, known.severity) > 0) return 'escalated';
  if (joins) return 'joined';
  return to > known.to || known.state === 'archived' ? 'extended' : undefined;
}

function highest(severities: readonly (Severity | undefined)[]): Severity | undefined {
  return severities.reduce((top, one) => (compareSeverity(one, top) > 0 ? one : top), undefined);
}
