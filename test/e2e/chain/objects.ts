import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { attack, lookup, namingFlowLog, victim } from './attack.ts';
import { LOG_BUCKET, SECOND_BUCKET, type Suite } from './suite.ts';
import { importedStates } from './told.ts';

/** A pool's address that is listed. */
const REMOTE = { remote: '199.115.116.7', port: 8925 };

export function objects(suite: () => Suite): void {
  test('reads flow and resolver logs of every bucket, versioned and encrypted or not, plain or in gzip', async () => {
    const deployment = await suite().shared();
    const all = [victim(701), victim(702), victim(703), victim(704)];
    const flows = all.map((one) => namingFlowLog([{ ...one, ...REMOTE, at: one.start + 65_000 }]));
    const lookups = all.map(
      ({ address, instance, start }) => lookup({ address, instance, at: start + 61_000 }).message,
    );
    await deployment.store(LOG_BUCKET, 'AWSLogs/a.log', flows[0] ?? '');
    await deployment.store(SECOND_BUCKET, 'AWSLogs/b.log.gz', gzipSync(flows[1] ?? ''));
    await deployment.store(LOG_BUCKET, 'resolver/c.log.gz', gzipSync(lookups[2] ?? ''));
    await deployment.store(SECOND_BUCKET, 'resolver/d.log', lookups[3] ?? '');
    for (const one of all) await attack(deployment, one, ['miner']);
    await deployment.settle();
    for (const { instance } of all) assert.deepEqual(importedStates(deployment, instance), ['MEDIUM ACTIVE'], instance);
  });
}
