import { fileURLToPath } from 'node:url';
import { type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IRole, ManagedPolicy, Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  type CfnFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { BUNDLING, type FunctionName } from '../bundling.ts';
import { OWN_LOG_PREFIX } from '../config.ts';
import { acknowledgeWildcard } from './acknowledge.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface HandlerProps {
  /** Name of the file in `functions/`, and of the log group. */
  readonly name: FunctionName;
  readonly description: string;
  readonly memoryMb: number;
  readonly timeout: Duration;
  readonly environment: Readonly<Record<string, string>>;
  /** Whether invocations are sampled for X-Ray; the code needs nothing for it. */
  readonly tracing: boolean;
  /** Commands that make what the bundle holds besides code, given the project's and the output's folder. */
  readonly beforeBundling?: (project: string, output: string) => string[];
}

export interface Permission {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, unknown>>;
  /** Needed where a resource holds a wildcard: why it does. */
  readonly wildcard?: string;
}

/**
 * One Lambda function: bundled with the SDK that its tests ran with, its own log group (so that its role can't create
 * any) and a role that holds nothing but the statements given here.
 */
export class Handler extends Construct {
  readonly function: NodejsFunction;
  readonly role: IRole;
  readonly logGroup: LogGroup;
  readonly #policy: Policy;
  readonly #name: string;

  constructor(scope: Construct, id: string, props: HandlerProps) {
    super(scope, id);
    this.#name = props.name;
    this.logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `${OWN_LOG_PREFIX}${Stack.of(this).stackName}/${props.name}`,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `davylamp: ${props.name}`,
    });
    this.#policy = new Policy(this, 'Policy', { roles: [this.role] });
    this.allow({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [this.logGroup.logGroupArn],
    });
    this.function = new NodejsFunction(this, 'Function', {
      entry: `${ROOT}functions/${props.name}.ts`,
      projectRoot: ROOT,
      depsLockFilePath: `${ROOT}package-lock.json`,
      description: `davylamp: ${props.description}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMb,
      timeout: props.timeout,
      role: this.role,
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
      // Lambda's lines at start and end are as much as the function's own; no alarm and no metric is made of them. Lines of
      // metrics carry no level and count as INFO (Lambda guide, "Log-level filtering"): above it, they would be dropped.
      systemLogLevelV2: SystemLogLevel.WARN,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      awsSdkConnectionReuse: false,
      environment: {
        ...props.environment,
        POWERTOOLS_SERVICE_NAME: 'davylamp',
        POWERTOOLS_METRICS_NAMESPACE: 'davylamp',
        NODE_OPTIONS: '--enable-source-maps',
      },
      bundling: {
        format: OutputFormat.ESM,
        bundleAwsSDK: true,
        ...BUNDLING,
        ...(props.beforeBundling === undefined
          ? {}
          : {
              commandHooks: {
                beforeBundling: props.beforeBundling,
                beforeInstall: () => [],
                afterBundling: () => [],
              },
            }),
      },
    });
    if (props.tracing) this.#trace();
    // A trigger that is made with the function must find what its role may do.
    this.function.node.addDependency(this.#policy);
  }

  get name(): string {
    return this.function.functionName;
  }

  allow(permission: Permission): void {
    const { resources, wildcard } = permission;
    this.#policy.addStatements(statementOf(permission));
    if (wildcard === undefined) return;
    for (const resource of resources) acknowledgeWildcard(this.#policy, resource, wildcard);
  }

  /** As `allow`, for more resources than the role's own policy holds: a few policies of their own take them. */
  allowMany(id: string, permission: Permission): void {
    const { wildcard } = permission;
    for (const [at, chunk] of chunksBySize(permission.resources).entries()) {
      const policy = new ManagedPolicy(this, `${id}${at}`, {
        description: `davylamp: ${this.#name}`,
        statements: [statementOf({ ...permission, resources: chunk })],
        roles: [this.role],
      });
      this.function.node.addDependency(policy);
      if (wildcard === undefined) continue;
      for (const resource of chunk) acknowledgeWildcard(policy, resource, wildcard);
    }
  }

  #trace(): void {
    const resource = this.function.node.defaultChild as CfnFunction;
    resource.tracingConfig = { mode: 'Active' };
    this.allow({
      actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
      resources: ['*'],
      wildcard: 'X-Ray knows no resources for these actions',
    });
  }
}

function statementOf({ actions, resources, conditions }: Permission): PolicyStatement {
  return new PolicyStatement({
    actions: [...actions],
    resources: [...resources],
    ...(conditions === undefined ? {} : { conditions }),
  });
}

/** IAM takes 6,144 characters in a managed policy, without white space. */
const POLICY_CHARACTERS = 5_500;

/** `resources` in order, in as few lists as policies of them take. */
function chunksBySize(resources: readonly string[]): string[][] {
  const chunks: string[][] = [];
  let room = 0;
  for (const resource of resources) {
    const needed = resource.length + 3;
    if (needed > room) {
      chunks.push([]);
      room = POLICY_CHARACTERS;
    }
    room -= needed;
    chunks.at(-1)?.push(resource);
  }
  return chunks;
}
