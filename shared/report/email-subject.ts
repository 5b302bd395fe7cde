import { type Place, TEST_HOST } from '#shared/model/place.ts';
import type { Announcement } from './ocsf.ts';
import { SEVERITY_LOOKS } from './severity.ts';

/** SNS: fewer than 100 characters of printable ASCII, begun by a letter, digit or mark (API reference, Publish). */
const MAX_SUBJECT = 99;
const MAX_ACCOUNT = 14;
const MAX_REGION = 16;

/** What begins every title of a test: people and rules tell by it, before all else. */
const TEST_MARK = '[TEST] ';

/**
 * Whether a deployed stack's finding is of a test chain: its host is the reserved one, which only the log group for tests
 * gives. In `scan`, where no trigger proves anything, that host is a name like any other.
 */
export const isTest = ({ host }: Pick<Place, 'host'>): boolean => host === TEST_HOST;

/** What a title of a finding begins with: nothing, for a real one. */
export const testMark = (place: Pick<Place, 'host'>): string => (isTest(place) ? TEST_MARK : '');

/** What every text about a test says. */
export const TEST_NOTE =
  'This is a test of davylamp itself: its records came by the log group for tests, of a host that does not exist. Nothing was attacked, and there is nothing to stop.';

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

/**
 * `HIGH opened: cryptomining on i-0123… (111122223333, eu-west-1)`: severity, transition and place, as SNS takes it;
 * `[TEST]` before it for a test.
 */
export function emailSubject({ finding, transition }: Pick<Announcement, 'finding' | 'transition'>): string {
  const { place, severity } = finding;
  const start = `${testMark(place)}${SEVERITY_LOOKS[severity].label} ${transition}: cryptomining on `;
  const end = ` (${clip(ascii(place.account), MAX_ACCOUNT)}, ${clip(ascii(place.region), MAX_REGION)})`;
  return start + whereText(place, MAX_SUBJECT - start.length - end.length) + end;
}

/** Keys by which a subscription's filter policy chooses: each value is one exact text. */
export interface FilterAttributes extends Readonly<Record<string, string>> {
  readonly severity: string;
  readonly account: string;
  readonly region: string;
  readonly transition: string;
  /** `true` for a test, `false` for what is real. */
  readonly synthetic: string;
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
    synthetic: String(isTest(finding.place)),
  };
}
