import { CHAIN_GROUPS, compareSeverity, type Group, SEVERITIES, type Severity } from '../model/groups.ts';
import type { Matrix, MatrixCase } from '../model/matrix.ts';

const MINER_AND_POOL = ['miner_execution', 'pool_connection'] as const satisfies readonly Group[];

/**
 * The matrix of the seed rule (Datadog def-000-thh: Medium, High, Critical), and two Low cases of our own for chains
 * whose pool nobody saw (Kinsing, perfctl and RedTail carry it inside their binary).
 */
export const DEFAULT_MATRIX: Matrix = {
  windowHours: 24,
  cases: [
    { severity: 'Critical', groups: CHAIN_GROUPS, strong: [] },
    { severity: 'High', groups: [...MINER_AND_POOL, 'persistence_setup'], strong: [] },
    { severity: 'Medium', groups: MINER_AND_POOL, strong: [] },
    ...(['persistence_setup', 'system_optimization'] as const).map(
      (group): MatrixCase => ({
        severity: 'Low',
        groups: ['miner_execution', group],
        strong: ['miner_execution', group],
      }),
    ),
  ],
};

/** When each group first had evidence that counts, and when it first had strong evidence; event time. */
export type GroupTimes = ReadonlyMap<Group, { readonly any?: number; readonly strong?: number }>;

/** Since when a case is complete: the latest of its groups' first times; `undefined` while it is not. */
function completeSince(one: MatrixCase, times: GroupTimes): number | undefined {
  let latest = 0;
  for (const group of one.groups) {
    const first = one.strong.includes(group) ? times.get(group)?.strong : times.get(group)?.any;
    if (first === undefined) return undefined;
    latest = Math.max(latest, first);
  }
  return one.groups.length === 0 ? undefined : latest;
}

/** A severity, and the event time at which its case was first complete. */
export interface Rise {
  readonly severity: Severity;
  readonly at: number;
}

/**
 * The earliest rise of each severity, lowest first. One that came after a higher severity was none: `Low` says that no
 * pool was seen.
 */
export function mergeRises(all: readonly Rise[]): readonly Rise[] {
  const earliest = new Map<Severity, number>();
  for (const { severity, at } of all) earliest.set(severity, Math.min(earliest.get(severity) ?? at, at));
  const merged = [...earliest].map(([severity, at]) => ({ severity, at }));
  return merged
    .filter((one) => !merged.some((other) => compareSeverity(other.severity, one.severity) > 0 && other.at < one.at))
    .sort((a, b) => compareSeverity(a.severity, b.severity));
}

/** The severities whose case is met, each with the event time at which it first was; lowest first. */
export function rises(matrix: Matrix, times: GroupTimes): readonly Rise[] {
  const found: Rise[] = [];
  for (const severity of SEVERITIES) {
    const moments = matrix.cases
      .filter((one) => one.severity === severity)
      .map((one) => completeSince(one, times))
      .filter((at) => at !== undefined);
    if (moments.length > 0) found.push({ severity, at: Math.min(...moments) });
  }
  return mergeRises(found);
}

/** The next severity above `reached` and the groups that its nearest case still needs; `undefined` at the top. */
export function nextCase(
  matrix: Matrix,
  reached: Severity | undefined,
  times: GroupTimes,
): { severity: Severity; needs: readonly Group[] } | undefined {
  const lacking = (one: MatrixCase): Group[] =>
    one.groups.filter((group) => {
      const known = times.get(group);
      return (one.strong.includes(group) ? known?.strong : known?.any) === undefined;
    });
  const above = matrix.cases
    .filter((one) => compareSeverity(one.severity, reached) > 0)
    .map((one) => ({ severity: one.severity, needs: lacking(one) }))
    .sort((a, b) => a.needs.length - b.needs.length || compareSeverity(a.severity, b.severity));
  return above[0];
}
