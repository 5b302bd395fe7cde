import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment } from '../local/deployment.ts';
import {
  auditLines,
  executed,
  FLOW_GROUP,
  flowLines,
  inventoryOf,
  lookup,
  minerOf,
  namingFlowLog,
  RESOLVER_GROUP,
  RUNTIME_GROUP,
  type Victim,
  VPC,
  victim,
} from './attack.ts';
import { LOG_BUCKET, type Suite } from './suite.ts';
import { EVERYBODY, importedStates, onBus, once, subjectsTo, toldToSlack } from './told.ts';

/** A chain of a host of which records know but the address. */
async function attackByAddress(deployment: Deployment, { address, start }: Victim): Promise<void> {
  await deployment.logs.append(RUNTIME_GROUP, 'relay', auditLines('miner', start, nodeOf(address)));
  await deployment.logs.append(RESOLVER_GROUP, VPC, [lookup({ address, at: start + 61_000 })]);
  await deployment.settle();
  assert.deepEqual(importedStates(deployment, address), ['MEDIUM ACTIVE']);
}

const nodeOf = (address: string): string => `ip-${address.replaceAll('.', '-')}`;

function assertMoved(deployment: Deployment, { address, instance }: Victim, severity: string): void {
  assert.deepEqual(importedStates(deployment, address), ['MEDIUM ARCHIVED'], 'the finding by address ended');
  assert.deepEqual(importedStates(deployment, instance), [`${severity} ACTIVE`], 'the finding of the host goes on');
  assert.deepEqual(once(onBus(deployment, address)), ['Medium opened 1', 'Medium superseded 2']);
  assert.deepEqual(toldToSlack(deployment, address), ['MEDIUM opened', 'MEDIUM superseded']);
  assert.deepEqual(subjectsTo(deployment, EVERYBODY, address), ['MEDIUM opened', 'MEDIUM superseded']);
}

export function identity(suite: () => Suite): void {
  test('moves a finding from an address to the instance that EC2 names later', async () => {
    const deployment = await suite().shared();
    const one = victim(501);
    await attackByAddress(deployment, one);
    deployment.interfaces.interfaces.push(inventoryOf(one));
    // What a container found to be unknown, it believes for some minutes: another asks.
    await deployment.lambdas.called('Classifyruntime').close();
    await deployment.logs.append(RUNTIME_GROUP, 'relay', auditLines('persistence', one.start, nodeOf(one.address)));
    await deployment.settle();
    assertMoved(deployment, one, 'HIGH');
  });

  test('moves a finding from an address to the instance that a flow record names with it', async () => {
    const deployment = await suite().shared();
    const one = victim(511);
    await attackByAddress(deployment, one);
    const flow = namingFlowLog([{ ...one, remote: '203.0.113.2', port: 3333, at: one.start + 65_000 }]);
    await deployment.store(LOG_BUCKET, 'AWSLogs/naming.log', flow);
    await deployment.settle();
    assertMoved(deployment, one, 'MEDIUM');
  });

  test('finds a private pool in flow logs that a miner named to another function in its arguments', async () => {
    const deployment = await suite().shared();
    const [miner, neighbour] = [victim(521), victim(522)];
    const pool = { remote: '198.51.100.77', port: 8443 };
    deployment.interfaces.interfaces.push(inventoryOf(miner), inventoryOf(neighbour));
    const flows = [miner, neighbour].map((one) => ({ ...one, ...pool, at: one.start + 120_000 }));
    await deployment.logs.append(FLOW_GROUP, 'before', flowLines(flows));
    await deployment.settle();
    assert.deepEqual(onBus(deployment, miner.instance), [], 'nobody knows the address yet');
    await deployment.lambdas.called('Classifyflow').close();

    const execution = { at: miner.start + 60_000, serial: 1 };
    const argv = minerOf(`${pool.remote}:${pool.port}`);
    await deployment.logs.append(RUNTIME_GROUP, miner.instance, executed(argv, execution));
    await deployment.settle();
    assert.deepEqual(importedStates(deployment, miner.instance), [], 'to name a pool is not to go there');
    await deployment.logs.append(FLOW_GROUP, 'after', flowLines(flows.map((one) => ({ ...one, at: one.at + 60_000 }))));
    await deployment.settle();
    assert.deepEqual(importedStates(deployment, miner.instance), ['MEDIUM ACTIVE']);
    assert.deepEqual(onBus(deployment, neighbour.instance), [], 'who merely met it is not blamed');
  });
}
