import type { DecidedEvidence, Finding, Transition } from '#shared/model/finding.ts';
import { GROUPS } from '#shared/model/groups.ts';
import type { Sample } from '#shared/model/indicator.ts';
import { ARTIFACT_KINDS } from '#shared/model/place.ts';
import { coverageText } from './coverage.ts';
import { isTest, TEST_NOTE, testMark } from './email-subject.ts';
import { detailsOf, list, valuesOf } from './facts.ts';
import { padded } from './layout.ts';
import { Lines } from './lines.ts';
import type { Announcement } from './ocsf.ts';
import { SEVERITY_LOOKS } from './severity.ts';
import { type TriageStep, triage } from './triage.ts';
import { ARTIFACT_TITLES, count, GROUP_TITLES, isoHour, isoTime, placeText, techniqueText } from './words.ts';

/** With the machines' message in the JSON of one publication, below what SNS takes: see `OCSF_BYTES`. */
export const EMAIL_BYTES = 24 * 1024;
/** Room for the first lines and the note that the rest is cut. */
export const MIN_EMAIL_BYTES = 1024;

const LOOK = { width: 92, colour: false };

/** What each transition means, in a sentence. */
const TRANSITION_TEXT: Readonly<Record<Transition, string>> = {
  opened: 'A cryptomining attack chain was found.',
  escalated: 'New evidence has raised the severity of this attack chain.',
  extended: 'This attack chain is still active, or active again.',
  joined: 'Late evidence has joined an earlier episode to this one.',
  archived: 'No new evidence has come for as long as an episode lasts: the episode is closed.',
  superseded: 'Late evidence has shown that this is part of an older finding, which goes on in its place.',
};

/** How much an email shows of each list. */
interface Caps {
  readonly values: number;
  readonly actions: number;
  readonly evidence: number;
  /** Lines of each text from a log. */
  readonly lines: number;
}

/** Evidence gives way first, then actions of triage, then artifacts: what to do is why people read it. */
const CAPS: readonly Caps[] = [
  { values: 8, actions: 80, evidence: 24, lines: 6 },
  { values: 8, actions: 80, evidence: 8, lines: 4 },
  { values: 8, actions: 8, evidence: 3, lines: 3 },
  { values: 4, actions: 4, evidence: 2, lines: 2 },
  { values: 1, actions: 2, evidence: 1, lines: 1 },
];

/**
 * A finding and its transition as plain text for a mail, of at most `bytes` bytes of UTF-8. Text from logs is escaped
 * and can't become a link: `://` and `www.` are broken up.
 * @throws RangeError for a budget below `MIN_EMAIL_BYTES`: a bug of the caller.
 */
export function emailBody(announcement: Announcement, bytes = EMAIL_BYTES): string {
  if (!(bytes >= MIN_EMAIL_BYTES)) throw new RangeError(`emailBody: fewer than ${MIN_EMAIL_BYTES} bytes`);
  const steps = triage(announcement.finding, announcement.coverage);
  let text = '';
  for (const caps of CAPS) {
    text = written(announcement, steps, caps);
    if (Buffer.byteLength(text) <= bytes) return text;
  }
  return cutToBytes(text, bytes);
}

const CUT_NOTE = '(cut here: the whole finding is in the store)\n';

/** Whole lines from the beginning, as many as fit with a note that the rest is cut. */
function cutToBytes(text: string, bytes: number): string {
  let room = bytes - Buffer.byteLength(CUT_NOTE);
  let kept = '';
  for (const line of text.split('\n')) {
    room -= Buffer.byteLength(line) + 1;
    if (room < 0) break;
    kept += `${line}\n`;
  }
  return kept + CUT_NOTE;
}

/** Text that no mail program makes a link of: `://` and `www.` broken up. */
export const unlinked = (text: string): string => text.replaceAll('://', '[:]//').replace(/www\./gi, 'www[.]');

function written(
  { finding, transition, at, coverage }: Announcement,
  steps: readonly TriageStep[],
  caps: Caps,
): string {
  const lines = new Lines(LOOK);
  const where = placeText(finding.place);
  const mark = testMark(finding.place);
  lines.add(`${mark}${SEVERITY_LOOKS[finding.severity].label}, ${transition}: ${where}`, '', undefined, 8);
  if (isTest(finding.place)) lines.add(TEST_NOTE);
  lines.add(TRANSITION_TEXT[transition]).blank();
  for (const note of finding.notes.slice(0, caps.values)) lines.add(note, '! ', undefined, caps.lines);
  addTimes(lines, finding, at);
  addGroups(lines, finding, caps);
  addArtifacts(lines, finding, caps);
  lines.blank().add('What to do');
  for (const { step, title, actions } of steps) {
    lines.add(title, `${step}. `);
    for (const action of actions.slice(0, caps.actions)) lines.add(action, '   - ', undefined, caps.lines);
    addMore(lines, actions.length - caps.actions, '   - ');
  }
  addEvidence(lines, finding.evidence, caps);
  addRest(lines, finding, caps);
  lines.blank().add('What the sources can show');
  for (const line of coverageText(coverage).slice(0, 24)) lines.add(line, '- ', undefined, caps.lines);
  lines.blank().add('Links in this text are broken up: [:] stands for a colon, [.] for a dot.');
  return `${unlinked(lines.toString())}\n`;
}

function addMore(lines: Lines, more: number, first: string): void {
  if (more > 0) lines.add(`and ${more} more`, first);
}

function addTimes(lines: Lines, finding: Finding, at: number): void {
  const { hours, rises } = finding;
  const reached = rises.slice(0, 8).map((rise) => `${rise.severity} ${isoTime(rise.at)}`);
  lines.blank();
  lines.add(isoTime(at), 'Recorded   ');
  lines.add(reached.length === 0 ? 'unknown' : reached.join(', '), 'Reached    ');
  lines.add(`hours from ${isoHour(hours.from)} to ${isoHour(hours.to)}`, 'Active     ');
  lines.add(`${finding.id}, episode ${finding.episode}, revision ${finding.revision}`, 'Finding    ', undefined, 2);
}

const TITLE_WIDTH = 22;

function addGroups(lines: Lines, finding: Finding, caps: Caps): void {
  lines.blank().add('Groups');
  for (const group of GROUPS) {
    const view = finding.groups[group];
    if (view === undefined) continue;
    const times = `first ${isoTime(view.first)}, last in the hour of ${isoHour(view.lastHour)}`;
    const text = `${view.strength}; ${times}; by ${list(view.rules, caps.values)}`;
    lines.add(text, `- ${padded(GROUP_TITLES[group], TITLE_WIDTH)}`, undefined, caps.lines);
  }
  const { next } = finding;
  if (next === undefined) return;
  const needs = next.needs.map((group) => GROUP_TITLES[group]);
  lines.add(`Missing for ${next.severity}: ${needs.length === 0 ? 'stronger evidence' : needs.join(', ')}`, '- ');
}

function addArtifacts(lines: Lines, finding: Finding, caps: Caps): void {
  if (finding.artifacts.length === 0) return;
  lines.blank().add('Artifacts');
  for (const kind of ARTIFACT_KINDS) {
    const values = valuesOf(finding, kind);
    const title = `- ${padded(ARTIFACT_TITLES[kind], TITLE_WIDTH)}`;
    for (const value of values.slice(0, caps.values)) lines.add(value, title, undefined, caps.lines);
    addMore(lines, values.length - caps.values, title);
  }
}

function addEvidence(lines: Lines, evidence: readonly DecidedEvidence[], caps: Caps): void {
  lines.blank().add(`Evidence (${evidence.length})`);
  for (const one of evidence.slice(0, caps.evidence)) {
    const title = `${GROUP_TITLES[one.group]} by ${one.rule}, ${one.decided}, ${techniqueText(one.technique)}`;
    lines.add(`${isoTime(one.first)} ${title}`, '- ', undefined, caps.lines);
    const [sample] = one.samples;
    if (sample !== undefined) lines.add(sampleText(sample), '  > ', undefined, caps.lines);
    lines.add(one.why, '  why: ', undefined, caps.lines);
  }
  addMore(lines, evidence.length - caps.evidence, '- ');
}

/** What one record showed: the act, then the process behind it. */
function sampleText(sample: Sample): string {
  const parts: readonly (readonly [string, string | undefined])[] = [
    ['', sample.commandLine ?? sample.executable],
    ['file ', sample.path],
    ['query ', sample.query],
    ['answer ', sample.answer],
    ['remote ', sample.remote],
    ['', sample.bytes === undefined ? undefined : count(sample.bytes, 'byte')],
    ['', sample.success === false ? 'failed' : undefined],
    ['pid ', sample.pid === undefined ? undefined : String(sample.pid)],
    ['', detailsOf(sample).join(', ') || undefined],
    ['from ', sample.source],
    ['event ', sample.id],
  ];
  return parts.flatMap(([word, value]) => (value === undefined ? [] : [word + value])).join('; ');
}

function addRest(lines: Lines, { leftOut, apart }: Finding, caps: Caps): void {
  if (leftOut.length + apart.length === 0) return;
  lines.blank().add(`Not counted (${leftOut.length + apart.length})`);
  for (const { evidence, why } of leftOut.slice(0, caps.evidence)) {
    lines.add(`${GROUP_TITLES[evidence.group]} by ${evidence.rule}: ${why}`, '- ', undefined, caps.lines);
  }
  for (const { groups } of apart.slice(0, caps.evidence)) {
    lines.add(`apart from the rest: ${groups.map((group) => GROUP_TITLES[group]).join(', ')}`, '- ');
  }
  const shown = Math.min(leftOut.length, caps.evidence) + Math.min(apart.length, caps.evidence);
  addMore(lines, leftOut.length + apart.length - shown, '- ');
}
