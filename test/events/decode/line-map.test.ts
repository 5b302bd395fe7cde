import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineMap, outerLine } from '#shared/events/decode/line-map.ts';

test('finds where each line came from, until it is forgotten', () => {
  const run = fc.record({ count: fc.integer({ min: 1, max: 5 }), gap: fc.nat(3), step: fc.constantFrom<0 | 1>(0, 1) });
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 40 }), fc.nat(100), (runs, settled) => {
      const map = new LineMap();
      const expected: number[] = [];
      let outer = 1;
      for (const { count, gap, step } of runs) {
        outer += gap;
        map.add({
          inner: expected.length + 1,
          count,
          outer,
          step,
          time: undefined,
          eventId: undefined,
          truncated: undefined,
        });
        for (let i = 0; i < count; i++) expected.push(outer + i * step);
        outer += count;
      }
      map.forget(settled);
      expected.forEach((line, i) => {
        const found = map.run(i + 1);
        if (i + 1 > settled) assert.equal(found && outerLine(found, i + 1), line);
      });
    }),
  );
});
