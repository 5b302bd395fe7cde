import { isEventTime } from '#shared/model/time.ts';

const RAW = /^(\d{1,12})\.(\d{1,9}):(\d{1,20})$/;
const WRITTEN =
  /^(\d{1,2})\/(\d{1,2})\/(\d{2}|\d{4}) +(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?: *([AP]M))?:(\d{1,20})$/i;
const ISO = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?:(\d{1,20})$/;

export interface EventKey {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** `sec.msec:serial`. */
  readonly text: string;
}

/**
 * The text in `audit(…)`: seconds, milliseconds and serial, or a date that a tool wrote for people. Such a date is local
 * and names no zone: MM/DD/YY (or with four digits of the year) and YYYY-MM-DD are read as UTC. `undefined` for
 * anything else and for a time that no calendar holds.
 */
export function parseEventKey(text: string): EventKey | undefined {
  const raw = RAW.exec(text);
  if (raw !== null) {
    const time = Number(raw[1]) * 1000 + milliseconds(raw[2]);
    return isEventTime(time) ? { time, text } : undefined;
  }
  const written = WRITTEN.exec(text);
  if (written !== null) {
    const [, month, day, year = '', hour, minute, second, fraction, half, serial] = written;
    const full = year.length === 2 ? 2000 + Number(year) : Number(year);
    return fromParts(
      [full, Number(month), Number(day), inDay(Number(hour), half), Number(minute), Number(second)],
      fraction,
      serial,
    );
  }
  const iso = ISO.exec(text);
  if (iso === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, serial] = iso;
  return fromParts([year, month, day, hour, minute, second].map(Number), fraction, serial);
}

function inDay(hour: number, half: string | undefined): number {
  return half === undefined ? hour : (hour % 12) + (half.toUpperCase() === 'PM' ? 12 : 0);
}

function fromParts(parts: readonly number[], fraction: string | undefined, serial = ''): EventKey | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined;
  const time = Date.UTC(year, month - 1, day, hour, minute, second, milliseconds(fraction));
  if (!isEventTime(time)) return undefined;
  const thousandths = String(time % 1000).padStart(3, '0');
  return { time, text: `${Math.floor(time / 1000)}.${thousandths}:${serial}` };
}

/** Digits behind the point of a second, to milliseconds. */
function milliseconds(fraction = ''): number {
  return Number(fraction.padEnd(3, '0').slice(0, 3));
}
