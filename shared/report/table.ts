import type { Coverage } from '#shared/model/coverage.ts';
import type { Apart, DecidedEvidence, Finding, LeftOut } from '#shared/model/finding.ts';
import { CHAIN_GROUPS, GROUPS, type Group } from '#shared/model/groups.ts';
import type { Sample } from '#shared/model/indicator.ts';
import { ARTIFACT_KINDS, type ArtifactKind, type Place } from '#shared/model/place.ts';
import { coverageText } from './coverage.ts';
import { detailsOf, list, poolValues, valuesOf } from './facts.ts';
import { padded } from './layout.ts';
import { Lines, type Look } from './lines.ts';
import { byUrgency, SEVERITY_LOOKS } from './severity.ts';
import { triage } from './triage.ts';
import {
  ARTIFACT_TITLES,
  count,
  GROUP_TITLES,
  isoHour,
  isoTime,
  linkKeyText,
  placeText,
  STRENGTH_WORDS,
  techniqueText,
} from './words.ts';

/** A place that has evidence and no complete case. */
export interface Watching {
  readonly place: Place;
  readonly groups: readonly Group[];
  /** First and last hour with evidence, hours since the epoch. */
  readonly hours: { readonly from: number; readonly to: number };
}

/** What the table shows beside the findings. */
export interface Surroundings {
  readonly coverage: Coverage;
  readonly watching: readonly Watching[];
}

const MAX_EVIDENCE = 12;
const MAX_LEFT_OUT = 8;
const MAX_VALUES = 8;
const MAX_WATCHING = 20;
const MAX_COMMAND_LINES = 6;

/** All findings as text for a terminal, most severe first, then the places to watch. Nothing from a log is raw in it. */
export function renderFindings(findings: readonly Finding[], around: Surroundings, look: Look): string {
  const lines = new Lines(look);
  for (const finding of [...findings].sort(byUrgency)) addFinding(lines, finding, around.coverage);
  if (findings.length === 0) {
    lines.add('No attack chain found.', '', 'bold');
    for (const line of coverageText(around.coverage)) lines.add(line, '  - ');
    lines.blank();
  }
  addWatching(lines, around.watching);
  return `${lines.toString().trimEnd()}\n`;
}

function addFinding(lines: Lines, finding: Finding, coverage: Coverage): void {
  const { label, colour } = SEVERITY_LOOKS[finding.severity];
  lines.add(`${label}  ${placeText(finding.place)}`, '', ['bold', colour]);
  lines.add(whatText(finding), '  ', 'bold');
  lines.add(`finding ${finding.id}, episode ${finding.episode}, revision ${finding.revision}, ${finding.state}`, '  ');
  const rises = finding.rises.map(({ severity, at }) => `${severity} ${isoTime(at)}`);
  lines.add(`reached ${rises.length === 0 ? 'at an unknown time' : rises.join(' -> ')}`, '  ');
  lines.add(`activity from the hour of ${isoHour(finding.hours.from)} to that of ${isoHour(finding.hours.to)}`, '  ');
  for (const note of finding.notes) lines.add(note, '  ! ', 'yellow');
  addGroups(lines, finding);
  addArtifacts(lines, finding);
  addEvidence(lines, finding.evidence);
  lines.heading('What to do');
  for (const { step, title, actions } of triage(finding, coverage)) {
    lines.add(title, `  ${step}. `, 'bold');
    for (const action of actions) lines.add(action, '     - ');
  }
  addMissing(lines, finding);
  addLeftOut(lines, finding.leftOut);
  addApart(lines, finding.apart);
  lines.heading('What the sources can show');
  for (const line of coverageText(coverage)) lines.add(line, '    - ');
  lines.blank();
}

/** In one line what is going on: the groups, and whose coin goes where. */
function whatText(finding: Finding): string {
  const groups = CHAIN_GROUPS.filter((group) => finding.groups[group] !== undefined).map(
    (group) => GROUP_TITLES[group],
  );
  const coins = valuesOf(finding, 'coin');
  const pools = poolValues(finding);
  const coin = coins.length === 0 ? '' : `; mines ${list(coins, 3)}`;
  const pool = pools.length === 0 ? '' : `${coin === '' ? '; mines' : ''} at ${list(pools, 3)}`;
  return `${groups.join(' + ')}${coin}${pool}`;
}

function addGroups(lines: Lines, finding: Finding): void {
  const views = GROUPS.flatMap((group) => {
    const view = finding.groups[group];
    return view === undefined ? [] : [{ group, view }];
  });
  lines.heading(`Groups (${views.length})`);
  const width = Math.max(...GROUPS.map((group) => GROUP_TITLES[group].length)) + 2;
  for (const { group, view } of views) {
    const times = `${isoTime(view.first)}, last in the hour of ${isoHour(view.lastHour)}`;
    lines.add(times, `    ${padded(GROUP_TITLES[group], width)}`);
    lines.add(`${view.strength} by ${list(view.rules, MAX_VALUES)}`, `    ${' '.repeat(width)}`);
  }
}

/** The attacker's own names first: what a responder reports and blocks. */
const ARTIFACT_ORDER: readonly ArtifactKind[] = [
  ...(['coin', 'wallet', 'pool', 'proxy', 'algo', 'worker'] as const),
  ...ARTIFACT_KINDS.filter((kind) => !['coin', 'wallet', 'pool', 'proxy', 'algo', 'worker'].includes(kind)),
];

function addArtifacts(lines: Lines, finding: Finding): void {
  const all = ARTIFACT_ORDER.reduce((sum, kind) => sum + valuesOf(finding, kind).length, 0);
  lines.heading(`Artifacts (${all})`);
  const width = Math.max(...ARTIFACT_ORDER.map((kind) => ARTIFACT_TITLES[kind].length)) + 2;
  for (const kind of ARTIFACT_ORDER) {
    const values = valuesOf(finding, kind);
    values.slice(0, MAX_VALUES).forEach((value, at) => {
      const title = padded(at === 0 ? ARTIFACT_TITLES[kind] : '', width);
      lines.add(kind === 'wallet' ? `${value} (checksum verified)` : value, `    ${title}`);
    });
    if (values.length > MAX_VALUES) lines.add(`and ${values.length - MAX_VALUES} more`, `    ${padded('', width)}`);
  }
}

function addEvidence(lines: Lines, evidence: readonly DecidedEvidence[]): void {
  lines.heading(`Evidence (${evidence.length})`);
  for (const one of evidence.slice(0, MAX_EVIDENCE)) addOne(lines, one);
  if (evidence.length > MAX_EVIDENCE) lines.add(`and ${evidence.length - MAX_EVIDENCE} more: --json shows all`, '    ');
}

function addOne(lines: Lines, one: DecidedEvidence): void {
  lines.add(`${isoTime(one.first)}  ${GROUP_TITLES[one.group]}: ${one.rule}`, '    ');
  const worth =
    one.because === undefined ? STRENGTH_WORDS[one.decided] : `${STRENGTH_WORDS[one.decided]}: ${one.because}`;
  const often = one.more && one.events.length >= 64 ? '64 events or more' : count(one.events.length, 'event');
  lines.add(
    `${techniqueText(one.technique)}; ${one.decided}, ${worth}; ${often}; ${linkKeyText(one.linkKey)}`,
    '      ',
  );
  const [sample] = one.samples;
  if (sample !== undefined) addSample(lines, sample);
  lines.add(one.why, '      why: ', undefined, MAX_COMMAND_LINES);
}

function addSample(lines: Lines, sample: Sample): void {
  const act = actOf(sample);
  if (act !== '') lines.add(act, '      > ', 'cyan', MAX_COMMAND_LINES);
  const pid = sample.pid === undefined ? [] : [`pid ${sample.pid}`];
  const details = [...pid, ...detailsOf(sample)];
  if (details.length > 0) lines.add(details.join(', '), '      ');
  lines.add(`${sample.source}, ${rawText(sample)}`, '      ');
}

/** What happened, in the record's own words. */
function actOf(sample: Sample): string {
  const parts = [
    sample.commandLine ?? sample.executable,
    sample.path === undefined ? undefined : `file ${sample.path}`,
    sample.query === undefined ? undefined : `query ${sample.query}`,
    sample.answer === undefined ? undefined : `answer ${sample.answer}`,
    sample.remote === undefined ? undefined : `remote ${sample.remote}`,
    sample.bytes === undefined ? undefined : count(sample.bytes, 'byte'),
    sample.success === false ? 'failed' : undefined,
  ];
  return parts.filter((part) => part !== undefined).join('; ');
}

function rawText({ raw, id }: Sample): string {
  if (raw.file !== undefined) return raw.line === undefined ? raw.file : `${raw.file}:${raw.line}`;
  if (raw.bucket !== undefined)
    return `s3://${raw.bucket}/${raw.key ?? ''}${raw.line === undefined ? '' : `:${raw.line}`}`;
  if (raw.logGroup !== undefined) return `${raw.logGroup} ${raw.logStream ?? ''} ${raw.eventId ?? ''}`.trimEnd();
  return id;
}

function addMissing(lines: Lines, finding: Finding): void {
  const { next, missing } = finding;
  if (next !== undefined) {
    const needs = next.needs.map((group) => GROUP_TITLES[group]);
    lines.heading(`Missing for ${next.severity}`);
    lines.add(needs.length === 0 ? 'stronger evidence of the same groups' : needs.join(', '), '    ');
  } else if (missing.length > 0) {
    lines.heading('Not seen');
    lines.add(missing.map((group) => GROUP_TITLES[group]).join(', '), '    ');
  }
}

function addLeftOut(lines: Lines, leftOut: readonly LeftOut[]): void {
  if (leftOut.length === 0) return;
  lines.heading(`Left out (${leftOut.length})`);
  for (const { evidence, why } of leftOut.slice(0, MAX_LEFT_OUT)) {
    lines.add(`${isoTime(evidence.first)}  ${GROUP_TITLES[evidence.group]}: ${evidence.rule}`, '    ');
    const [sample] = evidence.samples;
    if (sample !== undefined && actOf(sample) !== '') lines.add(actOf(sample), '      > ', 'cyan', MAX_COMMAND_LINES);
    lines.add(why, '      why: ');
  }
  if (leftOut.length > MAX_LEFT_OUT) lines.add(`and ${leftOut.length - MAX_LEFT_OUT} more: --json shows all`, '    ');
}

function addApart(lines: Lines, apart: readonly Apart[]): void {
  if (apart.length === 0) return;
  lines.heading(`Stood apart (${apart.length})`);
  for (const { linkKeys, severity, groups } of apart.slice(0, MAX_LEFT_OUT)) {
    const titles = groups.map((group) => GROUP_TITLES[group]);
    const alone = severity === undefined ? 'no severity alone' : `${severity} alone`;
    lines.add(`${list(linkKeys.map(linkKeyText), MAX_VALUES)}: ${titles.join(', ')}; ${alone}`, '    - ');
  }
  if (apart.length > MAX_LEFT_OUT) lines.add(`and ${apart.length - MAX_LEFT_OUT} more: --json shows all`, '    ');
}

function addWatching(lines: Lines, watching: readonly Watching[]): void {
  if (watching.length === 0) return;
  lines.add(`Places to watch: evidence, but no complete case (${watching.length})`, '', 'bold');
  for (const { place, groups, hours } of watching.slice(0, MAX_WATCHING)) {
    lines.add(placeText(place), '  - ');
    const titles = groups.map((group) => GROUP_TITLES[group]).join(', ');
    lines.add(`${titles}; hours ${isoHour(hours.from)} to ${isoHour(hours.to)}`, '    ');
  }
  if (watching.length > MAX_WATCHING) lines.add(`and ${watching.length - MAX_WATCHING} more`, '  ');
}
