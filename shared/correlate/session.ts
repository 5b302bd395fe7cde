import type { Minutes } from '../model/evidence.ts';
import { MINUTES_OF_AN_HOUR, minuteNumbers } from '../model/minutes.ts';

/** Minutes with traffic, of any sixty consecutive ones, from which on a session is a miner at work (design). */
const SUSTAINED_MINUTES = 30;
const MINUTE_MS = 60_000;

/** The hours of one remote in which a session was sustained. */
export interface Session {
  /** Event time of the minute in which it became sustained. */
  readonly since: number;
  readonly hours: ReadonlySet<number>;
}

/**
 * Finds a sustained session in the minutes of one remote: thirty minutes with traffic out within any sixty consecutive
 * ones, and an answer in the hours that these touch.
 */
export function sustainedSession(byHour: ReadonlyMap<number, Minutes>): Session | undefined {
  const out = [...byHour].sort(([a], [b]) => a - b).flatMap(([hour, minutes]) => minuteNumbers(hour, minutes.out));
  const hours = new Set<number>();
  let since: number | undefined;
  for (let last = SUSTAINED_MINUTES - 1; last < out.length; last++) {
    const first = out[last - SUSTAINED_MINUTES + 1] ?? 0;
    const end = out[last] ?? 0;
    if (end - first >= MINUTES_OF_AN_HOUR) continue;
    const touched = [Math.floor(first / MINUTES_OF_AN_HOUR), Math.floor(end / MINUTES_OF_AN_HOUR)];
    if (!touched.some((hour) => (byHour.get(hour)?.back ?? 0n) !== 0n)) continue;
    since ??= end * MINUTE_MS;
    for (const hour of touched) hours.add(hour);
  }
  return since === undefined ? undefined : { since, hours };
}
