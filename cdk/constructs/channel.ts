import type { Duration } from 'aws-cdk-lib';
import type { SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { HandledQueue } from './handled-queue.ts';
import type { Handler } from './handler.ts';

export interface ChannelProps {
  readonly findings: Topic;
  /** What the channel is told. */
  readonly filter: Record<string, SubscriptionFilter>;
  readonly handler: Handler;
  readonly handlerTimeout: Duration;
  readonly batchSize: number;
  readonly batchWindow: Duration;
  readonly concurrency: number;
}

/**
 * A channel that findings leave by: a queue that is subscribed to their topic, so that a channel that is down holds up
 * none of the others, and a function that empties it.
 */
export class Channel extends Construct {
  readonly messages: HandledQueue;

  constructor(scope: Construct, id: string, { findings, filter, ...props }: ChannelProps) {
    super(scope, id);
    this.messages = new HandledQueue(this, 'Messages', { ...props, deliveries: 8 });
    findings.addSubscription(
      new SqsSubscription(this.messages.queue, {
        rawMessageDelivery: true,
        filterPolicy: filter,
        deadLetterQueue: this.messages.setAside,
      }),
    );
  }
}
