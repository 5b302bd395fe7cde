/** One price of AWS in us-east-1, US dollars, before taxes, discounts and free tiers. */
interface Price {
  readonly usd: number;
  /** What the money is for, as the table of prices says it. */
  readonly per: string;
  /** Factor from `usd` to one unit of the model: 1e-6 where the price is for a million. */
  readonly unit: number;
  readonly source: keyof typeof SOURCES;
}

/** Where a price was read, and when that page says that it was so. `LIST`: nothing but memory of the list price. */
const SOURCES = {
  lambda: 'cloudchipr.com/blog/aws-lambda-pricing, 2024',
  dynamodb: 'airbyte.com/data-engineering-resources/dynamodb-pricing, July 2025',
  dynamodbStorage: 'aws.amazon.com/dynamodb/pricing, an older copy: check',
  logs: 'c3x.dev/resources/aws/aws_cloudwatch_log_group, without date',
  metrics: 'signoz.io/guides/cloudwatch-pricing, February 2026',
  alarms: 'c3x.dev/resources/aws/aws_cloudwatch_metric_alarm, without date',
  sns: 'factualminds.com/blog/amazon-sns-pricing-publishes-fanout-protocols, June 2026',
  bus: 'cloudburn.io/blog/amazon-eventbridge-pricing, March 2026',
  sqs: 'unanswered.io/guide/aws-sqs-pricing-and-cost-optimization, without date',
  kms: 'wring.co/blog/aws-kms-pricing-guide, March 2026',
  s3: 'devnotes.tech/understanding-aws-s3-pricing, without date',
  LIST: 'list price as of November 2026 from memory: check',
} as const;

const price = (usd: number, per: string, source: keyof typeof SOURCES, unit = 1): Price => ({
  usd,
  per,
  unit,
  source,
});
const MILLION = 1e-6;

/** Every price that the model uses. */
export const PRICES = {
  lambdaRequest: price(0.2, 'million Lambda requests', 'lambda', MILLION),
  lambdaSecond: price(0.0000133334, 'GB-second of Lambda, arm64', 'lambda'),
  writeUnit: price(0.625, 'million DynamoDB write request units, on demand', 'dynamodb', MILLION),
  readUnit: price(0.125, 'million DynamoDB read request units, on demand', 'dynamodb', MILLION),
  tableStorage: price(0.25, 'GB and month in DynamoDB', 'dynamodbStorage'),
  tableRecovery: price(0.2, 'GB and month of point-in-time recovery', 'LIST'),
  logIngestion: price(0.5, 'GB taken in by CloudWatch Logs', 'logs'),
  logStorage: price(0.03, 'GB and month in CloudWatch Logs', 'logs'),
  metric: price(0.3, 'custom metric and month', 'metrics'),
  alarm: price(0.1, 'metric of an alarm and month', 'alarms'),
  topicRequest: price(0.5, 'million SNS publications of 64 KB', 'sns', MILLION),
  email: price(2, '100,000 mails by SNS', 'sns', 1e-5),
  busEvent: price(1, 'million events of 64 KB on a bus', 'bus', MILLION),
  objectEvent: price(1, 'million events of S3 on EventBridge (some sources: free)', 'LIST', MILLION),
  queueRequest: price(0.4, 'million SQS requests', 'sqs', MILLION),
  key: price(1, 'KMS key and month', 'kms'),
  keyRequest: price(0.03, '10,000 KMS requests', 'kms', 1e-4),
  secret: price(0.4, 'secret and month', 'LIST'),
  objectRead: price(0.0004, '1,000 GET requests of S3', 's3', 1e-3),
  objectWrite: price(0.005, '1,000 PUT requests of S3', 's3', 1e-3),
  hubFinding: price(0.00003, 'finding imported to Security Hub CSPM', 'LIST'),
} as const satisfies Record<string, Price>;

/** US dollars for `amount` units. */
export function cost(name: keyof typeof PRICES, amount: number): number {
  const { usd, unit } = PRICES[name];
  return usd * unit * amount;
}

/** What a step of a price that falls with volume reaches to, GB a month, and US dollars for each GB of it. */
export type Steps = readonly (readonly [upTo: number, usd: number])[];

const TB = 1024;

/**
 * Vended logs to CloudWatch Logs and to S3; GuardDuty's analysis of flow and DNS logs together. Vended steps:
 * aws-samples/sample-cfm-tips-mcp, services/cloudwatch_service_vended_log.py.
 */
export const STEPS = {
  vendedToLogs: [
    [10 * TB, 0.5],
    [30 * TB, 0.25],
    [50 * TB, 0.1],
    [Number.POSITIVE_INFINITY, 0.05],
  ],
  vendedToBucket: [
    [10 * TB, 0.25],
    [30 * TB, 0.15],
    [50 * TB, 0.075],
    [Number.POSITIVE_INFINITY, 0.05],
  ],
  guardDuty: [
    [500, 1],
    [2_500, 0.5],
    [10_000, 0.25],
    [Number.POSITIVE_INFINITY, 0.15],
  ],
} as const satisfies Record<string, Steps>;

/** Where the steps were read, for the table of prices. */
export const STEP_SOURCES: Readonly<Record<keyof typeof STEPS, { readonly what: string; readonly source: string }>> = {
  vendedToLogs: {
    what: 'GB of vended logs to CloudWatch Logs',
    source: 'github.com/aws-samples/sample-cfm-tips-mcp, services/cloudwatch_service_vended_log.py, without date',
  },
  vendedToBucket: {
    what: 'GB of vended logs to S3',
    source: 'github.com/aws-samples/sample-cfm-tips-mcp, services/cloudwatch_service_vended_log.py, without date',
  },
  guardDuty: {
    what: 'GB of flow and DNS logs that GuardDuty analyses',
    source:
      'first step: factualminds.com/blog/amazon-guardduty-pricing-data-sources-multi-account, June 2026; others: list price as of November 2026 from memory: check',
  },
};

/** US dollars for `gigabytes` of one month at prices that fall by steps. */
export function stepped(steps: Steps, gigabytes: number): number {
  let usd = 0;
  let from = 0;
  for (const [upTo, each] of steps) {
    usd += Math.max(0, Math.min(gigabytes, upTo) - from) * each;
    from = upTo;
  }
  return usd;
}

/** Runtime Monitoring of GuardDuty, US dollars for a vCPU and month up to 500; list price as of November 2026: check. */
export const RUNTIME_MONITORING_USD = 1.5;

/** Where a price was read. */
export function sourceOf(name: keyof typeof PRICES): string {
  return SOURCES[PRICES[name].source];
}
