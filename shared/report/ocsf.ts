import type { Coverage } from '#shared/model/coverage.ts';
import type { Finding, Transition } from '#shared/model/finding.ts';
import { CHAIN_GROUPS, type Severity } from '#shared/model/groups.ts';
import { hourStart } from '#shared/model/time.ts';
import { isTest, testMark } from './email-subject.ts';
import { jsonText } from './escape.ts';
import { list, poolValues, unique, valuesOf } from './facts.ts';
import { attacksOf } from './ocsf-attack.ts';
import { evidenceItem, known, type OcsfObject, type OcsfValue, timestamp } from './ocsf-evidence.ts';
import { cloudOf, observablesOf, resourcesOf } from './ocsf-resource.ts';
import { unmappedOf } from './ocsf-unmapped.ts';
import { type TriageStep, triage } from './triage.ts';
import { GROUP_TITLES, placeText } from './words.ts';

/** What a message tells of: a finding at a revision, what happened to it, and what the sources could show. */
export interface Announcement {
  readonly finding: Finding;
  readonly transition: Transition;
  /** The time that is recorded with the transition, milliseconds since the epoch: the same in every repetition. */
  readonly at: number;
  readonly coverage: Coverage;
  /** The version of this product, for `metadata.product`. */
  readonly version: string;
}

/**
 * SNS takes 262,144 bytes with attributes. As a string within the JSON of `MessageStructure: json`, a message may
 * double (each quote and backslash is escaped), so that this and the email's budget stay below it together.
 */
export const OCSF_BYTES = 96 * 1024;
/** Room for what is never cut, however hostile the text. */
export const MIN_OCSF_BYTES = 8 * 1024;

/** The schema version whose attributes are used here (https://schema.ocsf.io/1.5.0/classes/detection_finding). */
const OCSF_VERSION = '1.5.0';
const CLASS_UID = 2004;
const SEVERITY_ID: Readonly<Record<Severity, number>> = { Low: 2, Medium: 3, High: 4, Critical: 5 };

interface Mapped {
  readonly activity: readonly [number, string];
  readonly status: readonly [number, string];
}
const CREATE = [1, 'Create'] as const;
const UPDATE = [2, 'Update'] as const;
const CLOSE = [3, 'Close'] as const;
const NEW = [1, 'New'] as const;

/** Activity and status of the class; a finding that went into an older one has no status of its own in the schema. */
const TRANSITIONS: Readonly<Record<Transition, Mapped>> = {
  opened: { activity: CREATE, status: NEW },
  escalated: { activity: UPDATE, status: NEW },
  extended: { activity: UPDATE, status: NEW },
  joined: { activity: UPDATE, status: NEW },
  archived: { activity: CLOSE, status: [5, 'Archived'] },
  superseded: { activity: CLOSE, status: [99, 'Superseded'] },
};

/** How much of a finding a message holds. */
interface Cut {
  readonly samples: number;
  /** Actions of triage; the titles of the steps always stay. */
  readonly actions: number;
  /** Of each other list. */
  readonly items: number;
  /** Code units of each text. */
  readonly text: number;
}

const MAX_ITEMS = 1000;
const WHOLE: Cut = {
  ...{ samples: Number.POSITIVE_INFINITY, actions: Number.POSITIVE_INFINITY, items: MAX_ITEMS, text: 2048 },
};
/** Bounds of texts once samples and actions are gone; with each, the other lists hold as much as fits. */
const LAST_TEXTS = [512, 128, 48];

/**
 * A finding and its transition as an OCSF Detection Finding (class 2004) in one line of JSON of at most `bytes` bytes:
 * what doesn't fit is dropped, samples first, then actions of triage, then the rest; `unmapped.cut` says so.
 * @throws RangeError for a budget below `MIN_OCSF_BYTES`: a bug of the caller.
 */
export function ocsfMessage(announcement: Announcement, bytes = OCSF_BYTES): string {
  if (!(bytes >= MIN_OCSF_BYTES)) throw new RangeError(`ocsfMessage: fewer than ${MIN_OCSF_BYTES} bytes`);
  const steps = triage(announcement.finding, announcement.coverage);
  const fitting = (cut: Cut): string | undefined => {
    const remediation = { desc: stepsText(steps, cut.actions, cut.text) };
    const text = jsonText({ ...clippedObject(detectionFinding(announcement, cut), cut.text), remediation });
    return Buffer.byteLength(text) <= bytes ? text : undefined;
  };
  const samples = announcement.finding.evidence.reduce((sum, one) => sum + one.samples.length, 0);
  const actions = steps.reduce((sum, one) => sum + one.actions.length, 0);
  const text =
    fitting(WHOLE) ??
    most(samples, (count) => fitting({ ...WHOLE, samples: count })) ??
    most(actions, (count) => fitting({ ...WHOLE, samples: 0, actions: count }));
  if (text !== undefined) return text;
  for (const length of LAST_TEXTS) {
    const last = most(MAX_ITEMS, (items) => fitting({ samples: 0, actions: 0, items, text: length }));
    if (last !== undefined) return last;
  }
  throw new RangeError('ocsfMessage: what is never cut outgrew its room');
}

/** What `attempt` gives for the largest count up to `limit` that it accepts; `undefined` where it accepts none. */
function most(limit: number, attempt: (count: number) => string | undefined): string | undefined {
  let best = attempt(0);
  if (best === undefined) return undefined;
  let [low, high] = [0, limit];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const text = attempt(middle);
    if (text === undefined) high = middle - 1;
    else [best, low] = [text, middle];
  }
  return best;
}

/** Of several lists `count` items in all: the first of each, then the second of each. */
function firstOfEach<T>(lists: readonly (readonly T[])[], count: number): readonly (readonly T[])[] {
  const ranks = lists.flatMap((items, at) => items.map((_, rank) => ({ at, rank })));
  const kept = ranks.sort((a, b) => a.rank - b.rank || a.at - b.at).slice(0, Math.min(count, ranks.length));
  const numbers = lists.map(() => 0);
  for (const { at } of kept) numbers[at] = (numbers[at] ?? 0) + 1;
  return lists.map((items, at) => items.slice(0, numbers[at]));
}

/** A text cut to a number of code units, never within a surrogate pair. */
function clippedText(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function clipped(value: OcsfValue, length: number): OcsfValue {
  if (typeof value === 'string') return clippedText(value, length);
  if (typeof value !== 'object') return value;
  return isList(value) ? value.map((one) => clipped(one, length)) : clippedObject(value, length);
}

function clippedObject(value: OcsfObject, length: number): OcsfObject {
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, clipped(one, length)]));
}

const isList = (value: OcsfObject | readonly OcsfValue[]): value is readonly OcsfValue[] => Array.isArray(value);

function detectionFinding(announcement: Announcement, cut: Cut): OcsfObject {
  const { finding, transition } = announcement;
  const { activity, status } = TRANSITIONS[transition];
  const seen = seenTimes(finding);
  const kept = firstOfEach(
    finding.evidence.map((one) => one.samples),
    cut.samples,
  );
  return (
    known({
      metadata: metadataOf(announcement),
      category_uid: 2,
      category_name: 'Findings',
      class_uid: CLASS_UID,
      class_name: 'Detection Finding',
      activity_id: activity[0],
      activity_name: activity[1],
      type_uid: CLASS_UID * 100 + activity[0],
      type_name: `Detection Finding: ${activity[1]}`,
      time: timestamp(announcement.at) ?? seen.last ?? 0,
      start_time: seen.first,
      end_time: seen.last,
      severity_id: SEVERITY_ID[finding.severity],
      severity: finding.severity,
      status_id: status[0],
      status: status[1],
      // The schema's word for what may need someone at once (dictionary, `is_alert`): a test does not.
      is_alert: activity !== CLOSE && !isTest(finding.place),
      message: messageOf(finding, transition),
      finding_info: findingInfo(announcement, cut.items),
      cloud: cloudOf(finding.place),
      resources: resourcesOf(finding.place),
      evidences: finding.evidence.flatMap((one, at) => (kept[at] ?? []).map((sample) => evidenceItem(one, sample))),
      observables: observablesOf(finding.place, finding.artifacts.slice(0, cut.items)),
      unmapped: {
        transition,
        ...(isTest(finding.place) ? { synthetic: true } : {}),
        ...unmappedOf(finding, announcement.coverage, cut.items),
        cut: cutOf(finding, cut),
      },
    }) ?? {}
  );
}

/** How many samples the message lacks, and which bounds lay on the rest; a reader asks the store for what is gone. */
function cutOf(finding: Finding, { samples, actions, items, text }: Cut): OcsfObject {
  const all = finding.evidence.reduce((sum, one) => sum + one.samples.length, 0);
  return (
    known({
      samples_dropped: Math.max(0, all - samples),
      actions_kept: Number.isFinite(actions) ? actions : undefined,
      list_limit: items,
      text_limit: text,
    }) ?? {}
  );
}

function metadataOf({ finding, transition, version, at }: Announcement): OcsfObject {
  return (
    known({
      version: OCSF_VERSION,
      product: { name: 'davylamp', vendor_name: 'davylamp', version },
      profiles: ['cloud'],
      uid: `${finding.id}/${finding.revision}`,
      correlation_uid: finding.id,
      event_code: transition,
      logged_time: timestamp(at),
    }) ?? {}
  );
}

/** In one line what happened to which finding. */
function messageOf(finding: Finding, transition: Transition): string {
  const mark = testMark(finding.place);
  return `${mark}${finding.severity} cryptomining attack chain ${transition}: ${placeText(finding.place)}`;
}

function findingInfo({ finding, at }: Announcement, items: number): OcsfObject {
  const seen = seenTimes(finding);
  const rises = finding.rises.map((rise) => timestamp(rise.at)).filter((one) => one !== undefined);
  return (
    known({
      uid: finding.id,
      title: `${testMark(finding.place)}${finding.severity}: cryptomining attack chain on ${finding.place.host}`,
      desc: descriptionOf(finding),
      types: ['Cryptomining attack chain'],
      analytic: { name: 'Cryptomining attack chain', uid: 'davylamp/chain', type: 'Rule', type_id: 1 },
      created_time: rises.length === 0 ? undefined : Math.min(...rises),
      modified_time: timestamp(at),
      first_seen_time: seen.first,
      last_seen_time: seen.last,
      attacks: attacksOf(finding.evidence)
        .slice(0, items)
        .map((one) => ({ ...one })),
      data_sources: unique(finding.evidence.flatMap((one) => one.samples.map(({ source }) => source))).slice(0, items),
      related_analytics: unique(finding.evidence.map(({ rule }) => rule))
        .slice(0, items)
        .map((name) => ({ name, type: 'Rule', type_id: 1 })),
    }) ?? {}
  );
}

/** The groups seen, and whose coin goes where. */
function descriptionOf(finding: Finding): string {
  const groups = CHAIN_GROUPS.filter((group) => finding.groups[group] !== undefined).map((one) => GROUP_TITLES[one]);
  const coins = valuesOf(finding, 'coin');
  const pools = poolValues(finding);
  const parts = [
    `Seen: ${groups.length === 0 ? 'no group' : groups.join(', ')}.`,
    ...(coins.length === 0 ? [] : [`Mines ${list(coins, 3)}.`]),
    ...(pools.length === 0 ? [] : [`Pools: ${list(pools, 3)}.`]),
  ];
  return parts.join(' ');
}

/** The earliest and latest time that evidence of the finding tells; a last hour counts from its beginning. */
function seenTimes(finding: Finding): { readonly first: number | undefined; readonly last: number | undefined } {
  const samples = finding.evidence.flatMap((one) => one.samples.map(({ time }) => time));
  const all = [...finding.evidence.map((one) => one.first), ...samples, hourStart(finding.hours.to)];
  const times = all.map(timestamp).filter((one) => one !== undefined);
  const [first] = times;
  if (first === undefined) return { first: undefined, last: undefined };
  const bounds = times.reduce(
    (range, one) => ({ first: Math.min(range.first, one), last: Math.max(range.last, one) }),
    { first, last: first },
  );
  return bounds;
}

/** The nine steps as text, with `count` actions in all; each action is cut alone, so that every step stays. */
function stepsText(steps: readonly TriageStep[], count: number, length: number): string {
  const kept = firstOfEach(
    steps.map(({ actions }) => actions),
    count,
  );
  return steps
    .flatMap(({ step, title }, at) => [
      `${step}. ${title}`,
      ...(kept[at] ?? []).map((action) => `- ${clippedText(action, length)}`),
    ])
    .join('\n');
}
