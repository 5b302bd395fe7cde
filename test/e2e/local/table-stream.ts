import { REGION } from './account.ts';
import { at, type Fields, fieldsOf, listOf, textOf } from './json.ts';

export interface StreamRecord {
  readonly eventName: string;
  readonly dynamodb: Fields;
  readonly [name: string]: unknown;
}

export function sequenceOf(record: StreamRecord): string {
  return textOf(record.dynamodb['SequenceNumber'], 'SequenceNumber');
}

/** DynamoDB Local keeps tables apart by key and region, and looks at nothing else of a signature. */
export const ENGINE_CREDENTIAL = { key: 'local', region: 'us-east-1' };

/** Reads the stream of one table of DynamoDB Local to its present end, each time from where it stopped. */
export class TableStream {
  readonly #engine: string;
  readonly #table: string;
  readonly #iterators = new Map<string, string>();
  readonly #done = new Set<string>();

  constructor(engine: string, table: string) {
    this.#engine = engine;
    this.#table = table;
  }

  /**
   * What came since the last reading, by shard; nothing when nothing came.
   * @param arn the stream's name in the template, which records carry
   */
  async read(arn: string): Promise<readonly { readonly shard: string; readonly records: readonly StreamRecord[] }[]> {
    const found = [];
    for (const shard of await this.#shards()) {
      const records = await this.#readShard(shard, arn);
      if (records.length > 0) found.push({ shard, records });
    }
    return found;
  }

  /** In their order: a parent comes before its children. */
  async #shards(): Promise<readonly string[]> {
    const streams = listOf(at(await this.#call('ListStreams', { TableName: this.#table }), 'Streams'), 'Streams');
    const StreamArn = textOf(at(streams[0], 'StreamArn'), `the stream of ${this.#table}`);
    const described = await this.#call('DescribeStream', { StreamArn });
    const shards = listOf(at(described, 'StreamDescription', 'Shards'), 'Shards');
    const ids = shards.map((shard) => textOf(at(shard, 'ShardId'), 'ShardId'));
    for (const ShardId of ids) {
      if (this.#iterators.has(ShardId) || this.#done.has(ShardId)) continue;
      const answer = await this.#call('GetShardIterator', { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' });
      this.#iterators.set(ShardId, textOf(at(answer, 'ShardIterator'), 'ShardIterator'));
    }
    return ids;
  }

  async #readShard(shard: string, arn: string): Promise<readonly StreamRecord[]> {
    const all: StreamRecord[] = [];
    for (;;) {
      const iterator = this.#iterators.get(shard);
      if (iterator === undefined) return all;
      const answer = await this.#call('GetRecords', { ShardIterator: iterator });
      const next = at(answer, 'NextShardIterator');
      if (typeof next === 'string') this.#iterators.set(shard, next);
      else {
        this.#iterators.delete(shard);
        this.#done.add(shard);
      }
      const records = listOf(at(answer, 'Records') ?? [], 'Records').map((one) => recordOf(one, arn));
      if (records.length === 0) return all;
      all.push(...records);
    }
  }

  async #call(action: string, input: object): Promise<unknown> {
    const { key, region } = ENGINE_CREDENTIAL;
    const response = await fetch(this.#engine, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDBStreams_20120810.${action}`,
        authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=00`,
      },
      body: JSON.stringify(input),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${action} of the stream of ${this.#table}: ${JSON.stringify(answer)}`);
    return answer;
  }
}

/** A record as Lambda hands it on: of the region and stream of the template. */
function recordOf(value: unknown, arn: string): StreamRecord {
  const record = fieldsOf(value, 'a record of the stream');
  return {
    ...record,
    eventName: textOf(record['eventName'], 'eventName'),
    dynamodb: fieldsOf(record['dynamodb'], 'dynamodb'),
    ...{ awsRegion: REGION, eventSourceARN: arn },
  };
}
