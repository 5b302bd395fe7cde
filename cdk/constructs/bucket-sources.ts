import { type Duration, Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { BucketConfig } from '../config.ts';
import { HandledQueue } from './handled-queue.ts';
import type { Handler } from './handler.ts';

export interface BucketSourcesProps {
  readonly buckets: readonly BucketConfig[];
  readonly handler: Handler;
  readonly handlerTimeout: Duration;
}

/**
 * Objects that other services write to buckets of this account and region, announced by EventBridge: the notification
 * configuration of an existing bucket belongs to its owner and is never touched.
 */
export class BucketSources extends Construct {
  readonly objects: HandledQueue;

  constructor(scope: Construct, id: string, { buckets, handler, handlerTimeout }: BucketSourcesProps) {
    super(scope, id);
    this.objects = new HandledQueue(this, 'Objects', {
      handler,
      handlerTimeout,
      batchSize: 5,
      concurrency: 5,
      deliveries: 4,
    });
    for (const { name, prefix, keyArn } of buckets) {
      const rule = new Rule(this, `Created-${name}-${prefix}`, {
        description: `davylamp: objects created in ${name}/${prefix}`,
        eventPattern: {
          source: ['aws.s3'],
          detailType: ['Object Created'],
          account: [Stack.of(this).account],
          detail: {
            bucket: { name: [name] },
            ...(prefix === '' ? {} : { object: { key: [{ prefix }] } }),
          },
        },
      });
      rule.addTarget(new SqsQueue(this.objects.queue));
      this.#admit(handler, name, prefix, keyArn);
    }
  }

  #admit(handler: Handler, bucket: string, prefix: string, keyArn: string | undefined): void {
    const { account, partition, region } = Stack.of(this);
    handler.allow({
      actions: ['s3:GetObject'],
      resources: [`arn:${partition}:s3:::${bucket}/${prefix}*`],
      conditions: { StringEquals: { 'aws:ResourceAccount': account } },
      wildcard: 'objects are named by whoever writes the logs',
    });
    if (keyArn === undefined) return;
    handler.allow({
      actions: ['kms:Decrypt'],
      resources: [keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` } },
    });
  }
}
