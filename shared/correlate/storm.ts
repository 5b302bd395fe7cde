import type { Unpublished } from '../model/finding.ts';

/** So many openings of one account within `STORM_MS` milliseconds are told to people in one message (docs/decisions/0007). */
export const STORM_SIZE = 20;
export const STORM_MS = 10 * 60_000;

/** What storms are made of, each counted by itself: many findings that open, many that end. */
export type StormKind = 'opened' | 'ended';

/**
 * The storm that a transition may be part of; `undefined` for what is told alone however much happens: Critical
 * findings, rises, findings that are active again. What waits for the digest is in no storm either.
 */
export function stormKindOf({
  transition,
  severity,
  delivery,
}: Pick<Unpublished, 'transition' | 'severity' | 'delivery'>): StormKind | undefined {
  if (delivery !== 'single' || severity === 'Critical') return undefined;
  if (transition === 'opened') return 'opened';
  return transition === 'archived' || transition === 'superseded' ? 'ended' : undefined;
}

/**
 * Whether a transition that was recorded at `at` is part of a storm: `STORM_SIZE` of them, this one included, lie within
 * `STORM_MS`. `times` holds this one's too, in any order. What comes later makes a storm, never unmakes one.
 */
export function isStorm(at: number, times: readonly number[]): boolean {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted.some((first, index) => {
    const last = sorted[index + STORM_SIZE - 1];
    return last !== undefined && first <= at && at <= last && last - first < STORM_MS;
  });
}
