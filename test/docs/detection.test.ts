import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { SESSION_RULE } from '#shared/correlate/decide.ts';
import type { Strength } from '#shared/model/groups.ts';
import { strongest } from '#shared/model/groups.ts';
import { classifyAlone } from '#shared/pipeline.ts';
import { commandEvent, domainEvent } from '../../cli/commands/bare-text.ts';
import { loadDetector } from '../../cli/detector.ts';

interface Row {
  readonly id: string;
  readonly group: string;
  readonly technique: string;
  readonly strength: string;
}

interface Example {
  readonly kind: string;
  readonly strength: string;
  readonly rule: string;
  readonly text: string;
}

const page = readFileSync('docs/detection.md', 'utf8');
const detector = loadDetector([]);
const classify = classifyAlone(detector);

/** The rows of the tables whose first cell names a detection, each with the group that its section names. */
function rowsOf(markdown: string): Row[] {
  let group = '';
  return markdown.split('\n').flatMap((line) => {
    group = /^## .*\(`(\w+)`\)$/.exec(line)?.[1] ?? group;
    const [, first = '', technique = '', , strength = ''] = line.split('|').map((cell) => cell.trim());
    const id = /^\[?`(\w+)`/.exec(first)?.[1];
    return line.startsWith('| ') && id !== undefined ? [{ id, group, technique, strength }] : [];
  });
}

/** The lines of the blocks of examples; the words behind `text` say what the lines are. */
function examplesOf(markdown: string): Example[] {
  return [...markdown.matchAll(/^```text (.+)\n([\s\S]*?)^```$/gm)].flatMap(([, kind = '', block = '']) =>
    block
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [, strength = '', rule = '', text = ''] = /^(\w+) +(\*|\w+) +(.+)$/.exec(line) ?? [];
        return { kind, strength, rule, text };
      }),
  );
}

test('the page has one row for each detection, under its group, with its technique', () => {
  const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);
  const told = rowsOf(page).map(({ id, group, technique }) => ({ id, group, technique }));
  const loaded = detector.analyzers.map(({ id, group, technique }) => ({ id, group: String(group), technique }));
  assert.deepEqual(told.sort(byId), loaded.sort(byId));
});

test('the page names the rule that the fold derives', () => {
  assert.ok(page.includes(`\`${SESSION_RULE}\``));
});

test('the strength of a rule on the page is that of its file', () => {
  const files = globSync('rules/**/*.yml').map((path) => parse(readFileSync(path, 'utf8')));
  assert.ok(files.length > 5, `only ${files.length} rules found`);
  const rows = new Map(rowsOf(page).map((row) => [row.id, row.strength]));
  for (const { name, davylamp } of files) assert.equal(rows.get(name), davylamp.strength, name);
});

const examples = examplesOf(page);

test('the page has examples of every sort', () => {
  assert.deepEqual([...new Set(examples.map((one) => one.kind))].sort(), ['command lines', 'names']);
  assert.ok(examples.length > 40, `only ${examples.length} examples found`);
});

for (const { kind, strength, rule, text } of examples) {
  test(`as the page says: ${text} ${strength === 'none' ? 'is no sign' : `is ${strength} by ${rule}`}`, () => {
    const event = kind === 'names' ? domainEvent(text, 1) : commandEvent(text, 1);
    assert.ok(event !== undefined);
    const found = new Map<string, Strength>();
    for (const one of classify(event)) {
      const [id = ''] = one.rule.split('/');
      found.set(id, strongest(one.strength, found.get(id) ?? 'note'));
    }
    if (strength === 'none') assert.deepEqual([...found], []);
    else assert.equal(found.get(rule), strength, JSON.stringify([...found]));
  });
}
