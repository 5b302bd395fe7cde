import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { missingJava, startEngine } from '../dynamodb-local.ts';
import { via } from '../local/account.ts';
import { type Assembly, synthesize } from '../local/assembly.ts';
import type { Call } from '../local/calls.ts';
import { Deployment } from '../local/deployment.ts';
import { ServiceError } from '../local/interventions.ts';
import { attack, lookup, namingFlowLog, RUNTIME_GROUP, type Victim, victim } from './attack.ts';
import { failures } from './failures.ts';
import { runSweep } from './sweeping.ts';
import { EVERYBODY, onBus, subjectsTo, toldToSlack } from './told.ts';

const CREATED_BUCKET = 'example-created-logs';
const SECRET = 'davylamp/slack';
/** The key of whoever keeps the secret. */
const SECRET_KEY = 'arn:aws:kms:eu-west-1:111122223333:key/0a0b0c0d-0e0f-4a0b-8c0d-0e0f0a0b0c0d';
const OWN = '111122223333';
const MEMBER = '444455556666';
const REMOTE = { remote: '199.115.116.7', port: 8925 };

/** All that the suite of the chain leaves at its default. */
const CONFIG = {
  account: OWN,
  region: 'eu-west-1',
  sources: {
    runtime: { logGroups: [RUNTIME_GROUP] },
    flow: { buckets: [{ name: CREATED_BUCKET, prefix: 'AWSLogs/*/vpcflowlogs/', create: true, accounts: [MEMBER] }] },
    dns: { buckets: [{ name: CREATED_BUCKET, prefix: 'AWSLogs/*/vpcdnsquerylogs/', create: true }] },
  },
  email: [{ address: EVERYBODY, minimumSeverity: 'Low' }],
  slack: { secretName: SECRET, keyArn: SECRET_KEY },
  retainTable: false,
  customerManagedKey: true,
  tracing: true,
};

/** The policies that only this stack has; all others are the suite of the chain's. */
const OWN_POLICIES = /^DataKey|BucketPolicy/;
/** What they allow and no test needs, with the reason. */
const NEVER: readonly { readonly what: RegExp; readonly why: string }[] = [
  {
    what: /^DataKey.*: kms:(?:Encrypt|ReEncrypt\*|CreateGrant|DescribeKey) was never used$/,
    why: 'DynamoDB asks for them when a table is made or moves to another key, as whoever deploys',
  },
  { what: /: s3:ListBucket was never used$/, why: "the delivery's guide demands it and does not say what for" },
];

const keyOf = (kind: string, account: string): string => `AWSLogs/${account}/${kind}/eu-west-1/2026/11/25/a.log.gz`;
const flowOf = (one: Victim): Buffer => gzipSync(namingFlowLog([{ ...one, ...REMOTE, at: one.start + 65_000 }]));

describe('the chain with a key, buckets and traces of the stack', { skip: missingJava() }, () => {
  let assembly: Assembly | undefined;
  let engine: Awaited<ReturnType<typeof startEngine>> | undefined;
  let opened: Deployment | undefined;
  const deployed = (): Deployment => {
    if (opened === undefined) throw new Error('nothing is deployed');
    return opened;
  };

  before(async () => {
    assembly = synthesize(CONFIG);
    engine = await startEngine();
    opened = await Deployment.start(assembly, engine.url);
    opened.logs.add(RUNTIME_GROUP);
    opened.secrets.values.set(SECRET, opened.slack.url);
    opened.secrets.keys.set(SECRET, SECRET_KEY);
    await opened.createCustomResources();
  });
  after(async () => {
    await opened?.remove();
    engine?.close();
    assembly?.remove();
  });

  test('tells an incident of logs in a group and in a bucket that the stack made, each service with its key', async () => {
    const deployment = deployed();
    const one = victim(801);
    const { address, instance, start } = one;
    await deployment.deliver(CREATED_BUCKET, keyOf('vpcflowlogs', OWN), flowOf(one));
    const query = gzipSync(lookup({ address, instance, at: start + 61_000 }).message);
    await deployment.deliver(CREATED_BUCKET, keyOf('vpcdnsquerylogs', OWN), query);
    await deployment.settle();
    await attack(deployment, one, ['miner', 'persistence', 'optimization']);
    await deployment.settle();
    assert.deepEqual(onBus(deployment, instance), ['Critical opened 1']);
    assert.deepEqual(subjectsTo(deployment, EVERYBODY, instance), ['CRITICAL opened']);
    assert.deepEqual(toldToSlack(deployment, instance), ['CRITICAL opened']);
    const dataKey = keyCalled(deployment, 'DataKey');
    const called = (part: string): string => deployment.lambdas.called(part).logicalId;
    for (const part of ['Classifyruntime', 'Classifyflow', 'Classifydns', 'Correlate', 'NotifySlack'])
      assert.ok(used(deployment, dataKey).includes(`${called(part)} kms:Decrypt dynamodb`), part);
    assert.ok(used(deployment, SECRET_KEY).includes(`${called('NotifySlack')} kms:Decrypt secretsmanager`));
    const topics = used(deployment, keyCalled(deployment, 'Topics'));
    for (const action of ['GenerateDataKey', 'Decrypt'])
      assert.ok(topics.includes(`${called('Correlate')} kms:${action} sns`), action);
  });

  test('takes into its bucket what accounts of the configuration deliver, and nothing of others', async () => {
    const deployment = deployed();
    const one = victim(811);
    const key = keyOf('vpcflowlogs', MEMBER);
    await deployment.deliver(CREATED_BUCKET, key, flowOf(one), MEMBER);
    await deployment.settle();
    const read = deployment.gateway.log.calls.filter(({ resources }) =>
      resources.includes(`arn:aws:s3:::${CREATED_BUCKET}/${key}`),
    );
    assert.deepEqual([...new Set(read.map(({ action }) => action))], ['s3:GetObject']);
    const foreign = keyOf('vpcflowlogs', '777788889999');
    await assert.rejects(
      deployment.deliver(CREATED_BUCKET, foreign, flowOf(one), '777788889999'),
      /delivery\.logs\.amazonaws\.com may not s3:GetBucketAcl/,
    );
  });

  test('keeps what failed under the key of the customer, which nobody uses but through a service', async () => {
    const deployment = deployed();
    const one = victim(821);
    const planted = deployment.gateway.interventions.add({
      on: ({ caller, action }) => caller.startsWith('Classify') && action === 'dynamodb:PutItem',
      act: { error: new ServiceError('ValidationException', 'planted') },
    });
    await attack(deployment, one, ['miner']);
    deployment.gateway.interventions.clear();
    assert.ok(planted.acted > 0);
    assert.equal(failures(deployment).length, 1);
    const dataKey = keyCalled(deployment, 'DataKey');
    const classifier = deployment.lambdas.called('Classifyruntime').logicalId;
    assert.ok(used(deployment, dataKey).includes(`${classifier} kms:GenerateDataKey s3`));
    const asked = (context: Call['context']) =>
      deployment.policies.refusal({ caller: classifier, action: 'kms:Decrypt', resources: [dataKey], context });
    assert.equal(asked(via('dynamodb')), undefined);
    for (const context of [{}, via('sns'), { ...via('s3'), 'kms:CallerAccount': MEMBER }])
      assert.match(asked(context) ?? '', /may not kms:Decrypt/);
  });

  test('sends traces by roles that may, and leaves with the stack only what holds logs and the key to it', async () => {
    const deployment = deployed();
    await runSweep(deployment, 0);
    const { calls, faults } = deployment.gateway.log;
    const unused = deployment.policies.unused(calls);
    assert.deepEqual(
      unused.filter((one) => one.includes('xray:')),
      [],
    );
    const own = deployment.policies
      .unusedOfResources(calls, deployment.policies.resources.acts)
      .filter((one) => OWN_POLICIES.test(one));
    assert.deepEqual(
      own.filter((one) => !NEVER.some(({ what }) => what.test(one))),
      [],
    );
    for (const { what, why } of NEVER)
      assert.ok(
        own.some((one) => what.test(one)),
        `it is used after all: ${why}`,
      );
    const traced = new Set(calls.flatMap(({ caller, action }) => (action === 'xray:PutTraceSegments' ? [caller] : [])));
    assert.equal(traced.size, deployment.lambdas.functions.length);
    const { template, customResources, logs } = deployment;
    for (const one of template.ofType('Custom::LogSubscriptions')) await customResources.request('Delete', one);
    assert.deepEqual(logs.filters(RUNTIME_GROUP), [], 'its filter goes with it');
    const kept = template.resources.filter(({ isKept }) => isKept);
    assert.deepEqual(
      kept
        .map(({ type, ref }) =>
          type === 'AWS::KMS::Key' ? type : `${type} ${ref.replace(/^davylamp-failures.*/, 'failures')}`,
        )
        .toSorted(),
      ['AWS::KMS::Key', `AWS::S3::Bucket ${CREATED_BUCKET}`, 'AWS::S3::Bucket failures'],
    );
    assert.equal(template.only('AWS::DynamoDB::Table').properties['DeletionProtectionEnabled'], false);
    assert.deepEqual(faults, [], 'no request goes beyond a limit or a policy');
  });
});

function keyCalled({ template }: Deployment, part: string): string {
  return template.only('AWS::KMS::Key', part).attribute('Arn');
}

/** Who used a key, for what, and through which service. */
function used({ gateway }: Deployment, keyArn: string): readonly string[] {
  return gateway.log.calls
    .filter(({ resources }) => resources.includes(keyArn))
    .map(({ caller, action, context }) => `${caller} ${action} ${context['kms:ViaService']?.split('.')[0] ?? ''}`);
}
