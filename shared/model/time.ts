export const HOUR_MS = 3_600_000;

/** Event time (milliseconds since the epoch) to the number of its hour since the epoch. */
export function hourOf(time: number): number {
  return Math.floor(time / HOUR_MS);
}

/** The first millisecond of an hour. */
export function hourStart(hour: number): number {
  return hour * HOUR_MS;
}

/** `yyyymmddThh` in UTC: sorts as the hours do. */
export function hourText(hour: number): string {
  return new Date(hour * HOUR_MS).toISOString().slice(0, 13).replaceAll('-', '');
}

/** The inverse of `hourText`; `NaN` for other text. */
export function parseHour(text: string): number {
  if (!/^\d{8}T\d\d$/.test(text)) return Number.NaN;
  const iso = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}T${text.slice(9)}:00:00Z`;
  return Date.parse(iso) / HOUR_MS;
}

/** ISO 8601 in UTC with seconds, as every output shows event time. */
export function timeText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** Years of four digits, with room for any window behind them: keys sort by the text of their hours. */
const MAX_TIME = Date.UTC(9000, 0, 1);

/** True for a number that is a usable event time: finite, not before the epoch, of a year before 9000. */
export function isEventTime(time: number): boolean {
  return Number.isFinite(time) && time >= 0 && time < MAX_TIME;
}
