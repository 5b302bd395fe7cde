import { type DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { type Membership, type Memberships, widened } from '../model/membership.ts';
import type { Host } from '../model/place.ts';
import { type Item, versionOf } from './items.ts';
import { CANONICAL_PREFIX, canonicalSortKey, hostKey, MEMBER_PREFIX, memberSortKey } from './table.ts';
import { MAX_ATTEMPTS, StoreConflictError, versionedPut } from './versioned.ts';

const SCHEMA = 1;
const KEEP_MS = 90 * 86_400_000;
/** Pages of a host's members that are read; an attacker mints names, and what is beyond stays a host of its own. */
const MAX_PAGES = 4;

const membershipSchema = v.object({
  member: v.object({ account: v.string(), region: v.string(), host: v.string() }),
  host: v.string(),
  vpc: v.optional(v.string()),
  from: v.number(),
  to: v.number(),
  how: v.picklist(['record', 'inventory', 'endpoint']),
  forwards: v.optional(v.literal(true)),
});

/**
 * Memberships in the table: each stands in the partition of the host, by which the correlator finds the evidence of its
 * members, and in that of the member, by which evidence that still comes there finds its host.
 */
export function dynamoDbMemberships(client: DynamoDBClient, table: string): Memberships {
  const put = versionedPut(client, table);

  const query = async (of: Host, prefix: string): Promise<Membership[]> => {
    const found: Membership[] = [];
    let start: Item | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const { Items, LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': { S: hostKey(of) }, ':prefix': { S: prefix } },
          ExclusiveStartKey: start,
        }),
      );
      found.push(...(Items ?? []).flatMap((item) => membershipOf(item) ?? []));
      if (LastEvaluatedKey === undefined) return found;
      start = LastEvaluatedKey;
    }
    return found;
  };

  const widen = async (pk: string, sk: string, membership: Membership): Promise<void> => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { Item: item } = await client.send(
        new GetItemCommand({ TableName: table, Key: { pk: { S: pk }, sk: { S: sk } }, ConsistentRead: true }),
      );
      const known = item === undefined ? undefined : membershipOf(item);
      const next = known === undefined ? membership : widened(known, membership);
      if (known !== undefined && known.from === next.from && known.to === next.to) return;
      const read = item === undefined ? undefined : versionOf(item);
      if (await put(membershipItem(pk, sk, next, (read ?? 0) + 1), read)) return;
    }
    throw new StoreConflictError(`a membership was written ${MAX_ATTEMPTS} times by others meanwhile`);
  };

  return {
    canonicals: (member) => query(member, CANONICAL_PREFIX),
    members: (host) => query(host, MEMBER_PREFIX),
    remember: async (membership) => {
      const { member, host } = membership;
      await widen(hostKey({ ...member, host }), memberSortKey(membership), membership);
      await widen(hostKey(member), canonicalSortKey(membership), membership);
    },
  };
}

function membershipItem(pk: string, sk: string, membership: Membership, version: number): Item {
  const until = Math.min(membership.to, Number.MAX_SAFE_INTEGER - KEEP_MS) + KEEP_MS;
  return {
    pk: { S: pk },
    sk: { S: sk },
    kind: { S: 'membership' },
    schema: { N: String(SCHEMA) },
    version: { N: String(version) },
    expiresAt: { N: String(Math.floor(until / 1000)) },
    body: { S: JSON.stringify(membership) },
  };
}

/** The membership of an item; nothing where a later version wrote it. */
export function membershipOf(item: Item): Membership | undefined {
  const parsed = v.safeParse(membershipSchema, JSON.parse(item['body']?.S ?? 'null'));
  return parsed.success ? (parsed.output as Membership) : undefined;
}
