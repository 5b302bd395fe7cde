import { hourOf, hourStart } from './time.ts';

const MINUTE_MS = 60_000;
export const MINUTES_OF_AN_HOUR = 60;
/** A flow record spans ten minutes at most; a hostile one may say a century. */
const MAX_HOURS_OF_A_RECORD = 25;

/** The minutes of one hour that the interval [from, to] touches, as a bit set; event times in milliseconds. */
export function minutesOf(hour: number, from: number, to: number): bigint {
  const start = hourStart(hour);
  const first = Math.max(0, Math.floor((from - start) / MINUTE_MS));
  const last = Math.min(MINUTES_OF_AN_HOUR - 1, Math.floor((to - start) / MINUTE_MS));
  return last < first ? 0n : ((1n << BigInt(last - first + 1)) - 1n) << BigInt(first);
}

/** The hours that an interval of event time touches, at most 25. */
export function hoursOf(from: number, to: number): number[] {
  const first = hourOf(from);
  const last = Math.min(hourOf(Math.max(from, to)), first + MAX_HOURS_OF_A_RECORD - 1);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** The minutes of an hour's bit set as numbers since the epoch, rising. */
export function minuteNumbers(hour: number, set: bigint): number[] {
  const numbers: number[] = [];
  for (let minute = 0; minute < MINUTES_OF_AN_HOUR; minute++) {
    if ((set >> BigInt(minute)) & 1n) numbers.push(hour * MINUTES_OF_AN_HOUR + minute);
  }
  return numbers;
}

/** How many minutes a bit set holds. */
export function countMinutes(set: bigint): number {
  let count = 0;
  for (let rest = set; rest !== 0n; rest &= rest - 1n) count++;
  return count;
}
