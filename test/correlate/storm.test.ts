import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isStorm, STORM_MS, STORM_SIZE, stormKindOf } from '#shared/correlate/storm.ts';
import type { Transition } from '#shared/model/finding.ts';
import { SEVERITIES } from '#shared/model/groups.ts';

const TRANSITIONS: readonly Transition[] = ['opened', 'escalated', 'extended', 'joined', 'archived', 'superseded'];

describe('what may be part of a storm', () => {
  for (const severity of SEVERITIES) {
    for (const transition of TRANSITIONS) {
      const kind =
        severity === 'Critical'
          ? undefined
          : {
              opened: 'opened',
              archived: 'ended',
              superseded: 'ended',
              escalated: undefined,
              extended: undefined,
              joined: undefined,
            }[transition];
      test(`${severity} ${transition} counts as ${kind ?? 'nothing'}`, () => {
        assert.equal(stormKindOf({ transition, severity, delivery: 'single' }), kind);
        assert.equal(stormKindOf({ transition, severity, delivery: 'digest' }), undefined);
      });
    }
  }
});

describe('a storm', () => {
  const every = (ms: number, size: number): number[] => Array.from({ length: size }, (_, n) => 1e12 + n * ms);
  const spread = Math.floor((STORM_MS - 1) / (STORM_SIZE - 1));

  test('is twenty within ten minutes, and holds its first and its last', () => {
    const times = every(spread, STORM_SIZE);
    for (const at of times) assert.ok(isStorm(at, times));
    assert.ok(!isStorm(times[0] ?? 0, times.slice(0, -1)));
    assert.ok(!isStorm(times[0] ?? 0, every(spread + 2, STORM_SIZE)));
  });

  test('does not reach what lies outside of the ten minutes', () => {
    const times = every(1, STORM_SIZE);
    const early = 1e12 - STORM_MS;
    assert.ok(!isStorm(early, [early, ...times]));
  });

  test('is never unmade by what comes later, whatever the order', () => {
    const time = fc.integer({ min: 0, max: 4 * STORM_MS });
    fc.assert(
      fc.property(fc.array(time, { minLength: 1, maxLength: 60 }), fc.array(time, { maxLength: 60 }), (first, then) => {
        const [at = 0] = first;
        const before = isStorm(at, first);
        assert.equal(isStorm(at, first.toReversed()), before);
        if (before) assert.ok(isStorm(at, [...then, ...first]));
      }),
    );
  });
});
