import { Duration } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { EventSourceMapping, FilterCriteria, FilterRule, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { CANONICAL_PREFIX, HEAD_PREFIX } from '#shared/aws/table.ts';
import type { EvidenceTable } from './evidence-table.ts';
import type { FailureStore } from './failure-store.ts';
import type { Handler } from './handler.ts';

export interface CorrelationProps {
  readonly evidence: EvidenceTable;
  readonly correlate: Handler;
  readonly sweep: Handler;
  readonly failures: FailureStore;
}

/** New evidence and memberships: what may change a finding. Removals carry no image and match nothing. */
const NEW_FACTS = {
  eventName: FilterRule.or('INSERT', 'MODIFY'),
  dynamodb: { NewImage: { sk: { S: [{ prefix: 'ev#' }, { prefix: CANONICAL_PREFIX }] } } },
};

/** Heads that carry something unpublished: the outbox. */
const UNPUBLISHED_HEADS = {
  eventName: FilterRule.or('INSERT', 'MODIFY'),
  dynamodb: { NewImage: { sk: { S: [{ prefix: HEAD_PREFIX }] }, unpublishedShard: { S: FilterRule.exists() } } },
};

const SWEEP_EVERY = Duration.minutes(5);

/** The table's stream to the correlator, and the sweeper's schedule. */
export class Correlation extends Construct {
  readonly mapping: EventSourceMapping;

  constructor(scope: Construct, id: string, { evidence, correlate, sweep, failures }: CorrelationProps) {
    super(scope, id);
    // All four on the stream itself, also the listing (DynamoDB developer guide, "IAM policy to allow an AWS Lambda function
    // to access DynamoDB stream records").
    correlate.allow({
      actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
      resources: [evidence.streamArn],
    });
    this.mapping = new EventSourceMapping(this, 'Stream', {
      target: correlate.function,
      eventSourceArn: evidence.streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      maxBatchingWindow: Duration.seconds(2),
      bisectBatchOnError: true,
      retryAttempts: 10,
      // Well inside the stream's day: what is given up is still whole in the bucket.
      maxRecordAge: Duration.hours(6),
      reportBatchItemFailures: true,
      onFailure: failures.forMapping(correlate),
      supportS3OnFailureDestination: true,
      filters: [NEW_FACTS, UNPUBLISHED_HEADS].map((filter) => FilterCriteria.filter(filter)),
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
    });
    const schedule = new Rule(this, 'Sweep', {
      description: 'davylamp: publishes what was left unpublished and ends episodes that are due',
      schedule: Schedule.rate(SWEEP_EVERY),
    });
    schedule.addTarget(
      new LambdaFunction(sweep.function, { event: RuleTargetInput.fromObject({ kind: 'sweep' }), retryAttempts: 2 }),
    );
    // Nothing of it is kept: each event is the same, and the next one does what this one left. What waited for three of them
    // is given up, which an alarm tells.
    sweep.function.configureAsyncInvoke({
      maxEventAge: Duration.minutes(3 * SWEEP_EVERY.toMinutes()),
      retryAttempts: 2,
    });
  }
}
