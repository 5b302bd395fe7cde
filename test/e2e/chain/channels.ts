import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment } from '../local/deployment.ts';
import { throttled } from '../local/interventions.ts';
import type { Mail } from '../local/topics.ts';
import { attack, auditLines, CHAIN, lookup, RESOLVER_GROUP, RUNTIME_GROUP, VPC, victim } from './attack.ts';
import { failures, queueOf } from './failures.ts';
import { SECRET, type Suite } from './suite.ts';
import { importedStates, mailsTo, ONCALL, OPERATIONS, subjectsTo, toldToSlack } from './told.ts';

const operationsOf = (deployment: Deployment, about: RegExp): readonly Mail[] =>
  mailsTo(deployment, OPERATIONS).filter(({ subject = '' }) => about.test(subject));

export function channels(suite: () => Suite): void {
  test('tells operations of a dead webhook, and Slack of what waited once there is a new one', async () => {
    const deployment = await suite().shared();
    const { slack, secrets } = deployment;
    const one = victim(601);
    const notifier = deployment.lambdas.called('NotifySlack');
    await notifier.close();
    secrets.values.set(SECRET, slack.url.replace('hooksecret', 'removed'));
    for (let count = 0; count < 100; count++) slack.answers.push({ status: 404, text: 'no_service' });
    await attack(deployment, one, CHAIN);
    await deployment.settle({ patient: true });
    const told = operationsOf(deployment, /Slack/);
    assert.deepEqual(
      told.map(({ subject }) => subject),
      ['davylamp: Slack does not take notifications'],
    );
    assert.doesNotMatch(told[0]?.text ?? '', /https?:|T000/, 'the address of a webhook is a secret');
    assert.deepEqual(importedStates(deployment, one.instance), ['CRITICAL ACTIVE'], 'others are told');
    const bodies = queueOf(deployment, 'Slack/Messages/SetAside').bodies.filter((body) => body.includes(one.instance));
    assert.equal(bodies.length, 1);
    slack.answers.length = 0;
    secrets.values.set(SECRET, slack.url);
    await notifier.close();
    for (const body of bodies) queueOf(deployment, 'Slack/Messages/Queue').send(body);
    await deployment.settle();
    assert.deepEqual(toldToSlack(deployment, one.instance), ['CRITICAL opened']);
  });

  test('names Security Hub CSPM where it is not enabled, and imports what waited once it is', async () => {
    const deployment = await suite().shared();
    const [one, other] = [victim(611), victim(612)];
    deployment.hub.enabled = false;
    for (const each of [one, other]) await attack(deployment, each, CHAIN);
    await deployment.settle();
    const told = operationsOf(deployment, /Security Hub/).map(({ subject }) => subject);
    assert.deepEqual(told, ['davylamp: Security Hub CSPM is not enabled in eu-west-1']);
    deployment.hub.enabled = true;
    let refusals = 2;
    deployment.hub.refuse = () => (refusals-- > 0 ? { code: 'InternalError', message: 'planted' } : undefined);
    await deployment.settle({ patient: true });
    for (const { instance } of [one, other])
      assert.deepEqual(importedStates(deployment, instance), ['CRITICAL ACTIVE']);
    deployment.hub.refuse = () => undefined;
    assert.doesNotMatch(queueOf(deployment, 'SecurityHub/Messages/SetAside').bodies.join(), new RegExp(one.instance));
    assert.equal(operationsOf(deployment, /Security Hub/).length, 1, 'operations hear of it once');
  });

  test('loses nothing when every service throttles', async () => {
    const deployment = await suite().shared();
    const one = victim(621);
    const earlier = failures(deployment).length;
    // What a process remembers, it does not ask for.
    await deployment.lambdas.close();
    const planted = [
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:Query',
      'sns:Publish',
    ].concat(
      ...['events:PutEvents', 'securityhub:BatchImportFindings', 'secretsmanager:GetSecretValue'],
      'ec2:DescribeNetworkInterfaces',
    );
    const acted = planted.map((action) =>
      deployment.gateway.interventions.add({
        on: (call) => call.action === action,
        times: 2,
        act: { error: throttled(action.split(':')[0] ?? '') },
      }),
    );
    deployment.bus.refuseEntries = 1;
    await deployment.logs.append(RESOLVER_GROUP, VPC, [lookup({ address: one.address, at: one.start + 61_000 })]);
    for (const act of CHAIN) {
      const node = `ip-${one.address.replaceAll('.', '-')}`;
      const lines = auditLines(act, one.start, node);
      if (lines.length > 0) await deployment.logs.append(RUNTIME_GROUP, 'relay', lines);
    }
    await deployment.settle({ patient: true });
    assert.deepEqual(
      acted.map((one) => one.acted),
      planted.map(() => 2),
      planted.join(),
    );
    assert.deepEqual(importedStates(deployment, one.address), ['CRITICAL ACTIVE']);
    assert.deepEqual(toldToSlack(deployment, one.address), ['CRITICAL opened']);
    assert.deepEqual(subjectsTo(deployment, ONCALL, one.address), ['CRITICAL opened']);
    assert.equal(failures(deployment).length, earlier);
    deployment.gateway.interventions.clear();
  });
}
