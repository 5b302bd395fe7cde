import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  CONFIG_FILE,
  ConfigError,
  checkConfig,
  configSchema,
  EXAMPLE_FILE,
  OWN_LOG_PREFIX,
  readConfig,
} from '../../cdk/config.ts';
import { FULL, SMALL } from './synthesized.ts';

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/11112222-3333-4444-5555-666677778888';
const FORMAT = 'srcaddr dstaddr srcport dstport protocol start end';
const flow = (format: string) => ({ sources: { flow: { logGroups: ['/a'], format } } });
const keyed = (keyArn: string) => ({ name: 'logs', keyArn });
const KEY_FAULT = 'is not the ARN of a KMS key (arn:aws:kms:REGION:ACCOUNT:key/ID)';
const WEBHOOK = 'https://hooks.slack.com/services/T000/B000/secret';
const groups = (...logGroups: unknown[]) => ({ sources: { runtime: { logGroups } } });
const buckets = (...all: unknown[]) => ({ sources: { flow: { buckets: all } } });
const dns = (...all: unknown[]) => ({ sources: { flow: { buckets: [{ name: 'logs' }] }, dns: { buckets: all } } });

/** A configuration with one fault, and the one sentence that names its key. */
const FAULTS: readonly (readonly [string, unknown, string])[] = [
  ['no object', 'sources', 'The configuration must be an object in braces.'],
  ['nothing at all', {}, 'sources is missing.'],
  ['no source', { sources: {} }, 'sources names neither a log group nor a bucket.'],
  ['an unknown key', { ...SMALL, emails: [] }, 'emails is not a key that davylamp knows.'],
  [
    'an unknown key below',
    { sources: { runtime: { groups: [] } } },
    'sources.runtime.groups is not a key that davylamp knows.',
  ],
  ['a malformed region', { ...SMALL, region: 'eu-west' }, 'region is not the name of a region, such as eu-west-1.'],
  ['a zone for a region', { ...SMALL, region: 'eu-west-1a' }, 'region is not the name of a region, such as eu-west-1.'],
  ['a malformed account', { ...SMALL, account: '1111-2222-3333' }, 'account must be the twelve digits of an account.'],
  ['an account that lost its text', { ...SMALL, account: 111122223333 }, 'account must be a text.'],
  [
    'an own group',
    groups('/a', '/davylamp/davylamp/sweep'),
    `sources.runtime.logGroups[1] lies under ${OWN_LOG_PREFIX}, where davylamp writes its own logs.`,
  ],
  [
    'the prefix of own groups',
    groups('/davylamp'),
    `sources.runtime.logGroups[0] lies under ${OWN_LOG_PREFIX}, where davylamp writes its own logs.`,
  ],
  ...['/davylamp-test/davylamp', '/davylamp-test/other', '/davylamp-test/', '/davylamp-test'].map(
    (name) =>
      [
        `the log group for tests ${name}`,
        groups('/a', name),
        'sources.runtime.logGroups[1] lies under /davylamp-test/, where test chains alone are written.',
      ] as const,
  ),
  [
    'the ARN of a group',
    groups('arn:aws:logs:eu-west-1:111122223333:log-group:/a'),
    'sources.runtime.logGroups[0] must be the name of a log group, not its ARN.',
  ],
  ['a group with a wildcard', groups('/a/*'), 'sources.runtime.logGroups[0] is not the name of a log group.'],
  ['no text for a group', groups(7), 'sources.runtime.logGroups[0] must be a text.'],
  ['no list of groups', { sources: { dns: { logGroups: '/a' } } }, 'sources.dns.logGroups must be a list.'],
  [
    'a group twice',
    { sources: { runtime: { logGroups: ['/a'] }, dns: { logGroups: ['/a'] } } },
    'sources.dns.logGroups[0] repeats sources.runtime.logGroups[0].',
  ],
  [
    'too many groups of a source',
    groups(...Array.from({ length: 201 }, (_, at) => `/g${at}`)),
    'sources.runtime.logGroups holds more than 200 entries.',
  ],
  [
    'names of groups that no policy holds',
    groups(...Array.from({ length: 60 }, (_, at) => `/${at}`.padEnd(500, 'x'))),
    'sources names more than 200 log groups, or 24000 characters of names.',
  ],
  [
    'a flow format without addresses',
    { sources: { flow: { logGroups: ['/a'], format: 'bytes packets' } } },
    'sources.flow.format holds no destination address.',
  ],
  [
    'a malformed flow format',
    { sources: { flow: { logGroups: ['/a'], format: 'dst addr!' } } },
    'sources.flow.format holds what is no name of a field.',
  ],
  [
    'a flow format for what comes by no log group',
    { sources: { flow: { buckets: [{ name: 'logs' }], format: FORMAT } } },
    'sources.flow.format stands beside sources.flow.logGroups alone: objects in S3 name their fields.',
  ],
  ['a list for sources', { sources: [] }, 'sources is an empty list: fill it, or leave it out.'],
  [
    'an empty flow format',
    { sources: { flow: { logGroups: ['/a'], format: '' } } },
    'sources.flow.format names no fields.',
  ],
  [
    'the ARN of a bucket',
    buckets({ name: 'arn:aws:s3:::logs' }),
    'sources.flow.buckets[0].name must be the name of a bucket, not its ARN.',
  ],
  ...['Logs', 'lo', 'logs-', 'my..logs', '192.0.2.1', 'logs/flow', 's3://logs'].map(
    (name) =>
      [
        `the name of a bucket ${name}`,
        buckets({ name }),
        'sources.flow.buckets[0].name is not the name of a bucket.',
      ] as const,
  ),
  [
    'a bucket twice',
    buckets({ name: 'logs', prefix: 'a/' }, { name: 'logs', prefix: 'b/' }, { name: 'logs', prefix: 'a/' }),
    'sources.flow.buckets[2] repeats sources.flow.buckets[0].',
  ],
  [
    'a group twice of one source',
    groups('/a', '/b', '/a'),
    'sources.runtime.logGroups[2] repeats sources.runtime.logGroups[0].',
  ],
  [
    'a prefix with a wildcard of policies',
    buckets({ name: 'logs', prefix: 'AWSLogs/1111????3333/' }),
    'sources.flow.buckets[0].prefix holds one of ? $ { }, which policies read as wildcards.',
  ],
  [
    'a prefix with two * together',
    buckets({ name: 'logs', prefix: 'AWSLogs/**/vpcflowlogs/' }),
    'sources.flow.buckets[0].prefix holds ** where one * stands for any characters.',
  ],
  [
    'a prefix with many *',
    buckets({ name: 'logs', prefix: '*/AWSLogs/*/vpcflowlogs/*/' }),
    'sources.flow.buckets[0].prefix holds more than 2 *.',
  ],
  [
    'the ARN of an alias',
    buckets({ name: 'logs', keyArn: 'arn:aws:kms:eu-west-1:111122223333:alias/logs' }),
    'sources.flow.buckets[0].keyArn is not the ARN of a KMS key (arn:aws:kms:REGION:ACCOUNT:key/ID).',
  ],
  ...[
    KEY.replace('eu-west-1', 'zz'),
    KEY.replace('eu-west-1', 'eu-west-1a'),
    KEY.replace('arn:aws:', 'arn:aws-cn:'),
    KEY.replace('eu-west-1', 'cn-north-1'),
    KEY.replace('arn:aws:', 'arn:aws-zz:'),
    KEY.replace('111122223333', '1111'),
  ].map(
    (arn) => [`the ARN of a key ${arn}`, buckets(keyed(arn)), `sources.flow.buckets[0].keyArn ${KEY_FAULT}.`] as const,
  ),
  [
    'a key of another region',
    { ...buckets(keyed(KEY)), region: 'eu-central-1' },
    'sources.flow.buckets[0].keyArn is of eu-west-1, and region is eu-central-1.',
  ],
  [
    'a key of another account',
    { ...buckets(keyed(KEY)), account: '444455556666' },
    'sources.flow.buckets[0].keyArn is of account 111122223333, and account is 444455556666.',
  ],
  [
    "a secret's key of another partition than the region",
    { ...SMALL, slack: { secretName: 's', keyArn: KEY }, region: 'us-gov-east-1' },
    'slack.keyArn is of eu-west-1, and region is us-gov-east-1.',
  ],
  [
    'a misspelt field of flow logs',
    flow(`${FORMAT} dstprt`),
    'sources.flow.format names what is no field of a flow log: dstprt.',
  ],
  ...[
    [FORMAT.replace('dstport ', ''), 'dstport'],
    [FORMAT.replace('srcaddr ', '').replace(' end', ''), 'srcaddr, end'],
    ['version account-id pkt-dstaddr', 'srcaddr, srcport, dstport, protocol, start, end'],
  ].map(
    ([format = '', missing = '']) =>
      [
        `a flow format without ${missing}`,
        flow(format),
        `sources.flow.format lacks what detection needs: ${missing}.`,
      ] as const,
  ),
  [
    'prefixes that overlap',
    dns({ name: 'logs', prefix: 'dns/' }),
    'sources.dns.buckets[0].prefix overlaps sources.flow.buckets[0].prefix.',
  ],
  ...[
    ['AWSLogs/*/vpcflowlogs/', 'AWSLogs/*/vpcflowlogs/'],
    ['AWSLogs/*/vpcflowlogs/', 'AWSLogs/111122223333/vpcflowlogs/eu-west-1/'],
    ['AWSLogs/', 'AWSLogs/*/vpcdnsquerylogs/'],
    ['AWSLogs/*', 'AWSLogs/111122223333/vpcdnsquerylogs/'],
  ].map(
    ([flow, dns]) =>
      [
        `two sources at ${flow} and ${dns}`,
        {
          sources: {
            flow: { buckets: [{ name: 'logs', prefix: flow }] },
            dns: { buckets: [{ name: 'logs', prefix: dns }] },
          },
        },
        'sources.dns.buckets[0].prefix overlaps sources.flow.buckets[0].prefix.',
      ] as const,
  ),
  [
    'a bucket that is there and to be made',
    buckets({ name: 'logs', prefix: 'a/' }, { name: 'logs', prefix: 'b/', create: true }),
    'sources.flow.buckets[1].create contradicts sources.flow.buckets[0].create.',
  ],
  [
    'a key for a bucket to be made',
    buckets({ name: 'logs', create: true, keyArn: KEY }),
    "sources.flow.buckets[0].keyArn can't stand beside create.",
  ],
  [
    'accounts of a bucket that is there',
    buckets({ name: 'logs', accounts: ['111122223333'] }),
    'sources.flow.buckets[0].accounts stands beside create alone.',
  ],
  ['no address', { ...SMALL, email: [{ address: 'oncall' }] }, 'email[0].address is not an email address.'],
  [
    'an address without its object',
    { ...SMALL, email: ['oncall@example.com'] },
    'email[0] must be an object in braces.',
  ],
  [
    'an unknown severity',
    { ...SMALL, email: [{ address: 'a@example.com', minimumSeverity: 'high' }] },
    'email[0].minimumSeverity must be one of Low, Medium, High, Critical.',
  ],
  [
    'an address twice',
    { ...SMALL, email: [{ address: 'a@example.com' }, { address: 'A@example.com' }] },
    'email[1].address repeats email[0].address.',
  ],
  [
    'an address of operations twice',
    { ...SMALL, operationsEmail: ['a@example.com', 'a@example.com'] },
    'operationsEmail[1] repeats operationsEmail[0].',
  ],
  [
    'a webhook for a secret',
    { ...SMALL, slack: { secretName: WEBHOOK } },
    'slack.secretName must be the name of a secret in Secrets Manager, never a URL.',
  ],
  [
    'a webhook without its scheme',
    { ...SMALL, slack: { secretName: WEBHOOK.slice(8) } },
    'slack.secretName must be the name of a secret in Secrets Manager, never a URL.',
  ],
  [
    'a webhook in another key',
    { ...SMALL, slack: { webhook: WEBHOOK, secretName: 's' } },
    'slack.webhook is not a key that davylamp knows.',
  ],
  ['no secret', { ...SMALL, slack: {} }, 'slack.secretName is missing.'],
  [
    'the ARN of a secret',
    { ...SMALL, slack: { secretName: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:s-AbCdEf' } },
    'slack.secretName must be the name of a secret, not its ARN.',
  ],
  [
    'the name of a channel',
    { ...SMALL, chat: { workspaceId: 'T0123ABCD', channelId: '#alerts' } },
    'chat.channelId is not the id of a Slack channel, such as C0123ABCD.',
  ],
  [
    'the name of a workspace',
    { ...SMALL, chat: { workspaceId: 'example', channelId: 'C0123ABCD' } },
    'chat.workspaceId is not the id of a Slack workspace, such as T0123ABCD.',
  ],
  ['a window of no hours', { ...SMALL, windowHours: 0 }, 'windowHours must be at least 1.'],
  ['a window of more than a week', { ...SMALL, windowHours: 169 }, 'windowHours must be at most 168.'],
  ['a window of part of an hour', { ...SMALL, windowHours: 1.5 }, 'windowHours must be a whole number of hours.'],
  ['a window as text', { ...SMALL, windowHours: '24h' }, 'windowHours must be a number of hours.'],
  ['yes for true', { ...SMALL, securityHub: 'yes' }, 'securityHub must be true or false.'],
];

for (const [name, value, sentence] of FAULTS) {
  test(`refuses ${name} in one sentence that names the key`, () => {
    assert.deepEqual(checkConfig(value), { faults: [sentence] });
  });
}

test('tells of all faults at once', () => {
  const checked = checkConfig({ ...groups('/davylamp/x'), region: 'x', emails: [] });
  assert.deepEqual('faults' in checked && checked.faults.map((fault) => fault.split(' ')[0]), [
    'region',
    'sources.runtime.logGroups[0]',
    'emails',
  ]);
});

test('repeats no secret that stands where its name should', () => {
  assert.equal(JSON.stringify(checkConfig({ ...SMALL, slack: { secretName: WEBHOOK } })).includes('B000'), false);
});

for (const [partition, region] of [
  ['aws', 'eu-west-1'],
  ['aws-cn', 'cn-north-1'],
  ['aws-us-gov', 'us-gov-west-1'],
  ['aws-eusc', 'eusc-de-east-1'],
] as const) {
  test(`takes a key of ${partition} in ${region}`, () => {
    const arn = KEY.replace('aws', partition).replace('eu-west-1', region);
    assert.ok('config' in checkConfig({ ...buckets(keyed(arn)), region, account: '111122223333' }));
  });
}

for (const format of [
  FORMAT,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the format's own way to write a field
  '${version} ${pkt-srcaddr} ${pkt-dstaddr} ${srcport} ${dstport} ${protocol} ${start} ${end} ${asg-tag}',
  'version tgw-id srcaddr dstaddr srcport dstport protocol start end packets-lost-no-route',
]) {
  test(`takes the flow format ${format}`, () => assert.ok('config' in checkConfig(flow(format))));
}

for (const region of 'eu-west-1 us-gov-east-1 mx-central-1 ap-southeast-7 il-central-1 cn-northwest-1'.split(' ')) {
  test(`takes the region ${region}`, () => assert.ok('config' in checkConfig({ ...SMALL, region })));
}

test('fills in what the least configuration leaves out', () => {
  const nothing = { logGroups: [], buckets: [] };
  assert.deepEqual(checkConfig(SMALL), {
    config: {
      sources: { runtime: { logGroups: ['/hosts/audit'], buckets: [] }, flow: nothing, dns: nothing },
      ...{ email: [], operationsEmail: [], securityHub: false, windowHours: 24 },
      ...{ retainTable: true, customerManagedKey: false, tracing: false },
    },
  });
});

for (const [flow, dns] of [
  ['AWSLogs/*/vpcflowlogs/', 'AWSLogs/*/vpcdnsquerylogs/'],
  ['AWSLogs/o-example/*/vpcflowlogs/', 'AWSLogs/o-example/*/vpcdnsquerylogs/'],
  ['AWSLogs/111122223333/vpcflowlogs/', 'AWSLogs/*/vpcdnsquerylogs/'],
  ['flow/', 'dns/*/2026/'],
] as const) {
  test(`takes one bucket with ${flow} for flow and ${dns} for dns`, () => {
    const sources = {
      flow: { buckets: [{ name: 'logs', prefix: flow }] },
      dns: { buckets: [{ name: 'logs', prefix: dns }] },
    };
    assert.ok('config' in checkConfig({ sources }));
  });
}

test('takes prefixes of one source that overlap: an object is still read once', () => {
  assert.ok('config' in checkConfig(buckets({ name: 'logs', prefix: 'a/' }, { name: 'logs', prefix: 'a/b/' })));
});

test('takes everything at once', () => assert.ok('config' in checkConfig(FULL)));

const FULL_EXAMPLE_FILE = 'davylamp.config.full.example.json';
const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

for (const file of [EXAMPLE_FILE, FULL_EXAMPLE_FILE]) {
  test(`takes ${file} as it stands`, () => assert.ok('config' in checkConfig(read(file))));
}

/** `sources.flow.buckets.name`: every key of a value, without the places in lists. */
function keysOf(value: unknown, prefix = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => keysOf(one, prefix));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => [`${prefix}${key}`, ...keysOf(one, `${prefix}${key}.`)]);
}

/** The same of a schema: every key that it takes. */
function keysOfSchema(schema: object, prefix = ''): string[] {
  if ('wrapped' in schema) return keysOfSchema(Object(schema.wrapped), prefix);
  if ('item' in schema) return keysOfSchema(Object(schema.item), prefix);
  if (!('entries' in schema)) return [];
  return Object.entries(Object(schema.entries)).flatMap(([key, one]) => [
    `${prefix}${key}`,
    ...keysOfSchema(Object(one), `${prefix}${key}.`),
  ]);
}

test('shows every key in the full example, and that on the page of the deployment', () => {
  // The three sources take the same keys but for the format of flow logs.
  const merged = (keys: readonly string[]) =>
    [...new Set(keys.map((key) => key.replace(/^sources\.(?:runtime|dns)/, 'sources.flow')))].sort();
  const all = merged(keysOfSchema(configSchema));
  assert.ok(all.includes('sources.flow.buckets.keyArn'));
  assert.deepEqual(merged(keysOf(read(FULL_EXAMPLE_FILE))), all);
  const page = readFileSync('docs/deploy.md', 'utf8');
  assert.ok(page.includes(`\`\`\`json\n${readFileSync(FULL_EXAMPLE_FILE, 'utf8')}\`\`\``));
});

test('shows the example in the guide as what to begin with: logs and addresses, and nothing that needs more than them', () => {
  const page = readFileSync('docs/deploy.md', 'utf8');
  const [, first] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
  assert.equal(first, readFileSync(EXAMPLE_FILE, 'utf8'));
  const checked = checkConfig(read(EXAMPLE_FILE));
  assert.ok('config' in checked);
  const { region, slack, chat, securityHub, sources } = checked.config;
  assert.deepEqual([region, slack, chat, securityHub], [undefined, undefined, undefined, false]);
  assert.deepEqual(
    [sources.runtime, sources.flow, sources.dns].flatMap(({ buckets }) => buckets),
    [],
  );
});

type Path = readonly (string | number)[];

/** Every part of a value that is an object, a list or neither, with the way to it. */
function partsOf(value: unknown, path: Path = []): readonly { readonly path: Path; readonly part: unknown }[] {
  const inner: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
      : [];
  return [{ path, part: value }, ...inner.flatMap(([key, one]) => partsOf(one, [...path, key]))];
}

/** The value with one part of it replaced. */
function replaced(value: unknown, [key, ...rest]: Path, part: unknown): unknown {
  if (key === undefined) return part;
  if (Array.isArray(value)) return value.map((one, at) => (at === key ? replaced(one, rest, part) : one));
  const whole: Readonly<Record<string, unknown>> = Object(value);
  return { ...whole, [key]: replaced(whole[key], rest, part) };
}

const written = (path: Path): string =>
  path.reduce<string>((text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text && '.'}${key}`), '');

/** Values that no key takes in place of its own kind, by that kind. */
const WRONG: readonly (readonly [string, (part: unknown) => boolean, unknown])[] = [
  ['a number for a text', (part) => typeof part === 'string', 7],
  ['an empty text', (part) => typeof part === 'string', ''],
  ['a text with a line break', (part) => typeof part === 'string', 'x\ny?'],
  ['a webhook', (part) => typeof part === 'string', WEBHOOK],
  ['null', (part) => part !== undefined, null],
  ['a text', (part) => typeof part === 'object' || typeof part === 'boolean' || typeof part === 'number', WEBHOOK],
  ['an empty list', Array.isArray, []],
  ['an object for a list', Array.isArray, {}],
];

test('refuses whatever is wrong with any key of the full example in one sentence that names that key, and repeats it not', () => {
  const example = read(FULL_EXAMPLE_FILE);
  const keys = partsOf(example).filter(({ path }) => path.length > 0);
  // A prefix may be any text but for what policies read as wildcards: an empty one is that of all keys.
  const takes = (path: Path, wrong: unknown): boolean =>
    path.at(-1) === 'prefix' && (wrong === '' || wrong === WEBHOOK);
  let tried = 0;
  for (const [what, applies, wrong] of WRONG) {
    for (const { path, part } of keys) {
      if (!applies(part) || takes(path, wrong)) continue;
      const checked = checkConfig(replaced(example, path, wrong));
      assert.ok('faults' in checked, `${written(path)}: ${what} is taken`);
      const [fault = '', ...others] = checked.faults;
      assert.deepEqual(others, [], `${written(path)}: ${what}`);
      assert.ok(fault.startsWith(`${written(path)} `), `${written(path)}: ${fault}`);
      assert.match(fault, /^[^\n]+[^.]\.$/);
      assert.ok(!fault.includes('B000'), fault);
      tried += 1;
    }
  }
  assert.ok(tried > 150, `only ${tried} tried`);
});

test('refuses an unknown key at any depth in one sentence that names it', () => {
  for (const file of [EXAMPLE_FILE, FULL_EXAMPLE_FILE]) {
    const example = read(file);
    const objects = partsOf(example).filter(({ part }) => typeof part === 'object' && !Array.isArray(part));
    assert.ok(objects.length >= 6);
    for (const { path } of objects) {
      const key = [...path, 'minimunSeverity'];
      const checked = checkConfig(replaced(example, key, 'High'));
      assert.deepEqual(checked, { faults: [`${written(key)} is not a key that davylamp knows.`] });
    }
  }
});

for (const [name, text, message] of [
  ['a file that is not there', undefined, new RegExp(`${CONFIG_FILE} does not exist: copy ${EXAMPLE_FILE} to it`)],
  ['a file that is no JSON', '{', /can't be read as JSON/],
  ['a file with a fault', '{"sources":{},"x":1}', /: x is not a key that davylamp knows\.$/],
] as const) {
  test(`says what is wrong with ${name}`, (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'davylamp-config-'));
    context.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, CONFIG_FILE);
    if (text !== undefined) writeFileSync(path, text);
    assert.throws(
      () => readConfig(path),
      (error) => error instanceof ConfigError && message.test(error.message),
    );
  });
}
