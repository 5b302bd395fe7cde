import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CloudWatchLogsClient,
  DeleteSubscriptionFilterCommand,
  DescribeSubscriptionFiltersCommand,
  InvalidParameterException,
  LimitExceededException,
  OperationAbortedException,
  PutSubscriptionFilterCommand,
  ResourceNotFoundException,
  type SubscriptionFilter,
} from '@aws-sdk/client-cloudwatch-logs';
import { mockClient } from 'aws-sdk-client-mock';
import { type LogSubscription, reconcileLogSubscriptions } from '#shared/aws/log-subscriptions.ts';

const FLOW = 'arn:aws:lambda:eu-west-1:111122223333:function:flow';
const DNS = 'arn:aws:lambda:eu-west-1:111122223333:function:dns';
const OTHER = 'arn:aws:firehose:eu-west-1:111122223333:deliverystream/other';
const to = (destinationArn: string, ...logGroups: string[]): LogSubscription[] =>
  logGroups.map((logGroup) => ({ logGroup, destinationArn }));
const own = (destinationArn = FLOW): SubscriptionFilter => ({
  ...{ filterName: 'davylamp', filterPattern: '', destinationArn },
});
const others = (name: string): SubscriptionFilter => ({ filterName: name, filterPattern: '', destinationArn: OTHER });
const error = <E>(make: new (options: { message: string; $metadata: object }) => E, message = 'made up'): E =>
  new make({ message, $metadata: {} });

/** CloudWatch Logs with the given groups: two filters on each at most, and errors to come from the next puts. */
function cloudWatchLogs(groups: Record<string, SubscriptionFilter[]>, errors: Error[] = []) {
  const client = mockClient(CloudWatchLogsClient);
  const filters = (name = ''): SubscriptionFilter[] => {
    const found = groups[name];
    if (found === undefined) throw error(ResourceNotFoundException);
    return found;
  };
  client.on(DescribeSubscriptionFiltersCommand).callsFake(({ logGroupName }) => ({
    subscriptionFilters: filters(logGroupName),
  }));
  client.on(DeleteSubscriptionFilterCommand).callsFake(({ logGroupName, filterName }) => {
    groups[logGroupName] = filters(logGroupName).filter((one) => one.filterName !== filterName);
  });
  client.on(PutSubscriptionFilterCommand).callsFake(({ logGroupName, ...filter }) => {
    const [next] = errors.splice(0, 1);
    if (next !== undefined) throw next;
    const rest = filters(logGroupName).filter((one) => one.filterName !== filter.filterName);
    if (rest.length >= 2) throw error(LimitExceededException);
    groups[logGroupName] = [...rest, filter];
  });
  return client as unknown as CloudWatchLogsClient;
}

async function reconciled(
  groups: Record<string, SubscriptionFilter[]>,
  wanted: readonly LogSubscription[],
  before: readonly LogSubscription[] = [],
  errors: Error[] = [],
) {
  const waits: number[] = [];
  const client = cloudWatchLogs(groups, errors);
  const result = await reconcileLogSubscriptions(client, { filterName: 'davylamp', wanted, before }, async (ms) => {
    waits.push(ms);
  });
  return { ...result, warnings: [...result.problems.values()], waits, groups };
}

test('attaches groups beside filters of others', async () => {
  const { attached, warnings, groups } = await reconciled({ '/a': [], '/b': [others('theirs')] }, to(FLOW, '/a', '/b'));
  assert.deepEqual([attached, warnings], [2, []]);
  assert.deepEqual(groups, { '/a': [own()], '/b': [others('theirs'), own()] });
});

test('warns of a group that is missing and attaches the others', async () => {
  const { attached, warnings } = await reconciled({ '/b': [] }, to(FLOW, '/a', '/b'));
  assert.deepEqual([attached, warnings], [1, ['/a does not exist; it is attached within an hour of its creation.']]);
});

test('warns of a full group by the names of what is there, and touches none of it', async () => {
  const there = [others('siem'), others('archive')];
  const { attached, warnings, groups } = await reconciled({ '/a': there }, to(FLOW, '/a'));
  const sentence = `/a has no room for another subscription filter beside siem to ${OTHER} and archive to ${OTHER}; it is attached within an hour once one is gone.`;
  assert.deepEqual([attached, warnings, groups], [0, [sentence], { '/a': there }]);
});

test("leaves another's filter of the same name alone, on attaching and on removing", async () => {
  const there = { '/a': [others('davylamp')], '/b': [others('davylamp')] };
  const { warnings, removed, groups } = await reconciled({ ...there }, to(FLOW, '/a'), to(FLOW, '/b'));
  assert.deepEqual(warnings, [`/a has a filter named davylamp that leads to ${OTHER}; it was left alone.`]);
  assert.deepEqual([removed, groups], [0, there]);
});

test('moves a group to another function of the stack, also where the group is full', async () => {
  const there = { '/a': [own(FLOW), others('siem')] };
  const { attached, groups } = await reconciled(there, to(DNS, '/a'), to(FLOW, '/a'));
  assert.deepEqual([attached, groups], [1, { '/a': [others('siem'), own(DNS)] }]);
});

test('removes from groups that left the configuration what is its own alone', async () => {
  const there = { '/a': [own()], '/b': [own(), others('siem')] };
  const { removed, groups } = await reconciled(there, to(FLOW, '/a'), to(FLOW, '/a', '/b', '/gone'));
  assert.deepEqual([removed, groups], [1, { '/a': [own()], '/b': [others('siem')] }]);
});

test('removes all when nothing is wanted', async () => {
  const { attached, removed, groups } = await reconciled({ '/a': [own()], '/b': [own()] }, [], to(FLOW, '/a', '/b'));
  assert.deepEqual([attached, removed, groups], [0, 2, { '/a': [], '/b': [] }]);
});

test('puts no filter that is there as it should be, and mends one that is not', async () => {
  const there = await reconciled({ '/a': [own()] }, to(FLOW, '/a'), [], [new Error('put')]);
  assert.deepEqual([there.attached, there.put], [1, []]);
  const narrow = { ...own(), filterPattern: 'ERROR' };
  const { groups, put } = await reconciled({ '/a': [narrow] }, to(FLOW, '/a'), to(FLOW, '/a'));
  assert.deepEqual([groups, put], [{ '/a': [own()] }, to(FLOW, '/a')]);
});

test('waits until a new permission has spread', async () => {
  const early = [error(InvalidParameterException), error(OperationAbortedException)];
  const { attached, waits } = await reconciled({ '/a': [] }, to(FLOW, '/a'), [], early);
  assert.deepEqual([attached, waits], [1, [1000, 2000]]);
});

test('warns of groups that refuse, after one round of waiting for all of them', async () => {
  const refusals = Array.from({ length: 8 }, () => error(InvalidParameterException, 'made up: class of the group'));
  const groups = { '/a': [], '/b': [], '/c': [], '/d': [] };
  const wanted = to(FLOW, ...Object.keys(groups));
  const { attached, warnings, waits } = await reconciled(groups, wanted, [], refusals);
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16000]);
  assert.equal(attached, 1);
  assert.equal(warnings[0], '/a takes no subscription filter: made up: class of the group');
  assert.equal(warnings.length, 3);
});

test('passes on errors that another try may mend', async () => {
  const down = new Error('no connection');
  await assert.rejects(reconciled({ '/a': [] }, to(FLOW, '/a'), [], [down]), down);
});
