import { baseName } from '#shared/analyzers/command/names.ts';
import type { Intel } from '#shared/model/intel.ts';

/**
 * Units, jobs and init scripts that miner malware installs, without their suffix. Sources: Elastic's rule
 * "Suspicious Mining Process Creation Event", MoneroOcean's and c3pool's set-up scripts, reports on 8220, Migo, Kinsing
 * and Perfctl. Names that benign software bears too (`bot`, `myservice`, `crypto`, `root`) are left out: what they start
 * decides.
 */
const LISTED: ReadonlySet<string> = new Set([
  'moneroocean_miner',
  'c3pool_miner',
  'hashvault_miner',
  'pwnrig',
  'pwnrige',
  'pnsd',
  'apache4',
  'pastebin',
  'xvf',
  'dbused',
  'cdngdn',
  'sysdr',
  'systemd-network-helper',
  'system-kernel',
  'zzh',
  'perfclean',
  'oanacron',
  'oanacroner1',
  'netdns',
]);

const SUFFIX = /\.(?:service|timer|path|socket|target|conf|sh|desktop|rules|ya?ml)$/;
const MAX_NAME = 256;
const MAX_PIECES = 12;

/**
 * Why the name of a unit, task or file points to a miner: it is listed, or a part of it, cut at dashes, dots and
 * underscores, is a listed program (`my-xmrig.service`). `undefined` for every other name.
 */
export function minerName(name: string, intel: Intel): string | undefined {
  const base = baseName(name.slice(0, MAX_NAME)).replace(SUFFIX, '');
  if (LISTED.has(base.toLowerCase())) return `the name ${base} is listed`;
  const marks = [...base.matchAll(/[-_.@ ]/g)].map((mark) => mark.index).slice(0, MAX_PIECES);
  const starts = [0, ...marks.map((at) => at + 1)];
  const ends = [...marks, base.length];
  for (const start of starts) {
    for (const end of ends) {
      if (end <= start) continue;
      const piece = base.slice(start, end);
      const entry = intel.miner(piece);
      if (entry !== undefined && entry.generic !== true) return `the name ${base} holds ${entry.name}`;
    }
  }
  return undefined;
}

/** The listed names that are long enough to be needles for readers. */
export const LISTED_NAMES: readonly string[] = [...LISTED].filter((name) => name.length >= 4);
