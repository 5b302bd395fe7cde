import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from './items.ts';

/** Raised when a write lost its race too often: a hot item, or a broken store. The record is retried by its trigger. */
export class StoreConflictError extends Error {
  override readonly name = 'StoreConflictError';
}

export const MAX_ATTEMPTS = 12;
const IS_NEW = 'attribute_not_exists(pk)';
const IS_VERSION_READ = '#version = :read';

/** Puts an item if it is new (`read` undefined) or still of the version that was read; false when it is not. */
export type VersionedPut = (item: Item, read: number | undefined) => Promise<boolean>;

/** Writes that no other writer can undo unseen, without transactions. */
export function versionedPut(client: DynamoDBClient, tableName: string): VersionedPut {
  return async (item, read) => {
    const condition =
      read === undefined
        ? { ConditionExpression: IS_NEW }
        : {
            ConditionExpression: IS_VERSION_READ,
            ExpressionAttributeNames: { '#version': 'version' },
            ExpressionAttributeValues: { ':read': { N: String(read) } },
          };
    try {
      await client.send(new PutItemCommand({ TableName: tableName, Item: item, ...condition }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };
}
