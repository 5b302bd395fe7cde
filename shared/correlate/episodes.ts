import { type Episode, MAX_EPISODES, type Unpublished } from '../model/finding.ts';
import { hourStart } from '../model/time.ts';
import { fitSnapshots } from './head-size.ts';

/** How long after its last hour and the window an episode waits for late evidence before it is due. */
const LATENESS_HOURS = 6;
/** Older episodes of which the head still knows hours and severity, so that old evidence opens none a second time. */
const MAX_REMEMBERED = 64;

/** Event time at which the oldest open episode is due to be archived: its last hour, the window, and the lateness. */
export function dueAt(episodes: readonly Episode[], windowHours: number): number | undefined {
  const due = episodes
    .filter((one) => one.state === 'open')
    .map((one) => hourStart(one.to + 1 + windowHours + LATENESS_HOURS));
  return due.length === 0 ? undefined : Math.min(...due);
}

/**
 * What a head keeps of its episodes: the newest whole, older ones whole while they are open or unpublished, then
 * without their snapshot, which the revision items hold. Snapshots are cut to the room of a head.
 */
export function keptEpisodes(episodes: readonly Episode[], unpublished: readonly Unpublished[]): readonly Episode[] {
  const sorted = [...episodes].sort((a, b) => a.number - b.number);
  const waiting = new Set(unpublished.map((one) => one.episode));
  const newest = new Set(sorted.slice(-MAX_EPISODES));
  const whole = sorted.filter((one) => newest.has(one) || one.state === 'open' || waiting.has(one.number));
  const older = sorted.filter((one) => !whole.includes(one)).slice(-MAX_REMEMBERED);
  return [...older.map(withoutSnapshot), ...fitSnapshots(whole)].sort((a, b) => a.number - b.number);
}

function withoutSnapshot({ snapshot: _, ...rest }: Episode): Episode {
  return rest;
}
