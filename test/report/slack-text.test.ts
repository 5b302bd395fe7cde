import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { slackCode, slackLines, slackPlain } from '#shared/report/slack-text.ts';
import { anyText } from './any-finding.ts';

/** No markup of Slack's and no halved entity: each `&` begins one of the three, and `<` and `>` are gone. */
const ESCAPED = /^(?:[^&<>]|&(?:amp|lt|gt);)*$/u;
const markup = fc.string({
  unit: fc.constantFrom('&', '<', '>', '`', '!', '@', 'a', '😀', '\n', '\u202e'),
  maxLength: 80,
});
const hostile = fc.oneof(anyText, markup);
const most = fc.integer({ min: 3, max: 120 });

test('keeps plain text escaped, whole in its characters and within its length', () => {
  fc.assert(
    fc.property(hostile, most, (text, length) => {
      const shown = slackPlain(text, length);
      assert.ok(shown.length <= length);
      assert.match(shown, ESCAPED);
      assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Cs}]|:\/\/|www\.|@(?:here|channel|everyone)/u);
    }),
    { numRuns: 2000 },
  );
});

test('keeps a code span closed, on one line, escaped and within its length', () => {
  fc.assert(
    fc.property(hostile, most, (text, length) => {
      const shown = slackCode(text, length);
      assert.ok(shown.length <= length);
      assert.match(shown, /^`[^`\n]+`$/);
      assert.match(shown, ESCAPED);
      assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Cs}]/u);
    }),
    { numRuns: 2000 },
  );
});

const CUTS: readonly (readonly [string, number, string])[] = [
  ['ab', 3, 'ab'],
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['a&b', 6, 'a…'],
  ['a&b', 7, 'a&amp;b'],
  ['a&bc', 7, 'a&amp;…'],
  ['&&&', 9, '&amp;…'],
  ['&&&', 5, '…'],
  ['ab<', 5, 'ab…'],
  ['a😀b', 4, 'a😀b'],
  ['a😀bc', 4, 'a😀…'],
  ['a😀bc', 3, 'a…'],
  ['a\u001bb', 8, 'a\\u{1b}b'],
  ['a\u001bbc', 7, 'a…'],
  ['', 5, ''],
];
for (const [text, length, shown] of CUTS) {
  test(`cuts ${JSON.stringify(text)} to ${length} characters as ${JSON.stringify(shown)}`, () => {
    assert.equal(slackPlain(text, length), shown);
  });
}

test('formats 16: a text of 3,001 characters is cut to 3,000 after escaping, never inside an entity', () => {
  for (const text of ['&'.repeat(3001), `${'a'.repeat(2998)}&bc`, `${'a'.repeat(2996)}<>&`, 'a'.repeat(3001)]) {
    const shown = slackPlain(text, 3000);
    assert.ok(shown.length <= 3000 && shown.length > 2990);
    assert.match(shown, ESCAPED);
    assert.ok(shown.endsWith('…'));
  }
});

test('formats 16: a command line with backticks does not break its code span', () => {
  assert.equal(slackCode('echo `id` ``` x', 100), '`echo \\u{60}id\\u{60} \\u{60}\\u{60}\\u{60} x`');
});

test('shows a dash for text that would leave a span empty', () => {
  for (const text of ['', ' ', '   ']) assert.equal(slackCode(text, 20), '`-`');
});

test('breaks up links and calls in plain text', () => {
  assert.equal(
    slackPlain('<!channel> @here http://x.example.com WWW.example.com', 200),
    '&lt;!channel&gt; [@]here http[:]//x.example.com www[.]example.com',
  );
});

test('keeps whole lines and counts the rest', () => {
  assert.equal(slackLines(['aa', 'bb', 'cc'], 8), 'aa\nbb\ncc');
  assert.equal(slackLines(['a'.repeat(10), 'b'.repeat(10), 'c'.repeat(10)], 24), `${'a'.repeat(10)}\nand 2 more`);
  assert.equal(slackLines(['a'.repeat(50)], 20), 'and 1 more');
});

test('keeps lines within their length', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 30 })), fc.integer({ min: 20, max: 200 }), (lines, length) => {
      assert.ok(slackLines(lines, length).length <= length);
    }),
  );
});
