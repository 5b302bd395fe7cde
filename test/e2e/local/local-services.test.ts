import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { CloudWatchLogsClient, DescribeSubscriptionFiltersCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeNetworkInterfacesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { BatchImportFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { PublishCommand, type PublishCommandInput, SNSClient } from '@aws-sdk/client-sns';
import { Buckets } from './buckets.ts';
import { EventBus } from './event-bus.ts';
import { FailedEvents } from './failed-events.ts';
import { Gateway } from './gateway.ts';
import { throttled } from './interventions.ts';
import { Lambdas } from './lambdas.ts';
import { LogGroups } from './log-groups.ts';
import { NetworkInterfaces } from './network-interfaces.ts';
import { Queues } from './queues.ts';
import { ResourcePolicies } from './resource-policies.ts';
import { Secrets } from './secrets.ts';
import { SecurityHub } from './security-hub.ts';
import { Template } from './template.ts';
import { Topics } from './topics.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:news';
const subscription = (more: object) => ({
  Type: 'AWS::SNS::Subscription',
  Properties: { TopicArn: { Ref: 'News' }, ...more },
});
const mayBeSentTo = (queue: string, service: string, source: unknown) => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: [{ Ref: queue }],
    PolicyDocument: {
      Statement: {
        ...{ Effect: 'Allow', Action: 'sqs:SendMessage', Principal: { Service: service } },
        ...{ Resource: { 'Fn::GetAtt': [queue, 'Arn'] }, Condition: { ArnEquals: { 'aws:SourceArn': source } } },
      },
    },
  },
});
const TEMPLATE = {
  Resources: {
    News: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'news' } },
    Raw: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'raw' } },
    Closed: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'closed' } },
    Objects: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'objects' } },
    RawPolicy: mayBeSentTo('Raw', 'sns.amazonaws.com', { Ref: 'News' }),
    ObjectsPolicy: mayBeSentTo('Objects', 'events.amazonaws.com', { 'Fn::GetAtt': ['Created', 'Arn'] }),
    Mail: subscription({ Protocol: 'email', Endpoint: 'a@example.com', FilterPolicy: { severity: ['High'] } }),
    ToRaw: subscription({
      ...{ Protocol: 'sqs', Endpoint: { 'Fn::GetAtt': ['Raw', 'Arn'] }, RawMessageDelivery: true },
    }),
    ToClosed: subscription({
      ...{ Protocol: 'sqs', Endpoint: { 'Fn::GetAtt': ['Closed', 'Arn'] }, FilterPolicy: { severity: ['Low'] } },
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Raw', 'Arn'] } },
    }),
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'findings' } },
    Created: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: { source: ['aws.s3'], detail: { bucket: { name: ['logs'] } } },
        Targets: [{ Id: 'T', Arn: { 'Fn::GetAtt': ['Objects', 'Arn'] } }],
      },
    },
  },
};

describe('the local services', () => {
  let gateway: Gateway;
  let config: {
    endpoint: string;
    region: string;
    maxAttempts: number;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  let parts: { topics: Topics; queues: Queues; buckets: Buckets; hub: SecurityHub; bus: EventBus; logs: LogGroups };
  let secrets: Secrets;
  let interfaces: NetworkInterfaces;
  let kills = 0;

  beforeEach(async () => {
    gateway = await Gateway.open();
    kills = 0;
    const kill = () => {
      kills += 1;
    };
    config = {
      ...{ endpoint: gateway.url, region: 'eu-west-1', maxAttempts: 1 },
      credentials: { accessKeyId: gateway.admit('Work', kill), secretAccessKey: 'none' },
    };
    const template = new Template(TEMPLATE);
    const policies = new ResourcePolicies(template);
    const queues = new Queues(template, gateway.log);
    const buckets = new Buckets(gateway);
    const lambdas = new Lambdas(template, { gateway, failed: new FailedEvents(gateway, buckets), assembly: '' });
    parts = {
      ...{ queues, buckets, hub: new SecurityHub(gateway), logs: new LogGroups({ gateway, policies, lambdas }) },
      topics: new Topics(template, { gateway, queues, policies }),
      bus: new EventBus(template, { gateway, queues, policies, lambdas }),
    };
    secrets = new Secrets(gateway);
    interfaces = new NetworkInterfaces(gateway);
    for (const { service } of [parts.topics, buckets, parts.hub, parts.bus, parts.logs]) gateway.add(service);
    for (const { service } of [secrets, interfaces]) gateway.add(service);
  });
  afterEach(() => gateway.close());

  const publish = (more: Partial<PublishCommandInput> = {}) =>
    new SNSClient(config).send(
      new PublishCommand({
        ...{ TopicArn: TOPIC, Subject: 'news', MessageStructure: 'json' },
        Message: JSON.stringify({ default: '{"a":1}', email: 'read <this> & that', sqs: 'pointer' }),
        MessageAttributes: { severity: { DataType: 'String', StringValue: 'High' } },
        ...more,
      }),
    );

  test('SNS gives each subscription its own text where the filter lets it', async () => {
    await publish();
    const [mail] = parts.topics.outbox;
    assert.deepEqual([mail?.to, mail?.subject, mail?.text], ['a@example.com', 'news', 'read <this> & that']);
    const raw = parts.queues.byArn('arn:aws:sqs:eu-west-1:111122223333:raw');
    assert.deepEqual(raw.bodies, ['pointer']);
    assert.deepEqual(gateway.log.calls.at(-1), {
      caller: 'Work',
      action: 'sns:Publish',
      resources: [TOPIC],
      context: {},
    });
    await publish({ MessageAttributes: {} });
    assert.equal(parts.topics.outbox.length, 1);
    assert.deepEqual(gateway.log.faults, []);
  });

  test('SNS leaves to the queue of dead letters what a queue does not admit, and the log says so', async () => {
    await publish({ MessageAttributes: { severity: { DataType: 'String', StringValue: 'Low' } } });
    assert.equal(parts.queues.byArn('arn:aws:sqs:eu-west-1:111122223333:closed').bodies.length, 0);
    const raw = parts.queues.byArn('arn:aws:sqs:eu-west-1:111122223333:raw').bodies;
    assert.equal(raw.length, 2);
    assert.match(raw[1] ?? '', /"Type":"Notification".*"Message":"pointer"/);
    assert.match(gateway.log.faults.join(), /ToClosed: sns\.amazonaws\.com may not sqs:SendMessage/);
  });

  const REFUSED: readonly [string, Partial<PublishCommandInput>, RegExp][] = [
    ['a message with too many bytes', { Message: `{"default":"${'ä'.repeat(131_072)}"}` }, /more than 262144/],
    ['a subject with a line break', { Subject: 'a\nb' }, /subject/],
    ['a subject of a hundred characters', { Subject: 'a'.repeat(100) }, /subject/],
    ['texts without a default', { Message: '{"email":"a"}' }, /default/],
    ['texts that are no JSON', { Message: 'hello' }, /JSON/],
    [
      'an empty attribute',
      { MessageAttributes: { a: { DataType: 'String', StringValue: '' } } },
      /attribute a is empty/,
    ],
    ['a topic that is not there', { TopicArn: `${TOPIC}2` }, /Topic does not exist/],
  ];
  for (const [what, more, message] of REFUSED) {
    test(`SNS refuses ${what}`, async () => {
      await assert.rejects(publish(more), message);
      assert.deepEqual(parts.topics.outbox, []);
    });
  }

  test('S3 gives whole objects, ranges of them, and only the one that is asked for by its tag', async () => {
    const s3 = new S3Client(config);
    parts.buckets.add('logs', { versioned: true });
    const { etag, versionId } = parts.buckets.put('logs', 'a b/c+d', 'hello');
    const get = async (more: object): Promise<string | undefined> => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'logs', Key: 'a b/c+d', ...more }));
      return Body?.transformToString();
    };
    assert.equal(await get({}), 'hello');
    assert.equal(await get({ Range: 'bytes=1-3' }), 'ell');
    assert.equal(await get({ Range: 'bytes=-2' }), 'lo');
    assert.equal(await get({ IfMatch: etag, VersionId: versionId }), 'hello');
    await assert.rejects(get({ IfMatch: '"other"' }), { name: 'PreconditionFailed' });
    await assert.rejects(get({ Key: 'none' }), { name: 'NoSuchKey' });
    await assert.rejects(s3.send(new GetObjectCommand({ Bucket: 'other', Key: 'a' })), { name: 'NoSuchBucket' });
    assert.deepEqual(gateway.log.actionsOf('Work').slice(0, 4), [
      ...['s3:GetObject', 's3:GetObject', 's3:GetObject', 's3:GetObjectVersion'],
    ]);
    assert.deepEqual(gateway.log.calls[0]?.resources, ['arn:aws:s3:::logs/a b/c+d']);
    assert.deepEqual(gateway.log.faults, []);
    await assert.rejects(s3.send(new ListBucketsCommand({})));
    assert.match(gateway.log.faults.join(), /ListBuckets is asked for, and no local part/);
  });

  test('Security Hub keeps the later finding with what people set, and names what it refuses', async () => {
    const hub = new SecurityHubClient(config);
    const finding = (more: object) => ({
      ...{ SchemaVersion: '2018-10-08', Id: 'a', GeneratorId: 'g', AwsAccountId: '111122223333', Title: 't' },
      ...{ ProductArn: 'arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default', Description: 'd' },
      ...{
        CreatedAt: '2026-01-01T00:00:00Z',
        UpdatedAt: '2026-01-01T00:00:00Z',
        Resources: [{ Type: 'Other', Id: 'r' }],
      },
      FindingProviderFields: { Severity: { Label: 'HIGH' as const }, Types: ['TTPs/Execution'] },
      ...more,
    });
    const imported = (...findings: ReturnType<typeof finding>[]) =>
      hub.send(new BatchImportFindingsCommand({ Findings: findings }));
    assert.equal((await imported(finding({}))).SuccessCount, 1);
    parts.hub.findings.set('a', { ...parts.hub.findings.get('a'), Workflow: { Status: 'SUPPRESSED' } });
    await imported(finding({ UpdatedAt: '2026-01-02T00:00:00Z', Title: 'later' }));
    await imported(finding({ Title: 'earlier' }));
    const kept = parts.hub.findings.get('a');
    assert.deepEqual([kept?.['Title'], kept?.['Workflow']], ['later', { Status: 'SUPPRESSED' }]);
    parts.hub.refuse = ({ Id }) => (Id === 'b' ? { code: 'InvalidInput', message: 'no' } : undefined);
    const answer = await imported(finding({ Id: 'b' }), finding({ Id: 'c' }));
    assert.deepEqual(answer.FailedFindings, [{ Id: 'b', ErrorCode: 'InvalidInput', ErrorMessage: 'no' }]);
    await assert.rejects(imported(finding({ AwsAccountId: '444455556666' })), { name: 'InvalidInputException' });
    await assert.rejects(imported(finding({ Title: 'x'.repeat(257) })), /Title is longer than 256/);
    await assert.rejects(imported(...Array.from({ length: 101 }, () => finding({}))), /more than 100/);
    parts.hub.enabled = false;
    await assert.rejects(imported(finding({})), { name: 'InvalidAccessException' });
  });

  test('EventBridge keeps entries, refuses some with status 200, and names what is none', async () => {
    const events = new EventBridgeClient(config);
    const put = (more: object) =>
      events.send(
        new PutEventsCommand({
          Entries: [
            { EventBusName: 'findings', Source: 'davylamp', DetailType: 'Finding', Detail: '{"a":1}', ...more },
          ],
        }),
      );
    assert.equal((await put({})).FailedEntryCount, 0);
    parts.bus.refuseEntries = 1;
    assert.equal((await put({})).Entries?.[0]?.ErrorCode, 'ThrottlingException');
    assert.deepEqual(parts.bus.events, [
      { bus: 'findings', source: 'davylamp', detailType: 'Finding', detail: { a: 1 } },
    ]);
    assert.deepEqual(gateway.log.calls[0]?.resources, ['arn:aws:events:eu-west-1:111122223333:event-bus/findings']);
    await assert.rejects(put({ Detail: '[]' }), /no object/);
    await assert.rejects(put({ Source: 'aws.x' }), /aws/);
    await assert.rejects(put({ EventBusName: 'other' }), /no bus other/);
    await assert.rejects(put({ Detail: JSON.stringify({ a: 'x'.repeat(262_144) }) }), /more than 262144/);
  });

  test('EventBridge hands what a rule matches to its queue', async () => {
    await parts.bus.emit('aws.s3', 'Object Created', { bucket: { name: 'logs' } });
    await parts.bus.emit('aws.s3', 'Object Created', { bucket: { name: 'other' } });
    const { bodies } = parts.queues.byArn('arn:aws:sqs:eu-west-1:111122223333:objects');
    assert.equal(bodies.length, 1);
    assert.match(bodies[0] ?? '', /"detail-type":"Object Created".*"name":"logs"/);
  });

  test('Secrets Manager, EC2 and CloudWatch Logs answer in their own words', async () => {
    secrets.values.set('davylamp/slack', 'https://example.com');
    const get = (SecretId: string) => new SecretsManagerClient(config).send(new GetSecretValueCommand({ SecretId }));
    assert.equal((await get('davylamp/slack')).SecretString, 'https://example.com');
    await assert.rejects(get('none'), { name: 'ResourceNotFoundException' });
    interfaces.interfaces.push(
      { NetworkInterfaceId: 'eni-1', VpcId: 'vpc-1', PrivateIpAddresses: [{ PrivateIpAddress: '10.0.0.1' }] },
      { NetworkInterfaceId: 'eni-2', VpcId: 'vpc-1', PrivateIpAddresses: [{ PrivateIpAddress: '10.0.0.2' }] },
    );
    const filter = { Name: 'addresses.private-ip-address', Values: ['10.0.0.2'] };
    const found = await new EC2Client(config).send(new DescribeNetworkInterfacesCommand({ Filters: [filter] }));
    assert.deepEqual(
      found.NetworkInterfaces?.map((one) => one.NetworkInterfaceId),
      ['eni-2'],
    );
    assert.equal(found.NetworkInterfaces?.[0]?.PrivateIpAddresses?.[0]?.PrivateIpAddress, '10.0.0.2');
    parts.logs.add('/a', [{ filterName: 'x', filterPattern: '', destinationArn: 'arn:x' }]);
    const filters = (logGroupName: string) =>
      new CloudWatchLogsClient(config).send(new DescribeSubscriptionFiltersCommand({ logGroupName }));
    assert.equal((await filters('/a')).subscriptionFilters?.[0]?.filterName, 'x');
    await assert.rejects(filters('/b'), { name: 'ResourceNotFoundException' });
    assert.deepEqual(gateway.log.faults, []);
  });

  test('a planted refusal acts at its call alone, and is told in the protocol of its service', async () => {
    const refusal = gateway.interventions.add({
      ...{ on: ({ action }) => action === 'sns:Publish', skip: 1, times: 1, act: { error: throttled('sns') } },
    });
    await publish();
    await assert.rejects(publish(), /Rate exceeded/);
    await publish();
    assert.equal(refusal.acted, 1);
    assert.equal(parts.topics.outbox.length, 2);
  });

  for (const [time, arrived] of [
    ['before', 0],
    ['after', 1],
  ] as const) {
    test(`a planted kill ${time} a request ends the process, and the request ${arrived === 1 ? 'has' : 'has not'} arrived`, async () => {
      gateway.interventions.add({ on: () => true, act: { kill: time } });
      await assert.rejects(publish());
      assert.deepEqual([kills, parts.topics.outbox.length], [1, arrived]);
    });
  }

  test('a caller that nobody admitted, another region and a service that is not provided are faults', async () => {
    const stranger = { ...config, credentials: { accessKeyId: 'AKIAOTHER', secretAccessKey: 'none' } };
    await assert.rejects(new SecretsManagerClient(stranger).send(new GetSecretValueCommand({ SecretId: 'a' })));
    const far = { ...config, region: 'us-east-1' };
    await assert.rejects(new SecretsManagerClient(far).send(new GetSecretValueCommand({ SecretId: 'a' })));
    assert.match(gateway.log.faults[0] ?? '', /nobody known \(AKIAOTHER\)/);
    assert.match(gateway.log.faults[1] ?? '', /secretsmanager of us-east-1/);
  });

  test('refuses what a policy of the caller does not allow, as the service would', async () => {
    gateway.authorize = ({ action }) => (action === 'sns:Publish' ? 'Work may not' : undefined);
    await assert.rejects(publish(), { name: 'AccessDeniedException' });
    assert.deepEqual(gateway.log.faults, ['Work may not']);
    assert.deepEqual(parts.topics.outbox, []);
  });
});
