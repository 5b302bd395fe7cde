import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Item } from './items.ts';
import type { LogSubscription } from './log-subscriptions.ts';

/** What log groups a deployment wants attached, and what people were told of those that are not. */
export interface SubscriptionRecord {
  readonly filterName: string;
  readonly wanted: readonly LogSubscription[];
  /** Another one for each deployment: what is wanted by one generation never changes. */
  readonly generation: string;
  /** By group, the sentence that people were told. */
  readonly told: ReadonlyMap<string, string>;
}

/** One item of the table. It outlives deployments, since the schedule is told nothing else of what to attach. */
export interface SubscriptionRecords {
  /** Records what is wanted from now on; what people were told stays. */
  want(wanted: Pick<SubscriptionRecord, 'filterName' | 'wanted' | 'generation'>): Promise<SubscriptionRecord>;
  read(): Promise<SubscriptionRecord | undefined>;
  /** Records what people were told, unless a newer generation has come. */
  tell(record: SubscriptionRecord, told: ReadonlyMap<string, string>): Promise<void>;
}

const KEY: Item = { pk: { S: 'subscriptions' }, sk: { S: 'latest' } };
const wantedBody = v.pipe(
  v.string(),
  v.parseJson(),
  v.array(v.object({ logGroup: v.string(), destinationArn: v.string() })),
);
const toldBody = v.pipe(v.string(), v.parseJson(), v.array(v.tuple([v.string(), v.string()])));

function recordOf(item: Item): SubscriptionRecord {
  return {
    filterName: item['filterName']?.S ?? '',
    generation: item['generation']?.S ?? '',
    wanted: v.parse(wantedBody, item['wanted']?.S),
    told: new Map(v.parse(toldBody, item['told']?.S ?? '[]')),
  };
}

export function subscriptionRecords(client: DynamoDBClient, table: string): SubscriptionRecords {
  return {
    want: async ({ filterName, wanted, generation }) => {
      const { Attributes: item } = await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: KEY,
          UpdateExpression: 'SET filterName = :filterName, generation = :generation, wanted = :wanted',
          ExpressionAttributeValues: {
            ':filterName': { S: filterName },
            ':generation': { S: generation },
            ':wanted': { S: JSON.stringify(wanted) },
          },
          ReturnValues: 'ALL_NEW',
        }),
      );
      return recordOf(item ?? {});
    },
    read: async () => {
      const { Item: item } = await client.send(
        new GetItemCommand({ TableName: table, Key: KEY, ConsistentRead: true }),
      );
      return item === undefined ? undefined : recordOf(item);
    },
    tell: async ({ generation }, told) => {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: KEY,
            ConditionExpression: 'generation = :generation',
            UpdateExpression: 'SET told = :told',
            ExpressionAttributeValues: {
              ':generation': { S: generation },
              ':told': { S: JSON.stringify([...told]) },
            },
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}
