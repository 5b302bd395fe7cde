import { randomUUID } from 'node:crypto';
import { via } from './account.ts';
import type { Buckets } from './buckets.ts';
import type { Outcome } from './function-process.ts';
import type { Gateway } from './gateway.ts';
import { ServiceError } from './interventions.ts';
import { at, type Fields, textOf } from './json.ts';

/** What could not be handled, for the destination that the template names. */
interface FailedEvent {
  /** Logical id of the function, by whose role Lambda writes. */
  readonly caller: string;
  readonly destinationArn: string;
  /** What comes before the date in the object's key. */
  readonly folder: string;
  readonly record: Fields;
}

/** Lambda's writing of what failed to a bucket ("Capturing records of Lambda asynchronous invocations"). */
export class FailedEvents {
  readonly #gateway: Gateway;
  readonly #buckets: Buckets;

  constructor(gateway: Gateway, buckets: Buckets) {
    this.#gateway = gateway;
    this.#buckets = buckets;
  }

  write({ caller, destinationArn, folder, record }: FailedEvent): void {
    const bucket = /^arn:aws:s3:::(.+)$/.exec(destinationArn)?.[1];
    if (bucket === undefined) throw new TypeError(`no local part writes what failed to ${destinationArn}`);
    const time = new Date().toISOString();
    const [day, clock] = [time.slice(0, 10), time.slice(11, 19).replaceAll(':', '.')];
    const key = `aws/lambda/${folder}/${day.replaceAll('-', '/')}/${day}T${clock}-${randomUUID()}`;
    try {
      this.#gateway.onBehalf(caller, 's3:ListBucket', [destinationArn]);
      this.#gateway.onBehalf(caller, 's3:PutObject', [`${destinationArn}/${key}`]);
      const keyArn = this.#buckets.keyOf(bucket);
      if (keyArn !== undefined) this.#gateway.onBehalf(caller, 'kms:GenerateDataKey', [keyArn], via('s3'));
    } catch (error) {
      // The refusal is in the log of calls; as in an account, the event is lost.
      if (error instanceof ServiceError) return;
      throw error;
    }
    this.#buckets.put(bucket, key, JSON.stringify({ version: '1.0', timestamp: time, ...record }));
  }
}

/** The destination of failures in a template's properties. */
export function onFailureOf(properties: Fields, path: string): string | undefined {
  const destination = at(properties, 'DestinationConfig', 'OnFailure', 'Destination');
  return destination === undefined ? undefined : textOf(destination, path);
}

export function responseContext(outcome: Outcome): Fields {
  const failed = 'error' in outcome ? { functionError: 'Unhandled' } : {};
  return { statusCode: 200, executedVersion: '$LATEST', ...failed };
}
