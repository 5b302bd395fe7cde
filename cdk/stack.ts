import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { SLACK_CONCURRENCY } from '#shared/aws/slack-pace.ts';
import { DUE_INDEX, UNPUBLISHED_INDEX } from '#shared/aws/table.ts';
import { type Config, OWN_LOG_PREFIX, SOURCES, type SourceName } from './config.ts';
import { Alarms } from './constructs/alarms.ts';
import { BucketSources } from './constructs/bucket-sources.ts';
import { Channel, type ChannelProps } from './constructs/channel.ts';
import { Chat } from './constructs/chat.ts';
import { Correlation } from './constructs/correlation.ts';
import { DataKey } from './constructs/data-key.ts';
import { EvidenceTable } from './constructs/evidence-table.ts';
import { FailureStore } from './constructs/failure-store.ts';
import { Handler, type HandlerProps } from './constructs/handler.ts';
import { LogBucket } from './constructs/log-bucket.ts';
import { type LogSource, LogSources, testLogGroup } from './constructs/log-sources.ts';
import { filterFor, Topics } from './constructs/topics.ts';

export interface DavylampStackProps extends StackProps {
  readonly config: Config;
}

const CLASSIFY_TIMEOUT = Duration.minutes(5);
const CHANNEL_TIMEOUT = Duration.minutes(1);
/** Low findings, which are chains without a pool, are for the bus and the daily digest. */
const SECURITY_HUB_FROM = 'Medium';

/** The source whose records make a whole chain without another's: what starts programs. */
const TESTED: SourceName = 'runtime';

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
    const key = config.customerManagedKey ? new DataKey(this, 'DataKey').key : undefined;
    this.#evidence = new EvidenceTable(this, 'Evidence', { retain: config.retainTable, key });
    this.#topics = new Topics(this, 'Topics', config);
    this.#bus = new EventBus(this, 'Findings', { description: 'davylamp: each transition of a finding' });
    this.#failures = new FailureStore(this, 'Failures', { key });
    this.#alarms = new Alarms(this, 'Alarms', { operations: this.#topics.operations });
    this.#buckets();
    this.#sources();
    this.#correlation();
    if (config.slack !== undefined) this.#slack(config.slack);
    if (config.chat !== undefined) this.#chat(config.chat);
    if (config.securityHub) this.#securityHub();
    new CfnOutput(this, 'FindingsTopic', { value: this.#topics.findings.topicArn });
    new CfnOutput(this, 'OperationsTopic', { value: this.#topics.operations.topicArn });
    new CfnOutput(this, 'FailuresBucket', { value: this.#failures.bucket.bucketName });
  }

  /** Log buckets of the stack's own, each made once, whatever number of sources it holds. */
  #buckets(): void {
    const wanted = SOURCES.flatMap((name) => this.#config.sources[name].buckets).filter(({ create }) => create);
    for (const [name, same] of Map.groupBy(wanted, (one) => one.name)) {
      new LogBucket(this, `LogBucket-${name}`, { name, accounts: [...new Set(same.flatMap((one) => one.accounts))] });
    }
  }

  #sources(): void {
    const logs: LogSource[] = [];
    for (const name of this.#used()) {
      const { logGroups, buckets } = this.#config.sources[name];
      const handler = this.#classifier(name);
      logs.push({ handler, logGroups, takesTests: name === TESTED });
      if (buckets.length > 0) {
        const { objects } = new BucketSources(this, `Buckets-${name}`, {
          buckets,
          handler,
          handlerTimeout: CLASSIFY_TIMEOUT,
        });
        this.#alarms.setAside(`objects-${name}`, objects);
      }
      this.#alarms.source(name, handler);
    }
    const reconciler = this.#handler('ReconcileSubscriptions', {
      name: 'reconcile-subscriptions',
      description: 'attaches the sources to their functions',
      memoryMb: 256,
      timeout: Duration.minutes(5),
      environment: this.#tableAndOperations(),
    });
    this.#allowTable(reconciler, ['dynamodb:GetItem', 'dynamodb:UpdateItem']);
    this.#topics.admit(reconciler, this.#topics.operations);
    this.#alarms.scheduled('reconcile-subscriptions', reconciler);
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
    const handler = this.#handler(`Classify-${name}`, {
      name: `classify-${name}`,
      description: `reads logs of source ${name} and stores evidence`,
      memoryMb: 1024,
      timeout: CLASSIFY_TIMEOUT,
      environment: {
        ...this.#tableVariable(),
        DAVYLAMP_ACCOUNT: this.account,
        DAVYLAMP_OWN_LOG_PREFIX: OWN_LOG_PREFIX,
        DAVYLAMP_WINDOW_HOURS: String(this.#config.windowHours),
        ...(name === TESTED ? { DAVYLAMP_TEST_LOG_GROUP: testLogGroup(this) } : {}),
        ...(name === 'flow' && flow.format !== undefined ? { DAVYLAMP_FLOW_FORMAT: flow.format } : {}),
      },
      beforeBundling: (project, output) => [`"${process.execPath}" "${project}/cdk/bundle-rules.ts" "${output}"`],
    });
    this.#allowTable(handler, ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query']);
    handler.allow({
      actions: ['ec2:DescribeNetworkInterfaces'],
      resources: ['*'],
      wildcard: 'EC2 knows no resources for descriptions',
    });
    return handler;
  }

  #handler(id: string, props: Omit<HandlerProps, 'tracing'>): Handler {
    return new Handler(this, id, { ...props, tracing: this.#config.tracing });
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
    const correlate = this.#handler('Correlate', {
      name: 'correlate',
      description: 'folds evidence into findings and publishes their transitions',
      memoryMb: 1024,
      timeout: Duration.minutes(2),
      environment,
    });
    const sweep = this.#handler('Sweep', {
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
    this.#alarms.scheduled('sweep', sweep);
  }

  #slack({ secretName, keyArn, minimumSeverity }: NonNullable<Config['slack']>): void {
    const handler = this.#handler('NotifySlack', {
      name: 'notify-slack',
      description: 'tells a Slack channel of findings',
      memoryMb: 256,
      timeout: CHANNEL_TIMEOUT,
      environment: { ...this.#tableAndOperations(), DAVYLAMP_SLACK_SECRET: secretName },
    });
    handler.allow({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [`arn:${this.partition}:secretsmanager:${this.region}:${this.account}:secret:${secretName}-??????`],
    });
    if (keyArn !== undefined) {
      handler.allow({
        actions: ['kms:Decrypt'],
        resources: [keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${this.region}.amazonaws.com` } },
      });
    }
    this.#topics.admit(handler, this.#topics.operations);
    this.#channel('Slack', handler, { filter: filterFor('chat', minimumSeverity) });
  }

  #chat({ workspaceId, channelId, minimumSeverity }: NonNullable<Config['chat']>): void {
    const topic = this.#topics.topic('Chat', 'davylamp chat');
    new Chat(this, 'Chat', { topic, workspaceId, channelId });
    const handler = this.#handler('NotifyChat', {
      name: 'notify-chat',
      description: 'tells Amazon Q Developer in chat applications of findings',
      memoryMb: 256,
      timeout: CHANNEL_TIMEOUT,
      environment: {
        ...this.#tableVariable(),
        DAVYLAMP_CHAT_TOPIC_ARN: topic.topicArn,
        DAVYLAMP_SOURCES: this.#sourceFormats(),
      },
    });
    this.#topics.admit(handler, topic);
    this.#channel('ChatMessages', handler, { filter: filterFor('chat', minimumSeverity) });
  }

  #securityHub(): void {
    const handler = this.#handler('ImportSecurityHub', {
      name: 'import-security-hub',
      description: 'imports findings into Security Hub CSPM',
      memoryMb: 256,
      timeout: CHANNEL_TIMEOUT,
      environment: {
        ...this.#tableAndOperations(),
        DAVYLAMP_ACCOUNT: this.account,
        DAVYLAMP_SOURCES: this.#sourceFormats(),
      },
    });
    handler.allow({
      actions: ['securityhub:BatchImportFindings'],
      resources: [`arn:${this.partition}:securityhub:${this.region}:${this.account}:product/${this.account}/default`],
    });
    this.#topics.admit(handler, this.#topics.operations);
    this.#channel('SecurityHub', handler, { filter: filterFor('machines', SECURITY_HUB_FROM) });
  }

  #channel(id: string, handler: Handler, told: Pick<ChannelProps, 'filter'>): void {
    this.#allowTable(handler, ['dynamodb:GetItem', 'dynamodb:UpdateItem']);
    const { messages } = new Channel(this, id, {
      ...told,
      findings: this.#topics.findings,
      handler,
      handlerTimeout: CHANNEL_TIMEOUT,
      // Batches are what joins findings to few messages.
      batchSize: 10,
      batchWindow: Duration.seconds(5),
      // Slack's containers share its pace by this number; for the other channels it is as good as any.
      concurrency: SLACK_CONCURRENCY,
    });
    this.#alarms.setAside(id, messages);
  }

  #tableAndOperations(): Record<string, string> {
    return { ...this.#tableVariable(), DAVYLAMP_OPERATIONS_TOPIC_ARN: this.#topics.operations.topicArn };
  }

  /** Sources of which the configuration names anything; the others have no function. */
  #used(): readonly SourceName[] {
    return SOURCES.filter((name) => {
      const { logGroups, buckets } = this.#config.sources[name];
      return logGroups.length + buckets.length > 0;
    });
  }

  /** What findings say was read, also where nothing was found in it. */
  #sourceFormats(): string {
    return this.#used()
      .map((name) => SOURCE_FORMATS[name])
      .join(',');
  }

  #tableVariable(): Record<string, string> {
    return { DAVYLAMP_TABLE: this.#evidence.table.tableName };
  }

  #allowTable(handler: Handler, actions: readonly string[]): void {
    handler.allow({ actions, resources: [this.#evidence.table.tableArn] });
  }
}
