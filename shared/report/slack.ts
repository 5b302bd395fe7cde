import type { ContextBlock, KnownBlock } from '@slack/types';
import type { Coverage } from '#shared/model/coverage.ts';
import type { DecidedEvidence, Finding, Transition } from '#shared/model/finding.ts';
import { GROUPS } from '#shared/model/groups.ts';
import { ARTIFACT_KINDS } from '#shared/model/place.ts';
import { isTest, TEST_NOTE } from './email-subject.ts';
import { poolValues, valuesOf } from './facts.ts';
import { SEVERITY_LOOKS } from './severity.ts';
import {
  changeText,
  header,
  hostPlain,
  MAX_FALLBACK,
  MAX_HEADER,
  MAX_TOTAL,
  messageOf,
  mrkdwn,
  placeCode,
  plain,
  type SlackMessage,
  type SlackNotice,
  section,
} from './slack-message.ts';
import { slackCode, slackLines, slackPlain } from './slack-text.ts';
import { triage } from './triage.ts';
import { ARTIFACT_TITLES, GROUP_TITLES, isoHour, isoTime, techniqueText } from './words.ts';

/** What each transition means, in a sentence. */
const MEANING: Readonly<Record<Transition, string>> = {
  opened: 'A cryptomining attack chain was found.',
  escalated: 'New evidence has raised the severity of an attack chain that is known already.',
  extended: 'This attack chain is still active, or active again.',
  joined: 'Late evidence has joined an earlier episode to this one.',
  archived: 'Nothing new has come for as long as an episode lasts: it is closed.',
  superseded: 'Late evidence has shown that this belongs to an older finding, which goes on in its place.',
};

/** Characters for each part of a message: together, with labels and JSON, below `MAX_TOTAL` for ordinary text. */
interface Room {
  readonly groups: number;
  readonly artifacts: number;
  readonly evidence: number;
  readonly actions: number;
  readonly notes: number;
  /** One text from a log. */
  readonly value: number;
}

/** Evidence gives way before the actions: what to do is why people read it. The last holds whatever JSON doubles. */
const ROOMS: readonly Room[] = [
  { groups: 900, artifacts: 1500, evidence: 1500, actions: 2600, notes: 500, value: 300 },
  { groups: 700, artifacts: 900, evidence: 700, actions: 2000, notes: 300, value: 200 },
  { groups: 500, artifacts: 500, evidence: 300, actions: 1200, notes: 200, value: 100 },
];

/**
 * One transition of a finding as a message: what happened and where, groups, artifacts, evidence, and the first steps.
 * Text from logs stands in code spans or in unformatted text only. Without the finding it says what the notice says.
 */
export function slackMessage(notice: SlackNotice): SlackMessage {
  const text = slackFallback(notice);
  for (const room of ROOMS) {
    const blocks = blocksOf(notice, room);
    if (JSON.stringify(blocks).length <= MAX_TOTAL) return messageOf(text, blocks);
  }
  const { finding: _, ...told } = notice;
  return messageOf(text, blocksOf(told, { groups: 0, artifacts: 0, evidence: 0, actions: 0, notes: 0, value: 60 }));
}

/** The one line that notifications and screen readers get. */
function slackFallback(notice: SlackNotice): string {
  return `${changeText(notice)}: cryptomining on ${placeCode(notice.place, Math.floor(MAX_FALLBACK / 6))}`;
}

function blocksOf(notice: SlackNotice, room: Room): readonly KnownBlock[] {
  const { finding } = notice;
  const start = `${changeText(notice)}: cryptomining on `;
  const blocks: readonly (KnownBlock | undefined)[] = [
    header(start + hostPlain(notice.place, MAX_HEADER - start.length)),
    section(mrkdwn(introduction(notice))),
    { type: 'section', fields: fieldsOf(notice, Math.min(room.value, 120)).map(mrkdwn) },
    ...(finding === undefined ? [] : detailsOf(finding, room)),
    contextOf(notice),
  ];
  return blocks.filter((one) => one !== undefined);
}

function introduction(notice: SlackNotice): string {
  const { transition, severity, from, finding } = notice;
  const lines = [MEANING[transition]];
  if (transition === 'escalated') {
    const was = from === undefined || from === severity ? '' : `from ${SEVERITY_LOOKS[from].label} `;
    lines.unshift(`*Escalated ${was}to ${SEVERITY_LOOKS[severity].label}*`);
  }
  if (isTest(notice.place)) lines.unshift(TEST_NOTE);
  if (finding === undefined) lines.push('Its details could not be read: the store holds them under the id below.');
  return lines.join('\n');
}

function fieldsOf({ place, at, finding }: SlackNotice, most: number): string[] {
  const fields = [`*Where*\n${placeCode(place, most)}`, `*Recorded*\n${isoTime(at)}`];
  if (finding === undefined) return fields;
  const { hours, rises, next } = finding;
  const reached = rises.slice(0, 4).map((rise) => `${rise.severity} ${isoTime(rise.at)}`);
  fields.push(`*Active*\nhours from ${isoHour(hours.from)} to ${isoHour(hours.to)}`);
  if (reached.length > 0) fields.push(`*Reached*\n${reached.join('\n')}`);
  if (next !== undefined) {
    const needs = next.needs.map((group) => GROUP_TITLES[group]);
    fields.push(`*Missing for ${next.severity}*\n${needs.length === 0 ? 'stronger evidence' : needs.join(', ')}`);
  }
  return fields;
}

function detailsOf(finding: Finding, room: Room): (KnownBlock | undefined)[] {
  const notes = finding.notes.map((note) => `• ${slackPlain(note, room.value)}`);
  return [
    notes.length === 0 ? undefined : section(plain(slackLines(notes, room.notes))),
    listed('Groups', groupLines(finding, room.value), room.groups),
    listed('Artifacts', artifactLines(finding, room.value), room.artifacts),
    section(plain(slackLines(actionLines(finding, room.value), room.actions))),
    listed(`Evidence (${finding.evidence.length})`, evidenceLines(finding.evidence, room.value), room.evidence),
  ];
}

const listed = (title: string, lines: readonly string[], most: number): KnownBlock | undefined =>
  lines.length === 0 ? undefined : section(mrkdwn(`*${title}*\n${slackLines(lines, most)}`));

function groupLines({ groups }: Finding, most: number): string[] {
  return GROUPS.flatMap((group) => {
    const view = groups[group];
    if (view === undefined) return [];
    const rules = view.rules.slice(0, 3).map((rule) => slackCode(rule, Math.min(most, 80)));
    const more = view.rules.length > 3 ? ` and ${view.rules.length - 3} more` : '';
    const by = rules.length === 0 ? '' : `, by ${rules.join(', ')}${more}`;
    return [`• ${GROUP_TITLES[group]}: ${view.strength}, first ${isoTime(view.first)}${by}`];
  });
}

const VALUES_OF_A_KIND = 3;

/** Pools and wallets first: what tells one attacker from another. */
function artifactLines(finding: Finding, most: number): string[] {
  const kinds = ['pool', 'wallet', ...ARTIFACT_KINDS.filter((kind) => kind !== 'pool' && kind !== 'wallet')] as const;
  return kinds.flatMap((kind) => {
    const values = kind === 'pool' ? poolValues(finding) : valuesOf(finding, kind);
    const shown = values
      .slice(0, VALUES_OF_A_KIND)
      .map((value) => `• ${ARTIFACT_TITLES[kind]}: ${slackCode(value, most)}`);
    const more = values.length - shown.length;
    return more > 0 ? [...shown, `• ${ARTIFACT_TITLES[kind]}: ${more} more`] : shown;
  });
}

/** Steps that can't wait for the mail or the store: stop, block, isolate, remove. */
const URGENT_STEPS = 4;
const ACTIONS_OF_A_STEP = 3;

function actionLines(finding: Finding, most: number): string[] {
  const steps = triage(finding, coverageOf(finding)).slice(0, URGENT_STEPS);
  return steps.flatMap(({ step, title, actions }) => {
    const shown = actions.slice(0, ACTIONS_OF_A_STEP).map((action) => `   - ${slackPlain(action, most)}`);
    const more = actions.length - shown.length;
    return [`${step}. ${title}`, ...shown, ...(more > 0 ? [`   - and ${more} more`] : [])];
  });
}

/** What the finding's own samples show to be read here: more sources may be, and are silent. */
function coverageOf({ evidence }: Finding): Coverage {
  const sources = new Set(evidence.flatMap(({ samples }) => samples.map(({ source }) => source)));
  const flow = sources.has('vpc-flow');
  const resolver = sources.has('resolver');
  const process = [...sources].some((one) => one !== 'vpc-flow' && one !== 'resolver');
  return { sources: [], process, resolver, flow };
}

const EVIDENCE_SHOWN = 6;

function evidenceLines(evidence: readonly DecidedEvidence[], most: number): string[] {
  const counted = [
    ...evidence.filter(({ decided }) => decided !== 'note'),
    ...evidence.filter(({ decided }) => decided === 'note'),
  ];
  const lines = counted.slice(0, EVIDENCE_SHOWN).map((one) => {
    const [sample] = one.samples;
    const act = sample?.commandLine ?? sample?.query ?? sample?.remote ?? sample?.path ?? sample?.executable ?? one.why;
    const title = `${isoTime(one.first)} ${GROUP_TITLES[one.group]} (${slackCode(techniqueText(one.technique), 80)})`;
    return `• ${title}: ${slackCode(act, most)}`;
  });
  const more = counted.length - lines.length;
  return more > 0 ? [...lines, `• and ${more} more`] : lines;
}

function contextOf({ id, episode, revision }: SlackNotice): ContextBlock {
  return { type: 'context', elements: [mrkdwn(`${slackCode(id, 100)}, episode ${episode}, revision ${revision}`)] };
}
