import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { SEVERITIES } from '#shared/model/groups.ts';
import { TEST_LOG_PREFIX } from '#shared/model/place.ts';
import { flowFormatFault } from './flow-format.ts';
import { covers } from './key-patterns.ts';
import { keyArn as parsedKeyArn, REGION } from './regions.ts';

/** Log groups of the stack itself begin with this; they are never a source, so that no two stacks feed each other. */
export const OWN_LOG_PREFIX = '/davylamp/';
export const CONFIG_FILE = 'davylamp.config.json';
export const EXAMPLE_FILE = 'davylamp.config.example.json';

/** CloudWatch Logs: 1 to 512 characters of `.-_/#A-Za-z0-9` (API reference, CreateLogGroup). */
const LOG_GROUP = /^[\w./#-]{1,512}$/;
/** S3 user guide, "General purpose bucket naming rules": also no two dots in a row, and no address. */
const BUCKET = /^(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** Secrets Manager: names hold letters, digits and `/_+=.@-` (API reference, CreateSecret). */
const SECRET_NAME = /^[\w/+=.@-]{1,512}$/;
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,190}\.[a-z]{2,}$/i;
/** Slack's ids, as its addresses show them: app.slack.com/client/T…/C…. */
const WORKSPACE_ID = /^T[0-9A-Z]{1,255}$/;
const CHANNEL_ID = /^[CG][0-9A-Z]{1,255}$/;
/** Each group is an alarm and a name in a policy: a stack holds 500 resources, a role ten policies of 6,144 characters. */
const MAX_LOG_GROUPS = 200;
const MAX_GROUP_CHARACTERS = 24_000;
const MAX_BUCKETS = 20;
const MAX_ACCOUNTS = 100;
const MAX_SUBSCRIBERS = 50;
/** EventBridge refuses rules with many wildcards as "too complex", by a measure that it tells nowhere. */
const MAX_STARS = 2;

const URL_LIKE = /^[a-z]+:|^hooks\.|\.com\//i;

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
  // Also another stack's: what comes by it is told as a test by that stack, and is no log of anything real.
  v.check(
    (name) => !`${name}/`.startsWith(TEST_LOG_PREFIX),
    `lies under ${TEST_LOG_PREFIX}, where test chains alone are written`,
  ),
);

const keyArn = v.optional(
  v.pipe(
    v.string('must be a text'),
    v.check(
      (arn) => parsedKeyArn(arn) !== undefined,
      'is not the ARN of a KMS key (arn:aws:kms:REGION:ACCOUNT:key/ID)',
    ),
  ),
);
const account = text(/^\d{12}$/, 'must be the twelve digits of an account');

const bucket = object({
  name: v.pipe(
    v.string('must be a text'),
    v.check((name) => !name.startsWith('arn:'), 'must be the name of a bucket, not its ARN'),
    v.regex(BUCKET, 'is not the name of a bucket'),
  ),
  prefix: v.optional(
    v.pipe(
      v.string('must be a text'),
      v.maxBytes(512, 'is longer than 512 bytes'),
      v.regex(/^[^?${}]*$/, 'holds one of ? $ { }, which policies read as wildcards'),
      v.check((prefix) => !prefix.includes('**'), 'holds ** where one * stands for any characters'),
      v.check((prefix) => prefix.split('*').length <= MAX_STARS + 1, `holds more than ${MAX_STARS} *`),
    ),
    '',
  ),
  /** The key that its objects are encrypted with, where it is the customer's own. */
  keyArn,
  /** The stack makes the bucket; without it, the bucket exists and announces its objects to EventBridge. */
  create: flag(false),
  /** Accounts besides the stack's own whose logs may be delivered to a bucket that the stack makes. */
  accounts: list(account, MAX_ACCOUNTS),
});

const flowFormat = v.pipe(
  v.string('must be a text'),
  v.rawCheck(({ dataset, addIssue }) => {
    const message = dataset.typed ? flowFormatFault(dataset.value) : undefined;
    if (message !== undefined) addIssue({ message });
  }),
);

const channels = { logGroups: list(logGroup, MAX_LOG_GROUPS), buckets: list(bucket, MAX_BUCKETS) };
const source = v.optional(object(channels), {});

const email = text(EMAIL, 'is not an email address');
/** Low findings reach people in one digest a day, so that nobody need leave them out to have peace. */
const minimumSeverity = v.optional(v.picklist(SEVERITIES, `must be one of ${SEVERITIES.join(', ')}`), 'Low');

/** What a configuration holds. */
export const configSchema = object({
  account: v.optional(account),
  region: v.optional(text(REGION, 'is not the name of a region, such as eu-west-1')),
  sources: object({
    runtime: source,
    flow: v.optional(object({ ...channels, format: v.optional(flowFormat) }), {}),
    dns: source,
  }),
  email: list(object({ address: email, minimumSeverity }), MAX_SUBSCRIBERS),
  operationsEmail: list(email, MAX_SUBSCRIBERS),
  slack: v.optional(
    object({
      secretName: v.pipe(
        v.string('must be a text'),
        v.check((name) => !name.startsWith('arn:'), 'must be the name of a secret, not its ARN'),
        v.check((name) => !URL_LIKE.test(name), 'must be the name of a secret in Secrets Manager, never a URL'),
        v.regex(SECRET_NAME, 'is not the name of a secret'),
      ),
      keyArn,
      minimumSeverity,
    }),
  ),
  chat: v.optional(
    object({
      workspaceId: text(WORKSPACE_ID, 'is not the id of a Slack workspace, such as T0123ABCD'),
      channelId: text(CHANNEL_ID, 'is not the id of a Slack channel, such as C0123ABCD'),
      minimumSeverity,
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
  tracing: flag(false),
});

/** What a deployment is told: `davylamp.config.json`, checked and with its defaults. */
export type Config = v.InferOutput<typeof configSchema>;
export type BucketConfig = v.InferOutput<typeof bucket>;
export const SOURCES = ['runtime', 'flow', 'dns'] as const;
export type SourceName = (typeof SOURCES)[number];

/** A configuration that can't be deployed; the message holds one sentence for each fault that `checkConfig` gives. */
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

/** An empty list watches and tells nothing, though somebody meant it to hold something. */
function emptyLists(value: unknown, path: readonly { readonly key: unknown }[] = []): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (!Array.isArray(value)) return Object.entries(value).flatMap(([key, one]) => emptyLists(one, [...path, { key }]));
  if (value.length === 0) return [`${keyOf(path)} is an empty list: fill it, or leave it out.`];
  return value.flatMap((one, key) => emptyLists(one, [...path, { key }]));
}

/** Faults that lie in no single key: what stands twice, what contradicts itself, and that nothing is watched. */
function faultsAcross(config: Config): string[] {
  const faults: string[] = [];
  const seen = new Map<string, string>();
  const once = (what: string, key: string): void => {
    const before = seen.get(what);
    if (before === undefined) seen.set(what, key);
    else faults.push(`${key} repeats ${before}.`);
  };
  const buckets: NamedBucket[] = [];
  for (const name of SOURCES) {
    const source = config.sources[name];
    for (const [at, group] of source.logGroups.entries()) once(`group ${group}`, `sources.${name}.logGroups[${at}]`);
    for (const [at, one] of source.buckets.entries())
      buckets.push({ key: `sources.${name}.buckets[${at}]`, source: name, one });
  }
  if (seen.size + buckets.length === 0) faults.push('sources names neither a log group nor a bucket.');
  const characters = SOURCES.flatMap((name) => config.sources[name].logGroups).join('').length;
  if (characters > MAX_GROUP_CHARACTERS || seen.size > MAX_LOG_GROUPS) {
    faults.push(
      `sources names more than ${MAX_LOG_GROUPS} log groups, or ${MAX_GROUP_CHARACTERS} characters of names.`,
    );
  }
  const { format, logGroups } = config.sources.flow;
  if (format !== undefined && logGroups.length === 0) {
    faults.push('sources.flow.format stands beside sources.flow.logGroups alone: objects in S3 name their fields.');
  }
  for (const [at, { address }] of config.email.entries()) once(`mail ${address.toLowerCase()}`, `email[${at}].address`);
  for (const [at, address] of config.operationsEmail.entries()) {
    once(`operations ${address.toLowerCase()}`, `operationsEmail[${at}]`);
  }
  return [...faults, ...bucketFaults(buckets), ...keyFaults(config, buckets)];
}

/** A key is of the region of what it encrypts, and everything is in one account and region. */
function keyFaults({ region, account, slack }: Config, buckets: readonly NamedBucket[]): string[] {
  const named = [...buckets, ...(slack === undefined ? [] : [{ key: 'slack', one: slack }])];
  return named.flatMap(({ key, one }) => {
    const arn = one.keyArn === undefined ? undefined : parsedKeyArn(one.keyArn);
    if (arn === undefined) return [];
    if (region !== undefined && arn.region !== region)
      return [`${key}.keyArn is of ${arn.region}, and region is ${region}.`];
    if (account === undefined || arn.account === account) return [];
    return [`${key}.keyArn is of account ${arn.account}, and account is ${account}.`];
  });
}

interface NamedBucket {
  readonly key: string;
  readonly source: SourceName;
  readonly one: BucketConfig;
}

/** An object is read by one source. */
function bucketFaults(buckets: readonly NamedBucket[]): string[] {
  const faults: string[] = [];
  for (const [at, { key, source, one }] of buckets.entries()) {
    if (one.create && one.keyArn !== undefined) faults.push(`${key}.keyArn can't stand beside create.`);
    if (!one.create && one.accounts.length > 0) faults.push(`${key}.accounts stands beside create alone.`);
    for (const earlier of buckets.slice(0, at)) {
      if (one.name !== earlier.one.name) continue;
      if (one.create !== earlier.one.create) faults.push(`${key}.create contradicts ${earlier.key}.create.`);
      if (source === earlier.source && one.prefix === earlier.one.prefix) faults.push(`${key} repeats ${earlier.key}.`);
      const isBelow = covers(one.prefix, earlier.one.prefix) || covers(earlier.one.prefix, one.prefix);
      if (source !== earlier.source && isBelow) faults.push(`${key}.prefix overlaps ${earlier.key}.prefix.`);
    }
  }
  return faults;
}

/**
 * The configuration in `value`, or its faults, each as one sentence that begins with its key: of unknown keys side by side
 * the first, and what stands twice or is empty once each key by itself is right.
 */
export function checkConfig(value: unknown): { readonly config: Config } | { readonly faults: readonly string[] } {
  const result = v.safeParse(configSchema, value, { abortPipeEarly: true });
  if (!result.success) {
    return { faults: result.issues.map((issue) => `${keyOf(issue.path ?? [])} ${issue.message}.`) };
  }
  const empty = emptyLists(value);
  const faults = empty.length > 0 ? empty : faultsAcross(result.output);
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
