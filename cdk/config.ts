import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { parseFlowFormat } from '#shared/events/vpc-flow/fields.ts';
import { SEVERITIES } from '#shared/model/groups.ts';

/** Log groups of the stack itself begin with this; they are never a source, so that no two stacks feed each other. */
export const OWN_LOG_PREFIX = '/davylamp/';
export const CONFIG_FILE = 'davylamp.config.json';
export const EXAMPLE_FILE = 'davylamp.config.example.json';

/** CloudWatch Logs: 1 to 512 characters of `.-_/#A-Za-z0-9` (API reference, CreateLogGroup). */
const LOG_GROUP = /^[\w./#-]{1,512}$/;
const REGION = /^(?:af|ap|ca|cn|eu|il|me|mx|sa|us|us-gov)-(?:central|(?:north|south)?(?:east|west)?)-\d$/;
/** S3 user guide, "General purpose bucket naming rules". */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const KEY_ARN = /^arn:aws(?:-cn|-us-gov)?:kms:[a-z0-9-]+:\d{12}:key\/[\w-]{1,64}$/;
/** Secrets Manager: names hold letters, digits and `/_+=.@-` (API reference, CreateSecret). */
const SECRET_NAME = /^[\w/+=.@-]{1,512}$/;
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,190}\.[a-z]{2,}$/i;
const MAX_LOG_GROUPS = 200;
const MAX_BUCKETS = 20;
const MAX_SUBSCRIBERS = 50;

const URL_LIKE = /^[a-z]+:\/\//i;

/** A text that satisfies `pattern`; `message` follows the key in the sentence of a fault. */
const text = (pattern: RegExp, message: string) => v.pipe(v.string('must be a text'), v.regex(pattern, message));
const list = <const S extends v.GenericSchema>(item: S, max: number) =>
  v.optional(v.pipe(v.array(item, 'must be a list'), v.maxLength(max, `holds more than ${max} entries`)), []);
const flag = (byDefault: boolean) => v.optional(v.boolean('must be true or false'), byDefault);
const object = <const E extends v.ObjectEntries>(entries: E) =>
  v.strictObject(entries, (issue) => {
    if (issue.expected === 'never') return 'is not a key that davylamp knows';
    return issue.received === 'undefined' ? 'is missing' : 'must be an object in braces';
  });

const logGroup = v.pipe(
  v.string('must be a text'),
  v.check((name) => !name.startsWith('arn:'), 'must be the name of a log group, not its ARN'),
  v.regex(LOG_GROUP, 'is not the name of a log group'),
  v.check(
    (name) => !`${name}/`.startsWith(OWN_LOG_PREFIX),
    `lies under ${OWN_LOG_PREFIX}, where davylamp writes its own logs`,
  ),
);

const bucket = object({
  name: v.pipe(
    v.string('must be a text'),
    v.check((name) => !name.startsWith('arn:'), 'must be the name of a bucket, not its ARN'),
    v.regex(BUCKET, 'is not the name of a bucket'),
  ),
  prefix: v.optional(v.pipe(v.string('must be a text'), v.maxBytes(512, 'is longer than 512 bytes')), ''),
  keyArn: v.optional(text(KEY_ARN, 'is not the ARN of a KMS key (arn:aws:kms:REGION:ACCOUNT:key/ID)')),
});

const FORMAT_PROBLEMS = {
  empty: 'names no fields',
  'too-many': 'names too many fields',
  'no-names': 'holds what is no name of a field',
  'no-address': 'holds no destination address',
} as const;

const flowFormat = v.pipe(
  v.string('must be a text'),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const parsed = parseFlowFormat(dataset.value);
    if ('problem' in parsed) addIssue({ message: FORMAT_PROBLEMS[parsed.problem] });
  }),
);

const channels = { logGroups: list(logGroup, MAX_LOG_GROUPS), buckets: list(bucket, MAX_BUCKETS) };
const source = v.optional(object(channels), {});

const email = text(EMAIL, 'is not an email address');

const schema = object({
  account: v.optional(text(/^\d{12}$/, 'must be the twelve digits of an account')),
  region: v.optional(text(REGION, 'is not the name of a region, such as eu-west-1')),
  sources: object({
    runtime: source,
    flow: v.optional(object({ ...channels, format: v.optional(flowFormat) }), {}),
    dns: source,
  }),
  email: list(
    object({
      address: email,
      minimumSeverity: v.optional(v.picklist(SEVERITIES, `must be one of ${SEVERITIES.join(', ')}`), 'Medium'),
    }),
    MAX_SUBSCRIBERS,
  ),
  operationsEmail: list(email, MAX_SUBSCRIBERS),
  slack: v.optional(
    object({
      secretName: v.pipe(
        v.string('must be a text'),
        v.check((name) => !URL_LIKE.test(name), 'must be the name of a secret in Secrets Manager, never a URL'),
        v.check((name) => !name.startsWith('arn:'), 'must be the name of a secret, not its ARN'),
        v.regex(SECRET_NAME, 'is not the name of a secret'),
      ),
    }),
  ),
  securityHub: flag(false),
  windowHours: v.optional(
    v.pipe(
      v.number('must be a number of hours'),
      v.integer('must be a whole number of hours'),
      v.minValue(1, 'must be at least 1'),
      v.maxValue(168, 'must be at most 168'),
    ),
    24,
  ),
  retainTable: flag(true),
  customerManagedKey: flag(false),
});

/** What a deployment is told: `davylamp.config.json`, checked and with its defaults. */
export type Config = v.InferOutput<typeof schema>;
export type BucketConfig = v.InferOutput<typeof bucket>;
export const SOURCES = ['runtime', 'flow', 'dns'] as const;
export type SourceName = (typeof SOURCES)[number];

/** A configuration that can't be deployed; the message holds one sentence for each fault. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** `sources.flow.logGroups[1]`, as the user finds it in the file. */
function keyOf(path: readonly { readonly key?: unknown }[]): string {
  const key = path
    .map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
  return key === '' ? 'The configuration' : key;
}

/** Faults that lie in no single key: what stands twice, and that nothing is watched. */
function faultsAcross(config: Config): string[] {
  const faults: string[] = [];
  const seen = new Map<string, string>();
  const once = (what: string, key: string): void => {
    const before = seen.get(what);
    if (before === undefined) seen.set(what, key);
    else faults.push(`${key} repeats ${before}.`);
  };
  for (const name of SOURCES) {
    const { logGroups, buckets } = config.sources[name];
    for (const [at, group] of logGroups.entries()) once(`group ${group}`, `sources.${name}.logGroups[${at}]`);
    for (const [at, { name: bucketName, prefix }] of buckets.entries()) {
      once(`bucket ${bucketName} ${prefix}`, `sources.${name}.buckets[${at}]`);
    }
  }
  if (seen.size === 0) faults.push('sources names neither a log group nor a bucket.');
  for (const [at, { address }] of config.email.entries()) once(`mail ${address.toLowerCase()}`, `email[${at}].address`);
  return faults;
}

/** The configuration in `value`, or every fault, each as one sentence that begins with its key. */
export function checkConfig(value: unknown): { readonly config: Config } | { readonly faults: readonly string[] } {
  const result = v.safeParse(schema, value, { abortPipeEarly: true });
  if (!result.success) {
    return { faults: result.issues.map((issue) => `${keyOf(issue.path ?? [])} ${issue.message}.`) };
  }
  const faults = faultsAcross(result.output);
  return faults.length === 0 ? { config: result.output } : { faults };
}

/** The configuration in a file. @throws {ConfigError} with all faults of it */
export function readConfig(path: string): Config {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new ConfigError(
      missing
        ? `${path} does not exist: copy ${EXAMPLE_FILE} to it and name your log groups.`
        : `${path} can't be read as JSON: ${error instanceof Error ? error.message : String(error)}.`,
      { cause: error },
    );
  }
  const checked = checkConfig(value);
  if ('config' in checked) return checked.config;
  throw new ConfigError(checked.faults.map((fault) => `${path}: ${fault}`).join('\n'));
}
