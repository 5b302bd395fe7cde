import { parse } from 'tldts';
import { canonicalAddress, isPublicAddress } from '#shared/model/address.ts';
import type { AddressEntry, Intel, MinerEntry, NameEntry } from '#shared/model/intel.ts';
import { type RangeEntry, type Read, readAddresses, readNames, readPrograms, readRanges } from './lists.ts';
import { isBelow, NameIndex, normalizeName } from './names.ts';
import { ProgramIndex } from './programs.ts';
import { RangeSet, rangeFault } from './ranges.ts';

export { normalizeName } from './names.ts';

/** Look-ups, and what a prefilter on bytes is made of. */
export interface CompiledIntel extends Intel {
  /** Every listed name, whatever its kind. */
  names(): Iterable<string>;
  /** Every listed address in canonical text. */
  addresses(): Iterable<string>;
  /** Listed programs in lower case, patterns without the mark at their end. */
  programs(): Iterable<string>;
}

/** The four lists as read from JSON. To merge several sources, concatenate the arrays of each list. */
export interface IntelLists {
  readonly names: unknown;
  readonly addresses: unknown;
  readonly programs: unknown;
  readonly ranges: unknown;
}

/** Names that hold other people's hosts and are missing from the public suffix list. */
const SHARED_HOSTS: ReadonlySet<string> = new Set(
  'amazonaws.com googleusercontent.com mooo.com us.to ip28.net mysrv.cloud afraid.org contaboserver.net'.split(' '),
);

/**
 * Checks the lists and makes look-ups of them; on any fault gives all of them instead, one line each.
 *
 * Two entries of one name, address and port, or program are a fault that names both sources, also where a user's list
 * repeats ours: letting the later one win would hide which source an alarm speaks of.
 */
export function compileIntel(lists: IntelLists): { intel: CompiledIntel } | { errors: readonly string[] } {
  const names = readNames(lists.names);
  const addresses = readAddresses(lists.addresses);
  const programs = readPrograms(lists.programs);
  const ranges = readRanges(lists.ranges);
  const errors = [
    ...[names, addresses, programs, ranges].flatMap((one: Read<unknown>) => one.errors),
    ...nameFaults(names.entries),
    ...addressFaults(addresses.entries),
    ...programFaults(programs.entries),
    ...rangeFaults(ranges.entries),
    ...sharedFaults(addresses.entries, ranges.entries),
  ];
  if (errors.length > 0) return { errors };
  return { intel: makeIntel(names.entries, addresses.entries, programs.entries, ranges.entries) };
}

function makeIntel(
  names: readonly NameEntry[],
  addresses: readonly AddressEntry[],
  programs: readonly MinerEntry[],
  ranges: readonly RangeEntry[],
): CompiledIntel {
  const index = new NameIndex(names);
  const byAddress = new Map<string, AddressEntry[]>();
  for (const entry of addresses) {
    const ip = canonicalAddress(entry.address) ?? entry.address;
    byAddress.set(ip, [...(byAddress.get(ip) ?? []), entry]);
  }
  const listed = new ProgramIndex(programs);
  const shared = new RangeSet(ranges.map(({ range }) => range));
  return {
    name: (dns) => index.find(dns),
    address: (ip, port) =>
      byAddress.get(ip)?.find((entry) => entry.port === undefined || port === undefined || entry.port === port),
    miner: (baseName) => listed.find(baseName),
    shared: (ip) => shared.has(ip),
    names: () => names.map(({ name }) => name),
    addresses: () => byAddress.keys(),
    programs: () => listed.literals(),
  };
}

function nameFaults(entries: readonly NameEntry[]): string[] {
  const seen = new Map<string, NameEntry>();
  const faults: string[] = [];
  for (const entry of entries) {
    const { name } = entry;
    const where = `name '${name}' (${entry.source})`;
    const fault = nameFault(name);
    if (fault !== undefined) faults.push(`${where}: ${fault}`);
    const twin = seen.get(name);
    if (twin !== undefined) faults.push(`${where}: is listed twice, also by ${twin.source}`);
    seen.set(name, entry);
  }
  for (const entry of entries) {
    const cover = coverOf(entry, seen);
    if (cover !== undefined) {
      faults.push(`name '${entry.name}' (${entry.source}): is covered by '${cover.name}' (${cover.source})`);
    }
  }
  return faults;
}

/** The entry of the same kind above this one, which says all that this one says. */
function coverOf(entry: NameEntry, listed: ReadonlyMap<string, NameEntry>): NameEntry | undefined {
  for (let dot = entry.name.indexOf('.'); dot >= 0; dot = entry.name.indexOf('.', dot + 1)) {
    const above = listed.get(entry.name.slice(dot + 1));
    if (above?.kind === entry.kind) return above;
  }
  return undefined;
}

function nameFault(name: string): string | undefined {
  if (name !== name.toLowerCase()) return 'is not in lower case';
  if (!isHostName(name)) return 'is no DNS name';
  if (normalizeName(name) !== name) return 'ends in a search suffix';
  if (isBelow(name, 'ntp.org')) return "is the NTP pool's";
  const half = name.slice(0, Math.floor(name.length / 2));
  if (name === `${half}.${half}`) return 'is a doubled suffix';
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    const suffix = name.slice(dot + 1);
    if (suffix.includes('.') && name.endsWith(`${suffix}.${suffix}`)) return 'is a doubled suffix';
  }
  const { publicSuffix } = parse(name, { allowPrivateDomains: true });
  if (publicSuffix === name) return 'is a public suffix';
  if (SHARED_HOSTS.has(name)) return "holds other people's hosts";
  return undefined;
}

/** A name of at least two plausible labels whose last is not a number: what a listed or learned name must be. */
export function isHostName(name: string): boolean {
  if (name.length > 253) return false;
  const labels = name.split('.');
  const last = labels.at(-1) ?? '';
  return labels.length > 1 && labels.every((label) => /^[a-z0-9_-]{1,63}$/.test(label)) && !/^\d+$/.test(last);
}

function addressFaults(entries: readonly AddressEntry[]): string[] {
  const seen = new Map<string, AddressEntry>();
  return entries.flatMap((entry) => {
    const where = `address '${entry.address}' (${entry.source})`;
    const ip = canonicalAddress(entry.address);
    if (ip === undefined) return [`${where}: is no address`];
    if (!isPublicAddress(ip)) return [`${where}: is not public`];
    const key = `${ip} ${entry.port ?? ''}`;
    const twin = seen.get(key);
    seen.set(key, entry);
    return twin === undefined ? [] : [`${where}: is listed twice, also by ${twin.source}`];
  });
}

function programFaults(entries: readonly MinerEntry[]): string[] {
  const seen = new Map<string, MinerEntry>();
  return entries.flatMap((entry) => {
    const where = `program '${entry.name}' (${entry.source})`;
    const name = entry.name.toLowerCase();
    if (!/^[a-z0-9._+-]{1,64}[*#?]?$/.test(name)) return [`${where}: is no base name`];
    if (/[*#?]$/.test(name) && name.length < 5) return [`${where}: is too short for a pattern`];
    const twin = seen.get(name);
    seen.set(name, entry);
    return twin === undefined ? [] : [`${where}: is listed twice, also by ${twin.source}`];
  });
}

function rangeFaults(entries: readonly RangeEntry[]): string[] {
  return entries.flatMap(({ range, source }) => {
    const fault = rangeFault(range);
    return fault === undefined ? [] : [`range '${range}' (${source}): ${fault}`];
  });
}

/** A shared address says nothing of whom a flow went to, so none may be listed. */
function sharedFaults(addresses: readonly AddressEntry[], ranges: readonly RangeEntry[]): string[] {
  const shared = new RangeSet(ranges.map(({ range }) => range).filter((range) => rangeFault(range) === undefined));
  return addresses
    .filter(({ address }) => shared.has(canonicalAddress(address) ?? ''))
    .map(({ address, source }) => `address '${address}' (${source}): lies in a range that many tenants share`);
}
