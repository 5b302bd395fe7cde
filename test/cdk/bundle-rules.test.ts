import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writeRules } from '../../cdk/bundle-rules.ts';
import { loadDetector } from '../../cli/detector.ts';
import { detectorOf } from '../../functions/runtime/detector.ts';

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'davylamp-rules-'));
  context.after(() => rmSync(path, { recursive: true }));
  return path;
}

test('bundles the rules from which a function makes the detections of the command line', (context) => {
  const target = folder(context);
  writeRules(target);
  const shown = (detector: ReturnType<typeof loadDetector>) =>
    detector.analyzers.map(({ id, version, group, technique, needles }) => ({
      id,
      version,
      group,
      technique,
      needles,
    }));
  const deployed = detectorOf(JSON.parse(readFileSync(join(target, 'rules.json'), 'utf8')));
  assert.deepEqual(shown(deployed), shown(loadDetector([])));
});

test('stops at a rule with a fault, names its place, and writes nothing', (context) => {
  const [target, rules] = [folder(context), folder(context)];
  writeFileSync(join(rules, 'bad.yml'), 'title: Made up\nno-such-key: 1\n');
  assert.throws(() => writeRules(target, [rules]), /bad\.yml:2:1: /);
  assert.equal(existsSync(join(target, 'rules.json')), false);
});

for (const [name, value] of [
  ['no list', {}],
  ['a document without a rule', [{ path: 'a.yml' }]],
  ['a rule with a fault', [{ path: 'a.yml', rule: { title: 'Made up' } }]],
] as const) {
  test(`refuses ${name} as bundled rules`, () => assert.throws(() => detectorOf(value), /rule|missing/));
}
