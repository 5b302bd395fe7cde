import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { violations, violationsAround } from './architecture.ts';

test('every import of the core follows the architecture', () => {
  const files = globSync('shared/**/*.ts');
  assert.ok(files.length > 10, `only ${files.length} files found`);
  assert.deepEqual(
    files.flatMap((path) => violations(path, readFileSync(path, 'utf8'))),
    [],
  );
});

test('every import of functions and stack follows the architecture', () => {
  const files = globSync(['functions/**/*.ts', 'cdk/**/*.ts']);
  assert.ok(files.length > 20, `only ${files.length} files found`);
  assert.deepEqual(
    files.flatMap((path) => violationsAround(path, readFileSync(path, 'utf8'))),
    [],
  );
});

const PLANTED_AROUND: readonly [string, string][] = [
  ['functions/planted.ts', "import { DavylampStack } from '../cdk/stack.ts';"],
  ['functions/runtime/planted.ts', "import { loadDetector } from '../../cli/detector.ts';"],
  ['functions/planted.ts', "import { Stack } from 'aws-cdk-lib';"],
  ['functions/planted.ts', "import { parse } from 'yaml';"],
  ['cdk/constructs/planted.ts', "import { handler } from '../../functions/sweep.ts';"],
];

for (const [path, text] of PLANTED_AROUND) {
  test(`a planted breach is found: ${path}: ${text}`, () => {
    assert.equal(violationsAround(path, text).length, 1);
  });
}

const PLANTED: readonly [string, string][] = [
  ['shared/model/planted.ts', "import { fold } from '#shared/correlate/fold.ts';"],
  ['shared/events/planted.ts', "import { classify } from '../classify/classify.ts';"],
  ['shared/correlate/planted.ts', "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';"],
  ['shared/classify/planted.ts', "import { readFileSync } from 'node:fs';"],
  ['shared/context/planted.ts', 'export const now = Date.now();'],
  ['shared/analyzers/planted.ts', 'export const chance = Math.random();'],
  ['shared/report/planted.ts', "import { scan } from '../../cli/scan.ts';"],
  ['shared/attic/planted.ts', 'export const room = 1;'],
];

for (const [path, text] of PLANTED) {
  test(`a planted breach is found: ${path}: ${text}`, () => {
    assert.equal(violations(path, text).length, 1);
  });
}

test('comments may speak of clocks', () => {
  assert.deepEqual(
    violations('shared/model/a.ts', '/** Never calls Date.now() */\nexport const a = 1; // process.env'),
    [],
  );
});
