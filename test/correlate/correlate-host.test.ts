import assert from 'node:assert/strict';
import { test } from 'node:test';
import { correlateHost } from '#shared/correlate/correlate-host.ts';
import { DEFAULT_MATRIX } from '#shared/correlate/matrix.ts';
import type { Store } from '#shared/correlate/store.ts';
import type { Host } from '#shared/model/place.ts';
import { hourOf } from '#shared/model/time.ts';
import { evidenceOf, NOON, PLACE } from '../factories.ts';
import { memoryStore } from './memory-store.ts';

const HOUR = hourOf(NOON);
const HOST: Host = { account: PLACE.account, region: PLACE.region, host: PLACE.host };
const CONTEXT = { matrix: DEFAULT_MATRIX, linkable: () => true, notes: [], now: () => NOON };
const SCOPES = ['host', 'network', ...Array.from({ length: 18 }, (_, n) => `container:${String(n).padStart(12, '0')}`)];

/** A store with a miner and a pool in each scope, which counts the reads of evidence. */
async function counted(): Promise<{ store: Store; reads: () => number }> {
  const store = memoryStore();
  for (const scope of SCOPES) {
    for (const group of ['miner_execution', 'pool_connection'] as const) {
      await store.merge(evidenceOf({ place: { ...HOST, scope }, hour: HOUR, group, rule: group }));
    }
  }
  let reads = 0;
  const evidence: Store['evidence'] = (...span) => {
    reads += 1;
    return store.evidence(...span);
  };
  return { store: { ...store, evidence }, reads: () => reads };
}

const touched = { host: HOST, scopes: SCOPES, from: HOUR, to: HOUR };

test('reads the evidence of a host once for all its scopes', async () => {
  const { store, reads } = await counted();
  const results = await correlateHost(store, touched, CONTEXT);
  assert.ok(results.length >= SCOPES.length);
  assert.equal(reads(), 1);
  await correlateHost(store, touched, CONTEXT);
  assert.equal(reads(), 2);
});

test('reads head and evidence again where another wrote the head meanwhile, and loses neither', async () => {
  const { store } = await counted();
  await correlateHost(store, touched, CONTEXT);
  const place = { ...HOST, scope: 'host' };
  await store.merge(evidenceOf({ place, hour: HOUR, group: 'persistence_setup', rule: 'crontab' }));
  let others = 1;
  const putHead: Store['putHead'] = async (next) => {
    if (next.place.scope === 'host' && others-- > 0) {
      await store.merge(evidenceOf({ place, hour: HOUR, group: 'system_optimization', rule: 'msr' }));
      await correlateHost(store, { ...touched, scopes: ['host'] }, CONTEXT);
    }
    return store.putHead(next);
  };
  await correlateHost({ ...store, putHead }, { ...touched, scopes: ['host'] }, CONTEXT);
  const head = await store.head(place);
  assert.equal(head?.episodes.at(-1)?.snapshot?.severity, 'Critical');
});
