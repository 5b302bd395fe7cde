import type { Store } from '../correlate/store.ts';
import { type Evidence, join, normalized, sameEvidence } from '../model/evidence.ts';
import { evidenceSortKey, hostKey } from './table.ts';

const MAX_KNOWN = 4096;

/**
 * As `merge`, but remembers whole what a container lately wrote: evidence that adds nothing to it needs no request, so that
 * a miner that logs all day costs a few writes an hour. The items used longest ago are forgotten.
 */
export function knownEvidence(merge: Store['merge'], limit = MAX_KNOWN): Store['merge'] {
  const known = new Map<string, Evidence>();
  return async (evidence) => {
    const key = `${hostKey(evidence.place)}\n${evidenceSortKey(evidence)}`;
    const before = known.get(key);
    const fresh = normalized(evidence);
    const next = before === undefined ? fresh : join(before, fresh);
    const adds = before === undefined || !sameEvidence(before, next);
    const result = adds ? await merge(evidence) : 'same';
    known.delete(key);
    known.set(key, next);
    const [oldest] = known.keys();
    if (known.size > limit && oldest !== undefined) known.delete(oldest);
    return result;
  };
}
