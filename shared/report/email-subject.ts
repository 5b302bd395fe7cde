import type { Place } from '#shared/model/place.ts';
import type { Announcement } from './ocsf.ts';
import { SEVERITY_LOOKS } from './severity.ts';

/** SNS: fewer than 100 characters of printable ASCII, begun by a letter, digit or mark (API reference, Publish). */
const MAX_SUBJECT = 99;
const MAX_ACCOUNT = 14;
const MAX_REGION = 16;

/** Text from a log in printable ASCII on one line; `?` for each other character, `-` where nothing is left. */
export function ascii(text: string): string {
  const line = text
    .replace(/[^\x20-\x7e]/gu, '?')
    .replace(/ {2,}/g, ' ')
    .trim();
  return line === '' ? '-' : line;
}

/** A text of at most `length` code units, its end marked where it is cut. */
export const clip = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, Math.max(0, length - 3))}...`.slice(0, length);

/** Host and scope in at most `room` characters: each has half of it, and what the other doesn't need. */
function whereText({ host, scope }: Place, room: number): string {
  const name = ascii(host.replace(/^stream:/, ''));
  if (scope === 'host') return clip(name, room);
  const part = ascii(scope);
  const half = Math.floor((room - 1) / 2);
  const left = Math.max(half, room - 1 - part.length);
  const first = clip(name, left);
  return `${first} ${clip(part, room - 1 - first.length)}`;
}

/** `HIGH opened: cryptomining on i-0123… (111122223333, eu-west-1)`: severity, transition and place, as SNS takes it. */
export function emailSubject({ finding, transition }: Pick<Announcement, 'finding' | 'transition'>): string {
  const { place, severity } = finding;
  const start = `${SEVERITY_LOOKS[severity].label} ${transition}: cryptomining on `;
  const end = ` (${clip(ascii(place.account), MAX_ACCOUNT)}, ${clip(ascii(place.region), MAX_REGION)})`;
  return start + whereText(place, MAX_SUBJECT - start.length - end.length) + end;
}

/** Keys by which a subscription's filter policy chooses: each value is one exact text. */
export interface FilterAttributes extends Readonly<Record<string, string>> {
  readonly severity: string;
  readonly account: string;
  readonly region: string;
  readonly transition: string;
}

const MAX_ATTRIBUTE = 64;

/** The message attributes of an announcement: plain strings, never empty, bounded; `-` where account or region is unknown. */
export function filterAttributes({
  finding,
  transition,
}: Pick<Announcement, 'finding' | 'transition'>): FilterAttributes {
  const { account, region } = finding.place;
  return {
    severity: finding.severity,
    account: clip(ascii(account), MAX_ATTRIBUTE),
    region: clip(ascii(region), MAX_ATTRIBUTE),
    transition,
  };
}
