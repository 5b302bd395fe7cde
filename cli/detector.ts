import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { detectionsOf } from '#shared/classify/detections.ts';
import { expand } from '#shared/classify/expand.ts';
import { compileIntel } from '#shared/intel/compile.ts';
import type { Detector } from '#shared/pipeline.ts';
import type { RuleError } from '#shared/sigma/document.ts';
import { failingCases } from '#shared/sigma/failing-cases.ts';
import { loadRules } from './rules.ts';
import { UsageError } from './usage-error.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const readJson = (name: string): unknown => JSON.parse(readFileSync(`${ROOT}intel/${name}.json`, 'utf8'));

/**
 * The detector that the command line uses: the shipped rules and those of a user's folder, the shipped lists.
 * @throws UsageError with every fault of the rules or lists, and every case of a user's rule that fails
 */
export function loadDetector(ruleFolders: readonly string[]): Detector {
  const lists = compileIntel({
    names: readJson('names'),
    addresses: readJson('addresses'),
    programs: readJson('programs'),
    ranges: readJson('shared-ranges'),
  });
  if ('errors' in lists) throw new UsageError(lists.errors.join('\n'));
  const { intel } = lists;
  const shipped = `${ROOT}rules`;
  const compiled = loadRules([shipped, ...ruleFolders], { expand });
  if ('errors' in compiled) throw faulty(compiled.errors);
  const { rules, cases } = compiled;
  // The cases of the shipped rules are run by the tests, once for all.
  const failing = failingCases(
    rules,
    cases.filter(({ path }) => !path.startsWith(shipped)),
  );
  if (failing.length > 0) throw faulty(failing);
  return { intel, analyzers: detectionsOf(intel, rules) };
}

function faulty(errors: readonly RuleError[]): UsageError {
  return new UsageError(errors.map((one) => `${one.path}:${one.line}:${one.column}: ${one.message}`).join('\n'));
}
