import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import type { Metafile } from 'esbuild';
import { FUNCTIONS } from '../../cdk/bundling.ts';
import { BUDGET_KB, bundleFaults, bundleSizes } from '../../cdk/check-bundles.ts';

/** Bundles of one size each, which hold the given files. */
function bundles(names: readonly string[], bytes: number, inputs: readonly string[] = []): Metafile {
  const output = {
    ...{ bytes, imports: [], exports: ['handler'] },
    inputs: Object.fromEntries(inputs.map((path) => [path, { bytesInOutput: 1 }])),
  };
  return {
    inputs: {},
    outputs: Object.fromEntries(
      names.flatMap((name) => [
        [`out/${name}/index.mjs`, output],
        [`out/${name}/index.mjs.map`, { ...output, bytes: 9_000_000 }],
      ]),
    ),
  };
}

test('bundles every file that exports a handler, and no other', () => {
  const handlers = globSync('functions/*.ts').filter((path) =>
    /^export const handler\b/m.test(readFileSync(path, 'utf8')),
  );
  assert.deepEqual([...FUNCTIONS].sort(), handlers.map((path) => basename(path, '.ts')).sort());
  assert.deepEqual(Object.keys(BUDGET_KB).sort(), [...FUNCTIONS].sort());
});

test('takes bundles within their budgets, and counts no source maps', () => {
  const metafile = bundles(FUNCTIONS, 400_000);
  assert.equal(bundleSizes(metafile).get('sweep'), 400_000);
  assert.deepEqual(bundleFaults(metafile), []);
});

test('names each bundle that is larger than its budget, and each that is absent', () => {
  assert.deepEqual(bundleFaults(bundles(['a', 'b'], 10_001), { a: 10, b: 10.1, c: 10 }), [
    'a: 10.0 KB are more than the budget of 10 KB',
    'c: there is no bundle of it',
  ]);
});

for (const path of [
  'node_modules/yaml/dist/index.js',
  'node_modules/dynalite/index.js',
  'node_modules/commander/lib/command.js',
  'node_modules/zod/index.js',
  'node_modules/other/node_modules/yaml/dist/index.js',
  'cli/main.ts',
]) {
  test(`lets no bundle hold ${path}`, () => {
    assert.deepEqual(bundleFaults(bundles(['a'], 1, ['shared/pipeline.ts', path]), {}), [
      `${path} must not be in a function's bundle`,
    ]);
  });
}
