import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at } from '../local/json.ts';
import { attack, victim } from './attack.ts';
import type { Suite } from './suite.ts';
import { EVERYBODY, imported, importedStates, ONCALL, onBus, subjectsTo, toldToSlack } from './told.ts';

export function escalation(suite: () => Suite): void {
  test('reads an escalation as one: the same finding updated, and what analysts set untouched', async () => {
    const deployment = await suite().shared();
    const one = victim(1);
    const states = [];
    for (const acts of [['pool'], ['miner'], ['persistence'], ['optimization']] as const) {
      await attack(deployment, one, acts);
      await deployment.settle();
      const [finding] = imported(deployment, one.instance);
      if (finding === undefined) continue;
      states.push(finding);
      deployment.hub.findings.set(String(finding['Id']), { ...finding, Workflow: { Status: 'NOTIFIED' } });
    }
    assert.deepEqual(importedStates(deployment, one.instance), ['CRITICAL ACTIVE']);
    assert.deepEqual(
      states.map((state) => at(state, 'FindingProviderFields', 'Severity', 'Label')),
      ['MEDIUM', 'HIGH', 'CRITICAL'],
    );
    for (const constant of ['Id', 'CreatedAt', 'ProductArn', 'GeneratorId'])
      assert.equal(new Set(states.map((state) => state[constant])).size, 1, constant);
    const updates = states.map((state) => Date.parse(String(state['UpdatedAt'])));
    assert.ok(
      updates.every((time, place) => place === 0 || time > (updates[place - 1] ?? 0)),
      String(updates),
    );
    assert.deepEqual(imported(deployment, one.instance)[0]?.['Workflow'], { Status: 'NOTIFIED' });
    assert.deepEqual(toldToSlack(deployment, one.instance), [
      ...['MEDIUM opened', 'MEDIUM → HIGH escalated', 'HIGH → CRITICAL escalated'],
    ]);
    assert.deepEqual(subjectsTo(deployment, EVERYBODY, one.instance), [
      ...['MEDIUM opened', 'HIGH escalated', 'CRITICAL escalated'],
    ]);
    assert.deepEqual(subjectsTo(deployment, ONCALL, one.instance), ['HIGH escalated', 'CRITICAL escalated']);
    assert.deepEqual(onBus(deployment, one.instance), ['Medium opened 1', 'High escalated 2', 'Critical escalated 3']);
  });
}
