import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type SubscriptionRecords, subscriptionRecords } from '#shared/aws/subscription-record.ts';
import { openParts } from '../functions/correlate-parts.ts';

const wanted = [{ logGroup: '/a', destinationArn: 'arn:aws:lambda:eu-west-1:111122223333:function:flow' }];
const told = new Map([['/a', { sentence: '/a does not exist.', again: 1_794_000_000_000 }]]);

describe('the record of subscriptions', () => {
  let records: SubscriptionRecords;
  let close: () => Promise<void>;
  before(async () => {
    const parts = await openParts();
    records = subscriptionRecords(parts.client, parts.table);
    close = parts.close;
  });
  after(() => close());

  test('is not there before a deployment', async () => assert.equal(await records.read(), undefined));

  test('keeps what people were told over deployments, and forgets what an overtaken run tells', async () => {
    const first = await records.want({ filterName: 'davylamp', wanted, generation: 'first' });
    assert.deepEqual(first, { filterName: 'davylamp', wanted, generation: 'first', told: new Map() });
    await records.tell(first, told);
    const second = await records.want({ filterName: 'davylamp', wanted: [], generation: 'second' });
    assert.deepEqual(second, { filterName: 'davylamp', wanted: [], generation: 'second', told });
    await records.tell(first, new Map());
    assert.deepEqual(await records.read(), second);
  });
});
