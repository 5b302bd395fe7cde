import type { HeaderBlock, KnownBlock, MrkdwnElement, PlainTextElement, SectionBlock } from '@slack/types';
import type { Finding, Transition } from '#shared/model/finding.ts';
import type { Severity } from '#shared/model/groups.ts';
import type { Place } from '#shared/model/place.ts';
import { testMark } from './email-subject.ts';
import { SEVERITY_LOOKS } from './severity.ts';
import { slackCode, slackPlain } from './slack-text.ts';
import { hostSort, scopeText } from './words.ts';

/** What Slack is told: a finding's transition, as the pointer to it says, and the finding where it could be read. */
export interface SlackNotice {
  readonly id: string;
  readonly place: Place;
  readonly episode: number;
  readonly revision: number;
  readonly transition: Transition;
  readonly severity: Severity;
  /** The time that is recorded with the transition, milliseconds since the epoch. */
  readonly at: number;
  /** The severity before this transition, where an earlier revision tells it. */
  readonly from?: Severity;
  readonly finding?: Finding;
}

/** What an incoming webhook takes. `text` is what notifications show; nothing in it unfurls. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
  readonly unfurl_links: false;
  readonly unfurl_media: false;
}

/** Limits of Block Kit (docs.slack.dev, reference "Blocks"), in characters after escaping. */
export const MAX_HEADER = 150;
export const MAX_SECTION = 3000;
export const MAX_FIELD = 2000;
export const MAX_FIELDS = 10;
export const MAX_BLOCKS = 50;
/** Slack names no sum for a message; it was seen to refuse blocks beyond some 11,000 characters (bolt-js#2509, #2867). */
export const MAX_TOTAL = 10_000;
export const MAX_FALLBACK = 1000;

export const mrkdwn = (text: string): MrkdwnElement => ({ type: 'mrkdwn', text, verbatim: true });
export const plain = (text: string): PlainTextElement => ({ type: 'plain_text', text, emoji: false });
export const section = (text: MrkdwnElement | PlainTextElement): SectionBlock => ({ type: 'section', text });
export const header = (text: string): HeaderBlock => ({ type: 'header', text: plain(text) });

export function messageOf(text: string, blocks: readonly KnownBlock[]): SlackMessage {
  return { text, blocks, unfurl_links: false, unfurl_media: false };
}

/**
 * `HIGH opened`, `MEDIUM → CRITICAL escalated`: severity and transition, of no text from a log; `[TEST]` before them for a
 * test.
 */
export function changeText({ place, transition, severity, from }: SlackNotice): string {
  return testMark(place) + changeOf(transition, severity, from);
}

function changeOf(transition: Transition, severity: Severity, from: Severity | undefined): string {
  const to = SEVERITY_LOOKS[severity].label;
  if (transition !== 'escalated') return `${to} ${transition}`;
  return from === undefined || from === severity
    ? `${to} escalated`
    : `${SEVERITY_LOOKS[from].label} → ${to} escalated`;
}

/** The host as headers name it, in unformatted text. */
export function hostPlain({ host, scope }: Place, most: number): string {
  const where = scope === 'host' ? '' : `, ${scopeText(scope)}`;
  return slackPlain(`${hostSort(host)} ${host.replace(/^stream:/, '')}${where}`, most);
}

/** Host, scope, account and region in code spans, in at most 4 × `most` characters and the words between. */
export function placeCode({ account, region, host, scope }: Place, most: number): string {
  const where = scope === 'host' ? 'on the host itself' : `scope ${slackCode(scope, most)}`;
  const name = `${hostSort(host)} ${slackCode(host.replace(/^stream:/, ''), most)}`;
  return `${name}, ${where} (account ${slackCode(account, most)}, ${slackCode(region, most)})`;
}
