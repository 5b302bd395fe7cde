import { canonicalAddress } from '#shared/model/address.ts';
import type { NetworkActivity, NetworkEndpoint } from '#shared/model/event.ts';
import type { Fields } from './fields.ts';

const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['icmp', 1],
  ['tcp', 6],
  ['udp', 17],
]);

/** What an alert tells of a connection: the client is the source, the server the destination. */
export type Connection = Pick<NetworkActivity, 'src' | 'dst' | 'own' | 'protocol' | 'accepted'>;

/** The connection of an alert's file descriptor; `undefined` for files, other sockets and listening ones. */
export function connectionOf(fields: Fields): Connection | undefined {
  const sides = tuple(fields.text('fd.name', 'fd.nameraw') ?? '') ?? fromFields(fields);
  if (sides === undefined) return undefined;
  const { src, dst } = sides;
  const protocol = PROTOCOLS.get(fields.text('fd.l4proto')?.toLowerCase() ?? '');
  const accepted = answered(fields);
  return {
    ...(src !== undefined && { src }),
    dst,
    own: ownSide(fields, src, dst),
    ...(protocol !== undefined && { protocol }),
    ...(accepted !== undefined && { accepted }),
  };
}

interface Sides {
  readonly src?: NetworkEndpoint | undefined;
  readonly dst: NetworkEndpoint;
}

/** `192.0.2.10:50112->203.0.113.9:3333`; the port of an IPv6 address stands behind the last colon. */
function tuple(name: string): Sides | undefined {
  const arrow = name.indexOf('->');
  if (arrow < 0 || name.length > 200) return undefined;
  const dst = endpoint(name.slice(arrow + 2));
  return dst === undefined ? undefined : { src: endpoint(name.slice(0, arrow)), dst };
}

function endpoint(text: string): NetworkEndpoint | undefined {
  const colon = text.lastIndexOf(':');
  if (colon < 0) return undefined;
  const host = text.slice(0, colon).replace(/^\[|\]$/g, '');
  return endpointOf(host, text.slice(colon + 1));
}

function endpointOf(host: string | undefined, portText: string | undefined): NetworkEndpoint | undefined {
  const ip = host === undefined ? undefined : canonicalAddress(host);
  if (ip === undefined) return undefined;
  const port = portText !== undefined && /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
  return port > 0 && port < 65536 ? { ip, port } : { ip };
}

function fromFields(fields: Fields): Sides | undefined {
  const side = (which: string): NetworkEndpoint | undefined =>
    endpointOf(fields.text(`fd.${which}ip`), fields.text(`fd.${which}port`));
  const [client, server, local, remote] = [side('c'), side('s'), side('l'), side('r')];
  if (server !== undefined) return { src: client, dst: server };
  if (remote === undefined) return undefined;
  if (fields.flag('fd.is_server') !== true) return { src: local, dst: remote };
  return local === undefined ? undefined : { src: remote, dst: local };
}

function ownSide(fields: Fields, src: NetworkEndpoint | undefined, dst: NetworkEndpoint): 'src' | 'dst' {
  const isServer = fields.flag('fd.is_server');
  if (isServer !== undefined) return isServer ? 'dst' : 'src';
  const local = canonicalAddress(fields.text('fd.lip') ?? '');
  const remote = canonicalAddress(fields.text('fd.rip') ?? '');
  const isAccepting = src?.ip !== dst.ip && (local === dst.ip || (remote !== undefined && remote === src?.ip));
  return isAccepting || /^accept4?$/.test(fields.text('evt.type') ?? '') ? 'dst' : 'src';
}

/** Whether a connect succeeded; one that goes on in the background (EINPROGRESS) tells nothing. */
function answered(fields: Fields): boolean | undefined {
  const result = fields.text('evt.res');
  if (fields.text('evt.type') !== 'connect' || result === undefined || result.includes('EINPROGRESS')) return undefined;
  return result === 'SUCCESS' || result === '0';
}
