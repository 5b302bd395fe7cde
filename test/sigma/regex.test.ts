import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { compileRegex, type RegexFlags } from '#shared/sigma/regex.ts';

const NO_FLAGS: RegexFlags = { ignoreCase: false, multiline: false, dotAll: false };

function found(source: string, text: string, flags: Partial<RegexFlags> = {}): boolean {
  const regex = compileRegex(source, { ...NO_FLAGS, ...flags });
  assert.ok('test' in regex, 'message' in regex ? regex.message : '');
  return regex.test(text);
}

const ROWS: readonly (readonly [source: string, match: readonly string[], leave: readonly string[]])[] = [
  ['abc', ['abc', 'xxabcxx', 'ababc'], ['ab', '']],
  ['', ['', 'a'], []],
  ['^abc', ['abcd'], ['xabc', '\nabc']],
  ['abc$', ['xabc'], ['abcd', 'abc\n']],
  ['^$', [''], ['a']],
  ['a|b|', ['', 'x'], []],
  ['^(?:a|bc)d', ['ad', 'bcd'], ['abd']],
  ['^(a|b)*c$', ['c', 'ababc'], ['abdc']],
  ['a{3}', ['aaa'], ['aa']],
  ['^a{2,}$', ['aa', 'aaaa'], ['a']],
  ['^a{1,2}$', ['a', 'aa'], ['', 'aaa']],
  ['^a{0}b$', ['b'], ['ab']],
  ['^a??b', ['ab', 'b'], ['c']],
  ['x.y', ['x-y'], ['x\ny', 'xy']],
  ['[a-c]x', ['ax', 'cx'], ['dx', '-x']],
  ['[^a-c]x', ['dx', '\nx'], ['ax', 'x']],
  ['[-a]x', ['-x', 'ax'], ['bx']],
  ['[a-]x', ['-x', 'ax'], ['bx']],
  ['[\\]]', [']'], ['[']],
  ['[\\d.]+z', ['1.2z'], ['z']],
  ['[^\\d]', ['a'], ['123']],
  ['[\\D]', ['a'], ['123']],
  ['[\\W\\d]', ['-', '1'], ['a']],
  ['[\\w-]x', ['-x', 'ax'], ['.x']],
  ['\\d\\D\\w\\W\\s\\S', ['1a_- x'], ['aa_- x']],
  ['\\x41\\u0042\\t\\n\\r\\f\\v\\.\\/', ['AB\t\n\r\f\v./'], ['AB']],
  ['\\[\\]\\(\\)\\{\\}\\*\\+\\?\\^\\$\\|\\\\', ['[](){}*+?^$|\\'], ['']],
  ['a}', ['a}'], ['a']],
  ['(a+)+b', ['aab'], ['aaa']],
  ['(a*)*$', ['', 'aaa'], []],
  ['ä', ['xä'], ['Ä']],
];

for (const [source, match, leave] of ROWS) {
  test(`finds /${source}/ where it is and nowhere else`, () => {
    for (const text of match) assert.ok(found(source, text), JSON.stringify(text));
    for (const text of leave) assert.ok(!found(source, text), JSON.stringify(text));
  });
}

test('takes the flags i, m and s', () => {
  const ignoreCase = { ignoreCase: true };
  assert.ok(found('aBc', 'xAbCx', ignoreCase));
  assert.ok(found('[a-c]', 'B', ignoreCase));
  assert.ok(found('[A-C]', 'b', ignoreCase));
  assert.ok(!found('[^a-c]', 'B', ignoreCase));
  assert.ok(found('ä', 'Ä', ignoreCase));
  assert.ok(!found('k', '\u212a', ignoreCase), 'the Kelvin sign is no k');
  assert.ok(!found('s', '\u017f', ignoreCase), 'the long s is no s');
  assert.ok(found('^b$', 'a\nb\nc', { multiline: true }));
  assert.ok(found('a$\\n^b', 'a\nb', { multiline: true }));
  assert.ok(found('^$', 'a\n\nb', { multiline: true }));
  assert.ok(!found('^b', 'ab', { multiline: true }));
  assert.ok(found('a$', 'a\nb', { multiline: true }));
  assert.ok(found('a.b', 'a\nb', { dotAll: true }));
});

const WRONG: readonly (readonly [source: string, message: string, at: number])[] = [
  ['(?=a)', 'look-around is not supported', 0],
  ['x(?!a)', 'look-around is not supported', 1],
  ['(?<=a)', 'look-around is not supported', 0],
  ['(?<!a)', 'look-around is not supported', 0],
  ['(?<n>a)', "of the groups with '?' only '(?:' is supported", 0],
  ['(?i)a', "of the groups with '?' only '(?:' is supported", 0],
  ['(a)\\1', 'back-references are not supported', 3],
  ['\\k<a>', 'back-references are not supported', 0],
  ['\\ba', "'\\b' is not supported", 0],
  ['\\0', "'\\0' is not supported", 0],
  ['\\p{L}', "'\\p' is not supported", 0],
  ['a\\', 'the pattern ends with a backslash', 1],
  ['\\x4', 'expected 2 hexadecimal digits', 0],
  ['\\u00g0', 'expected 4 hexadecimal digits', 0],
  ['*a', 'nothing to repeat', 0],
  ['a|+', 'nothing to repeat', 2],
  ['a**', 'nothing to repeat', 2],
  ['a*??', 'nothing to repeat', 3],
  ['a++', 'nothing to repeat', 2],
  ['^*', "an anchor can't be repeated", 0],
  ['a$+', "an anchor can't be repeated", 1],
  ['{a', "a literal '{' is written '\\{'", 0],
  ['a{x', "a literal '{' is written '\\{'", 1],
  ['a{2,1}', 'the first bound is above the second', 1],
  ['a{256}', 'bounds above 255', 1],
  ['a{1,256}', 'bounds above 255', 1],
  ['(a', "the group has no ')'", 0],
  ['a)', "unexpected ')'", 1],
  ['[a', "the class has no ']'", 0],
  ['[]', "an empty class; a literal ']' is written '\\]'", 0],
  ['[[:alpha:]]', "named classes are not supported; a literal '[' is written '\\['", 1],
  ['[b-a]', 'not a range of characters', 3],
  ['[\\d-z]', 'not a range of characters', 4],
  ['(((a{99}){99}){99})', 'too large: more than 1000 steps', 0],
  ['(a{99}|b){99}', 'too large: more than 1000 steps', 0],
  ['((a{99}){99})*', 'too large: more than 1000 steps', 0],
  ['((a{99}){99})?', 'too large: more than 1000 steps', 0],
  [`${'('.repeat(40)}a${')'.repeat(40)}`, 'groups nested deeper than 32', 33],
];

for (const [source, message, at] of WRONG) {
  test(`refuses /${source.slice(0, 40)}/`, () => {
    assert.deepEqual(compileRegex(source, NO_FLAGS), { message, at });
  });
}

test('reaches the end of long texts that make others go back', () => {
  for (const source of ['(a+)+b', '(a|a)*b', 'a.*a.*a.*a.*ab', '(a*)*b', '(.*)(.*)(.*)(.*)x']) {
    assert.ok(!found(source, 'a'.repeat(60_000)), source);
  }
});

test('forgets states when there are too many, and goes on', () => {
  const source = 'a.{12}b';
  const regex = compileRegex(source, NO_FLAGS);
  assert.ok('test' in regex);
  const native = new RegExp(source);
  let seed = 1;
  const text = Array.from({ length: 20_000 }, () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % 2 === 0 ? 'a' : 'c';
  }).join('');
  assert.ok(!regex.test(text));
  assert.ok(regex.test(`${text}a${text.slice(0, 12)}b`));
  for (let at = 0; at < 200; at += 1) {
    const part = `${text.slice(at * 20, at * 20 + 40)}b${text.slice(at, at + 9)}`;
    assert.equal(regex.test(part), native.test(part), part);
  }
});

/** Patterns of every construct over a small alphabet, so that random texts often match. */
const pattern = fc.letrec<{ choice: string; sequence: string; item: string }>((tie) => ({
  choice: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((branches) => branches.join('|')),
  sequence: fc.array(tie('item'), { maxLength: 4 }).map((items) => items.join('')),
  item: fc.oneof(
    { maxDepth: 3 },
    fc
      .tuple(
        fc.constantFrom('a', 'b', 'B', '.', '[ab]', '[^a]', '[a-c]', '\\d', '\\W', '\\s', '-', '\\.'),
        fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '{0,1}', '{2,}', '*?', '+?'),
      )
      .map((parts) => parts.join('')),
    fc.constantFrom('^', '$'),
    fc
      .tuple(tie('choice'), fc.constantFrom('', '*', '+', '?', '{2}', '{0,2}'))
      .map(([inner, quantifier]) => `(?:${inner})${quantifier}`),
  ),
})).choice;

test('agrees with RE2 on random patterns and texts', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'B', 'c', '1', '-', '.', '\n', ' '), maxLength: 12 });
  fc.assert(
    fc.property(
      pattern,
      text,
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      (source, given, ignoreCase, multiline, dotAll) => {
        const regex = compileRegex(source, { ignoreCase, multiline, dotAll });
        fc.pre('test' in regex); // too large
        const flags =
          (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | (multiline ? RE2JS.MULTILINE : 0) | (dotAll ? RE2JS.DOTALL : 0);
        const expected = RE2JS.compile(source, flags).matcher(given).find();
        assert.equal(regex.test(given), expected);
      },
    ),
    { numRuns: 3_000 },
  );
});

test('never throws, whatever the pattern and the text', () => {
  const source = fc.string({ unit: fc.constantFrom(...'ab(){}[]|*+?^$.\\-,:=!<12dwxu&'), maxLength: 14 });
  fc.assert(
    fc.property(source, fc.string({ maxLength: 20 }), (given, text) => {
      const regex = compileRegex(given, NO_FLAGS);
      if ('message' in regex) assert.ok(regex.at >= 0 && regex.at <= given.length);
      else regex.test(text);
    }),
    { numRuns: 5_000 },
  );
});
