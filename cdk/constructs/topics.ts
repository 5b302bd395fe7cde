import { Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { DELIVERIES } from '#shared/aws/publisher.ts';
import { compareSeverity, SEVERITIES, type Severity } from '#shared/model/groups.ts';
import type { Handler } from './handler.ts';

/** The filter policy of a subscription that is told of findings from a severity on. */
export function filterFor(audience: keyof typeof DELIVERIES, minimum: Severity): Record<string, SubscriptionFilter> {
  const severities = SEVERITIES.filter((severity) => compareSeverity(severity, minimum) >= 0);
  return {
    severity: SubscriptionFilter.stringFilter({ allowlist: severities }),
    delivery: SubscriptionFilter.stringFilter({ allowlist: [...DELIVERIES[audience]] }),
  };
}

export interface Subscriber {
  readonly address: string;
  readonly minimumSeverity: Severity;
}

export interface TopicsProps {
  readonly email: readonly Subscriber[];
  readonly operationsEmail: readonly string[];
}

/**
 * One topic for findings and one for operations, so that a broken channel never feeds itself. Both are encrypted with a key
 * of their own, since CloudWatch may not use the one of SNS, and take messages from named principals over TLS only.
 */
export class Topics extends Construct {
  readonly key: Key;
  readonly findings: Topic;
  readonly operations: Topic;
  readonly #publishers = new Map<Topic, string[]>();

  constructor(scope: Construct, id: string, { email, operationsEmail }: TopicsProps) {
    super(scope, id);
    this.key = new Key(this, 'Key', {
      description: 'davylamp: messages',
      enableKeyRotation: true,
      // Nothing is kept that it encrypts: messages pass.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.findings = this.topic('Findings', 'davylamp findings');
    this.operations = this.topic('Operations', 'davylamp operations');
    this.#admitAlarms();
    for (const { address, minimumSeverity } of email) {
      const filterPolicy = filterFor('people', minimumSeverity);
      this.findings.addSubscription(new EmailSubscription(address, { filterPolicy }));
    }
    for (const address of operationsEmail) this.operations.addSubscription(new EmailSubscription(address));
  }

  /** A topic with the key and the guard of the others, to which nobody is admitted yet. */
  topic(id: string, displayName: string): Topic {
    const topic = new Topic(this, id, { displayName, masterKey: this.key });
    this.#guard(topic);
    return topic;
  }

  /** Lets `handler` publish to `topic`: in its own role, in the topic's policy, and with the topic's key. */
  admit(handler: Handler, topic: Topic): void {
    this.#publishers.get(topic)?.push(handler.role.roleArn);
    handler.allow({ actions: ['sns:Publish'], resources: [topic.topicArn] });
    // Publishing to an encrypted topic makes a data key and reads it back, as the publisher.
    handler.allow({
      actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
      resources: [this.key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `sns.${Stack.of(this).region}.amazonaws.com` } },
    });
  }

  /** An alarm's message is published by CloudWatch itself, which needs the key and the topic. */
  #admitAlarms(): void {
    const { account, partition, region } = Stack.of(this);
    const cloudWatch = new ServicePrincipal('cloudwatch.amazonaws.com');
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals: [cloudWatch],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    );
    this.operations.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals: [cloudWatch],
        actions: ['sns:Publish'],
        resources: [this.operations.topicArn],
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': `arn:${partition}:cloudwatch:${region}:${account}:alarm:*` },
        },
      }),
    );
  }

  #guard(topic: Topic): void {
    const publishers: string[] = [];
    this.#publishers.set(topic, publishers);
    const deny = (sid: string, actions: string[], conditions: Readonly<Record<string, unknown>>): void => {
      topic.addToResourcePolicy(
        new PolicyStatement({
          sid,
          effect: Effect.DENY,
          principals: [new AnyPrincipal()],
          actions,
          resources: [topic.topicArn],
          conditions,
        }),
      );
    };
    deny('OnlyOverTls', ['sns:Publish', 'sns:Subscribe'], { Bool: { 'aws:SecureTransport': 'false' } });
    deny('OnlyNamedPublishers', ['sns:Publish'], {
      ArnNotEquals: { 'aws:PrincipalArn': Lazy.list({ produce: () => publishers }) },
      Bool: { 'aws:PrincipalIsAWSService': 'false' },
    });
    deny('OnlyThisAccountSubscribes', ['sns:Subscribe'], {
      StringNotEquals: { 'aws:PrincipalAccount': Stack.of(this).account },
      // Amazon Q Developer subscribes with its service-linked role, which is this account's (its administrator guide, "Using
      // service-linked roles"). Should a service call as itself, it carries no account, and the first condition alone would
      // refuse it.
      Bool: { 'aws:PrincipalIsAWSService': 'false' },
    });
  }
}
