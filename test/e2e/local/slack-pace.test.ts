import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SlackPace } from './slack-pace.ts';

test('takes a short burst, then one message a second, and names the seconds to wait', () => {
  const pace = new SlackPace();
  const answers = [0, 0, 0, 0, 0, 400, 1000, 1000, 1900, 2000, 2500].map((at) => pace.take(at));
  assert.deepEqual(answers, [0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 1]);
  assert.deepEqual(
    [10_000, 10_000, 10_000, 10_000, 10_000].map((at) => pace.take(at)),
    [0, 0, 0, 0, 1],
    'a pause gives the burst back, and no more than that',
  );
});

test('names the whole wait where the interval is longer than a second', () => {
  const pace = new SlackPace();
  pace.everyMs = 2500;
  pace.burst = 1;
  assert.deepEqual(
    [0, 1, 1000, 2500, 2600].map((at) => pace.take(at)),
    [0, 3, 2, 0, 3],
  );
});
