import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Evidence,
  evidenceText,
  join,
  MAX_ARTIFACTS_OF_A_KIND,
  MAX_EVENT_IDS,
  normalized,
} from '#shared/model/evidence.ts';
import { FLAGS } from '#shared/model/indicator.ts';
import type { Artifact } from '#shared/model/place.ts';
import { evidenceOf, NOON, sampleOf } from '../factories.ts';

const bits = fc.bigInt({ min: 0n, max: (1n << 60n) - 1n });
const sample = fc
  .record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), time: fc.nat(5), pid: fc.nat(2) })
  .map(({ id, time, pid }) => sampleOf({ id, time: NOON + time, pid }));

/** Any evidence of one key; few distinct values, so that items overlap, and more than the caps hold. */
const evidence: fc.Arbitrary<Evidence> = fc
  .record({
    first: fc.nat(1000).map((ms) => NOON + ms),
    strength: fc.constantFrom('note', 'weak', 'strong'),
    flags: fc.subarray([...FLAGS]),
    artifacts: fc
      .uniqueArray(fc.nat(60), { maxLength: 50 })
      .map((numbers) => numbers.map((n): Artifact => (n % 2 === 0 ? `path:/tmp/${n}` : `wallet:${n}`))),
    events: fc.uniqueArray(fc.nat(90).map(String), { maxLength: 80 }),
    samples: fc.array(sample, { maxLength: 8 }),
    minutes: fc.option(fc.record({ out: bits, back: bits }), { nil: undefined }),
    why: fc.constantFrom('x', 'y'),
    whyEvent: fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { nil: undefined }),
    technique: fc.constantFrom('T1496.001', 'T1059'),
    ruleVersion: fc.nat(3),
    more: fc.boolean(),
  })
  .map(({ minutes, whyEvent, ...rest }) =>
    normalized(
      evidenceOf({
        ...rest,
        ...(minutes === undefined ? {} : { minutes }),
        ...(whyEvent === undefined ? {} : { whyEvent }),
      }),
    ),
  );

const same = (a: Evidence, b: Evidence): void => assert.equal(evidenceText(a), evidenceText(b));

test('join is idempotent', () => {
  fc.assert(fc.property(evidence, (a) => same(join(a, a), a)));
});

test('join is commutative', () => {
  fc.assert(fc.property(evidence, evidence, (a, b) => same(join(a, b), join(b, a))));
});

test('join is associative', () => {
  fc.assert(
    fc.property(evidence, evidence, evidence, (a, b, c) => same(join(join(a, b), c), join(a, join(b, c)))),
    { numRuns: 1000 },
  );
});

/** One indicator's evidence: few reasons and times, so that several compete. */
const single: fc.Arbitrary<Evidence> = fc
  .record({
    strength: fc.constantFrom('note', 'weak', 'strong'),
    why: fc.constantFrom('x', 'y', 'z'),
    id: fc.nat(40).map((n) => `e${n}`),
    time: fc.nat(9),
    pid: fc.nat(1),
  })
  .map(({ strength, why, id, time, pid }) =>
    evidenceOf({ strength, why, whyEvent: id, samples: [sampleOf({ id, time: NOON + time, pid })], events: [id] }),
  );

test('keeps the sample of the event that its reason speaks of, however many came and in whatever order', () => {
  const every = fc
    .array(single, { minLength: 1, maxLength: 40 })
    .chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }), fc.nat(all.length)),
    );
  fc.assert(
    fc.property(every, ([all, shuffled, cut]) => {
      const whole = all.reduce(join);
      const parts = [shuffled.slice(0, cut), shuffled.slice(cut)].filter((part) => part.length > 0);
      same(parts.map((part) => part.map(normalized).reduce(join)).reduce(join), normalized(whole));
      const [shown] = whole.samples;
      assert.equal(whole.whyEvent, shown?.id);
      assert.ok(
        all.some(
          (one) =>
            one.why === whole.why &&
            one.strength === whole.strength &&
            JSON.stringify(one.samples[0]) === JSON.stringify(shown),
        ),
        'the first sample is that of an indicator with this reason',
      );
      assert.ok(whole.samples.length <= 5);
      const earliest = Math.min(...all.map((one) => one.samples[0]?.time ?? Number.NaN));
      assert.ok(whole.samples.some(({ time }) => time === earliest));
    }),
    { numRuns: 300 },
  );
});

test('takes the earliest of several events that give one reason', () => {
  const at = (time: number, id: string): Evidence =>
    evidenceOf({ whyEvent: id, samples: [sampleOf({ id, time: NOON + time })] });
  assert.equal(join(at(5, 'a'), at(3, 'z')).whyEvent, 'z');
  assert.equal(join(at(3, 'a'), at(3, 'z')).whyEvent, 'a');
});

test('joins items that were written before the event of a reason was kept', () => {
  const old = evidenceOf({ why: 'b', samples: [sampleOf({ id: 'old' })] });
  const fresh = (why: string): Evidence =>
    evidenceOf({ why, whyEvent: 'new', samples: [sampleOf({ id: 'new', time: NOON + 9 })] });
  const ids = (one: Evidence): string[] => one.samples.map(({ id }) => id);
  assert.ok(!('whyEvent' in normalized(old)));
  assert.deepEqual([join(old, fresh('a')).whyEvent, ids(join(fresh('a'), old))], ['new', ['new', 'old']]);
  assert.deepEqual([join(old, fresh('b')).whyEvent, ids(join(fresh('b'), old))], ['new', ['new', 'old']]);
  const kept = join(old, fresh('c'));
  assert.deepEqual([kept.why, 'whyEvent' in kept, ids(kept)], ['b', false, ['old', 'new']]);
});

test('names no event whose sample is gone', () => {
  assert.ok(!('whyEvent' in normalized(evidenceOf({ whyEvent: 'gone', samples: [sampleOf({ id: 'other' })] }))));
});

test('join keeps sets within their caps and says for ever that they overflowed', () => {
  const part = (from: number): Evidence =>
    evidenceOf({
      artifacts: Array.from({ length: 20 }, (_, n): Artifact => `path:/tmp/${from + n}`),
      events: Array.from({ length: 40 }, (_, n) => `${from + n}`),
    });
  const joined = join(part(0), part(100));
  assert.equal(joined.artifacts.length, MAX_ARTIFACTS_OF_A_KIND);
  assert.equal(joined.events.length, MAX_EVENT_IDS);
  assert.equal(joined.more, true);
  assert.equal(join(joined, { ...joined, artifacts: [], events: [], more: false }).more, true);
});

test('join keeps the earliest sample, and three others whatever came first', () => {
  const all = Array.from({ length: 30 }, (_, n) => sampleOf({ id: `e${n}`, time: NOON + 30 - n }));
  const forward = all.map((one) => evidenceOf({ samples: [one] })).reduce(join);
  const backward = all
    .toReversed()
    .map((one) => evidenceOf({ samples: [one] }))
    .reduce(join);
  same(forward, backward);
  assert.equal(forward.samples.length, 4);
  assert.equal(forward.samples[0]?.id, 'e29');
});

test('the reason of merged evidence is that of its strongest part', () => {
  const weak = evidenceOf({ strength: 'weak', why: 'a weak reason' });
  const strong = evidenceOf({ strength: 'strong', why: 'the strong reason' });
  assert.equal(join(weak, strong).why, 'the strong reason');
  assert.equal(join(strong, weak).why, 'the strong reason');
});

test('join refuses evidence of two keys', () => {
  assert.throws(() => join(evidenceOf(), evidenceOf({ rule: 'another' })), RangeError);
});
