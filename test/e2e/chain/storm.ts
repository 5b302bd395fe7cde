import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment } from '../local/deployment.ts';
import { auditLines, lookup, RESOLVER_GROUP, RUNTIME_GROUP, type Victim, VPC, victim } from './attack.ts';
import { queueOf } from './failures.ts';
import type { Suite } from './suite.ts';
import { EVERYBODY, mailsTo, ONCALL, onBus, slackTexts, toldToSlack } from './told.ts';

const STORM = 300;
/** Slack's own limit is a second, which the notifier keeps. */
const PACE_MS = 1800;

/** The lookups of many hosts in one batch, and what their miners do in another that a relay writes. */
async function storm(deployment: Deployment, victims: readonly Victim[]): Promise<void> {
  const lookups = victims.map(({ address, start }) => lookup({ address, at: start + 61_000 }));
  await deployment.logs.append(RESOLVER_GROUP, VPC, lookups);
  const node = ({ address }: Victim): string => `ip-${address.replaceAll('.', '-')}`;
  const miners = victims.flatMap((one) => auditLines('miner', one.start, node(one)));
  await deployment.logs.append(RUNTIME_GROUP, 'relay', miners);
  await deployment.settle();
}

export function stormOf300(suite: () => Suite): void {
  test('tells Slack of each finding of a storm of 300, throttled or not, and people in one mail', async (t) => {
    const deployment = await suite().deploy(t);
    const { slack } = deployment;
    // Slower than the pace that the notifier keeps by itself, so that it is throttled again and again.
    Object.assign(slack.pace, { everyMs: PACE_MS, burst: 2 });
    slack.answers.push({ status: 429, retryAfter: 2, text: 'rate_limited' }, { status: 503 });
    const victims = Array.from({ length: STORM }, (_, place) => victim(1000 + place));
    await storm(deployment, victims);
    await deployment.settle({ patient: true });
    const texts = slackTexts(deployment).join('\n');
    assert.deepEqual(
      victims.filter(({ address }) => !texts.includes(`\`${address}\``)),
      [],
      'Slack names every host',
    );
    assert.deepEqual(
      victims.filter(({ address }) => toldToSlack(deployment, address).length !== 1),
      [],
      'and each once',
    );
    for (const [place, { status, retryAfter = 0, at, body }] of slack.posts.entries()) {
      if (status !== 429) continue;
      const again = slack.posts.slice(place + 1).find((one) => JSON.stringify(one.body) === JSON.stringify(body));
      assert.ok(again !== undefined && again.at - at >= retryAfter * 1000 - 50, 'it waits as long as Slack asks for');
    }
    const throttles = slack.posts.filter(({ status }) => status === 429).length;
    t.diagnostic(`${slack.taken.length} messages to Slack for ${STORM} findings, throttled ${throttles} times`);
    assert.ok(throttles > 2, `${throttles} times`);
    assert.deepEqual(queueOf(deployment, 'Slack/Messages/SetAside').bodies, []);
    assert.equal(deployment.hub.findings.size, STORM);
    assert.equal(
      new Set(victims.flatMap(({ address }) => (onBus(deployment, address).length === 1 ? [address] : []))).size,
      STORM,
    );
    const mails = mailsTo(deployment, EVERYBODY);
    assert.ok(mails.length < 20, `${mails.length} mails`);
    assert.equal(mails.filter(({ subject = '' }) => subject.startsWith('STORM')).length, 1);
    assert.deepEqual(mailsTo(deployment, ONCALL), [], 'nobody asked for Medium there');
  });
}
