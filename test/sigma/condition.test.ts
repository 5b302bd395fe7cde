import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileOne, errorsOf, eventOf, matches, ruleText } from './rule-file.ts';

/** A rule whose selections each hold when the argument of their name is given; the condition is in line 12. */
function conditionText(condition: string, selections: string): string {
  const lines = selections.split(' ').map((name) => `  ${name}: { Argument: ${name} }`);
  return ruleText([`  condition: ${condition}`, ...lines].join('\n'));
}

type Row = readonly [condition: string, selections: string, match: readonly string[], leave: readonly string[]];

const ROWS: readonly Row[] = [
  ['a', 'a', ['a', 'a b'], ['', 'b']],
  ['a and b', 'a b', ['a b'], ['a', 'b', '']],
  ['a or b', 'a b', ['a', 'b'], ['']],
  ['not a', 'a', ['', 'b'], ['a']],
  ['not not a', 'a', ['a'], ['']],
  ['a and not b', 'a b', ['a'], ['a b', '']],
  ['not a and b', 'a b', ['b'], ['a b', '']],
  ['a or b and c', 'a b c', ['a', 'b c'], ['b', 'c']],
  ['(a or b) and c', 'a b c', ['a c', 'b c'], ['a', 'c', 'a b']],
  ['not (a or b)', 'a b', ['', 'c'], ['a', 'b']],
  ['(((a)))', 'a', ['a'], ['']],
  ['1 of them', 'a b', ['a', 'b'], ['']],
  ['[1 of them, a and _hidden]', 'a _hidden', ['a'], ['_hidden', '']],
  ['all of them', 'a b', ['a b'], ['a', 'b']],
  ['1 of sel_*', 'sel_1 sel_2', ['sel_1', 'sel_2'], ['']],
  ['all of sel_*', 'sel_1 sel_2', ['sel_1 sel_2'], ['sel_1']],
  ['1 of a', 'a', ['a'], ['']],
  ['all of *_1 or a', 'sel_1 a', ['sel_1', 'a'], ['']],
  ['1 of s*_*', 'sel_1 sel_2', ['sel_2'], ['']],
  ['1 of _hid*', '_hidden', ['_hidden'], ['']],
  ['a and not 1 of sel_*', 'a sel_1 sel_2', ['a'], ['a sel_1', 'a sel_2']],
  ['[a, b and c]', 'a b c', ['a', 'b c'], ['b', 'c']],
];

for (const [condition, selections, match, leave] of ROWS) {
  test(`evaluates ${condition}`, () => {
    const rule = compileOne(conditionText(condition, selections));
    for (const given of match) assert.ok(matches(rule, eventOf({ Argument: given.split(' ') })), `'${given}'`);
    for (const given of leave) assert.ok(!matches(rule, eventOf({ Argument: given.split(' ') })), `'${given}'`);
  });
}

const DEEP = 40;
const WRONG: readonly (readonly [condition: string, selections: string, error: string])[] = [
  ["''", 'a', '12:15: expected a selection, found the end of the condition'],
  ['a and', 'a', '12:19: expected a selection, found the end of the condition'],
  ['a b', 'a b', "12:16: expected 'and', 'or' or the end, found 'b'"],
  ['a and or b', 'a b', "12:20: expected a selection, found 'or'"],
  ['a or z', 'a', "12:19: there is no selection 'z' (there are: a)"],
  ['(a', 'a', "12:16: expected ')'"],
  ["'(a or b'", 'a b', "12:22: expected ')'"],
  ['a)', 'a', "12:15: expected 'and', 'or' or the end, found ')'"],
  ['not', 'a', '12:17: expected a selection, found the end of the condition'],
  ['()', 'a', "12:15: expected a selection, found ')'"],
  ['2 of them', 'a', "12:14: expected '1 of' or 'all of', found '2 of'"],
  ['any of them', 'a', "12:14: expected '1 of' or 'all of', found 'any of'"],
  ['1 of', 'a', "12:18: expected 'them' or a pattern of names after 'of'"],
  ['1 of x*', 'a', "12:19: no selection matches 'x*'"],
  ['1 of them', '_a', "12:19: no selection matches 'them'"],
  ['a | count() by Image > 3', 'a', '12:16: aggregations are not supported: a rule sees one event'],
  ['a near b', 'a b', "12:16: 'near' is not supported: a rule sees one event"],
  [`${'('.repeat(DEEP)}a${')'.repeat(DEEP)}`, 'a', '12:47: nested deeper than 32'],
  [`${'not '.repeat(DEEP)}a`, 'a', '12:146: nested deeper than 32'],
  ['a', 'a b', "14:3: the condition never uses the selection 'b'"],
  ['7', 'a', '12:14: expected text, found a number: quote it'],
  ['[]', 'a', '12:14: an empty list of conditions'],
  ['[a, z]', 'a', "12:18: there is no selection 'z'"],
];

for (const [condition, selections, error] of WRONG) {
  test(`refuses ${condition === '' ? 'an empty condition' : condition.slice(0, 40)}`, () => {
    const errors = errorsOf(conditionText(condition, selections));
    assert.equal(errors.length, 1, errors.join('\n'));
    assert.ok(errors[0]?.startsWith(error), errors[0]);
  });
}

const NAMES: readonly (readonly [name: string, error: string])[] = [
  ['timeframe', "13:3: 'timeframe' is not supported: a rule sees one event"],
  ['and', "13:3: 'and' has a meaning of its own in conditions"],
  ['Them', "13:3: 'Them' has a meaning of its own in conditions"],
  ["'a b'", "13:3: 'a b' can't be the name of a selection"],
  ['__proto__x*', "13:3: '__proto__x*' can't be the name of a selection"],
];

for (const [name, error] of NAMES) {
  test(`refuses a selection called ${name}`, () => {
    assert.deepEqual(errorsOf(ruleText(`  condition: good\n  ${name}: { Image: x }\n  good: { Image: y }`)), [error]);
  });
}

test('takes a selection called __proto__ for what it is', () => {
  const rule = compileOne(ruleText('  condition: __proto__\n  __proto__: { Image: /bin/sh }'));
  assert.ok(matches(rule, eventOf({ Image: '/bin/sh' })));
  assert.ok(!matches(rule, eventOf({ Image: '/bin/bash' })));
});

test('points at a block text as a whole, since its columns are not those of the file', () => {
  const text = ruleText('  condition: >\n    a and\n    z\n  a: { Image: x }');
  assert.deepEqual(errorsOf(text), ["12:14: there is no selection 'z' (there are: a)"]);
});

test('names an error of a selection and one of the condition, and nothing that follows from them', () => {
  const text = ruleText('  condition: a and b and z\n  a: { Imag: x }\n  b: { Image: x }');
  assert.deepEqual(
    errorsOf(text).map((error) => error.slice(0, 34)),
    ["12:26: there is no selection 'z' (", "13:8: 'Imag' is no field of proces"],
  );
});
