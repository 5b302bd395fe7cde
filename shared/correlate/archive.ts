import type { Episode, Head, Unpublished } from '../model/finding.ts';
import { hourStart } from '../model/time.ts';
import { dueAt, keptEpisodes } from './episodes.ts';

/**
 * The next head once its due episodes are archived, each as a revision; `undefined` where none is due. Written under
 * the version read, so that evidence that came meanwhile wins.
 * @param now wall clock, milliseconds since the epoch
 */
export function archiveDue(head: Head, windowHours: number, now: number): Head | undefined {
  return ended(head, 'archived', windowHours, now, (episode) => {
    const due = dueAt([episode], windowHours);
    return due !== undefined && due <= now;
  });
}

/**
 * The next head once those episodes are superseded whose evidence was found to be another host's; `undefined` where there
 * is none.
 * @param moved whether nothing is left of an episode here
 * @param now wall clock, milliseconds since the epoch
 */
export function supersedeMoved(
  head: Head,
  windowHours: number,
  now: number,
  moved: (episode: Episode) => boolean,
): Head | undefined {
  return ended(
    head,
    'superseded',
    windowHours,
    now,
    (episode) => (episode.state === 'open' || episode.state === 'watching') && moved(episode),
  );
}

/** Ends episodes in a state; those that were never told end in silence. */
function ended(
  head: Head,
  state: 'archived' | 'superseded',
  windowHours: number,
  now: number,
  ends: (episode: Episode) => boolean,
): Head | undefined {
  const unpublished: Unpublished[] = [...head.unpublished];
  let changed = false;
  const episodes = head.episodes.map((episode) => {
    if (!ends(episode)) return episode;
    const next = endedEpisode(episode, state, now);
    changed = true;
    if (next.severity !== undefined) unpublished.push(pairOf(next, state, next.severity));
    return next;
  });
  if (!changed) return undefined;
  const kept = keptEpisodes(episodes, unpublished);
  const due = dueAt(kept, windowHours);
  const { dueAt: _, ...rest } = head;
  return {
    ...rest,
    version: head.version + 1,
    episodes: kept,
    unpublished,
    ...(due === undefined ? {} : { dueAt: due }),
  };
}

function endedEpisode(
  episode: Episode,
  state: 'archived' | 'superseded',
  now: number,
): Episode & { readonly at: number } {
  const revision = episode.revision + 1;
  return {
    ...episode,
    state,
    revision,
    at: Math.max(now, (episode.at ?? hourStart(episode.to)) + 1),
    ...(episode.snapshot === undefined ? {} : { snapshot: { ...episode.snapshot, state, revision } }),
  };
}

function pairOf(
  { number, revision, at }: Episode & { readonly at: number },
  transition: 'archived' | 'superseded',
  severity: Unpublished['severity'],
): Unpublished {
  const delivery = severity === 'Low' ? 'digest' : 'single';
  return { episode: number, revision, transition, severity, at, delivery };
}
