import type { NetworkInterface } from '@aws-sdk/client-ec2';
import type { Describe, Interfaces } from '#shared/aws/network-interfaces.ts';
import { inventoryAliases } from '#shared/context/inventory.ts';
import { membershipOf } from '#shared/context/memberships.ts';
import type { Defaults } from '#shared/context/resolve.ts';
import { canonicalAddress } from '#shared/model/address.ts';
import type { Membership, Memberships } from '#shared/model/membership.ts';
import type { Host } from '#shared/model/place.ts';

/** Hosts that are looked up for one log batch or object; attackers mint names, and what is beyond stays as it is named. */
const MAX_HOSTS = 256;
/** Memberships that one log batch or object may add. */
const MAX_REMEMBERED = 256;
const IN_FLIGHT = 16;
/** What was found is believed for a while, so that each batch of a busy host asks nothing. */
const BELIEVED_MS = 300_000;
/** After EC2 refused to answer, it is left alone for a while. */
const PAUSE_MS = 60_000;
const MAX_CACHED = 8192;

/** What is known of hosts beyond the records of one run. */
export interface HostIdentities {
  /** Who these hosts are: by what other runs stored, else by EC2's inventory. */
  identify(hosts: readonly Host[]): Promise<readonly Membership[]>;
  /** Stores what a run found. */
  remember(memberships: readonly Membership[]): Promise<void>;
}

export interface IdentityParts {
  readonly memberships: Memberships;
  /** Asks EC2, which knows the interfaces of `defaults` alone. */
  readonly describe: Describe;
  readonly defaults: Defaults;
  /** Wall clock in milliseconds. */
  readonly clock: () => number;
  /** EC2 did not answer: hosts stay as they are named until a later batch. */
  readonly failed: (error: unknown) => void;
}

/** Looks hosts up in the table and then in EC2, and remembers the answers for some minutes, also that there was none. */
export function hostIdentities(parts: IdentityParts): HostIdentities {
  const { memberships, clock } = parts;
  const cache = new Map<string, { readonly until: number; readonly found: readonly Membership[] }>();
  const written = new Map<string, Membership>();
  let pausedUntil = 0;

  const cached = (host: Host): readonly Membership[] | undefined => {
    const entry = cache.get(keyOf(host));
    return entry !== undefined && entry.until > clock() ? entry.found : undefined;
  };
  const keep = (host: Host, found: readonly Membership[]): void => {
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(keyOf(host), { until: clock() + BELIEVED_MS, found });
  };

  const inTable = async (hosts: readonly Host[]): Promise<Membership[]> => {
    const found: Membership[] = [];
    for (let from = 0; from < hosts.length; from += IN_FLIGHT) {
      const some = hosts.slice(from, from + IN_FLIGHT);
      found.push(...(await Promise.all(some.map((host) => memberships.canonicals(host)))).flat());
    }
    return found;
  };

  const inEc2 = async (hosts: readonly Host[]): Promise<readonly Membership[]> => {
    const own = hosts.filter(
      ({ account, region }) => account === parts.defaults.account && region === parts.defaults.region,
    );
    const ids = own.map(({ host }) => host).filter((host) => /^eni-[0-9a-f]{8,17}$/.test(host));
    const addresses = own
      .map(({ host }) => host)
      .filter((host) => canonicalAddress(host) === host && !host.includes(':'));
    if (ids.length + addresses.length === 0 || clock() < pausedUntil) return [];
    try {
      return ofInterfaces(await parts.describe(ids, addresses), parts.defaults, clock());
    } catch (error) {
      pausedUntil = clock() + PAUSE_MS;
      parts.failed(error);
      return [];
    }
  };

  const lookUp = async (hosts: readonly Host[]): Promise<readonly Membership[]> => {
    const unknown = hosts.filter((host) => cached(host) === undefined);
    const stored = await inTable(unknown);
    const nowhere = unknown.filter((host) => !stored.some(({ member }) => keyOf(member) === keyOf(host)));
    const described = await inEc2(nowhere);
    const paused = clock() < pausedUntil;
    for (const host of unknown) {
      const found = [...stored, ...described].filter(({ member }) => keyOf(member) === keyOf(host));
      if (found.length > 0 || !paused) keep(host, found);
    }
    return [...hosts.flatMap((host) => cached(host) ?? []), ...described];
  };

  return {
    identify: async (hosts) => {
      const found = await lookUp(hosts.slice(0, MAX_HOSTS));
      // An address may be known by its interface, and the interface by its instance.
      const interfaces = found
        .filter(({ host }) => host.startsWith('eni-'))
        .map(({ member, host }) => ({ ...member, host }));
      const distinct = [...new Map(interfaces.map((host) => [keyOf(host), host])).values()];
      return [...found, ...(await lookUp(distinct.slice(0, MAX_HOSTS)))];
    },
    remember: async (all) => {
      for (const membership of all.slice(0, MAX_REMEMBERED)) {
        const key = JSON.stringify([membership.member, membership.host, membership.vpc]);
        const before = written.get(key);
        if (before !== undefined && before.from <= membership.from && before.to >= membership.to) continue;
        await memberships.remember(membership);
        if (written.size >= MAX_CACHED) written.clear();
        written.set(key, membership);
      }
    },
  };
}

const keyOf = ({ account, region, host }: Host): string => JSON.stringify([account, region, host]);

/** What EC2 says holds now, and since an interface was attached. */
function ofInterfaces({ NetworkInterfaces }: Interfaces, defaults: Defaults, now: number): readonly Membership[] {
  return NetworkInterfaces.flatMap((one: NetworkInterface) => {
    const aliases = inventoryAliases({ NetworkInterfaces: [one] });
    if ('error' in aliases) return [];
    const attached = one.Attachment?.AttachTime?.getTime();
    return aliases.map((alias) => membershipOf({ ...alias, from: attached ?? 0, to: now }, defaults));
  });
}
