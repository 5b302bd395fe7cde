import { type Claims, type Place, UNKNOWN } from '../model/place.ts';
import { type Alias, addressOfHostName, instanceOfHostName } from './identities.ts';
import { scopeOf } from './scope.ts';

/** A place, and whether its host is known by instance, interface or address rather than by what it calls itself. */
export interface Resolved {
  readonly place: Place;
  readonly known: boolean;
  /** The inventory says that it forwards for others. */
  readonly forwards: boolean;
}

export interface Defaults {
  account?: string;
  region?: string;
}

/** Beyond this distance from the time in which a reused address was seen at a host, it is nobody's. */
const MAX_DISTANCE_MS = 3_600_000;

/**
 * Turns claims into a place. Flow-log fields and instance ids come first, then interface, address, an address in the
 * host's name, the name; what can't be resolved keeps its own name as host, and is never dropped or shared.
 * @param defaults account and region of sources that name none
 */
export function resolverOf(aliases: readonly Alias[], defaults: Defaults): (claims: Claims, at: number) => Resolved {
  const byMember = new Map<string, Alias[]>();
  for (const alias of aliases) byMember.set(alias.member, [...(byMember.get(alias.member) ?? []), alias]);

  /** The one alias of a member at a time, or nothing while several hosts have an equal claim to it. */
  const lookUp = (member: string, claims: Claims, at: number): Alias | undefined => {
    const may = (byMember.get(member) ?? []).filter(
      (alias) =>
        agree(alias.account, claims.account ?? defaults.account) &&
        agree(alias.region, claims.region ?? defaults.region) &&
        agree(alias.vpc, claims.vpc),
    );
    const hosts = new Set(may.map((alias) => alias.host));
    if (hosts.size <= 1) return may[0];
    const distance = (alias: Alias): number => Math.max(0, alias.from - at, at - alias.to);
    const nearest = Math.min(...may.map(distance));
    const best = may.filter((alias) => distance(alias) === nearest);
    return nearest <= MAX_DISTANCE_MS && new Set(best.map((alias) => alias.host)).size === 1 ? best[0] : undefined;
  };

  return (claims, at) => {
    const found = hostOf(claims, (member) => lookUp(member, claims, at));
    const place: Place = {
      account: claims.account ?? found.alias?.account ?? defaults.account ?? UNKNOWN,
      region: claims.region ?? found.alias?.region ?? defaults.region ?? UNKNOWN,
      host: found.host,
      scope: scopeOf(claims),
    };
    return { place, known: found.known, forwards: found.alias?.forwards === true };
  };
}

const agree = (a: string | undefined, b: string | undefined): boolean => a === undefined || b === undefined || a === b;

type LookUp = (member: string) => Alias | undefined;
interface FoundHost {
  readonly host: string;
  readonly known: boolean;
  readonly alias?: Alias;
}

function hostOf(claims: Claims, lookUp: LookUp): FoundHost {
  if (claims.cluster !== undefined && claims.family !== undefined)
    return { host: `${claims.cluster}/${claims.family}`, known: true };
  const instance = claims.instance ?? (claims.hostName === undefined ? undefined : instanceOfHostName(claims.hostName));
  if (instance !== undefined) return { host: instance, known: true };
  if (claims.eni !== undefined) return through(lookUp, `eni:${claims.eni}`, claims.eni);
  const address = claims.address ?? (claims.hostName === undefined ? undefined : addressOfHostName(claims.hostName));
  if (address !== undefined) return through(lookUp, `address:${address}`, address);
  if (claims.hostName !== undefined) {
    const alias = lookUp(`name:${claims.hostName}`);
    return alias === undefined ? { host: claims.hostName, known: false } : canonical(lookUp, alias);
  }
  if (claims.stream === undefined) return { host: UNKNOWN, known: false };
  const member = `stream:${claims.stream}`;
  const alias = lookUp(member);
  return alias === undefined ? { host: member, known: false } : canonical(lookUp, alias);
}

function through(lookUp: LookUp, member: string, fallback: string): FoundHost {
  const alias = lookUp(member);
  return alias === undefined ? { host: fallback, known: true } : canonical(lookUp, alias);
}

/** Follows an interface to its instance: an address may be known by the interface alone. */
function canonical(lookUp: LookUp, alias: Alias): FoundHost {
  const further = alias.host.startsWith('eni-') ? lookUp(`eni:${alias.host}`) : undefined;
  return { host: further?.host ?? alias.host, known: true, alias: further ?? alias };
}
