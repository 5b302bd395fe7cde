import { readFileSync } from 'node:fs';
import { detectionsOf } from '#shared/classify/detections.ts';
import { expand } from '#shared/classify/expand.ts';
import { compileIntel } from '#shared/intel/compile.ts';
import type { Detector } from '#shared/pipeline.ts';
import { compileRuleDocuments, isRuleDocument } from '#shared/sigma/compile.ts';
import addresses from '../../intel/addresses.json' with { type: 'json' };
import names from '../../intel/names.json' with { type: 'json' };
import programs from '../../intel/programs.json' with { type: 'json' };
import ranges from '../../intel/shared-ranges.json' with { type: 'json' };

/**
 * The detector of a function: the lists that its bundle holds, and rules as `cdk/bundle-rules.ts` wrote them.
 * @param rules parsed JSON
 * @throws Error with every fault of rules or lists
 */
export function detectorOf(rules: unknown): Detector {
  const lists = compileIntel({ names, addresses, programs, ranges });
  if ('errors' in lists) throw new Error(lists.errors.join('\n'));
  const { intel } = lists;
  if (!Array.isArray(rules) || !rules.every(isRuleDocument)) throw new Error('the bundled rules are no rule documents');
  const compiled = compileRuleDocuments(rules, { expand });
  if ('errors' in compiled) throw new Error(compiled.errors.map((one) => `${one.path}: ${one.message}`).join('\n'));
  return { intel, analyzers: detectionsOf(intel, compiled.rules) };
}

/**
 * The detector of a deployed function, whose bundle has `rules.json` beside it.
 * @throws Error when the file is not there, or has a fault
 */
export function bundledDetector(): Detector {
  return detectorOf(JSON.parse(readFileSync(new URL('rules.json', import.meta.url), 'utf8')));
}
