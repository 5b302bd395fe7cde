import { type DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Head } from '../model/finding.ts';
import { headOf, type Item } from './items.ts';
import { DUE_INDEX, SHARD_NAMES, UNPUBLISHED_INDEX } from './table.ts';

/** A sparse index: its name, its keys, and what the sweeper looks for in it. */
const INDEXES = {
  unpublished: { name: UNPUBLISHED_INDEX, shard: 'unpublishedShard', range: 'writtenAt' },
  due: { name: DUE_INDEX, shard: 'dueShard', range: 'dueAt' },
} as const;

/**
 * The heads that wait: unpublished ones last written, or ones with an episode due, at or before a time (milliseconds).
 * The index is a hint: each head is read again from the base table, consistently; one that is gone is left out.
 */
export async function* waitingHeads(
  client: DynamoDBClient,
  table: string,
  kind: keyof typeof INDEXES,
  until: number,
): AsyncGenerator<Head> {
  const { name, shard: shardName, range } = INDEXES[kind];
  for (const shard of SHARD_NAMES) {
    let start: Item | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: name,
          KeyConditionExpression: '#shard = :shard AND #range <= :until',
          ExpressionAttributeNames: { '#shard': shardName, '#range': range },
          ExpressionAttributeValues: { ':shard': { S: shard }, ':until': { N: String(until) } },
          ExclusiveStartKey: start,
        }),
      );
      for (const { pk, sk } of page.Items ?? []) {
        if (pk === undefined || sk === undefined) continue;
        const base = await client.send(new GetItemCommand({ TableName: table, Key: { pk, sk }, ConsistentRead: true }));
        if (base.Item !== undefined) yield headOf(base.Item);
      }
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  }
}
