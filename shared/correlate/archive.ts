import type { Episode, Head, Unpublished } from '../model/finding.ts';
import { hourStart } from '../model/time.ts';
import { dueAt, keptEpisodes } from './episodes.ts';

/**
 * The next head once its due episodes are archived, each as a revision; `undefined` where none is due. Written under
 * the version read, so that evidence that came meanwhile wins.
 * @param now wall clock, milliseconds since the epoch
 */
export function archiveDue(head: Head, windowHours: number, now: number): Head | undefined {
  const unpublished: Unpublished[] = [...head.unpublished];
  const episodes = head.episodes.map((episode) => {
    const due = dueAt([episode], windowHours);
    if (due === undefined || due > now) return episode;
    const archived = archivedEpisode(episode, now);
    if (archived.severity !== undefined) unpublished.push(pairOf(archived, archived.severity));
    return archived;
  });
  if (unpublished.length === head.unpublished.length) return undefined;
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

function archivedEpisode(episode: Episode, now: number): Episode & { readonly at: number } {
  const revision = episode.revision + 1;
  return {
    ...episode,
    state: 'archived',
    revision,
    at: Math.max(now, (episode.at ?? hourStart(episode.to)) + 1),
    ...(episode.snapshot === undefined ? {} : { snapshot: { ...episode.snapshot, state: 'archived', revision } }),
  };
}

function pairOf(
  { number, revision, at }: Episode & { readonly at: number },
  severity: Unpublished['severity'],
): Unpublished {
  const delivery = severity === 'Low' ? 'digest' : 'single';
  return { episode: number, revision, transition: 'archived', severity, at, delivery };
}
