import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { missingJava, startEngine } from '../dynamodb-local.ts';
import { type Assembly, synthesize } from './assembly.ts';
import { isEffect } from './calls.ts';
import { Deployment } from './deployment.ts';
import { throttled } from './interventions.ts';
import { at } from './json.ts';
import { auditLines, resolverLines } from './scenario-lines.ts';

const CONFIG: unknown = JSON.parse(
  readFileSync(new URL('../../../davylamp.config.example.json', import.meta.url), 'utf8'),
);
const GROUPS = ['/hosts/audit', '/containers/falco', '/vpc/flow', '/vpc/resolver'];
const BUCKET = 'example-central-logs';
const AUDIT = 'critical/logs/audit.log.1';
const RESOLVER = 'critical/logs/vpc-00040000000000000_vpcdnsquerylogs_111122223333_20261104T2200Z_5e6f7a8b.log.gz';

const reason = missingJava();

describe('the synthesized template on local parts', { skip: reason }, () => {
  let assembly: Assembly;
  let engine: { url: string; close: () => void };

  before(async () => {
    assembly = synthesize(CONFIG);
    engine = await startEngine();
  });
  after(() => {
    engine.close();
    assembly.remove();
  });

  /** Each test gets the stack anew; the table's name is always the same, so the one before it is gone by then. */
  async function deployed(t: { after: (act: () => Promise<void>) => void }): Promise<Deployment> {
    const deployment = await Deployment.start(assembly, engine.url);
    t.after(() => deployment.remove());
    for (const group of GROUPS) deployment.logs.add(group);
    deployment.buckets.add(BUCKET);
    deployment.secrets.values.set('davylamp/slack', deployment.slack.url);
    return deployment;
  }

  async function attacked(deployment: Deployment, end: number): Promise<void> {
    await deployment.logs.append('/hosts/audit', 'i-00040000000000010', auditLines(AUDIT, end));
    await deployment.logs.append('/vpc/resolver', 'vpc-00040000000000000', resolverLines(RESOLVER, end));
  }

  test('attaches the log groups by its custom resource, and warns of one that is missing', async (t) => {
    const deployment = await deployed(t);
    deployment.logs.remove('/vpc/flow');
    assert.match((await deployment.createCustomResources())['SourceWarnings'] ?? '', /\/vpc\/flow does not exist/);
    for (const group of ['/hosts/audit', '/vpc/resolver'])
      assert.equal(deployment.logs.filters(group).length, 1, group);
    assert.deepEqual(
      deployment.topics.outbox.map(({ to }) => to),
      ['platform@example.com'],
    );
    assert.deepEqual(deployment.gateway.log.faults, []);
  });

  test('tells mail, Slack, Security Hub and the bus of a chain in the logs, within the policies', async (t) => {
    const deployment = await deployed(t);
    await deployment.createCustomResources();
    await attacked(deployment, Date.now() - 3_600_000);
    await deployment.settle();
    const subjects = deployment.topics.outbox.map(({ to, subject }) => `${to}: ${subject}`);
    assert.match(subjects.join('\n'), /oncall@example\.com: CRITICAL opened/);
    assert.ok(deployment.slack.taken.length > 0);
    assert.deepEqual(
      [...deployment.hub.findings.values()].map((one) => at(one, 'FindingProviderFields', 'Severity', 'Label')),
      ['CRITICAL'],
    );
    assert.ok(deployment.bus.events.length > 0);
    const { log } = deployment.gateway;
    assert.deepEqual(log.faults, []);
    assert.deepEqual(
      log.calls.flatMap((call) => deployment.policies.refusal(call) ?? []),
      [],
    );
    const unused = deployment.policies.unused(log.calls).join('\n');
    assert.doesNotMatch(unused, /^CorrelatePolicy.*(?:Publish|PutEvents|kms:)/m);
    assert.match(unused, /DeleteSubscriptionFilter was never used/);
  });

  test('loses nothing when the correlator dies after a write and the table throttles', async (t) => {
    const deployment = await deployed(t);
    await deployment.createCustomResources();
    const correlate = deployment.lambdas.called('Correlate').logicalId;
    const { interventions } = deployment.gateway;
    const killed = interventions.add({
      on: (call) => call.caller === correlate && isEffect(call),
      skip: 1,
      times: 1,
      act: { kill: 'after' },
    });
    const refused = interventions.add({
      on: ({ action }) => action === 'dynamodb:PutItem',
      times: 2,
      act: { error: throttled('dynamodb') },
    });
    await attacked(deployment, Date.now() - 3_600_000);
    await deployment.settle();
    assert.deepEqual([killed.acted, refused.acted], [1, 2]);
    assert.equal(deployment.lambdas.called('Correlate').coldStarts.length, 2);
    assert.equal(deployment.hub.findings.size, 1);
    assert.deepEqual(deployment.gateway.log.faults, []);
  });
});
