import { compareSeverity, GROUPS, SEVERITIES } from '#shared/model/groups.ts';
import { isTest } from './email-subject.ts';
import { poolValues, valuesOf } from './facts.ts';
import { SEVERITY_LOOKS } from './severity.ts';
import { slackMessage } from './slack.ts';
import {
  changeText,
  header,
  MAX_BLOCKS,
  MAX_TOTAL,
  messageOf,
  mrkdwn,
  placeCode,
  type SlackMessage,
  type SlackNotice,
  section,
} from './slack-message.ts';
import { slackCode } from './slack-text.ts';
import { count, GROUP_TITLES } from './words.ts';

/** A message and the notices that it tells of. */
export interface SlackPost {
  readonly message: SlackMessage;
  readonly notices: readonly SlackNotice[];
}

/** Up to this number each notice has its own message, a second apart; more are joined. */
const MAX_ALONE = 3;

/**
 * The messages for what a batch holds, each notice in exactly one: the most severe first. Few come whole and alone,
 * many in lists with a line for each, as many lists as Slack's limits ask for.
 */
export function slackPosts(notices: readonly SlackNotice[]): readonly SlackPost[] {
  const sorted = [...notices].sort((a, b) => compareSeverity(b.severity, a.severity) || a.at - b.at);
  if (sorted.length <= MAX_ALONE) return sorted.map((one) => ({ message: slackMessage(one), notices: [one] }));
  return listsOf(sorted).map((list) => ({ message: joinedMessage(list), notices: list }));
}

/** Room beside the lines: the header, the container of a block, and the counts. */
const FRAME = 600;
const LINE_FRAME = 90;

function listsOf(notices: readonly SlackNotice[]): readonly SlackNotice[][] {
  const lists: SlackNotice[][] = [];
  let list: SlackNotice[] = [];
  let room = 0;
  for (const notice of notices) {
    const size = JSON.stringify(lineOf(notice)).length + LINE_FRAME;
    if (room < size || list.length >= MAX_BLOCKS - 2) {
      list = [];
      lists.push(list);
      room = MAX_TOTAL - FRAME;
    }
    list.push(notice);
    room -= size;
  }
  return lists;
}

function joinedMessage(notices: readonly SlackNotice[]): SlackMessage {
  const counts = SEVERITIES.toReversed().flatMap((severity) => {
    const number = notices.filter((one) => one.severity === severity).length;
    return number === 0 ? [] : [`${number} ${SEVERITY_LOOKS[severity].label}`];
  });
  const tests = notices.filter(({ place }) => isTest(place)).length;
  const ofTests = tests === 0 ? '' : ` (${count(tests, '[TEST]', '[TEST]')})`;
  const title = `${count(notices.length, 'cryptomining finding')} changed: ${counts.join(', ')}${ofTests}`;
  return messageOf(title, [header(title), ...notices.map((one) => section(mrkdwn(lineOf(one))))]);
}

/** One notice in at most some 1,200 characters: change, place, groups, what names the attacker, and the id. */
function lineOf(notice: SlackNotice): string {
  const { finding, place, id, episode, revision } = notice;
  const parts = [`*${changeText(notice)}*: ${placeCode(place, 80)}`];
  if (finding !== undefined) {
    const groups = GROUPS.filter((group) => group !== 'context' && finding.groups[group] !== undefined);
    if (groups.length > 0) parts.push(groups.map((group) => GROUP_TITLES[group]).join(', '));
    const named = [
      ['pool', poolValues(finding)],
      ['wallet', valuesOf(finding, 'wallet')],
      ['path', valuesOf(finding, 'path')],
    ] as const;
    for (const [word, [first]] of named) if (first !== undefined) parts.push(`${word} ${slackCode(first, 120)}`);
  }
  return `${parts.join('; ')}\n${slackCode(id, 80)}, episode ${episode}, revision ${revision}`;
}
