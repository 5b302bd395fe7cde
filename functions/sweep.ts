import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { waitingHeads } from '#shared/aws/waiting-heads.ts';
import { archiveDue } from '#shared/correlate/archive.ts';
import type { Publication } from '#shared/correlate/outbox.ts';
import { deployedPublishing, nameOf, type Publishing, publish } from './publishing.ts';
import { requiredVariables, windowHours } from './runtime/environment.ts';
import { telemetryOf, withTelemetry } from './runtime/telemetry.ts';

/** How long a head is left to the stream before the sweeper publishes it. */
const UNPUBLISHED_MS = 10 * 60_000;
/** What is left to the next run: time for the head at hand. */
const SPARE_MS = 15_000;

export interface SweepParts extends Publishing {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly windowHours: number;
  /** Wall clock, milliseconds since the epoch. */
  readonly clock: () => number;
  readonly told: {
    published(publication: Publication): void;
    /** The error may hold an item: only its name may be logged. */
    failed(what: 'publish' | 'archive', error: unknown): void;
  };
}

/** What one run did: heads published from and archived in, and how many failed and wait for the next run. */
export interface Swept {
  readonly published: number;
  readonly archived: number;
  readonly failed: number;
}

/**
 * Publishes what the stream left unpublished for ten minutes, and archives the episodes that are due, each under the
 * version read. One head's failure holds no other up.
 * @param remaining milliseconds that the run may still take
 */
export async function sweep(parts: SweepParts, remaining: () => number): Promise<Swept> {
  const { client, table, clock, told } = parts;
  const swept = { published: 0, archived: 0, failed: 0 };
  const now = clock();
  const attempt = async (what: 'publish' | 'archive', work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      swept.failed += 1;
      told.failed(what, error);
    }
  };
  for await (const head of waitingHeads(client, table, 'unpublished', now - UNPUBLISHED_MS)) {
    if (remaining() < SPARE_MS) return swept;
    if (head.unpublished.length === 0) continue;
    await attempt('publish', async () => {
      for (const publication of await publish(head, parts)) told.published(publication);
      swept.published += 1;
    });
  }
  for await (const head of waitingHeads(client, table, 'due', now)) {
    if (remaining() < SPARE_MS) return swept;
    const next = archiveDue(head, parts.windowHours, now);
    if (next === undefined) continue;
    await attempt('archive', async () => {
      // Refused where evidence came meanwhile: that wins, and the next run looks again.
      if (await parts.store.putHead(next)) swept.archived += 1;
    });
  }
  return swept;
}

const telemetry = telemetryOf('sweep');
let parts: SweepParts | undefined;

/** On a schedule. Fails where a head failed, once the others were served, so that the failure is counted. */
export const handler = withTelemetry(telemetry, async (_event, context) => {
  parts ??= deployedParts();
  const swept = await sweep(parts, () => context.getRemainingTimeInMillis());
  if (swept.failed > 0) throw new Error(`${swept.failed} heads could not be swept; the next run tries them again`);
  return swept;
});

function deployedParts(): SweepParts {
  const { DAVYLAMP_WINDOW_HOURS } = requiredVariables(['DAVYLAMP_WINDOW_HOURS']);
  return {
    ...deployedPublishing(),
    windowHours: windowHours(DAVYLAMP_WINDOW_HOURS),
    clock: Date.now,
    told: {
      published: ({ finding }) => telemetry.metrics.addMetric(`Findings_${finding.severity}`, 'Count', 1),
      failed: (what, error) => telemetry.logger.error('a head waits for the next run', { what, error: nameOf(error) }),
    },
  };
}
