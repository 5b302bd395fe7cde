import { type Artifact, artifact } from './place.ts';

/** A pool endpoint: a DNS name in lower case without the trailing dot, or an address in canonical text. */
export interface Endpoint {
  readonly host: string;
  readonly port?: number;
}

/** `pool:host:port`, with IPv6 in brackets; without the port where it is unknown. */
export function endpointArtifact(endpoint: Endpoint): Artifact {
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return artifact('pool', endpoint.port === undefined ? host : `${host}:${endpoint.port}`);
}

/** The inverse of `endpointArtifact` on the value of a `pool:` artifact. */
export function parseEndpoint(value: string): Endpoint {
  const close = value.startsWith('[') ? value.indexOf(']') : -1;
  const colon = value.indexOf(':', close + 1);
  const host = close > 0 ? value.slice(1, close) : colon < 0 ? value : value.slice(0, colon);
  const port = colon < 0 ? Number.NaN : Number(value.slice(colon + 1));
  return Number.isInteger(port) && port > 0 && port < 65536 ? { host, port } : { host };
}

/** Whether two endpoints may be the same: equal hosts, and equal ports where both name one. */
export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.host === b.host && (a.port === undefined || b.port === undefined || a.port === b.port);
}
