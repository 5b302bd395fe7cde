import type { Strength } from '#shared/model/groups.ts';
import type { Flag, Verdict } from '#shared/model/indicator.ts';
import type { Artifact } from '#shared/model/place.ts';
import type { ContentJudgement } from './content.ts';

/** What a command that sets up a start is worth, and why. */
export type Found = Omit<Verdict, 'why'> & { readonly reason: string };

/** A finding of one command; what sets a start up writes unless other flags are given. */
export function found(
  strength: Strength,
  technique: string,
  reason: string,
  artifacts: readonly Artifact[] = [],
  flags: readonly Flag[] = ['write'],
): Found {
  return { strength, technique, reason, artifacts, flags };
}
/** A finding that tells little alone. */
export const weak = (technique: string, reason: string, artifacts: readonly Artifact[] = []): Found =>
  found('weak', technique, reason, artifacts);

/** A judged text: strong with its reason, weak where a variable hides what it starts, else a note. */
export function judged({ verdict, reason, artifacts }: ContentJudgement, technique: string, what: string): Found {
  return found(STRENGTHS[verdict], technique, `${what}: ${reason}`, artifacts);
}
const STRENGTHS: Readonly<Record<ContentJudgement['verdict'], Strength>> = {
  suspicious: 'strong',
  unknown: 'weak',
  harmless: 'note',
};
