import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoDbStore } from '#shared/aws/dynamodb-store.ts';
import type { Store } from '#shared/correlate/store.ts';
import { HOST_SCOPE, UNKNOWN } from '#shared/model/place.ts';
import { UsageError } from './usage-error.ts';

/** A store, and how to let go of it. */
export interface OpenTable {
  readonly store: Store;
  close(): Promise<void>;
}

/**
 * A store on a table of the account that the environment's credentials lead to. It is asked once, so that a wrong name
 * or missing credentials are told before a long scan.
 * @throws UsageError where the table can't be used, here and from each call of the store
 */
export async function openNamedTable(name: string): Promise<OpenTable> {
  const client = new DynamoDBClient({});
  const store = told(name, dynamoDbStore(client, name, Date.now));
  await store.head({ account: UNKNOWN, region: UNKNOWN, host: UNKNOWN, scope: HOST_SCOPE });
  return { store, close: async () => client.destroy() };
}

function told(name: string, store: Store): Store {
  const call =
    <A extends unknown[], R>(method: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await method(...args);
      } catch (error) {
        throw new UsageError(`table ${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    };
  return {
    merge: call(store.merge),
    evidence: call(store.evidence),
    heads: call(store.heads),
    head: call(store.head),
    putHead: call(store.putHead),
    markPublished: call(store.markPublished),
  };
}
