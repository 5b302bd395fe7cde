import { type DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Store } from '../correlate/store.ts';
import { type Evidence, join, normalized, sameEvidence } from '../model/evidence.ts';
import type { Head } from '../model/finding.ts';
import type { Host, Place } from '../model/place.ts';
import { evidenceItem, evidenceOf, headItem, headOf, type Item, versionOf } from './items.ts';
import { evidenceRange, evidenceSortKey, HEAD_PREFIX, headSortKey, hostKey } from './table.ts';
import { MAX_ATTEMPTS, StoreConflictError, versionedPut } from './versioned.ts';

/**
 * The store in DynamoDB, one table, without transactions or scans. A condition that fails is answered by reading again:
 * dynalite gives no old item with it, and one path serves both.
 * @param clock wall clock in milliseconds, for when a head was written or published
 */
export function dynamoDbStore(client: DynamoDBClient, tableName: string, clock: () => number): Store {
  const get = async (pk: string, sk: string): Promise<Item | undefined> =>
    (
      await client.send(
        new GetItemCommand({ TableName: tableName, Key: { pk: { S: pk }, sk: { S: sk } }, ConsistentRead: true }),
      )
    ).Item;

  const put = versionedPut(client, tableName);

  const query = async (host: Host, from: string, to: string): Promise<Item[]> => {
    const found: Item[] = [];
    let start: Item | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: tableName,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: { ':pk': { S: hostKey(host) }, ':from': { S: from }, ':to': { S: to } },
          ExclusiveStartKey: start,
        }),
      );
      found.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return found;
  };

  const readHead = async (place: Place): Promise<Head | undefined> => {
    const item = await get(hostKey(place), headSortKey(place.scope));
    return item === undefined ? undefined : headOf(item);
  };

  const putHead = (next: Head): Promise<boolean> =>
    put(headItem(next, clock()), next.version === 1 ? undefined : next.version - 1);

  return {
    merge: async (evidence) => {
      const fresh = normalized(evidence);
      if (await put(evidenceItem(fresh, 1), undefined)) return 'new';
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const item = await get(hostKey(evidence.place), evidenceSortKey(evidence));
        const known = item === undefined ? undefined : evidenceOf(item);
        const next = known === undefined ? fresh : join(known, fresh);
        if (known !== undefined && sameEvidence(known, next)) return 'same';
        const read = item === undefined ? undefined : versionOf(item);
        if (await put(evidenceItem(next, (read ?? 0) + 1), read)) return 'grown';
      }
      throw new StoreConflictError(`evidence ${evidence.rule} was written ${MAX_ATTEMPTS} times by others meanwhile`);
    },
    evidence: async (host, scopes, fromHour, toHour) => {
      const found: Evidence[] = [];
      for (const scope of new Set(scopes)) {
        const { from, to } = evidenceRange(scope, fromHour, toHour);
        found.push(...(await query(host, from, to)).map(evidenceOf));
      }
      return found;
    },
    heads: async (host) => (await query(host, HEAD_PREFIX, `${HEAD_PREFIX}\uffff`)).map(headOf),
    head: readHead,
    putHead,
    markPublished: async (place, episode, revision) => {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const head = await readHead(place);
        const pair = head?.unpublished.find((one) => one.episode === episode && one.revision === revision);
        if (head === undefined || pair === undefined) return;
        const unpublished = head.unpublished.filter((one) => one !== pair);
        if (await putHead({ ...head, version: head.version + 1, unpublished })) return;
      }
      throw new StoreConflictError(`the head of ${place.host} was written ${MAX_ATTEMPTS} times by others meanwhile`);
    },
  };
}
