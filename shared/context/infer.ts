import { parseEndpoint, sameEndpoint } from '../model/endpoint.ts';
import { type Artifact, artifactKind, artifactValue, type Claims } from '../model/place.ts';
import type { Alias } from './identities.ts';
import type { Resolved } from './resolve.ts';

/** One act that named or met an endpoint. */
export interface EndpointUse {
  readonly claims: Claims;
  readonly resolved: Resolved;
  readonly artifacts: readonly Artifact[];
  /** Hours since the epoch. */
  readonly hour: number;
}

/**
 * Identities by endpoint: if exactly one unresolved host named an endpoint and exactly one interface met it within the
 * window, they are one. A host whose address or instance is known is not unresolved.
 * @returns an alias `name:host` or `stream:name` → interface or instance, for each such pair
 */
export function inferByEndpoint(
  named: readonly EndpointUse[],
  met: readonly EndpointUse[],
  windowHours: number,
): readonly Alias[] {
  const aliases: Alias[] = [];
  const endpoints = new Set(named.flatMap((use) => use.artifacts.filter((one) => artifactKind(one) === 'pool')));
  const claimedBy = new Map<string, Set<string>>();
  for (const endpoint of endpoints) {
    const names = named.filter((use) => use.artifacts.includes(endpoint));
    const meets = met.filter((use) => meetsEndpoint(use, endpoint));
    const hosts = distinctHosts(names);
    const interfaces = distinctHosts(meets);
    const [host] = hosts.values();
    const [wire] = interfaces.values();
    if (hosts.size !== 1 || interfaces.size !== 1 || host === undefined || wire === undefined) continue;
    const member = memberOf(host.claims);
    if (host.resolved.known || member === undefined || !wire.resolved.known) continue;
    if (!names.some((use) => meets.some((other) => Math.abs(use.hour - other.hour) <= windowHours))) continue;
    const target = wire.resolved.place;
    claimedBy.set(member, (claimedBy.get(member) ?? new Set()).add(target.host));
    aliases.push({
      member,
      host: target.host,
      ...(target.account === '-' ? {} : { account: target.account }),
      ...(target.region === '-' ? {} : { region: target.region }),
      from: 0,
      to: Number.MAX_SAFE_INTEGER,
      how: 'endpoint',
    });
  }
  return aliases.filter((alias) => claimedBy.get(alias.member)?.size === 1);
}

/** What an unresolved host is known by: its own name, else the stream that its records came by (auditd names none by default). */
function memberOf(claims: Claims): string | undefined {
  if (claims.hostName !== undefined) return `name:${claims.hostName}`;
  return claims.stream === undefined ? undefined : `stream:${claims.stream}`;
}

function meetsEndpoint(use: EndpointUse, endpoint: Artifact): boolean {
  const wanted = parseEndpoint(artifactValue(endpoint));
  return use.artifacts.some(
    (one) => artifactKind(one) === 'pool' && sameEndpoint(parseEndpoint(artifactValue(one)), wanted),
  );
}

function distinctHosts(uses: readonly EndpointUse[]): Map<string, EndpointUse> {
  return new Map(uses.map((use) => [JSON.stringify([use.resolved.place.account, use.resolved.place.host]), use]));
}
