import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seldom } from '../../functions/runtime/seldom.ts';

function counted(everyMs: number): {
  work: (name: string) => Promise<void>;
  done: string[];
  pass: (ms: number) => void;
} {
  let now = 0;
  const done: string[] = [];
  const work = seldom(
    async (name: string) => {
      if (name === 'bad') throw new Error('not done');
      done.push(name);
    },
    () => now,
    everyMs,
  );
  return {
    work,
    done,
    pass: (ms) => {
      now += ms;
    },
  };
}

test('does work once in the time given, and again after it', async () => {
  const { work, done, pass } = counted(1000);
  for (const name of ['first', 'second']) await work(name);
  pass(999);
  await work('third');
  pass(1);
  await work('fourth');
  assert.deepEqual(done, ['first', 'fourth']);
});

test('does work once though it is asked for twice at a time', async () => {
  const { work, done } = counted(1000);
  await Promise.all([work('first'), work('second')]);
  assert.deepEqual(done, ['first']);
});

test('tries again at once what failed, and tells of the failure', async () => {
  const { work, done } = counted(1000);
  await assert.rejects(work('bad'), /not done/);
  await work('first');
  assert.deepEqual(done, ['first']);
});
