import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  asciiLower,
  decimal,
  dropBlanks,
  holdTime,
  lineEnd,
  Needle,
  NextByte,
  skipBlanks,
} from '#shared/events/byte-lines.ts';

/** Texts of few different bytes, so that a search meets many half matches. */
const FEW = fc.array(fc.constantFrom('a', 'b', '"', 'B'), { maxLength: 60 }).map((parts) => parts.join(''));
const NEEDLE = fc.array(fc.constantFrom('a', 'b', '"'), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));

test('a needle finds what a plain search finds, within its borders', () => {
  fc.assert(
    fc.property(FEW, NEEDLE, fc.nat(60), fc.nat(60), (text, needle, a, b) => {
      const [from, to] = [Math.min(a, b, text.length), Math.min(Math.max(a, b), text.length)];
      const bytes = Buffer.from(text);
      const expected = text.slice(from, to).indexOf(needle);
      assert.equal(new Needle(needle).find(bytes, from, to), expected < 0 ? -1 : from + expected);
    }),
    { numRuns: 3_000 },
  );
});

test('a needle sought near its last place is found wherever it is', () => {
  fc.assert(
    fc.property(fc.array(FEW, { maxLength: 8 }), NEEDLE, (lines, needle) => {
      const sought = new Needle(needle);
      for (const line of lines) {
        const at = sought.findNear(Buffer.from(line), 0, line.length);
        assert.equal(at >= 0, line.includes(needle));
        if (at >= 0) assert.ok(line.startsWith(needle, at));
      }
    }),
    { numRuns: 1_000 },
  );
});

test('a byte is told line by line, over several chunks', () => {
  const next = new NextByte(0x5c);
  for (const text of ['ab\\\ncd\n\\', 'abc\ndef\nghi', '\\\n\n\n']) {
    next.restart();
    let at = 0;
    for (const line of text.split('\n')) {
      assert.equal(next.within(Buffer.from(text), at, at + line.length), line.includes('\\'));
      at += line.length + 1;
    }
  }
});

for (const [text, value] of [
  ['0', 0],
  ['0050112', 50_112],
  ['9007199254740991', 9_007_199_254_740_991],
  ['9007199254740992', undefined],
  ['99999999999999999999', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['1e3', undefined],
  ['', undefined],
] as const) {
  test(`reads the decimal ${JSON.stringify(text)} as ${value}`, () => {
    assert.equal(decimal(Buffer.from(`7${text}7`), 1, text.length + 1), value);
  });
}

test('finds the end of a line and its borders without blanks', () => {
  const bytes = Buffer.from(' a b\r\nc');
  assert.deepEqual([lineEnd(bytes, 0, 7), lineEnd(bytes, 6, 7), lineEnd(bytes, 0, 3)], [5, 7, 3]);
  assert.deepEqual(
    [skipBlanks(bytes, 0, 5), dropBlanks(bytes, 0, 5), skipBlanks(bytes, 4, 6), dropBlanks(bytes, 4, 6)],
    [1, 4, 6, 4],
  );
});

test('lowers ASCII letters alone', () => {
  assert.equal(asciiLower('Pool.EXAMPLE.org'), 'pool.example.org');
  assert.equal(asciiLower('\u212aELVIN.É'), '\u212aelvin.É');
});

test('holds a time between 14 days before and 10 minutes after the envelope', () => {
  const envelope = 1_795_557_600_000;
  const [oldest, newest] = [envelope - 1_209_600_000, envelope + 600_000];
  assert.deepEqual(
    [0, oldest, envelope, newest, newest + 1].map((time) => holdTime(time, envelope)),
    [oldest, oldest, envelope, newest, newest],
  );
  assert.equal(holdTime(5, undefined), 5);
});
