import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import type { Store } from '#shared/correlate/store.ts';
import { AUDITD } from '#shared/events/auditd/reader.ts';
import { FALCO } from '#shared/events/falco/reader.ts';
import { RESOLVER } from '#shared/events/resolver/reader.ts';
import { VPC_FLOW } from '#shared/events/vpc-flow/reader.ts';
import { openEmbeddedTable } from '../../cli/embedded-table.ts';
import { classifierOf, createdObject, queueEvent, recordingMerge, subscriptionEvent } from './classifier.ts';

const LOGS = 'samples/scenarios/critical/logs';
const AUDIT = readFileSync(`${LOGS}/audit.log.1`, 'utf8').trimEnd().split('\n');
const RESOLVER_LOG = readFileSync(
  `${LOGS}/vpc-00040000000000000_vpcdnsquerylogs_111122223333_20261104T2200Z_5e6f7a8b.log.gz`,
);
const FLOWS = gunzipSync(readFileSync('samples/scenarios/sustained-session-flow-only/logs/with-direction.log.gz'));
/** After the last record of each log. */
const NOW = Date.parse('2026-11-12T00:00:00Z');
const RUNTIME = [AUDITD, FALCO];
const S3 = mockClient(S3Client);
const s3 = new S3Client({ region: 'us-east-1' });

let table: Awaited<ReturnType<typeof openEmbeddedTable>>;
let memory: { merge: Store['merge'] };
before(async () => {
  table = await openEmbeddedTable();
  memory = table.store;
});
after(() => table.close());

/** Bodies of all items of a table by key. */
async function itemsOf(endpoint: string): Promise<ReadonlyMap<string, string>> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded' },
  });
  const { Items = [] } = await client.send(new ScanCommand({ TableName: 'davylamp' }));
  client.destroy();
  return new Map(Items.map((item) => [`${item['pk']?.S} ${item['sk']?.S}`, item['body']?.S ?? '']));
}

function chunked<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

function objectsOf(objects: Readonly<Record<string, Buffer>>): void {
  S3.reset();
  S3.on(GetObjectCommand).callsFake(({ Key }: { Key: string }) => {
    const bytes = objects[Key];
    if (bytes === undefined) throw new NoSuchKey({ message: 'no such key', $metadata: {} });
    return { Body: Readable.from(chunked([...bytes], 1000).map((part) => Buffer.from(part))), ETag: '"tag"' };
  });
}

test('stores the evidence of a log batch under the instance that its stream names', async () => {
  const { merge, given } = recordingMerge(memory.merge);
  const call = classifierOf({ formats: RUNTIME, merge, now: NOW });
  const { result, metrics } = await call(subscriptionEvent(AUDIT, { at: 1_793_826_100_000 }));
  assert.equal(result, undefined);
  const groups = new Set(given.map((one) => one.group));
  assert.ok(groups.has('miner_execution'), [...groups].join());
  assert.equal(metrics['EvidenceWritten'], given.length);
  assert.ok(Number(metrics['RecordsRead']) > 0);
  assert.ok(Number(metrics['Indicators_miner_execution']) > 0);
  assert.ok(Number(metrics['LagSeconds']) > 0);
  for (const { place } of given) assert.deepEqual([place.account, place.region], ['111122223333', 'us-east-1']);
});

test('gives the same items when batches are replayed twice, in another order, by several containers', async () => {
  const batches = chunked(AUDIT, 40).map((lines) => subscriptionEvent(lines, { at: 1_793_826_100_000 }));
  const states: ReadonlyMap<string, string>[] = [];
  for (const order of [batches, [...batches, ...batches.toReversed()]]) {
    const fresh = await openEmbeddedTable();
    const containers = [0, 1].map(() => classifierOf({ formats: RUNTIME, merge: fresh.store.merge, now: NOW }));
    for (const [index, batch] of order.entries()) await containers[index % 2]?.(batch);
    states.push(await itemsOf(fresh.endpoint));
    await fresh.close();
  }
  const [once, again] = states;
  assert.ok((once?.size ?? 0) > 0);
  assert.deepEqual(again, once);
});

test('asks the table for nothing when a container is given what it has just written', async () => {
  const { merge, given } = recordingMerge(memory.merge);
  const call = classifierOf({ formats: RUNTIME, merge, now: NOW });
  const event = subscriptionEvent(AUDIT, { at: 1_793_826_100_000 });
  await call(event);
  const written = given.length;
  const { metrics } = await call(event);
  assert.equal(given.length, written);
  assert.deepEqual([metrics['EvidenceWritten'], metrics['EvidenceUnchanged']], [0, written]);
});

for (const [name, change] of [
  ['its own log groups', { logGroup: '/davylamp/classify-runtime' }],
  ['control messages', { messageType: 'CONTROL_MESSAGE', logGroup: '' }],
] as const) {
  test(`drops and counts ${name}`, async () => {
    const { merge, given } = recordingMerge(memory.merge);
    const call = classifierOf({ formats: RUNTIME, merge, now: NOW });
    const { metrics } = await call(subscriptionEvent(AUDIT, { at: 1_793_826_100_000, ...change }));
    assert.deepEqual([given.length, metrics['Dropped'], metrics['RecordsRead']], [0, 1, 0]);
  });
}

for (const [name, now] of [
  ['more than 14 days old', 1_793_826_069_559 + 15 * 86_400_000],
  ['more than 2 hours ahead', 1_793_826_069_559 - 3 * 3_600_000],
] as const) {
  test(`quarantines and counts events ${name}`, async () => {
    const { merge, given } = recordingMerge(memory.merge);
    const call = classifierOf({ formats: RUNTIME, merge, now });
    const { metrics } = await call(subscriptionEvent(AUDIT.slice(0, 400), { at: 1_793_826_069_559 }));
    assert.equal(given.length, 0);
    assert.ok(Number(metrics['Quarantined']) > 0);
  });
}

test('writes no line of a log to its own log', async () => {
  const call = classifierOf({ formats: RUNTIME, merge: memory.merge, now: NOW });
  const { lines } = await call(subscriptionEvent(AUDIT, { at: 1_793_826_100_000 }));
  assert.equal(lines.length, 1);
});

test('reads what stands before the damage of a log batch, and counts the damage', async () => {
  const { merge, given } = recordingMerge(memory.merge);
  const call = classifierOf({ formats: RUNTIME, merge, now: NOW });
  const data = Buffer.from(subscriptionEvent(AUDIT, { at: 1_793_826_100_000 }).awslogs.data, 'base64');
  const { metrics } = await call({ awslogs: { data: data.subarray(0, -100).toString('base64') } });
  assert.ok(given.length > 0);
  assert.equal(metrics['Unreadable_truncated'], 1);
});

const FOREIGN: readonly [string, unknown, RegExp][] = [
  ['an empty object', {}, /awslogs is not/],
  ['text', 'hello', /the event itself is not Object/],
  ['nothing', null, /the event itself is not Object/],
  ['data that are no base64', { awslogs: { data: '<secret>' } }, /awslogs\.data is not/],
  ['a Kinesis event', { Records: [{ eventSource: 'aws:kinesis', kinesis: {} }] }, /Records\.0\.eventSource is not/],
  ['an S3 event', createdObject('a.log', NOW), /Records\.0\.eventSource is not/],
  ['an empty batch', { Records: [] }, /Records is not/],
];
for (const [name, event, message] of FOREIGN) {
  test(`refuses ${name} with an error that names the place and no value`, async () => {
    const call = classifierOf({ formats: RUNTIME, merge: memory.merge, now: NOW });
    await assert.rejects(call(event), (error: Error) => {
      assert.equal(error.name, 'ForeignEventError');
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /secret|hello/);
      return true;
    });
  });
}

const HEAD = { messageType: 'DATA_MESSAGE', owner: '111122223333', logGroup: '/hosts/audit', logStream: 'i-1' };
const gzipped = (value: unknown): Buffer => gzipSync(typeof value === 'string' ? value : JSON.stringify(value));
const WORDS = [{ id: '1', timestamp: NOW, message: 'secret word' }];

const UNREADABLE: readonly [string, Buffer, string][] = [
  ['no gzip', Buffer.from('secret words'), 'not-json'],
  ['base64 of nothing', Buffer.from([]), 'unknown-format'],
  ['gzip around text', gzipped('not json, but secret'), 'not-json'],
  ['gzip around a number', gzipped('5'), 'not-json'],
  ['gzip around nothing', gzipped(''), 'unknown-format'],
  ['gzip that is cut in its header', gzipped({ ...HEAD, logEvents: WORDS }).subarray(0, 9), 'truncated'],
  ['gzip that is cut before the first record', gzipped({ ...HEAD, logEvents: WORDS }).subarray(0, -20), 'truncated'],
  ['a payload without log events', gzipped(HEAD), 'missing-field'],
  ['log events that are no list', gzipped({ ...HEAD, logEvents: 5 }), 'not-json'],
  ['log events that are no objects', gzipped({ ...HEAD, logEvents: [5] }), 'missing-field'],
  ['log events without a message', gzipped({ ...HEAD, logEvents: [{ id: 'secret' }] }), 'missing-field'],
  ['a payload that breaks off', gzipped(JSON.stringify({ ...HEAD, logEvents: WORDS }).slice(0, -3)), 'truncated'],
];
for (const [name, bytes, fault] of UNREADABLE) {
  test(`fails a log batch of ${name}, so that it is kept whole, counts it and repeats nothing of it`, async () => {
    const lines: string[] = [];
    const call = classifierOf({ formats: RUNTIME, merge: memory.merge, now: NOW, lines });
    // Base64 of nothing is its padding: the empty text is no base64 to the trigger's schema.
    const data = bytes.toString('base64') || '====';
    await assert.rejects(call({ awslogs: { data } }), ({ name, message }: Error) => {
      assert.equal(name, 'ForeignEventError');
      assert.match(message, /nothing of awslogs\.data can be read: /);
      assert.ok(message.endsWith(`: ${fault}`), message);
      assert.doesNotMatch(message, /secret/);
      return true;
    });
    const { length } = lines.filter((line) => /"Unreadable_[a-z-]+":1[,}]/.test(line));
    assert.equal(length, 1, lines.join('\n'));
    assert.doesNotMatch(lines.join(), /secret/);
  });
}

test('counts a log batch without log events by what is missing in it', async () => {
  const lines: string[] = [];
  const call = classifierOf({ formats: RUNTIME, merge: memory.merge, now: NOW, lines });
  await assert.rejects(call({ awslogs: { data: gzipped(HEAD).toString('base64') } }));
  assert.match(lines.join('\n'), /"Unreadable_missing-field":1[,}]/);
});

for (const [name, logEvents] of [
  ['records of no known format', WORDS],
  ['one record of no known format among broken ones', [{ id: '0' }, ...WORDS]],
  ['no record at all', []],
] as const) {
  test(`takes a whole log batch with ${name}`, async () => {
    const call = classifierOf({ formats: RUNTIME, merge: memory.merge, now: NOW });
    const { result, metrics } = await call({ awslogs: { data: gzipped({ ...HEAD, logEvents }).toString('base64') } });
    assert.equal(result, undefined);
    assert.equal(metrics['Unreadable_unknown-format'], logEvents.length > 0 ? 1 : undefined);
  });
}

test('fails a log batch whose evidence can not be stored', async () => {
  const call = classifierOf({
    formats: RUNTIME,
    merge: () => Promise.reject(new Error('throttled')),
    now: NOW,
  });
  await assert.rejects(call(subscriptionEvent(AUDIT, { at: 1_793_826_100_000 })), /throttled/);
});

const RESOLVER_KEY =
  'central/AWSLogs/111122223333/vpcdnsquerylogs/vpc-00040000000000000/2026/11/04/vpc-00040000000000000_vpcdnsquerylogs_111122223333_20261104T2200Z_5e6f7a8b.log.gz';

test('reads the objects that messages name, from S3 itself, by EventBridge and through a topic, with equal evidence', async () => {
  objectsOf({ [RESOLVER_KEY]: RESOLVER_LOG });
  const native = createdObject(RESOLVER_KEY, NOW);
  const bridged = {
    version: '0',
    source: 'aws.s3',
    'detail-type': 'Object Created',
    time: new Date(NOW).toISOString(),
    detail: {
      version: '0',
      bucket: { name: 'logs-example' },
      object: { key: RESOLVER_KEY, size: 1234 },
      reason: 'PutObject',
    },
  };
  const topic = { Type: 'Notification', MessageId: 'id', Message: JSON.stringify(native) };
  const seen = [];
  for (const body of [native, bridged, topic]) {
    const { merge, given } = recordingMerge(memory.merge);
    const { result } = await classifierOf({ formats: [RESOLVER], merge, now: NOW, s3 })(queueEvent([body]));
    assert.deepEqual(result, { batchItemFailures: [] });
    seen.push(given);
  }
  assert.ok((seen[0]?.length ?? 0) > 0);
  assert.deepEqual(seen[1], seen[0]);
  assert.deepEqual(seen[2], seen[0]);
});

test('formats 5: a key with + and %2B is one with space and plus', async () => {
  const key = 'AWSLogs/aws-account-id=444455556666/aws-service=vpcflowlogs/aws-region=eu-west-1/a b+c.log.gz';
  objectsOf({ [key]: gzipSync(FLOWS) });
  const { merge, given } = recordingMerge(memory.merge);
  const { result } = await classifierOf({ formats: [VPC_FLOW], merge, now: NOW, s3 })(
    queueEvent([createdObject(key, NOW)]),
  );
  assert.deepEqual(result, { batchItemFailures: [] });
  assert.ok(given.length > 0);
  for (const { place } of given) assert.equal(place.region, 'eu-west-1');
});

test('reads no object for the test message, removals, markers and Parquet', async () => {
  objectsOf({});
  const removed = JSON.stringify(createdObject('a.log', NOW)).replace('ObjectCreated:Put', 'ObjectRemoved:Delete');
  const bodies = [
    { Service: 'Amazon S3', Event: 's3:TestEvent', Time: '2026-11-24T22:00:00.000Z', Bucket: 'logs-example' },
    removed,
    createdObject('x/processing-failed/2026/a', NOW),
    createdObject('x/aws-logs-write-test', NOW),
    createdObject('x/flows.log.parquet', NOW),
  ];
  const { result, metrics } = await classifierOf({ formats: [VPC_FLOW], merge: memory.merge, now: NOW, s3 })(
    queueEvent(bodies),
  );
  assert.deepEqual(result, { batchItemFailures: [] });
  assert.deepEqual([metrics['Dropped'], S3.calls().length], [3, 0]);
});

test('fails bad messages one by one, without a word of theirs in the log, and takes their neighbours', async () => {
  objectsOf({ [RESOLVER_KEY]: RESOLVER_LOG });
  const { merge, given } = recordingMerge(memory.merge);
  const bodies = [
    'secret text',
    { secret: 1 },
    createdObject('gone.log', NOW),
    createdObject(RESOLVER_KEY, NOW),
    JSON.stringify(createdObject('a', NOW)).replace('"key":"a"', '"key":"secret%zz"'),
  ];
  const { result, lines } = await classifierOf({ formats: [RESOLVER], merge, now: NOW, s3 })(queueEvent(bodies));
  assert.deepEqual(
    result?.batchItemFailures.map((one) => one.itemIdentifier),
    ['message-0', 'message-1', 'message-2', 'message-4'],
  );
  assert.ok(given.length > 0);
  assert.equal(lines.length, 5);
  assert.doesNotMatch(lines.join('\n'), /secret/);
});

test('stops at a gzip bomb, counts it, and takes the message', async () => {
  objectsOf({ bomb: gzipSync(Buffer.alloc(64 * 1024 * 1024, `${'a'.repeat(999)}\n`)) });
  const { result, metrics } = await classifierOf({ formats: [VPC_FLOW], merge: memory.merge, now: NOW, s3 })(
    queueEvent([createdObject('bomb', NOW)]),
  );
  assert.deepEqual(result, { batchItemFailures: [] });
  assert.equal(metrics['Unreadable_bomb'], 1);
});

test('reads a cut object up to the cut', async () => {
  const packed = gzipSync(FLOWS);
  objectsOf({ cut: packed.subarray(0, -1000) });
  const { merge, given } = recordingMerge(memory.merge);
  const { metrics } = await classifierOf({ formats: [VPC_FLOW], merge, now: NOW, s3 })(
    queueEvent([createdObject('cut', NOW)]),
  );
  assert.ok(given.length > 0);
  assert.equal(metrics['Unreadable_truncated'], 1);
});

test('reads no events of its own log groups that come by way of a bucket', async () => {
  const { data } = subscriptionEvent(AUDIT, { at: 1_793_826_100_000, logGroup: '/davylamp/classify-runtime' }).awslogs;
  const foreign = subscriptionEvent(AUDIT, { at: 1_793_826_100_000 }).awslogs.data;
  const counts: number[] = [];
  for (const one of [data, foreign]) {
    objectsOf({ delivered: Buffer.from(one, 'base64') });
    const { merge, given } = recordingMerge(memory.merge);
    await classifierOf({ formats: RUNTIME, merge, now: NOW, s3 })(queueEvent([createdObject('delivered', NOW)]));
    counts.push(given.length);
  }
  assert.equal(counts[0], 0);
  assert.ok((counts[1] ?? 0) > 0);
});

test('takes the time at which S3 says that an object came as its arrival, however late the message is read', async () => {
  objectsOf({ [RESOLVER_KEY]: RESOLVER_LOG });
  const { merge, given } = recordingMerge(memory.merge);
  await classifierOf({ formats: [RESOLVER], merge, now: NOW + 60 * 86_400_000, s3 })(
    queueEvent([createdObject(RESOLVER_KEY, NOW)]),
  );
  assert.ok(given.length > 0);
});

test('fails the message whose evidence can not be stored', async () => {
  objectsOf({ [RESOLVER_KEY]: RESOLVER_LOG });
  const { result } = await classifierOf({
    formats: [RESOLVER],
    merge: () => Promise.reject(new Error('throttled')),
    now: NOW,
    s3,
  })(queueEvent([createdObject(RESOLVER_KEY, NOW)]));
  assert.deepEqual(result, { batchItemFailures: [{ itemIdentifier: 'message-0' }] });
});
