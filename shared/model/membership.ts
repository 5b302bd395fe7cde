import type { Host } from './place.ts';

/**
 * A host that records know by interface, address, name or stream, and the host that it was found to be: an instance, or an
 * interface where no instance is known. Addresses are reused, so it holds for a time alone.
 */
export interface Membership {
  readonly member: Host;
  /** In the member's account and region. */
  readonly host: string;
  /** The same private address is another machine in another VPC. */
  readonly vpc?: string;
  /** Event time in which it was seen to hold, milliseconds since the epoch, whole hours. */
  readonly from: number;
  readonly to: number;
  /** How it is known: a record, EC2's inventory, an endpoint that both named. */
  readonly how: 'record' | 'inventory' | 'endpoint';
  /** The interface forwards for others. */
  readonly forwards?: true;
}

/** Where memberships are kept, beside the evidence of both hosts. */
export interface Memberships {
  /** Which hosts a host was found to be. */
  canonicals(member: Host): Promise<readonly Membership[]>;
  /** Which hosts were found to be this one. */
  members(host: Host): Promise<readonly Membership[]>;
  /** Keeps one, widening the time of the same one; the host's side is written first. */
  remember(membership: Membership): Promise<void>;
}

/** The time of both; the same membership is meant. */
export function widened(a: Membership, b: Membership): Membership {
  return { ...a, from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) };
}
