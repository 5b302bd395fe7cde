import { aliasOf } from '../context/memberships.ts';
import { resolverOf } from '../context/resolve.ts';
import { type Evidence, evidenceKey, join } from '../model/evidence.ts';
import type { Head, Transition } from '../model/finding.ts';
import type { Membership, Memberships } from '../model/membership.ts';
import type { Host, Place } from '../model/place.ts';
import { supersedeMoved } from './archive.ts';
import { type CorrelationContext, correlateHost, type Touched } from './correlate-host.ts';
import type { Store } from './store.ts';

/** An address leads to an interface, and this to an instance: no chain is longer. */
const MAX_STEPS = 3;
/** Members of a host whose evidence is read; an attacker mints names, and what is beyond keeps findings of its own. */
const MAX_MEMBERS = 32;
const MAX_ATTEMPTS = 8;

/** What became of one scope. */
export interface CorrelatedScope {
  readonly head: Head;
  readonly transitions: readonly Transition[];
}

/**
 * As `correlateHost`, for evidence that was stored before its host was known: it counts as that of the host that it was
 * found to be, both partitions are read, and a finding that was opened under the earlier name is superseded once that of
 * the host stands.
 * @throws Error when heads are written by others again and again: the trigger retries
 */
export async function correlateIdentified(
  store: Store,
  memberships: Memberships,
  touched: Touched,
  context: CorrelationContext,
): Promise<readonly CorrelatedScope[]> {
  const known = new Identified(memberships);
  const results: CorrelatedScope[] = [];
  const above = await known.hostsAbove(touched.host);
  for (const host of above) results.push(...(await correlateWhole(store, known, { ...touched, host }, context)));
  results.push(...(await correlateWhole(store, known, touched, context)));
  if (above.length > 0) {
    for (const host of [...above, touched.host]) await supersedeLeft(store, known, host, context);
  }
  return results;
}

/**
 * Correlates again what was stored under a host that has just been found to be another.
 * @throws as `correlateIdentified`
 */
export async function correlateMember(
  store: Store,
  memberships: Memberships,
  member: Host,
  context: CorrelationContext,
): Promise<readonly CorrelatedScope[]> {
  const heads = await store.heads(member);
  const span = spanOf(heads);
  if (span === undefined) return [];
  const scopes = heads.map((head) => head.place.scope);
  return correlateIdentified(store, memberships, { host: member, scopes, ...span }, context);
}

/** First and last hour of all episodes. */
function spanOf(heads: readonly Head[]): { readonly from: number; readonly to: number } | undefined {
  const episodes = heads.flatMap((head) => head.episodes);
  if (episodes.length === 0) return undefined;
  return { from: Math.min(...episodes.map((one) => one.from)), to: Math.max(...episodes.map((one) => one.to)) };
}

/** Folds one host with what belongs to it of others' partitions, and without what of its own belongs elsewhere. */
async function correlateWhole(
  store: Store,
  known: Identified,
  touched: Touched,
  context: CorrelationContext,
): Promise<readonly CorrelatedScope[]> {
  const { host } = touched;
  const members = await known.hostsBelow(host);
  if (members.length === 0 && (await known.hostsAbove(host)).length === 0)
    return correlateHost(store, touched, context);
  const heads = (await Promise.all(members.map((member) => store.heads(member)))).flat();
  const span = spanOf(heads) ?? touched;
  const whole: Touched = {
    host,
    scopes: [...new Set([...touched.scopes, ...heads.map((head) => head.place.scope)])],
    from: Math.min(touched.from, span.from),
    to: Math.max(touched.to, span.to),
  };
  const joined: Store = {
    ...store,
    evidence: async (_, scopes, from, to) => {
      const read = await Promise.all([host, ...members].map((one) => store.evidence(one, scopes, from, to)));
      return joinedAt(await known.belongingTo(host, read.flat()), host);
    },
  };
  const named = members.filter((member) => heads.some((head) => sameHost(head.place, member)));
  const notes = named.map((member) => `Host ${member.host} is taken to be ${host.host}: ${HOW[known.how(member)]}.`);
  return correlateHost(joined, whole, { ...context, notes: [...context.notes, ...notes] });
}

const HOW: Readonly<Record<Membership['how'], string>> = {
  record: 'a record named both',
  inventory: 'EC2 says so',
  endpoint: 'it alone named an endpoint that this interface alone met',
};

/** Evidence of several partitions as that of one host: what has one key is joined. */
function joinedAt(evidence: readonly Evidence[], host: Host): readonly Evidence[] {
  const byKey = new Map<string, Evidence>();
  for (const one of evidence) {
    const here = sameHost(one.place, host) ? one : { ...one, place: { ...host, scope: one.place.scope } };
    const key = evidenceKey(here);
    const before = byKey.get(key);
    byKey.set(key, before === undefined ? here : join(before, here));
  }
  return [...byKey.values()];
}

/** Ends what was found of a host with evidence that, as is known now, is another's. */
async function supersedeLeft(store: Store, known: Identified, host: Host, context: CorrelationContext): Promise<void> {
  const heads = await store.heads(host);
  const span = spanOf(heads);
  if (span === undefined) return;
  const scopes = heads.map((head) => head.place.scope);
  const hosts = [host, ...(await known.hostsBelow(host))];
  const left = async (): Promise<readonly Evidence[]> => {
    const read = await Promise.all(hosts.map((one) => store.evidence(one, scopes, span.from, span.to)));
    return known.belongingTo(host, read.flat());
  };
  for (const { place } of heads) await supersedeScope(store, place, left, context);
}

async function supersedeScope(
  store: Store,
  place: Place,
  left: () => Promise<readonly Evidence[]>,
  { matrix, now }: CorrelationContext,
): Promise<void> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const head = await store.head(place);
    if (head === undefined) return;
    const evidence = await left();
    const at = now?.() ?? Math.max(0, ...head.episodes.map((one) => one.at ?? 0));
    const next = supersedeMoved(
      head,
      matrix.windowHours,
      at,
      ({ from, to }) => !evidence.some(({ hour }) => hour >= from && hour <= to),
    );
    if (next === undefined || (await store.putHead(next))) return;
  }
  throw new Error(`the head of ${place.host} ${place.scope} was written ${MAX_ATTEMPTS} times by others meanwhile`);
}

/** The memberships around a host, each read once. */
class Identified {
  readonly #memberships: Memberships;
  readonly #above = new Map<string, Promise<readonly Membership[]>>();
  readonly #below = new Map<string, Promise<readonly Membership[]>>();
  readonly #how = new Map<string, Membership['how']>();

  constructor(memberships: Memberships) {
    this.#memberships = memberships;
  }

  /** How a member that `hostsBelow` gave is known. */
  how(member: Host): Membership['how'] {
    return this.#how.get(hostText(member)) ?? 'record';
  }

  /** Hosts that a host may be, by all memberships of it and of those, the farthest last. */
  hostsAbove(host: Host): Promise<readonly Host[]> {
    return this.#reach(host, async (one) =>
      (await this.#canonicals(one)).map((membership) => ({ ...one, host: membership.host })),
    );
  }

  /** Hosts that were found to be this one. */
  hostsBelow(host: Host): Promise<readonly Host[]> {
    return this.#reach(host, async (one) => {
      const found = (await this.#members(one)).slice(0, MAX_MEMBERS);
      for (const { member, how } of found) this.#how.set(hostText(member), how);
      return found.map(({ member }) => member);
    });
  }

  /** Of evidence of several hosts, what is this host's at its time. */
  async belongingTo(host: Host, evidence: readonly Evidence[]): Promise<readonly Evidence[]> {
    const belongs = await Promise.all(
      evidence.map(async (one) => sameHost(await this.#hostAt(one.place, one.first), host)),
    );
    return evidence.filter((_, index) => belongs[index] === true);
  }

  /** The host that evidence of a host belongs to at an event time: itself while none, or several, may be meant. */
  async #hostAt({ account, region, host }: Host, at: number): Promise<Host> {
    let current: Host = { account, region, host };
    for (let step = 0; step < MAX_STEPS; step++) {
      const memberships = await this.#canonicals(current);
      if (memberships.length === 0) return current;
      const aliases = memberships.map(aliasOf);
      const claims = claimsOf(current.host);
      const next = resolverOf(aliases, { account, region })(claims, at).place.host;
      if (next === current.host) return current;
      current = { ...current, host: next };
    }
    return current;
  }

  #canonicals(host: Host): Promise<readonly Membership[]> {
    return remembered(this.#above, host, () => this.#memberships.canonicals(host));
  }

  #members(host: Host): Promise<readonly Membership[]> {
    return remembered(this.#below, host, () => this.#memberships.members(host));
  }

  async #reach(host: Host, next: (host: Host) => Promise<readonly Host[]>): Promise<readonly Host[]> {
    const found = new Map<string, Host>();
    let edge: readonly Host[] = [host];
    for (let step = 0; step < MAX_STEPS && edge.length > 0; step++) {
      const further = (await Promise.all(edge.map(next))).flat();
      edge = further.filter((one) => !sameHost(one, host) && !found.has(hostText(one)));
      for (const one of edge) found.set(hostText(one), one);
    }
    return [...found.values()];
  }
}

function remembered<T>(kept: Map<string, Promise<T>>, host: Host, read: () => Promise<T>): Promise<T> {
  const key = hostText(host);
  const known = kept.get(key) ?? read();
  kept.set(key, known);
  return known;
}

/** Claims that the resolver takes for the host of a place. */
function claimsOf(host: string): Parameters<ReturnType<typeof resolverOf>>[0] {
  const member = aliasOf({ member: { account: '-', region: '-', host }, host, from: 0, to: 0, how: 'record' }).member;
  const value = member.slice(member.indexOf(':') + 1);
  if (member.startsWith('eni:')) return { eni: value };
  if (member.startsWith('address:')) return { address: value };
  return member.startsWith('stream:') ? { stream: value } : { hostName: value };
}

const hostText = ({ account, region, host }: Host): string => JSON.stringify([account, region, host]);
const sameHost = (a: Host, b: Host): boolean => hostText(a) === hostText(b);
