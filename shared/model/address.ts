import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * The one text of an address: IPv4 dotted, IPv6 by RFC 5952, IPv4-mapped IPv6 as IPv4. `undefined` for text that is no
 * address; a zone index is dropped.
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  const zone = text.indexOf('%');
  const bare = zone < 0 ? text : text.slice(0, zone);
  if (bare.length > 45 || !isIPv6(bare)) return undefined;
  const parsed = ipaddr.IPv6.parse(bare);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toRFC5952String();
}

/** Ranges that are not public, by the design's own list: documentation ranges count as public. */
const NOT_PUBLIC: ReadonlySet<string> = new Set([
  'private',
  'uniqueLocal',
  'linkLocal',
  'loopback',
  'carrierGradeNat',
  'multicast',
  'broadcast',
  'unspecified',
]);

/** Whether a canonical address is neither private, link-local, loopback, shared (100.64/10) nor multicast. */
export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && !NOT_PUBLIC.has(ipaddr.parse(address).range());
}
