import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Transition } from '../model/finding.ts';
import type { Severity } from '../model/groups.ts';
import { type Place, TEST_HOST } from '../model/place.ts';
import type { Item } from './items.ts';
import { DIGEST_ENTRY_PREFIX, DIGEST_MESSAGE, digestKey } from './table.ts';

/** Entries of test chains lie apart, so that however many there are, none takes the room of a real one. */
const TEST_ENTRY_PREFIX = 'test#';
const KEEP_MS = 30 * 86_400_000;
/** Of one day, what a digest can speak of. */
const MAX_ENTRIES = 5000;
/** A sender that claimed a day longer ago than this has died: the longest invocation takes a fraction of it. */
const CLAIM_MS = 10 * 60_000;

/** A finding as the digest of a day has it: its newest revision of that day, and all that happened to it. */
export interface DigestEntry {
  readonly finding: string;
  readonly revision: number;
  readonly place: Place;
  readonly severity: Severity;
  /** When the newest transition was recorded, milliseconds since the epoch. */
  readonly at: number;
  readonly transitions: readonly Transition[];
}

/** What waits for the digest: one item for each finding and day. Days are `yyyy-mm-dd` in UTC, times milliseconds. */
export interface Digests {
  /** Puts a transition down for the digest of a day. Doing so a second time changes nothing. */
  add(day: string, entry: Omit<DigestEntry, 'transitions'>, transition: Transition): Promise<void>;
  /** Whether the day's message is still to be sent and falls to the caller: no other took it up in the last ten minutes. */
  claim(day: string, now: number): Promise<boolean>;
  /** Records that the day is done: its message was accepted, or there was nothing to say. */
  confirm(day: string, now: number): Promise<void>;
  /** What the day holds, tests last; at most five thousand, then `more`. */
  entries(day: string): Promise<{ entries: readonly DigestEntry[]; more: boolean }>;
}

/** Digests as items of the table. */
export function dynamoDbDigests(client: DynamoDBClient, table: string): Digests {
  /** False when the condition does not hold. */
  const update = async (day: string, sortKey: string, input: Partial<UpdateItemCommandInput>): Promise<boolean> => {
    try {
      await client.send(new UpdateItemCommand({ TableName: table, Key: keyOf(day, sortKey), ...input }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };
  const entriesBelow = async (day: string, prefix: string, most: number): Promise<readonly Item[]> => {
    const found: Item[] = [];
    let start: Item | undefined;
    while (found.length < most) {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': { S: digestKey(day) }, ':prefix': { S: prefix } },
          ExclusiveStartKey: start,
        }),
      );
      found.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
      if (start === undefined) break;
    }
    return found.slice(0, most);
  };

  return {
    add: async (day, entry, transition) => {
      const prefix = entry.place.host === TEST_HOST ? TEST_ENTRY_PREFIX : DIGEST_ENTRY_PREFIX;
      const sortKey = `${prefix}${entry.finding}`;
      const happened = { ':transition': { SS: [transition] } };
      const newest = await update(day, sortKey, {
        ConditionExpression: 'attribute_not_exists(pk) OR revision < :revision',
        UpdateExpression:
          'SET kind = :kind, revision = :revision, expiresAt = :expires, body = :body ADD transitions :transition',
        ExpressionAttributeValues: {
          ...happened,
          ':kind': { S: 'digest-entry' },
          ':revision': { N: String(entry.revision) },
          ':expires': expiry(day),
          ':body': { S: JSON.stringify(entry) },
        },
      });
      if (newest) return;
      await update(day, sortKey, {
        ConditionExpression: 'attribute_exists(pk)',
        UpdateExpression: 'ADD transitions :transition',
        ExpressionAttributeValues: happened,
      });
    },
    claim: async (day, now) => {
      const { Item: known } = await client.send(
        new GetItemCommand({ TableName: table, Key: keyOf(day, DIGEST_MESSAGE), ConsistentRead: true }),
      );
      if (known?.['sentAt'] !== undefined) return false;
      return update(day, DIGEST_MESSAGE, {
        ConditionExpression:
          'attribute_not_exists(sentAt) AND (attribute_not_exists(claimedAt) OR claimedAt <= :stale)',
        UpdateExpression: 'SET kind = :kind, claimedAt = :now, expiresAt = :expires',
        ExpressionAttributeValues: {
          ':kind': { S: 'digest-message' },
          ':stale': { N: String(now - CLAIM_MS) },
          ':now': { N: String(now) },
          ':expires': expiry(day),
        },
      });
    },
    confirm: async (day, now) => {
      await update(day, DIGEST_MESSAGE, {
        ConditionExpression: 'attribute_exists(pk)',
        UpdateExpression: 'SET sentAt = if_not_exists(sentAt, :now)',
        ExpressionAttributeValues: { ':now': { N: String(now) } },
      });
    },
    entries: async (day) => {
      const found = await entriesBelow(day, DIGEST_ENTRY_PREFIX, MAX_ENTRIES + 1);
      const tests = await entriesBelow(day, TEST_ENTRY_PREFIX, MAX_ENTRIES + 1 - found.length);
      const all = [...found, ...tests];
      return { entries: all.slice(0, MAX_ENTRIES).map(entryOf), more: all.length > MAX_ENTRIES };
    },
  };
}

function keyOf(day: string, sortKey: string): Item {
  return { pk: { S: digestKey(day) }, sk: { S: sortKey } };
}

const expiry = (day: string): { N: string } => ({ N: String(Math.floor((Date.parse(day) + KEEP_MS) / 1000)) });

function entryOf(item: Item): DigestEntry {
  const entry = JSON.parse(item['body']?.S ?? 'null') as Omit<DigestEntry, 'transitions'>;
  return { ...entry, transitions: (item['transitions']?.SS ?? []) as Transition[] };
}
