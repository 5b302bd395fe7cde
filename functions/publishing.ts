import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';
import { dynamoDbDigests } from '#shared/aws/digests.ts';
import { dynamoDbStore } from '#shared/aws/dynamodb-store.ts';
import { pointerText } from '#shared/aws/pointer.ts';
import { BUS_BYTES, publisher, TOPIC_BYTES, type TopicMessage, topicBytes } from '#shared/aws/publisher.ts';
import { dynamoDbOutbox } from '#shared/aws/revisions.ts';
import { dynamoDbStorms } from '#shared/aws/storms.ts';
import { deployedCoverage } from '#shared/correlate/coverage.ts';
import { type Outbox, type Publication, publishHead } from '#shared/correlate/outbox.ts';
import type { Store } from '#shared/correlate/store.ts';
import type { Head } from '#shared/model/finding.ts';
import { EMAIL_BYTES, emailBody } from '#shared/report/email.ts';
import { emailSubject, filterAttributes } from '#shared/report/email-subject.ts';
import { type Announcement, MIN_OCSF_BYTES, OCSF_BYTES, ocsfMessage } from '#shared/report/ocsf.ts';
import manifest from '../package.json' with { type: 'json' };
import { requiredVariables } from './runtime/environment.ts';
import { type Summaries, settleDelivery } from './summaries.ts';

/** Room for source, detail type and time beside the detail. */
const BUS_SPARE = 1024;
/** What is tried in turn until a publication fits, however much JSON escapes of it: bytes for machines, for mail. */
const BUDGETS: readonly (readonly [number, number])[] = [
  [OCSF_BYTES, EMAIL_BYTES],
  [OCSF_BYTES / 2, EMAIL_BYTES],
  [OCSF_BYTES / 4, EMAIL_BYTES / 2],
  [MIN_OCSF_BYTES, EMAIL_BYTES / 4],
];

/** What both publishing functions, correlate and sweep, work on. */
export interface Publishing extends Summaries {
  readonly store: Store;
  readonly outbox: Outbox;
  /** Names of the formats that the deployment reads. */
  readonly sources: readonly string[];
}

/** Tells every unpublished transition of a head; gives those that were sent now. */
export function publish(head: Head, parts: Publishing): Promise<readonly Publication[]> {
  const { store, outbox, channels, sources } = parts;
  return publishHead(head, store, outbox, async (publication) => {
    const announcement = announced(publication, sources);
    const delivery = await settleDelivery(publication, parts);
    // The bus first: what repeats when the second channel fails is for machines, not in people's mail.
    await channels.toBus(ocsfMessage(announcement, BUS_BYTES - BUS_SPARE));
    await channels.toTopic(topicMessage(publication, announcement, delivery));
  });
}

function announced({ finding, transition, at }: Publication, sources: readonly string[]): Announcement {
  return { finding, transition, at, coverage: deployedCoverage(finding, sources), version: manifest.version };
}

/** The message of a transition for the topic, cut until it fits. */
function topicMessage(publication: Publication, announcement: Announcement, delivery: string): TopicMessage {
  for (const [machines, mail] of BUDGETS) {
    const message: TopicMessage = {
      subject: emailSubject(announcement),
      default: ocsfMessage(announcement, machines),
      email: emailBody(announcement, mail),
      sqs: pointerText(publication),
      attributes: { ...filterAttributes(announcement), delivery },
    };
    if (topicBytes(message) <= TOPIC_BYTES) return message;
  }
  throw new RangeError('a publication outgrew its room at the least budgets');
}

/** What a log may say of an error: a failed condition carries the item in the error itself. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}

/** What the functions work on, deployed: one table, topic and bus, named by the environment. */
export function deployedPublishing(): Publishing & { readonly client: DynamoDBClient; readonly table: string } {
  const names = requiredVariables(['DAVYLAMP_TABLE', 'DAVYLAMP_FINDINGS_TOPIC_ARN', 'DAVYLAMP_EVENT_BUS']);
  const client = new DynamoDBClient({});
  const table = names.DAVYLAMP_TABLE;
  return {
    client,
    table,
    store: dynamoDbStore(client, table, Date.now),
    outbox: dynamoDbOutbox(client, table, Date.now),
    storms: dynamoDbStorms(client, table, Date.now),
    digests: dynamoDbDigests(client, table),
    clock: Date.now,
    channels: publisher(
      { sns: new SNSClient({}), events: new EventBridgeClient({}) },
      { topicArn: names.DAVYLAMP_FINDINGS_TOPIC_ARN, eventBus: names.DAVYLAMP_EVENT_BUS },
    ),
    sources: (process.env['DAVYLAMP_SOURCES'] ?? '').split(',').filter((name) => name !== ''),
  };
}
