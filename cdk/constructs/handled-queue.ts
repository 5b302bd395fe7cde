import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, MetricType } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Handler } from './handler.ts';

export interface HandledQueueProps {
  readonly handler: Handler;
  readonly handlerTimeout: Duration;
  readonly batchSize: number;
  /** How long messages wait for company, so that one invocation takes them together. */
  readonly batchWindow?: Duration;
  /** Invocations at a time: at least 2, what Lambda allows. */
  readonly concurrency: number;
  /** Deliveries of one message before it is set aside. */
  readonly deliveries: number;
}

/** A queue, the queue of what was set aside, and the function that empties it. */
export class HandledQueue extends Construct {
  readonly queue: Queue;
  readonly setAside: Queue;

  constructor(scope: Construct, id: string, props: HandledQueueProps) {
    super(scope, id);
    const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod: Duration.days(14) };
    this.setAside = new Queue(this, 'SetAside', common);
    this.queue = new Queue(this, 'Queue', {
      ...common,
      // Six times the function's timeout ("Using Lambda with Amazon SQS"), so that no message is handled twice at once.
      visibilityTimeout: Duration.seconds(props.handlerTimeout.toSeconds() * 6),
      deadLetterQueue: { queue: this.setAside, maxReceiveCount: props.deliveries },
    });
    props.handler.allow({
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      resources: [this.queue.queueArn],
    });
    new EventSourceMapping(this, 'Mapping', {
      target: props.handler.function,
      eventSourceArn: this.queue.queueArn,
      batchSize: props.batchSize,
      maxConcurrency: props.concurrency,
      reportBatchItemFailures: true,
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
      ...(props.batchWindow === undefined ? {} : { maxBatchingWindow: props.batchWindow }),
    });
  }
}
