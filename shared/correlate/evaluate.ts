import type { DecidedEvidence, LeftOut } from '../model/finding.ts';
import { compareSeverity, type Group, type Severity } from '../model/groups.ts';
import type { Matrix } from '../model/matrix.ts';
import { isSustained } from './decide.ts';
import { type GroupTimes, rises } from './matrix.ts';

/** Different miners that must be stopped before the stopping is an attacker's rather than a responder's. */
const MIN_RIVALS = 3;

/** What one linked set of an episode gives. */
export interface Evaluation {
  readonly severity: Severity | undefined;
  readonly rises: readonly { readonly severity: Severity; readonly at: number }[];
  readonly times: GroupTimes;
  /** Evidence that counts, and context beside it. */
  readonly counted: readonly DecidedEvidence[];
  readonly leftOut: readonly LeftOut[];
}

/** Weighs the evidence of one linked set, already cut to the episode and its windows, by the matrix. */
export function evaluate(evidence: readonly DecidedEvidence[], matrix: Matrix): Evaluation {
  const isKill = (one: DecidedEvidence): boolean => one.flags.includes('rivals');
  const before = weigh(
    evidence.filter((one) => !isKill(one)),
    matrix,
  );
  const firstRise = before.rises.reduce<number | undefined>(
    (least, rise) => (least === undefined || rise.at < least ? rise.at : least),
    undefined,
  );
  const rivals = new Set(
    evidence.filter(isKill).flatMap((one) => one.artifacts.filter((artifact) => artifact.startsWith('rival:'))),
  );
  const weighed = evidence.map((one): DecidedEvidence => {
    if (!isKill(one)) return one;
    if (firstRise !== undefined && one.first > firstRise)
      return {
        ...one,
        decided: 'note',
        because: 'miners stopped after the chain was complete: a responder may have done it',
      };
    if (one.decided === 'weak' && rivals.size >= MIN_RIVALS)
      return { ...one, decided: 'strong', because: `${rivals.size} different miners stopped` };
    return one;
  });
  return weigh(weighed, matrix);
}

function weigh(evidence: readonly DecidedEvidence[], matrix: Matrix): Evaluation {
  const least = (of: readonly DecidedEvidence[]): number | undefined =>
    of.length === 0 ? undefined : Math.min(...of.map((one) => one.first));
  const miners = evidence.filter((one) => one.group === 'miner_execution');
  const strongMiner = least(miners.filter((one) => one.decided === 'strong'));
  const session = least(evidence.filter(isSustained));
  const weakCountsFrom = (group: Group): number | undefined =>
    strongMiner ?? (group === 'miner_execution' ? session : undefined);

  const times = new Map<Group, { any?: number; strong?: number }>();
  const counted: DecidedEvidence[] = [];
  const leftOut: LeftOut[] = [];
  for (const one of evidence) {
    if (one.group === 'context') {
      counted.push(one);
      continue;
    }
    if (one.decided === 'note') {
      leftOut.push({ evidence: one, why: one.because ?? 'shown, but too common to count' });
      continue;
    }
    const from = one.decided === 'strong' ? one.first : weakCountsFrom(one.group);
    if (from === undefined) {
      leftOut.push({ evidence: one, why: 'weak, and no strong miner evidence belongs to it' });
      continue;
    }
    counted.push(one);
    const at = Math.max(one.first, from);
    const known = times.get(one.group) ?? {};
    const any = Math.min(known.any ?? at, at);
    const strong = one.decided === 'strong' ? Math.min(known.strong ?? at, at) : known.strong;
    times.set(one.group, strong === undefined ? { any } : { any, strong });
  }
  const found = rises(matrix, times);
  return { severity: found.at(-1)?.severity, rises: found, times, counted, leftOut };
}

/** The set that reaches most; between equals, the one that reached it first. */
export function compareEvaluations(a: Evaluation, b: Evaluation): number {
  return compareSeverity(b.severity, a.severity) || (a.rises.at(-1)?.at ?? 0) - (b.rises.at(-1)?.at ?? 0);
}
