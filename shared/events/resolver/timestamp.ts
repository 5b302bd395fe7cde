import { isEventTime } from '#shared/model/time.ts';

const TIMESTAMP =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,3})\d{0,6})?(?:[Zz]| ?UTC|([+-])(\d\d):?(\d\d))?$/;

/**
 * A query's time in milliseconds: ISO 8601 as the resolver writes it, or with a space, a fraction or an offset, as
 * pipelines rewrite it. UTC where no offset is named; `undefined` for text that is no time.
 */
export function parseTimestamp(text: string): number | undefined {
  const parts = TIMESTAMP.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  const milliseconds = Number((parts[7] ?? '').padEnd(3, '0'));
  const utc = Date.UTC(year, month - 1, day, hour, minute, second, milliseconds);
  const sameDay = new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day && month <= 12;
  if (!sameDay || hour > 23 || minute > 59 || second > 60) return undefined;
  const offset = (Number(parts[9] ?? 0) * 60 + Number(parts[10] ?? 0)) * 60_000;
  const time = parts[8] === '-' ? utc + offset : utc - offset;
  return isEventTime(time) ? time : undefined;
}
