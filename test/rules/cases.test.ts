import assert from 'node:assert/strict';
import { basename, dirname } from 'node:path';
import { test } from 'node:test';
import { expand } from '#shared/classify/expand.ts';
import { isMap } from '#shared/sigma/document.ts';
import { failingCases } from '#shared/sigma/failing-cases.ts';
import { parseRules } from '#shared/sigma/load.ts';
import { loadRules, readRuleFiles } from '../../cli/rules.ts';

const MIN_CASES_OF_A_KIND = 3;
const files = readRuleFiles(['rules']);
const { documents } = parseRules(files);
const compiled = loadRules(['rules'], { expand });
const { rules, cases } = 'errors' in compiled ? { rules: [], cases: [] } : compiled;

test('the shipped rules compile', () => {
  const errors = 'errors' in compiled ? compiled.errors : [];
  assert.deepEqual(
    errors.map(({ path, line, column, message }) => `${path}:${line}:${column}: ${message}`),
    [],
  );
  assert.ok(files.length > 0, 'no rule file under rules/');
  assert.equal(rules.length, files.length, 'a file holds one rule');
});

for (const { path, rule } of documents) {
  test(`${path} keeps the conventions of shipped rules`, () => {
    assert.ok(isMap(rule));
    assert.equal(basename(path), `${rule['name']}.yml`, 'the file is named after the rule');
    const tags = rule['tags'];
    assert.ok(Array.isArray(tags) && tags.includes(`davylamp.${basename(dirname(path))}`), 'the folder is the group');
    for (const key of ['status', 'description', 'author', 'date', 'level']) {
      assert.equal(typeof rule[key], 'string', `${key} is missing`);
    }
    for (const key of ['references', 'falsepositives']) {
      const list = rule[key];
      assert.ok(Array.isArray(list) && list.length > 0, `${key} is missing`);
    }
    const own = cases.filter((one) => one.path === path);
    for (const match of [true, false]) {
      const count = own.filter((one) => one.match === match).length;
      assert.ok(count >= MIN_CASES_OF_A_KIND, `${count} cases with match: ${match}`);
    }
    const analyzer = rules.find(({ id }) => id === rule['name']);
    assert.ok(analyzer?.needles?.length, 'no needle: the rule would make readers skip nothing');
  });
}

for (const one of cases) {
  test(`${one.rule} ${one.match ? 'matches' : 'leaves'}: ${one.note} (${one.path}:${one.line})`, () => {
    assert.deepEqual(failingCases(rules, [one]), []);
  });
}
