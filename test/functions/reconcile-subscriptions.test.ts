import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { mock, type TestContext, test } from 'node:test';
import {
  CloudWatchLogsClient,
  DeleteSubscriptionFilterCommand,
  DescribeSubscriptionFiltersCommand,
  PutSubscriptionFilterCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';

Object.assign(process.env, { AWS_REGION: 'eu-west-1', POWERTOOLS_SERVICE_NAME: 'davylamp' });
const { handler } = await import('../../functions/reconcile-subscriptions.ts');

const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:davylamp-operations';
const FLOW = 'arn:aws:lambda:eu-west-1:111122223333:function:flow';
const CONTEXT = { functionName: 'f', awsRequestId: 'r', getRemainingTimeInMillis: () => 10_000 } as Context;

/** CloudFormation's side: keeps each answer, after as many refusals as wanted. */
async function cloudFormation(context: TestContext, refusals = 0) {
  const answers: { readonly headers: IncomingMessage['headers']; readonly body: Record<string, unknown> }[] = [];
  let left = refusals;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    left -= 1;
    if (left < 0) answers.push({ headers: request.headers, body: JSON.parse(body) });
    response.writeHead(left < 0 ? 200 : 503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/answer?signature=x`, answers };
}

const properties = (...groups: string[]) => ({
  ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:reconcile',
  FilterName: 'davylamp',
  Subscriptions: groups.map((LogGroupName) => ({ LogGroupName, DestinationArn: FLOW })),
});

const request = (RequestType: string, ResponseURL: string, change: object) => ({
  ...{ RequestType, ResponseURL, StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Subscriptions' },
  ...{ ResourceType: 'Custom::LogSubscriptions', ResourceProperties: properties('/a'), ...change },
});

/** Services in which `/a` and `/b` have the stack's filter and no other group exists; gives what was called. */
function services(context: TestContext) {
  process.env['DAVYLAMP_OPERATIONS_TOPIC_ARN'] = TOPIC;
  const calls: string[] = [];
  const logs = mockClient(CloudWatchLogsClient);
  const sns = mockClient(SNSClient);
  let logged = '';
  for (const stream of [process.stdout, process.stderr]) {
    mock.method(stream, 'write', (chunk: string | Uint8Array) => {
      logged += String(chunk);
      return true;
    });
  }
  context.after(() => {
    mock.restoreAll();
    logs.restore();
    sns.restore();
    delete process.env['DAVYLAMP_OPERATIONS_TOPIC_ARN'];
  });
  logs.on(DescribeSubscriptionFiltersCommand).callsFake(({ logGroupName }) => {
    if (!['/a', '/b'].includes(logGroupName)) throw new ResourceNotFoundException({ message: 'x', $metadata: {} });
    return { subscriptionFilters: [{ filterName: 'davylamp', filterPattern: 'old', destinationArn: FLOW }] };
  });
  logs.on(PutSubscriptionFilterCommand).callsFake(({ logGroupName }) => void calls.push(`put ${logGroupName}`));
  logs.on(DeleteSubscriptionFilterCommand).callsFake(({ logGroupName }) => void calls.push(`delete ${logGroupName}`));
  sns.on(PublishCommand).resolves({});
  return { calls, logs, sns, logged: () => logged };
}

for (const [type, change, expected] of [
  ['Create', { ResourceProperties: properties('/a') }, ['put /a']],
  [
    'Update',
    { ResourceProperties: properties('/a'), OldResourceProperties: properties('/a', '/b'), PhysicalResourceId: 'p' },
    ['delete /b', 'put /a'],
  ],
  ['Delete', { ResourceProperties: properties('/a', '/b'), PhysicalResourceId: 'p' }, ['delete /a', 'delete /b']],
  ['Update', { OldResourceProperties: { Other: 'version' }, PhysicalResourceId: 'p' }, ['put /a']],
] as const) {
  test(`on ${type} does ${expected.join(' and ')}, and answers as the signed address wants it`, async (context) => {
    const { url, answers } = await cloudFormation(context);
    const { calls } = services(context);
    await handler(request(type, url, change), CONTEXT);
    assert.deepEqual(calls, expected);
    const [answer] = answers;
    assert.equal(answers.length, 1);
    assert.equal(answer?.headers['content-type'] ?? '', '');
    assert.deepEqual(answer?.body, {
      ...{ StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Subscriptions', Status: 'SUCCESS' },
      PhysicalResourceId: type === 'Create' ? 'Subscriptions-subscriptions' : 'p',
      Data: { Warnings: 'none' },
    });
  });
}

test('lets a deployment pass with a missing group, and tells of it in the answer, on the topic and in the log', async (context) => {
  const { url, answers } = await cloudFormation(context);
  const { sns, logged } = services(context);
  await handler(request('Create', url, { ResourceProperties: properties('/c', '/a') }), CONTEXT);
  const sentence = '/c does not exist; create it and deploy again.';
  assert.deepEqual(answers[0]?.body['Data'], { Warnings: sentence });
  assert.deepEqual(
    sns.commandCalls(PublishCommand).map(({ args }) => args[0].input),
    [{ TopicArn: TOPIC, Subject: 'davylamp: a log group is not attached', Message: sentence }],
  );
  assert.ok(logged().includes(sentence));
});

test('passes though nobody can be told', async (context) => {
  const { url, answers } = await cloudFormation(context);
  const { sns } = services(context);
  sns.on(PublishCommand).rejects(new Error('no topic'));
  await handler(request('Create', url, { ResourceProperties: properties('/c') }), CONTEXT);
  assert.equal(answers[0]?.body['Status'], 'SUCCESS');
});

test('keeps its answer below what CloudFormation takes, however many groups are missing', async (context) => {
  const { url, answers } = await cloudFormation(context);
  services(context);
  const many = Array.from({ length: 200 }, (_, at) => `/${'x'.repeat(100)}/${at}`);
  await handler(request('Create', url, { ResourceProperties: properties(...many) }), CONTEXT);
  assert.equal(answers[0]?.body['Status'], 'SUCCESS');
  assert.ok(Buffer.byteLength(JSON.stringify(answers[0]?.body)) <= 4096);
});

test('answers that it failed, and why, where the service fails', async (context) => {
  const { url, answers } = await cloudFormation(context);
  const { logs } = services(context);
  logs.on(DescribeSubscriptionFiltersCommand).rejects(new Error('no connection'));
  await handler(request('Create', url, {}), CONTEXT);
  const { Status, Reason } = answers[0]?.body ?? {};
  assert.deepEqual([Status, Reason], ['FAILED', 'Error: no connection']);
});

test('answers that it failed where the properties are not its own', async (context) => {
  const { url, answers } = await cloudFormation(context);
  services(context);
  await handler(request('Create', url, { ResourceProperties: { Subscriptions: 'x' } }), CONTEXT);
  assert.equal(answers[0]?.body['Status'], 'FAILED');
});

test('tries again to answer', async (context) => {
  const { url, answers } = await cloudFormation(context, 1);
  services(context);
  await handler(request('Create', url, {}), CONTEXT);
  assert.equal(answers.length, 1);
});

test('refuses an event that is no request of CloudFormation', async (context) => {
  services(context);
  await assert.rejects(handler({ awslogs: { data: '' } }, CONTEXT), /not a custom resource request/);
});
