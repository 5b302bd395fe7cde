import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { type WatchItems, watchItems } from '#shared/aws/watch-items.ts';
import type { Answer, Knowledge, Lesson } from '#shared/model/intel.ts';
import { openEmbeddedTable } from '../../cli/embedded-table.ts';

const NOW = Date.UTC(2026, 10, 25, 10);
const MINUTE = 60_000;
const DAY = 86_400_000;
const LESSON: Lesson = { endpoint: { host: '203.0.113.9', port: 3333 }, proxy: false, learner: 'i-1', at: NOW };
const ANSWER: Answer = {
  account: '111122223333',
  vpc: 'vpc-1',
  name: 'pool.example.com',
  address: '203.0.113.20',
  at: NOW,
  learned: true,
  port: 3333,
};

let close: () => Promise<void>;
let client: DynamoDBClient;
let items: WatchItems;
const TABLE = 'davylamp';

before(async () => {
  await open();
});
beforeEach(async () => {
  await close();
  await open();
});
after(() => close());

async function open(): Promise<void> {
  const table = await openEmbeddedTable();
  client = new DynamoDBClient({
    endpoint: table.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded' },
  });
  items = watchItems(client, TABLE);
  close = async () => {
    client.destroy();
    await table.close();
  };
}

const sorted = ({ lessons, answers }: Knowledge) => ({
  lessons: [...lessons].sort((a, b) => (a.endpoint.host < b.endpoint.host ? -1 : 1)),
  answers: [...answers].sort((a, b) => a.at - b.at),
});

test('gives to others what one run learned', async () => {
  const named: Lesson = { ...LESSON, endpoint: { host: 'private.example.com' }, proxy: true };
  const { account: _account, vpc: _vpc, port: _port, ...bare } = ANSWER;
  await items.write({ lessons: [LESSON, named], answers: [ANSWER, { ...bare, at: NOW + DAY }] }, NOW);
  assert.deepEqual(sorted(await items.read(NOW)), {
    lessons: [LESSON, named],
    answers: [ANSWER, { ...bare, at: NOW + DAY }],
  });
});

test('keeps one answer of each half hour, and endpoints once', async () => {
  const answers = [0, 1, 29, 30, 59, 60].map((minutes) => ({ ...ANSWER, at: NOW + minutes * MINUTE }));
  for (const at of [NOW, NOW + 5 * MINUTE]) {
    await items.write({ lessons: [{ ...LESSON, at }], answers }, at);
  }
  const { lessons, answers: kept } = sorted(await items.read(NOW));
  assert.equal(lessons.length, 1);
  assert.equal(kept.length, 3);
  const gaps = kept.slice(1).map((one, index) => one.at - (kept[index]?.at ?? 0));
  assert.ok(
    gaps.every((gap) => gap <= 60 * MINUTE),
    'answers of one hour after the other stay one run',
  );
});

test('forgets endpoints after thirty days and answers after two, unless they were named again', async () => {
  const other: Lesson = { ...LESSON, endpoint: { host: '203.0.113.10' } };
  await items.write({ lessons: [LESSON, other], answers: [ANSWER] }, NOW);
  await items.write({ lessons: [LESSON], answers: [] }, NOW + 20 * DAY);
  assert.equal((await items.read(NOW + 1.9 * DAY)).answers.length, 1);
  assert.equal((await items.read(NOW + 2.1 * DAY)).answers.length, 0);
  assert.equal((await items.read(NOW + 29 * DAY)).lessons.length, 2);
  assert.deepEqual((await items.read(NOW + 31 * DAY)).lessons, [LESSON]);
});

test('reads a list of several pages', async () => {
  const lessons = Array.from({ length: 120 }, (_, n) => ({
    ...LESSON,
    endpoint: { host: `${n}.example.com` },
    learner: 'i'.repeat(40_000),
  }));
  await items.write({ lessons, answers: [] }, NOW);
  assert.equal((await items.read(NOW)).lessons.length, 120);
});

test('keeps what it writes in partitions of its own, each with its end', async () => {
  await items.write({ lessons: [LESSON], answers: [ANSWER] }, NOW);
  const { Items = [] } = await client.send(new ScanCommand({ TableName: TABLE }));
  assert.equal(Items.length, 2);
  for (const item of Items) {
    assert.match(item['pk']?.S ?? '', /^watch#[0-3]$/);
    assert.ok(Number(item['expiresAt']?.N) > NOW / 1000);
  }
});
