import { hash } from 'node:crypto';
import type { Digests } from '#shared/aws/digests.ts';
import { type Publisher, TOPIC_BYTES, type TopicMessage, topicBytes } from '#shared/aws/publisher.ts';
import type { StormMember, Storms } from '#shared/aws/storms.ts';
import type { Publication } from '#shared/correlate/outbox.ts';
import { STORM_MS, type StormKind, stormKindOf } from '#shared/correlate/storm.ts';
import type { Head } from '#shared/model/finding.ts';
import { UNKNOWN } from '#shared/model/place.ts';
import { digestSummary, type Summary, stormSummary } from '#shared/report/digest.ts';
import { EMAIL_BYTES } from '#shared/report/email.ts';
import { ascii, clip } from '#shared/report/email-subject.ts';

/** What the messages that tell of several findings are made from, and where they go. */
export interface Summaries {
  readonly storms: Storms;
  readonly digests: Digests;
  readonly channels: Publisher;
  /** Wall clock, milliseconds since the epoch. */
  readonly clock: () => number;
}

/** Findings of each severity that a message names; tried in turn until it fits, however much JSON escapes of them. */
const ROWS = [40, 12, 3, 0] as const;
const DAY_MS = 86_400_000;
/** Longer than an invocation takes to put down what it read the clock for. */
const SETTLED_MS = 15 * 60_000;
/** Days whose digest is still sent after an outage. */
const MAX_DAYS_BACK = 7;

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
const idOf = (...parts: readonly unknown[]): string => hash('sha256', JSON.stringify(parts)).slice(0, 32);

/**
 * Counts what a head's unpublished transitions add to storms. The correlator does so when it records them, a stream's
 * delay before they are published: the first of a storm is then seen to be one.
 */
export async function countTowardsStorms(head: Head, { storms }: Pick<Summaries, 'storms'>): Promise<void> {
  for (const pair of head.unpublished) {
    const kind = stormKindOf(pair);
    const id = head.episodes.find((one) => one.number === pair.episode)?.snapshot?.id;
    if (kind === undefined || id === undefined) continue;
    const { revision, severity, at } = pair;
    await storms.count(kind, { finding: id, revision, place: head.place, severity, at });
  }
}

/**
 * How a transition reaches people, settled before it is sent: alone, with its storm, or in the digest of the day. Gives
 * the value of the attribute `delivery`. Once this returns, what the transition's storm has to say was said, or falls to
 * another transition that is not published before it is said.
 */
export async function settleDelivery(
  publication: Publication,
  parts: Summaries,
): Promise<'single' | 'digest' | 'storm'> {
  const { finding, severity, at, revision, transition } = publication;
  const kind = stormKindOf(publication);
  const member: StormMember = { finding: finding.id, revision, place: finding.place, severity, at };
  const caught = kind !== undefined && (await joinStorm(kind, member, parts));
  if (publication.delivery === 'single' && !caught) return 'single';
  await parts.digests.add(dayOf(parts.clock()), member, transition);
  return caught ? 'storm' : 'digest';
}

async function joinStorm(kind: StormKind, member: StormMember, { storms, channels }: Summaries): Promise<boolean> {
  await storms.count(kind, member);
  if (!(await storms.catches(kind, member))) return false;
  if (await storms.claim(kind, member)) {
    const { account } = member.place;
    const storm = {
      ...{ id: idOf('storm', account, kind, member.at, member.finding), kind, account },
      ...{ from: member.at - STORM_MS, to: member.at + STORM_MS },
    };
    const { members: entries, more } = await storms.around(kind, member);
    const regions = new Set(entries.map((one) => one.place.region));
    const [region = UNKNOWN] = regions.size === 1 ? regions : [];
    const build = (rows: number): Summary => stormSummary({ ...storm, entries, more }, rows);
    const transition = kind === 'opened' ? 'opened' : 'archived';
    await channels.toTopic(summaryMessage(build, { account, region, transition, delivery: 'storm-summary' }));
    await storms.confirm(kind, member);
  }
  return true;
}

/** Sends the digests of the days that are over, each once; gives how many were sent. A day without any news has none. */
export async function sendDigests({ digests, channels, clock }: Omit<Summaries, 'storms'>): Promise<number> {
  const now = clock();
  let sent = 0;
  for (let back = MAX_DAYS_BACK; back >= 1; back--) {
    const day = dayOf(now - SETTLED_MS - back * DAY_MS);
    if (!(await digests.claim(day, now))) continue;
    const found = await digests.entries(day);
    if (found.entries.length > 0) {
      const build = (rows: number): Summary => digestSummary({ id: idOf('digest', day), day, ...found }, rows);
      const place = { account: UNKNOWN, region: UNKNOWN };
      await channels.toTopic(summaryMessage(build, { ...place, transition: 'digest', delivery: 'digest-summary' }));
      sent += 1;
    }
    await digests.confirm(day, now);
  }
  return sent;
}

/** The message of a summary for the topic, with as many findings named as fit. */
function summaryMessage(
  build: (rows: number) => Summary,
  { account, region, ...rest }: Readonly<Record<'account' | 'region' | 'transition' | 'delivery', string>>,
): TopicMessage {
  for (const rows of ROWS) {
    const { subject, email, json, severity, synthetic } = build(rows);
    const places = { account: clip(ascii(account), 64), region: clip(ascii(region), 64) };
    const message: TopicMessage = {
      subject,
      email,
      default: json,
      sqs: json,
      attributes: { severity, ...places, ...rest, synthetic: String(synthetic) },
    };
    if (topicBytes(message) <= TOPIC_BYTES && Buffer.byteLength(email) <= EMAIL_BYTES) return message;
  }
  throw new RangeError('a summary outgrew its room without naming a finding');
}
