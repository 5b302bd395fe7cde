import { hash } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { endpointArtifact } from '../model/endpoint.ts';
import type { Answer, Knowledge, Lesson } from '../model/intel.ts';
import type { Item } from './items.ts';
import { keyPart, SHARD_NAMES } from './table.ts';

const DAY_MS = 86_400_000;
/** A pool that a miner named is watched for this long after it was named. */
const KEEP_LESSON_MS = 30 * DAY_MS;
/** Answers count for a window; logs may be that much late. */
const KEEP_ANSWER_MS = 2 * DAY_MS;
/** One answer is kept of each half hour, so that answers of one hour after the other stay one run. */
const ANSWER_STEP_MS = 1_800_000;
/** Pages of one shard that are read, a megabyte each: what a flood leaves beyond it is not learned. */
const MAX_PAGES = 8;

/** Where runs leave what they learned for one another. */
export interface WatchItems {
  /** What is known at a time, milliseconds since the epoch: each lesson that is not too old, and answers of two days. */
  read(now: number): Promise<Knowledge>;
  write(knowledge: Knowledge, now: number): Promise<void>;
}

const endpointSchema = v.object({ host: v.string(), port: v.optional(v.number()) });
const lessonSchema = v.object({
  endpoint: endpointSchema,
  proxy: v.boolean(),
  learner: v.string(),
  at: v.number(),
});
const answerSchema = v.object({
  account: v.optional(v.string()),
  vpc: v.optional(v.string()),
  name: v.string(),
  address: v.string(),
  at: v.number(),
  learned: v.boolean(),
  port: v.optional(v.number()),
});

/** The watch list in the table, spread over a few partitions of its own. Items of a later schema are passed over. */
export function watchItems(client: DynamoDBClient, table: string): WatchItems {
  const query = async (shard: string, from: string, to: string, now: number): Promise<string[]> => {
    const bodies: string[] = [];
    let start: Item | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const { Items, LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: { ':pk': { S: `watch#${shard}` }, ':from': { S: from }, ':to': { S: to } },
          ExclusiveStartKey: start,
        }),
      );
      for (const item of Items ?? []) {
        if (Number(item['expiresAt']?.N ?? 0) * 1000 > now) bodies.push(item['body']?.S ?? '');
      }
      if (LastEvaluatedKey === undefined) return bodies;
      start = LastEvaluatedKey;
    }
    return bodies;
  };

  const put = async (sk: string, body: Lesson | Answer, until: number): Promise<void> => {
    const expiresAt = Math.floor(until / 1000);
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            pk: { S: `watch#${shardOfKey(sk)}` },
            sk: { S: sk },
            kind: { S: 'watch' },
            expiresAt: { N: String(expiresAt) },
            body: { S: JSON.stringify(body) },
          },
          // What is known for a day less is not worth a write.
          ConditionExpression: 'attribute_not_exists(pk) OR expiresAt < :stale',
          ExpressionAttributeValues: { ':stale': { N: String(expiresAt - DAY_MS / 1000) } },
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  };

  return {
    read: async (now) => {
      const shards = await Promise.all(
        SHARD_NAMES.map(async (shard) => ({
          lessons: await query(shard, 'endpoint#', 'endpoint#\uffff', now),
          answers: await query(shard, `answer#${stepText(now - KEEP_ANSWER_MS)}`, 'answer#\uffff', now),
        })),
      );
      return {
        lessons: shards.flatMap(({ lessons }) => parsedAs(lessonSchema, lessons)) as Lesson[],
        answers: shards.flatMap(({ answers }) => parsedAs(answerSchema, answers)),
      };
    },
    write: async ({ lessons, answers }, now) => {
      for (const lesson of lessons) await put(lessonKey(lesson), lesson, Math.max(now, lesson.at) + KEEP_LESSON_MS);
      const kept = new Map(answers.map((answer) => [answerKey(answer), answer]));
      for (const [key, answer] of kept) await put(key, answer, Math.max(now, answer.at) + KEEP_ANSWER_MS);
    },
  };
}

/** The sort key under which a lesson is kept: the same for the same endpoint. */
export function lessonKey({ endpoint, proxy }: Lesson): string {
  return ['endpoint', proxy ? 'proxy' : 'pool', keyPart(endpointArtifact(endpoint))].join('#');
}

/** The sort key under which an answer is kept, one of each half hour. Time comes first, so that old ones are not read. */
export function answerKey({ account, vpc, name, address, at, learned, port }: Answer): string {
  const what = JSON.stringify([account, vpc, name, address, learned, port]);
  return ['answer', stepText(at), hash('sha256', what).slice(0, 32)].join('#');
}

/** Padded, so that text sorts as time does. */
function stepText(at: number): string {
  return String(Math.floor(at / ANSWER_STEP_MS)).padStart(8, '0');
}

function shardOfKey(sk: string): string {
  const first = Number.parseInt(hash('sha256', sk).slice(0, 2), 16);
  return SHARD_NAMES[first % SHARD_NAMES.length] ?? '0';
}

function parsedAs<T>(schema: v.GenericSchema<unknown, T>, bodies: readonly string[]): T[] {
  return bodies.flatMap((body) => {
    const parsed = v.safeParse(schema, JSON.parse(body));
    return parsed.success ? [parsed.output] : [];
  });
}
