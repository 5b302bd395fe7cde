import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { TEST_HOST } from '#shared/model/place.ts';
import { NOON, PLACE } from '../factories.ts';
import { openParts, type Parts } from '../functions/correlate-parts.ts';

const DAY = '2026-11-24';

describe('digests in the table', () => {
  let parts: Parts;
  beforeEach(async () => {
    parts = await openParts();
  });
  afterEach(() => parts.close());

  const add = (finding: string, revision: number, transition: 'opened' | 'extended', host = PLACE.host) =>
    parts.parts.digests.add(
      DAY,
      { finding, revision, place: { ...PLACE, host }, severity: 'Low', at: NOON },
      transition,
    );

  test('hold the newest revision of a finding, and all that happened to it, in whatever order it comes', async () => {
    await add('a', 2, 'extended');
    await add('a', 1, 'opened');
    await add('a', 1, 'opened');
    const { entries, more } = await parts.parts.digests.entries(DAY);
    assert.equal(more, false);
    assert.deepEqual(
      entries.map(({ finding, revision, transitions }) => [finding, revision, [...transitions].sort()]),
      [['a', 2, ['extended', 'opened']]],
    );
    assert.deepEqual((await parts.parts.digests.entries('2026-11-25')).entries, []);
  });

  test('give tests after what is real, so that they take nobody its room', async () => {
    for (const finding of ['a', 'b']) await add(finding, 1, 'opened', TEST_HOST);
    for (const finding of ['c', 'd']) await add(finding, 1, 'opened');
    const { entries } = await parts.parts.digests.entries(DAY);
    assert.deepEqual(
      entries.map(({ finding }) => finding),
      ['c', 'd', 'a', 'b'],
    );
  });
});
