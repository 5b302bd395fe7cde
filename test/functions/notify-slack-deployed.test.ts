import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { handler } from '../../functions/notify-slack.ts';
import { PLACE, START } from '../report/findings.ts';
import { openSlackServer } from './slack-server.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:davylamp-operations';
const ENVIRONMENT = {
  ...{ AWS_REGION: 'eu-west-1', DAVYLAMP_TABLE: 'davylamp', DAVYLAMP_SLACK_SECRET: 'davylamp/slack' },
  DAVYLAMP_OPERATIONS_TOPIC_ARN: TOPIC,
};

const CONTEXT = {
  ...{ callbackWaitsForEmptyEventLoop: false, functionName: 'notify-slack', functionVersion: '1' },
  ...{ invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:notify-slack', memoryLimitInMB: '256' },
  ...{ awsRequestId: 'request-1', logGroupName: '/davylamp/notify-slack', logStreamName: 'stream-1' },
  ...{ getRemainingTimeInMillis: () => 60_000, done: () => {}, fail: () => {}, succeed: () => {} },
} satisfies Context;

const POINTER = {
  ...{ finding: 'ab'.repeat(16), place: PLACE, episode: 1, revision: 1, at: START },
  ...{ transition: 'opened', severity: 'High' },
};
const EVENT = { Records: [{ messageId: 'message-1', body: JSON.stringify(POINTER) }] };

test('posts to the webhook of the secret, tells operations once when it is dead, and logs neither URL nor pointer', async (t) => {
  let alive = true;
  const slack = await openSlackServer(() => (alive ? { status: 200 } : { status: 404, text: 'no_service' }));
  t.after(() => slack.close());
  const [table, secrets, sns] = [mockClient(DynamoDBClient), mockClient(SecretsManagerClient), mockClient(SNSClient)];
  const before = Object.keys(ENVIRONMENT).map((name) => [name, process.env[name]] as const);
  t.after(() => {
    for (const one of [table, secrets, sns]) one.restore();
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  Object.assign(process.env, ENVIRONMENT);
  table.on(GetItemCommand).resolves({});
  table.on(UpdateItemCommand).resolves({});
  secrets.on(GetSecretValueCommand).resolves({ SecretString: slack.url.href });
  sns.on(PublishCommand).resolves({});
  let logged = '';
  const output = mock.method(process.stdout, 'write', (chunk: string | Uint8Array) => {
    logged += String(chunk);
    return true;
  });
  const errors = mock.method(process.stderr, 'write', (chunk: string | Uint8Array) => {
    logged += String(chunk);
    return true;
  });
  const answers = await (async () => {
    try {
      const first = await handler(EVENT, CONTEXT);
      alive = false;
      return [first, await handler(EVENT, CONTEXT), await handler(EVENT, CONTEXT)];
    } finally {
      output.mock.restore();
      errors.mock.restore();
    }
  })();
  const failed = { batchItemFailures: [{ itemIdentifier: 'message-1' }] };
  assert.deepEqual(answers, [{ batchItemFailures: [] }, failed, failed]);
  assert.equal(table.commandCalls(UpdateItemCommand).length, 1);
  const published = sns.commandCalls(PublishCommand).map((call) => call.args[0].input);
  assert.equal(published.length, 1);
  assert.equal(published[0]?.TopicArn, TOPIC);
  assert.match(published[0]?.Subject ?? '', /^[\x21-\x7e][\x20-\x7e]{0,98}$/);
  const message = published[0]?.Message ?? '';
  assert.match(message, /404 no_service/);
  assert.match(message, /secret davylamp\/slack /);
  for (const text of [logged, message]) assert.ok(!text.includes('hooksecret') && !text.includes(POINTER.finding));
  assert.match(logged, /Slack_sent/);
  assert.match(logged, /Slack was not told/);
});
