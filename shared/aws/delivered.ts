import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Item } from './items.ts';
import type { Pointer } from './pointer.ts';

/** As long as revisions are kept, counted from the delivery. */
const KEEP_MS = 90 * 86_400_000;

/** The channels that remember what they delivered; part of the key. */
export type Channel = 'slack' | 'securityhub' | 'chat';

type Delivered = Pick<Pointer, 'finding' | 'episode' | 'revision'>;

/** Whether a channel has delivered this revision of a finding already, or a higher one. */
export async function overtaken(
  client: DynamoDBClient,
  table: string,
  channel: Channel,
  pointer: Delivered,
): Promise<boolean> {
  const { Item: item } = await client.send(
    new GetItemCommand({ TableName: table, Key: keyOf(channel, pointer), ConsistentRead: true }),
  );
  return Number(item?.['revision']?.N ?? 0) >= pointer.revision;
}

/** Remembers a delivery, unless that of a higher revision is known. `now`: wall clock in milliseconds. */
export async function markDelivered(
  client: DynamoDBClient,
  table: string,
  channel: Channel,
  pointer: Delivered,
  now: number,
): Promise<void> {
  try {
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: keyOf(channel, pointer),
        ConditionExpression: 'attribute_not_exists(pk) OR revision < :revision',
        UpdateExpression:
          'SET kind = :kind, episode = :episode, revision = :revision, deliveredAt = :now, expiresAt = :expires',
        ExpressionAttributeValues: {
          ':kind': { S: 'delivered' },
          ':episode': { N: String(pointer.episode) },
          ':revision': { N: String(pointer.revision) },
          ':now': { N: String(now) },
          ':expires': { N: String(Math.floor((now + KEEP_MS) / 1000)) },
        },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

function keyOf(channel: Channel, { finding }: Delivered): Item {
  return { pk: { S: `dlv#${channel}#${finding}` }, sk: { S: 'latest' } };
}
