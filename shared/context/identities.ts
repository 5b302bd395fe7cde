import type { Claims } from '../model/place.ts';

/** A member of a host, as `eni:…`, `address:…` or `name:…`, and when it was seen to be one; event time, milliseconds. */
export interface Alias {
  readonly member: string;
  /** Instance id, or interface id where no instance is known. */
  readonly host: string;
  readonly account?: string;
  readonly region?: string;
  readonly vpc?: string;
  readonly from: number;
  readonly to: number;
  /** How it is known: a record, the inventory, an endpoint that both named. */
  readonly how: 'record' | 'inventory' | 'endpoint';
  /** The inventory says that the interface forwards for others: NAT gateway, load balancer, endpoint. */
  readonly forwards?: true;
}

/** A run that sees more members than this keeps the first: unresolved ones stay hosts of their own. */
const MAX_ALIASES = 200_000;

/** Collects which interface, address and name belong to which host, from what records say together. */
export class Identities {
  readonly #aliases = new Map<string, Alias>();
  readonly #accounts = new Set<string>();
  readonly #regions = new Set<string>();

  /** Takes what one record at event time `at` claims together. */
  observe(claims: Claims, at: number): void {
    if (claims.account !== undefined) this.#accounts.add(claims.account);
    if (claims.region !== undefined) this.#regions.add(claims.region);
    const add = (member: string, host: string): void =>
      this.add({ ...scopeOfMember(claims), member, host, from: at, to: at, how: 'record' });
    const { instance, eni, address, hostName } = claims;
    if (instance !== undefined && eni !== undefined) add(`eni:${eni}`, instance);
    const host = instance ?? eni;
    if (host === undefined) return;
    if (address !== undefined) add(`address:${address}`, host);
    if (hostName !== undefined && addressOfHostName(hostName) === undefined) add(`name:${hostName}`, host);
  }

  /** Adds one alias, widening the validity of the same one. */
  add(alias: Alias): void {
    const key = JSON.stringify([alias.member, alias.host, alias.account, alias.region, alias.vpc]);
    const known = this.#aliases.get(key);
    if (known === undefined && this.#aliases.size >= MAX_ALIASES) return;
    this.#aliases.set(
      key,
      known === undefined
        ? alias
        : { ...known, from: Math.min(known.from, alias.from), to: Math.max(known.to, alias.to) },
    );
  }

  /** What is known, and what follows from it. */
  aliases(): readonly Alias[] {
    return withInstances(withoutForwarded([...this.#aliases.values()]));
  }

  /** The only account and region that the run has seen, for sources that name none. */
  only(): { account?: string; region?: string } {
    const [account] = this.#accounts;
    const [region] = this.#regions;
    return {
      ...(this.#accounts.size === 1 && account !== undefined ? { account } : {}),
      ...(this.#regions.size === 1 && region !== undefined ? { region } : {}),
    };
  }

  /** Accounts seen, for the summary of a run in which sources without one had to stay apart. */
  accounts(): readonly string[] {
    return [...this.#accounts].sort();
  }
}

/**
 * An interface without an instance that reports several addresses forwards (NAT, proxy) or is shared (pods): none of its
 * addresses is known to be its own, each is a host of its own.
 */
function withoutForwarded(all: readonly Alias[]): readonly Alias[] {
  const addressesOf = Map.groupBy(all.filter(isAddress), (alias) => alias.host);
  const isShared = (host: string): boolean => isInterface(host) && (addressesOf.get(host)?.length ?? 0) > 1;
  return all.filter((alias) => alias.how === 'inventory' || !isAddress(alias) || !isShared(alias.host));
}

/** An interface and an instance that had one address at one time are one: default flow logs name no instance. */
function withInstances(all: readonly Alias[]): readonly Alias[] {
  const byAddress = Map.groupBy(all.filter(isAddress), (alias) => alias.member);
  const joined = new Map<Alias, Alias>();
  for (const aliases of byAddress.values()) {
    for (const alias of aliases.filter((one) => isInterface(one.host))) {
      const near = aliases.filter((one) => !isInterface(one.host) && mayBeOne(alias, one));
      const [instance] = near;
      if (instance === undefined || new Set(near.map((one) => one.host)).size !== 1) continue;
      joined.set(alias, { ...alias, member: `eni:${alias.host}`, host: instance.host });
    }
  }
  return all.map((alias) => joined.get(alias) ?? alias);
}

const isAddress = (alias: Alias): boolean => alias.member.startsWith('address:');
const isInterface = (host: string): boolean => host.startsWith('eni-');

/** How far apart in time an address may be seen at an interface and at an instance and still be one. */
const MAX_APART_MS = 3_600_000;

function mayBeOne(a: Alias, b: Alias): boolean {
  const agree = (x: string | undefined, y: string | undefined): boolean =>
    x === undefined || y === undefined || x === y;
  const apart = Math.max(a.from - b.to, b.from - a.to);
  return agree(a.account, b.account) && agree(a.region, b.region) && agree(a.vpc, b.vpc) && apart <= MAX_APART_MS;
}

function scopeOfMember(claims: Claims): Pick<Alias, 'account' | 'region' | 'vpc'> {
  return {
    ...(claims.account === undefined ? {} : { account: claims.account }),
    ...(claims.region === undefined ? {} : { region: claims.region }),
    ...(claims.vpc === undefined ? {} : { vpc: claims.vpc }),
  };
}

/** The address in an EC2 host name such as `ip-10-0-1-23.ec2.internal` (EC2 user guide, "IP name"). */
export function addressOfHostName(name: string): string | undefined {
  const parts = /^ip-(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})(?:\.|$)/.exec(name);
  if (parts === null) return undefined;
  const octets = parts.slice(1).map(Number);
  return octets.every((octet) => octet < 256) ? octets.join('.') : undefined;
}

/** The instance id in an EC2 resource name such as `i-0123456789abcdef0.ec2.internal` (EC2 user guide, "Resource name"). */
export function instanceOfHostName(name: string): string | undefined {
  return /^(i-[0-9a-f]{8,17})(?:\.|$)/.exec(name)?.[1];
}
