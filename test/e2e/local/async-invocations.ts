import { randomUUID } from 'node:crypto';
import { type FailedEvents, onFailureOf, responseContext } from './failed-events.ts';
import type { Outcome } from './function-process.ts';
import { numberOf, textOf } from './json.ts';
import type { LocalFunction } from './local-function.ts';
import type { Template } from './template.ts';

/** Largest event that Lambda queues ("Lambda quotas": invocation payload, asynchronous). */
const MOST_BYTES = 1024 * 1024;
/** Retries where the template says nothing. */
const DEFAULT_RETRIES = 2;

interface Config {
  readonly retries: number;
  readonly onFailure: string | undefined;
}

/** Invocations that nobody waits for: retried at once, then left whole at the destination of failures. */
export class AsyncInvocations {
  /** Outcomes of all attempts, in their order. */
  readonly attempts: { readonly functionId: string; readonly outcome: Outcome }[] = [];
  readonly #configs: ReadonlyMap<string, Config>;
  readonly #failed: FailedEvents;

  constructor(template: Template, failed: FailedEvents) {
    this.#failed = failed;
    this.#configs = new Map(
      template.ofType('AWS::Lambda::EventInvokeConfig').map(({ properties, logicalId }) => {
        if (properties['Qualifier'] !== '$LATEST') throw new TypeError(`${logicalId}: only $LATEST is deployed here`);
        const retries = numberOf(properties['MaximumRetryAttempts'] ?? DEFAULT_RETRIES, logicalId);
        return [
          textOf(properties['FunctionName'], logicalId),
          { retries, onFailure: onFailureOf(properties, logicalId) },
        ] as const;
      }),
    );
  }

  /** @returns the last outcome */
  async invoke(fn: LocalFunction, event: unknown): Promise<Outcome> {
    const bytes = Buffer.byteLength(JSON.stringify(event));
    if (bytes > MOST_BYTES) throw new RangeError(`an event of ${bytes} bytes can't be queued for ${fn.logicalId}`);
    const { retries, onFailure } = this.#configs.get(fn.name) ?? { retries: DEFAULT_RETRIES, onFailure: undefined };
    for (let attempt = 1; ; attempt++) {
      const outcome = await fn.invoke(event);
      this.attempts.push({ functionId: fn.logicalId, outcome });
      if ('result' in outcome) return outcome;
      if (attempt <= retries) continue;
      if (onFailure !== undefined) {
        this.#failed.write({
          caller: fn.logicalId,
          destinationArn: onFailure,
          folder: `async/${fn.name}`,
          record: {
            requestContext: {
              ...{ requestId: randomUUID(), functionArn: `${fn.arn}:$LATEST`, condition: 'RetriesExhausted' },
              approximateInvokeCount: attempt,
            },
            requestPayload: event,
            responseContext: responseContext(outcome),
            responsePayload: outcome.error,
          },
        });
      }
      return outcome;
    }
  }
}
