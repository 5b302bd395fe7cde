import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Deployment } from '../local/deployment.ts';
import { ACCOUNT_ID, attack, lookup, namingFlowLog, type Victim, victim } from './attack.ts';
import { LOG_BUCKET, SECOND_BUCKET, SHARED_BUCKET, type Suite } from './suite.ts';
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
  test('reads of a bucket with logs of many kinds those whose key a wildcard matches, each kind by its own function', async () => {
    const deployment = await suite().shared();
    const [flow, dns, other, nested] = [victim(711), victim(712), victim(713), victim(714)];
    const flowOf = (one: Victim) => gzipSync(namingFlowLog([{ ...one, ...REMOTE, at: one.start + 65_000 }]));
    const { address, instance, start } = dns;
    const query = gzipSync(lookup({ address, instance, at: start + 61_000 }).message);
    const keys = {
      flow: `AWSLogs/${ACCOUNT_ID}/vpcflowlogs/eu-west-1/2026/11/25/a.log.gz`,
      dns: `AWSLogs/o-0123456789/${ACCOUNT_ID}/vpcdnsquerylogs/vpc-1/2026/11/25/b.log.gz`,
      other: `AWSLogs/${ACCOUNT_ID}/elasticloadbalancing/eu-west-1/2026/11/25/c.log.gz`,
      nested: `copies/AWSLogs/${ACCOUNT_ID}/vpcflowlogs/eu-west-1/2026/11/25/d.log.gz`,
    };
    await deployment.store(SHARED_BUCKET, keys.flow, flowOf(flow));
    await deployment.store(SHARED_BUCKET, keys.dns, query);
    await deployment.store(SHARED_BUCKET, keys.other, flowOf(other));
    await deployment.store(SHARED_BUCKET, keys.nested, flowOf(nested));
    for (const one of [flow, dns, other, nested]) await attack(deployment, one, ['miner']);
    await deployment.settle();
    for (const one of [flow, dns]) assert.deepEqual(importedStates(deployment, one.instance), ['MEDIUM ACTIVE']);
    for (const one of [other, nested]) assert.deepEqual(importedStates(deployment, one.instance), []);
    assert.deepEqual(readersOf(deployment, keys.flow), ['Classifyflow']);
    assert.deepEqual(readersOf(deployment, keys.dns), ['Classifydns']);
    for (const key of [keys.other, keys.nested]) assert.deepEqual(readersOf(deployment, key), []);
  });
}

/** Functions that asked for an object of the shared bucket. */
function readersOf({ gateway }: Deployment, key: string): readonly string[] {
  const read = gateway.log.calls.filter(({ resources }) => resources.includes(`arn:aws:s3:::${SHARED_BUCKET}/${key}`));
  return [...new Set(read.map(({ caller }) => caller.replace(/Function.*$/, '')))];
}
