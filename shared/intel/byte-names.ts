import { lowerName } from './names.ts';

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv), 32 bits, here from the last byte to the first. */
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

const DOT = 0x2e;
const LOWER_L = 0x6c;

/** Search suffixes, the longer before the shorter; behind some, `labels` more go with them (`nameCandidates` says why). */
const SEARCH_SUFFIXES = [
  { suffix: '.ec2.internal', labels: 0 },
  { suffix: '.compute-1.internal', labels: 0 },
  { suffix: '.compute.internal', labels: 1 },
  { suffix: '.internal', labels: 0 },
  { suffix: '.svc.cluster.local', labels: 1 },
  { suffix: '.cluster.local', labels: 0 },
  { suffix: '.local', labels: 0 },
].map(({ suffix, labels }) => ({ bytes: Buffer.from(suffix), labels }));

/** For each byte: 0 when it has no place in a plain DNS name, else itself in lower case. */
const FOLD = makeFold();

function makeFold(): Uint8Array {
  const fold = new Uint8Array(256);
  for (let byte = 0x21; byte < 0x7f; byte++) fold[byte] = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
  fold[0x22] = 0;
  fold[0x5c] = 0;
  return fold;
}

/**
 * Makes a test of the bytes [from, to): whether the DNS name there is, or lies below, one of the names; in any case,
 * with a trailing dot or a search suffix. Never misses a name that `Intel.name` would find; says yes to anything with
 * an odd byte (backslash, quote, control, non-ASCII) and, very rarely, to others. Linear, without allocation.
 */
export function compileNameMatcher(names: Iterable<string>): (bytes: Uint8Array, from: number, to: number) => boolean {
  const table = new HashTable([...names].map((name) => hashText(lowerName(name))));
  return (bytes, from, to) => {
    let end = to;
    while (end > from && bytes[end - 1] === DOT) end--;
    if (end <= from) return false;
    // Both `.internal` and `.local` end in l: elsewhere the whole name is the only one meant.
    const search = FOLD[bytes[end - 1] ?? 0] === LOWER_L ? searchSuffix(bytes, from, end) : undefined;
    if (search === undefined) return table.hasNameIn(bytes, from, end);
    end -= search.bytes.length;
    if (table.hasNameIn(bytes, from, end)) return true;
    if (search.labels === 0) return false;
    do end--;
    while (end > from && bytes[end] !== DOT);
    return end > from && table.hasNameIn(bytes, from, end);
  };
}

function searchSuffix(bytes: Uint8Array, from: number, end: number): (typeof SEARCH_SUFFIXES)[number] | undefined {
  for (const search of SEARCH_SUFFIXES) if (endsIn(search.bytes, bytes, from, end)) return search;
  return undefined;
}

function endsIn(suffix: Uint8Array, bytes: Uint8Array, from: number, end: number): boolean {
  const start = end - suffix.length;
  if (start <= from) return false;
  for (let at = suffix.length - 1; at >= 0; at--) if (FOLD[bytes[start + at] ?? 0] !== suffix[at]) return false;
  return true;
}

function hashText(name: string): number {
  let hash = OFFSET;
  for (let at = name.length - 1; at >= 0; at--) hash = Math.imul(hash ^ name.charCodeAt(at), PRIME);
  return hash;
}

/** A set of 32-bit hashes in one typed array, open addressing; 0 marks a free slot. */
class HashTable {
  readonly #slots: Int32Array;
  readonly #mask: number;

  constructor(hashes: readonly number[]) {
    let size = 1024;
    while (size < hashes.length * 8) size *= 2;
    this.#slots = new Int32Array(size);
    this.#mask = size - 1;
    for (const hash of hashes) {
      const key = hash === 0 ? 1 : hash | 0;
      let slot = this.#slotOf(key);
      while (this.#slots[slot] !== 0 && this.#slots[slot] !== key) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = key;
    }
  }

  /** Whether the name that ends at `end`, or one that it lies below, is in the set. */
  hasNameIn(bytes: Uint8Array, from: number, end: number): boolean {
    let hash = OFFSET;
    for (let at = end - 1; at >= from; at--) {
      const byte = FOLD[bytes[at] ?? 0] ?? 0;
      if (byte === 0) return true;
      if (byte === DOT && this.#has(hash)) return true;
      hash = Math.imul(hash ^ byte, PRIME);
    }
    return this.#has(hash);
  }

  #has(hash: number): boolean {
    const key = hash === 0 ? 1 : hash;
    let slot = this.#slotOf(key);
    while (true) {
      const found = this.#slots[slot];
      if (found === key) return true;
      if (found === 0) return false;
      slot = (slot + 1) & this.#mask;
    }
  }

  #slotOf(key: number): number {
    return (key ^ (key >>> 15)) & this.#mask;
  }
}
