import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attack, victim } from './attack.ts';
import type { Suite } from './suite.ts';
import { EPISODE_END_MS, later, runSweep } from './sweeping.ts';
import { imported, importedStates, ONCALL, onBus, subjectsTo, toldToSlack } from './told.ts';

export function episodeEnd(suite: () => Suite): void {
  test('begins a new finding with a new episode, once the old one has ended', async () => {
    const deployment = await suite().shared();
    const one = victim(531);
    await attack(deployment, one, ['miner', 'pool', 'persistence']);
    await deployment.settle();
    await runSweep(deployment, EPISODE_END_MS);
    await deployment.settle();
    assert.deepEqual(importedStates(deployment, one.instance), ['HIGH ARCHIVED']);
    assert.deepEqual(toldToSlack(deployment, one.instance), ['HIGH opened', 'HIGH archived']);
    assert.deepEqual(subjectsTo(deployment, ONCALL, one.instance), ['HIGH opened', 'HIGH archived']);
    assert.deepEqual(onBus(deployment, one.instance), ['High opened 1', 'High archived 2']);

    await later(deployment, EPISODE_END_MS, async () => {
      await deployment.lambdas.close();
      await attack(deployment, { ...one, start: one.start + EPISODE_END_MS }, ['miner', 'pool']);
      await deployment.settle();
    });
    assert.deepEqual(importedStates(deployment, one.instance), ['HIGH ARCHIVED', 'MEDIUM ACTIVE']);
    const [old, young] = imported(deployment, one.instance);
    assert.notEqual(old?.['Id'], young?.['Id']);
    assert.deepEqual(onBus(deployment, one.instance).slice(2), ['Medium opened 1']);
    assert.equal(toldToSlack(deployment, one.instance).at(-1), 'MEDIUM opened');
  });
}
