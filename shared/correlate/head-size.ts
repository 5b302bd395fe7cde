import type { DecidedEvidence, Episode, Finding } from '../model/finding.ts';

/** Room for the snapshots of one head: it is written at each transition and travels whole in the stream (design). */
const MAX_BYTES = 64 * 1024;

/** How much a snapshot holds, from whole to what always fits. */
interface Cut {
  readonly evidence: number;
  readonly samples: number;
  readonly artifacts: number;
  readonly leftOut: number;
  /** UTF-16 units of each reason. */
  readonly why: number;
}

const WHOLE = Number.POSITIVE_INFINITY;
const CUTS: readonly Cut[] = [
  { evidence: WHOLE, samples: 2, artifacts: WHOLE, leftOut: WHOLE, why: WHOLE },
  { evidence: WHOLE, samples: 1, artifacts: 64, leftOut: 8, why: 512 },
  { evidence: 24, samples: 1, artifacts: 32, leftOut: 4, why: 512 },
  { evidence: 12, samples: 1, artifacts: 16, leftOut: 0, why: 256 },
  { evidence: 8, samples: 0, artifacts: 8, leftOut: 0, why: 256 },
  { evidence: 4, samples: 0, artifacts: 2, leftOut: 0, why: 128 },
];
const MAX_GROUP_RULES = 16;
const CUT_NOTE = 'The finding outgrew its room: evidence, samples or artifacts are shown in part.';

/** Cuts the snapshots of a head until they fit together, those of older episodes first; each one that was cut says so. */
export function fitSnapshots(episodes: readonly Episode[]): readonly Episode[] {
  const sizes = episodes.map((one) => bytesOf(one.snapshot));
  const fitted = [...episodes];
  let total = sizes.reduce((sum, size) => sum + size, 0);
  for (const cut of CUTS) {
    for (const [index, episode] of fitted.entries()) {
      if (total <= MAX_BYTES) return fitted;
      if (episode.snapshot === undefined) continue;
      const snapshot = cutSnapshot(episode.snapshot, cut);
      const size = bytesOf(snapshot);
      total += size - (sizes[index] ?? 0);
      sizes[index] = size;
      fitted[index] = { ...episode, snapshot };
    }
  }
  return fitted;
}

function bytesOf(snapshot: Finding | undefined): number {
  if (snapshot === undefined) return 0;
  const text = JSON.stringify(snapshot, (_, part: unknown) => (typeof part === 'bigint' ? part.toString(16) : part));
  return Buffer.byteLength(text);
}

function cutSnapshot(finding: Finding, cut: Cut): Finding {
  const evidence = finding.evidence.slice(0, cut.evidence).map((one) => cutEvidence(one, cut));
  const leftOut = finding.leftOut
    .slice(0, cut.leftOut)
    .map((one) => ({ ...one, evidence: cutEvidence(one.evidence, { ...cut, samples: 0 }) }));
  const groups = Object.entries(finding.groups).map(([group, view]) => [
    group,
    { ...view, rules: view.rules.slice(0, MAX_GROUP_RULES) },
  ]);
  return {
    ...finding,
    evidence,
    leftOut,
    groups: Object.fromEntries(groups),
    artifacts: finding.artifacts.slice(0, cut.artifacts),
    linkKeys: finding.linkKeys.slice(0, cut.artifacts),
    apart: finding.apart
      .slice(0, cut.leftOut)
      .map((one) => ({ ...one, linkKeys: one.linkKeys.slice(0, MAX_GROUP_RULES) })),
    notes: finding.notes.includes(CUT_NOTE) ? finding.notes : [...finding.notes, CUT_NOTE],
  };
}

function cutEvidence(one: DecidedEvidence, cut: Cut): DecidedEvidence {
  return {
    ...one,
    artifacts: one.artifacts.slice(0, cut.artifacts),
    events: cut.samples === 0 ? one.events.slice(0, 1) : one.events,
    more: one.more || one.artifacts.length > cut.artifacts || (cut.samples === 0 && one.events.length > 1),
    samples: one.samples.slice(0, cut.samples),
    why: one.why.length <= cut.why ? one.why : `${one.why.slice(0, cut.why - 1)}…`,
  };
}
