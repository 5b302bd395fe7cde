import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { DUE_INDEX, UNPUBLISHED_INDEX } from '#shared/aws/table.ts';
import { type Config, OWN_LOG_PREFIX, SOURCES, type SourceName } from './config.ts';
import { Alarms } from './constructs/alarms.ts';
import { BucketSources } from './constructs/bucket-sources.ts';
import { Channel } from './constructs/channel.ts';
import { Correlation } from './constructs/correlation.ts';
import { DataKey } from './constructs/data-key.ts';
import { EvidenceTable } from './constructs/evidence-table.ts';
import { FailureStore } from './constructs/failure-store.ts';
import { Handler } from './constructs/handler.ts';
import { type LogSource, LogSources } from './constructs/log-sources.ts';
import { Topics } from './constructs/topics.ts';

export interface DavylampStackProps extends StackProps {
  readonly config: Config;
}

const CLASSIFY_TIMEOUT = Duration.minutes(5);
const CHANNEL_TIMEOUT = Duration.minutes(1);

/** Names of formats as readers give them; process telemetry may be of several, told apart line by line. */
const SOURCE_FORMATS: Readonly<Record<SourceName, string>> = { runtime: 'runtime', flow: 'vpc-flow', dns: 'resolver' };

/** The deployed chain, in the order in which a record travels it: sources, evidence, correlation, channels, alarms. */
export class DavylampStack extends Stack {
  readonly #config: Config;
  readonly #evidence: EvidenceTable;
  readonly #topics: Topics;
  readonly #bus: EventBus;
  readonly #failures: FailureStore;
  readonly #alarms: Alarms;

  constructor(scope: Construct, id: string, { config, ...props }: DavylampStackProps) {
    super(scope, id, props);
    this.#config = config;
    const key = config.customerManagedKey
      ? new DataKey(this, 'DataKey', { retain: config.retainTable }).key
      : undefined;
    this.#evidence = new EvidenceTable(this, 'Evidence', { retain: config.retainTable, key });
    this.#topics = new Topics(this, 'Topics', config);
    this.#bus = new EventBus(this, 'Findings', { description: 'davylamp: each transition of a finding' });
    this.#failures = new FailureStore(this, 'Failures', { key });
    this.#alarms = new Alarms(this, 'Alarms', { operations: this.#topics.operations });
    this.#sources();
    this.#correlation();
    if (config.slack !== undefined) this.#slack(config.slack.secretName);
    if (config.securityHub) this.#securityHub();
    new CfnOutput(this, 'FindingsTopic', { value: this.#topics.findings.topicArn });
    new CfnOutput(this, 'OperationsTopic', { value: this.#topics.operations.topicArn });
    new CfnOutput(this, 'FailuresBucket', { value: this.#failures.bucket.bucketName });
  }

  #sources(): void {
    const logs: LogSource[] = [];
    for (const name of SOURCES) {
      const { logGroups, buckets } = this.#config.sources[name];
      const handler = this.#classifier(name);
      logs.push({ handler, logGroups });
      if (buckets.length > 0) {
        const { objects } = new BucketSources(this, `Buckets-${name}`, {
          buckets,
          handler,
          handlerTimeout: CLASSIFY_TIMEOUT,
        });
        this.#alarms.setAside(`objects-${name}`, objects);
      }
      this.#alarms.source(name, handler, logGroups.length + buckets.length > 0);
    }
    const reconciler = new Handler(this, 'ReconcileSubscriptions', {
      name: 'reconcile-subscriptions',
      description: 'attaches the sources to their functions',
      memoryMb: 256,
      timeout: Duration.minutes(5),
      environment: { DAVYLAMP_OPERATIONS_TOPIC_ARN: this.#topics.operations.topicArn },
    });
    this.#topics.admit(reconciler, this.#topics.operations);
    const subscribed = new LogSources(this, 'LogSources', { sources: logs, reconciler, failures: this.#failures });
    for (const { logGroups } of logs) {
      for (const group of logGroups) this.#alarms.subscription(group, subscribed.filterName);
    }
    new CfnOutput(this, 'SourceWarnings', {
      value: subscribed.warnings,
      description: 'Log groups that could not be attached, and why',
    });
  }

  #classifier(name: SourceName): Handler {
    const { flow } = this.#config.sources;
    const handler = new Handler(this, `Classify-${name}`, {
      name: `classify-${name}`,
      description: `reads logs of source ${name} and stores evidence`,
      memoryMb: 1024,
      timeout: CLASSIFY_TIMEOUT,
      environment: {
        ...this.#tableVariable(),
        DAVYLAMP_ACCOUNT: this.account,
        DAVYLAMP_OWN_LOG_PREFIX: OWN_LOG_PREFIX,
        DAVYLAMP_WINDOW_HOURS: String(this.#config.windowHours),
        ...(name === 'flow' && flow.format !== undefined ? { DAVYLAMP_FLOW_FORMAT: flow.format } : {}),
      },
      beforeBundling: (project, output) => [`"${process.execPath}" "${project}/cdk/bundle-rules.ts" "${output}"`],
    });
    this.#allowTable(handler, ['dynamodb:GetItem', 'dynamodb:PutItem']);
    return handler;
  }

  #correlation(): void {
    const { findings } = this.#topics;
    const environment = {
      ...this.#tableVariable(),
      DAVYLAMP_WINDOW_HOURS: String(this.#config.windowHours),
      DAVYLAMP_FINDINGS_TOPIC_ARN: findings.topicArn,
      DAVYLAMP_EVENT_BUS: this.#bus.eventBusName,
      DAVYLAMP_SOURCES: this.#sourceFormats(),
    };
    const correlate = new Handler(this, 'Correlate', {
      name: 'correlate',
      description: 'folds evidence into findings and publishes their transitions',
      memoryMb: 1024,
      timeout: Duration.minutes(2),
      environment,
    });
    const sweep = new Handler(this, 'Sweep', {
      name: 'sweep',
      description: 'publishes what was left unpublished and ends episodes that are due',
      memoryMb: 512,
      timeout: Duration.minutes(4),
      environment,
    });
    for (const handler of [correlate, sweep]) {
      this.#allowTable(handler, ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:Query']);
      this.#topics.admit(handler, findings);
      handler.allow({ actions: ['events:PutEvents'], resources: [this.#bus.eventBusArn] });
    }
    sweep.allow({
      actions: ['dynamodb:Query'],
      resources: [UNPUBLISHED_INDEX, DUE_INDEX].map((index) => this.#evidence.indexArn(index)),
    });
    const { mapping } = new Correlation(this, 'Correlation', {
      evidence: this.#evidence,
      correlate,
      sweep,
      failures: this.#failures,
    });
    this.#alarms.stream(correlate, mapping);
    this.#alarms.failing('sweep', sweep);
  }

  #slack(secretName: string): void {
    const handler = new Handler(this, 'NotifySlack', {
      name: 'notify-slack',
      description: 'tells a Slack channel of findings',
      memoryMb: 256,
      timeout: CHANNEL_TIMEOUT,
      environment: { ...this.#channelVariables(), DAVYLAMP_SLACK_SECRET: secretName },
    });
    handler.allow({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [`arn:${this.partition}:secretsmanager:${this.region}:${this.account}:secret:${secretName}-??????`],
    });
    this.#channel('Slack', handler, { batchSize: 10, batchWindow: Duration.seconds(5), concurrency: 2 });
  }

  #securityHub(): void {
    const handler = new Handler(this, 'ImportSecurityHub', {
      name: 'import-security-hub',
      description: 'imports findings into Security Hub CSPM',
      memoryMb: 256,
      timeout: CHANNEL_TIMEOUT,
      environment: {
        ...this.#channelVariables(),
        DAVYLAMP_ACCOUNT: this.account,
        DAVYLAMP_SOURCES: this.#sourceFormats(),
      },
    });
    handler.allow({
      actions: ['securityhub:BatchImportFindings'],
      resources: [`arn:${this.partition}:securityhub:${this.region}:${this.account}:product/${this.account}/default`],
    });
    this.#channel('SecurityHub', handler, { batchSize: 10, batchWindow: Duration.seconds(5), concurrency: 2 });
  }

  #channel(
    id: string,
    handler: Handler,
    pace: { readonly batchSize: number; readonly batchWindow: Duration; readonly concurrency: number },
  ): void {
    this.#allowTable(handler, ['dynamodb:GetItem', 'dynamodb:UpdateItem']);
    this.#topics.admit(handler, this.#topics.operations);
    const { messages } = new Channel(this, id, {
      findings: this.#topics.findings,
      handler,
      handlerTimeout: CHANNEL_TIMEOUT,
      ...pace,
    });
    this.#alarms.setAside(id, messages);
  }

  #channelVariables(): Record<string, string> {
    return { ...this.#tableVariable(), DAVYLAMP_OPERATIONS_TOPIC_ARN: this.#topics.operations.topicArn };
  }

  /** What findings say was read, also where nothing was found in it. */
  #sourceFormats(): string {
    const used = SOURCES.filter((name) => {
      const { logGroups, buckets } = this.#config.sources[name];
      return logGroups.length + buckets.length > 0;
    });
    return used.map((name) => SOURCE_FORMATS[name]).join(',');
  }

  #tableVariable(): Record<string, string> {
    return { DAVYLAMP_TABLE: this.#evidence.table.tableName };
  }

  #allowTable(handler: Handler, actions: readonly string[]): void {
    handler.allow({ actions, resources: [this.#evidence.table.tableArn] });
  }
}
