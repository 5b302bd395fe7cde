import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { App, type Stack, Validations } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { FULL, SMALL, stackOf } from './synthesized.ts';

/** The rules of AwsSolutions that the stack of a configuration breaks without saying why. */
function brokenRules(context: TestContext, value: unknown, change: (stack: Stack) => void = () => {}): string[] {
  const outdir = mkdtempSync(join(tmpdir(), 'davylamp-nag-'));
  context.after(() => rmSync(outdir, { recursive: true }));
  // The report goes to a file, and to standard error and the exit code of the process, which are a test run's here.
  context.mock.method(process.stderr, 'write', () => true);
  const { exitCode } = process;
  const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': [], '@aws-cdk/core:stackTraces': false } });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  change(stackOf(app, value));
  try {
    app.synth();
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('Validation failed'))) throw error;
  } finally {
    process.exitCode = exitCode;
    context.mock.restoreAll();
  }
  const report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
  return report.pluginReports.flatMap(({ violations }: { violations: { ruleName: string }[] }) =>
    violations.map(({ ruleName }) => ruleName),
  );
}

for (const [name, value] of [
  ['everything', FULL],
  ['the least', SMALL],
  ['what the full example holds', JSON.parse(readFileSync('davylamp.config.full.example.json', 'utf8'))],
] as const) {
  test(`keeps the rules of AwsSolutions with ${name} configured, or says beside the resource why not`, (context) => {
    assert.deepEqual(brokenRules(context, value), []);
  });
}

test('is stopped by a rule that a planted resource breaks', (context) => {
  const plant = (stack: Stack): void => {
    new Topic(stack, 'Planted');
  };
  assert.deepEqual(brokenRules(context, SMALL, plant), ['AwsSolutions-SNS3']);
});
