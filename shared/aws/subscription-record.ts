import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Item } from './items.ts';
import type { LogSubscription } from './log-subscriptions.ts';
import type { ToldWarnings } from './subscription-warnings.ts';

/** What log groups a deployment wants attached, and what people were told of those that are not. */
export interface SubscriptionRecord {
  readonly filterName: string;
  readonly wanted: readonly LogSubscription[];
  /** Another one for each deployment: what is wanted by one generation never changes. */
  readonly generation: string;
  readonly told: ToldWarnings;
}

/** One item of the table. It outlives deployments, since the schedule is told nothing else of what to attach. */
export interface SubscriptionRecords {
  /** Records what is wanted from now on; what people were told stays. */
  want(wanted: Pick<SubscriptionRecord, 'filterName' | 'wanted' | 'generation'>): Promise<SubscriptionRecord>;
  read(): Promise<SubscriptionRecord | undefined>;
  /** Records what people were told, unless a newer generation has come. */
  tell(record: SubscriptionRecord, told: ToldWarnings): Promise<void>;
}

const KEY: Item = { pk: { S: 'subscriptions' }, sk: { S: 'latest' } };
const wantedBody = v.pipe(
  v.string(),
  v.parseJson(),
  v.array(v.object({ logGroup: v.string(), destinationArn: v.string() })),
);
/** Group, sentence, and when to tell it again: at once where a version before this one recorded no time. */
const toldBody = v.pipe(
  v.string(),
  v.parseJson(),
  v.array(v.union([v.tuple([v.string(), v.string(), v.number()]), v.tuple([v.string(), v.string()])])),
);

function recordOf(item: Item): SubscriptionRecord {
  const told = bodyOf(toldBody, item['told']?.S ?? '[]', 'told');
  return {
    filterName: item['filterName']?.S ?? '',
    generation: item['generation']?.S ?? '',
    wanted: bodyOf(wantedBody, item['wanted']?.S, 'wanted'),
    told: new Map(told.map(([group, sentence, again = 0]) => [group, { sentence, again }])),
  };
}

/** @throws Error without the text itself, which would end in the log */
function bodyOf<Schema extends v.GenericSchema>(schema: Schema, text: unknown, name: string): v.InferOutput<Schema> {
  const result = v.safeParse(schema, text);
  if (result.success) return result.output;
  throw new Error(`the record of subscriptions in the table can't be read: its attribute ${name} has another form`);
}

const toldText = (told: ToldWarnings): string =>
  JSON.stringify([...told].map(([group, { sentence, again }]) => [group, sentence, again]));

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
              ':told': { S: toldText(told) },
            },
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}
