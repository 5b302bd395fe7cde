import { randomUUID } from 'node:crypto';
import { via } from './account.ts';
import { type FailedEvents, onFailureOf, responseContext } from './failed-events.ts';
import type { Outcome } from './function-process.ts';
import type { Gateway } from './gateway.ts';
import { at, numberOf, textOf } from './json.ts';
import type { LocalFunction } from './local-function.ts';
import { filterOf, reportsItems } from './mapping-settings.ts';
import { type StreamRecord, sequenceOf, type TableStream } from './table-stream.ts';
import type { Resource } from './template.ts';

interface Parts {
  readonly fn: Pick<LocalFunction, 'invoke' | 'logicalId' | 'arn'>;
  readonly stream: Pick<TableStream, 'read'>;
  readonly failed: FailedEvents;
  readonly gateway: Gateway;
  /** The key of the customer that the table, and its stream, is encrypted with. */
  readonly keyArn?: string | undefined;
}

/**
 * From the stream of the table to a function, as Lambda polls it: what the filter takes, in batches, a shard in its order.
 * A function that failed gets halves of its batch; of one that names what failed, the records from the lowest on come
 * again. What fails beyond the retries goes whole to the destination, and the shard goes on.
 */
export class StreamMapping {
  readonly fn: Parts['fn'];
  readonly #parts: Parts;
  readonly #id: string;
  readonly #streamArn: string;
  readonly #batchSize: number;
  readonly #bisects: boolean;
  readonly #retries: number;
  readonly #reportsItems: boolean;
  readonly #onFailure: string | undefined;
  readonly #takes: (record: unknown) => boolean;

  constructor({ properties, logicalId, ref }: Resource, parts: Parts) {
    this.fn = parts.fn;
    this.#parts = parts;
    this.#id = ref;
    this.#streamArn = textOf(properties['EventSourceArn'], logicalId);
    this.#batchSize = numberOf(properties['BatchSize'] ?? 100, `${logicalId}.BatchSize`);
    this.#bisects = properties['BisectBatchOnFunctionError'] === true;
    this.#retries = numberOf(properties['MaximumRetryAttempts'] ?? -1, `${logicalId}.MaximumRetryAttempts`);
    if (this.#retries < 0) throw new TypeError(`${logicalId}: retries without end would block a shard`);
    this.#reportsItems = reportsItems(properties, logicalId);
    this.#onFailure = onFailureOf(properties, logicalId);
    this.#takes = filterOf(properties, logicalId);
    if (properties['StartingPosition'] !== 'TRIM_HORIZON')
      throw new TypeError(`${logicalId}: streams are read from TRIM_HORIZON here`);
    for (const action of ['ListStreams', 'DescribeStream', 'GetShardIterator']) this.#as(action);
  }

  /** Hands over all that the stream holds. @returns the batches that were handed over */
  async drain(): Promise<number> {
    let batches = 0;
    for (;;) {
      this.#as('GetRecords');
      this.#useKey();
      const shards = await this.#parts.stream.read(this.#streamArn);
      if (shards.length === 0) return batches;
      for (const { shard, records } of shards) {
        const waiting = records.filter((one) => this.#takes(one));
        while (waiting.length > 0) {
          batches += 1;
          await this.#handle(waiting.splice(0, this.#batchSize), shard);
        }
      }
    }
  }

  #useKey(): void {
    const { fn, gateway, keyArn } = this.#parts;
    if (keyArn !== undefined) gateway.onBehalf(fn.logicalId, 'kms:Decrypt', [keyArn], via('dynamodb'));
  }

  /** Until the batch is done or given up. */
  async #handle(batch: readonly StreamRecord[], shard: string): Promise<void> {
    let waiting = batch;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.fn.invoke({ Records: waiting });
      const rest = this.#failedFrom(outcome, waiting);
      if (rest.length === 0) return;
      if ('error' in outcome && this.#bisects && rest.length > 1) {
        // "Splitting a batch doesn't count towards the retry quota."
        const half = Math.ceil(rest.length / 2);
        await this.#handle(rest.slice(0, half), shard);
        await this.#handle(rest.slice(half), shard);
        return;
      }
      if (rest.length < waiting.length) attempt = 0;
      else if (attempt > this.#retries) return this.#giveUp(rest, shard, outcome, attempt);
      waiting = rest;
    }
  }

  /** The records that were not handled: all of a function that failed, else those from the lowest that it names on. */
  #failedFrom(outcome: Outcome, batch: readonly StreamRecord[]): readonly StreamRecord[] {
    if ('error' in outcome) return batch;
    const failures = at(outcome.result, 'batchItemFailures');
    if (!this.#reportsItems || !Array.isArray(failures) || failures.length === 0) return [];
    const places = failures.map((one: unknown) => {
      const named = at(one, 'itemIdentifier');
      return batch.findIndex((record) => sequenceOf(record) === named);
    });
    // A name of nothing fails the whole batch.
    return places.includes(-1) ? batch : batch.slice(Math.min(...places));
  }

  /** Lambda developer guide, "Retaining discarded batches for a DynamoDB event source": S3 gets the whole event. */
  #giveUp(batch: readonly StreamRecord[], shard: string, outcome: Outcome, attempts: number): void {
    const [first, last] = [batch.at(0), batch.at(-1)];
    if (this.#onFailure === undefined || first === undefined || last === undefined) return;
    this.#parts.failed.write({
      caller: this.fn.logicalId,
      destinationArn: this.#onFailure,
      folder: `${this.#id}/${shard}`,
      record: {
        requestContext: {
          ...{ requestId: randomUUID(), functionArn: this.fn.arn, condition: 'RetryAttemptsExhausted' },
          approximateInvokeCount: attempts,
        },
        responseContext: responseContext(outcome),
        DDBStreamBatchInfo: {
          ...{ shardId: shard, startSequenceNumber: sequenceOf(first), endSequenceNumber: sequenceOf(last) },
          ...{ batchSize: batch.length, streamArn: this.#streamArn },
        },
        payload: JSON.stringify({ Records: batch }),
      },
    });
  }

  #as(action: string): void {
    this.#parts.gateway.onBehalf(this.fn.logicalId, `dynamodb:${action}`, [this.#streamArn]);
  }
}
