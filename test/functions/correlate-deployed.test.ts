import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { dynamoDbStore } from '#shared/aws/dynamodb-store.ts';
import { hourOf } from '#shared/model/time.ts';
import { openEmbeddedTable } from '../../cli/embedded-table.ts';
import { evidenceOf } from '../factories.ts';
import { Stream } from './correlate-parts.ts';

const CONTEXT = {
  ...{ callbackWaitsForEmptyEventLoop: false, functionName: 'correlate', functionVersion: '1' },
  ...{ invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:correlate', memoryLimitInMB: '256' },
  ...{ awsRequestId: 'request-1', logGroupName: '/davylamp/correlate', logStreamName: 'stream-1' },
  ...{ getRemainingTimeInMillis: () => 60_000, done: () => {}, fail: () => {}, succeed: () => {} },
} satisfies Context;

const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:davylamp-findings';

/** What `work` writes, line by line, and what it gives. */
async function captured<T>(work: () => Promise<T>): Promise<{ result: T; lines: string[] }> {
  let output = '';
  const take = (chunk: string | Uint8Array): boolean => {
    output += String(chunk);
    return true;
  };
  const mocks = [mock.method(process.stdout, 'write', take), mock.method(process.stderr, 'write', take)];
  try {
    const result = await work();
    return { result, lines: output.split('\n').filter((line) => line !== '') };
  } finally {
    for (const one of mocks) one.mock.restore();
  }
}

test('the deployed functions read their environment, tell of a finding, and write one line of metrics and no item', async (t) => {
  const embedded = await openEmbeddedTable();
  t.after(() => embedded.close());
  Object.assign(process.env, {
    ...{ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'embedded', AWS_SECRET_ACCESS_KEY: 'embedded' },
    ...{ AWS_ENDPOINT_URL_DYNAMODB: embedded.endpoint, DAVYLAMP_TABLE: 'davylamp', DAVYLAMP_WINDOW_HOURS: '24' },
    ...{ DAVYLAMP_FINDINGS_TOPIC_ARN: TOPIC, DAVYLAMP_EVENT_BUS: 'davylamp', DAVYLAMP_SOURCES: 'runtime,vpc-flow' },
    ...{ POWERTOOLS_SERVICE_NAME: 'davylamp', POWERTOOLS_METRICS_NAMESPACE: 'davylamp' },
  });
  const sns = mockClient(SNSClient);
  sns.on(PublishCommand).resolves({ MessageId: '1' });
  const bus = mockClient(EventBridgeClient);
  bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] });
  const { handler: correlate } = await import('../../functions/correlate.ts');
  const { handler: sweep } = await import('../../functions/sweep.ts');

  const client = new DynamoDBClient({});
  t.after(() => client.destroy());
  const stream = new Stream(client);
  const hour = hourOf(Date.now());
  for (const group of ['miner_execution', 'pool_connection'] as const) {
    await dynamoDbStore(client, 'davylamp', Date.now).merge(evidenceOf({ group, hour, why: 'secret text of a log' }));
  }
  const evidence = await stream.changes();
  const first = await captured(() => correlate({ Records: evidence }, CONTEXT));
  // As the mapping's filter has it.
  const heads = (await stream.changes()).filter((one) => one.dynamodb.Keys.sk?.S?.startsWith('head#'));
  const second = await captured(() => correlate({ Records: heads }, CONTEXT));
  const third = await captured(() => sweep({ kind: 'sweep' }, CONTEXT));

  assert.deepEqual([first.result, second.result], [{ batchItemFailures: [] }, { batchItemFailures: [] }]);
  assert.deepEqual(third.result, { published: 0, archived: 0, digests: 0, failed: 0 });
  for (const { lines } of [first, second, third]) {
    assert.equal(lines.length, 1, lines.join('\n'));
    assert.doesNotMatch(lines.join(), /secret text/);
  }
  const metrics = JSON.parse(second.lines[0] ?? '');
  assert.deepEqual([metrics.RecordsRead, metrics.Findings_Medium, metrics.function], [1, 1, 'correlate']);
  assert.ok(metrics.LagSeconds >= 0);
  assert.deepEqual(JSON.parse(first.lines[0] ?? '').RecordsRead, 2);
  assert.equal(sns.commandCalls(PublishCommand)[0]?.args[0].input.TopicArn, TOPIC);
  assert.equal(bus.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries?.[0]?.EventBusName, 'davylamp');
});
