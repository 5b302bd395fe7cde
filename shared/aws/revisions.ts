import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Outbox } from '../correlate/outbox.ts';
import type { Finding } from '../model/finding.ts';
import type { Place } from '../model/place.ts';
import { type Item, isPublished, publicationOf, revisionItem } from './items.ts';
import { hostKey, revisionSortKey } from './table.ts';

/** The outbox as items of the table, one for each transition. `clock`: wall clock in milliseconds. */
export function dynamoDbOutbox(client: DynamoDBClient, table: string, clock: () => number): Outbox {
  return {
    keep: async (publication) => {
      const item = revisionItem(publication);
      try {
        await client.send(
          new PutItemCommand({ TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
        );
        return { ...publication, published: false };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
      const { place, episode, revision } = publication.finding;
      const kept = await readItem(client, table, place, episode, revision);
      if (kept === undefined) throw new Error(`revision ${revision} of episode ${episode} went while it was read`);
      return { ...publicationOf(kept), published: isPublished(kept) };
    },
    confirm: async (place, episode, revision) => {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf(place, episode, revision),
          ConditionExpression: 'attribute_exists(pk)',
          UpdateExpression: 'SET publishedAt = if_not_exists(publishedAt, :now)',
          ExpressionAttributeValues: { ':now': { N: String(clock()) } },
        }),
      );
    },
  };
}

/** The finding at a revision, as it was told; `undefined` once the item has expired. */
export async function readRevision(
  client: DynamoDBClient,
  table: string,
  place: Place,
  episode: number,
  revision: number,
): Promise<Finding | undefined> {
  const item = await readItem(client, table, place, episode, revision);
  return item === undefined ? undefined : publicationOf(item).finding;
}

async function readItem(
  client: DynamoDBClient,
  table: string,
  place: Place,
  episode: number,
  revision: number,
): Promise<Item | undefined> {
  const answer = await client.send(
    new GetItemCommand({ TableName: table, Key: keyOf(place, episode, revision), ConsistentRead: true }),
  );
  return answer.Item;
}

function keyOf(place: Place, episode: number, revision: number): Item {
  return { pk: { S: hostKey(place) }, sk: { S: revisionSortKey(place.scope, episode, revision) } };
}
