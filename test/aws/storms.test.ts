import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { StormMember } from '#shared/aws/storms.ts';
import { STORM_MS, STORM_SIZE } from '#shared/correlate/storm.ts';
import { TEST_HOST } from '#shared/model/place.ts';
import { NOON, PLACE } from '../factories.ts';
import { openParts, type Parts } from '../functions/correlate-parts.ts';

const MINUTE = 60_000;

describe('storms in the table', () => {
  let parts: Parts;
  beforeEach(async () => {
    parts = await openParts();
  });
  afterEach(() => parts.close());

  const member = (n: number, at = NOON): StormMember => ({
    ...{ finding: String(n).padStart(32, '0'), revision: 1, place: PLACE, severity: 'Medium', at },
  });
  const count = async (members: readonly StormMember[]): Promise<void> => {
    for (const one of members) await parts.parts.storms.count('opened', one);
  };

  test('count a member once, however often it is counted', async () => {
    await count(Array.from({ length: 3 * STORM_SIZE }, () => member(1)));
    assert.equal(await parts.parts.storms.catches('opened', member(1)), false);
    assert.deepEqual((await parts.parts.storms.around('opened', member(1))).members, [member(1)]);
  });

  test('catch each of twenty, also those that came first, and keep kinds and accounts apart', async () => {
    const all = Array.from({ length: STORM_SIZE }, (_, n) => member(n, NOON + n * 1000));
    await count(all.slice(1));
    assert.equal(await parts.parts.storms.catches('opened', member(1, NOON + 1000)), false);
    await count(all.slice(0, 1));
    for (const one of all) assert.equal(await parts.parts.storms.catches('opened', one), true);
    assert.equal(await parts.parts.storms.catches('ended', member(1)), false);
    const elsewhere = { ...member(1), place: { ...PLACE, account: '444455556666' } };
    assert.equal(await parts.parts.storms.catches('opened', elsewhere), false);
  });

  test('keep tests apart from what is real, in what they count, tell and list', async () => {
    const { storms } = parts.parts;
    const real = Array.from({ length: STORM_SIZE - 1 }, (_, n) => member(n, NOON + n * 1000));
    const place = { ...PLACE, host: TEST_HOST };
    const tests = Array.from({ length: STORM_SIZE }, (_, n) => ({ ...member(100 + n, NOON + n * 1000), place }));
    const [oneReal, oneTest] = [member(0), { ...member(100), place }];
    await count([...real, ...tests.slice(1)]);
    for (const one of [...real, ...tests.slice(1)]) assert.equal(await storms.catches('opened', one), false);
    await count([oneTest]);
    for (const one of tests) assert.equal(await storms.catches('opened', one), true);
    for (const one of real) assert.equal(await storms.catches('opened', one), false);
    assert.equal(await storms.claim('opened', oneTest), true);
    await storms.confirm('opened', oneTest);
    assert.equal(await storms.claim('opened', oneReal), true);
    assert.deepEqual((await storms.around('opened', oneReal)).members, real);
    assert.deepEqual((await storms.around('opened', oneTest)).members, tests);
  });

  test('let one member tell, again and again until the message is confirmed', async () => {
    const { storms } = parts.parts;
    const claims = await Promise.all([1, 2, 3].map((n) => storms.claim('opened', member(n, NOON + n * MINUTE))));
    assert.equal(claims.filter((one) => one).length, 1);
    const teller = member(claims.indexOf(true) + 1, NOON + (claims.indexOf(true) + 1) * MINUTE);
    assert.equal(await storms.claim('opened', teller), true);
    await storms.confirm('opened', teller);
    assert.equal(await storms.claim('opened', teller), false);
  });

  test('hold one message to be enough for ten minutes, across the border of its slot, and not for longer', async () => {
    const { storms } = parts.parts;
    const border = Math.ceil(NOON / STORM_MS) * STORM_MS + STORM_MS;
    assert.equal(await storms.claim('opened', member(1, border - MINUTE)), true);
    assert.equal(await storms.claim('opened', member(2, border + MINUTE)), false);
    assert.equal(await storms.claim('opened', member(3, border - 8 * MINUTE)), false);
    assert.equal(await storms.claim('opened', member(4, border + 9 * MINUTE)), true);
  });
});
