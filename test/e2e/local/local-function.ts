import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { arn, REGION, STACK } from './account.ts';
import { FunctionProcess, type Outcome } from './function-process.ts';
import type { Gateway } from './gateway.ts';
import { at, fieldsOf, numberOf, textOf } from './json.ts';
import type { Resource } from './template.ts';

/** Largest event and answer of an invocation that is waited for ("Lambda quotas"). */
const MOST_BYTES = 6 * 1024 * 1024;

/** Lambda developer guide, "Visualize Lambda function invocations using AWS X-Ray". */
const TRACES = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];
const TRACE = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';

interface Settings {
  readonly gateway: Gateway;
  /** The folder of the synthesized assembly, in which the bundles lie. */
  readonly assembly: string;
  /** How much later the function lives than the machine. */
  readonly clockOffsetMs: () => number;
}

/** A function of the template: its bundle in processes with the memory, timeout and environment that the template gives. */
export class LocalFunction {
  readonly logicalId: string;
  readonly arn: string;
  readonly name: string;
  /** Every line that the function wrote, of all processes. */
  readonly lines: string[] = [];
  /** How long each process took to be ready, in milliseconds. */
  readonly coldStarts: number[] = [];
  readonly #settings: Settings;
  readonly #memoryMb: number;
  readonly #timeoutMs: number;
  readonly #variables: Readonly<Record<string, string>>;
  readonly #handler: { readonly file: string; readonly name: string };
  readonly #logGroup: string;
  readonly #isTraced: boolean;
  #processes: FunctionProcess[] = [];

  constructor(resource: Resource, settings: Settings) {
    const { logicalId, properties } = resource;
    this.logicalId = logicalId;
    this.arn = resource.attribute('Arn');
    this.name = resource.ref;
    this.#settings = settings;
    this.#memoryMb = numberOf(properties['MemorySize'], `${logicalId}.MemorySize`);
    this.#timeoutMs = numberOf(properties['Timeout'], `${logicalId}.Timeout`) * 1000;
    const variables = fieldsOf(at(properties, 'Environment', 'Variables') ?? {}, `${logicalId}.Environment`);
    this.#variables = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, textOf(value, `${logicalId}.Environment.${name}`)]),
    );
    const runtime = textOf(properties['Runtime'], `${logicalId}.Runtime`);
    const major = process.versions.node.split('.')[0];
    if (runtime !== `nodejs${major}.x`)
      throw new Error(`${logicalId} runs on ${runtime}, these tests on Node ${major}`);
    this.#handler = handlerOf(
      bundleFolder(settings.assembly, textOf(at(properties, 'Code', 'S3Key'), `${logicalId}.Code.S3Key`)),
      textOf(properties['Handler'], `${logicalId}.Handler`),
    );
    this.#isTraced = isTraced(at(properties, 'TracingConfig', 'Mode'), logicalId);
    this.#logGroup = textOf(at(properties, 'LoggingConfig', 'LogGroup'), `${logicalId}: its log group`);
  }

  /** Folder and file of the bundle. */
  get bundle(): string {
    return this.#handler.file;
  }

  /** Invokes a process that is idle, or a new one, as Lambda does. */
  async invoke(event: unknown): Promise<Outcome> {
    this.#processes = this.#processes.filter((one) => !one.ended);
    const idle = this.#processes.find((one) => !one.busy) ?? this.#start();
    idle.busy = true;
    try {
      if (Buffer.byteLength(JSON.stringify(event)) > MOST_BYTES)
        return {
          error: { errorType: 'RequestTooLarge', errorMessage: `the event is larger than ${MOST_BYTES} bytes` },
        };
      const isNew = Number.isNaN(idle.initMs);
      // Lambda itself sends what it saw of the invocation, as the function.
      for (const action of this.#isTraced ? TRACES : []) this.#settings.gateway.onBehalf(this.logicalId, action, ['*']);
      const outcome = await idle.invoke(event, this.#context(), this.#timeoutMs);
      if (isNew && !Number.isNaN(idle.initMs)) this.coldStarts.push(idle.initMs);
      return outcome;
    } finally {
      idle.busy = false;
    }
  }

  /** Ends all processes: the next event finds the function cold. */
  async close(): Promise<void> {
    const open = this.#processes;
    this.#processes = [];
    await Promise.all(open.map((one) => one.close()));
  }

  #start(): FunctionProcess {
    const { gateway, clockOffsetMs } = this.#settings;
    const stream = randomUUID();
    const writes = (action: string): void =>
      gateway.onBehalf(this.logicalId, action, [arn('logs', `log-group:${this.#logGroup}:log-stream:${stream}`)]);
    writes('logs:CreateLogStream');
    let wrote = false;
    const started = new FunctionProcess({
      file: this.#handler.file,
      handler: this.#handler.name,
      memoryMb: this.#memoryMb,
      clockOffsetMs: clockOffsetMs(),
      environment: this.#environment(gateway.admit(this.logicalId, () => started.kill())),
      line: (text) => {
        if (!wrote) writes('logs:PutLogEvents');
        wrote = true;
        this.lines.push(text);
      },
    });
    this.#processes.push(started);
    return started;
  }

  /** Lambda developer guide, "Defined runtime environment variables". */
  #environment(accessKeyId: string): Record<string, string> {
    return {
      ...this.#variables,
      ...{ AWS_REGION: REGION, AWS_DEFAULT_REGION: REGION, TZ: 'UTC', _HANDLER: this.#handler.name },
      ...{ AWS_LAMBDA_FUNCTION_NAME: this.name, AWS_LAMBDA_FUNCTION_VERSION: '$LATEST' },
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(this.#memoryMb),
      ...{ AWS_LAMBDA_LOG_GROUP_NAME: this.#logGroup, AWS_LAMBDA_LOG_FORMAT: 'JSON' },
      ...{ AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand', AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
      ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: 'none', AWS_SESSION_TOKEN: 'none' },
      ...(this.#isTraced ? { _X_AMZN_TRACE_ID: TRACE, AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR' } : {}),
      AWS_ENDPOINT_URL: this.#settings.gateway.url,
    };
  }

  #context(): Readonly<Record<string, unknown>> {
    return {
      ...{ awsRequestId: randomUUID(), functionName: this.name, functionVersion: '$LATEST' },
      ...{ invokedFunctionArn: this.arn, memoryLimitInMB: String(this.#memoryMb), logGroupName: this.#logGroup },
      ...{ logStreamName: 'local', callbackWaitsForEmptyEventLoop: true },
    };
  }
}

function isTraced(mode: unknown, logicalId: string): boolean {
  if (mode === undefined || mode === 'Active') return mode === 'Active';
  throw new TypeError(`${logicalId}: tracing ${String(mode)} is not understood`);
}

/** What a deployment would upload under that key, by the manifest of assets beside the template. */
function bundleFolder(assembly: string, key: string): string {
  const path = join(assembly, `${STACK}.assets.json`);
  const files = fieldsOf(at(JSON.parse(readFileSync(path, 'utf8')), 'files'), path);
  const found = Object.values(files).find((file) =>
    Object.values(fieldsOf(at(file, 'destinations'), path)).some((one) => at(one, 'objectKey') === key),
  );
  if (found === undefined) throw new Error(`${path} names no file for ${key}`);
  return join(assembly, textOf(at(found, 'source', 'path'), path));
}

function handlerOf(folder: string, handler: string): { file: string; name: string } {
  const dot = handler.lastIndexOf('.');
  const [module, name] = [handler.slice(0, dot), handler.slice(dot + 1)];
  const file = ['.mjs', '.js', '.cjs'].map((end) => join(folder, `${module}${end}`)).find((path) => existsSync(path));
  if (file === undefined)
    throw new Error(`there is no bundle of ${handler} in ${folder}: synthesize with bundling first`);
  return { file, name };
}
