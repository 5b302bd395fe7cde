/**
 * What a record says of where it happened. Readers and indicators carry claims; only the identity resolver
 * (`context/`) makes a place of them. Every value comes from a log and may be a lie.
 */
export interface Claims {
  account?: string;
  region?: string;
  vpc?: string;
  /** The host's own name for itself: auditd's `node=`, Falco's `hostname`, Kubernetes' node. */
  hostName?: string;
  /** EC2 instance id. */
  instance?: string;
  /** Elastic network interface id. */
  eni?: string;
  /** The host's own address in canonical text (see `canonicalAddress`). */
  address?: string;
  /** What the trigger calls the source: a log stream or a file name. The host when nothing better is known. */
  stream?: string;
  /** Container id, 12 or 64 hexadecimal digits; `unknown` where a container is certain and its id is not. */
  container?: string;
  /** Container's name in its pod or task definition. */
  containerName?: string;
  namespace?: string;
  pod?: string;
  /** The pod's owner where the record names it. */
  workload?: string;
  cluster?: string;
  /** ECS task definition family. */
  family?: string;
  /** ECS task id. */
  task?: string;
  image?: string;
  /** Seen on the wire: a flow or resolver record, which names no process. */
  network?: true;
}

/** Where evidence belongs. `-` stands for an account or region that nothing told. */
export interface Place {
  readonly account: string;
  readonly region: string;
  /** EC2 instance id, `cluster/family` of ECS, or interface, address, host name or `stream:` and its name while nothing better is known. */
  readonly host: string;
  /** `host`, `network`, `namespace/workload/container`, `family/container`, a container id, `container:unknown` or `overflow`. */
  readonly scope: string;
}

export type Host = Omit<Place, 'scope'>;

export const UNKNOWN = '-';
export const HOST_SCOPE = 'host';
export const NETWORK_SCOPE = 'network';
/** Takes the evidence of scopes beyond the cap of a host and day; it links by artifact alone. */
export const OVERFLOW_SCOPE = 'overflow';
/**
 * The host of test chains that a deployed stack is sent, in its own account and region: an instance id that no instance
 * bears. EC2 draws ids from 68 bits and hands none out twice ("Resource IDs" in its user guide); that it should draw all
 * zeros is as unlikely as any one id, and then that instance's records would still be read, under the names that their
 * sources have for it. Evidence gets this host only by the log group for tests, never by what a record says.
 */
export const TEST_HOST = 'i-00000000000000000';
/** Log groups of test chains, a stack's name behind it. Not below the prefix of own logs, which are never read. */
export const TEST_LOG_PREFIX = '/davylamp-test/';

/** True for a scope that is a container, pod or task rather than the host itself or the wire. */
export function isContainerScope(scope: string): boolean {
  return scope !== HOST_SCOPE && scope !== NETWORK_SCOPE;
}

/**
 * What shows that evidence of one scope belongs together or apart: a login session with a set login uid, a named
 * unit or cgroup, a package or configuration manager, `-` where nothing is named, `+` beyond the cap of keys.
 */
export type LinkKey = `ses:${string}` | `unit:${string}` | 'pkg' | '-' | '+';

export const ARTIFACT_KINDS = [
  'path',
  'wallet',
  'coin',
  'pool',
  'proxy',
  'url',
  'cmd',
  'algo',
  'worker',
  'register',
  'rival',
  'agent',
  'unit',
  'image',
  'miner',
] as const;
export type ArtifactKind = (typeof ARTIFACT_KINDS)[number];

/**
 * A thing that evidence names, as `kind:value`: `path:/tmp/.x/xmrig`, `pool:pool.example.com:3333` (host in lower
 * case, port where known, IPv6 in brackets), `wallet:48ed…` (checksum verified), `url:http://…`, `cmd:…` (the command
 * a cron line or unit starts, redacted), `register:0x1a4`, `rival:kinsing` (a miner that was killed),
 * `agent:falco` (a security agent that was stopped). Values are at most `MAX_ARTIFACT` characters.
 */
export type Artifact = `${ArtifactKind}:${string}`;
export const MAX_ARTIFACT = 512;

const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/**
 * Makes an artifact of a value from a log: length bounded, control characters written out as `\u{1b}`, as reports show
 * them elsewhere, so that two values that differ in them stay two and a reader knows what the log holds.
 */
export function artifact(kind: ArtifactKind, value: string): Artifact {
  const text = value.slice(0, MAX_ARTIFACT);
  const written = text.replace(CONTROL, (char) => `\\u{${char.charCodeAt(0).toString(16)}}`);
  if (written.length <= MAX_ARTIFACT) return `${kind}:${written}`;
  // No half of a written character at the end: it would read as text of the log.
  return `${kind}:${written.slice(0, MAX_ARTIFACT).replace(/\\(?:u(?:\{[0-9a-f]{0,2})?)?$/, '')}`;
}

export function artifactKind(of: Artifact): ArtifactKind {
  return of.slice(0, of.indexOf(':')) as ArtifactKind;
}

export function artifactValue(of: Artifact): string {
  return of.slice(of.indexOf(':') + 1);
}
