import type { Transition } from '#shared/model/finding.ts';
import { compareSeverity, SEVERITIES, type Severity } from '#shared/model/groups.ts';
import type { Place } from '#shared/model/place.ts';
import { unlinked } from './email.ts';
import { ascii, clip, isTest, TEST_NOTE, testMark } from './email-subject.ts';
import { jsonText } from './escape.ts';
import { Lines } from './lines.ts';
import { SEVERITY_LOOKS } from './severity.ts';
import { count, isoTime, placeText } from './words.ts';

/** A finding that is told together with others; `at`: when its newest transition was recorded, in milliseconds. */
export interface SummaryEntry {
  readonly finding: string;
  readonly place: Place;
  readonly severity: Severity;
  readonly at: number;
  /** What happened to it, where that is not the same for all. */
  readonly transitions?: readonly Transition[];
}

interface SummaryOf {
  /** The same in every repetition of the message. */
  readonly id: string;
  readonly entries: readonly SummaryEntry[];
  /** There are more findings than `entries` holds. */
  readonly more: boolean;
}

/** Many findings of one account that opened, or ended, within minutes. */
export interface Storm extends SummaryOf {
  readonly kind: 'opened' | 'ended';
  readonly account: string;
  /** The first and last time that the entries were taken from, milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

/** What a day (`yyyy-mm-dd`, UTC) brought that people were not told of one by one. */
export interface Digest extends SummaryOf {
  readonly day: string;
}

/** A message that tells of several findings: as a mail, and as one line of JSON for machines. */
export interface Summary {
  /** Fewer than 100 printable characters of ASCII. */
  readonly subject: string;
  readonly email: string;
  readonly json: string;
  /** The highest among the findings, by which subscriptions choose; tests count where all are. */
  readonly severity: Severity;
  /** All its findings are of test chains. */
  readonly synthetic: boolean;
}

const LOOK = { width: 92, colour: false };
const MAX_ACCOUNT = 20;
/** Lines of each text from a log. */
const MAX_LINES = 2;
const MAX_TEXT = 256;
/** What a mail says that tells of tests beside real findings. */
const SOME_TESTS =
  'Rows marked [TEST] are of tests of davylamp itself: nothing was attacked there, and there is nothing to stop. The other numbers leave them out.';

const HAPPENED: Readonly<Record<Transition, string>> = {
  opened: 'opened',
  escalated: 'rose',
  extended: 'still active',
  joined: 'joined an earlier episode',
  archived: 'ended',
  superseded: 'went into an older finding',
};

/**
 * The one message of a storm.
 * @param rows findings of each severity that are named; the others are counted
 */
export function stormSummary(storm: Storm, rows: number): Summary {
  const { counted, tests, severity, synthetic, mark } = sumOf(storm.entries);
  const number = `${storm.more ? 'more than ' : ''}${count(counted.length, 'finding')}`;
  const account = clip(ascii(storm.account), MAX_ACCOUNT);
  const subject = `${mark}STORM, ${SEVERITY_LOOKS[severity].label}: ${number} of cryptomining ${storm.kind} in ${account}`;
  const lines = new Lines(LOOK);
  lines.add(
    `${mark}${number} of cryptomining ${storm.kind} in account ${storm.account} within minutes`,
    '',
    undefined,
    MAX_LINES,
  );
  if (tests > 0) lines.add(synthetic ? TEST_NOTE : SOME_TESTS);
  lines.add('They are told in this one message. Critical findings, and each rise of one of these, are told alone.');
  lines.add(
    'What follows within ten minutes is in the digest of the day. Chat, Security Hub and the event bus get each.',
  );
  if (storm.kind === 'opened' && !synthetic)
    lines.add('A wallet, pool or image that many of them share shows the way in: look there first.');
  addEntries(lines, storm, rows);
  const { kind, account: whole, from, to } = storm;
  return {
    ...{ subject, severity, synthetic, email: finished(lines, storm) },
    json: jsonOf('storm', storm, rows, {
      kind,
      account: whole.slice(0, MAX_TEXT),
      from: isoTime(from),
      to: isoTime(to),
    }),
  };
}

/**
 * The digest of a day.
 * @param rows findings of each severity that are named; the others are counted
 */
export function digestSummary(digest: Digest, rows: number): Summary {
  const { day } = digest;
  const { counted, tests, severity, synthetic, mark } = sumOf(digest.entries);
  const having = (...kinds: Transition[]): number =>
    counted.filter((one) => one.transitions?.some((kind) => kinds.includes(kind)) === true).length;
  const opened = having('opened');
  const active = counted.filter((one) => isActive(one)).length;
  const ended = having('archived', 'superseded');
  // Without the mark: a mail rule that puts tests aside must not find it in the subject of real findings.
  const beside = synthetic || tests === 0 ? '' : `, ${count(tests, 'test')}`;
  const numbers = `${opened} opened, ${active} still active, ${ended} ended${beside}`;
  const lines = new Lines(LOOK);
  lines.add(`${mark}Cryptomining findings of ${day} (UTC) that were not told alone: ${numbers}`);
  if (tests > 0) lines.add(synthetic ? TEST_NOTE : SOME_TESTS);
  lines.add('Those without a pool connection (Low), those that merely stayed active, and those of a storm.');
  addEntries(lines, digest, rows);
  return {
    ...{ subject: `${mark}Digest of ${day}: cryptomining findings, ${numbers}`, severity, synthetic },
    email: finished(lines, digest),
    json: jsonOf('digest', digest, rows, { day }),
  };
}

const isActive = ({ transitions = [] }: SummaryEntry): boolean =>
  !transitions.some((one) => one === 'opened' || one === 'archived' || one === 'superseded');

interface Sum {
  /** What numbers and severity are taken from: the real findings, or the tests where there is nothing else. */
  readonly counted: readonly SummaryEntry[];
  readonly tests: number;
  readonly severity: Severity;
  readonly synthetic: boolean;
  /** What the texts begin with. */
  readonly mark: string;
}

/** A test neither raises a message that tells of real findings nor adds to its numbers. */
function sumOf(entries: readonly SummaryEntry[]): Sum {
  const real = entries.filter(({ place }) => !isTest(place));
  const [first] = entries;
  const synthetic = first !== undefined && real.length === 0;
  const counted = synthetic ? entries : real;
  const mark = synthetic ? testMark(first.place) : '';
  return { counted, tests: entries.length - real.length, severity: highest(counted), synthetic, mark };
}

const highest = (entries: readonly SummaryEntry[]): Severity =>
  entries.reduce<Severity>((top, { severity }) => (compareSeverity(severity, top) > 0 ? severity : top), 'Low');

interface Rows {
  readonly severity: Severity;
  readonly synthetic: boolean;
  readonly found: readonly SummaryEntry[];
}

/** The most severe first, since an attacker can open as many others as he likes; tests last, in lists of their own. */
const listsOf = (entries: readonly SummaryEntry[]): readonly Rows[] =>
  [false, true].flatMap((synthetic) =>
    SEVERITIES.toReversed()
      .map((severity) => ({
        ...{ severity, synthetic },
        found: entries.filter((one) => one.severity === severity && isTest(one.place) === synthetic),
      }))
      .filter(({ found }) => found.length > 0),
  );

function addEntries(lines: Lines, { entries }: SummaryOf, rows: number): void {
  for (const { severity, found } of listsOf(entries)) {
    const [first] = found;
    const mark = first === undefined ? '' : testMark(first.place);
    lines.blank().add(`${mark}${SEVERITY_LOOKS[severity].label} (${found.length})`);
    for (const { finding, place, at, transitions } of found.slice(0, rows)) {
      lines.add(`${mark}${placeText(place)}`, '- ', undefined, MAX_LINES);
      const happened = (transitions ?? []).map((one) => HAPPENED[one]).join(', ');
      lines.add(`${happened === '' ? '' : `${happened}; `}${isoTime(at)}; finding ${finding}`, '  ');
    }
    if (found.length > rows) lines.add(`and ${found.length - rows} more`, '- ');
  }
}

function finished(lines: Lines, { id, more, entries }: SummaryOf): string {
  if (more) lines.blank().add(`More than ${entries.length} findings: the others are in the store alone.`);
  lines.blank().add(`Message ${id}. Links in this text are broken up: [:] stands for a colon, [.] for a dot.`);
  return `${unlinked(lines.toString())}\n`;
}

function jsonOf(
  davylamp: string,
  { id, entries, more }: SummaryOf,
  rows: number,
  own: Readonly<Record<string, string>>,
): string {
  const lists = listsOf(entries);
  const counts = (synthetic: boolean): Readonly<Record<string, number>> =>
    Object.fromEntries(
      lists.filter((one) => one.synthetic === synthetic).map(({ severity, found }) => [severity, found.length]),
    );
  return jsonText({
    ...{ davylamp, id, ...own, more },
    ...{ synthetic: sumOf(entries).synthetic, counts: counts(false), tests: counts(true) },
    findings: lists.flatMap(({ synthetic, found }) =>
      found.slice(0, rows).map(({ finding, place: { account, region, host, scope }, severity, at, transitions }) => ({
        ...{ finding, severity, at: isoTime(at), ...(transitions === undefined ? {} : { transitions }) },
        ...(synthetic ? { synthetic } : {}),
        place: Object.fromEntries(
          Object.entries({ account, region, host, scope }).map(([key, value]) => [key, value.slice(0, MAX_TEXT)]),
        ),
      })),
    ),
  });
}
