import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Deployment } from '../local/deployment.ts';
import { ServiceError } from '../local/interventions.ts';
import { at, type Fields, fieldsOf, listOf } from '../local/json.ts';
import { attack, CHAIN, executed, FLOW_GROUP, flowLines, flowLog, minerOf, RUNTIME_GROUP, victim } from './attack.ts';
import { LOG_BUCKET, type Suite } from './suite.ts';
import { importedStates, onBus } from './told.ts';

/** What Lambda left in the bucket of failures. */
export function failures({
  template,
  buckets,
}: Deployment): readonly { readonly key: string; readonly body: Fields }[] {
  const { ref } = template.only('AWS::S3::Bucket', 'Failures');
  return buckets.objects(ref).map(({ key, body }) => ({ key, body: fieldsOf(JSON.parse(body.toString()), key) }));
}

/** A queue by a part of its path in the tree of constructs. */
export function queueOf({ template, queues }: Deployment, path: string) {
  return queues.byArn(template.only('AWS::SQS::Queue', path).attribute('Arn'));
}

/** The alarms of a metric that tell operations of it, as its dimensions. */
function alarmsOn({ template }: Deployment, metric: string): readonly string[] {
  const operations = template.only('AWS::SNS::Topic', 'Topics/Operations').ref;
  return template
    .ofType('AWS::CloudWatch::Alarm')
    .filter(({ properties }) => properties['MetricName'] === metric)
    .filter(({ properties, logicalId }) => listOf(properties['AlarmActions'], logicalId).includes(operations))
    .map(({ properties }) => JSON.stringify(properties['Dimensions']));
}

export function failing(suite: () => Suite): void {
  test('keeps a record of the stream that is no evidence whole in S3, and its neighbours go on', async () => {
    const deployment = await suite().shared();
    const [before, after] = [victim(401), victim(402)];
    const earlier = failures(deployment).length;
    await attack(deployment, before, CHAIN);
    const poison = {
      ...{ pk: { S: 'ctx#111122223333#eu-west-1#i-poison' }, sk: { S: 'ev#host#20261125T08#miner_execution#x#-' } },
      ...{ kind: { S: 'evidence' }, body: { S: '{"not":"evidence"}' } },
    };
    await deployment.client.send(new PutItemCommand({ TableName: deployment.table, Item: poison }));
    await attack(deployment, after, CHAIN);
    await deployment.settle();
    const [kept, ...more] = failures(deployment).slice(earlier);
    assert.deepEqual(more, [], 'it is kept once');
    const records = listOf(at(JSON.parse(String(kept?.body['payload'])), 'Records'), 'Records');
    assert.deepEqual(at(records[0], 'dynamodb', 'NewImage'), poison);
    for (const { instance } of [before, after])
      assert.deepEqual(importedStates(deployment, instance), ['CRITICAL ACTIVE']);
    const mapping = deployment.template.only('AWS::Lambda::EventSourceMapping', 'Correlation/Stream');
    assert.ok(alarmsOn(deployment, 'OnFailureDestinationDeliveredEventCount').some((one) => one.includes(mapping.ref)));
  });

  test('keeps log batches that classifiers can not store whole in S3, and finds what is in them when they come again', async () => {
    const deployment = await suite().shared();
    const one = victim(411);
    const earlier = failures(deployment).length;
    deployment.gateway.interventions.add({
      on: ({ caller, action }) => caller.startsWith('Classify') && action === 'dynamodb:PutItem',
      act: { error: new ServiceError('ValidationException', 'planted') },
    });
    await attack(deployment, one, CHAIN);
    const flow = { ...one, remote: '45.9.148.182', port: 4321, at: one.start + 70_000 };
    await deployment.logs.append(FLOW_GROUP, `${one.eni}-all`, flowLines([flow]));
    await deployment.settle();
    deployment.gateway.interventions.clear();
    const kept = failures(deployment).slice(earlier);
    for (const source of ['runtime', 'flow', 'dns']) {
      const { name } = deployment.lambdas.called(`Classify${source}`);
      const [failed, ...more] = kept.filter(({ key }) => key.includes(`/${name}/`));
      assert.equal(more.length, 0, source);
      assert.equal(at(failed?.body, 'requestContext', 'approximateInvokeCount'), 3, `${source} was tried again`);
      const data = Buffer.from(String(at(failed?.body, 'requestPayload', 'awslogs', 'data')), 'base64');
      assert.match(
        gunzipSync(data).toString(),
        new RegExp(source === 'runtime' ? 'xmrig' : one.address.replaceAll('.', '\\.')),
      );
      assert.ok(
        alarmsOn(deployment, 'AsyncEventsDropped').some((of) => of.includes(name)),
        source,
      );
      assert.ok(
        alarmsOn(deployment, 'DestinationDeliveryFailures').some((of) => of.includes(name)),
        source,
      );
    }
    assert.deepEqual(onBus(deployment, one.instance), []);
    for (const { key, body } of kept) {
      const fn = deployment.lambdas.functions.find(({ name }) => key.includes(`/${name}/`));
      assert.ok('result' in ((await fn?.invoke(body['requestPayload'])) ?? {}));
    }
    await deployment.settle();
    assert.deepEqual(importedStates(deployment, one.instance), ['CRITICAL ACTIVE']);
  });

  test('sets messages that nobody can read aside among the dead letters, and handles their neighbours', async () => {
    const deployment = await suite().shared();
    const one = victim(421);
    const paths = [
      'Buckets-flow/Objects',
      'Buckets-dns/Objects',
      'Slack/Messages',
      'ChatMessages/Messages',
      'SecurityHub/Messages',
    ];
    for (const path of paths) queueOf(deployment, `${path}/Queue`).send(`nothing that ${path} knows`);
    await deployment.store(LOG_BUCKET, 'AWSLogs/gone.log.gz', 'soon');
    deployment.buckets.remove(LOG_BUCKET, 'AWSLogs/gone.log.gz');
    const flow = {
      ...one,
      eni: one.instance.replace('i-', 'eni-'),
      remote: '203.0.113.2',
      port: 3333,
      at: one.start + 70_000,
    };
    await deployment.store(LOG_BUCKET, 'AWSLogs/there.log', flowLog([flow]));
    await deployment.logs.append(
      RUNTIME_GROUP,
      one.instance,
      executed(minerOf('203.0.113.2:3333'), { at: one.start, serial: 1 }),
    );
    await attack(deployment, one, CHAIN);
    await deployment.settle({ patient: true });
    for (const path of paths) {
      const { bodies } = queueOf(deployment, `${path}/SetAside`);
      assert.ok(bodies.includes(`nothing that ${path} knows`), path);
      assert.deepEqual(queueOf(deployment, `${path}/Queue`).bodies, [], path);
      const name = deployment.template.only('AWS::SQS::Queue', `${path}/SetAside`).attribute('QueueName');
      assert.ok(
        alarmsOn(deployment, 'ApproximateNumberOfMessagesVisible').some((of) => of.includes(name)),
        path,
      );
    }
    assert.match(queueOf(deployment, 'Buckets-flow/Objects/SetAside').bodies.join('\n'), /gone\.log\.gz/);
    assert.deepEqual(importedStates(deployment, one.instance), ['CRITICAL ACTIVE']);
  });
}
