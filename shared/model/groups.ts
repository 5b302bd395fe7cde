/**
 * The activity groups of an attack chain, and `context`: evidence that helps triage but is never in the matrix.
 * The four groups are those of Datadog's rule "Cryptomining attack chain detected" (def-000-thh).
 */
export type Group = 'miner_execution' | 'pool_connection' | 'persistence_setup' | 'system_optimization' | 'context';

/** The groups that the severity matrix speaks of, in the order in which reports show them. */
export const CHAIN_GROUPS = [
  'miner_execution',
  'pool_connection',
  'persistence_setup',
  'system_optimization',
] as const satisfies readonly Group[];

export const GROUPS = [...CHAIN_GROUPS, 'context'] as const satisfies readonly Group[];

/** Severities of a finding, lowest first; their order is the order of this list. */
export const SEVERITIES = ['Low', 'Medium', 'High', 'Critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Compares two severities: negative when `a` is lower than `b`. `undefined` is below all. */
export function compareSeverity(a: Severity | undefined, b: Severity | undefined): number {
  return (a === undefined ? -1 : SEVERITIES.indexOf(a)) - (b === undefined ? -1 : SEVERITIES.indexOf(b));
}

/**
 * What an indicator is worth: `strong` counts alone, `weak` counts when its linked set holds a strong miner,
 * `note` is shown and never counts.
 */
export type Strength = 'note' | 'weak' | 'strong';
const STRENGTHS: readonly Strength[] = ['note', 'weak', 'strong'];

/** The stronger of two strengths. */
export function strongest(a: Strength, b: Strength): Strength {
  return STRENGTHS.indexOf(a) >= STRENGTHS.indexOf(b) ? a : b;
}
