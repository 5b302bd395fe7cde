import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventPattern, rulePattern } from './event-pattern.ts';

const CASES: readonly [string, unknown, unknown, boolean][] = [
  ['an equal text', { a: ['x', 'y'] }, { a: 'y' }, true],
  ['another text', { a: ['x'] }, { a: 'X' }, false],
  ['a field that is absent', { a: ['x'] }, { b: 'x' }, false],
  ['all fields', { a: ['x'], b: [1] }, { a: 'x', b: 1, c: 2 }, true],
  ['one of two fields', { a: ['x'], b: [1] }, { a: 'x', b: 2 }, false],
  ['a nested field', { a: { b: ['x'] } }, { a: { b: 'x' } }, true],
  ['any value of a list', { a: ['x'] }, { a: ['w', 'x'] }, true],
  ['a prefix', { a: [{ prefix: 'ev#' }] }, { a: 'ev#1' }, true],
  ['a prefix in the middle', { a: [{ prefix: 'ev#' }] }, { a: 'xev#1' }, false],
  ['a suffix', { a: [{ suffix: '.gz' }] }, { a: 'x.gz' }, true],
  ['a field that exists', { a: [{ exists: true }] }, { a: '' }, true],
  ['a field that must not exist', { a: [{ exists: false }] }, { a: '' }, false],
  ['a field that does not exist', { a: [{ exists: false }] }, {}, true],
  ['anything but a value', { a: [{ 'anything-but': ['x'] }] }, { a: 'y' }, true],
  ['the value that is excluded', { a: [{ 'anything-but': ['x'] }] }, { a: 'x' }, false],
  ['anything but a prefix', { a: [{ 'anything-but': { prefix: 'x' } }] }, { a: 'xy' }, false],
  ['a number in a range', { a: [{ numeric: ['>', 1, '<=', 3] }] }, { a: 3 }, true],
  ['a number beyond a range', { a: [{ numeric: ['>', 1, '<=', 3] }] }, { a: 4 }, false],
];

for (const [what, pattern, event, matches] of CASES) {
  test(`${matches ? 'matches' : 'does not match'} ${what}`, () => {
    assert.equal(eventPattern(pattern)(event), matches);
  });
}

const REFUSED: readonly unknown[] = [
  { a: [{ wildcard: '*' }] },
  { a: [{ 'equals-ignore-case': 'x' }] },
  { a: [{ prefix: 'x', suffix: 'y' }] },
  { a: [{ prefix: 1 }] },
  { a: 'x' },
  { a: [] },
  { $or: [{ a: ['x'] }] },
  { a: [{ numeric: ['~', 1] }] },
  {},
];

for (const pattern of REFUSED) {
  test(`refuses the pattern ${JSON.stringify(pattern)}`, () => {
    assert.throws(() => eventPattern(pattern), TypeError);
  });
}

const WILD: readonly [string, string, boolean][] = [
  ['AWSLogs/*/vpcflowlogs/*', 'AWSLogs/111122223333/vpcflowlogs/eu-west-1/a.gz', true],
  ['AWSLogs/*/vpcflowlogs/*', 'AWSLogs/111122223333/CloudTrail/eu-west-1/a.gz', false],
  ['AWSLogs/*/vpcflowlogs/*', 'x/AWSLogs/1/vpcflowlogs/', false],
  ['AWSLogs/*/vpcflowlogs/*', 'AWSLogs//vpcflowlogs/', true],
  ['AWSLogs/*/vpcflowlogs/*', 'AWSLogs/vpcflowlogs/', false],
  ['*.gz', '.gz', true],
  ['*.gz', 'a.gz.tmp', false],
  ['a*', 'a', true],
  ['*', '', true],
  ['a*a', 'a', false],
  ['a*b*b', 'ab', false],
  ['a*b*c', 'abbc', true],
  ['a', 'ab', false],
  ['a?c', 'abc', false],
  ['*a.c', 'abc', false],
  [String.raw`a\*`, 'a*', true],
  [String.raw`a\*`, 'ab', false],
  [String.raw`a\\*`, String.raw`a\bc`, true],
  [String.raw`*\**`, 'x*y', true],
  [String.raw`*\**`, 'xy', false],
];

for (const [wildcard, text, matches] of WILD) {
  test(`the wildcard ${wildcard} of a rule ${matches ? 'matches' : 'does not match'} "${text}"`, () => {
    assert.equal(rulePattern({ a: [{ wildcard }] })({ a: text }), matches);
    assert.equal(rulePattern({ a: [{ 'anything-but': { wildcard } }] })({ a: text }), !matches);
  });
}

for (const wildcard of ['a**b', '**', String.raw`a\b`, 'a\\', 1, ['*']]) {
  test(`refuses the wildcard ${JSON.stringify(wildcard)}`, () => {
    assert.throws(() => rulePattern({ a: [{ wildcard }] }), TypeError);
  });
}

test('a wildcard matches no number, and no field that is absent', () => {
  const matches = rulePattern({ a: [{ wildcard: '*' }] });
  assert.deepEqual([matches({ a: 1 }), matches({}), matches({ a: ['x'] })], [false, false, true]);
});
