import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoDbMemberships } from '#shared/aws/memberships.ts';
import type { Interfaces } from '#shared/aws/network-interfaces.ts';
import { watchItems } from '#shared/aws/watch-items.ts';
import { AUDITD } from '#shared/events/auditd/reader.ts';
import { VPC_FLOW } from '#shared/events/vpc-flow/reader.ts';
import type { Evidence } from '#shared/model/evidence.ts';
import type { Format } from '#shared/model/reader.ts';
import { openEmbeddedTable } from '../../cli/embedded-table.ts';
import { hostIdentities } from '../../functions/runtime/host-identities.ts';
import { sharedKnowledge } from '../../functions/runtime/knowledge.ts';
import { execLines, flowLine, MINER, POOL, START } from '../cli/logs.ts';
import { classifierOf, recordingMerge, subscriptionEvent } from './classifier.ts';

const MINUTE = 60_000;
const DEFAULTS = { account: '111122223333', region: 'us-east-1' };
const ADDRESS = '10.0.0.5';

let table: Awaited<ReturnType<typeof openEmbeddedTable>>;
let client: DynamoDBClient;
let now: number;
let asked: string[][];
let failures: unknown[];

beforeEach(async () => {
  table = await openEmbeddedTable();
  client = new DynamoDBClient({
    endpoint: table.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded' },
  });
  now = (START + 600) * 1000;
  asked = [];
  failures = [];
});
afterEach(async () => {
  client.destroy();
  await table.close();
});

const NOBODY = (): Promise<Interfaces> => Promise.resolve({ NetworkInterfaces: [] });

/** A container with nothing in memory, over the one table. */
function container(formats: readonly Format[], describe: () => Promise<Interfaces> = NOBODY) {
  const { merge, given } = recordingMerge(table.store.merge);
  const call = classifierOf({
    formats,
    merge,
    now,
    knowledge: sharedKnowledge(watchItems(client, 'davylamp'), () => now),
    identities: hostIdentities({
      memberships: dynamoDbMemberships(client, 'davylamp'),
      describe: (ids, addresses) => {
        asked.push([...ids, ...addresses]);
        return describe();
      },
      defaults: DEFAULTS,
      clock: () => now,
      failed: (error) => failures.push(error),
    }),
  });
  const give = async (text: string): Promise<readonly Evidence[]> => {
    given.length = 0;
    await call(subscriptionEvent(text.trimEnd().split('\n'), { at: now, logStream: 'audit' }));
    return [...given];
  };
  return { give };
}

const hostsOf = (evidence: readonly Evidence[]): readonly string[] => [
  ...new Set(evidence.map((one) => one.place.host)),
];
const inventory = (instance?: string): Promise<Interfaces> =>
  Promise.resolve({
    NetworkInterfaces: [
      {
        NetworkInterfaceId: 'eni-0a1b2c3d4e5f60718',
        OwnerId: DEFAULTS.account,
        AvailabilityZone: 'us-east-1a',
        VpcId: 'vpc-1',
        PrivateIpAddress: ADDRESS,
        ...(instance === undefined
          ? {}
          : { Attachment: { InstanceId: instance, AttachTime: new Date((START - 86_400) * 1000) } }),
      },
    ],
  });

test('a pool that a miner names is found in flow logs that another function reads later', async () => {
  assert.deepEqual(await container([VPC_FLOW]).give(flowLine(POOL)), [], 'nobody has named it yet');
  const flows = container([VPC_FLOW]);
  const miner = await container([AUDITD]).give(execLines(MINER));
  assert.ok(miner.some((one) => one.group === 'miner_execution'));
  const met = await flows.give(flowLine(POOL, 90));
  assert.deepEqual(
    met.map((one) => one.group),
    ['pool_connection'],
  );
  // The flow names the interface as well, so that the correlator learns of both names.
  const member = { ...DEFAULTS, host: ADDRESS };
  const [membership] = await dynamoDbMemberships(client, 'davylamp').canonicals(member);
  assert.deepEqual([hostsOf(miner), hostsOf(met)], [[ADDRESS], [membership?.host]]);
});

test('a container that knew the list before hears of a pool within a minute', async () => {
  const flows = container([VPC_FLOW]);
  await flows.give(flowLine('192.0.2.77:443'));
  await container([AUDITD]).give(execLines(MINER));
  assert.deepEqual(await flows.give(flowLine(POOL, 90)), []);
  now += MINUTE;
  assert.equal((await flows.give(flowLine(POOL, 120))).length, 1);
});

test('hosts known by address are looked up in the inventory of EC2, once, and have their instance in every source', async () => {
  const instance = 'i-0123456789abcdef0';
  const runtime = container([AUDITD], () => inventory(instance));
  assert.deepEqual(hostsOf(await runtime.give(execLines(MINER))), [instance]);
  assert.deepEqual(hostsOf(await runtime.give(execLines(MINER, { at: 60 }))), [instance]);
  assert.deepEqual(asked, [[ADDRESS]]);
  // Another container finds it in the table.
  assert.deepEqual(hostsOf(await container([VPC_FLOW]).give(flowLine(POOL, 90))), [instance]);
});

test('an inventory that does not answer leaves hosts as they are named, and is left alone for a minute', async () => {
  const runtime = container([AUDITD], () => Promise.reject(new Error('throttled')));
  assert.deepEqual(hostsOf(await runtime.give(execLines(MINER))), [ADDRESS]);
  assert.deepEqual(hostsOf(await runtime.give(execLines(MINER, { at: 30, node: 'ip-10-0-0-6' }))), ['10.0.0.6']);
  assert.equal(asked.length, 1);
  assert.equal(failures.length, 1);
  now += MINUTE;
  await runtime.give(execLines(MINER, { at: 60, node: 'ip-10-0-0-7' }));
  assert.equal(asked.length, 2);
});

test('the inventory is not asked for hosts of another account', async () => {
  const flows = container([VPC_FLOW], () => inventory('i-0123456789abcdef0'));
  await container([AUDITD]).give(execLines(MINER));
  asked = [];
  await flows.give(flowLine(POOL, 90, ADDRESS, '444455556666'));
  assert.deepEqual(asked, []);
});
