import type { Outcome } from './function-process.ts';
import type { Gateway } from './gateway.ts';
import { at, isFields, numberOf, textOf } from './json.ts';
import type { LocalFunction } from './local-function.ts';
import { filterOf, reportsItems } from './mapping-settings.ts';
import type { Queue, QueueRecord, Queues } from './queues.ts';
import type { Resource } from './template.ts';

/** From a queue to a function: batches, several at a time, of which the failed messages come again. */
export class QueueMapping {
  readonly queue: Queue;
  readonly fn: Pick<LocalFunction, 'invoke' | 'logicalId'>;
  readonly #queues: Queues;
  readonly #gateway: Gateway;
  readonly #batchSize: number;
  readonly #concurrency: number;
  readonly #reportsItems: boolean;
  readonly #takes: (record: unknown) => boolean;

  constructor(
    { properties, logicalId }: Resource,
    { fn, queues, gateway }: { fn: QueueMapping['fn']; queues: Queues; gateway: Gateway },
  ) {
    this.fn = fn;
    this.queue = queues.byArn(textOf(properties['EventSourceArn'], logicalId));
    this.#queues = queues;
    this.#gateway = gateway;
    this.#batchSize = numberOf(properties['BatchSize'] ?? 10, `${logicalId}.BatchSize`);
    this.#concurrency = numberOf(at(properties, 'ScalingConfig', 'MaximumConcurrency') ?? 5, logicalId);
    this.#reportsItems = reportsItems(properties, logicalId);
    this.#takes = filterOf(properties, logicalId);
    // Lambda asks this before it takes a mapping.
    this.#as('sqs:GetQueueAttributes');
  }

  /** Hands over what is visible, once. @returns the batches that were handed over */
  async deliver(): Promise<number> {
    let batches = 0;
    for (;;) {
      const round = Array.from({ length: this.#concurrency }, () => this.#batch()).filter((one) => one.length > 0);
      if (round.length === 0) return batches;
      batches += round.length;
      await Promise.all(round.map((batch) => this.#invoke(batch)));
    }
  }

  /** Hands over until the queue is empty: what failed comes again, and at last ends among the dead letters. */
  async drain(): Promise<void> {
    for (;;) {
      await this.deliver();
      const next = this.queue.nextVisibleAt;
      if (next === undefined) return;
      this.#queues.advance(next - this.#queues.now);
    }
  }

  #batch(): readonly QueueRecord[] {
    const records = this.queue.receive(this.#batchSize);
    if (records.length > 0) this.#as('sqs:ReceiveMessage');
    const [taken, others] = [records.filter((one) => this.#matches(one)), records.filter((one) => !this.#matches(one))];
    // A message that the filter does not take is deleted unread.
    for (const { receiptHandle } of others) this.#delete(receiptHandle);
    return taken;
  }

  #matches(record: QueueRecord): boolean {
    return this.#takes({ ...record, body: jsonOrText(record.body) });
  }

  async #invoke(batch: readonly QueueRecord[]): Promise<void> {
    const outcome = await this.fn.invoke({ Records: batch });
    const failed = failedItems(outcome, batch, this.#reportsItems);
    for (const { messageId, receiptHandle } of batch) if (!failed.has(messageId)) this.#delete(receiptHandle);
  }

  #delete(receipt: string): void {
    this.#as('sqs:DeleteMessage');
    this.queue.delete(receipt);
  }

  #as(action: string): void {
    this.#gateway.onBehalf(this.fn.logicalId, action, [this.queue.arn]);
  }
}

/** Lambda developer guide, "Reporting batch item failures": all have failed where the answer names what is not there. */
function failedItems(outcome: Outcome, batch: readonly QueueRecord[], reports: boolean): ReadonlySet<string> {
  const all = new Set(batch.map(({ messageId }) => messageId));
  if ('error' in outcome) return all;
  if (!reports) return new Set();
  const failures = at(outcome.result, 'batchItemFailures');
  if (!Array.isArray(failures)) return new Set();
  const named = failures.map((one: unknown) => String(at(one, 'itemIdentifier') ?? ''));
  return named.every((id) => all.has(id)) ? new Set(named) : all;
}

function jsonOrText(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : text;
  } catch {
    return text;
  }
}
