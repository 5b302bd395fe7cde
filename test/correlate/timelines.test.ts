import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { archiveDue } from '#shared/correlate/archive.ts';
import { correlate } from '#shared/correlate/correlate.ts';
import { DEFAULT_MATRIX } from '#shared/correlate/matrix.ts';
import type { Evidence } from '#shared/model/evidence.ts';
import type { Head } from '#shared/model/finding.ts';
import type { Group, Severity } from '#shared/model/groups.ts';
import { hourOf } from '#shared/model/time.ts';
import { evidenceOf, NOON, PLACE } from '../factories.ts';

const M: Group = 'miner_execution';
const C: Group = 'pool_connection';
const P: Group = 'persistence_setup';
const O: Group = 'system_optimization';

/** Evidence of groups at hours from the start, and the severity of each episode, oldest first. */
interface Timeline {
  readonly name: string;
  readonly acts: readonly (readonly [Group, number])[];
  readonly episodes: readonly (Severity | undefined)[];
}

const TIMELINES: readonly Timeline[] = [
  {
    name: 'one hour holds the chain',
    acts: [
      [M, 0],
      [C, 0],
      [P, 0],
      [O, 0],
    ],
    episodes: ['Critical'],
  },
  {
    name: 'rises over hours',
    acts: [
      [M, 0],
      [C, 1],
      [P, 5],
      [O, 9],
    ],
    episodes: ['Critical'],
  },
  {
    name: 'tuning and persistence come first',
    acts: [
      [O, 0],
      [P, 1],
      [M, 2],
      [C, 3],
    ],
    episodes: ['Critical'],
  },
  {
    name: 'persistence one window before the episode counts',
    acts: [
      [P, 0],
      [M, 24],
      [C, 24],
    ],
    episodes: ['High'],
  },
  {
    name: 'persistence beyond the window before does not',
    acts: [
      [P, 0],
      [M, 25],
      [C, 25],
    ],
    episodes: ['Medium'],
  },
  {
    name: 'persistence one window after the episode counts',
    acts: [
      [M, 0],
      [C, 0],
      [P, 24],
    ],
    episodes: ['High'],
  },
  {
    name: 'persistence beyond the window after does not',
    acts: [
      [M, 0],
      [C, 0],
      [P, 25],
    ],
    episodes: ['Medium'],
  },
  {
    name: 'miner and pool a window apart are one episode',
    acts: [
      [M, 0],
      [C, 24],
    ],
    episodes: ['Medium'],
  },
  {
    name: 'miner and pool beyond the window are two',
    acts: [
      [M, 0],
      [C, 25],
    ],
    episodes: [undefined, undefined],
  },
  {
    name: 'a miner that runs for days is one',
    acts: [
      [M, 0],
      [C, 20],
      [M, 40],
      [C, 60],
      [P, 80],
    ],
    episodes: ['High'],
  },
  {
    name: 'a miner that comes back after the window is another',
    acts: [
      [M, 0],
      [C, 0],
      [M, 30],
      [C, 30],
    ],
    episodes: ['Medium', 'Medium'],
  },
  { name: 'pool alone opens an episode without a case', acts: [[C, 0]], episodes: [undefined] },
  {
    name: 'persistence alone opens none',
    acts: [
      [P, 0],
      [O, 0],
    ],
    episodes: [],
  },
];

const evidenceAt = (acts: Timeline['acts']): Evidence[] =>
  acts.map(([group, hour]) => evidenceOf({ group, rule: group, hour: hourOf(NOON) + hour }));

const fold = (evidence: readonly Evidence[], head?: Head): Head =>
  correlate(PLACE, evidence, head, DEFAULT_MATRIX, () => true).next;

describe('timelines', () => {
  for (const { name, acts, episodes } of TIMELINES) {
    test(name, () => {
      assert.deepEqual(
        fold(evidenceAt(acts)).episodes.map((one) => one.severity),
        episodes,
      );
    });

    test(`${name}: any order of arrival, one by one, ends the same`, () => {
      const evidence = evidenceAt(acts);
      const whole = fold(evidence);
      fc.assert(
        fc.property(fc.shuffledSubarray(evidence, { minLength: evidence.length }), (order) => {
          let head: Head | undefined;
          for (let count = 1; count <= order.length; count++) head = fold(order.slice(0, count), head);
          const live = head?.episodes.filter((one) => one.state !== 'superseded') ?? [];
          assert.deepEqual(
            live.map((one) => [one.from, one.to, one.severity]).sort(),
            whole.episodes.map((one) => [one.from, one.to, one.severity]).sort(),
          );
        }),
        { numRuns: 40 },
      );
    });
  }
});

describe('heads', () => {
  const chain = evidenceAt([
    [M, 0],
    [C, 1],
    [P, 5],
    [O, 9],
  ]);
  const step = (count: number, head?: Head) =>
    correlate(PLACE, chain.slice(0, count), head, DEFAULT_MATRIX, () => true);

  test('a chain that rises is opened once and escalated at each step', () => {
    const kinds: string[] = [];
    let head: Head | undefined;
    for (let count = 1; count <= chain.length; count++) {
      const result = step(count, head);
      kinds.push(...result.transitions.map((one) => one.kind));
      head = result.next;
    }
    assert.deepEqual(kinds, ['opened', 'escalated', 'escalated']);
    const snapshot = head?.episodes[0]?.snapshot;
    assert.equal(snapshot?.revision, 3);
    assert.deepEqual(
      snapshot?.rises.map((one) => [one.severity, hourOf(one.at) - hourOf(NOON)]),
      [
        ['Medium', 1],
        ['High', 5],
        ['Critical', 9],
      ],
    );
    assert.deepEqual(
      head?.unpublished.map((one) => one.revision),
      [1, 2, 3],
    );
  });

  test('the same evidence again changes nothing', () => {
    const { next } = step(4);
    const again = step(4, next);
    assert.deepEqual(again.transitions, []);
    assert.equal(again.changed, false);
  });

  test('severity never falls: evidence that is gone leaves what was reached, and the finding says so', () => {
    const { next } = step(4);
    const later = correlate(
      PLACE,
      evidenceAt([
        [M, 10],
        [C, 10],
      ]),
      next,
      DEFAULT_MATRIX,
      () => true,
    );
    assert.deepEqual(later.transitions, [{ episode: 1, kind: 'extended' }]);
    const snapshot = later.next.episodes[0]?.snapshot;
    assert.equal(snapshot?.severity, 'Critical');
    assert.match(snapshot?.notes.join() ?? '', /no longer supports/);
  });

  test('late evidence that joins two episodes keeps the older number and supersedes the younger', () => {
    const two = fold(
      evidenceAt([
        [M, 0],
        [C, 0],
        [M, 40],
        [C, 40],
      ]),
    );
    assert.deepEqual(
      two.episodes.map((one) => one.number),
      [1, 2],
    );
    const joined = correlate(
      PLACE,
      evidenceAt([
        [M, 0],
        [C, 0],
        [C, 20],
        [M, 40],
        [C, 40],
      ]),
      two,
      DEFAULT_MATRIX,
      () => true,
    );
    assert.deepEqual(joined.transitions.map((one) => [one.episode, one.kind]).sort(), [
      [1, 'joined'],
      [2, 'superseded'],
    ]);
    assert.deepEqual(
      joined.next.episodes.map((one) => one.state),
      ['open', 'superseded'],
    );
  });

  describe('with more episodes than it keeps whole', () => {
    const acts = Array.from(
      { length: 12 },
      (_, n) =>
        [
          [M, n * 30],
          [C, n * 30],
        ] as [Group, number][],
    ).flat();
    const head = fold(evidenceAt(acts));
    const isWhole = (one: { snapshot?: unknown }): boolean => one.snapshot !== undefined;

    test('keeps the findings of all that are not published', () => {
      assert.equal(head.lastEpisode, 12);
      assert.equal(head.episodes.filter(isWhole).length, 12);
    });

    test('keeps the newest eight whole and remembers the others, once these are over and published', () => {
      const archived = archiveDue({ ...head, unpublished: [] }, 24, NOON + 1e10);
      assert.ok(archived);
      const published = { ...archived, unpublished: [] };
      const again = fold(evidenceAt(acts), published);
      assert.deepEqual(again.unpublished, []);
      assert.equal(again.lastEpisode, 12);
      assert.equal(again.episodes.length, 12);
      assert.deepEqual(
        again.episodes.filter(isWhole).map((one) => one.number),
        [5, 6, 7, 8, 9, 10, 11, 12],
      );
    });
  });

  test('ids are of place and episode alone', () => {
    const one = fold(chain).episodes[0]?.snapshot?.id;
    assert.match(one ?? '', /^[0-9a-f]{32}$/);
    assert.equal(fold([...chain].reverse()).episodes[0]?.snapshot?.id, one);
    const elsewhere = correlate(
      { ...PLACE, host: 'i-2' },
      chain.map((e) => ({ ...e, place: { ...PLACE, host: 'i-2' } })),
      undefined,
      DEFAULT_MATRIX,
      () => true,
    );
    assert.notEqual(elsewhere.next.episodes[0]?.snapshot?.id, one);
  });
});
