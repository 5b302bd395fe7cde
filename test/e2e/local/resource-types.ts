import { hash } from 'node:crypto';
import { ACCOUNT, arn, REGION, STACK } from './account.ts';

/** What CloudFormation would call a resource: its physical name and the logical id it came from. */
export interface Named {
  readonly logicalId: string;
  readonly name: string;
}

interface ResourceType {
  /** The property that names the resource; absent where CloudFormation chooses. */
  readonly named?: string;
  /** Longest chosen name. */
  readonly longest?: number;
  /** Properties that the local parts enact. */
  readonly enacted: readonly string[];
  /** Properties that change nothing that could be seen here. */
  readonly idle?: readonly string[];
  readonly ref: (resource: Named) => string;
  readonly attributes?: Readonly<Record<string, (resource: Named) => string>>;
}

const digest = (text: string): string => hash('sha256', text);

/** An id in the form of a UUID that is the same in each run. */
export function uuidOf(text: string): string {
  const hex = digest(text);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

const byName = ({ name }: Named): string => name;
const arnOf =
  (service: string, kind: string) =>
  ({ name }: Named): string =>
    arn(service, `${kind}${name}`);

/** The stream's label is the moment of its creation. */
const STREAM_LABEL = '2026-01-01T00:00:00.000';

/** Every resource type that the local parts know; the user guide of CloudFormation, "Return values" of each. */
const TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::Chatbot::SlackChannelConfiguration': {
    named: 'ConfigurationName',
    enacted: ['ConfigurationName', 'SnsTopicArns'],
    // Of commands in the chat nothing comes here: `IamRoleArn` has no permission.
    idle: ['GuardrailPolicies', 'IamRoleArn', 'LoggingLevel', 'SlackChannelId', 'SlackWorkspaceId', 'UserRoleRequired'],
    ref: ({ name }) => arn('chatbot', `chat-configuration/slack-channel/${name}`, 'global'),
  },
  'AWS::CloudWatch::Alarm': {
    enacted: ['AlarmActions'],
    idle: [
      ...['AlarmDescription', 'ComparisonOperator', 'Dimensions', 'EvaluationPeriods', 'MetricName', 'Metrics'],
      ...['Namespace', 'Period', 'Statistic', 'Threshold', 'TreatMissingData'],
    ],
    ref: byName,
    attributes: { Arn: arnOf('cloudwatch', 'alarm:') },
  },
  'AWS::DynamoDB::Table': {
    named: 'TableName',
    enacted: [
      ...['AttributeDefinitions', 'GlobalSecondaryIndexes', 'KeySchema', 'StreamSpecification', 'BillingMode'],
      'SSESpecification',
    ],
    idle: [
      ...['DeletionProtectionEnabled', 'OnDemandThroughput', 'PointInTimeRecoverySpecification'],
      'TimeToLiveSpecification',
    ],
    ref: byName,
    attributes: {
      Arn: arnOf('dynamodb', 'table/'),
      StreamArn: ({ name }) => arn('dynamodb', `table/${name}/stream/${STREAM_LABEL}`),
    },
  },
  'AWS::Events::EventBus': {
    named: 'Name',
    enacted: ['Name'],
    idle: ['Description'],
    ref: byName,
    attributes: { Arn: arnOf('events', 'event-bus/'), Name: byName },
  },
  'AWS::Events::Rule': {
    named: 'Name',
    longest: 64,
    enacted: ['EventPattern', 'ScheduleExpression', 'State', 'Targets'],
    idle: ['Description'],
    ref: byName,
    attributes: { Arn: arnOf('events', 'rule/') },
  },
  'AWS::IAM::ManagedPolicy': {
    named: 'ManagedPolicyName',
    enacted: ['PolicyDocument', 'Roles'],
    idle: ['Description', 'Path'],
    ref: ({ name }) => arn('iam', `policy/${name}`, 'global'),
  },
  'AWS::IAM::Policy': {
    named: 'PolicyName',
    enacted: ['PolicyDocument', 'PolicyName', 'Roles'],
    ref: byName,
  },
  'AWS::IAM::Role': {
    named: 'RoleName',
    longest: 64,
    enacted: ['AssumeRolePolicyDocument', 'Policies'],
    idle: ['Description'],
    ref: byName,
    attributes: { Arn: ({ name }) => arn('iam', `role/${name}`, 'global') },
  },
  'AWS::KMS::Key': {
    enacted: ['KeyPolicy'],
    idle: ['Description', 'EnableKeyRotation'],
    ref: ({ logicalId }) => uuidOf(logicalId),
    attributes: { Arn: ({ logicalId }) => arn('kms', `key/${uuidOf(logicalId)}`) },
  },
  'AWS::Lambda::EventInvokeConfig': {
    enacted: ['DestinationConfig', 'FunctionName', 'MaximumRetryAttempts', 'Qualifier'],
    // The local parts retry at once, so that no event grows old.
    idle: ['MaximumEventAgeInSeconds'],
    ref: ({ logicalId }) => uuidOf(logicalId),
  },
  'AWS::Lambda::EventSourceMapping': {
    enacted: [
      ...['BatchSize', 'BisectBatchOnFunctionError', 'DestinationConfig', 'EventSourceArn', 'FilterCriteria'],
      ...['FunctionName', 'FunctionResponseTypes', 'MaximumRetryAttempts', 'ScalingConfig', 'StartingPosition'],
    ],
    // No test waits: a batch takes what is there, and nothing grows old.
    idle: ['MetricsConfig', 'MaximumBatchingWindowInSeconds', 'MaximumRecordAgeInSeconds'],
    ref: ({ logicalId }) => uuidOf(logicalId),
  },
  'AWS::Lambda::Function': {
    named: 'FunctionName',
    longest: 64,
    enacted: [
      ...['Code', 'Environment', 'Handler', 'LoggingConfig', 'MemorySize', 'Role', 'Runtime', 'Timeout'],
      'TracingConfig',
    ],
    idle: ['Architectures', 'Description'],
    ref: byName,
    attributes: { Arn: arnOf('lambda', 'function:') },
  },
  'AWS::Lambda::Permission': {
    enacted: ['Action', 'FunctionName', 'Principal', 'SourceAccount', 'SourceArn'],
    ref: byName,
  },
  'AWS::Logs::LogGroup': {
    named: 'LogGroupName',
    enacted: ['LogGroupName'],
    idle: ['RetentionInDays'],
    ref: byName,
    attributes: { Arn: ({ name }) => arn('logs', `log-group:${name}:*`) },
  },
  'AWS::S3::Bucket': {
    named: 'BucketName',
    longest: 63,
    enacted: ['BucketEncryption', 'BucketName', 'NotificationConfiguration'],
    idle: [
      ...['LifecycleConfiguration', 'OwnershipControls', 'PublicAccessBlockConfiguration', 'VersioningConfiguration'],
    ],
    ref: ({ name }) => name.toLowerCase(),
    attributes: { Arn: ({ name }) => arn('s3', name.toLowerCase(), 'none') },
  },
  'AWS::S3::BucketPolicy': { enacted: ['Bucket', 'PolicyDocument'], ref: byName },
  'AWS::SNS::Subscription': {
    enacted: ['Endpoint', 'FilterPolicy', 'Protocol', 'RawMessageDelivery', 'RedrivePolicy', 'TopicArn'],
    ref: ({ logicalId }) => arn('sns', `subscription:${uuidOf(logicalId)}`),
  },
  'AWS::SNS::Topic': {
    named: 'TopicName',
    enacted: ['KmsMasterKeyId', 'TopicName'],
    idle: ['DisplayName'],
    ref: arnOf('sns', ''),
    attributes: { TopicArn: arnOf('sns', ''), TopicName: byName },
  },
  'AWS::SNS::TopicPolicy': { enacted: ['PolicyDocument', 'Topics'], ref: byName },
  'AWS::SQS::Queue': {
    named: 'QueueName',
    longest: 80,
    enacted: ['QueueName', 'RedrivePolicy', 'VisibilityTimeout'],
    idle: ['MessageRetentionPeriod', 'SqsManagedSseEnabled'],
    ref: ({ name }) => `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`,
    attributes: { Arn: arnOf('sqs', ''), QueueName: byName },
  },
  'AWS::SQS::QueuePolicy': { enacted: ['PolicyDocument', 'Queues'], ref: byName },
  'Custom::LogSubscriptions': {
    // All but the two are handed to the function as they are.
    enacted: ['FilterName', 'ServiceTimeout', 'ServiceToken', 'Subscriptions'],
    ref: ({ logicalId }) => `${logicalId}-subscriptions`,
  },
};

export function resourceType(type: string): ResourceType | undefined {
  return Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
}

/** The name that CloudFormation makes of stack, logical id and twelve characters of its own. */
export function chosenName(logicalId: string, longest: number | undefined): string {
  const own = digest(logicalId).slice(0, 12).toUpperCase();
  const room = (longest ?? 128) - STACK.length - own.length - 2;
  return `${STACK}-${logicalId.slice(0, room)}-${own}`;
}
