import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { correlate } from '#shared/correlate/correlate.ts';
import { DEFAULT_MATRIX, nextCase, rises } from '#shared/correlate/matrix.ts';
import { CHAIN_GROUPS, type Group, type Severity } from '#shared/model/groups.ts';
import { evidenceOf, NOON, PLACE } from '../factories.ts';

const NONE = undefined;
/** All sixteen subsets of miner, pool, persistence, optimization, each with strong evidence, and what they give. */
const SUBSETS: readonly (readonly [string, Severity | undefined])[] = [
  ['----', NONE],
  ['---o', NONE],
  ['--p-', NONE],
  ['--po', NONE],
  ['-c--', NONE],
  ['-c-o', NONE],
  ['-cp-', NONE],
  ['-cpo', NONE],
  ['m---', NONE],
  ['m--o', 'Low'],
  ['m-p-', 'Low'],
  ['m-po', 'Low'],
  ['mc--', 'Medium'],
  ['mc-o', 'Medium'],
  ['mcp-', 'High'],
  ['mcpo', 'Critical'],
];
const LETTERS = ['m', 'c', 'p', 'o'];

const groupsOf = (subset: string): Group[] => CHAIN_GROUPS.filter((_, index) => subset[index] === LETTERS[index]);

describe('the matrix', () => {
  test('the table names each subset once', () => {
    assert.equal(new Set(SUBSETS.map(([subset]) => subset)).size, 16);
  });

  for (const [subset, severity] of SUBSETS) {
    test(`${subset} gives ${severity ?? 'nothing'}`, () => {
      const evidence = groupsOf(subset).map((group) => evidenceOf({ group, rule: group }));
      const { next } = correlate(PLACE, evidence, undefined, DEFAULT_MATRIX, () => true);
      assert.equal(next.episodes[0]?.severity, severity);
      assert.equal(next.episodes[0]?.snapshot?.severity, severity);
    });
  }

  test('weak groups count beside a strong miner, but never give Low', () => {
    const weak = (groups: readonly Group[]): Severity | undefined =>
      correlate(
        PLACE,
        [evidenceOf(), ...groups.map((group) => evidenceOf({ group, rule: group, strength: 'weak' }))],
        undefined,
        DEFAULT_MATRIX,
        () => true,
      ).next.episodes[0]?.severity;
    assert.equal(weak(['pool_connection']), 'Medium');
    assert.equal(weak(['pool_connection', 'persistence_setup', 'system_optimization']), 'Critical');
    assert.equal(weak(['persistence_setup']), undefined);
    assert.equal(weak(['system_optimization']), undefined);
  });

  test('a weak miner with strong pool evidence is nothing without a sustained session', () => {
    const evidence = [evidenceOf({ strength: 'weak' }), evidenceOf({ group: 'pool_connection', rule: 'pool' })];
    assert.equal(
      correlate(PLACE, evidence, undefined, DEFAULT_MATRIX, () => true).next.episodes[0]?.severity,
      undefined,
    );
  });

  test('rises at the latest of its groups first times; Low after Medium is no rise, since a pool was seen', () => {
    const times = new Map(CHAIN_GROUPS.map((group, index) => [group, { any: NOON + index, strong: NOON + index }]));
    assert.deepEqual(rises(DEFAULT_MATRIX, times), [
      { severity: 'Medium', at: NOON + 1 },
      { severity: 'High', at: NOON + 2 },
      { severity: 'Critical', at: NOON + 3 },
    ]);
  });

  test('says what the next severity needs', () => {
    const times = new Map([['miner_execution', { any: 1, strong: 1 }] as const]);
    assert.deepEqual(nextCase(DEFAULT_MATRIX, undefined, times), { severity: 'Low', needs: ['persistence_setup'] });
    assert.deepEqual(nextCase(DEFAULT_MATRIX, 'Low', times), { severity: 'Medium', needs: ['pool_connection'] });
    assert.equal(nextCase(DEFAULT_MATRIX, 'Critical', times), undefined);
  });

  test('a case that a user adds is evaluated like the others', () => {
    const matrix = {
      ...DEFAULT_MATRIX,
      cases: [{ severity: 'High' as const, groups: ['miner_execution' as const], strong: [] }],
    };
    assert.equal(correlate(PLACE, [evidenceOf()], undefined, matrix, () => true).next.episodes[0]?.severity, 'High');
  });
});
