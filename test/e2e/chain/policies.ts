import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Suite } from './suite.ts';

/** To be asked last: of all that the tests before it made the functions do. */
export function policies(suite: () => Suite): void {
  test('allows each call that a function makes, and nothing that neither function nor service makes', async (t) => {
    await suite().release();
    const { calls, acts, coldStarts } = suite();
    const granted = suite().policies();
    assert.deepEqual([...new Set(calls.flatMap((call) => granted.refusal(call) ?? []))], []);
    assert.deepEqual([...granted.unusedOfResources(calls, acts), ...granted.unused(calls)], []);
    assert.ok(calls.length > 1000, `${calls.length} calls`);
    for (const [id, times] of coldStarts) {
      const sorted = times.toSorted((a, b) => a - b);
      t.diagnostic(
        `cold start of ${id}: ${Math.round(sorted[Math.floor(sorted.length / 2)] ?? Number.NaN)} ms (median of ${sorted.length})`,
      );
    }
  });
}
