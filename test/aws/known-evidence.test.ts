import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownEvidence } from '#shared/aws/known-evidence.ts';
import type { Store } from '#shared/correlate/store.ts';
import type { Evidence } from '#shared/model/evidence.ts';
import { evidenceOf } from '../factories.ts';

function counting(): { merge: Store['merge']; given: Evidence[] } {
  const given: Evidence[] = [];
  return {
    given,
    merge: (evidence) => {
      given.push(evidence);
      return Promise.resolve('new');
    },
  };
}

test('writes what adds to what it knows, and not what adds nothing', async () => {
  const { merge, given } = counting();
  const known = knownEvidence(merge);
  const one = evidenceOf({ events: ['a'] });
  const two = evidenceOf({ events: ['b'] });
  const results = [await known(one), await known(one), await known(two), await known(one), await known(two)];
  assert.deepEqual(results, ['new', 'same', 'new', 'same', 'same']);
  assert.equal(given.length, 2);
});

test('keeps evidence of two places apart', async () => {
  const { merge, given } = counting();
  const known = knownEvidence(merge);
  const one = evidenceOf();
  await known(one);
  await known({ ...one, place: { ...one.place, scope: 'network' } });
  await known({ ...one, place: { ...one.place, host: 'i-0123456789abcdef1' } });
  assert.equal(given.length, 3);
});

test('remembers nothing of a write that failed', async () => {
  let fails = true;
  const known = knownEvidence(() => (fails ? Promise.reject(new Error('throttled')) : Promise.resolve('new')));
  await assert.rejects(known(evidenceOf()));
  fails = false;
  assert.equal(await known(evidenceOf()), 'new');
});

test('forgets the item that was used longest ago', async () => {
  const { merge, given } = counting();
  const known = knownEvidence(merge, 2);
  const [a, b, c] = ['a', 'b', 'c'].map((rule) => evidenceOf({ rule }));
  for (const one of [a, b, a, c]) await known(one as Evidence);
  assert.equal(await known(a as Evidence), 'same');
  assert.equal(await known(b as Evidence), 'new');
  assert.equal(given.length, 4);
});
