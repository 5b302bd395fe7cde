import { eventHash, MAX_EVENT_IDS } from '#shared/model/evidence.ts';
import type { DecidedEvidence } from '#shared/model/finding.ts';
import { shellWord } from './escape.ts';
import { list, namedBy, unique } from './facts.ts';
import { hexadecimal, messageHolds } from './insights.ts';
import { count, isoHour } from './words.ts';

/** Records that evidence counts beyond its samples, which are few: at most five of an item. */
export interface Unshown {
  readonly records: number;
  /** There are more than evidence counts: its set of events overflowed, or the finding was cut. */
  readonly orMore: boolean;
}

/** How many records of the items no sample shows; one record that several items hold counts once. */
export function unshownOf(all: readonly DecidedEvidence[]): Unshown {
  const events = new Set(all.flatMap((one) => one.events));
  for (const { id } of all.flatMap((one) => one.samples)) events.delete(eventHash(id));
  const orMore = all.some((one) => one.more && (one.events.length >= MAX_EVENT_IDS || one.samples.length === 0));
  return { records: events.size, orMore };
}

/** `4 more records`; empty where samples show all. */
export function unshownText({ records, orMore }: Unshown): string {
  if (records === 0) return orMore ? 'an unknown number of records' : '';
  return `${count(records, 'more record')}${orMore ? ' or still more' : ''}`;
}

const MAX_TERMS = 8;
const MAX_FOLDERS = 32;

/**
 * Where the records of evidence stand and what finds them there: log groups with a query, files with a search, and the
 * hours. More than a few paths are asked for by their folders.
 * @param terms what such records hold, one of them at least
 * @param inArguments whether a term stands within longer arguments, which auditd may write as hexadecimal
 */
export function whereAll(all: readonly DecidedEvidence[], terms: readonly string[], inArguments: boolean): string {
  const samples = all.flatMap((one) => one.samples);
  const hours = all.map((one) => one.hour);
  const during =
    hours.length === 0 ? '' : ` from ${isoHour(Math.min(...hours))} until ${isoHour(Math.max(...hours) + 1)}`;
  const groups = unique(samples.map(({ raw }) => raw.logGroup));
  const files = unique(samples.map(({ raw }) => raw.file));
  const objects = unique(
    samples.map(({ raw }) => (raw.bucket === undefined ? undefined : `s3://${raw.bucket}/${raw.key ?? ''}`)),
  );
  const auditd = samples.some(({ source }) => source === 'auditd');
  const few = foldersOf(unique(terms));
  const words = auditd && inArguments ? few.flatMap((one) => [one, hexadecimal(one)]) : few;
  const ways: string[] = [];
  if (groups.length > 0) {
    const filter = words.length === 0 ? '' : ` | filter ${words.map((one) => messageHolds(one, auditd)).join(' or ')}`;
    ways.push(
      `Logs Insights, log group ${list(groups, 4)}${during}: fields @timestamp, @logStream, @message${filter} | limit 10000`,
    );
  }
  if (files.length > 0) {
    const search = searchOf(words, files.slice(0, 4));
    ways.push(`file ${list(files, 4)}${during}${search === undefined ? '' : `: ${search}`}`);
  }
  if (objects.length > 0) ways.push(`${list(objects, 4)}${during}: records that hold ${list(few, MAX_TERMS)}`);
  return ways.length > 0
    ? ways.join('; ')
    : `the logs that gave ${list(unique(all.map((one) => one.rule)), 4)}${during}`;
}

/** Names that a step lists without more about each. */
export const MAX_LISTED = 32;

/** The names as a sentence's end; where more of them are than are listed, also where the records stand that name all. */
export function listOrAsk(
  names: readonly string[],
  all: readonly DecidedEvidence[],
  terms: readonly string[],
  inArguments: boolean,
): string {
  const text = list(names, MAX_LISTED);
  return names.length > MAX_LISTED ? `${text}. All of them: ${whereAll(all, terms, inArguments)}` : `${text}.`;
}

function searchOf(terms: readonly string[], files: readonly string[]): string | undefined {
  const words = [...terms, ...files].map(shellWord);
  if (terms.length === 0 || words.includes(undefined)) return undefined;
  const tool = files.some((one) => one.endsWith('.gz')) ? 'zgrep' : 'grep';
  const asked = words.slice(0, terms.length).map((word) => `-e ${word}`);
  return `${tool} -aF ${asked.join(' ')} -- ${words.slice(terms.length).join(' ')}`;
}

/** Few terms that find all: of many paths their folders, and the folders above these while they are still many. */
function foldersOf(terms: readonly string[]): readonly string[] {
  let few = terms;
  for (let many = MAX_TERMS; few.length > many; many = MAX_FOLDERS) {
    const above = unique(few.map(folderOf));
    const widest = above.filter((one) => !above.some((other) => other !== one && one.startsWith(other)));
    if (widest.length === few.length && widest.every((one, at) => one === few[at])) break;
    few = widest;
  }
  return few.slice(0, MAX_FOLDERS);
}

/** `/tmp/.x/a` to `/tmp/.x/`, that to `/tmp/`; what is no path, or lies at the top, as it is. */
function folderOf(path: string): string {
  const end = path.startsWith('/') ? path.lastIndexOf('/', path.length - 2) + 1 : 0;
  return end > 1 ? path.slice(0, end) : path;
}

/** Items of one rule, whatever their part, hour and link key. */
export function byRule(all: readonly DecidedEvidence[]): readonly (readonly DecidedEvidence[])[] {
  return [...Map.groupBy(all, ({ rule }) => rule.split('/', 1)[0]).values()];
}

/** The values of some kinds of artifacts that evidence names. */
export function namedByAll(
  all: readonly DecidedEvidence[],
  ...kinds: readonly Parameters<typeof namedBy>[1][]
): readonly string[] {
  return unique(all.flatMap((one) => kinds.flatMap((kind) => namedBy(one, kind))));
}
