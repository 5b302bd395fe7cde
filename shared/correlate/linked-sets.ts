import type { DecidedEvidence } from '../model/finding.ts';
import { type Artifact, type LinkKey, OVERFLOW_SCOPE } from '../model/place.ts';

/** Evidence of one scope that belongs together, and the named link keys that it covers. */
export interface LinkedSet {
  readonly keys: readonly LinkKey[];
  readonly evidence: readonly DecidedEvidence[];
}

/** Whether a shared artifact shows that two acts belong together. */
export type Linkable = (artifact: Artifact) => boolean;

const isMiner = (one: DecidedEvidence): boolean => one.group === 'miner_execution' && one.decided !== 'note';

/**
 * The linked sets of a scope's evidence: for each key with miner evidence, that key's evidence, that of `-`, and what
 * shares an artifact with the key's own evidence, closed over named keys. What came in by `-` passes nothing on, and in
 * scope `overflow` and under `+` evidence links by artifact alone.
 */
export function linkedSets(evidence: readonly DecidedEvidence[], linkable: Linkable): LinkedSet[] {
  const byKey = new Map<LinkKey, DecidedEvidence[]>();
  for (const one of evidence) byKey.set(one.linkKey, [...(byKey.get(one.linkKey) ?? []), one]);
  const sets = new Map<string, LinkedSet>();
  for (const [key, own] of byKey) {
    if (!own.some(isMiner)) continue;
    const set = closure(key, byKey, linkable);
    sets.set([...set.keys].sort().join('\u0000'), set);
  }
  return [...sets.values()];
}

function closure(start: LinkKey, byKey: ReadonlyMap<LinkKey, DecidedEvidence[]>, linkable: Linkable): LinkedSet {
  const overflow = byKey.get(start)?.[0]?.place.scope === OVERFLOW_SCOPE;
  const byArtifactAlone = (key: LinkKey): boolean => key === '+' || (overflow && key === '-');
  const artifacts = new Set<Artifact>();
  const keys = new Set<LinkKey>();
  const queue: LinkKey[] = [start];
  const shares = (one: DecidedEvidence): boolean => one.artifacts.some((a) => artifacts.has(a));
  while (queue.length > 0) {
    const key = queue.pop() as LinkKey;
    if (keys.has(key)) continue;
    keys.add(key);
    const own = (byKey.get(key) ?? []).filter((one) => !byArtifactAlone(key) || isMiner(one));
    for (const one of own) for (const a of one.artifacts) if (linkable(a)) artifacts.add(a);
    for (const [other, items] of byKey) {
      if (other !== '-' && other !== '+' && !keys.has(other) && items.some(shares)) queue.push(other);
    }
  }
  const joined = [...byKey].flatMap(([key, items]) => {
    if (byArtifactAlone(key)) return items.filter((one) => shares(one) || (key === start && isMiner(one)));
    return key === '-' || keys.has(key) ? items : [];
  });
  return { keys: [...keys], evidence: joined };
}
