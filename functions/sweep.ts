import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { waitingHeads } from '#shared/aws/waiting-heads.ts';
import { archiveDue } from '#shared/correlate/archive.ts';
import { PublicationTally } from './publication-tally.ts';
import { deployedPublishing, nameOf, type Publishing, publish } from './publishing.ts';
import { requiredVariables, windowHours } from './runtime/environment.ts';
import { parsed } from './runtime/foreign-event.ts';
import { telemetryOf, withTelemetry } from './runtime/telemetry.ts';
import { countTowardsStorms, sendDigests } from './summaries.ts';

/** How long a head is left to the stream before the sweeper publishes it. */
const UNPUBLISHED_MS = 10 * 60_000;
/** What is left to the next run: time for the head at hand. */
const SPARE_MS = 15_000;

export interface SweepParts extends Publishing {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly windowHours: number;
  /** What waits for the next run. The error may hold an item: only its name may be logged. */
  readonly failed: (what: 'publish' | 'archive' | 'digest', error: unknown) => void;
}

/** What one run did: heads published from and archived in, digests sent, and what failed and waits for the next run. */
export interface Swept {
  readonly published: number;
  readonly archived: number;
  readonly digests: number;
  readonly failed: number;
}

/**
 * Sends the digests of days that are over, publishes what the stream left unpublished for ten minutes, and archives the
 * episodes that are due, each under the version read. One failure holds no other work up.
 * @param remaining milliseconds that the run may still take
 */
export async function sweep(
  parts: SweepParts,
  remaining: () => number,
  tally = new PublicationTally(),
): Promise<Swept> {
  const { client, table, clock } = parts;
  const swept = { published: 0, archived: 0, digests: 0, failed: 0 };
  const now = clock();
  const attempt = async (what: 'publish' | 'archive' | 'digest', work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      swept.failed += 1;
      parts.failed(what, error);
    }
  };
  // First, since it is short: a long list of heads must not keep it from being sent.
  await attempt('digest', async () => {
    swept.digests += await sendDigests(parts);
  });
  for await (const head of waitingHeads(client, table, 'unpublished', now - UNPUBLISHED_MS)) {
    if (remaining() < SPARE_MS) return swept;
    tally.records += 1;
    if (head.unpublished.length === 0) continue;
    await attempt('publish', async () => {
      for (const publication of await publish(head, parts)) tally.published(publication, clock());
      swept.published += 1;
    });
  }
  for await (const head of waitingHeads(client, table, 'due', now)) {
    if (remaining() < SPARE_MS) return swept;
    tally.records += 1;
    const next = archiveDue(head, parts.windowHours, now);
    if (next === undefined) continue;
    await attempt('archive', async () => {
      // Refused where evidence came meanwhile: that wins, and the next run looks again.
      if (!(await parts.store.putHead(next))) return;
      swept.archived += 1;
      await countTowardsStorms(next, parts);
    });
  }
  return swept;
}

/** What the schedule's rule sends: a constant. */
const scheduled = v.object({ kind: v.literal('sweep') });

const telemetry = telemetryOf('sweep');
let parts: SweepParts | undefined;

/**
 * On a schedule. Fails where something failed, once the rest was done, so that the failure is counted, and at once for any
 * other event than the schedule's.
 */
export const handler = withTelemetry(telemetry, async (event, context) => {
  parsed(scheduled, event, `what the sweeper's schedule sends ({"kind":"sweep"})`);
  parts ??= deployedParts();
  const tally = new PublicationTally();
  try {
    const swept = await sweep(parts, () => context.getRemainingTimeInMillis(), tally);
    if (swept.failed > 0) throw new Error(`${swept.failed} parts of the sweep failed; the next run tries them again`);
    return swept;
  } finally {
    tally.addTo(telemetry.metrics);
  }
});

function deployedParts(): SweepParts {
  const { DAVYLAMP_WINDOW_HOURS } = requiredVariables(['DAVYLAMP_WINDOW_HOURS']);
  return {
    ...deployedPublishing(),
    windowHours: windowHours(DAVYLAMP_WINDOW_HOURS),
    failed: (what, error) => telemetry.logger.error('left to the next run', { what, error: nameOf(error) }),
  };
}
