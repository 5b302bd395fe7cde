import type { Evidence } from '../model/evidence.ts';
import type { Head } from '../model/finding.ts';
import type { Host, Place } from '../model/place.ts';

/**
 * Where evidence and heads are kept. Two versions exist, memory and DynamoDB, held to one contract by
 * `test/correlate/store-contract.ts`. No method needs a transaction, and none scans on the alert path.
 */
export interface Store {
  /** Joins the item with what is stored under its key: put if absent, else read, join, and put on the version read. */
  merge(evidence: Evidence): Promise<'new' | 'grown' | 'same'>;
  /** Evidence of the scopes of one host, hours inclusive, read consistently. */
  evidence(host: Host, scopes: readonly string[], fromHour: number, toHour: number): Promise<readonly Evidence[]>;
  /** All heads of a host: the scopes that have evidence. */
  heads(host: Host): Promise<readonly Head[]>;
  head(place: Place): Promise<Head | undefined>;
  /** Puts `next` if the stored version is the one before it; false when someone wrote since: read and fold again. */
  putHead(next: Head): Promise<boolean>;
  /** Takes a revision that every channel accepted off the head's unpublished list, if it is still there. */
  markPublished(place: Place, episode: number, revision: number): Promise<void>;
}
