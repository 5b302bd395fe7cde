import type { RawPointer } from './event.ts';
import type { Group, Strength } from './groups.ts';
import type { Artifact, Claims, LinkKey } from './place.ts';

/**
 * What the fold must know of an indicator beyond its strength. Flags of merged evidence are the union of its
 * indicators' flags, so each states a fact that stays true when more is known.
 */
export const FLAGS = [
  /** Flow evidence whose minutes can make a sustained session: its remote is a stratum endpoint, listed, bound or learned. */
  'session',
  /** A flow to an address that once answered for a pool's name, now longer than an hour ago: strong only if chained. */
  'candidate',
  /** Matched only a learned endpoint or name: strong where the host's own miner named it, else weak. */
  'learned',
  /** The remote is the proxy of a miner's `-x`, not its pool: weak even on the miner's own host. */
  'proxy',
  /** A DNS lookup; alone it never completes a weak miner. */
  'lookup',
  /** The lookup was answered with an address; without this flag, nothing answered. */
  'answered',
  /** Flows that were refused: an attempt. */
  'rejected',
  /** An act of a launcher that starts a container: it may belong to that container's finding. */
  'launch',
  /** A write that sets something up; it may belong to the container that made it from inside. */
  'write',
  /** Stops other miners; strong once three or more different ones are named. */
  'rivals',
  /** Only a common option stands behind it: strong once its binary is known to lie in a writable path or to be deleted. */
  'common_option',
  /** Names a binary that was deleted, in its `path:` artifact. */
  'deleted',
  /** Its time was moved to the border of what the envelope allows. */
  'clamped',
  /** Evidence of a forwarder (DNS server, NAT, load balancer, proxy): the inner source is the host. */
  'forwarder',
  /** Only the attacker's own text claims this place. */
  'claimed',
] as const;
export type Flag = (typeof FLAGS)[number];

/** What an analyzer or rule says of one event. */
export interface Verdict {
  readonly strength: Strength;
  readonly artifacts: readonly Artifact[];
  /** The rule or list entry, its source, and the matched text (redacted later): one line. */
  readonly why: string;
  readonly flags?: readonly Flag[];
  /** Part of the rule in the evidence key where one rule must keep several apart: a remote and its port. */
  readonly part?: string;
  /** Minutes in which a session was seen, for flow evidence: `out` towards the pool, `back` from it. */
  readonly minutes?: { readonly direction: 'out' | 'back'; readonly from: number; readonly to: number };
  /** Overrides the analyzer's technique where one analyzer sees several. */
  readonly technique?: string;
  /** Overrides the analyzer's group: a miner's own connection is evidence of two groups. */
  readonly group?: Group;
  /** Replaces the event's claims where the verdict is of another place than the event's (both sides of a flow). */
  readonly claims?: Claims;
}

/** What lets a responder act, at most 2 KB, redacted before it is stored. Absent fields were not in the record. */
export interface Sample {
  readonly time: number;
  readonly id: string;
  readonly source: string;
  readonly pid?: number;
  readonly parentPid?: number;
  readonly executable?: string;
  readonly commandLine?: string;
  readonly workingDirectory?: string;
  readonly uid?: string;
  readonly auid?: string;
  readonly session?: string;
  readonly tty?: string;
  readonly parentName?: string;
  readonly ancestors?: readonly string[];
  readonly path?: string;
  readonly container?: string;
  readonly image?: string;
  readonly pod?: string;
  readonly task?: string;
  readonly remote?: string;
  readonly bytes?: number;
  readonly query?: string;
  readonly answer?: string;
  readonly success?: boolean;
  readonly raw: RawPointer;
}

/** One event seen as a sign of one group. */
export interface Indicator {
  readonly group: Group;
  /** The rule's or analyzer's id, with `/part` where the verdict has one. */
  readonly rule: string;
  readonly ruleVersion: number;
  /** MITRE ATT&CK technique id (https://attack.mitre.org). */
  readonly technique: string;
  readonly strength: Strength;
  /** Event time, milliseconds since the epoch. */
  readonly time: number;
  readonly claims: Claims;
  readonly linkKey: LinkKey;
  readonly artifacts: readonly Artifact[];
  readonly flags: readonly Flag[];
  readonly minutes?: { readonly direction: 'out' | 'back'; readonly from: number; readonly to: number };
  readonly why: string;
  readonly sample: Sample;
}
