import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileRuleDocuments, forBundle, isRuleDocument } from '#shared/sigma/compile.ts';
import type { RuleDocument } from '#shared/sigma/document.ts';
import { compileRules, parseRules } from '#shared/sigma/load.ts';
import { compileOne, errorsOf, eventOf, matches, ruleText, selectionText, verdictsOf } from './rule-file.ts';

const GOOD = selectionText('Image|endswith: /curl');

test('reports all errors of all files at once, ordered by place', () => {
  const wrong = ruleText('  condition: sel and other\n  sel: { Imag: x }').replace('strong', 'loud');
  const compiled = compileRules([
    { path: 'b.yml', text: wrong },
    { path: 'a.yml', text: 'title: [\n' },
    { path: 'c.yml', text: GOOD },
    { path: 'd.yml', text: selectionText('Image|re: "(a"').replace('test_rule', 'other') },
  ]);
  assert.ok('errors' in compiled);
  const found = compiled.errors.map(({ path, line, column, message }) => `${path}:${line}:${column}: ${message}`);
  const expected = [
    'a.yml:2:1: Flow sequence in block collection must be',
    'b.yml:8:13: expected one of strong, weak, note, found',
    "b.yml:12:22: there is no selection 'other' (there are",
    "b.yml:13:10: 'Imag' is no field of process_creation",
    "c.yml:2:5: the id '00000000-0000-4000-8000-000000000001' is also that of b.yml",
    "c.yml:3:7: the name 'test_rule' is also that of b.yml",
    "d.yml:2:5: the id '00000000-0000-4000-8000-000000000001' is also that of b.yml",
    "d.yml:14:16: the group has no ')'",
  ];
  assert.deepEqual(
    found.map((error, index) => error.slice(0, expected[index]?.length)),
    expected,
  );
});

test('reads several rules of one file', () => {
  const second = GOOD.replace('test_rule', 'other_rule').replace('000000000001', '000000000002');
  const compiled = compileRules([{ path: 'two.yml', text: `${GOOD}\n---\n${second}` }]);
  assert.ok('rules' in compiled);
  assert.deepEqual(
    compiled.rules.map(({ id }) => id),
    ['test_rule', 'other_rule'],
  );
});

test('gives the same rules from JSON without positions and cases', () => {
  const { documents, errors } = parseRules([
    { path: 'x.yml', text: `${GOOD}cases: [{ match: true, note: n, command_line: x }]\n` },
  ]);
  assert.deepEqual(errors, []);
  const json: unknown = JSON.parse(JSON.stringify(documents.map(forBundle)));
  assert.ok(Array.isArray(json) && json.every(isRuleDocument));
  assert.deepEqual(
    json.map((one: RuleDocument) => Object.keys(one)),
    [['path', 'rule']],
  );
  const compiled = compileRuleDocuments(json);
  assert.ok('rules' in compiled);
  assert.deepEqual(compiled.cases, []);
  const [rule] = compiled.rules;
  assert.ok(rule);
  const event = eventOf({ Image: '/usr/bin/curl' });
  assert.deepEqual(verdictsOf(rule, event), verdictsOf(compileOne(GOOD), event));
});

test('reports errors of JSON without positions at the beginning of the file', () => {
  const document = { path: 'x.json', rule: { title: 'x' } };
  const compiled = compileRuleDocuments([document, { path: 'y.json', rule: ['x'] }]);
  assert.ok('errors' in compiled);
  assert.ok(compiled.errors.every(({ line, column }) => line === 1 && column === 1));
  assert.deepEqual(compiled.errors.at(-1), {
    path: 'y.json',
    line: 1,
    column: 1,
    message: 'expected a rule, found a list',
  });
  assert.deepEqual(forBundle({ path: 'y.json', rule: ['x'] }), { path: 'y.json', rule: ['x'] });
});

test('tells rule documents from other JSON', () => {
  assert.ok(isRuleDocument({ path: 'x', rule: {} }));
  for (const other of [null, 7, [], {}, { path: 7, rule: {} }, { path: 'x' }]) assert.ok(!isRuleDocument(other));
});

const WRONG: readonly (readonly [text: string, error: string])[] = [
  ['', '1:1: the file holds no rule'],
  ['# only a comment\n', '1:1: the file holds no rule'],
  ['just text', '1:1: expected a rule, found a string'],
  ['- a\n- b', '1:1: expected a rule, found a list'],
  ['null', '1:1: expected a rule, found null'],
  ['a: &x 1\nb: 2', '1:7: YAML anchors are not supported'],
  ['a: 1\nb: *x', '2:4: YAML aliases are not supported'],
  ['a: !thing 1', '1:4: Unresolved tag: !thing'],
  ['a: 1\na: 2', '2:1: Map keys must be unique'],
  ['a: 0123', "1:4: '0123' is no plain decimal number"],
  ['a: 1.0', "1:4: '1.0' is no plain decimal number"],
  ['1: a', '1:1: keys are text: quote it'],
  ['? [a]\n: b', '1:3: keys are text: quote it'],
  [`a: ${'['.repeat(14)}${']'.repeat(14)}`, '1:16: nested deeper than 12'],
  [`# ${'x'.repeat(1_048_576)}`, '1:1: larger than 1048576 characters'],
];

for (const [text, error] of WRONG) {
  test(`refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
    const errors = errorsOf(text);
    assert.ok(errors[0]?.startsWith(error), errors.join('\n'));
  });
}

test('refuses an alias where the anchor is too', () => {
  const errors = errorsOf('a: &x { b: 1 }\nc: *x');
  assert.deepEqual(errors, ['1:7: YAML anchors are not supported', '2:4: YAML aliases are not supported']);
});

test('takes a key without a value as null', () => {
  assert.ok(matches(compileOne(selectionText('ParentName:')), eventOf({ Image: 'x' })));
});

test('compiles the rule that the documentation shows, and its cases hold', () => {
  const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/rules.md', 'utf8')) ?? [];
  const compiled = compileRules([{ path: 'docs/rules.md', text }]);
  assert.ok('rules' in compiled, JSON.stringify(compiled));
  const [rule] = compiled.rules;
  assert.ok(rule);
  assert.equal(compiled.cases.length, 6);
  for (const { event, match, note } of compiled.cases) assert.equal(matches(rule, event), match, note);
});

test('never throws, whatever is in a file', () => {
  const lines = fc.constantFrom(
    ...GOOD.split('\n'),
    ...[
      '  - x',
      '    - [a, {b: c}]',
      'cases:',
      '  - match: true',
      '    event: { Image: 7 }',
      '? x',
      '&a *a',
      '---',
      '!!int "x"',
      '<<: x',
    ],
    ...[
      '  sel|all: [x]',
      '    Argument|re: "(("',
      '  condition: (((',
      'davylamp: { artifacts: { path: Image, x: [y] } }',
      '\t',
      '"\\u00',
    ],
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 4, arbitrary: lines }, fc.string({ unit: 'binary' })), { maxLength: 24 }),
      (text) => {
        const compiled = compileRules([{ path: 'x.yml', text: text.join('\n') }]);
        assert.ok(
          'rules' in compiled ||
            compiled.errors.every(({ line, column, message }) => line >= 1 && column >= 1 && message !== ''),
        );
      },
    ),
    { numRuns: 1_500 },
  );
});
