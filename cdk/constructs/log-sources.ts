import { CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { TEST_LOG_PREFIX } from '#shared/model/place.ts';
import type { FailureStore } from './failure-store.ts';
import type { Handler } from './handler.ts';

/** How long a log group that is created after a deployment waits for its subscription. */
const EVERY = Duration.hours(1);
/** Longer than the reconciler may run, so that its own answer and never a timeout ends a deployment. */
const PATIENCE = Duration.minutes(6);

export interface LogSource {
  readonly handler: Handler;
  readonly logGroups: readonly string[];
  /** Takes test chains too, by a log group of the stack's own. */
  readonly takesTests?: boolean;
}

/** The stack's log group for test chains: of one stack alone, so that two in a region don't answer each other's tests. */
export const testLogGroup = (stack: Stack): string => `${TEST_LOG_PREFIX}${stack.stackName}`;

export interface LogSourcesProps {
  readonly sources: readonly LogSource[];
  readonly reconciler: Handler;
  readonly failures: FailureStore;
}

/**
 * Subscriptions of named log groups. One custom resource attaches and removes them all: a group that is missing or has no
 * room must not fail a deployment, and CloudFormation's own resource would. A schedule attaches what was missing then: it
 * reads what the last deployment wanted from the table, since the input of a target ends at 8,192 characters ("Amazon
 * EventBridge quotas").
 */
export class LogSources extends Construct {
  readonly filterName: string;
  /** What could not be attached, in words; empty when all is well. */
  readonly warnings: string;

  constructor(scope: Construct, id: string, { sources, reconciler, failures }: LogSourcesProps) {
    super(scope, id);
    this.filterName = Stack.of(this).stackName;
    const tests = sources.some(({ takesTests }) => takesTests === true) ? [this.#testGroup()] : [];
    const attached = sources.map(({ handler, logGroups, takesTests }) => ({
      handler,
      logGroups: takesTests === true ? [...logGroups, testLogGroup(Stack.of(this))] : logGroups,
    }));
    this.#admitReconciler(reconciler, attached);
    const subscriptions = new CustomResource(this, 'Subscriptions', {
      resourceType: 'Custom::LogSubscriptions',
      serviceToken: reconciler.function.functionArn,
      serviceTimeout: PATIENCE,
      properties: {
        FilterName: this.filterName,
        Subscriptions: attached.flatMap(({ handler, logGroups }) =>
          logGroups.map((group) => ({ LogGroupName: group, DestinationArn: handler.function.functionArn })),
        ),
      },
    });
    // It is there before it is attached, and loses its filter before it goes.
    for (const group of tests) subscriptions.node.addDependency(group);
    for (const { handler } of sources) {
      subscriptions.node.addDependency(this.#admitLogs(handler));
      handler.function.configureAsyncInvoke(failures.forInvocations(handler));
    }
    // Nothing of it is kept: a schedule's event says nothing, and a deployment's is of use to no one once CloudFormation has
    // given up: tried later, it would attach what was rolled back. An alarm tells of both.
    reconciler.function.configureAsyncInvoke({ maxEventAge: PATIENCE, retryAttempts: 2 });
    this.warnings = subscriptions.getAttString('Warnings');
    if (attached.some(({ logGroups }) => logGroups.length > 0)) this.#attachLater(reconciler);
  }

  /** Whoever may write to it can make findings that say they are tests, and no others. */
  #testGroup(): LogGroup {
    return new LogGroup(this, 'TestChain', {
      logGroupName: testLogGroup(Stack.of(this)),
      retention: RetentionDays.ONE_WEEK,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  #attachLater(reconciler: Handler): void {
    const rule = new Rule(this, 'AttachLater', {
      description: 'davylamp: attaches log groups that were created, or lost their filter, after the deployment',
      schedule: Schedule.rate(EVERY),
    });
    const event = RuleTargetInput.fromObject({ kind: 'reconcile' });
    rule.addTarget(new LambdaFunction(reconciler.function, { event, retryAttempts: 2 }));
  }

  /** One permission for all groups: a permission for each would fill the function's policy at some forty. */
  #admitLogs(handler: Handler): CfnPermission {
    const { account } = Stack.of(this);
    return new CfnPermission(handler, 'LogsMayInvoke', {
      action: 'lambda:InvokeFunction',
      functionName: handler.function.functionArn,
      principal: 'logs.amazonaws.com',
      sourceAccount: account,
      sourceArn: this.#groupArn('*'),
    });
  }

  #admitReconciler(reconciler: Handler, sources: readonly LogSource[]): void {
    reconciler.allow({
      actions: ['logs:DescribeSubscriptionFilters', 'logs:DeleteSubscriptionFilter'],
      resources: [this.#groupArn('*')],
      wildcard: 'a group that left the configuration must lose its filter, and is named nowhere any more',
    });
    const groups = sources.flatMap(({ logGroups }) => logGroups);
    // With `:*`: "to refer to the ARN when specifying permissions in IAM policies for all other API actions" than those of
    // tags (CloudWatch Logs user guide, "Overview of managing access permissions to your CloudWatch Logs resources").
    reconciler.allowMany('Groups', {
      actions: ['logs:PutSubscriptionFilter'],
      resources: groups.map((group) => this.#groupArn(`${group}:*`)),
      wildcard: 'log group ARNs in policies end with :*, which stands for no other group',
    });
  }

  #groupArn(rest: string): string {
    const { account, partition, region } = Stack.of(this);
    return `arn:${partition}:logs:${region}:${account}:log-group:${rest}`;
  }
}
