import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkRuleFolders, loadRules, readRuleFiles } from '../../cli/rules.ts';
import { selectionText } from '../sigma/rule-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'davylamp-rules-'));
after(() => rmSync(folder, { recursive: true }));

function ruleFile(number: number): string {
  return selectionText('Image: /bin/x')
    .replace('test_rule', `rule_${number}`)
    .replace('000000000001', `00000000000${number}`);
}

test('reads the rule files of all folders, sorted, however deep', () => {
  mkdirSync(join(folder, 'one', 'deep'), { recursive: true });
  mkdirSync(join(folder, 'two'));
  writeFileSync(join(folder, 'one', 'b.yml'), ruleFile(1));
  writeFileSync(join(folder, 'one', 'deep', 'a.yaml'), ruleFile(2));
  writeFileSync(join(folder, 'one', 'README.md'), 'no rule');
  writeFileSync(join(folder, 'two', 'a.yml'), ruleFile(3));
  const folders = [join(folder, 'two'), join(folder, 'one')];
  assert.deepEqual(
    readRuleFiles(folders).map(({ path }) => path.slice(folder.length + 1)),
    ['two/a.yml', 'one/b.yml', 'one/deep/a.yaml'],
  );
  const loaded = loadRules(folders);
  assert.ok('rules' in loaded);
  assert.deepEqual(
    loaded.rules.map(({ id }) => id),
    ['rule_3', 'rule_1', 'rule_2'],
  );
});

test('names the file of an error as it was given', () => {
  const path = join(folder, 'three');
  mkdirSync(path);
  writeFileSync(join(path, 'bad.yml'), 'title: x');
  const loaded = loadRules([path]);
  assert.ok('errors' in loaded);
  assert.ok(loaded.errors.length > 3 && loaded.errors.every((error) => error.path === join(path, 'bad.yml')));
});

test('says which folder is not there, is none, or holds no rule', () => {
  const none = join(folder, 'none');
  assert.throws(() => readRuleFiles([none]), { name: 'UsageError', message: `${none}: no such file or folder` });
  const file = join(folder, 'one', 'b.yml');
  assert.throws(() => readRuleFiles([file]), { name: 'UsageError', message: /b\.yml: .*not a directory/ });
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  assert.throws(() => checkRuleFolders([folder, empty]), {
    name: 'UsageError',
    message: /empty: no rule in this folder/,
  });
});
