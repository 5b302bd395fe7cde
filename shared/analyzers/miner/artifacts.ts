import { endpointArtifact } from '#shared/model/endpoint.ts';
import type { MinerEntry } from '#shared/model/intel.ts';
import { type Artifact, artifact } from '#shared/model/place.ts';
import type { Program } from '../command/program.ts';
import type { FoundWallet } from '../wallet/find.ts';
import type { MinerArguments } from './arguments.ts';
import { isCoinMinerName, publishedImage } from './image-names.ts';
import type { PoolUrl } from './pool-url.ts';

/** MITRE ATT&CK: Resource Hijacking: Compute Hijacking. */
export const MINER_TECHNIQUE = 'T1496.001';

const MAX_OF_A_KIND = 32;

const cut = <T>(all: readonly T[]): readonly T[] => all.slice(0, MAX_OF_A_KIND);

/** Pools as `pool:` and proxies as `proxy:` artifacts. */
export function endpointArtifacts(pools: readonly PoolUrl[], proxies: readonly PoolUrl[]): readonly Artifact[] {
  return [
    ...cut(pools).map(({ endpoint }) => endpointArtifact(endpoint)),
    ...cut(proxies).map(({ endpoint }) => artifact('proxy', endpointArtifact(endpoint).slice('pool:'.length))),
  ];
}

/** Verified wallets and their coins, where the address names one coin. */
export function walletArtifacts(wallets: readonly FoundWallet[]): readonly Artifact[] {
  return cut(wallets.filter(({ checksum }) => checksum === 'verified')).flatMap(({ address, coins }) => [
    artifact('wallet', address),
    ...(coins.length === 1 ? coins.map((coin) => artifact('coin', coin)) : []),
  ]);
}

/**
 * Whether a path is a file that has none: `/memfd:NAME`, or a descriptor as exec and fexecve(3) are given it
 * (`/proc/self/fd/3`, `/dev/fd/3`). Code loaded into memory runs under either.
 */
export function isMemoryPath(path: string): boolean {
  return /^\/?memfd:|^\/(?:proc\/(?:self|thread-self|\d{1,10})|dev)\/fd\/\d{1,10}(?: \(deleted\))?$/.test(path);
}

/** The path that runs, without what the kernel and rpm add to a deleted one; empty for bare names and for memory files. */
export function pathArtifacts(path: string): readonly Artifact[] {
  const bare = path.replace(/ \(deleted\)$/, '').replace(/;[0-9a-f]{8}$/, '');
  return bare.startsWith('/') && !isMemoryPath(bare) ? [artifact('path', bare)] : [];
}

/** Path, image, pools, proxies, wallets, coins, algorithms, workers and configuration URL of a program. */
export function programArtifacts(
  program: Program,
  said: MinerArguments,
  pools: readonly PoolUrl[],
  entry: MinerEntry | undefined,
): readonly Artifact[] {
  const { container } = program;
  const all: Artifact[] = [
    ...pathArtifacts(program.path),
    ...(entry === undefined ? [] : [artifact('miner', entry.name)]),
    ...(container?.image === undefined ? [] : [artifact('image', container.image)]),
    ...endpointArtifacts(pools, said.proxies),
    ...walletArtifacts(said.wallets),
    ...cut(said.algorithms).map(({ name }) => artifact('algo', name)),
    ...cut(said.coins).map((coin) => artifact('coin', coin)),
    ...cut(said.workers).map((worker) => artifact('worker', worker)),
    ...(said.config !== undefined && /^https?:\/\//.test(said.config) ? [artifact('url', said.config)] : []),
  ];
  return [...new Set(all)];
}

/** Words of images that show, count or watch what miners do, and mine nothing. */
const LOOKS_AT_MINERS: ReadonlySet<string> = new Set(
  `exporter exporters dashboard dash monitor monitoring grafana metrics prometheus prom telemetry stats statistics status api
   ui webui gui web frontend notifier alert alerts alerting watcher bot panel`.split(/\s+/),
);

/**
 * Whether an image reference names a miner: it is a miner's published image in any registry, or one of its name's words
 * is a miner's listed name, or it is named after a coin and mining; an exporter's or dashboard's is not.
 */
export function imageMiner(image: string, miner: (base: string) => MinerEntry | undefined): MinerEntry | undefined {
  const name = repository(image);
  const published = publishedImage(name);
  if (published !== undefined) return (published.program && miner(published.program)) || imageEntry(published);
  const words = name.split(/[/_.-]/);
  const base = name.slice(name.lastIndexOf('/') + 1);
  // The account says who pushed it, not what it does: `monitoring/xmrig` mines.
  if (base.split(/[_.-]/).some((word) => LOOKS_AT_MINERS.has(word.toLowerCase()))) return undefined;
  for (const word of [...name.split('/'), ...words]) {
    const entry = miner(word);
    if (entry !== undefined && entry.generic !== true) return entry;
  }
  return isCoinMinerName(base)
    ? imageEntry({ name: base.toLowerCase(), source: 'a name made of a coin and mining' })
    : undefined;
}

/**
 * Account and name of an image's repository: without the registry (a first part with a dot or a port, or `localhost`),
 * tag and digest (distribution/reference: the grammar of references). Neither says what the image does.
 */
function repository(image: string): string {
  const parts = image
    .slice(0, 512)
    .replace(/@.*$/s, '')
    .replace(/:[^/:]*$/, '')
    .split('/');
  const own = parts.length > 1 && /[.:]|^localhost$/.test(parts[0] ?? '') ? parts.slice(1) : parts;
  return own.slice(-2).join('/');
}

function imageEntry({ name, source }: { readonly name: string; readonly source: string }): MinerEntry {
  return { name, kind: 'miner', source };
}
