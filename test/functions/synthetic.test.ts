import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { linkableBy } from '#shared/context/linkable.ts';
import { correlateHost } from '#shared/correlate/correlate-host.ts';
import { DEFAULT_MATRIX } from '#shared/correlate/matrix.ts';
import type { Store } from '#shared/correlate/store.ts';
import { AUDITD } from '#shared/events/auditd/reader.ts';
import { FALCO } from '#shared/events/falco/reader.ts';
import { RESOLVER } from '#shared/events/resolver/reader.ts';
import { VPC_FLOW } from '#shared/events/vpc-flow/reader.ts';
import type { Evidence } from '#shared/model/evidence.ts';
import type { Membership } from '#shared/model/membership.ts';
import { TEST_HOST } from '#shared/model/place.ts';
import type { Format } from '#shared/model/reader.ts';
import { hourOf } from '#shared/model/time.ts';
import { openEmbeddedTable } from '../../cli/embedded-table.ts';
import type { HostIdentities } from '../../functions/runtime/host-identities.ts';
import type { SharedKnowledge } from '../../functions/runtime/knowledge.ts';
import { checkedTestGroup } from '../../functions/runtime/synthetic.ts';
import {
  type Answer,
  type BatchOptions,
  classifierOf,
  createdObject,
  detector,
  type Options,
  queueEvent,
  recordingMerge,
  subscriptionEvent,
} from './classifier.ts';
import { ACTED, CHAIN, falcoLine, TEST_GROUP } from './test-chain.ts';

const RUNTIME = [AUDITD, FALCO];
const WHERE = { account: '111122223333', region: 'us-east-1' };
const STACK_HOST = { ...WHERE, host: TEST_HOST };

let table: Awaited<ReturnType<typeof openEmbeddedTable>>;
before(async () => {
  table = await openEmbeddedTable();
});
after(() => table.close());

/** A store that keeps nothing. */
const FORGETS: Store['merge'] = () => Promise.resolve('new');

interface Taken extends Answer {
  readonly given: readonly Evidence[];
}

/** What a classifier of the stack makes of one event. */
async function taken(event: unknown, options: Partial<Options> = {}): Promise<Taken> {
  const { merge, given } = recordingMerge(options.merge ?? FORGETS);
  const call = classifierOf({
    ...{ formats: RUNTIME, now: ACTED + 60_000, testLogGroup: TEST_GROUP },
    ...options,
    merge,
  });
  return { ...(await call(event)), given };
}

const batch = (lines: readonly string[], options: Partial<BatchOptions> = {}) =>
  subscriptionEvent(lines, { at: ACTED, ...options });
const hostsOf = ({ given }: Taken): readonly string[] => [...new Set(given.map(({ place }) => place.host))];
const [, MINER = []] = CHAIN;

/** The findings of the reserved host once a stack took these batches. */
async function findingsOf(batches: readonly unknown[]): Promise<readonly unknown[]> {
  const fresh = await openEmbeddedTable();
  for (const one of batches) await taken(one, { merge: fresh.store.merge });
  const hour = hourOf(ACTED);
  const scopes = await correlateHost(
    fresh.store,
    { host: STACK_HOST, scopes: ['host'], from: hour, to: hour },
    { matrix: DEFAULT_MATRIX, linkable: linkableBy(detector.intel), notes: [] },
  );
  await fresh.close();
  const found = scopes.flatMap(({ head }) => head.episodes.map(({ snapshot }) => snapshot));
  return found.map((one) => [one?.severity, one?.place]);
}

const CRITICAL = [['Critical', { ...STACK_HOST, scope: 'host' }]];

test('makes a Critical chain of process telemetry alone, each act in a batch of its own and in any order', async () => {
  const batches = CHAIN.map((lines) => batch(lines, { logGroup: TEST_GROUP }));
  for (const some of [batches, batches.toReversed()]) assert.deepEqual(await findingsOf(some), CRITICAL);
});

for (const [at, lines] of CHAIN.entries()) {
  test(`makes no Critical chain without act ${at + 1} of the test`, async () => {
    const rest = CHAIN.filter((one) => one !== lines).flat();
    assert.notDeepEqual(await findingsOf([batch(rest, { logGroup: TEST_GROUP })]), CRITICAL);
  });
}

test('makes a Critical chain of the test that the guide to the first deployment has', async () => {
  const [, text] = /^cat > test\.json <<EOF\n([\s\S]*?)^EOF$/m.exec(readFileSync('docs/deploy.md', 'utf8')) ?? [];
  assert.ok(text !== undefined);
  const events = JSON.parse(text.replace(/\$(?:NOW|\{NOW\})/g, String(ACTED / 1000))) as Record<string, unknown>[];
  assert.ok(events.every(({ timestamp }) => timestamp === ACTED));
  const lines = events.map(({ message }) => String(message));
  assert.deepEqual(await findingsOf([batch(lines, { logGroup: TEST_GROUP })]), CRITICAL);
});

const OTHER = 'i-0004000000000000a';
/** A line as Fluent Bit ships it, with what its filters put beside it. */
const shipped = (beside: object): string => JSON.stringify({ log: `${falcoLine()}\n`, ...beside });
const CLAIMING: readonly (readonly [string, readonly string[], Partial<BatchOptions>?])[] = [
  ['no host', MINER],
  ['a node', MINER.map((line) => `node=web-1 ${line}`)],
  ['an instance as its node', MINER.map((line) => `node=${OTHER}.ec2.internal ${line}`)],
  ['an instance as its stream', MINER, { logStream: OTHER }],
  ['an interface as its stream', MINER, { logStream: 'eni-0123456789abcdef0-all' }],
  ['a host name', [falcoLine({}, { hostname: OTHER })]],
  [
    'another account, region and service',
    [
      shipped({
        ...{ ecs_cluster: 'c', ecs_task_definition: 'f:1', ec2_instance_id: OTHER, az: 'eu-west-1a' },
        ecs_task_arn: 'arn:aws:ecs:eu-west-1:444455556666:task/c/0123456789abcdef0123456789abcdef',
      }),
    ],
  ],
];
for (const [name, lines, options] of CLAIMING) {
  test(`gives what came by the log group for tests the reserved host of the stack where it claims ${name}`, async () => {
    const { given } = await taken(batch(lines, { ...options, logGroup: TEST_GROUP }));
    assert.ok(given.some(({ group }) => group === 'miner_execution'));
    for (const { place } of given) assert.deepEqual(place, { ...STACK_HOST, scope: 'host' });
  });
}

test('keeps the container of a test as its scope', async () => {
  const { given } = await taken(batch([falcoLine({ 'container.id': 'feedfacecafe' })], { logGroup: TEST_GROUP }));
  assert.ok(given.length > 0);
  for (const { place } of given) assert.deepEqual(place, { ...STACK_HOST, scope: 'feedfacecafe' });
});

test('asks no watch list and no inventory for a test, and tells them nothing of it', async () => {
  const touched: string[] = [];
  const touch = (what: string): Promise<never> => {
    touched.push(what);
    throw new Error(what);
  };
  const knowledge: SharedKnowledge = { known: () => touch('known'), tell: () => touch('tell') };
  const identities: HostIdentities = { identify: () => touch('identify'), remember: () => touch('remember') };
  const lines = [...CHAIN.flat(), falcoLine({}, { hostname: 'web-1', ec2_instance_id: OTHER })];
  const { given } = await taken(batch(lines, { logGroup: TEST_GROUP }), { knowledge, identities });
  assert.ok(given.length > 0);
  assert.deepEqual(touched, []);
});

test('teaches the watch list by the same records of another log group', async () => {
  const told: unknown[] = [];
  const knowledge: SharedKnowledge = {
    known: () => Promise.resolve({ lessons: [], answers: [] }),
    tell: async ({ lessons }) => void told.push(...lessons),
  };
  await taken(batch(CHAIN.flat()), { knowledge });
  assert.ok(told.length > 0);
});

test('counts records of tests by themselves, so that a silent source stays silent', async () => {
  const { metrics } = await taken(batch(CHAIN.flat(), { logGroup: TEST_GROUP }));
  assert.deepEqual(
    [metrics['RecordsRead'], metrics['TestRecordsRead'], metrics['TestClaimsRefused'], metrics['LagSeconds']],
    [0, CHAIN.flat().length, undefined, undefined],
  );
  const real = await taken(batch(CHAIN.flat()));
  assert.deepEqual(
    [real.metrics['RecordsRead'], real.metrics['TestRecordsRead'], real.metrics['TestClaimsRefused']],
    [CHAIN.flat().length, undefined, undefined],
  );
});

for (const [name, logGroup, testLogGroup] of [
  ['of another stack', '/davylamp-test/other', TEST_GROUP],
  ['that only begins as its own', `${TEST_GROUP}-2`, TEST_GROUP],
  ['where it takes none', TEST_GROUP, undefined],
] as const) {
  test(`drops and counts a batch of a log group for tests ${name}`, async () => {
    const { given, metrics } = await taken(
      batch(CHAIN.flat(), { logGroup }),
      testLogGroup === undefined ? { testLogGroup: '/davylamp-test/none' } : { testLogGroup },
    );
    assert.deepEqual([given.length, metrics['Dropped'], metrics['TestClaimsRefused']], [0, 1, 1]);
  });
}

const LOOKUP = (instance: string): string =>
  JSON.stringify({
    ...{ version: '1.100000', account_id: '111122223333', region: 'us-east-1', vpc_id: 'vpc-00040000000000000' },
    ...{ query_timestamp: '2026-11-24T22:00:00Z', query_name: 'xmr-eu1.nanopool.org.', query_type: 'A' },
    ...{ query_class: 'IN', rcode: 'NOERROR', answers: [], srcaddr: '10.4.0.10', srcport: '40210', transport: 'UDP' },
    srcids: { instance },
  });

/** Records that claim the reserved host; the host that their evidence has instead. */
const LIARS: readonly (readonly [string, string, readonly string[], Partial<BatchOptions>, (readonly Format[])?])[] = [
  ['a node', 'stream:web-1', MINER.map((line) => `node=${TEST_HOST} ${line}`), { logStream: 'web-1' }],
  ['a node', OTHER, MINER.map((line) => `node=${TEST_HOST} ${line}`), { logStream: OTHER }],
  ["a node's full name", OTHER, MINER.map((line) => `node=${TEST_HOST}.ec2.internal ${line}`), { logStream: OTHER }],
  ['a stream', `stream:${TEST_HOST}`, MINER, { logStream: TEST_HOST }],
  ['a stream', 'web-1', MINER.map((line) => `node=web-1 ${line}`), { logStream: TEST_HOST }],
  ['a host name', OTHER, [falcoLine({}, { hostname: TEST_HOST })], { logStream: OTHER }],
  ['a shipped instance', OTHER, [shipped({ ec2_instance_id: TEST_HOST })], { logStream: OTHER }],
  ['a source of a lookup', '10.4.0.10', [LOOKUP(TEST_HOST)], { logStream: 'vpc-1' }, [RESOLVER]],
];
for (const [what, host, lines, options, formats = RUNTIME] of LIARS) {
  test(`refuses the reserved host as ${what}, and reads the record as one of ${host}`, async () => {
    const found = await taken(batch(lines, options), { formats });
    assert.deepEqual(hostsOf(found), [host]);
    assert.ok(Number(found.metrics['TestClaimsRefused']) > 0);
  });
}

const flows = 'account-id interface-id instance-id srcaddr dstaddr dstport start end action'.split(' ');
for (const [what, fields, host] of [
  ['instance', `eni-0123456789abcdef0 ${TEST_HOST}`, 'eni-0123456789abcdef0'],
  ['interface', `${TEST_HOST} -`, '10.0.0.5'],
] as const) {
  test(`refuses the reserved host as the ${what} of a flow, and reads it as one of ${host}`, async () => {
    const answer = { name: 'xmr-eu1.nanopool.org', address: '203.0.113.9', at: ACTED, learned: false };
    const knowledge: SharedKnowledge = {
      known: () => Promise.resolve({ lessons: [], answers: [answer] }),
      tell: () => Promise.resolve(),
    };
    const line = `111122223333 ${fields} 10.0.0.5 203.0.113.9 3333 ${ACTED / 1000} ${ACTED / 1000 + 30} ACCEPT`;
    const { metrics, given } = await taken(batch([line], { logStream: 'flow' }), {
      ...{ formats: [VPC_FLOW], flowFormat: flows, knowledge },
    });
    assert.ok(
      given.some(({ place }) => place.host === host),
      given.map(({ place }) => place.host).join(),
    );
    assert.ok(given.every(({ place }) => place.host !== TEST_HOST));
    assert.equal(metrics['TestClaimsRefused'], 1);
  });
}

test('believes no stored membership that leads to the reserved host', async () => {
  const identities: HostIdentities = {
    identify: (hosts) =>
      Promise.resolve(
        hosts.map((member): Membership => ({ member, host: TEST_HOST, from: 0, to: ACTED * 2, how: 'record' })),
      ),
    remember: () => Promise.resolve(),
  };
  const found = await taken(batch(MINER, { logStream: 'web-1' }), { identities });
  assert.deepEqual(hostsOf(found), ['stream:web-1']);
});

test('reads no record of a log group for tests that an object brings, and counts it', async () => {
  const S3 = mockClient(S3Client);
  const payload = (logGroup: string) =>
    JSON.stringify({
      ...{ messageType: 'DATA_MESSAGE', owner: '111122223333', logGroup, logStream: 'web-1' },
      logEvents: MINER.map((message, id) => ({ id: String(id), timestamp: ACTED, message })),
    });
  const results: Taken[] = [];
  for (const logGroup of [TEST_GROUP, '/davylamp-test/other', '/hosts/audit']) {
    S3.on(GetObjectCommand).callsFake(() => ({ Body: Readable.from([gzipSync(payload(logGroup))]), ETag: '"tag"' }));
    const event = queueEvent([createdObject('firehose/1.gz', ACTED)]);
    results.push(await taken(event, { s3: new S3Client({ region: 'us-east-1' }) }));
  }
  assert.deepEqual(results.map(hostsOf), [[], [], ['stream:web-1']]);
  assert.deepEqual(
    results.map(({ metrics }) => Number(metrics['TestClaimsRefused'] ?? 0) > 0),
    [true, true, false],
  );
  S3.restore();
});

const marker = fc.constantFrom(
  TEST_HOST,
  `${TEST_HOST}.ec2.internal`,
  TEST_GROUP,
  '/davylamp-test/',
  '[TEST]',
  'web-1',
);
const anyLine = fc.oneof(
  fc.tuple(marker, fc.constantFrom(...CHAIN.flat())).map(([node, line]) => `node=${node} ${line}`),
  fc.tuple(fc.constantFrom(...CHAIN.flat()), marker).map(([line, text]) => `${line} ${text}`),
  fc
    .dictionary(
      fc.constantFrom(
        'hostname',
        'ec2_instance_id',
        'host',
        'logGroup',
        'logStream',
        'ecs_cluster',
        'synthetic',
        'test',
      ),
      marker,
    )
    .map((beside) => falcoLine({}, beside)),
  fc
    .dictionary(fc.constantFrom('container.id', 'k8s.node.name', 'k8s.pod.name', 'evt.hostname'), marker)
    .map(falcoLine),
  fc.tuple(marker, marker).map(([logGroup, logStream]) =>
    JSON.stringify({
      ...{ messageType: 'DATA_MESSAGE', owner: '111122223333', logGroup, logStream },
      logEvents: [{ id: '1', timestamp: ACTED, message: falcoLine() }],
    }),
  ),
  fc.tuple(fc.string(), marker, fc.string()).map((parts) => parts.join('')),
);
const anyGroup = fc.oneof(
  fc.constantFrom('/hosts/audit', '/davylamp-tests', 'davylamp-test/davylamp', '/x/davylamp-test/davylamp', TEST_HOST),
  fc.stringMatching(/^\/[\w./-]{1,40}$/).filter((name) => name !== TEST_GROUP),
);

test('never gives the reserved host evidence by any other log group, whatever the records hold', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyLine, { maxLength: 6 }), anyGroup, marker, async (lines, logGroup, logStream) => {
      const found = await taken(batch(lines, { logGroup, logStream }));
      assert.ok(!hostsOf(found).includes(TEST_HOST));
    }),
    { numRuns: 120 },
  );
});

test('loses no miner to the reserved host: what claims it by another log group is evidence all the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyLine, { maxLength: 3 }), marker, marker, async (lines, logStream, node) => {
      const found = await taken(batch([...lines, ...MINER.map((line) => `node=${node} ${line}`)], { logStream }));
      assert.ok(found.given.some(({ group }) => group === 'miner_execution'));
    }),
    { numRuns: 60 },
  );
});

test('refuses a name for its log group for tests that a source could bear', () => {
  assert.equal(checkedTestGroup(TEST_GROUP), TEST_GROUP);
  assert.equal(checkedTestGroup(undefined), undefined);
  for (const name of ['/hosts/audit', '/davylamp-test/', '/davylamp-test', '/davylamp/x']) {
    assert.throws(() => checkedTestGroup(name), /^Error: DAVYLAMP_TEST_LOG_GROUP must name a log group below/);
  }
});
