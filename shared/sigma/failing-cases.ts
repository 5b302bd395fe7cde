import type { Analyzer } from '#shared/model/analyzer.ts';
import { EMPTY_WATCH_LIST, type Intel } from '#shared/model/intel.ts';
import type { RuleCase } from './cases.ts';
import type { RuleError } from './document.ts';

/** Rules see one event and no list. */
const NO_INTEL: Intel = {
  name: () => undefined,
  address: () => undefined,
  miner: () => undefined,
  shared: () => false,
};

/** Runs cases against the rules that they stand beside: what a rule should match and leaves, or leave and matches. */
export function failingCases(rules: readonly Analyzer[], cases: readonly RuleCase[]): readonly RuleError[] {
  const byName = new Map(rules.map((rule) => [rule.id, rule]));
  return cases.flatMap(({ rule, path, line, column, match, note, event }) => {
    const verdicts = byName.get(rule)?.decide(event, NO_INTEL, EMPTY_WATCH_LIST) ?? [];
    if (verdicts.length > 0 === match) return [];
    const found = verdicts.map(({ why }) => why).join('; ');
    const message = match
      ? `${rule} does not match the case '${note}'`
      : `${rule} matches the case '${note}': ${found}`;
    return [{ path, line, column, message }];
  });
}
