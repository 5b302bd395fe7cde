import { addressOfHostName, type Identities } from '../context/identities.ts';
import { type EndpointUse, inferByEndpoint } from '../context/infer.ts';
import { type Defaults, type Resolved, resolverOf } from '../context/resolve.ts';
import { type Evidence, evidenceKey, join } from '../model/evidence.ts';
import { type Claims, isContainerScope, NETWORK_SCOPE, OVERFLOW_SCOPE, type Place, UNKNOWN } from '../model/place.ts';
import type { Unplaced } from './aggregate.ts';

/** Scopes of one host and day; attackers mint container ids. */
export const MAX_SCOPES_OF_A_DAY = 200;

export interface Placed {
  readonly evidence: readonly Evidence[];
  /** What findings of a host must say, by `hostKey`. */
  readonly notes: ReadonlyMap<string, readonly string[]>;
  /** Sources that named no account stayed apart, since the run has seen several. */
  readonly withoutAccount: boolean;
}

export const hostKey = (place: Omit<Place, 'scope'>): string =>
  JSON.stringify([place.account, place.region, place.host]);

/** Gives each item its place, once everything that a run can know of identities is known, and joins items of one key. */
export function placeEvidence(
  unplaced: readonly Unplaced[],
  identities: Identities,
  defaults: Defaults,
  windowHours: number,
): Placed {
  const known = { ...identities.only(), ...defaults };
  const aliases = identities.aliases();
  const first = resolverOf(aliases, known);
  const uses = unplaced.map((one) => useOf(one, first(one.claims, one.at)));
  const named = uses.filter((use) => use.group === 'miner_execution' && !use.claims.network);
  const met = uses.filter((use) => use.group === 'pool_connection' && use.claims.network === true);
  const inferred = inferByEndpoint(named, met, windowHours);
  const resolve = inferred.length === 0 ? first : resolverOf([...aliases, ...inferred], known);

  const shared = sharedInterfaces(unplaced, resolve);
  const forwarders = forwarderAddresses(shared, unplaced);
  const scopes = new Map<string, Set<string>>();
  const byKey = new Map<string, Evidence>();
  for (const one of unplaced) {
    const { place, forwarder } = placeOf(one, resolve, shared, forwarders);
    const item = one.evidenceAt(place);
    const capped = cap(forwarder ? { ...item, flags: [...item.flags, 'forwarder' as const].sort() } : item, scopes);
    const key = `${hostKey(capped.place)}${evidenceKey(capped)}`;
    const before = byKey.get(key);
    byKey.set(key, before === undefined ? capped : join(before, capped));
  }
  const notes = new Map<string, string[]>();
  for (const alias of inferred) {
    const host = hostKey({ account: alias.account ?? UNKNOWN, region: alias.region ?? UNKNOWN, host: alias.host });
    const name = alias.member.replace(/^(?:name|stream):/, '');
    notes.set(host, [
      `Host ${name} is taken to be ${alias.host}: it alone named an endpoint that this interface alone met.`,
    ]);
  }
  const evidence = [...byKey.values()];
  return {
    evidence,
    notes,
    withoutAccount: identities.accounts().length > 1 && evidence.some((one) => one.place.account === UNKNOWN),
  };
}

function useOf(one: Unplaced, resolved: Resolved): EndpointUse & { group: Evidence['group'] } {
  const { artifacts, hour, group } = one.evidenceAt(resolved.place);
  return { claims: one.claims, resolved, artifacts, hour, group };
}

/** Interfaces without an instance that showed several own-side addresses, and what each of these reached. */
function sharedInterfaces(unplaced: readonly Unplaced[], resolve: ResolveAt): SharedInterfaces {
  const remotes = new Map<string, Map<string, Set<string>>>();
  for (const one of unplaced) {
    const { claims } = one;
    if (claims.network !== true || claims.eni === undefined || claims.address === undefined) continue;
    if (resolve(claims, one.at).place.host !== claims.eni) continue;
    const addresses = remotes.get(claims.eni) ?? new Map<string, Set<string>>();
    remotes.set(claims.eni, addresses);
    addresses.set(claims.address, (addresses.get(claims.address) ?? new Set()).add(one.rule));
  }
  return new Map([...remotes].filter(([, addresses]) => addresses.size > 1));
}

type SharedInterfaces = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;
type ResolveAt = (claims: Claims, at: number) => Resolved;

/**
 * The forwarder's own address on each shared interface, where it can be told: it alone reached all that any other did, and
 * no other source knows it (NAT, proxies). Of pods that share a node's interface there is none.
 */
function forwarderAddresses(shared: SharedInterfaces, unplaced: readonly Unplaced[]): ReadonlySet<string> {
  const elsewhere = new Set<string>();
  for (const { claims } of unplaced) {
    const address = claims.address ?? (claims.hostName === undefined ? undefined : addressOfHostName(claims.hostName));
    if (address !== undefined && (claims.eni === undefined || !shared.has(claims.eni))) elsewhere.add(address);
  }
  const found = new Set<string>();
  for (const [eni, addresses] of shared) {
    const all = new Set([...addresses.values()].flatMap((remotes) => [...remotes]));
    const own = [...addresses].filter(([address, remotes]) => remotes.size === all.size && !elsewhere.has(address));
    const [first] = own;
    if (own.length === 1 && first !== undefined) found.add(`${eni} ${first[0]}`);
  }
  return found;
}

/** The place of an item; `forwarder` when it is what a forwarder did for somebody else. */
function placeOf(
  one: Unplaced,
  resolve: ResolveAt,
  shared: SharedInterfaces,
  forwarders: ReadonlySet<string>,
): { place: Place; forwarder: boolean } {
  const { eni, ...byAddress } = one.claims;
  if (one.claims.network !== true || eni === undefined || !shared.has(eni) || one.claims.address === undefined) {
    const { place, forwards } = resolve(one.claims, one.at);
    return { place, forwarder: forwards };
  }
  const { place, forwards } = resolve(byAddress, one.at);
  return { place, forwarder: forwards || forwarders.has(`${eni} ${one.claims.address}`) };
}

/** Moves scopes beyond a host's cap for the day into `overflow`. */
function cap(item: Evidence, scopes: Map<string, Set<string>>): Evidence {
  const { scope } = item.place;
  if (!isContainerScope(scope) || scope === NETWORK_SCOPE) return item;
  const day = `${hostKey(item.place)}${Math.floor(item.hour / 24)}`;
  const seen = scopes.get(day) ?? new Set();
  scopes.set(day, seen);
  if (!seen.has(scope) && seen.size >= MAX_SCOPES_OF_A_DAY)
    return { ...item, place: { ...item.place, scope: OVERFLOW_SCOPE } };
  seen.add(scope);
  return item;
}
