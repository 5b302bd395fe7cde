import { type Event, type Process, processOf } from '#shared/model/event.ts';
import type { Intel, MinerEntry } from '#shared/model/intel.ts';
import { launcherOf } from '../command/launchers.ts';
import { baseName, isInterpreter, isShell, MULTI_CALL, NAMED_BY_CALLER, onlyNames } from '../command/names.ts';
import { isHiddenPath, isWritablePath, type Program } from '../command/program.ts';

/** All text of an event's process, for a gate. */
export function processTexts(of: Process): readonly (string | undefined)[] {
  return [
    of.argv === undefined ? undefined : of.argv.join(' '),
    of.executable,
    of.name,
    of.workingDirectory,
    ...(of.environment === undefined ? [] : Object.entries(of.environment).map(([name, value]) => `${name}=${value}`)),
  ];
}

/** The process of an event, and whether it is known that its start failed. */
export function actorOf(event: Event): { readonly actor: Process; readonly failed: boolean } | undefined {
  const actor = processOf(event);
  if (actor === undefined) return undefined;
  return { actor, failed: event.class === 1007 && event.success === false };
}

/** Whether a file lies where only somebody who hides, or who has no right elsewhere, would put a program. */
export function isSuspectPath(path: string): boolean {
  return isWritablePath(path) || isHiddenPath(path);
}

/**
 * The list's entry for a path's base name. Names that benign programs share count only in a writable or hidden folder;
 * names of malware in /etc too, where no program belongs.
 */
export function listedMiner(path: string, intel: Intel): MinerEntry | undefined {
  const entry = intel.miner(baseName(path)) ?? undefined;
  if (entry?.generic !== true) return entry;
  const bare = path.replace(/ \(deleted\)$/, '');
  const inEtc = entry.kind === 'malware' && /^\/etc\/[^/]+$/.test(bare);
  return isSuspectPath(bare) || inEtc ? entry : undefined;
}

/**
 * The entry for malware whose name is a word that others may use too, in a place that says nothing: `/usr/bin/bprofr`,
 * `/mnt/-java`. A weak sign. The kernel's own threads have no path.
 */
export function namedLikeMalware(path: string, intel: Intel): MinerEntry | undefined {
  if (!path.startsWith('/')) return undefined;
  const entry = intel.miner(baseName(path));
  return entry?.generic === true && entry.kind === 'malware' ? entry : undefined;
}

/**
 * Whether a path is a miner's alone, so that what runs from it is that miner: not an interpreter, shell, launcher or tool
 * that other work of the host shares.
 */
export function isMinersOwnPath(path: string): boolean {
  if (!path.startsWith('/')) return false;
  const base = baseName(path);
  const many = MULTI_CALL.has(base) || NAMED_BY_CALLER.has(base) || /^java\d{0,2}$/.test(base);
  return !many && !isShell(base) && !isInterpreter(base) && launcherOf(base) === undefined && !onlyNames(base);
}

/** Programs that handle addresses for a living: nodes, wallets, payment servers. A wallet in their words is their work. */
const WALLET_SOFTWARE: ReadonlySet<string> = new Set(
  `monerod monero-wallet-cli monero-wallet-rpc monero-wallet-gui feather bitcoind bitcoin-cli bitcoin-qt bitcoin-tx electrum
   litecoind litecoin-cli dogecoind dogecoin-cli dashd zcashd zcash-cli geth reth erigon lighthouse kaspad kaspactl
   ravend raven-cli wownerod wownero-wallet-cli zephyrd salviumd solana solana-keygen cast forge btcpayserver lnd lncli
   lightningd lightning-cli conflux`.split(/\s+/),
);

/** Whether a program is a node, a wallet or a payment server by its base name. */
export function isWalletSoftware(name: string): boolean {
  return WALLET_SOFTWARE.has(name.toLowerCase());
}

/** One line of a program's words for a reason; redacted later. */
export function spoken(program: Program): string {
  return program.argv.join(' ').slice(0, 160);
}
