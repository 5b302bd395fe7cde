import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Aggregator } from '#shared/classify/aggregate.ts';
import { type Evidence, evidenceText } from '#shared/model/evidence.ts';
import type { Indicator } from '#shared/model/indicator.ts';
import type { LinkKey } from '#shared/model/place.ts';
import { hourOf } from '#shared/model/time.ts';
import { NOON, PLACE, sampleOf } from '../factories.ts';

function indicatorOf(change: Partial<Indicator> = {}): Indicator {
  const time = change.time ?? NOON;
  return {
    group: 'miner_execution',
    rule: 'miner_arguments',
    ruleVersion: 1,
    technique: 'T1496.001',
    strength: 'strong',
    time,
    claims: { hostName: 'web-1' },
    linkKey: '-',
    artifacts: [],
    flags: [],
    why: 'made up',
    sample: sampleOf({ id: `event-${time}`, time }),
    ...change,
  };
}

function evidenceFrom(indicators: readonly Indicator[]): Evidence[] {
  const aggregator = new Aggregator();
  for (const one of indicators) aggregator.add(one);
  return aggregator.unplaced().map((one) => one.evidenceAt(PLACE));
}

test('a thousand equal looks are one item that says: 64 or more', () => {
  const [item, ...rest] = evidenceFrom(Array.from({ length: 1000 }, (_, n) => indicatorOf({ time: NOON + n })));
  assert.equal(rest.length, 0);
  assert.equal(item?.events.length, 64);
  assert.equal(item?.more, true);
  assert.equal(item?.first, NOON);
  assert.equal(item?.samples.length, 4);
});

test('shows the event whose reason it gives, among many others', () => {
  const others = Array.from({ length: 300 }, (_, n) => indicatorOf({ strength: 'weak', why: 'weak', time: NOON + n }));
  const strong = [700, 600].map((ms) => indicatorOf({ why: 'the reason', time: NOON + ms }));
  for (const all of [
    [...others, ...strong],
    [...strong, ...others],
  ]) {
    const [item] = evidenceFrom(all);
    assert.deepEqual([item?.why, item?.whyEvent], ['the reason', `event-${NOON + 600}`]);
    assert.equal(item?.samples[0]?.id, item?.whyEvent);
    assert.equal(item?.samples[1]?.time, NOON);
  }
});

test('any order and any repetition of indicators gives the same evidence', () => {
  const indicator = fc
    .record({
      time: fc.nat(7_200_000).map((ms) => NOON + ms),
      rule: fc.constantFrom('a', 'b'),
      linkKey: fc.constantFrom<LinkKey>('-', 'ses:1', 'pkg'),
      pid: fc.nat(5),
      why: fc.constantFrom('x', 'y'),
      strength: fc.constantFrom('weak', 'strong'),
      minutes: fc.option(fc.record({ from: fc.nat(3_600_000), length: fc.nat(900_000) }), { nil: undefined }),
    })
    .map(({ minutes, pid, ...rest }) =>
      indicatorOf({
        ...rest,
        artifacts: [`path:/tmp/${pid}`],
        ...(minutes === undefined
          ? {}
          : { minutes: { direction: 'out', from: rest.time, to: rest.time + minutes.length } }),
      }),
    );
  const texts = (all: readonly Indicator[]): string[] => evidenceFrom(all).map(evidenceText).sort();
  fc.assert(
    fc.property(
      fc
        .array(indicator, { maxLength: 12 })
        .chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
        ),
      ([all, shuffled]) => assert.deepEqual(texts(shuffled), texts(all)),
    ),
  );
});

test('minutes of a record go to each hour that it touches', () => {
  const items = evidenceFrom([indicatorOf({ minutes: { direction: 'out', from: NOON - 60_000, to: NOON + 60_000 } })]);
  assert.deepEqual(
    items.map((one) => [one.hour - hourOf(NOON), one.minutes?.out]),
    [
      [-1, 1n << 59n],
      [0, 3n],
    ],
  );
});

test('keys beyond sixteen in one place go to +, remotes beyond thirty-two to one item', () => {
  const keys = Array.from({ length: 40 }, (_, n) => indicatorOf({ linkKey: `ses:${n}` }));
  assert.equal(evidenceFrom(keys).length, 17);
  assert.ok(evidenceFrom(keys).some((one) => one.linkKey === '+'));
  const remotes = Array.from({ length: 40 }, (_, n) => indicatorOf({ rule: `pool_connection/203.0.113.${n}:3333` }));
  const rules = evidenceFrom(remotes).map((one) => one.rule);
  assert.equal(rules.length, 33);
  assert.ok(rules.includes('pool_connection/more'));
});

test('task and image do not multiply the evidence of one place', () => {
  const tasks = Array.from({ length: 50 }, (_, n) =>
    indicatorOf({ claims: { family: 'api', cluster: 'web', task: `t${n}` } }),
  );
  assert.equal(evidenceFrom(tasks).length, 1);
});
