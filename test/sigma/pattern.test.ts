import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fold } from '#shared/sigma/fold.ts';
import { compilePattern, literalRuns, openAt, parsePattern, plainText, withAnyDash } from '#shared/sigma/pattern.ts';

const WILDCARDS: readonly (readonly [pattern: string, match: readonly string[], leave: readonly string[]])[] = [
  ['', [''], ['a']],
  ['*', ['', 'abc'], []],
  ['**', ['', 'abc'], []],
  ['?', ['a'], ['', 'ab']],
  ['?*', ['a', 'ab'], ['']],
  ['*?', ['a', 'ab'], ['']],
  ['a*', ['a', 'ab'], ['ba', '']],
  ['*a', ['a', 'ba'], ['ab']],
  ['a*a', ['aa', 'aba'], ['a']],
  ['ab*ba', ['abba'], ['aba']],
  ['*a*', ['a', 'bab'], ['b']],
  ['a*b*c', ['abc', 'a-b-c', 'abcbc'], ['acb', 'ab']],
  ['*a*a*', ['aa'], ['a']],
  ['*?b?*', ['abc'], ['ab', 'bc']],
  ['a?c*', ['abcd'], ['acd']],
  ['*b*?', ['abc'], ['ab']],
];

for (const [pattern, match, leave] of WILDCARDS) {
  test(`expands the wildcards of '${pattern}'`, () => {
    const matches = compilePattern(parsePattern(pattern), false);
    for (const text of match) assert.ok(matches(text), `'${text}'`);
    for (const text of leave) assert.ok(!matches(text), `'${text}'`);
  });
}

// Sigma rules specification 2.1, "Escaping".
const ESCAPES: readonly (readonly [written: string, plain: string])[] = [
  ['a\\b', 'a\\b'],
  ['a\\\\b', 'a\\b'],
  ['\\*', '*'],
  ['\\?', '?'],
  ['\\\\\\*', '\\*'],
  ['a\\\\\\b', 'a\\\\b'],
  ['a\\\\\\\\b', 'a\\\\b'],
  ['a\\', 'a\\'],
];

for (const [written, plain] of ESCAPES) {
  test(`reads ${written} as the plain text ${plain}`, () => {
    assert.equal(plainText(parsePattern(written)), plain);
  });
}

test('takes a backslash that is escaped before a wildcard', () => {
  const matches = compilePattern(parsePattern('a\\\\*'), false);
  assert.ok(matches('a\\b'));
  assert.ok(!matches('a*'));
  assert.equal(plainText(parsePattern('a?')), undefined);
});

test('agrees with a regular expression on random patterns', () => {
  const characters = fc.constantFrom('a', 'b', '*', '?');
  fc.assert(
    fc.property(
      fc.string({ unit: characters, maxLength: 8 }),
      fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 }),
      (written, text) => {
        const expected = new RegExp(`^${written.replaceAll('?', '.').replaceAll('*', '.*')}$`).test(text);
        assert.equal(compilePattern(parsePattern(written), true)(text), expected);
      },
    ),
    { numRuns: 3_000 },
  );
});

test('lets only dashes that begin an option be others', () => {
  const matches = compilePattern(
    openAt(withAnyDash(parsePattern('a-b -c - d/e ?-f')), { start: true, end: true }),
    false,
  );
  assert.ok(matches('xa-b /c - d/e z\u2015fx'));
  assert.ok(!matches('a/b -c - d/e z-f'), 'inside a word');
  assert.ok(!matches('a-b -c / d/e z-f'), 'alone');
});

test('gives the literal runs between wildcards', () => {
  assert.deepEqual(literalRuns(parsePattern('*ab?c*\\**')), ['ab', 'c', '*']);
  assert.deepEqual(literalRuns(withAnyDash(parsePattern('ab -cd'))), ['ab ', 'cd']);
  assert.deepEqual(literalRuns(parsePattern('*')), []);
});

test('folds to lower case without making ASCII of other characters', () => {
  assert.equal(fold('ABC-Ä'), 'abc-ä');
  assert.equal(fold('\u212aK\u0130I'), '\u212ak\u0130i');
  assert.equal(fold('ΑΣ'), fold('ας'));
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const ascii = (of: string) => of.replace(/[^\0-\x7f]/g, '').length;
      assert.equal(ascii(fold(text)), ascii(text));
    }),
  );
});

test('compares text with regard to case only where it is asked to', () => {
  assert.ok(compilePattern(parsePattern('Ab*'), false)(fold('aBc')));
  assert.ok(!compilePattern(parsePattern('Ab*'), true)('aBc'));
  assert.ok(compilePattern({ pieces: [] }, true)(''));
});
