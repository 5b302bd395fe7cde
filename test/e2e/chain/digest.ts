import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attack, victim } from './attack.ts';
import type { Suite } from './suite.ts';
import { runSweep } from './sweeping.ts';
import { EVERYBODY, mailsTo, ONCALL } from './told.ts';

const DAY_MS = 86_400_000;

export function digest(suite: () => Suite): void {
  test('tells Low findings in one mail of the day after, to those who asked for them', async (t) => {
    const deployment = await suite().deploy(t);
    const [first, second] = [victim(541, 1), victim(542, 1)];
    for (const one of [first, second]) await attack(deployment, one, ['miner', 'persistence']);
    await deployment.settle();
    assert.deepEqual(deployment.topics.outbox, []);
    assert.deepEqual(deployment.slack.posts, []);
    // Twice in the first hour of the day after, then once more.
    const untilTomorrow = DAY_MS - (Date.now() % DAY_MS) + 30 * 60_000;
    for (const laterMs of [0, untilTomorrow, untilTomorrow + 300_000]) await runSweep(deployment, laterMs);
    await deployment.settle();
    assert.deepEqual(mailsTo(deployment, ONCALL), []);
    const [mail, ...more] = mailsTo(deployment, EVERYBODY);
    assert.deepEqual(more, [], 'one a day');
    assert.match(mail?.subject ?? '', /^Digest of .*: cryptomining findings, 2 opened/);
    for (const { instance } of [first, second]) assert.ok(mail?.text.includes(instance), instance);
    assert.deepEqual(deployment.slack.posts, []);
  });
}
