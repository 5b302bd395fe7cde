import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { dynamoDbMemberships } from '#shared/aws/memberships.ts';
import { hostKey, MEMBER_PREFIX } from '#shared/aws/table.ts';
import type { Membership, Memberships } from '#shared/model/membership.ts';
import type { Host } from '#shared/model/place.ts';
import { openEmbeddedTable } from '../../cli/embedded-table.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 25, 10);
const MEMBER: Host = { account: '111122223333', region: 'us-east-1', host: '10.0.0.5' };
const INSTANCE: Host = { ...MEMBER, host: 'i-0123456789abcdef0' };
const IS: Membership = { member: MEMBER, host: INSTANCE.host, vpc: 'vpc-1', from: NOW, to: NOW + HOUR, how: 'record' };

let table: Awaited<ReturnType<typeof openEmbeddedTable>>;
let client: DynamoDBClient;
let memberships: Memberships;

beforeEach(async () => {
  table = await openEmbeddedTable();
  client = new DynamoDBClient({
    endpoint: table.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded' },
  });
  memberships = dynamoDbMemberships(client, 'davylamp');
});
afterEach(async () => {
  client.destroy();
  await table.close();
});

test('is found from both hosts', async () => {
  await memberships.remember(IS);
  assert.deepEqual(await memberships.canonicals(MEMBER), [IS]);
  assert.deepEqual(await memberships.members(INSTANCE), [IS]);
  assert.deepEqual(await memberships.members(MEMBER), []);
  assert.deepEqual(await memberships.canonicals({ ...MEMBER, account: '444455556666' }), []);
});

test('of the same two hosts and VPC is one, with the time of all', async () => {
  await Promise.all(
    [
      [NOW, NOW + HOUR],
      [NOW - HOUR, NOW],
      [NOW, NOW + 5 * HOUR],
      [NOW, NOW],
    ].map(([from = 0, to = 0]) => memberships.remember({ ...IS, from, to })),
  );
  assert.deepEqual(await memberships.canonicals(MEMBER), [{ ...IS, from: NOW - HOUR, to: NOW + 5 * HOUR }]);
  await memberships.remember({ ...IS, vpc: 'vpc-2' });
  assert.equal((await memberships.canonicals(MEMBER)).length, 2);
});

test('holds for names of any length and shape', async () => {
  const hosts = ['#', '%23', 'x'.repeat(2000), 'member#canonical#', 'ä\u0000'].map((host) => ({ ...MEMBER, host }));
  for (const member of hosts) await memberships.remember({ ...IS, member });
  for (const member of hosts) assert.deepEqual(await memberships.canonicals(member), [{ ...IS, member }]);
  assert.equal((await memberships.members(INSTANCE)).length, hosts.length);
});

test('of a later version is passed over', async () => {
  const item = {
    pk: { S: hostKey(INSTANCE) },
    sk: { S: `${MEMBER_PREFIX}later#-` },
    body: { S: '{"schema":"another"}' },
  };
  await client.send(new PutItemCommand({ TableName: 'davylamp', Item: item }));
  await memberships.remember(IS);
  assert.deepEqual(await memberships.members(INSTANCE), [IS]);
});
