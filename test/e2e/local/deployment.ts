import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { ACCOUNT, arn } from './account.ts';
import type { Assembly } from './assembly.ts';
import { Buckets, bucketOptions } from './buckets.ts';
import { CustomResources } from './custom-resources.ts';
import { EventBus, objectCreated } from './event-bus.ts';
import { FailedEvents } from './failed-events.ts';
import { Gateway } from './gateway.ts';
import { at, type Fields, textOf } from './json.ts';
import { Lambdas } from './lambdas.ts';
import { LogGroups } from './log-groups.ts';
import { NetworkInterfaces } from './network-interfaces.ts';
import { QueueMapping } from './queue-mapping.ts';
import { Queues } from './queues.ts';
import { RolePolicies } from './role-policies.ts';
import { Secrets } from './secrets.ts';
import { SecurityHub } from './security-hub.ts';
import { Slack } from './slack.ts';
import { StreamMapping } from './stream-mapping.ts';
import { tableProxy } from './table-proxy.ts';
import { ENGINE_CREDENTIAL, TableStream } from './table-stream.ts';
import { type Resource, Template } from './template.ts';
import { Topics } from './topics.ts';

/** The template on local parts. Nothing moves by itself: what waits is handed on by `settle`, schedules by `bus.runSchedules`. */
export class Deployment {
  readonly template: Template;
  readonly gateway: Gateway;
  readonly policies: RolePolicies;
  readonly queues: Queues;
  readonly topics: Topics;
  readonly buckets: Buckets;
  readonly hub: SecurityHub;
  readonly secrets: Secrets;
  readonly interfaces: NetworkInterfaces;
  readonly lambdas: Lambdas;
  readonly logs: LogGroups;
  readonly bus: EventBus;
  readonly slack: Slack;
  readonly customResources: CustomResources;
  readonly streams: readonly StreamMapping[];
  readonly queueMappings: readonly QueueMapping[];
  /** A client of the table beside the functions, whose calls nobody records. */
  readonly client: DynamoDBClient;
  readonly table: string;

  private constructor(assembly: Assembly, gateway: Gateway, engine: string) {
    const template = Template.read(assembly.template);
    this.template = template;
    this.gateway = gateway;
    this.policies = new RolePolicies(template);
    gateway.authorize = (call) => this.policies.refusal(call);
    this.table = template.only('AWS::DynamoDB::Table').ref;
    this.client = new DynamoDBClient({
      endpoint: engine,
      region: ENGINE_CREDENTIAL.region,
      credentials: { accessKeyId: ENGINE_CREDENTIAL.key, secretAccessKey: 'none' },
    });
    this.queues = new Queues(template, gateway.log);
    this.buckets = new Buckets(gateway);
    for (const one of template.ofType('AWS::S3::Bucket')) this.buckets.add(one.ref, bucketOptions(one));
    this.hub = new SecurityHub(gateway);
    this.secrets = new Secrets(gateway);
    this.interfaces = new NetworkInterfaces(gateway);
    const failed = new FailedEvents(gateway, this.buckets);
    this.lambdas = new Lambdas(template, { gateway, failed, assembly: assembly.folder });
    const policies = this.policies.resources;
    this.topics = new Topics(template, { gateway, queues: this.queues, policies });
    this.logs = new LogGroups({ gateway, policies, lambdas: this.lambdas });
    for (const { name } of template.ofType('AWS::Logs::LogGroup')) this.logs.add(name);
    this.bus = new EventBus(template, { gateway, policies, queues: this.queues, lambdas: this.lambdas });
    this.slack = new Slack(gateway);
    this.customResources = new CustomResources(gateway, this.lambdas);
    for (const { service } of [this.topics, this.buckets, this.hub, this.secrets, this.interfaces])
      gateway.add(service);
    for (const { service } of [this.logs, this.bus, this.slack, this.customResources]) gateway.add(service);
    const keyArn = tableKey(template.only('AWS::DynamoDB::Table'));
    gateway.add(tableProxy(engine, gateway, keyArn));
    const mappings = template.ofType('AWS::Lambda::EventSourceMapping').map((one) => ({ one, fn: this.#target(one) }));
    const isQueue = (one: Resource): boolean =>
      textOf(one.properties['EventSourceArn'], one.logicalId).startsWith('arn:aws:sqs:');
    this.queueMappings = mappings
      .filter(({ one }) => isQueue(one))
      .map(({ one, fn }) => new QueueMapping(one, { fn, queues: this.queues, gateway }));
    this.streams = mappings
      .filter(({ one }) => !isQueue(one))
      .map(({ one, fn }) => {
        const stream = new TableStream(engine, this.table);
        return new StreamMapping(one, { fn, stream, failed, gateway, keyArn });
      });
  }

  /** @param engine the address of DynamoDB Local */
  static async start(assembly: Assembly, engine: string): Promise<Deployment> {
    const gateway = await Gateway.open();
    try {
      const deployment = new Deployment(assembly, gateway, engine);
      await deployment.#createTable();
      return deployment;
    } catch (error) {
      await gateway.close();
      throw error;
    }
  }

  /**
   * What needs the functions: custom resources. Log groups, buckets and secrets that the configuration names must be there.
   * @returns the outputs of the stack
   */
  async createCustomResources(): Promise<Readonly<Record<string, string>>> {
    const answers = new Map<string, Fields>();
    for (const one of this.template.resources.filter(({ type }) => type.startsWith('Custom::'))) {
      answers.set(one.logicalId, await this.customResources.request('Create', one));
    }
    return this.template.outputs(answers);
  }

  /** Stores an object, as another service would, and announces it on the default bus. */
  async store(bucket: string, key: string, content: Buffer | string): Promise<void> {
    const { detail, resources } = objectCreated(bucket, this.buckets.put(bucket, key, content));
    if (!this.buckets.announces(bucket)) return;
    await this.bus.emit('aws.s3', 'Object Created', detail, resources);
  }

  /**
   * Stores an object as the delivery of logs does that an account set up ("Publish flow logs to Amazon S3", VPC user guide).
   * @throws Error where the bucket's policy does not let it
   */
  async deliver(bucket: string, key: string, content: Buffer | string, account = ACCOUNT): Promise<void> {
    const uses = { 's3:GetBucketAcl': bucket, 's3:PutObject': `${bucket}/${key}` };
    for (const [action, resource] of Object.entries(uses)) {
      const refusal = this.policies.resources.refusalTo({
        ...{ service: 'delivery.logs.amazonaws.com', action, resource: arn('s3', resource, 'none') },
        ...{ sourceArn: arn('logs', '*').replace(ACCOUNT, account), sourceAccount: account },
        context: { 's3:x-amz-acl': 'bucket-owner-full-control' },
      });
      if (refusal !== undefined) throw new Error(refusal);
    }
    await this.store(bucket, key, content);
  }

  /**
   * Hands on what waits in streams and queues until nothing moves.
   * @param patient also waits, in the time of the queues, for messages that failed
   */
  async settle({ patient = false }: { readonly patient?: boolean } = {}): Promise<void> {
    for (;;) {
      let moved = 0;
      for (const stream of this.streams) moved += await stream.drain();
      const delivered = await Promise.all(this.queueMappings.map((mapping) => mapping.deliver()));
      moved += delivered.reduce((sum, batches) => sum + batches, 0);
      if (moved > 0) continue;
      if (!patient || !this.#wait()) return;
    }
  }

  /** Takes the table away, so that the engine can hold the next deployment, and ends every process. */
  async remove(): Promise<void> {
    await this.lambdas.close();
    await this.client.send(new DeleteTableCommand({ TableName: this.table }));
    this.client.destroy();
    await this.gateway.close();
  }

  /** Lets time pass until the next hidden message shows itself. */
  #wait(): boolean {
    const times = this.queueMappings.flatMap(({ queue }) => queue.nextVisibleAt ?? []);
    if (times.length === 0) return false;
    this.queues.advance(Math.min(...times) - this.queues.now);
    return true;
  }

  #target({ properties, logicalId }: Resource) {
    const fn = this.lambdas.find(textOf(properties['FunctionName'], logicalId));
    if (fn === undefined) throw new Error(`${logicalId}: its function is not part of the template`);
    return fn;
  }

  async #createTable(): Promise<void> {
    const { properties, logicalId } = this.template.only('AWS::DynamoDB::Table');
    const indexes = [properties['GlobalSecondaryIndexes'] ?? []].flat() as Fields[];
    await this.client.send(
      new CreateTableCommand({
        TableName: this.table,
        ...(properties as Pick<CreateTableCommandInput, 'AttributeDefinitions' | 'KeySchema'>),
        ...{ DeletionProtectionEnabled: undefined, SSESpecification: undefined, OnDemandThroughput: undefined },
        BillingMode: 'PAY_PER_REQUEST',
        GlobalSecondaryIndexes: indexes.map(
          ({ OnDemandThroughput: _, ...index }) =>
            index as unknown as NonNullable<CreateTableCommandInput['GlobalSecondaryIndexes']>[number],
        ),
        StreamSpecification: {
          StreamEnabled: true,
          StreamViewType: textOf(at(properties, 'StreamSpecification', 'StreamViewType'), logicalId) as 'NEW_IMAGE',
        },
      }),
    );
  }
}

/** The key of the customer that a table is encrypted with. @throws TypeError for an encryption that is not understood */
function tableKey({ properties, logicalId }: Resource): string | undefined {
  const encryption = properties['SSESpecification'];
  if (at(encryption, 'SSEEnabled') !== true && encryption !== undefined && at(encryption, 'SSEEnabled') !== false)
    throw new TypeError(`${logicalId}: its encryption is not understood`);
  if (at(encryption, 'SSEEnabled') !== true) return undefined;
  if (at(encryption, 'SSEType') !== 'KMS') throw new TypeError(`${logicalId}: tables are encrypted by KMS alone`);
  return textOf(at(encryption, 'KMSMasterKeyId'), `${logicalId}: the key of the table`);
}
