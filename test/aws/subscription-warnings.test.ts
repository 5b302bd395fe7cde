import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warningsDue } from '#shared/aws/subscription-warnings.ts';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-11-12T09:00:00Z');
const one = new Map([['/a', 'missing']]);

test('tells everything where people know nothing, and is due again before an hour is over', () => {
  const due = warningsDue({ problems: one, told: undefined, now: NOW });
  assert.deepEqual([due.sentences, due.changed], [['missing'], true]);
  const again = due.told.get('/a')?.again ?? 0;
  assert.ok(again > NOW && again < NOW + HOUR);
});

for (const [name, sentence, again, sentences, next] of [
  ['stays silent while it is not due', 'missing', NOW + 1, [], NOW + 1],
  ['tells again what is due', 'missing', NOW, ['missing'], NOW + 23.5 * HOUR],
  ['tells at once what says something else', 'full', NOW + HOUR, ['missing'], NOW + 23.5 * HOUR],
] as const) {
  test(`${name}, and a day later`, () => {
    const due = warningsDue({ problems: one, told: new Map([['/a', { sentence, again }]]), now: NOW });
    assert.deepEqual(due.sentences, sentences);
    assert.deepEqual([...due.told], [['/a', { sentence: 'missing', again: next }]]);
    assert.equal(due.changed, sentences.length > 0);
  });
}

test('joins all that stand to one message a day, and forgets what no longer stands', () => {
  const told = new Map([
    ['/a', { sentence: 'missing', again: NOW }],
    ['/b', { sentence: 'full', again: NOW + 9 * HOUR }],
    ['/gone', { sentence: 'missing', again: NOW }],
  ]);
  const problems = new Map([...one, ['/b', 'full']]);
  const due = warningsDue({ problems, told, now: NOW });
  assert.deepEqual(due.sentences, ['missing', 'full']);
  assert.deepEqual(new Set([...due.told.values()].map(({ again }) => again)).size, 1);
  assert.deepEqual([...due.told.keys()], ['/a', '/b']);
});

test('forgets without a word what no longer stands', () => {
  const told = new Map([['/gone', { sentence: 'missing', again: NOW }]]);
  const due = warningsDue({ problems: new Map(), told, now: NOW });
  assert.deepEqual([due.sentences, due.told.size, due.changed], [[], 0, true]);
});
