import type { Identities } from '../context/identities.ts';
import { type EndpointUse, inferByEndpoint } from '../context/infer.ts';
import { type Defaults, type Resolved, resolverOf } from '../context/resolve.ts';
import { type Evidence, evidenceKey, join } from '../model/evidence.ts';
import { isContainerScope, NETWORK_SCOPE, OVERFLOW_SCOPE, type Place, UNKNOWN } from '../model/place.ts';
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

  const forwarders = forwardersOf(unplaced, resolve);
  const scopes = new Map<string, Set<string>>();
  const byKey = new Map<string, Evidence>();
  for (const one of unplaced) {
    const { place, forwarder } = placeOf(one, resolve, forwarders);
    const item = one.evidenceAt(place);
    const capped = cap(forwarder ? { ...item, flags: [...item.flags, 'forwarder' as const].sort() } : item, scopes);
    const key = `${hostKey(capped.place)}${evidenceKey(capped)}`;
    const before = byKey.get(key);
    byKey.set(key, before === undefined ? capped : join(before, capped));
  }
  const notes = new Map<string, string[]>();
  for (const alias of inferred) {
    const host = hostKey({ account: alias.account ?? UNKNOWN, region: alias.region ?? UNKNOWN, host: alias.host });
    const name = alias.member.slice('name:'.length);
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

/**
 * Interfaces that forward: those with several own-side addresses of which another host owns one (NAT, proxies). The
 * inner source is the host; what the forwarder's own address did is not its doing.
 */
function forwardersOf(
  unplaced: readonly Unplaced[],
  resolve: (claims: Unplaced['claims'], at: number) => Resolved,
): ReadonlySet<string> {
  const own = new Map<string, Set<string>>();
  for (const { claims } of unplaced) {
    if (claims.network !== true || claims.eni === undefined || claims.address === undefined) continue;
    own.set(claims.eni, (own.get(claims.eni) ?? new Set()).add(claims.address));
  }
  const forwarders = new Set<string>();
  for (const one of unplaced) {
    const { eni, address } = one.claims;
    if (eni === undefined || address === undefined || (own.get(eni)?.size ?? 0) < 2) continue;
    if (ownerElsewhere(one, resolve) !== undefined) forwarders.add(eni);
  }
  return forwarders;
}

/** The host that owns the item's address, where that is not the interface that reported it. */
function ownerElsewhere(
  one: Unplaced,
  resolve: (claims: Unplaced['claims'], at: number) => Resolved,
): Resolved | undefined {
  const { eni: _eni, instance: _instance, ...byAddress } = one.claims;
  const owner = resolve(byAddress, one.at);
  const reporter = resolve(one.claims, one.at);
  const isAddress = owner.place.host === one.claims.address;
  return isAddress || owner.place.host === reporter.place.host ? undefined : owner;
}

/** The place of an item; `forwarder` when it is what a forwarder did for somebody unknown. */
function placeOf(
  one: Unplaced,
  resolve: (claims: Unplaced['claims'], at: number) => Resolved,
  forwarders: ReadonlySet<string>,
): { place: Place; forwarder: boolean } {
  const { eni } = one.claims;
  if (one.claims.network !== true || eni === undefined || !forwarders.has(eni))
    return { place: resolve(one.claims, one.at).place, forwarder: false };
  const owner = ownerElsewhere(one, resolve);
  return { place: (owner ?? resolve(one.claims, one.at)).place, forwarder: owner === undefined };
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
