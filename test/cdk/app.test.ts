import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execPath } from 'node:process';
import { type TestContext, test } from 'node:test';

/** Runs the app as the CDK command line does, without bundling, in a folder with a configuration or without. */
function runApp(context: TestContext, config: unknown, options: Record<string, unknown> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'davylamp-app-'));
  context.after(() => rmSync(folder, { recursive: true }));
  if (config !== undefined) writeFileSync(join(folder, 'davylamp.config.json'), JSON.stringify(config));
  const { status, stderr } = spawnSync(execPath, [resolve('cdk/app.ts')], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      // The CDK's own rules take longer to load than the app to run; the template is held to them in nag.test.ts.
      CDK_VALIDATION: 'false',
      CDK_OUTDIR: join(folder, 'cdk.out'),
      CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:bundling-stacks': [], ...options }),
    },
  });
  return { status, stderr, template: join(folder, 'cdk.out/davylamp.template.json') };
}

test('says in one sentence what to do where there is no configuration', (context) => {
  const { status, stderr, template } = runApp(context, undefined);
  const sentence =
    'davylamp.config.json does not exist: copy davylamp.config.example.json to it and name your log groups.\n';
  assert.deepEqual([status, stderr, existsSync(template)], [1, sentence, false]);
});

test('synthesizes without account and network from the file that the context names', (context) => {
  const { status, stderr, template } = runApp(context, { x: 1 }, { config: resolve('davylamp.config.example.json') });
  assert.deepEqual([status, stderr], [0, '']);
  assert.ok(readFileSync(template, 'utf8').includes('/hosts/audit'));
});
