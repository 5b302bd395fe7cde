import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { isStorm, STORM_MS, STORM_SIZE, type StormKind } from '../correlate/storm.ts';
import type { Severity } from '../model/groups.ts';
import { type Place, TEST_HOST } from '../model/place.ts';
import type { Item } from './items.ts';
import { stormKey, stormMemberKey, stormMemberRange, stormMessageKey } from './table.ts';

/** Far longer than a transition is tried again: what it was decided by must still be there. */
const KEEP_MS = 30 * 86_400_000;
/** Of one storm, what a message can speak of. */
const MAX_MEMBERS = 1000;

/** A transition that may be part of a storm: a finding's id and revision, and when it was recorded (milliseconds). */
export interface StormMember {
  readonly finding: string;
  readonly revision: number;
  readonly place: Place;
  readonly severity: Severity;
  readonly at: number;
}

/**
 * What of storms is kept, of each account and kind by itself, and of test chains apart from what is real: a canary makes
 * no storm of real findings, and is not hidden in one. Each member is an item of its own, so that no counter is raced for,
 * and so is each message.
 */
export interface Storms {
  /** Counts a transition. Counting it a second time changes nothing. */
  count(kind: StormKind, member: StormMember): Promise<void>;
  /** Whether a counted transition is part of a storm. */
  catches(kind: StormKind, member: StormMember): Promise<boolean>;
  /**
   * Whether it falls to this member to tell its storm: it is the first that asks within `STORM_MS` of it, and the message
   * was not sent yet. The same member is answered the same until `confirm`.
   */
  claim(kind: StormKind, member: StormMember): Promise<boolean>;
  /** Records that the message of the storm that this member tells was accepted. */
  confirm(kind: StormKind, member: StormMember): Promise<void>;
  /** What was counted within `STORM_MS` of this member; at most a thousand, then `more`. */
  around(kind: StormKind, member: StormMember): Promise<{ members: readonly StormMember[]; more: boolean }>;
}

/** Storms as items of the table. `clock`: wall clock in milliseconds. */
export function dynamoDbStorms(client: DynamoDBClient, table: string, clock: () => number): Storms {
  const range = (kind: StormKind, member: StormMember, from: string, to: string): QueryCommandInput => ({
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: { ':pk': { S: partitionOf(kind, member) }, ':from': { S: from }, ':to': { S: to } },
  });
  const firstPage = async (input: QueryCommandInput): Promise<Item[]> =>
    (await client.send(new QueryCommand(input))).Items ?? [];
  const putNew = async (item: Item): Promise<boolean> => {
    try {
      await client.send(
        new PutItemCommand({ TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };

  return {
    count: async (kind, member) => {
      await putNew({
        ...keyOf(kind, member, memberKey(member)),
        ...{ kind: { S: 'storm-member' }, expiresAt: expiry(clock()), body: { S: JSON.stringify(member) } },
      });
    },
    catches: async (kind, member) => {
      const { from, to } = stormMemberRange(member.at - STORM_MS, member.at + STORM_MS);
      const own = memberKey(member);
      // As many on each side as a storm can need: what a query costs does not grow with the storm.
      const before = { ...range(kind, member, from, own), ScanIndexForward: false, Limit: STORM_SIZE };
      const after = { ...range(kind, member, `${own}#`, to), Limit: STORM_SIZE };
      const pages = await Promise.all([before, after].map(firstPage));
      return isStorm(
        member.at,
        pages.flat().map((item) => memberOf(item).at),
      );
    },
    claim: async (kind, member) => {
      const slot = slotOf(member.at);
      const near = range(kind, member, stormMessageKey(slot - 1), stormMessageKey(slot + 1));
      for (;;) {
        const messages = await firstPage(near);
        const own = messages.find((item) => item['by']?.S === memberKey(member));
        if (own !== undefined) return own['sentAt'] === undefined;
        if (messages.some((item) => Math.abs(Number(item['at']?.N) - member.at) < STORM_MS)) return false;
        const claimed = await putNew({
          ...keyOf(kind, member, stormMessageKey(slot)),
          ...{ kind: { S: 'storm-message' }, by: { S: memberKey(member) }, at: number(member.at) },
          expiresAt: expiry(clock()),
        });
        if (claimed) return true;
      }
    },
    confirm: async (kind, member) => {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf(kind, member, stormMessageKey(slotOf(member.at))),
          ConditionExpression: 'attribute_exists(pk)',
          UpdateExpression: 'SET sentAt = if_not_exists(sentAt, :now)',
          ExpressionAttributeValues: { ':now': number(clock()) },
        }),
      );
    },
    around: async (kind, member) => {
      const { from, to } = stormMemberRange(member.at - STORM_MS + 1, member.at + STORM_MS - 1);
      const found: Item[] = [];
      let start: Item | undefined;
      do {
        const page = await client.send(
          new QueryCommand({ ...range(kind, member, from, to), Limit: MAX_MEMBERS + 1, ExclusiveStartKey: start }),
        );
        found.push(...(page.Items ?? []));
        start = page.LastEvaluatedKey;
      } while (start !== undefined && found.length <= MAX_MEMBERS);
      return { members: found.slice(0, MAX_MEMBERS).map(memberOf), more: found.length > MAX_MEMBERS };
    },
  };
}

const number = (value: number): AttributeValue => ({ N: String(value) });
const expiry = (now: number): AttributeValue => number(Math.floor((now + KEEP_MS) / 1000));
const slotOf = (at: number): number => Math.floor(at / STORM_MS);
const memberKey = ({ at, finding, revision }: StormMember): string => stormMemberKey(at, finding, revision);
const memberOf = (item: Item): StormMember => JSON.parse(item['body']?.S ?? 'null') as StormMember;

function keyOf(kind: StormKind, member: StormMember, sortKey: string): Item {
  return { pk: { S: partitionOf(kind, member) }, sk: { S: sortKey } };
}

function partitionOf(kind: StormKind, { place: { account, host } }: StormMember): string {
  return stormKey(account, host === TEST_HOST ? `${kind}-test` : kind);
}
