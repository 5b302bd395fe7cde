import type { Endpoint } from './endpoint.ts';

/** Only `pool` and `proxy` count for pool connection. */
export type NameKind = 'pool' | 'proxy' | 'coin_site' | 'browser_miner' | 'wallet_site';

/** A listed DNS name and all names below it. */
export interface NameEntry {
  readonly name: string;
  readonly kind: NameKind;
  readonly operator: string;
  /** Where the fact comes from, and when it was read (ISO date). */
  readonly source: string;
  readonly date: string;
  /** Coin codes where the operator serves few. */
  readonly coins?: readonly string[];
  /** The bare name and its site labels (www, api, docs) are pool endpoints too. */
  readonly siteIsPool?: true;
}

/** A listed address of a pool or proxy. */
export interface AddressEntry {
  readonly address: string;
  readonly port?: number;
  readonly operator: string;
  readonly source: string;
  readonly date: string;
}

/** A listed program of a miner or of miner malware. */
export interface MinerEntry {
  readonly name: string;
  readonly kind: 'miner' | 'malware';
  /** Also the name of something benign: counts only for a path in a writable or hidden folder. */
  readonly generic?: true;
  readonly source: string;
}

export interface NameMatch {
  readonly entry: NameEntry;
  /** The name that matched, without case, trailing dot and search suffix. */
  readonly name: string;
  /** A site label (the bare name, www, api, docs): weak unless the entry says otherwise. */
  readonly site: boolean;
}

/** What the lists under `intel/` say. Pure look-ups. */
export interface Intel {
  /** Of a DNS name in any spelling; whole labels only, search suffixes of AWS and Kubernetes removed. */
  name(dns: string): NameMatch | undefined;
  /** Of an address in canonical text; with a port, entries of another port don't match. */
  address(ip: string, port?: number): AddressEntry | undefined;
  /** Of a program's base name, exactly (a list of prefixes apart: `cpuminer-…`). */
  miner(baseName: string): MinerEntry | undefined;
  /** Whether an address lies in a range shared by many tenants (CDN, AWS service): never learned, never bound. */
  shared(ip: string): boolean;
}

/** A name that a miner or the list gave, bound to an address by a DNS answer. */
export interface Binding {
  readonly name: string;
  /** Within an hour of an answer that gave the address; else only a candidate for one window. */
  readonly direct: boolean;
  /** The port that the miner named, for a learned name. */
  readonly port?: number;
  readonly learned: boolean;
}

/** Endpoints learned in this run or stored before. Immutable in one look. */
export interface WatchList {
  /** Endpoints learned of this address and port, as their miner named them. */
  endpoint(ip: string, port: number | undefined): readonly LearnedEndpoint[];
  /** Endpoints learned under this DNS name. */
  name(dns: string): readonly LearnedEndpoint[];
  /** Names that this address answered for, at this event time (milliseconds). */
  resolved(account: string | undefined, vpc: string | undefined, ip: string, at: number): readonly Binding[];
}

export interface LearnedEndpoint {
  readonly endpoint: Endpoint;
  /** The miner's proxy (`-x`), not its pool. */
  readonly proxy: boolean;
}

/** One endpoint that a miner named. */
export interface Lesson extends LearnedEndpoint {
  /** Who named the endpoint: a text that is equal for events of one place. */
  readonly learner: string;
  /** Event time, milliseconds since the epoch. */
  readonly at: number;
}

/** One address of one answer of a resolver. */
export interface Answer {
  readonly account?: string | undefined;
  readonly vpc?: string | undefined;
  /** The name asked for: listed as a pool, or learned. */
  readonly name: string;
  readonly address: string;
  /** Event time of the answer, milliseconds since the epoch. */
  readonly at: number;
  readonly learned: boolean;
  /** The port that the miner named, for a learned name. */
  readonly port?: number | undefined;
}

/** What one run learned and others should know. */
export interface Knowledge {
  readonly lessons: readonly Lesson[];
  readonly answers: readonly Answer[];
}

/** A watch list that knows nothing. */
export const EMPTY_WATCH_LIST: WatchList = { endpoint: () => [], name: () => [], resolved: () => [] };
