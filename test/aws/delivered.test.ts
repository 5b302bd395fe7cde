import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { markDelivered, overtaken } from '#shared/aws/delivered.ts';
import { readPointer } from '#shared/aws/pointer.ts';
import { NOON } from '../factories.ts';
import { openParts } from '../functions/correlate-parts.ts';

describe('what a channel delivered', () => {
  let client: DynamoDBClient;
  let table: string;
  let close: () => Promise<void>;
  before(async () => {
    ({ client, table, close } = await openParts());
  });
  after(() => close());
  const at = (revision: number) => ({ finding: 'f'.repeat(32), episode: 1, revision });

  test('passes over the same revision and lower ones, in whatever order they are remembered', async () => {
    assert.equal(await overtaken(client, table, 'slack', at(1)), false);
    await markDelivered(client, table, 'slack', at(3), NOON);
    await markDelivered(client, table, 'slack', at(2), NOON);
    assert.deepEqual(await Promise.all([2, 3, 4].map((one) => overtaken(client, table, 'slack', at(one)))), [
      true,
      true,
      false,
    ]);
  });

  test('remembers each channel by itself', async () => {
    await markDelivered(client, table, 'slack', at(9), NOON);
    assert.equal(await overtaken(client, table, 'securityhub', at(1)), false);
  });
});

describe('pointers', () => {
  const good = {
    finding: 'a'.repeat(32),
    place: { account: '111122223333', region: 'us-east-1', host: 'i-1', scope: 'host' },
    ...{ episode: 1, revision: 2, transition: 'opened', severity: 'High', at: NOON },
  };

  test('are read as they were written', () => {
    assert.deepEqual(readPointer(JSON.stringify(good)), good);
  });

  const BAD: readonly (readonly [string, unknown, RegExp])[] = [
    ['a revision that is no number', { ...good, revision: '2' }, /: revision$/],
    ['no place', { ...good, place: undefined }, /place/],
    ['a transition that there is none of', { ...good, transition: 'x' }, /: transition$/],
    ['a list', [], /no pointer to a finding/],
  ];
  for (const [name, value, says] of BAD) {
    test(`are refused with ${name}`, () => {
      assert.throws(() => readPointer(JSON.stringify(value)), says);
    });
  }
  test('are refused where the text is not JSON, without repeating it', () => {
    assert.throws(() => readPointer('secret'), /^Error: the message is no pointer to a finding: it is not JSON$/);
  });
});
