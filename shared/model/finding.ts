import type { Evidence } from './evidence.ts';
import type { Group, Severity, Strength } from './groups.ts';
import type { Artifact, LinkKey, Place } from './place.ts';

/** Evidence with what the fold decided that it is worth, and why where that differs from what its records showed. */
export interface DecidedEvidence extends Evidence {
  readonly decided: Strength;
  readonly because?: string;
}

export interface GroupView {
  /** Event time of the group's first evidence that counts. */
  readonly first: number;
  /** The newest hour with evidence that counts, hours since the epoch. */
  readonly lastHour: number;
  readonly strength: Strength;
  readonly rules: readonly string[];
}

/** Why evidence of the same scope is not part of the finding. */
export interface LeftOut {
  readonly evidence: DecidedEvidence;
  readonly why: string;
}

/** A linked set that stood apart from the finding's, and what it would give alone. */
export interface Apart {
  readonly linkKeys: readonly LinkKey[];
  readonly severity?: Severity;
  readonly groups: readonly Group[];
}

/** The state of the attack chain in one episode of one scope. */
export interface Finding {
  /** Hash of place and episode number. */
  readonly id: string;
  readonly episode: number;
  readonly revision: number;
  readonly state: 'watching' | 'open' | 'archived' | 'superseded';
  readonly severity: Severity;
  readonly place: Place;
  /** For each severity reached, the event time at which its case was first complete. */
  readonly rises: readonly { readonly severity: Severity; readonly at: number }[];
  /** First and last hour of the episode, hours since the epoch. */
  readonly hours: { readonly from: number; readonly to: number };
  readonly groups: Readonly<Partial<Record<Group, GroupView>>>;
  readonly artifacts: readonly Artifact[];
  /** The link keys of the sets that reach the severity. */
  readonly linkKeys: readonly LinkKey[];
  readonly evidence: readonly DecidedEvidence[];
  /** The next severity up and the groups that it still needs. */
  readonly next?: { readonly severity: Severity; readonly needs: readonly Group[] };
  readonly missing: readonly Group[];
  readonly leftOut: readonly LeftOut[];
  readonly apart: readonly Apart[];
  /** What a reader must know besides: caps reached, clocks held, lookups that nothing answered, identities inferred. */
  readonly notes: readonly string[];
}

export type Transition = 'opened' | 'escalated' | 'extended' | 'joined' | 'archived' | 'superseded';

/** One run of hours with miner or pool evidence of a scope. */
export interface Episode {
  readonly number: number;
  readonly from: number;
  readonly to: number;
  readonly state: Finding['state'];
  readonly revision: number;
  readonly severity?: Severity;
  /** When this revision was recorded, milliseconds since the epoch: rises with each revision. */
  readonly at?: number;
  /** The finding at this revision; absent while watching, and once an older episode is over and published. */
  readonly snapshot?: Finding;
}

/** How a transition reaches people: in a message of its own, or in the digest of the day. Machines get each one. */
export type Delivery = 'single' | 'digest';

/** A transition that is on the head and not yet known to be published. */
export interface Unpublished {
  readonly episode: number;
  readonly revision: number;
  readonly transition: Transition;
  /** The severity that was reached with it. */
  readonly severity: Severity;
  /** When it was recorded, milliseconds since the epoch: the same in every repetition of its message. */
  readonly at: number;
  readonly delivery: Delivery;
}

/** The state of a scope: its recent episodes. Exists from the scope's first evidence on. */
export interface Head {
  readonly place: Place;
  /** Rises by one with each write; 0 for a head that was never written. */
  readonly version: number;
  /** Oldest first: the newest 8 whole, with those that are open or unpublished; of older ones what they reached. */
  readonly episodes: readonly Episode[];
  /** Groups that the scope has evidence of, for the list of places to watch. */
  readonly groups: readonly Group[];
  /** Number of the newest episode ever. */
  readonly lastEpisode: number;
  readonly unpublished: readonly Unpublished[];
  /** Event time at which the oldest open episode is due to be archived. */
  readonly dueAt?: number;
}

export const MAX_EPISODES = 8;
