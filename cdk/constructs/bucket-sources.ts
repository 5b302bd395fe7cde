import { type Duration, Stack } from 'aws-cdk-lib';
import { type IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { BucketConfig } from '../config.ts';
import { keyFilter, widest, withEnd } from '../key-patterns.ts';
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
    const keys = [...Map.groupBy(buckets, ({ name }) => name)].flatMap(([name, same]) =>
      widest(same.map(({ prefix }) => prefix)).map((prefix) => ({ name, prefix })),
    );
    this.#admitRules(keys.map(({ name, prefix }) => this.#announce(name, prefix)));
    this.#admit(handler, keys, [...new Set(buckets.flatMap(({ keyArn }) => keyArn ?? []))]);
  }

  /** A rule for each prefix: EventBridge refuses one with several wildcards as too complex. */
  #announce(bucket: string, prefix: string): Rule {
    const key = keyFilter(prefix);
    const rule = new Rule(this, `Created-${bucket}-${prefix}`, {
      description: `davylamp: objects created in ${bucket}/${prefix}`.slice(0, 512),
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        account: [Stack.of(this).account],
        detail: {
          bucket: { name: [bucket] },
          ...(key === undefined ? {} : { object: { key: [key] } }),
        },
      },
    });
    rule.addTarget(this.#target());
    return rule;
  }

  /** As the CDK's own target, which would add a statement with a condition to both queues for each rule. */
  #target(): IRuleTarget {
    const { queue, setAside } = this.objects;
    return { bind: () => ({ arn: queue.queueArn, deadLetterConfig: { arn: setAside.queueArn } }) };
  }

  /** One statement for all rules: a queue's policy takes 20, and 10 conditions ("Amazon SQS policy quotas"). */
  #admitRules(rules: readonly Rule[]): void {
    for (const queue of [this.objects.queue, this.objects.setAside]) {
      queue.addToResourcePolicy(
        new PolicyStatement({
          sid: 'RulesOfThisStack',
          principals: [new ServicePrincipal('events.amazonaws.com')],
          actions: ['sqs:SendMessage'],
          resources: [queue.queueArn],
          // Whole ARNs, which name the account: the guide of EventBridge promises no other key for queues.
          conditions: { ArnEquals: { 'aws:SourceArn': rules.map(({ ruleArn }) => ruleArn) } },
        }),
      );
    }
  }

  #admit(handler: Handler, objects: readonly Pick<BucketConfig, 'name' | 'prefix'>[], keys: readonly string[]): void {
    const { account, partition, region } = Stack.of(this);
    handler.allowMany('Objects', {
      // An object of a versioned bucket is read at the version that its notification names.
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      resources: objects.map(({ name, prefix }) => `arn:${partition}:s3:::${name}/${withEnd(prefix)}`),
      conditions: { StringEquals: { 'aws:ResourceAccount': account } },
      wildcard: 'objects are named by whoever writes the logs',
    });
    if (keys.length === 0) return;
    handler.allow({
      actions: ['kms:Decrypt'],
      resources: [...keys],
      conditions: { StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` } },
    });
  }
}
