import { isEventTime } from '#shared/model/time.ts';
import { type Instant, instantText, parseInstant } from '../decode/timestamp.ts';
import type { Alert } from './alert.ts';

const QUARTER_MS = 15 * 60_000;
const NANOS_PER_MS = 1_000_000n;
const NANOS_PER_SECOND = 1_000_000_000n;
const TIME_OF_DAY = /^(\d\d):(\d\d):(\d\d)\.(\d{1,9})$/;

/** When an alert was raised; `text` sorts as the moments do and keeps the nanoseconds. */
export interface AlertTime {
  readonly ms: number;
  readonly text: string;
}

/**
 * The alert's time: its own text, else the digits of `evt.time`, else the envelope's with the minutes and seconds that
 * a text output has. `undefined` when nothing tells the day.
 */
export function alertTime(alert: Alert, envelopeTime: number | undefined): AlertTime | undefined {
  const own = alert.time === undefined ? undefined : parseInstant(alert.time);
  const instant = own ?? fromNanoseconds(alert.nanoseconds);
  if (instant !== undefined && isEventTime(instant.ms)) return { ms: instant.ms, text: instantText(instant) };
  if (envelopeTime === undefined || !isEventTime(envelopeTime)) return undefined;
  return { ms: nearest(alert.time ?? '', envelopeTime), text: `${alert.time ?? ''}/${alert.digest}` };
}

function fromNanoseconds(digits: string | undefined): Instant | undefined {
  if (digits === undefined) return undefined;
  const value = BigInt(digits);
  return { ms: Number(value / NANOS_PER_MS), nanos: Number(value % NANOS_PER_SECOND) };
}

/**
 * The moment nearest to the envelope's that shows the time of day of the text in some time zone: zones differ by whole
 * quarters of an hour, and the text does not say which one it is in.
 */
function nearest(stamp: string, envelopeTime: number): number {
  const [, , minute, second, fraction] = TIME_OF_DAY.exec(stamp) ?? [];
  if (minute === undefined || second === undefined || fraction === undefined) return envelopeTime;
  const inHour = Number(minute) * 60_000 + Number(second) * 1000 + Math.floor(Number(`0.${fraction}`) * 1000);
  const late = (((envelopeTime - inHour) % QUARTER_MS) + QUARTER_MS) % QUARTER_MS;
  const moment = late <= QUARTER_MS / 2 ? envelopeTime - late : envelopeTime + QUARTER_MS - late;
  return Math.max(0, moment);
}
