import { isIPv4 } from 'node:net';
import { canonicalAddress } from '#shared/model/address.ts';
import type { Endpoint } from '#shared/model/endpoint.ts';

/** What a pool argument says. */
export interface PoolUrl {
  readonly endpoint: Endpoint;
  /** Lower case, without `://`; absent for a bare host. */
  readonly scheme?: string;
  /** The scheme is one that only mining software uses. */
  readonly mining: boolean;
  /** The part before `@`, percent-decoded; a password is cut off. */
  readonly user?: string;
}

const MAX_URL = 512;
const MINING_SCHEME =
  /^(?:n?(?:stratum[123]?|ethproxy|ethstratum\d?|nicehash|ethnh|zmp|daemon|solo|cryptonote)\+(?:tcps?|ssl|tls(?:12|13)?|https?|wss?|udp)|stratums{0,2}|zmp)$/;
/** The same anywhere in a text; a letter before it makes it another word. */
const MINING_URL =
  /(?:^|[^a-z0-9+])((?:stratum[123]?|ethproxy|ethstratum\d?|nicehash|ethnh|zmp|daemon|solo|cryptonote)\+(?:tcps?|ssl|tls(?:12|13)?|https?|wss?|udp)|stratums{0,2}|zmp):\/\/([^\s"'<>`\\,;|]{1,512})/gi;
const MAX_FOUND = 32;
const OTHER_SCHEME = /^(?:https?|tcp|ssl|tls|wss?|socks[45][ah]?|http0|getwork)$/;
const NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62})){0,16}\.?$/;

/** Literals of which every text with a mining scheme holds one. */
export const SCHEME_NEEDLES: readonly string[] = [
  'stratum',
  'ethproxy+',
  'nicehash+',
  'ethnh+',
  'zmp+',
  'zmp://',
  'daemon+',
  'solo+',
  'cryptonote+',
];

/**
 * Reads one pool argument of any dialect: `host:port`, `[v6]:port`, `scheme://[user[:pass]@]host[:port][/…]`,
 * TeamRedMiner's `scheme://tunnel/host:port`, Rigel's `[1]scheme://…`. Undefined for a path, a `key=value` pair and
 * everything else. A bare host needs its port, unless `portless` is given. A login before a bare host (miniZ:
 * `WALLET.worker@host:port`) must be as long as a wallet, unless `login` is given: `user@host:port` is ssh's too.
 */
export function parsePoolUrl(value: string, portless = false, login = false): PoolUrl | undefined {
  if (value.length > MAX_URL) return undefined;
  const text = value.replace(/^\[\d\](?=[a-z\d[])/i, '');
  const mark = text.indexOf('://');
  if (mark < 0) return authority(text, undefined, false, portless, login);
  const scheme = text.slice(0, mark).toLowerCase();
  const mining = MINING_SCHEME.test(scheme);
  if (!mining && !OTHER_SCHEME.test(scheme)) return undefined;
  return authority(text.slice(mark + 3), scheme, mining, true, true);
}

/** All pools and proxies of one option's value: `a:1,b:2`, `socks5:proxy:port|http://pool:port` (cgminer). */
export function parsePoolList(
  value: string,
  login = false,
): {
  readonly pools: readonly PoolUrl[];
  readonly proxies: readonly PoolUrl[];
} {
  const pools: PoolUrl[] = [];
  const proxies: PoolUrl[] = [];
  for (const piece of value.split(/[|,;!]/, 16)) {
    const proxy = /^(?:socks(?:4a?|5h?)|http0?):(?!\/\/)(.{1,300})$/.exec(piece)?.[1];
    const found = parsePoolUrl(proxy ?? piece, false, login);
    if (found === undefined) continue;
    if (proxy === undefined && found.scheme?.startsWith('socks') !== true) pools.push(found);
    else proxies.push(found);
  }
  return { pools, proxies };
}

/** Pool URLs with a mining scheme anywhere in a text; at most 32. */
export function findPoolUrls(text: string): readonly PoolUrl[] {
  const found: PoolUrl[] = [];
  for (const [, scheme = '', rest = ''] of text.matchAll(MINING_URL)) {
    if (found.length >= MAX_FOUND) break;
    const url = authority(rest, scheme.toLowerCase(), true, true, true);
    if (url !== undefined) found.push(url);
  }
  return found;
}

/** Percent escapes decoded where they are valid, else the text as it is. */
export function percentDecoded(text: string): string {
  return text.replace(/%([0-7][0-9a-fA-F])/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}

function authority(
  text: string,
  scheme: string | undefined,
  mining: boolean,
  portless: boolean,
  login: boolean,
): PoolUrl | undefined {
  const slash = text.search(/[/?#]/);
  let place = slash < 0 ? text : text.slice(0, slash);
  if (scheme === undefined && slash >= 0) return undefined;
  const at = place.lastIndexOf('@');
  const user = at < 0 ? undefined : percentDecoded(place.slice(0, at));
  place = place.slice(at + 1);
  if (user !== undefined && !login && !LONG_LOGIN.test(user)) return undefined;
  let endpoint = parseHost(place, portless);
  const behind = slash < 0 ? '' : text.slice(slash + 1);
  if (endpoint !== undefined && endpoint.port === undefined && /^[a-z0-9.-]{1,253}:\d{1,5}$/i.test(behind)) {
    const port = parseHost(behind, false)?.port;
    if (port !== undefined) endpoint = { host: endpoint.host, port };
  }
  if (endpoint === undefined) return undefined;
  const name = user?.replace(/:[^:]{0,128}$/, '') ?? '';
  return {
    endpoint,
    mining,
    ...(scheme === undefined ? {} : { scheme }),
    ...(user === undefined || user === '' ? {} : { user: name === '' || COIN_PREFIX.test(user) ? user : name }),
  };
}

/** As long as the shortest wallet that miners take before a host. */
const LONG_LOGIN = /^(?:[A-Za-z]{2,12}:)?[A-Za-z0-9]{25,400}(?:[.+/:~#@,_-]|$)/;

/** `kaspa:…` is an address, not a user and his password. */
const COIN_PREFIX = /^[A-Za-z]{2,12}:[^:]{20,}$/;

function parseHost(place: string, portless: boolean): Endpoint | undefined {
  const bracket = /^\[([0-9a-fA-F:.]{2,45})\](?::(\d{1,5}))?$/.exec(place);
  if (bracket !== null) {
    const host = canonicalAddress(bracket[1] ?? '');
    return host === undefined ? undefined : withPort(host, bracket[2], portless);
  }
  const colon = place.lastIndexOf(':');
  const host = (colon < 0 ? place : place.slice(0, colon)).toLowerCase();
  const port = colon < 0 ? undefined : place.slice(colon + 1);
  if (isIPv4(host)) return withPort(host, port, portless);
  if (!NAME.test(host) || /^[\d.]+$/.test(host)) return undefined;
  return withPort(host.replace(/\.$/, ''), port, portless && host.includes('.'));
}

function withPort(host: string, port: string | undefined, portless: boolean): Endpoint | undefined {
  if (port === undefined || port === '') return portless ? { host } : undefined;
  const number = Number(port);
  return /^\d{1,5}$/.test(port) && number > 0 && number < 65536 ? { host, port: number } : undefined;
}
