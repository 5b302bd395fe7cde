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
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  ResourceNotFoundException as NoTableException,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
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

/** The table, as far as its one item of subscriptions goes. */
function tableOf(kept: { item: Record<string, AttributeValue> | undefined }) {
  const table = mockClient(DynamoDBClient);
  table.on(GetItemCommand).callsFake(() => ({ Item: kept.item && structuredClone(kept.item) }));
  table.on(UpdateItemCommand).callsFake(({ ConditionExpression, ExpressionAttributeValues: values }) => {
    const isOther = ConditionExpression !== undefined && kept.item?.['generation']?.S !== values[':generation'].S;
    if (isOther) throw new ConditionalCheckFailedException({ message: 'x', $metadata: {} });
    const set = Object.entries<AttributeValue>(values).map(([name, value]) => [name.slice(1), value]);
    kept.item = { ...kept.item, ...Object.fromEntries(set) };
    return { Attributes: kept.item };
  });
  return table;
}

/**
 * Services in which `/a` and `/b` have the stack's filter, with another pattern, and no other group exists unless it is
 * added; gives what was called.
 */
function services(context: TestContext) {
  process.env['DAVYLAMP_OPERATIONS_TOPIC_ARN'] = TOPIC;
  process.env['DAVYLAMP_TABLE'] = 'evidence';
  const calls: string[] = [];
  const groups = new Map(['/a', '/b'].map((name) => [name, 'old']));
  const kept: { item: Record<string, AttributeValue> | undefined } = { item: undefined };
  const logs = mockClient(CloudWatchLogsClient);
  const sns = mockClient(SNSClient);
  const table = tableOf(kept);
  let logged = '';
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream);
    mock.method(stream, 'write', (...args: Parameters<typeof write>) => {
      const text = String(args[0]);
      // The reporter of tests writes here too.
      if (!text.startsWith('{')) return write(...args);
      logged += text;
      return true;
    });
  }
  context.after(() => {
    mock.restoreAll();
    for (const one of [logs, sns, table]) one.restore();
    delete process.env['DAVYLAMP_OPERATIONS_TOPIC_ARN'];
    delete process.env['DAVYLAMP_TABLE'];
  });
  logs.on(DescribeSubscriptionFiltersCommand).callsFake(({ logGroupName }) => {
    const filterPattern = groups.get(logGroupName);
    if (filterPattern === undefined) throw new ResourceNotFoundException({ message: 'x', $metadata: {} });
    return { subscriptionFilters: [{ filterName: 'davylamp', filterPattern, destinationArn: FLOW }] };
  });
  logs.on(PutSubscriptionFilterCommand).callsFake(({ logGroupName, filterPattern }) => {
    calls.push(`put ${logGroupName}`);
    groups.set(logGroupName, filterPattern);
  });
  logs.on(DeleteSubscriptionFilterCommand).callsFake(({ logGroupName }) => void calls.push(`delete ${logGroupName}`));
  sns.on(PublishCommand).resolves({});
  let seen = 0;
  /** Subject and text of each message since the last time. */
  const told = () => {
    const messages = sns.commandCalls(PublishCommand).map(({ args }) => args[0].input);
    const later = messages.slice(seen);
    seen = messages.length;
    return later.map(({ Subject, Message }) => [Subject, Message]);
  };
  return { calls, groups, kept, logs, sns, table, told, logged: () => logged };
}

const HOURLY = { kind: 'reconcile' };

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
  const sentence = '/c does not exist; it is attached within an hour of its creation.';
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
  const { logged } = services(context);
  for (const ResourceProperties of ['secret-token', { FilterName: 'f', Subscriptions: 'secret-token' }, {}]) {
    await handler(request('Create', url, { ResourceProperties }), CONTEXT);
    const { Status, Reason } = answers.at(-1)?.body ?? {};
    assert.equal(Status, 'FAILED');
    assert.match(String(Reason), /^ForeignEventError: expected the properties of .* is not /);
  }
  assert.doesNotMatch(JSON.stringify(answers) + logged(), /secret-token/);
});

test('fails without a word of the address where it can not answer', async (context) => {
  const { url } = await cloudFormation(context);
  const { logged } = services(context);
  const patient = { ...CONTEXT, getRemainingTimeInMillis: () => 60_000 };
  const withPassword = url.replace('//', '//user:secret-token@');
  await assert.rejects(handler(request('Create', withPassword, {}), patient), (error: Error) => {
    assert.match(error.message, /^CloudFormation could not be answered: [A-Za-z_]+$/);
    assert.equal(error.cause, undefined);
    return true;
  });
  assert.doesNotMatch(logged(), /secret-token|signature/);
});

test('tries again to answer', async (context) => {
  const { url, answers } = await cloudFormation(context, 1);
  services(context);
  await handler(request('Create', url, {}), CONTEXT);
  assert.equal(answers.length, 1);
});

/** A stack that was made with the given groups, of which `/c` does not exist yet. */
async function made(context: TestContext, ...names: string[]) {
  const { url, answers } = await cloudFormation(context);
  const parts = services(context);
  const deploy = async (type: string, wanted: readonly string[], before?: readonly string[]): Promise<void> => {
    const change = {
      ...{ ResourceProperties: properties(...wanted), RequestId: `request-${answers.length}`, PhysicalResourceId: 'p' },
      ...(before === undefined ? {} : { OldResourceProperties: properties(...before) }),
    };
    await handler(request(type, url, change), CONTEXT);
    assert.equal(answers.at(-1)?.body['Status'], 'SUCCESS');
  };
  await deploy('Create', names);
  parts.calls.length = 0;
  return { ...parts, deploy };
}

const MISSING = [
  'davylamp: a log group is not attached',
  '/c does not exist; it is attached within an hour of its creation.',
];

test('attaches a group that is created after the deployment, within the hour and without another one', async (context) => {
  const { calls, groups, told } = await made(context, '/a', '/c');
  assert.deepEqual(told(), [MISSING]);
  await handler(HOURLY, CONTEXT);
  assert.deepEqual([calls, told()], [[], []]);
  groups.set('/c', 'new');
  await handler(HOURLY, CONTEXT);
  assert.deepEqual([calls, told()], [['put /c'], [['davylamp: a log group is attached now', '/c is attached now.']]]);
  await handler(HOURLY, CONTEXT);
  assert.deepEqual([calls, told()], [['put /c'], []]);
});

test('tells of a group that vanishes or comes once each, not each hour', async (context) => {
  const { groups, told } = await made(context, '/a', '/b');
  assert.deepEqual(told(), []);
  groups.delete('/b');
  groups.set('/a', 'changed by hand');
  await handler(HOURLY, CONTEXT);
  assert.deepEqual(told(), [
    [
      'davylamp: a log group is not attached, 1 now attached',
      '/b does not exist; it is attached within an hour of its creation.\n/a is attached now.',
    ],
  ]);
  await handler(HOURLY, CONTEXT);
  assert.deepEqual(told(), []);
});

test('tells what stands since the creation once more in the next hour, when addresses are confirmed, then once a day', async (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-11-12T08:59:30Z') });
  const { groups, told } = await made(context, '/a', '/c');
  const hours = async (count: number): Promise<readonly number[]> => {
    const heard: number[] = [];
    for (let hour = 1; hour <= count; hour++) {
      context.mock.timers.tick(3_600_000);
      await handler(HOURLY, CONTEXT);
      const messages = told();
      if (messages.length === 0) continue;
      heard.push(hour);
      assert.deepEqual(messages, [MISSING]);
    }
    return heard;
  };
  assert.deepEqual(told(), [MISSING]);
  assert.deepEqual(await hours(72), [1, 25, 49]);
  groups.set('/c', '');
  assert.deepEqual(await hours(48), []);
});

test('tells again what a version before recorded as told without a time', async (context) => {
  const { kept, told } = await made(context, '/c');
  assert.deepEqual(told(), [MISSING]);
  kept.item = { ...kept.item, told: { S: JSON.stringify([['/c', MISSING[1]]]) } };
  await handler(HOURLY, CONTEXT);
  assert.deepEqual(told(), [MISSING]);
  await handler(HOURLY, CONTEXT);
  assert.deepEqual(told(), []);
});

test('tells a deployment nothing that the one before it told, but a new stack everything', async (context) => {
  const { deploy, told } = await made(context, '/c');
  assert.deepEqual(told(), [MISSING]);
  await deploy('Update', ['/a', '/c'], ['/c']);
  assert.deepEqual(told(), []);
  await deploy('Create', ['/c']);
  assert.deepEqual(told(), [MISSING]);
});

test('tells again in the next hour what the topic did not take', async (context) => {
  const { groups, sns, told } = await made(context, '/a');
  groups.delete('/a');
  sns.on(PublishCommand).rejectsOnce(new Error('no topic')).resolves({});
  await handler(HOURLY, CONTEXT);
  assert.equal(told().length, 1);
  await handler(HOURLY, CONTEXT);
  assert.equal(told().length, 1);
  await handler(HOURLY, CONTEXT);
  assert.equal(told().length, 0);
});

test('attaches nothing in the hours before a deployment and after the stack is gone', async (context) => {
  const { calls, groups, kept, deploy } = await made(context, '/a');
  await deploy('Delete', ['/a']);
  calls.length = 0;
  groups.set('/a', 'changed by hand');
  await handler(HOURLY, CONTEXT);
  kept.item = undefined;
  await handler(HOURLY, CONTEXT);
  assert.deepEqual(calls, []);
});

test('takes back what it attached when a deployment dropped the group meanwhile', async (context) => {
  const { calls, groups, kept, logs, told } = await made(context, '/a', '/c');
  told();
  groups.set('/c', 'new');
  logs.on(PutSubscriptionFilterCommand).callsFake(({ logGroupName, filterPattern }) => {
    // The deployment has recorded what it wants, and found nothing at the group to remove.
    kept.item = {
      ...kept.item,
      generation: { S: 'later' },
      wanted: { S: JSON.stringify([{ logGroup: '/a', destinationArn: FLOW }]) },
    };
    calls.push(`put ${logGroupName}`);
    groups.set(logGroupName, filterPattern);
  });
  await handler(HOURLY, CONTEXT);
  assert.deepEqual([calls, told()], [['put /c', 'delete /c'], []]);
});

test('fails in the hour where the service fails, so that the failure is counted', async (context) => {
  const { logs } = await made(context, '/a');
  logs.on(DescribeSubscriptionFiltersCommand).rejects(new Error('no connection'));
  await assert.rejects(handler(HOURLY, CONTEXT), /no connection/);
});

for (const [type, status] of [
  ['Delete', 'SUCCESS'],
  ['Update', 'FAILED'],
] as const) {
  test(`answers ${status} to ${type} where somebody deleted the table`, async (context) => {
    const { url, answers } = await cloudFormation(context);
    const { table } = services(context);
    table.on(UpdateItemCommand).rejects(new NoTableException({ message: 'x', $metadata: {} }));
    await handler(request(type, url, { PhysicalResourceId: 'p' }), CONTEXT);
    assert.equal(answers[0]?.body['Status'], status);
  });
}
