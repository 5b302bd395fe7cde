import { canonicalAddress } from '#shared/model/address.ts';
import type { NetworkEndpoint } from '#shared/model/event.ts';

const AF_INET = 2;
const AF_INET6 = 10;
/** Hexadecimal digits of struct sockaddr_in up to its address, and of sockaddr_in6 up to its own. */
const INET_DIGITS = 16;
const INET6_DIGITS = 48;

/**
 * The internet endpoint in the hexadecimal text of a `saddr=` field: the kernel's struct sockaddr, the family in the
 * byte order of the machine, port and address in that of the network (ip(7), ipv6(7)). `undefined` for other families
 * and for text that is cut or no hexadecimal.
 */
export function socketEndpoint(hex: string): NetworkEndpoint | undefined {
  if (hex.length < INET_DIGITS || hex.length % 2 !== 0 || hex.length > 512 || !/^[0-9A-Fa-f]+$/.test(hex)) {
    return undefined;
  }
  const bytes = Buffer.from(hex, 'hex');
  const family = bytes[0] === 0 ? bytes[1] : bytes[1] === 0 ? bytes[0] : undefined;
  const port = bytes.readUInt16BE(2);
  if (family === AF_INET) return endpoint(bytes.subarray(4, 8).join('.'), port);
  if (family !== AF_INET6 || hex.length < INET6_DIGITS) return undefined;
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(8 + 2 * index).toString(16));
  return endpoint(groups.join(':'), port);
}

/** The endpoint in the translation of a socket address: `{ saddr_fam=inet laddr=203.0.113.9 lport=3333 }`. */
export function translatedEndpoint(text: string): NetworkEndpoint | undefined {
  const address = /\bladdr=([0-9A-Fa-f:.]{2,45})/.exec(text)?.[1];
  if (address === undefined) return undefined;
  return endpoint(address, Number(/\blport=(\d{1,5})/.exec(text)?.[1]));
}

function endpoint(address: string, port: number): NetworkEndpoint | undefined {
  const ip = canonicalAddress(address);
  if (ip === undefined) return undefined;
  return port > 0 && port < 65536 ? { ip, port } : { ip };
}
