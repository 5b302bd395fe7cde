import ipaddr from 'ipaddr.js';

interface Interval {
  readonly first: bigint;
  readonly last: bigint;
}

/** Ranges of addresses as sorted, disjoint intervals, one list for each family. */
export class RangeSet {
  readonly #v4: readonly Interval[];
  readonly #v6: readonly Interval[];

  /** @throws Error on text that is no CIDR block; `parseRange` tells before. */
  constructor(cidrs: Iterable<string>) {
    const v4: Interval[] = [];
    const v6: Interval[] = [];
    for (const cidr of cidrs) {
      const [address, length] = familyOf(cidr).parseCIDR(cidr);
      const bits = address.kind() === 'ipv4' ? 32 : 128;
      const first = (toNumber(address) >> BigInt(bits - length)) << BigInt(bits - length);
      const last = first + (1n << BigInt(bits - length)) - 1n;
      (bits === 32 ? v4 : v6).push({ first, last });
    }
    this.#v4 = merged(v4);
    this.#v6 = merged(v6);
  }

  /** Whether an address in canonical text lies in one of the ranges; false for other text. */
  has(ip: string): boolean {
    if (!ipaddr.isValid(ip)) return false;
    const address = ipaddr.process(ip);
    return contains(address.kind() === 'ipv4' ? this.#v4 : this.#v6, toNumber(address));
  }
}

/** What is wrong with the text of a CIDR block; `undefined` when nothing is. */
export function rangeFault(cidr: string): string | undefined {
  const family = familyOf(cidr);
  if (!family.isValidCIDR(cidr)) return 'is no CIDR block';
  const [address, length] = family.parseCIDR(cidr);
  const bits = address.kind() === 'ipv4' ? 32 : 128;
  const host = toNumber(address) & ((1n << BigInt(bits - length)) - 1n);
  return host === 0n ? undefined : 'has bits set beyond its prefix';
}

/** The library tries IPv6 first and throws for each IPv4 block, which thousands of blocks make slow. */
function familyOf(cidr: string): typeof ipaddr.IPv4 | typeof ipaddr.IPv6 {
  return cidr.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4;
}

function toNumber(address: ipaddr.IPv4 | ipaddr.IPv6): bigint {
  return address.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function merged(intervals: readonly Interval[]): readonly Interval[] {
  const sorted = [...intervals].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const out: Interval[] = [];
  for (const next of sorted) {
    const previous = out.at(-1);
    if (previous === undefined || next.first > previous.last + 1n) out.push(next);
    else if (next.last > previous.last) out[out.length - 1] = { first: previous.first, last: next.last };
  }
  return out;
}

function contains(intervals: readonly Interval[], value: bigint): boolean {
  let low = 0;
  let high = intervals.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const one = intervals[middle];
    if (one === undefined || one.first > value) high = middle;
    else low = middle + 1;
  }
  const before = intervals[low - 1];
  return before !== undefined && value <= before.last;
}
