import { isDeepStrictEqual } from 'node:util';
import type { Evidence } from '../model/evidence.ts';
import type { Delivery, Episode, Head, Transition, Unpublished } from '../model/finding.ts';
import { compareSeverity, GROUPS, type Severity } from '../model/groups.ts';
import type { Matrix } from '../model/matrix.ts';
import type { Place } from '../model/place.ts';
import { hourStart } from '../model/time.ts';
import { dueAt, keptEpisodes } from './episodes.ts';
import { makeFinding } from './finding.ts';
import { type EpisodeView, fold } from './fold.ts';
import type { Linkable } from './linked-sets.ts';
import { mergeRises } from './matrix.ts';

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
 * @param now when this is recorded, milliseconds since the epoch; without it, event time stands for it
 */
export function correlate(
  place: Place,
  hostEvidence: readonly Evidence[],
  head: Head | undefined,
  matrix: Matrix,
  linkable: Linkable,
  notes: readonly string[] = [],
  now?: number,
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

  const unpublished = [...base.unpublished];
  for (const { episode: number, kind } of transitions) {
    const episode = episodes.get(number);
    const before = base.episodes.find((one) => one.number === number);
    if (episode?.severity === undefined) continue;
    const recorded = { ...episode, at: recordedAt(episode, before, now) };
    episodes.set(number, recorded);
    unpublished.push(pairOf(recorded, kind, episode.severity, deliveryOf(kind, episode.severity, before)));
  }
  const kept = keptEpisodes([...episodes.values()], unpublished);
  const groups = GROUPS.filter(
    (group) =>
      base.groups.includes(group) ||
      hostEvidence.some((one) => one.group === group && one.place.scope === place.scope && one.strength !== 'note'),
  );
  const due = dueAt(kept, matrix.windowHours);
  const next: Head = {
    place,
    version: base.version + 1,
    episodes: kept,
    groups,
    lastEpisode,
    unpublished,
    ...(due === undefined ? {} : { dueAt: due }),
  };
  const changed = head === undefined || !isDeepStrictEqual({ ...next, version: 0 }, { ...base, version: 0 });
  return { next, transitions, changed };
}

function touches(episode: Episode, view: EpisodeView, window: number): boolean {
  return episode.from - view.to <= window && view.from - episode.to <= window;
}

/** When a revision is recorded: later than the one before it, whatever the clocks of two writers say. */
function recordedAt(episode: Episode, before: Episode | undefined, now: number | undefined): number {
  return Math.max(now ?? hourStart(episode.to), (before?.at ?? -1) + 1);
}

function pairOf(
  { number, revision, at }: Episode & { readonly at: number },
  transition: Transition,
  severity: Severity,
  delivery: Delivery,
): Unpublished {
  return { episode: number, revision, transition, severity, at, delivery };
}

/** Chains without a pool and findings that merely stay active wait for the digest; one that was archived is news. */
function deliveryOf(kind: Transition, severity: Severity, before: Episode | undefined): Delivery {
  const stays = kind === 'extended' && before?.state !== 'archived';
  return severity === 'Low' || stays ? 'digest' : 'single';
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
  const transition = transitionOf(known, severity, hours, joined.length > 0);
  const revision = (known?.revision ?? 0) + (transition === undefined ? 0 : 1);
  if (transition === undefined && known !== undefined && isTold(known)) return { episode: { ...known, ...hours } };
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
  hours: { readonly from: number; readonly to: number },
  joins: boolean,
): Transition | undefined {
  if (known?.severity === undefined || known.state === 'watching') return 'opened';
  if (compareSeverity(severity, known.severity) > 0) return 'escalated';
  if (joins) return 'joined';
  if (hours.to > known.to) return 'extended';
  return known.state === 'archived' && hours.from < known.from ? 'extended' : undefined;
}

/** Its finding is on the head, or was there until it was over and published. */
const isTold = (one: Episode): boolean => one.snapshot !== undefined || one.state === 'archived';

function highest(severities: readonly (Severity | undefined)[]): Severity | undefined {
  return severities.reduce((top, one) => (compareSeverity(one, top) > 0 ? one : top), undefined);
}
