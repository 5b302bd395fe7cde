import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evidenceOf as evidenceIn, evidenceItem, versionOf } from '#shared/aws/items.ts';
import { join, MAX_EVENT_IDS, sameEvidence } from '#shared/model/evidence.ts';
import { evidenceOf, NOON, sampleOf } from '../factories.ts';

const FRESH = evidenceOf({
  whyEvent: 'event',
  samples: [sampleOf()],
  minutes: { out: (1n << 59n) | 1n, back: 0n },
});

test('reads evidence as it was written', () => {
  const item = evidenceItem(FRESH, 7);
  assert.ok(sameEvidence(evidenceIn(item), FRESH));
  assert.equal(evidenceIn(item).whyEvent, 'event');
  assert.equal(versionOf(item), 7);
});

test('reads items that name no event of their reason, and joins them as if they had none', () => {
  const { whyEvent: _, ...before } = FRESH;
  const old = evidenceIn(evidenceItem({ ...before, samples: [sampleOf({ id: 'old', time: NOON - 1 })] }, 1));
  assert.ok(!('whyEvent' in old));
  const joined = join(old, FRESH);
  assert.deepEqual([joined.whyEvent, joined.samples.map(({ id }) => id)], ['event', ['event', 'old']]);
});

test('bounds an item of the largest samples', () => {
  const one = (n: number): typeof FRESH => {
    const id = `e${n}`;
    const sample = sampleOf({ id, time: NOON + n, commandLine: 'x'.repeat(1900) });
    return evidenceOf({ events: [id], samples: [sample], whyEvent: id, why: `${99 - n}`.padStart(4, '0') });
  };
  const body = evidenceItem(Array.from({ length: 99 }, (_, n) => one(n)).reduce(join), 1)['body']?.S ?? '';
  assert.ok(Buffer.byteLength(body) <= 5 * 2048 + MAX_EVENT_IDS * 20 + 1024, `${Buffer.byteLength(body)} bytes`);
});
