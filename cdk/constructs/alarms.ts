import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { HandledQueue } from './handled-queue.ts';
import type { Handler } from './handler.ts';

const FIVE_MINUTES = Duration.minutes(5);

interface Watch {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic?: 'Sum' | 'Maximum';
  readonly period?: Duration;
  /** Breaches above this; with `below`, under it. */
  readonly threshold: number;
  readonly below?: boolean;
  /** What a person who is woken by it should know. */
  readonly says: string;
}

/** What the first day needs: each says what broke and where to look, and goes to the operations topic. */
export class Alarms extends Construct {
  readonly #operations: Topic;

  constructor(scope: Construct, id: string, { operations }: { readonly operations: Topic }) {
    super(scope, id);
    this.#operations = operations;
  }

  /** A source that invokes its function asynchronously: events dropped or old, failures not stored, silence. */
  source(name: string, handler: Handler): void {
    const of = { namespace: 'AWS/Lambda', dimensions: { FunctionName: handler.name } };
    this.#add(`${name}Dropped`, {
      ...of,
      metric: 'AsyncEventsDropped',
      threshold: 0,
      says: `logs of ${name} were given up after retries; they lie whole in the bucket of failures`,
    });
    this.#add(`${name}Late`, {
      ...of,
      metric: 'AsyncEventAge',
      statistic: 'Maximum',
      threshold: Duration.minutes(30).toMilliseconds(),
      says: `logs of ${name} waited more than thirty minutes: the function is throttled or fails`,
    });
    this.#add(`${name}NotStored`, {
      ...of,
      metric: 'DestinationDeliveryFailures',
      threshold: 0,
      says: `failed logs of ${name} could not be written to the bucket of failures and are lost`,
    });
    this.#add(`${name}Silent`, {
      namespace: 'davylamp',
      dimensions: { service: 'davylamp', function: `classify-${name}` },
      metric: 'RecordsRead',
      period: Duration.hours(1),
      threshold: 1,
      below: true,
      says: `no records of ${name} for an hour: its subscription, its delivery or the source itself stopped`,
    });
  }

  /** A subscribed group whose events CloudWatch Logs could not hand over: one alarm, since a stack holds 500 resources. */
  subscription(group: string, filterName: string): void {
    const metric = (metricName: string): Metric =>
      new Metric({
        namespace: 'AWS/Logs',
        metricName,
        dimensionsMap: { LogGroupName: group, DestinationType: 'Lambda', FilterName: filterName },
        statistic: 'Sum',
        period: FIVE_MINUTES,
      });
    this.#alarm(`Delivery-${group}`, {
      metric: new MathExpression({
        expression: 'FILL(errors, 0) + FILL(throttled, 0)',
        usingMetrics: { errors: metric('DeliveryErrors'), throttled: metric('DeliveryThrottling') },
        label: 'events not delivered',
        period: FIVE_MINUTES,
      }),
      threshold: 0,
      below: false,
      says: `CloudWatch Logs could not deliver events of ${group}; it tries for a day and then drops them`,
    });
  }

  /** The correlator: behind, failing, leaving records in the bucket, or losing them. */
  stream(correlate: Handler, mapping: EventSourceMapping): void {
    this.#add('CorrelationLate', {
      namespace: 'AWS/Lambda',
      dimensions: { FunctionName: correlate.name },
      metric: 'IteratorAge',
      statistic: 'Maximum',
      threshold: Duration.minutes(10).toMilliseconds(),
      says: 'evidence waits more than ten minutes for correlation: findings are late',
    });
    this.#add('CorrelationFailed', {
      namespace: 'AWS/Lambda',
      dimensions: { EventSourceMappingUUID: mapping.eventSourceMappingId },
      metric: 'OnFailureDestinationDeliveredEventCount',
      threshold: 0,
      says: 'evidence could not be correlated; it lies whole in the bucket of failures',
    });
    this.#add('CorrelationDropped', {
      namespace: 'AWS/Lambda',
      dimensions: { EventSourceMappingUUID: mapping.eventSourceMappingId },
      metric: 'DroppedEventCount',
      threshold: 0,
      says: 'evidence was given up uncorrelated; what of it is not in the bucket of failures is in the table alone',
    });
    // Of stream mappings too ("Types of metrics for Lambda functions"), by the function and not by its mapping.
    this.#add('CorrelationNotStored', {
      namespace: 'AWS/Lambda',
      dimensions: { FunctionName: correlate.name },
      metric: 'DestinationDeliveryFailures',
      threshold: 0,
      says: 'evidence that failed could not be written to the bucket of failures; it is in the table alone',
    });
  }

  /** A function on a schedule: failing, or never run. Its events say nothing that the next one does not. */
  scheduled(name: string, handler: Handler): void {
    const of = { namespace: 'AWS/Lambda', dimensions: { FunctionName: handler.name }, threshold: 0 };
    this.#add(`${name}Dropped`, {
      ...of,
      metric: 'AsyncEventsDropped',
      says: `${name} was called and given up: it fails, or is throttled and never ran`,
    });
    this.#add(`${name}Errors`, {
      ...of,
      metric: 'Errors',
      says: `${name} fails; its log group tells why`,
    });
  }

  /** Messages that were set aside: nobody was told. */
  setAside(name: string, { setAside }: HandledQueue): void {
    this.#add(`${name}SetAside`, {
      namespace: 'AWS/SQS',
      dimensions: { QueueName: setAside.queueName },
      metric: 'ApproximateNumberOfMessagesVisible',
      statistic: 'Maximum',
      threshold: 0,
      says: `messages for ${name} were set aside after repeated failures; redrive their queue once the cause is mended`,
    });
  }

  #add(id: string, { namespace, metric, dimensions, statistic = 'Sum', period = FIVE_MINUTES, ...watch }: Watch): void {
    this.#alarm(id, {
      metric: new Metric({ namespace, metricName: metric, dimensionsMap: { ...dimensions }, statistic, period }),
      threshold: watch.threshold,
      below: watch.below ?? false,
      says: watch.says,
    });
  }

  #alarm(
    id: string,
    { metric, threshold, below, says }: Pick<Watch, 'threshold' | 'says'> & { metric: IMetric; below: boolean },
  ): void {
    new Alarm(this, id, {
      alarmDescription: `davylamp: ${says}.`,
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: below ? ComparisonOperator.LESS_THAN_THRESHOLD : ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: below ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(new SnsAction(this.#operations));
  }
}
