import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { detectionsOf } from '#shared/classify/detections.ts';
import { expand } from '#shared/classify/expand.ts';
import { compileIntel } from '#shared/intel/compile.ts';
import type { Detector } from '#shared/pipeline.ts';
import { loadRules } from './rules.ts';
import { UsageError } from './usage-error.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const readJson = (name: string): unknown => JSON.parse(readFileSync(`${ROOT}intel/${name}.json`, 'utf8'));

/**
 * The detector that the command line uses: the shipped rules and those of a user's folder, the shipped lists.
 * @throws UsageError with every fault of the rules or lists
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
  const rules = loadRules([`${ROOT}rules`, ...ruleFolders], { expand });
  if ('errors' in rules)
    throw new UsageError(rules.errors.map((one) => `${one.path}:${one.line}:${one.column}: ${one.message}`).join('\n'));
  return { intel, analyzers: detectionsOf(intel, rules.rules) };
}
