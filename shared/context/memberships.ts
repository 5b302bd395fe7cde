import { canonicalAddress } from '../model/address.ts';
import type { Membership } from '../model/membership.ts';
import { type Claims, type Host, UNKNOWN } from '../model/place.ts';
import { HOUR_MS } from '../model/time.ts';
import { type Alias, addressOfHostName, instanceOfHostName } from './identities.ts';
import type { Defaults } from './resolve.ts';

/** Validity is kept in whole hours, so that a host that is seen all day is written once an hour. */
const STEP_MS = HOUR_MS;

/** The alias that a stored membership stands for. */
export function aliasOf({ member, host, vpc, from, to, how, forwards }: Membership): Alias {
  return {
    member: memberText(member.host),
    host,
    ...(member.account === UNKNOWN ? {} : { account: member.account }),
    ...(member.region === UNKNOWN ? {} : { region: member.region }),
    ...(vpc === undefined ? {} : { vpc }),
    from,
    to,
    how,
    ...(forwards === undefined ? {} : { forwards }),
  };
}

/** The membership to be stored of an alias, and `undefined` of one without a place. */
export function membershipOf(alias: Alias, defaults: Defaults): Membership {
  const { vpc, how, forwards } = alias;
  return {
    member: {
      account: alias.account ?? defaults.account ?? UNKNOWN,
      region: alias.region ?? defaults.region ?? UNKNOWN,
      host: memberHost(alias.member),
    },
    host: alias.host,
    ...(vpc === undefined ? {} : { vpc }),
    from: Math.floor(alias.from / STEP_MS) * STEP_MS,
    to: Math.min(Math.ceil(alias.to / STEP_MS) * STEP_MS, Number.MAX_SAFE_INTEGER),
    how,
    ...(forwards === undefined ? {} : { forwards }),
  };
}

/** The host by which evidence with such claims is kept while nobody knows better; nothing where claims name it for good. */
export function memberOf(claims: Claims, defaults: Defaults): Host | undefined {
  const host = memberName(claims);
  if (host === undefined) return undefined;
  return {
    account: claims.account ?? defaults.account ?? UNKNOWN,
    region: claims.region ?? defaults.region ?? UNKNOWN,
    host,
  };
}

function memberName({ cluster, family, instance, hostName, eni, address, stream }: Claims): string | undefined {
  if (cluster !== undefined && family !== undefined) return undefined;
  if (instance !== undefined || (hostName !== undefined && instanceOfHostName(hostName) !== undefined))
    return undefined;
  const named = hostName === undefined ? undefined : (addressOfHostName(hostName) ?? hostName);
  return eni ?? address ?? named ?? (stream === undefined ? undefined : `stream:${stream}`);
}

/** How aliases call a member that is the host of a place. */
function memberText(host: string): string {
  if (host.startsWith('stream:')) return host;
  if (host.startsWith('eni-')) return `eni:${host}`;
  return canonicalAddress(host) === undefined ? `name:${host}` : `address:${host}`;
}

function memberHost(member: string): string {
  return member.startsWith('stream:') ? member : member.slice(member.indexOf(':') + 1);
}
