import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { dynamoDbDigests } from '#shared/aws/digests.ts';
import { dynamoDbStore } from '#shared/aws/dynamodb-store.ts';
import type { Item } from '#shared/aws/items.ts';
import { dynamoDbMemberships } from '#shared/aws/memberships.ts';
import { DELIVERIES, publisher } from '#shared/aws/publisher.ts';
import { dynamoDbOutbox } from '#shared/aws/revisions.ts';
import { dynamoDbStorms } from '#shared/aws/storms.ts';
import { DEFAULT_MATRIX } from '#shared/correlate/matrix.ts';
import { openEmbeddedTable } from '../../cli/embedded-table.ts';
import { type CorrelateParts, correlateBatch } from '../../functions/correlate.ts';
import { NOON } from '../factories.ts';

const TABLE = 'davylamp';
const TOPIC = 'arn:aws:sns:us-east-1:111122223333:findings';

/** A call to the table that writes, or to a channel: what a crash may follow. */
const EFFECT = /^(?:Put|Update|Delete|Publish)/;

export class Crash extends Error {
  override readonly name = 'Crash';
}

/** What the functions run on in tests: a table in this process, and channels that take down what they accept. */
export async function openParts() {
  const embedded = await openEmbeddedTable();
  const client = new DynamoDBClient({
    endpoint: embedded.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded' },
    maxAttempts: 1,
  });
  const sns = new SNSClient({ region: 'us-east-1' });
  const events = new EventBridgeClient({ region: 'us-east-1' });
  const topic = mockClient(sns);
  const bus = mockClient(events);
  let now = NOON;
  let calls = 0;
  let refusals = 0;
  let crashAt: number | undefined;
  let crashAfter = false;
  /** Counts an effect; the effect before which, or after which, the process is to stop throws, as does all that follows. */
  const effect = (after: boolean): void => {
    if (!after) calls += 1;
    if (crashAt !== undefined && after === crashAfter && calls >= crashAt) throw new Crash('stopped');
    if (crashAt !== undefined && !after && calls > crashAt) throw new Crash('stopped');
  };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const counted = EFFECT.test(context.commandName ?? '');
      if (counted) effect(false);
      const result = await next(args);
      if (counted) effect(true);
      return result;
    },
    { step: 'initialize' },
  );
  const messages: { attributes: Record<string, string>; text: Record<string, string>; subject: string }[] = [];
  const details: { finding_info: { uid: string }; metadata: { uid: string; event_code: string } }[] = [];
  topic.on(PublishCommand).callsFake((input) => {
    effect(false);
    messages.push({
      subject: input.Subject,
      text: JSON.parse(input.Message),
      attributes: Object.fromEntries(
        Object.entries(input.MessageAttributes as Record<string, { StringValue: string }>).map(([key, value]) => [
          key,
          value.StringValue,
        ]),
      ),
    });
    effect(true);
    return { MessageId: String(messages.length) };
  });
  bus.on(PutEventsCommand).callsFake((input) => {
    if (refusals > 0) {
      refusals -= 1;
      return { FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException' }] };
    }
    effect(false);
    details.push(JSON.parse(input.Entries[0].Detail));
    effect(true);
    return { FailedEntryCount: 0, Entries: [{ EventId: String(details.length) }] };
  });
  const failures: string[] = [];
  const parts = {
    store: dynamoDbStore(client, TABLE, () => now),
    memberships: dynamoDbMemberships(client, TABLE),
    outbox: dynamoDbOutbox(client, TABLE, () => now),
    storms: dynamoDbStorms(client, TABLE, () => now),
    digests: dynamoDbDigests(client, TABLE),
    clock: () => now,
    channels: publisher({ sns, events }, { topicArn: TOPIC, eventBus: 'davylamp' }),
    sources: [],
    context: { matrix: DEFAULT_MATRIX, linkable: () => true, notes: [], now: () => now },
    failed: (what: string) => void failures.push(what),
  } satisfies CorrelateParts;
  return {
    ...{ parts, client, table: TABLE, topic, bus, messages, details, failures, store: embedded.store },
    clock: () => now,
    pass: (ms: number): void => {
      now += ms;
    },
    /** Stops at the effect of this number, before or after it; counting begins anew. `undefined`: never. */
    crash: (at: number | undefined, after = false): void => {
      [calls, crashAt, crashAfter] = [0, at, after];
    },
    effects: (): number => calls,
    /** The bus refuses the next entries, with status 200 as the service does. */
    refuse: (entries: number): void => {
      refusals = entries;
    },
    close: async (): Promise<void> => {
      client.destroy();
      await embedded.close();
    },
  };
}

export type Parts = Awaited<ReturnType<typeof openParts>>;
type Message = Parts['messages'][number];

/** What a subscription receives, by its filter on `delivery`. */
export function receivedBy(who: keyof typeof DELIVERIES, messages: readonly Message[]): readonly Message[] {
  const chosen: readonly string[] = DELIVERIES[who];
  return messages.filter((one) => chosen.includes(one.attributes['delivery'] ?? ''));
}

/** The stream of a table as its changes since the last look: one record for each item that is new or of a new version. */
export class Stream {
  readonly #client: DynamoDBClient;
  readonly #seen = new Map<string, string>();
  #sequence = 10n ** 20n;

  constructor(client: DynamoDBClient) {
    this.#client = client;
  }

  async changes(): Promise<ReturnType<typeof recordOf>[]> {
    const items: Item[] = [];
    let start: Item | undefined;
    do {
      const page = await this.#client.send(
        new ScanCommand({ TableName: TABLE, ConsistentRead: true, ExclusiveStartKey: start }),
      );
      items.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    const records = [];
    for (const item of items) {
      const key = `${item['pk']?.S} ${item['sk']?.S}`;
      const text = JSON.stringify(item);
      if (this.#seen.get(key) === text) continue;
      this.#seen.set(key, text);
      this.#sequence += 1n;
      records.push(recordOf(item, String(this.#sequence)));
    }
    return records;
  }
}

export function recordOf(image: Partial<Item>, sequence: string) {
  return {
    eventName: 'MODIFY',
    dynamodb: { SequenceNumber: sequence, Keys: { pk: image['pk'], sk: image['sk'] }, NewImage: image },
  };
}

/** Runs the correlator over the stream until nothing changes, as Lambda does: a failed batch comes again from its failure. */
export async function drain(parts: Parts, stream: Stream, limit = 40): Promise<void> {
  for (let batch = await stream.changes(); batch.length > 0; batch = await stream.changes()) {
    for (let left = batch; left.length > 0; ) {
      if (limit-- <= 0) throw new Error('the stream does not come to rest');
      const { batchItemFailures } = await correlateBatch({ Records: left }, parts.parts);
      const from = batchItemFailures[0]?.itemIdentifier;
      left = from === undefined ? [] : left.slice(left.findIndex((one) => one.dynamodb.SequenceNumber === from));
      if (left.length > 0) parts.crash(undefined);
    }
  }
}
