import { CLASS, type Event } from '../model/event.ts';

/** Log events may be this old when CloudWatch Logs takes them (PutLogEvents); evidence of older ones would open old episodes. */
const OLDEST_MS = 14 * 86_400_000;
/** CloudWatch Logs takes events up to two hours ahead (PutLogEvents). */
const NEWEST_MS = 2 * 3_600_000;

/**
 * Whether an event's time lies more than 14 days before or 2 hours after its arrival: a host's clock, which is the
 * attacker's, must not write evidence at will. For a flow its first and last packet count too.
 * @param arrival milliseconds since the epoch
 */
export function isQuarantined(event: Event, arrival: number): boolean {
  const times = event.class === CLASS.network ? [event.time, event.start, event.end] : [event.time];
  return times.some((time) => time !== undefined && !(time >= arrival - OLDEST_MS && time <= arrival + NEWEST_MS));
}
