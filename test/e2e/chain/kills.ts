import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Call, isEffect } from '../local/calls.ts';
import type { Deployment } from '../local/deployment.ts';
import { ServiceError } from '../local/interventions.ts';
import { at } from '../local/json.ts';
import { attack, CHAIN, type Victim, victim } from './attack.ts';
import { failures } from './failures.ts';
import type { Suite } from './suite.ts';
import { EPISODE_END_MS, runSweep } from './sweeping.ts';
import { EVERYBODY, importedStates, onBus, once, subjectsTo, toldToSlack } from './told.ts';

const isSend = ({ action }: Call): boolean => action === 'sns:Publish' || action === 'events:PutEvents';

/** Where a process may die: after each thing that it wrote or sent, and before each that it was about to send. */
const DEATHS = [
  { when: 'after', at: isEffect },
  { when: 'before', at: isSend },
] as const;

/**
 * Does the work again and again, each time with a victim of its own: the function dies at its first effect, then at its
 * second, and so on until it comes through.
 * @returns how often it died
 */
async function dyingEverywhere(
  deployment: Deployment,
  { functionId, first }: { readonly functionId: string; readonly first: number },
  work: (one: Victim, plant: () => void) => Promise<void>,
): Promise<number> {
  let deaths = 0;
  let turns = 0;
  for (const { when, at: where } of DEATHS) {
    for (let skip = 0; ; skip++) {
      let killed: { readonly acted: number } = { acted: 0 };
      await work(victim(first + turns), () => {
        const on = (call: Call): boolean => call.caller === functionId && where(call);
        killed = deployment.gateway.interventions.add({ on, skip, times: 1, act: { kill: when } });
      });
      deployment.gateway.interventions.clear();
      turns += 1;
      if (killed.acted === 0) break;
      deaths += 1;
      assert.ok(deaths < 60, 'a function never comes through');
    }
  }
  return deaths;
}

/** Each transition was told; what was told twice is one message, and came no more than twice. */
function assertTold(deployment: Deployment, { instance }: Victim, expected: ToldOf): void {
  const bus = onBus(deployment, instance);
  assert.deepEqual(once(bus), expected.bus);
  assert.ok(bus.length <= expected.bus.length + 1, `one death repeats one event: ${bus.join()}`);
  const events = deployment.bus.events.filter(({ detail }) => String(detail['message']).includes(` ${instance},`));
  const texts = new Set(events.map(({ detail }) => JSON.stringify(detail)));
  assert.equal(texts.size, expected.bus.length, 'a repetition is the same to the byte');
  assert.equal(new Set(events.map(({ detail }) => at(detail, 'metadata', 'uid'))).size, expected.bus.length);
  const mails = subjectsTo(deployment, EVERYBODY, instance);
  assert.deepEqual(once(mails), expected.mails);
  assert.ok(mails.length <= expected.mails.length + 1, `one death repeats one mail: ${mails.join()}`);
  const slack = toldToSlack(deployment, instance);
  assert.ok(slack.includes(expected.slack), `Slack is told of the newest: ${slack.join()}`);
  assert.deepEqual(slack, once(slack), 'and of each at most once');
  assert.deepEqual(importedStates(deployment, instance), [expected.hub]);
}

interface ToldOf {
  readonly bus: readonly string[];
  readonly mails: readonly string[];
  readonly slack: string;
  readonly hub: string;
}

/** Until the stream holds nothing: what goes to queues waits there for the end of the test. */
async function correlated({ streams }: Deployment): Promise<void> {
  for (const stream of streams) await stream.drain();
}

export function kills(suite: () => Suite): void {
  test('loses nothing when the correlator is killed after any write, or before or after any send', async (t) => {
    const deployment = await suite().deploy(t);
    const functionId = deployment.lambdas.called('Correlate').logicalId;
    const victims: Victim[] = [];
    const deaths = await dyingEverywhere(deployment, { functionId, first: 100 }, async (one, plant) => {
      victims.push(one);
      // Low waits for the digest, which is a write more; the rise is told.
      await attack(deployment, one, ['miner', 'persistence']);
      plant();
      await correlated(deployment);
      await attack(deployment, one, ['pool', 'optimization']);
      await correlated(deployment);
    });
    await deployment.settle();
    for (const one of victims) {
      assertTold(deployment, one, {
        bus: ['Low opened 1', 'Critical escalated 2'],
        ...{ mails: ['CRITICAL escalated'], slack: 'LOW → CRITICAL escalated', hub: 'CRITICAL ACTIVE' },
      });
    }
    assert.ok(deaths >= 14, `${deaths} deaths: two heads, two revisions, and what is sent and recorded of each`);
    assert.deepEqual(failures(deployment), [], 'nothing was given up');
  });

  test('loses nothing when the sweeper is killed after any write, or before or after any send', async (t) => {
    const deployment = await suite().deploy(t);
    const correlate = deployment.lambdas.called('Correlate').logicalId;
    const functionId = deployment.lambdas.called('Sweep').logicalId;
    // The digests of days without news are done with.
    await runSweep(deployment, EPISODE_END_MS);
    const victims: Victim[] = [];
    const deaths = await dyingEverywhere(deployment, { functionId, first: 200 }, async (one, plant) => {
      victims.push(one);
      await attack(deployment, one, CHAIN);
      deployment.gateway.interventions.add({
        on: ({ caller, action }) => caller === correlate && action === 'events:PutEvents',
        act: { error: new ServiceError('ValidationException', 'planted') },
      });
      await correlated(deployment);
      deployment.gateway.interventions.clear();
      assert.deepEqual(onBus(deployment, one.instance), [], 'it is left to the sweeper');
      plant();
      await runSweep(deployment, EPISODE_END_MS);
      await correlated(deployment);
    });
    await deployment.settle();
    for (const one of victims) {
      assertTold(deployment, one, {
        bus: ['Critical opened 1', 'Critical archived 2'],
        ...{ mails: ['CRITICAL opened', 'CRITICAL archived'], slack: 'CRITICAL archived', hub: 'CRITICAL ARCHIVED' },
      });
    }
    assert.ok(deaths >= 7, `${deaths} deaths: what is sent and recorded of the one, and the end of the other`);
  });
}
