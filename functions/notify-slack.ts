import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { SQSBatchResponse } from 'aws-lambda';
import { markDelivered, overtaken } from '#shared/aws/delivered.ts';
import type { Pointer } from '#shared/aws/pointer.ts';
import { readRevision } from '#shared/aws/revisions.ts';
import { type SlackWebhook, slackWebhook, webhookSecret } from '#shared/aws/slack-webhook.ts';
import type { Finding, Transition } from '#shared/model/finding.ts';
import { compareSeverity, type Severity } from '#shared/model/groups.ts';
import { slackPosts } from '#shared/report/slack-joined.ts';
import type { SlackNotice } from '#shared/report/slack-message.ts';
import { CHANNEL_CALLS } from './runtime/channel-calls.ts';
import { requiredVariables } from './runtime/environment.ts';
import { seldom } from './runtime/seldom.ts';
import { telemetryOf, withTelemetry } from './runtime/telemetry.ts';
import { type ToldPointer, toldPointers } from './runtime/told-pointers.ts';

/** What happened to messages of the batch, for logs and metrics. No text here holds the webhook or a finding. */
export type SlackTold =
  | { readonly kind: 'sent' | 'skipped'; readonly findings: number }
  | { readonly kind: 'later' | 'dead' | 'refused'; readonly findings: number; readonly why: string }
  | { readonly kind: 'unreadable' | 'unrecorded' | 'unalarmed'; readonly findings: number; readonly error: unknown };

/** What the notifier works with; `deadline` is a time of the webhook's clock, in milliseconds. */
export interface NotifyParts {
  readonly webhook: SlackWebhook;
  /** The highest revision of the finding that Slack was told of; 0 for none. */
  readonly toldRevision: (pointer: Pointer) => Promise<number>;
  readonly markDelivered: (pointer: Pointer) => Promise<void>;
  readonly readRevision: (pointer: Pointer, revision: number) => Promise<Finding | undefined>;
  /** Tells the people who run this, on a channel that is not Slack. */
  readonly alarm: (why: string, waiting: number) => Promise<void>;
  readonly told: (what: SlackTold) => void;
}

/**
 * A batch of the queue of pointers. Of each finding the newest transition is told, unless Slack has it or a newer one
 * already; what the batch holds is joined to few messages. What could not be told fails and comes again; after the
 * first message that Slack took no part of, the rest waits too. A dead webhook is told to operations once.
 * @throws ForeignEventError for an event that is no batch of a queue
 */
export async function notifyBatch(event: unknown, parts: NotifyParts, deadline: number): Promise<SQSBatchResponse> {
  const failed = new Set<string>();
  const entries = toldPointers(event, (messageId, error) => {
    parts.told({ kind: 'unreadable', findings: 1, error });
    failed.add(messageId);
  });
  const fail = (all: readonly ToldPointer[]): void => {
    for (const { messageIds } of all) for (const id of messageIds) failed.add(id);
  };
  const byNotice = new Map<SlackNotice, ToldPointer>();
  const read = async (entry: ToldPointer): Promise<void> => {
    try {
      const notice = await noticeOf(entry.pointer, parts);
      if (notice === undefined) parts.told({ kind: 'skipped', findings: 1 });
      else byNotice.set(notice, entry);
    } catch (error) {
      parts.told({ kind: 'unreadable', findings: 1, error });
      fail([entry]);
    }
  };
  await Promise.all(entries.map(read));
  fail(await postAll(byNotice, parts, deadline));
  return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
}

/** What to tell of a pointer; `undefined` if Slack knows as much already. */
async function noticeOf(pointer: Pointer, parts: NotifyParts): Promise<SlackNotice | undefined> {
  const told = await parts.toldRevision(pointer);
  if (told >= pointer.revision) return undefined;
  const { finding: id, ...rest } = pointer;
  const finding = await parts.readRevision(pointer, pointer.revision);
  // Where Slack knows nothing yet, an escalation is one from the revision before, told elsewhere or never.
  const earlier = told > 0 ? told : pointer.transition === 'escalated' ? pointer.revision - 1 : 0;
  const before = earlier > 0 ? await parts.readRevision(pointer, earlier) : undefined;
  const from = compareSeverity(before?.severity, pointer.severity) < 0 ? before?.severity : undefined;
  return {
    ...{ id, ...rest, transition: transitionFor(pointer.transition, told, from) },
    ...(from === undefined ? {} : { from }),
    ...(finding === undefined ? {} : { finding }),
  };
}

/** The transition as it looks from what Slack was told last: revisions between may have been overtaken unseen. */
function transitionFor(transition: Transition, told: number, from: Severity | undefined): Transition {
  if (transition === 'archived' || transition === 'superseded' || transition === 'escalated') return transition;
  if (told === 0) return 'opened';
  return from === undefined ? transition : 'escalated';
}

/** Posts until Slack takes no more; gives the entries that must come again. */
async function postAll(
  byNotice: ReadonlyMap<SlackNotice, ToldPointer>,
  parts: NotifyParts,
  deadline: number,
): Promise<readonly ToldPointer[]> {
  const posts = slackPosts([...byNotice.keys()]);
  const again: ToldPointer[] = [];
  for (const [at, { message, notices }] of posts.entries()) {
    const entries = notices.flatMap((one) => byNotice.get(one) ?? []);
    const posted = await parts.webhook.post(message, deadline);
    if (posted.outcome === 'sent') {
      parts.told({ kind: 'sent', findings: entries.length });
      await Promise.all(entries.map((one) => record(one, parts)));
      continue;
    }
    again.push(...entries);
    parts.told({ kind: posted.outcome, findings: entries.length, why: posted.why });
    if (posted.outcome === 'refused') continue;
    const rest = posts.slice(at + 1).flatMap((post) => post.notices.flatMap((one) => byNotice.get(one) ?? []));
    again.push(...rest);
    if (posted.outcome === 'dead') await sound(posted.why, again.length, parts);
    break;
  }
  return again;
}

/** The messages come again in any case, and with them the next try to tell of it. */
async function sound(why: string, waiting: number, parts: NotifyParts): Promise<void> {
  try {
    await parts.alarm(why, waiting);
  } catch (error) {
    parts.told({ kind: 'unalarmed', findings: waiting, error });
  }
}

/** What Slack has stays told, though it could not be recorded: to fail here would tell it twice for certain. */
async function record({ pointer }: ToldPointer, parts: NotifyParts): Promise<void> {
  try {
    await parts.markDelivered(pointer);
  } catch (error) {
    parts.told({ kind: 'unrecorded', findings: 1, error });
  }
}

/** For the answer to Lambda and for what is recorded after the last post. */
const SPARE_MS = 2000;
/** Operations hear of one dead webhook at most so often from a container, however many messages wait for it. */
const ALARM_EVERY_MS = 900_000;

const telemetry = telemetryOf('notify-slack');
let parts: NotifyParts | undefined;

/** Pointers in, messages to Slack out. */
export const handler = withTelemetry(telemetry, (event, context) => {
  parts ??= deployedParts();
  return notifyBatch(event, parts, Date.now() + context.getRemainingTimeInMillis() - SPARE_MS);
});

function deployedParts(): NotifyParts {
  const names = requiredVariables(['DAVYLAMP_TABLE', 'DAVYLAMP_OPERATIONS_TOPIC_ARN', 'DAVYLAMP_SLACK_SECRET']);
  const client = new DynamoDBClient(CHANNEL_CALLS);
  const sns = new SNSClient(CHANNEL_CALLS);
  const table = names.DAVYLAMP_TABLE;
  const secret = names.DAVYLAMP_SLACK_SECRET;
  return {
    webhook: slackWebhook({
      url: webhookSecret(new SecretsManagerClient(CHANNEL_CALLS), secret),
      clock: Date.now,
      sleep: (milliseconds) => sleep(milliseconds),
    }),
    toldRevision: (pointer) =>
      lastTold(pointer.revision, (revision) => overtaken(client, table, 'slack', { ...pointer, revision })),
    markDelivered: (pointer) => markDelivered(client, table, 'slack', pointer, Date.now()),
    readRevision: ({ place, episode }, revision) => readRevision(client, table, place, episode, revision),
    alarm: seldom(
      async (why: string, waiting: number) => {
        const message = alarmText(why, waiting, secret);
        await sns.send(new PublishCommand({ TopicArn: names.DAVYLAMP_OPERATIONS_TOPIC_ARN, ...message }));
      },
      Date.now,
      ALARM_EVERY_MS,
    ),
    told: report,
  };
}

/**
 * The highest revision below `revision`, or itself, for which `isTold` holds; 0 for none. It holds for every revision
 * below that too. The revision before is the usual answer, and asked for first.
 */
export async function lastTold(revision: number, isTold: (revision: number) => Promise<boolean>): Promise<number> {
  if (await isTold(revision)) return revision;
  let [low, high] = [0, revision];
  let middle = revision - 1;
  while (high - low > 1) {
    if (await isTold(middle)) low = middle;
    else high = middle;
    middle = Math.floor((low + high) / 2);
  }
  return low;
}

/** What operations read of a dead webhook: a subject in the limits of SNS, and what to do. */
function alarmText(why: string, waiting: number, secret: string): { Subject: string; Message: string } {
  const lines = [
    `Slack does not take davylamp's notifications: ${why}.`,
    `${waiting} in this batch wait in the queue and are tried again; what fails too often ends in its dead letters.`,
    '',
    'What to do:',
    '- Look whether the channel is archived, or the app or its incoming webhook was removed.',
    `- Make a new incoming webhook in Slack and put its URL in the secret ${secret} of Secrets Manager.`,
    '- The next try reads the secret again: nothing need be deployed. Then redrive the dead letters, if there are any.',
  ];
  return { Subject: 'davylamp: Slack does not take notifications', Message: lines.join('\n') };
}

function report(what: SlackTold): void {
  const { logger, metrics } = telemetry;
  const { kind, findings } = what;
  metrics.addMetric(`Slack_${kind}`, 'Count', findings);
  if ('why' in what) {
    if (kind === 'later') logger.warn('Slack is told later', { findings, why: what.why });
    else logger.error('Slack was not told', { kind, findings, why: what.why });
  } else if ('error' in what) {
    // An error of the store may hold an item: its name alone is logged.
    logger.error('Slack was not told', { kind, findings, error: what.error instanceof Error ? what.error.name : '' });
  }
}
