import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment } from '../local/deployment.ts';
import { ACCOUNT_ID, attack, CHAIN, lookup, namingFlowLog, victim } from './attack.ts';
import { queueOf } from './failures.ts';
import { LOG_BUCKET, SECOND_BUCKET, SHARED_BUCKET, type Suite } from './suite.ts';
import { importedStates, toldToSlack } from './told.ts';

const REMOTE = { remote: '199.115.116.7', port: 8925 };
const CHANNELS = ['Slack/Messages', 'ChatMessages/Messages', 'SecurityHub/Messages'];
const OBJECTS = ['Buckets-flow/Objects', 'Buckets-dns/Objects'];
/** A bucket, and what its keys begin with for flow and for resolver logs. */
const BUCKETS = [
  [LOG_BUCKET, 'AWSLogs', 'resolver'],
  [SECOND_BUCKET, 'AWSLogs', 'resolver'],
  [SHARED_BUCKET, `AWSLogs/${ACCOUNT_ID}/vpcflowlogs`, `AWSLogs/${ACCOUNT_ID}/vpcdnsquerylogs`],
] as const;

/** Does the work while services can't reach the queues. @returns what each set aside meanwhile, by the queue's path */
async function cutOff(deployment: Deployment, paths: readonly string[], work: () => Promise<void>) {
  const reached = (reachable: boolean): void => {
    for (const path of paths) queueOf(deployment, `${path}/Queue`).reachable = reachable;
  };
  const kept = (path: string) => queueOf(deployment, `${path}/SetAside`).bodies;
  const earlier = new Map(paths.map((path) => [path, kept(path).length]));
  reached(false);
  await work();
  reached(true);
  return new Map(paths.map((path) => [path, kept(path).slice(earlier.get(path))]));
}

/** As whoever runs this does it: from the dead letters back to their queue. */
async function redrive(deployment: Deployment, setAside: ReadonlyMap<string, readonly string[]>): Promise<void> {
  for (const [path, bodies] of setAside) for (const body of bodies) queueOf(deployment, `${path}/Queue`).send(body);
  await deployment.settle();
}

export function setAside(suite: () => Suite): void {
  test('keeps what no channel could be handed, and tells it when it is handed on', async () => {
    const deployment = await suite().shared();
    const one = victim(761);
    const bodies = await cutOff(deployment, CHANNELS, async () => {
      await attack(deployment, one, CHAIN);
      await deployment.settle();
    });
    assert.deepEqual(toldToSlack(deployment, one.instance), []);
    for (const path of CHANNELS) {
      const [body, ...more] = bodies.get(path) ?? [];
      assert.match(body ?? '', new RegExp(one.instance), path);
      assert.deepEqual(more, [], path);
    }
    await redrive(deployment, bodies);
    assert.deepEqual(toldToSlack(deployment, one.instance), ['CRITICAL opened']);
    assert.deepEqual(importedStates(deployment, one.instance), ['CRITICAL ACTIVE']);
  });

  test('keeps announcements of objects in each bucket that no queue took, and reads the objects when they come again', async () => {
    const deployment = await suite().shared();
    const flows = [victim(771), victim(772), victim(773)];
    const lookups = [victim(774), victim(775), victim(776)];
    const bodies = await cutOff(deployment, OBJECTS, async () => {
      for (const [place, [bucket, flowPrefix, dnsPrefix]] of BUCKETS.entries()) {
        const [flow, dns] = [flows[place], lookups[place]];
        assert.ok(flow !== undefined && dns !== undefined);
        const records = namingFlowLog([{ ...flow, ...REMOTE, at: flow.start + 65_000 }]);
        await deployment.store(bucket, `${flowPrefix}/set-aside.log`, records);
        const { address, instance, start } = dns;
        const query = lookup({ address, instance, at: start + 61_000 }).message;
        await deployment.store(bucket, `${dnsPrefix}/set-aside.log`, query);
      }
    });
    for (const path of OBJECTS) assert.equal(bodies.get(path)?.length, BUCKETS.length, path);
    await redrive(deployment, bodies);
    for (const one of [...flows, ...lookups]) {
      await attack(deployment, one, ['miner']);
      await deployment.settle();
      assert.deepEqual(importedStates(deployment, one.instance), ['MEDIUM ACTIVE'], one.instance);
    }
  });
}
