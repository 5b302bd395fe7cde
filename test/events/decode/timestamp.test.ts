import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { instantText, parseInstant } from '#shared/events/decode/timestamp.ts';

for (const [text, ms, nanos] of [
  ['2026-11-24T22:00:00Z', Date.UTC(2026, 10, 24, 22), 0],
  ['2026-11-24T22:00:00.5Z', Date.UTC(2026, 10, 24, 22, 0, 0, 500), 500_000_000],
  ['2026-11-24T22:00:00.123456789Z', Date.UTC(2026, 10, 24, 22, 0, 0, 123), 123_456_789],
  ['2026-11-24T22:00:00.999999999Z', Date.UTC(2026, 10, 24, 22, 0, 0, 999), 999_999_999],
  ['2026-11-24T22:00:00+05:30', Date.UTC(2026, 10, 24, 16, 30), 0],
  ['2026-11-24T22:00:00.1-0800', Date.UTC(2026, 10, 25, 6, 0, 0, 100), 100_000_000],
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29), 0],
] as const) {
  test(`reads ${text}`, () => {
    assert.deepEqual(parseInstant(text), { ms, nanos });
  });
}

for (const text of [
  '',
  '2026-11-24',
  '2026-11-24T22:00:00',
  '2026-11-24 22:00:00Z',
  '2026-11-24T22:00:00.Z',
  '2026-11-24T22:00:00.1234567890Z',
  '2026-13-24T22:00:00Z',
  '2026-11-00T22:00:00Z',
  '2026-11-24T24:00:00Z',
  '2026-11-24T22:60:00Z',
  '2026-11-24T22:00:00+5:30',
  '2026-11-24T22:00:00+05',
  '2026-11-24T22:00:00Zx',
  '1969-12-31T23:59:59Z',
  'x'.repeat(10_000),
]) {
  test(`${text.slice(0, 40)} is no time`, () => {
    assert.equal(parseInstant(text), undefined);
  });
}

test('writes what it reads, and texts sort as moments do', () => {
  const moment = fc.tuple(fc.integer({ min: 0, max: 4_000_000_000 }), fc.nat(999_999_999));
  fc.assert(
    fc.property(moment, moment, (a, b) => {
      const [first = '', second = ''] = [a, b].map(([seconds, nanos]) =>
        instantText({ ms: seconds * 1000 + Math.floor(nanos / 1e6), nanos }),
      );
      assert.equal(instantText(parseInstant(first) ?? { ms: 0, nanos: 0 }), first);
      const order = a[0] - b[0] || a[1] - b[1];
      assert.equal(Math.sign(order), first < second ? -1 : first > second ? 1 : 0);
    }),
  );
});
