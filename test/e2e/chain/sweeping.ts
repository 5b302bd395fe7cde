import type { Deployment } from '../local/deployment.ts';

const HOUR_MS = 3_600_000;
/** Longer than the window of 24 hours, the six for what comes late, and the hour that an episode is made of. */
export const EPISODE_END_MS = 32 * HOUR_MS;

/** Lets the sweeper's schedule run once, at a time that lies `laterMs` ahead. */
export async function runSweep(deployment: Deployment, laterMs: number): Promise<void> {
  const sweep = deployment.lambdas.called('Sweep');
  await later(deployment, laterMs, async () => {
    await sweep.close();
    await deployment.bus.runSchedules(sweep.logicalId);
  });
  await sweep.close();
}

/** Does the work with functions that live so much later, as far as they start in it. */
export async function later(deployment: Deployment, laterMs: number, work: () => Promise<void>): Promise<void> {
  deployment.lambdas.clockOffsetMs = laterMs;
  try {
    await work();
  } finally {
    deployment.lambdas.clockOffsetMs = 0;
  }
}
