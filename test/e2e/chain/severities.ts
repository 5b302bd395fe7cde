import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Deployment } from '../local/deployment.ts';
import { at } from '../local/json.ts';
import { auditLines, flowText, resolverLines } from '../local/scenario-lines.ts';
import { modelsVersion } from '../local/service-model.ts';
import { RESOLVER_GROUP, RUNTIME_GROUP, VPC } from './attack.ts';
import { CRITICAL_INCIDENT, HIGH_INCIDENT, MEDIUM_INCIDENT } from './incidents.ts';
import { LOG_BUCKET, SECOND_BUCKET, type Suite } from './suite.ts';
import { EVERYBODY, importedStates, ONCALL, onBus, subjectsTo, toldToSlack } from './told.ts';
import { assertImported, assertMail, assertSlack, type Incident } from './told-content.ts';

const LOW = 'kinsing-without-pool/logs/audit.log.gz';
const MEDIUM = {
  audit: 'medium/logs/ip-10-2-0-10-audit.log',
  flow: 'medium/logs/111122223333_vpcflowlogs_us-east-1_fl-0002000000000001_20261102T0910Z_1b2c3d4e.log.gz',
  resolver: 'medium/logs/vpc-00020000000000000_vpcdnsquerylogs_111122223333_20261102T0910Z_0a1b2c3d.log.gz',
};
const HIGH = { audit: 'service-exploit/logs/audit.log', resolver: 'service-exploit/logs/resolver.jsonl.gz' };
const CRITICAL = {
  audit: 'critical/logs/audit.log.1',
  resolver: 'critical/logs/vpc-00040000000000000_vpcdnsquerylogs_111122223333_20261104T2200Z_5e6f7a8b.log.gz',
};

/** Of Low the digest tells. */
const LOW_HOST = '10.10.0.10';
const TOLD: readonly { readonly incident: Incident; readonly to: readonly string[] }[] = [
  { incident: MEDIUM_INCIDENT, to: [EVERYBODY] },
  { incident: HIGH_INCIDENT, to: [EVERYBODY, ONCALL] },
  { incident: CRITICAL_INCIDENT, to: [EVERYBODY, ONCALL] },
];

export function severities(suite: () => Suite): void {
  test('tells one incident of each severity from raw logs to mail, Slack, chat, Security Hub and the bus', async (t) => {
    t.diagnostic(`requests are held to the models of ${modelsVersion()}`);
    const deployment = await suite().deploy(t);
    const { logs } = deployment;
    const end = Date.now() - 3_600_000;
    for (const path of [HIGH.resolver, CRITICAL.resolver])
      await logs.append(RESOLVER_GROUP, VPC, resolverLines(path, end));
    const lookups = resolverLines(MEDIUM.resolver, end).map(({ message }) => message);
    const key = (kind: string) => `AWSLogs/111122223333/${kind}/eu-west-1/2026/11/25/one.log.gz`;
    await deployment.store(SECOND_BUCKET, `resolver/${key('vpcdnsquerylogs')}`, gzipSync(lookups.join('\n')));
    await deployment.store(LOG_BUCKET, key('vpcflowlogs'), gzipSync(flowText(MEDIUM.flow, end)));
    await deployment.settle();
    assert.equal(deployment.bus.events.length, 0, 'nothing is found of the wire alone');
    for (const [stream, path] of [
      ['a', LOW],
      ['b', MEDIUM.audit],
      ['c', HIGH.audit],
      ['d', CRITICAL.audit],
    ] as const)
      await logs.append(RUNTIME_GROUP, stream, auditLines(path, end));
    await deployment.settle();

    for (const { incident, to } of TOLD) {
      const { host, severity } = incident;
      const upper = severity.toUpperCase();
      assert.deepEqual(onBus(deployment, host), [`${severity} opened 1`]);
      assert.deepEqual(importedStates(deployment, host), [`${upper} ACTIVE`]);
      assert.deepEqual(toldToSlack(deployment, host), [`${upper} opened`]);
      assert.equal(chatOf(deployment, host).length, 1);
      for (const one of [EVERYBODY, ONCALL])
        assert.deepEqual(subjectsTo(deployment, one, host), to.includes(one) ? [`${upper} opened`] : [], one);
      for (const one of to) assertMail(deployment, one, incident);
      assertSlack(deployment, incident);
      assertImported(deployment, incident);
    }

    assert.deepEqual(onBus(deployment, LOW_HOST), ['Low opened 1']);
    assert.deepEqual(importedStates(deployment, LOW_HOST), []);
    for (const one of [EVERYBODY, ONCALL]) assert.deepEqual(subjectsTo(deployment, one, LOW_HOST), []);
    assert.deepEqual(toldToSlack(deployment, LOW_HOST), []);
    assert.deepEqual(chatOf(deployment, LOW_HOST), []);
  });
}

function chatOf({ topics }: Deployment, host: string): readonly unknown[] {
  return topics.chat.filter((one) => String(at(one, 'content', 'title')).includes(` ${host} `));
}
