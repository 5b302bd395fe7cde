import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { evidenceItem, headItem } from '#shared/aws/items.ts';
import { CANONICAL_PREFIX, HEAD_PREFIX, tableDefinition } from '#shared/aws/table.ts';
import type { Head } from '#shared/model/finding.ts';
import { OWN_LOG_PREFIX } from '../../cdk/config.ts';
import { evidenceOf, PLACE } from '../factories.ts';
import { FULL, full, type Resource, SMALL, type Synthesized, small, statements, synthesized } from './synthesized.ts';

const FUNCTION = 'AWS::Lambda::Function';
const ALL = [
  ...['Classifydns', 'Classifyflow', 'Classifyruntime', 'Correlate', 'ImportSecurityHub', 'NotifyChat', 'NotifySlack'],
  ...['ReconcileSubscriptions', 'Sweep'],
].map((name) => `${name}Function`);

const ref = (id: string) => ({ Ref: id });
const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
/** What a template's value refers to, random ends left out: `EvidenceTable`. */
const shown = (value: unknown): string => JSON.stringify(value).replaceAll(/"([A-Za-z]+)[0-9A-F]{8}"/g, '"$1"');

/** The resource of a type whose id begins with `id`. */
function one(type: string, id: string, from = full()): Resource {
  const found = Object.entries(from.of(type)).filter(([name]) => name.startsWith(id));
  assert.equal(found.length, 1, `${found.length} resources ${type} begin with ${id}`);
  return found[0]?.[1] as Resource;
}

test('pins the logical ids of what holds state', () => {
  const stateful = [
    'AWS::DynamoDB::Table',
    'AWS::KMS::Key',
    'AWS::S3::Bucket',
    'AWS::SNS::Topic',
    'AWS::Events::EventBus',
    'AWS::SQS::Queue',
  ];
  const ids = stateful.flatMap((type) => Object.keys(full().template.findResources(type)));
  assert.deepEqual(ids.sort(), [
    'BucketsdnsObjectsQueue0860B03E',
    'BucketsdnsObjectsSetAside03C01492',
    'BucketsflowObjectsQueue83837A0B',
    'BucketsflowObjectsSetAsideFB30D2EB',
    'ChatMessagesQueueE232D2D2',
    'ChatMessagesSetAsideA64F6C3B',
    'DataKey2A0DE9E6',
    'EvidenceTable4E70CC2C',
    'FailuresBucket3D5A4556',
    'Findings172CF60E',
    'LogBucketnewlogsBucket2DB6419C',
    'SecurityHubMessagesQueueCE33045A',
    'SecurityHubMessagesSetAside9C5BDBBF',
    'SlackMessagesQueue723875F7',
    'SlackMessagesSetAside69E89C16',
    'TopicsChatF780730B',
    'TopicsFindings1DCE637C',
    'TopicsKey64CE8550',
    'TopicsOperations73808476',
  ]);
});

test('has a function for each source and channel that is configured, and for no other', () => {
  assert.deepEqual(Object.keys(full().of(FUNCTION)).sort(), ALL);
  const least = ['ClassifyruntimeFunction', 'CorrelateFunction', 'ReconcileSubscriptionsFunction', 'SweepFunction'];
  assert.deepEqual(Object.keys(small().of(FUNCTION)).sort(), least);
});

test('runs each function on Node 24 for arm64, with a log group of fixed name that it alone writes to', () => {
  for (const [id, { Properties, DependsOn }] of Object.entries(full().of(FUNCTION))) {
    assert.deepEqual([Properties['Runtime'], Properties['Architectures']], ['nodejs24.x', ['arm64']], id);
    assert.deepEqual([Properties['Handler'], Properties['TracingConfig']], ['index.handler', { Mode: 'Active' }], id);
    const name = id.replace(/Function$/, '');
    const group = one('AWS::Logs::LogGroup', name);
    assert.match(group.Properties['LogGroupName'], /^\/davylamp\/davylamp\/[a-z-]+$/);
    assert.ok(group.Properties['LogGroupName'].startsWith(OWN_LOG_PREFIX));
    assert.equal(shown(Properties['LoggingConfig']['LogGroup']), shown(ref(`${name}Logs00000000`)));
    assert.ok(
      DependsOn?.some((one) => one.startsWith(`${name}Policy`)),
      `${id} may be called before its policy is there`,
    );
    const variables = Properties['Environment']['Variables'];
    assert.deepEqual([variables.POWERTOOLS_SERVICE_NAME, variables.NODE_OPTIONS], ['davylamp', '--enable-source-maps']);
  }
});

test('keeps own logs for three months, and of them what functions say and not what Lambda says of each start and end', () => {
  for (const [id, { Properties }] of Object.entries(full().of(FUNCTION))) {
    const { LogGroup: _, ...how } = Properties['LoggingConfig'];
    assert.deepEqual(how, { ApplicationLogLevel: 'INFO', LogFormat: 'JSON', SystemLogLevel: 'WARN' }, id);
  }
  const groups = Object.values(full().of('AWS::Logs::LogGroup')).filter(({ Properties }) =>
    Properties['LogGroupName'].startsWith(OWN_LOG_PREFIX),
  );
  assert.equal(groups.length, ALL.length);
  assert.deepEqual([...new Set(groups.map(({ Properties }) => Properties['RetentionInDays']))], [90]);
  // What Lambda does not write any more, nothing is counted by.
  assert.deepEqual(full().of('AWS::Logs::MetricFilter'), {});
});

test('traces nothing where tracing is not asked for', () => {
  assert.deepEqual(
    Object.values(small().of(FUNCTION)).map(({ Properties }) => Properties['TracingConfig']),
    [undefined, undefined, undefined, undefined],
  );
});

const CLASSIFIER = ['DAVYLAMP_ACCOUNT', 'DAVYLAMP_OWN_LOG_PREFIX', 'DAVYLAMP_TABLE', 'DAVYLAMP_WINDOW_HOURS'];
const PUBLISHER = ['DAVYLAMP_EVENT_BUS', 'DAVYLAMP_FINDINGS_TOPIC_ARN', 'DAVYLAMP_SOURCES', 'DAVYLAMP_TABLE'];
/** What each function is told by its environment. */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  Classifydns: CLASSIFIER,
  Classifyflow: [...CLASSIFIER, 'DAVYLAMP_FLOW_FORMAT'],
  Classifyruntime: [...CLASSIFIER, 'DAVYLAMP_TEST_LOG_GROUP'],
  Correlate: [...PUBLISHER, 'DAVYLAMP_WINDOW_HOURS'],
  Sweep: [...PUBLISHER, 'DAVYLAMP_WINDOW_HOURS'],
  NotifySlack: ['DAVYLAMP_OPERATIONS_TOPIC_ARN', 'DAVYLAMP_SLACK_SECRET', 'DAVYLAMP_TABLE'],
  NotifyChat: ['DAVYLAMP_CHAT_TOPIC_ARN', 'DAVYLAMP_SOURCES', 'DAVYLAMP_TABLE'],
  ImportSecurityHub: ['DAVYLAMP_ACCOUNT', 'DAVYLAMP_OPERATIONS_TOPIC_ARN', 'DAVYLAMP_SOURCES', 'DAVYLAMP_TABLE'],
  ReconcileSubscriptions: ['DAVYLAMP_OPERATIONS_TOPIC_ARN', 'DAVYLAMP_TABLE'],
};

test('tells each function what it asks its environment for, and no more', () => {
  for (const [id, { Properties }] of Object.entries(full().of(FUNCTION))) {
    const names = Object.keys(Properties['Environment'].Variables).filter((name) => name.startsWith('DAVYLAMP_'));
    assert.deepEqual(names.sort(), [...(VARIABLES[id.replace(/Function$/, '')] ?? [])].sort(), id);
  }
  const { Variables } = one(FUNCTION, 'Sweep').Properties['Environment'];
  assert.equal(Variables.DAVYLAMP_SOURCES, 'runtime,vpc-flow,resolver');
});

/** What each function may do beside writing its logs; `*` where the action knows no resources. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  Classifyruntime: [
    ...['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'ec2:DescribeNetworkInterfaces', 's3:ListBucket'],
    's3:PutObject',
  ],
  Classifyflow: [
    ...[
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'ec2:DescribeNetworkInterfaces',
      'kms:Decrypt',
      's3:GetObject',
      's3:GetObjectVersion',
      's3:ListBucket',
    ],
    ...['s3:PutObject', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
  ],
  Correlate: [
    ...['dynamodb:DescribeStream', 'dynamodb:GetItem', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
    ...['dynamodb:ListStreams', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem', 'events:PutEvents'],
    ...['kms:Decrypt', 'kms:GenerateDataKey', 's3:ListBucket', 's3:PutObject', 'sns:Publish'],
  ],
  Sweep: [
    ...['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem', 'events:PutEvents'],
    ...['kms:Decrypt', 'kms:GenerateDataKey', 'sns:Publish'],
  ],
  NotifySlack: [
    ...[
      'dynamodb:GetItem',
      'dynamodb:UpdateItem',
      'kms:Decrypt',
      'kms:GenerateDataKey',
      'secretsmanager:GetSecretValue',
    ],
    ...['sns:Publish', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
  ],
  NotifyChat: [
    ...['dynamodb:GetItem', 'dynamodb:UpdateItem', 'kms:Decrypt', 'kms:GenerateDataKey', 'sns:Publish'],
    ...['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
  ],
  ImportSecurityHub: [
    ...['dynamodb:GetItem', 'dynamodb:UpdateItem', 'kms:Decrypt', 'kms:GenerateDataKey'],
    ...['securityhub:BatchImportFindings', 'sns:Publish', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
    'sqs:ReceiveMessage',
  ],
  ReconcileSubscriptions: [
    ...['dynamodb:GetItem', 'dynamodb:UpdateItem', 'kms:Decrypt', 'kms:GenerateDataKey'],
    ...[
      'logs:DeleteSubscriptionFilter',
      'logs:DescribeSubscriptionFilters',
      'logs:PutSubscriptionFilter',
      'sns:Publish',
    ],
  ],
};
const EVERY_FUNCTION = [
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
];

for (const [name, allowed] of Object.entries(ALLOWED)) {
  test(`lets ${name} do what it needs, action by action, and nothing else`, () => {
    const actions = statements(full(), name).flatMap(({ Action }) => Action);
    assert.deepEqual([...new Set(actions)].sort(), [...allowed, ...EVERY_FUNCTION].sort());
  });
}

/** Actions for which a policy can name no resource (Service Authorization Reference). */
const WITHOUT_RESOURCE = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'ec2:DescribeNetworkInterfaces'];

test('names no resource by a bare wildcard but where none can be named, and no role has a policy of AWS', () => {
  for (const [id] of Object.entries(full().of(FUNCTION))) {
    for (const { Action, Resource } of statements(full(), id.replace(/Function$/, ''))) {
      if (![Resource].flat().includes('*')) continue;
      assert.deepEqual(
        [Action].flat().filter((action) => !WITHOUT_RESOURCE.includes(action)),
        [],
        id,
      );
    }
  }
  for (const { Properties } of Object.values(full().of('AWS::IAM::Role'))) {
    assert.deepEqual([Properties['ManagedPolicyArns'], Properties['Policies']], [undefined, undefined]);
  }
});

test('gives the table the keys and indexes of the local engine, with ceiling, stream, end of life and recovery', () => {
  const { Properties, DeletionPolicy, UpdateReplacePolicy } = one('AWS::DynamoDB::Table', 'Evidence');
  const local = tableDefinition('local');
  const ceiling = { MaxWriteRequestUnits: 1000 };
  assert.deepEqual(Properties['KeySchema'], local.KeySchema);
  assert.deepEqual(Properties['AttributeDefinitions'], local.AttributeDefinitions);
  assert.deepEqual(
    Properties['GlobalSecondaryIndexes'],
    local.GlobalSecondaryIndexes?.map((index) => ({ ...index, OnDemandThroughput: ceiling })),
  );
  assert.deepEqual([Properties['BillingMode'], Properties['OnDemandThroughput']], ['PAY_PER_REQUEST', ceiling]);
  assert.deepEqual(Properties['StreamSpecification'], { StreamViewType: 'NEW_IMAGE' });
  assert.deepEqual(Properties['TimeToLiveSpecification'], { AttributeName: 'expiresAt', Enabled: true });
  assert.deepEqual(Properties['PointInTimeRecoverySpecification'], { PointInTimeRecoveryEnabled: true });
  assert.deepEqual(
    [Properties['SSESpecification'].SSEType, DeletionPolicy, UpdateReplacePolicy],
    ['KMS', 'Retain', 'Retain'],
  );
});

for (const [retainTable, policy] of [
  [true, 'Retain'],
  [false, 'Delete'],
] as const) {
  test(`decides by one switch over table and its protection: ${policy}`, () => {
    const { Properties, DeletionPolicy } = one(
      'AWS::DynamoDB::Table',
      'Evidence',
      retainTable ? small() : synthesized({ ...SMALL, retainTable }),
    );
    assert.deepEqual([Properties['DeletionProtectionEnabled'], DeletionPolicy], [retainTable, policy]);
    const key = one('AWS::KMS::Key', 'DataKey', synthesized({ ...SMALL, retainTable, customerManagedKey: true }));
    assert.equal(key.DeletionPolicy, 'Retain', 'what failed is kept, and with it what reads it');
  });
}

test('feeds the correlator new evidence, memberships and what heads leave unpublished, and loses no record', () => {
  const { Properties } = one('AWS::Lambda::EventSourceMapping', 'Correlation');
  const { FilterCriteria, ...rest } = Properties;
  const patterns = FilterCriteria.Filters.map(({ Pattern }: { Pattern: string }) => JSON.parse(Pattern));
  const changed = { eventName: ['INSERT', 'MODIFY'] };
  assert.deepEqual(patterns, [
    { ...changed, dynamodb: { NewImage: { sk: { S: [{ prefix: 'ev#' }, { prefix: CANONICAL_PREFIX }] } } } },
    {
      ...changed,
      dynamodb: { NewImage: { sk: { S: [{ prefix: HEAD_PREFIX }] }, unpublishedShard: { S: [{ exists: true }] } } },
    },
  ]);
  // The keys and attributes are those of items as they are written.
  assert.ok(evidenceItem(evidenceOf(), 1)['sk']?.S?.startsWith('ev#'));
  const head: Head = { place: PLACE, version: 1, episodes: [], groups: [], lastEpisode: 1, unpublished: [] };
  const pair = { episode: 1, revision: 1, transition: 'opened', severity: 'High', at: 0, delivery: 'single' } as const;
  assert.equal('unpublishedShard' in headItem(head, 0), false);
  assert.ok('S' in (headItem({ ...head, unpublished: [pair] }, 0)['unpublishedShard'] ?? {}));
  assert.deepEqual([rest['BisectBatchOnFunctionError'], rest['MaximumRetryAttempts']], [true, 10]);
  assert.deepEqual([rest['MaximumRecordAgeInSeconds'], rest['StartingPosition']], [21_600, 'TRIM_HORIZON']);
  assert.deepEqual(rest['FunctionResponseTypes'], ['ReportBatchItemFailures']);
  assert.equal(shown(rest['DestinationConfig']), shown({ OnFailure: { Destination: arn('FailuresBucket00000000') } }));
});

test('keeps what asynchronous invocations failed at, whole, in a bucket that Lambda writes to', () => {
  const kept = Object.entries(full().of('AWS::Lambda::EventInvokeConfig')).filter(([id]) => id.startsWith('Classify'));
  assert.equal(kept.length, 3);
  for (const [, { Properties }] of kept) {
    assert.equal(
      shown(Properties['DestinationConfig']),
      shown({ OnFailure: { Destination: arn('FailuresBucket00000000') } }),
    );
    assert.deepEqual([Properties['MaximumEventAgeInSeconds'], Properties['MaximumRetryAttempts']], [21_600, 2]);
  }
});

test('gives up calls of schedules and deployments before they are stale, keeps none, and tells of it', () => {
  const others = Object.entries(full().of('AWS::Lambda::EventInvokeConfig')).filter(
    ([id]) => !id.startsWith('Classify'),
  );
  assert.deepEqual(
    others.map(([id, { Properties }]) => [
      id.replace(/Function.*/, ''),
      Properties['MaximumEventAgeInSeconds'],
      Properties['DestinationConfig'],
    ]),
    [
      ['ReconcileSubscriptions', 360, undefined],
      ['Sweep', 900, undefined],
    ],
  );
  for (const [id, called] of [
    ['Alarmsreconcilesubscriptions', 'ReconcileSubscriptionsFunction00000000'],
    ['Alarmssweep', 'SweepFunction00000000'],
  ] as const) {
    for (const [what, metric] of [
      ['Dropped', 'AsyncEventsDropped'],
      ['Errors', 'Errors'],
    ]) {
      const { Properties } = one('AWS::CloudWatch::Alarm', `${id}${what}`);
      assert.equal(Properties['MetricName'], metric);
      assert.equal(shown(Properties['Dimensions']), shown([{ Name: 'FunctionName', Value: ref(called) }]));
    }
  }
});

test('tells of evidence that the correlator gave up, and of what could not be kept of it', () => {
  const mapping = [{ Name: 'EventSourceMappingUUID', Value: ref('CorrelationStream00000000') }];
  const called = [{ Name: 'FunctionName', Value: ref('CorrelateFunction00000000') }];
  for (const [id, metric, dimensions] of [
    ['CorrelationFailed', 'OnFailureDestinationDeliveredEventCount', mapping],
    ['CorrelationDropped', 'DroppedEventCount', mapping],
    ['CorrelationNotStored', 'DestinationDeliveryFailures', called],
  ] as const) {
    const { Properties } = one('AWS::CloudWatch::Alarm', `Alarms${id}`);
    assert.deepEqual([Properties['Namespace'], Properties['MetricName']], ['AWS/Lambda', metric]);
    assert.equal(shown(Properties['Dimensions']), shown(dimensions), id);
  }
  const { Properties } = one('AWS::Lambda::EventSourceMapping', 'Correlation');
  assert.deepEqual(Properties['MetricsConfig'], { Metrics: ['EventCount'] });
});

test('lets CloudWatch Logs of this account invoke each classifier by one permission for all groups', () => {
  const permissions = Object.entries(full().of('AWS::Lambda::Permission')).filter(([id]) =>
    id.includes('LogsMayInvoke'),
  );
  assert.equal(permissions.length, 3);
  for (const [, { Properties }] of permissions) {
    assert.deepEqual([Properties['Principal'], Properties['SourceAccount']], ['logs.amazonaws.com', '111122223333']);
    assert.match(shown(Properties['SourceArn']), /:logs:eu-west-1:111122223333:log-group:\*/);
  }
});

test('hands all groups to one custom resource, once the functions may be invoked', () => {
  const { Properties, DependsOn } = one('Custom::LogSubscriptions', 'LogSources');
  assert.deepEqual(
    Properties['Subscriptions'].map(({ LogGroupName }: { LogGroupName: string }) => LogGroupName),
    ['/hosts/audit', '/containers/falco', '/davylamp-test/davylamp', '/vpc/flow', '/vpc/resolver'],
  );
  assert.equal(DependsOn?.filter((id) => id.includes('LogsMayInvoke')).length, 3);
});

test('owns one log group for test chains, which leads to the classifier of process telemetry and goes with the stack', () => {
  const named = (from: Synthesized) =>
    Object.entries(from.of('AWS::Logs::LogGroup')).filter(
      ([, { Properties }]) => !Properties['LogGroupName'].startsWith(OWN_LOG_PREFIX),
    );
  const [[id = '', group] = [], ...others] = named(full());
  assert.deepEqual(
    [group?.Properties['LogGroupName'], group?.Properties['RetentionInDays'], group?.DeletionPolicy, others],
    ['/davylamp-test/davylamp', 7, 'Delete', []],
  );
  const { Properties, DependsOn } = one('Custom::LogSubscriptions', 'LogSources');
  assert.ok(DependsOn?.some((name) => name.startsWith(id)));
  const leads = Properties['Subscriptions'].filter(
    ({ LogGroupName }: { LogGroupName: string }) => LogGroupName === '/davylamp-test/davylamp',
  );
  assert.deepEqual(leads.map(shown), [
    shown({ LogGroupName: '/davylamp-test/davylamp', DestinationArn: arn('ClassifyruntimeFunction00000000') }),
  ]);
  const { Variables } = one(FUNCTION, 'Classifyruntime').Properties['Environment'];
  assert.equal(Variables.DAVYLAMP_TEST_LOG_GROUP, '/davylamp-test/davylamp');
  assert.deepEqual(named(synthesized({ sources: { flow: { logGroups: ['/vpc/flow'] } } })), []);
});

test('attaches every hour what was missing, by one permission for that schedule, and none where no group is named', () => {
  const scheduled = (from: Synthesized) =>
    Object.entries(from.of('AWS::Events::Rule')).filter(([id]) => id.startsWith('LogSources'));
  const [[id, rule] = [], ...others] = scheduled(full());
  assert.deepEqual([rule?.Properties['ScheduleExpression'], others], ['rate(1 hour)', []]);
  const [target] = rule?.Properties['Targets'] ?? [];
  assert.equal(shown(target.Arn), shown(arn('ReconcileSubscriptionsFunction00000000')));
  assert.equal(target.Input, '{"kind":"reconcile"}');
  const permissions = Object.values(full().of('AWS::Lambda::Permission')).filter(({ Properties }) =>
    shown(Properties['FunctionName']).includes('"ReconcileSubscriptionsFunction"'),
  );
  assert.deepEqual(
    permissions.map(({ Properties }) => [Properties['Principal'], shown(Properties['SourceArn'])]),
    [['events.amazonaws.com', shown(arn(`${id}00000000`))]],
  );
  const without = synthesized({ sources: { flow: { buckets: [{ name: 'example-logs' }] } } });
  assert.deepEqual(scheduled(without), []);
});

test('learns of objects by EventBridge alone, and touches the notifications of no existing bucket', () => {
  const rules = Object.values(full().of('AWS::Events::Rule')).filter(({ Properties }) => 'EventPattern' in Properties);
  assert.deepEqual(
    rules.map(({ Properties }) => Properties['EventPattern'].detail),
    [
      { bucket: { name: ['example-logs'] }, object: { key: [{ wildcard: 'AWSLogs/*/vpcflowlogs/*' }] } },
      { bucket: { name: ['new-logs'] }, object: { key: [{ prefix: 'dns/' }] } },
      { bucket: { name: ['new-logs'] }, object: { key: [{ prefix: 'more/' }] } },
      { bucket: { name: ['example-logs'] }, object: { key: [{ wildcard: 'AWSLogs/*/vpcdnsquerylogs/*' }] } },
      { bucket: { name: ['other-logs'] } },
    ],
  );
  for (const { Properties } of rules) {
    assert.deepEqual(
      [Properties['EventPattern'].source, Properties['EventPattern'].account],
      [['aws.s3'], ['111122223333']],
    );
  }
  const types = Object.values(full().template.toJSON()['Resources']).map((resource) => (resource as Resource).Type);
  assert.deepEqual(
    types.filter((type) => type.startsWith('Custom::')),
    ['Custom::LogSubscriptions'],
  );
});

test('lets a classifier read the objects that it is told of, and no others', () => {
  const read = (name: string) =>
    statements(full(), name)
      .filter(({ Action }) => [Action].flat().includes('s3:GetObject'))
      .map(({ Resource }) => shown([Resource].flat()).replaceAll(/[^"]*:s3:::/g, ''));
  assert.deepEqual(read('Classifyflow').length, 1);
  assert.match(read('Classifyflow')[0] ?? '', /"example-logs\/AWSLogs\/\*\/vpcflowlogs\/\*"/);
  for (const keys of [
    'new-logs/dns/*',
    'new-logs/more/*',
    'example-logs/AWSLogs/*/vpcdnsquerylogs/*',
    'other-logs/*',
  ]) {
    assert.ok(read('Classifydns')[0]?.includes(`"${keys}"`), keys);
  }
  assert.doesNotMatch(read('Classifydns')[0] ?? '', /old|vpcflowlogs/);
});

test('makes a log bucket that announces its objects and takes logs of the named accounts alone', () => {
  const { Properties, DeletionPolicy } = one('AWS::S3::Bucket', 'LogBucket');
  assert.deepEqual([Properties['BucketName'], DeletionPolicy], ['new-logs', 'Retain']);
  assert.deepEqual(Properties['NotificationConfiguration'], { EventBridgeConfiguration: { EventBridgeEnabled: true } });
  const policy = one('AWS::S3::BucketPolicy', 'LogBucket').Properties['PolicyDocument'].Statement;
  const delivery = policy.filter(({ Effect }: { Effect: string }) => Effect === 'Allow');
  assert.equal(delivery.length, 2);
  for (const { Condition, Principal } of delivery) {
    assert.equal(Principal.Service, 'delivery.logs.amazonaws.com');
    assert.deepEqual(Condition.StringEquals['aws:SourceAccount'], ['111122223333', '444455556666']);
  }
});

test('sets messages aside after repeated failures, and keeps a message from two invocations at once', () => {
  const timeouts = new Map(
    Object.entries(full().of(FUNCTION)).map(([id, { Properties }]) => [id, Properties['Timeout']]),
  );
  const mappings = Object.entries(full().of('AWS::Lambda::EventSourceMapping')).filter(
    ([id]) => !id.startsWith('Correlation'),
  );
  assert.equal(mappings.length, 5);
  for (const [id, { Properties }] of mappings) {
    const queue = one('AWS::SQS::Queue', `${id.replace(/Mapping$/, '')}Queue`).Properties;
    const handler = String(Properties['FunctionName'].Ref).replace(/[0-9A-F]{8}$/, '');
    assert.equal(queue['VisibilityTimeout'], 6 * timeouts.get(handler), id);
    assert.ok(queue['RedrivePolicy'].maxReceiveCount >= 4, id);
    assert.deepEqual(Properties['FunctionResponseTypes'], ['ReportBatchItemFailures'], id);
  }
});

test('says on the page of threats how much one source may take, and reserves nothing that a new account lacks', () => {
  const page = readFileSync('docs/threat-model.md', 'utf8');
  const mappings = Object.entries(full().of('AWS::Lambda::EventSourceMapping'));
  const atOnce = (isOf: (id: string) => boolean) => [
    ...new Set(
      mappings.filter(([id]) => isOf(id)).map(([, one]) => one.Properties['ScalingConfig']?.MaximumConcurrency),
    ),
  ];
  assert.deepEqual(
    atOnce((id) => id.startsWith('Buckets')),
    [5],
  );
  assert.deepEqual(
    atOnce((id) => !id.startsWith('Buckets') && !id.startsWith('Correlation')),
    [2],
  );
  assert.match(page, /its queue has five invocations at a time, and each channel's has two/);
  for (const { Properties } of Object.values(full().of(FUNCTION))) {
    assert.equal(Properties['ReservedConcurrentExecutions'], undefined);
  }
});

test('subscribes people, chat and machines to what each is told', () => {
  const people = ['single', 'storm-summary', 'digest-summary'];
  const told = Object.values(full().of('AWS::SNS::Subscription')).map(({ Properties }) => [
    Properties['Protocol'],
    typeof Properties['Endpoint'] === 'string'
      ? Properties['Endpoint']
      : shown(Properties['Endpoint']['Fn::GetAtt'][0]),
    Properties['FilterPolicy']?.severity.length,
    Properties['FilterPolicy']?.delivery,
    Properties['RawMessageDelivery'],
  ]);
  assert.deepEqual(
    told.sort((a, b) => (String(a) < String(b) ? -1 : 1)),
    [
      ['email', 'oncall@example.com', 2, people, undefined],
      ['email', 'platform@example.com', undefined, undefined, undefined],
      ['email', 'team@example.com', 4, people, undefined],
      ['sqs', '"ChatMessagesQueue"', 1, ['single', 'storm'], true],
      ['sqs', '"SecurityHubMessagesQueue"', 3, ['single', 'storm', 'digest'], true],
      ['sqs', '"SlackMessagesQueue"', 4, ['single', 'storm'], true],
    ],
  );
});

test('encrypts topics, and lets named roles alone publish and this account alone subscribe, over TLS', () => {
  const publishers = {
    TopicsFindings: ['CorrelateRole', 'SweepRole'],
    TopicsOperations: ['ReconcileSubscriptionsRole', 'NotifySlackRole', 'ImportSecurityHubRole'],
    TopicsChat: ['NotifyChatRole'],
  };
  for (const [id, roles] of Object.entries(publishers)) {
    assert.equal(shown(one('AWS::SNS::Topic', id).Properties['KmsMasterKeyId']), shown(arn('TopicsKey00000000')));
    const all = one('AWS::SNS::TopicPolicy', id).Properties['PolicyDocument'].Statement;
    const [tls, publish, subscribe] = all;
    assert.deepEqual([tls.Effect, tls.Condition], ['Deny', { Bool: { 'aws:SecureTransport': 'false' } }]);
    assert.deepEqual([publish.Effect, publish.Action, publish.Principal], ['Deny', 'sns:Publish', { AWS: '*' }]);
    const named = publish.Condition.ArnNotEquals['aws:PrincipalArn'];
    assert.equal(shown([named].flat()), shown(roles.map((role) => arn(`${role}00000000`))));
    assert.deepEqual(subscribe.Condition, {
      StringNotEquals: { 'aws:PrincipalAccount': '111122223333' },
      Bool: { 'aws:PrincipalIsAWSService': 'false' },
    });
  }
});

test('lets CloudWatch publish alarms of this account to the operations topic, and use its key', () => {
  const allowed = (statement: { Effect: string; Principal: { Service?: string } }): boolean =>
    statement.Effect === 'Allow' && statement.Principal.Service === 'cloudwatch.amazonaws.com';
  const policy = one('AWS::SNS::TopicPolicy', 'TopicsOperations').Properties['PolicyDocument'].Statement;
  const key = one('AWS::KMS::Key', 'Topics').Properties['KeyPolicy'].Statement;
  for (const [statement] of [policy.filter(allowed), key.filter(allowed)]) {
    assert.equal(statement.Condition.StringEquals['aws:SourceAccount'], '111122223333');
  }
});

test('tells chat through a topic of its own, with a role that may do nothing below a guardrail that reads no data', () => {
  const { Properties } = one('AWS::Chatbot::SlackChannelConfiguration', 'Chat');
  assert.equal(shown(Properties['SnsTopicArns']), shown([ref('TopicsChat00000000')]));
  assert.match(shown(Properties['GuardrailPolicies']), /:iam::aws:policy\/job-function\/ViewOnlyAccess/);
  const roles = shown(Object.values(full().of('AWS::IAM::Policy')).map((policy) => policy.Properties['Roles']));
  assert.equal(roles.includes('"ChatRole"'), false);
  const topics = Object.values(full().of('AWS::SNS::Subscription')).map((one) => shown(one.Properties['TopicArn']));
  assert.equal(
    topics.some((topic) => topic.includes('TopicsChat')),
    false,
  );
});

test('raises each alarm with the operations topic, and takes silence of a source for a breach', () => {
  const alarms = full().of('AWS::CloudWatch::Alarm');
  const names = Object.keys(alarms).map((id) => id.replace(/^Alarms/, ''));
  for (const source of ['runtime', 'flow', 'dns']) {
    for (const what of ['Dropped', 'Late', 'NotStored', 'Silent'])
      assert.ok(names.includes(source + what), source + what);
  }
  const others = ['CorrelationLate', 'CorrelationFailed', 'sweepErrors', 'SlackSetAside', 'SecurityHubSetAside'];
  for (const name of [...others, 'reconcilesubscriptionsErrors']) {
    assert.ok(names.includes(name), name);
  }
  assert.equal(names.filter((name) => name.startsWith('Delivery')).length, 4);
  for (const [id, { Properties }] of Object.entries(alarms)) {
    assert.equal(shown(Properties['AlarmActions']), shown([ref('TopicsOperations00000000')]), id);
    assert.match(Properties['AlarmDescription'], /^davylamp: .{20,}\.$/, id);
    assert.equal(Properties['TreatMissingData'], id.endsWith('Silent') ? 'breaching' : 'notBreaching', id);
  }
  const silent = one('AWS::CloudWatch::Alarm', 'AlarmsflowSilent').Properties;
  assert.deepEqual([silent['Namespace'], silent['MetricName'], silent['Period']], ['davylamp', 'RecordsRead', 3600]);
  assert.deepEqual(silent['Dimensions'], [
    { Name: 'function', Value: 'classify-flow' },
    { Name: 'service', Value: 'davylamp' },
  ]);
});

test('holds no secret: the name of the Slack secret alone, and no dynamic reference', () => {
  const text = JSON.stringify(full().template.toJSON());
  assert.doesNotMatch(text, /hooks\.slack|resolve:secretsmanager|resolve:ssm|SecretString/);
  assert.equal(
    one(FUNCTION, 'NotifySlack').Properties['Environment'].Variables.DAVYLAMP_SLACK_SECRET,
    FULL.slack.secretName,
  );
});

test('holds two hundred groups within what CloudFormation and IAM take', () => {
  const logGroups = Array.from(
    { length: 200 },
    (_, at) => `/aws/of/a/company/with/many/groups/for/all/it/runs/in/production/vpc-${at}/flow`,
  );
  const many = synthesized({ sources: { flow: { logGroups } } });
  const resources = Object.values(many.template.toJSON()['Resources']) as Resource[];
  assert.ok(resources.length < 500, `${resources.length} resources`);
  const policies = Object.values(many.of('AWS::IAM::ManagedPolicy'));
  assert.ok(policies.length <= 10);
  for (const { Properties } of policies) assert.ok(JSON.stringify(Properties['PolicyDocument']).length < 9_000);
});

/** "Amazon SQS policy quotas" of its developer guide. */
const QUEUE_POLICY = { statements: 20, conditions: 10, principals: 50, bytes: 8_192 };
/** Names and ARNs of what CloudFormation makes are filled in at their longest: a rule's name has up to 64 characters. */
const LONGEST_NAME = 'x'.repeat(80);

/** A document as it is sent, with references filled in. */
function sent(document: unknown): string {
  return JSON.stringify(document, (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'Fn::GetAtt' in value
      ? `arn:aws:events:ap-southeast-2:111122223333:rule/${LONGEST_NAME}`
      : value,
  );
}

test('reads as many buckets as a configuration takes within what policies of queues and roles hold', () => {
  const buckets = Array.from({ length: 20 }, (_, at) => ({
    name: `example-${at}`.padEnd(63, 'x'),
    prefix: `AWSLogs/*/${at}/`.padEnd(512, 'x'),
    keyArn: `arn:aws:kms:eu-west-1:111122223333:key/11112222-3333-4444-5555-6666777788${at + 10}`,
  }));
  const many = synthesized({ sources: { flow: { buckets }, dns: { logGroups: ['/vpc/resolver'] } } });
  const rules = Object.values(many.of('AWS::Events::Rule')).filter(({ Properties }) => 'EventPattern' in Properties);
  assert.equal(rules.length, 20);
  const policies = Object.values(many.of('AWS::SQS::QueuePolicy')).map(({ Properties }) => Properties);
  assert.equal(policies.length, 2);
  for (const { PolicyDocument } of policies) {
    const all: { Condition?: Record<string, Record<string, unknown>>; Principal: object }[] = PolicyDocument.Statement;
    const conditions = all.flatMap(({ Condition = {} }) => Object.values(Condition).flatMap(Object.keys));
    assert.ok(all.length <= QUEUE_POLICY.statements, `${all.length} statements`);
    assert.ok(conditions.length <= QUEUE_POLICY.conditions, `${conditions.length} conditions`);
    assert.ok(all.flatMap(({ Principal }) => Object.values(Principal)).length <= QUEUE_POLICY.principals);
    assert.ok(sent(PolicyDocument).length <= QUEUE_POLICY.bytes, `${sent(PolicyDocument).length} bytes`);
  }
  // "IAM and AWS STS quotas": 10,240 characters in a role's inline policies, 6,144 in each of ten managed ones.
  for (const { Properties } of Object.values(many.of('AWS::IAM::Policy'))) {
    assert.ok(sent(Properties['PolicyDocument']).length <= 10_240);
  }
  const managed = Object.values(many.of('AWS::IAM::ManagedPolicy'));
  assert.ok(managed.length <= 10, `${managed.length} policies`);
  for (const { Properties } of managed) assert.ok(sent(Properties['PolicyDocument']).length <= 6_144);
});

test('lets the rules of a source send to its queue, and to the one of what was set aside, and no other rule', () => {
  const rules = Object.keys(full().template.findResources('AWS::Events::Rule')).filter((id) =>
    id.startsWith('Bucketsdns'),
  );
  assert.equal(rules.length, 4);
  for (const id of ['BucketsdnsObjectsQueue', 'BucketsdnsObjectsSetAside']) {
    const policy = one('AWS::SQS::QueuePolicy', id).Properties['PolicyDocument'].Statement;
    const allowed = policy.filter(({ Effect }: { Effect: string }) => Effect === 'Allow');
    assert.equal(allowed.length, 1);
    assert.deepEqual(allowed[0].Principal, { Service: 'events.amazonaws.com' });
    assert.deepEqual(allowed[0].Condition, { ArnEquals: { 'aws:SourceArn': rules.map(arn) } });
  }
  for (const id of rules) {
    const [target] = full().template.findResources('AWS::Events::Rule')[id]?.['Properties'].Targets ?? [];
    assert.equal(shown(target.Arn), shown(arn('BucketsdnsObjectsQueue00000000')));
    assert.equal(shown(target.DeadLetterConfig), shown({ Arn: arn('BucketsdnsObjectsSetAside00000000') }));
  }
});
