import { Aggregator } from './classify/aggregate.ts';
import { type Classifier, classifierOf } from './classify/classify.ts';
import { compileInterest } from './classify/interest.ts';
import { learnFrom } from './classify/learn.ts';
import { hostKey, type Placed, placeEvidence } from './classify/place.ts';
import { Identities } from './context/identities.ts';
import { linkableBy } from './context/linkable.ts';
import { aliasOf, memberOf, membershipOf } from './context/memberships.ts';
import type { Defaults } from './context/resolve.ts';
import { correlateHost } from './correlate/correlate-host.ts';
import { DEFAULT_MATRIX } from './correlate/matrix.ts';
import type { Store } from './correlate/store.ts';
import { StreamReader } from './events/stream.ts';
import type { CompiledIntel } from './intel/compile.ts';
import { WatchListBuilder } from './intel/watch-list.ts';
import type { Analyzer } from './model/analyzer.ts';
import { CLASS, type Event } from './model/event.ts';
import type { Evidence } from './model/evidence.ts';
import type { Head } from './model/finding.ts';
import type { Indicator } from './model/indicator.ts';
import type { Knowledge } from './model/intel.ts';
import type { Matrix } from './model/matrix.ts';
import type { Membership } from './model/membership.ts';
import type { Host } from './model/place.ts';
import type { Format, Interest, Look, ReaderOptions } from './model/reader.ts';

/**
 * The way of one record, in order: a line becomes an event (`events/`), the event indicators (`classify/`), these
 * evidence with a place (`context/`), evidence is stored and folded to findings (`correlate/`). Handlers and the
 * command line both go this way and add only where bytes come from and where findings go.
 */
export interface Detector {
  readonly analyzers: readonly Analyzer[];
  readonly intel: CompiledIntel;
}

export interface RunOptions {
  /** Account and region of sources that name none. */
  readonly defaults: Defaults;
  readonly matrix: Matrix;
}

/** One stream that is being read. */
export interface OpenStream {
  readonly reader: StreamReader;
  /** Takes an event of the reader, and tells what it is a sign of. */
  readonly take: (event: Event) => readonly Indicator[];
  /** Whether remote addresses were met: a look for them has a use once the watch list has grown. */
  readonly metAddresses: () => boolean;
}

/** One run over any number of streams: everything that is learned in it serves all of them. */
export class Run {
  readonly #detector: Detector;
  readonly #options: RunOptions;
  readonly #classify: Classifier;
  readonly #aggregator = new Aggregator();
  readonly #watch: WatchListBuilder;
  readonly identities = new Identities();

  constructor(detector: Detector, options: Partial<RunOptions> = {}) {
    this.#detector = detector;
    this.#options = { defaults: {}, matrix: DEFAULT_MATRIX, ...options };
    this.#watch = new WatchListBuilder(detector.intel);
    this.#classify = classifierOf(detector.analyzers, detector.intel);
  }

  /** How much the watch list has learned that a later look reads by; a stream read before it grew is read again. */
  learned(look: Look): number {
    return look === 'process' ? 0 : look === 'resolver' ? this.#watch.endpoints : this.#watch.version;
  }

  /** Takes what other runs learned, before a stream is opened. */
  recall(knowledge: Knowledge): void {
    this.#watch.recall(knowledge);
  }

  /** What this run learned since it was last asked, for other runs. */
  takeLearned(): Knowledge {
    return this.#watch.takeAdded();
  }

  /** A reader for one stream, with what is known now as its interest. */
  open(formats: readonly Format[], options: ReaderOptions): OpenStream {
    const watch = this.#watch.freeze();
    const interest = compileInterest(this.#detector.analyzers, this.#detector.intel, watch);
    let met = false;
    const address: Interest['address'] = (bytes, from, to) => {
      met = true;
      return interest.address(bytes, from, to);
    };
    const take = (event: Event): readonly Indicator[] => {
      met ||= event.class === CLASS.network;
      const indicators = this.#classify(event, watch);
      this.identities.observe(event.claims, event.time);
      learnFrom(event, indicators, this.#detector.intel, watch, this.#watch);
      for (const indicator of indicators) {
        this.identities.observe(indicator.claims, indicator.time);
        this.#aggregator.add(indicator);
      }
      return indicators;
    };
    return { reader: new StreamReader(formats, { ...interest, address }, options), take, metAddresses: () => met };
  }

  /** Hosts of the evidence that are named by interface, address, name or stream alone: others may know them better. */
  unidentified(): readonly Host[] {
    const members = this.#aggregator.unplaced().flatMap(({ claims }) => memberOf(claims, this.#options.defaults) ?? []);
    return [...new Map(members.map((member) => [hostKey(member), member])).values()];
  }

  /** Takes what others know of hosts, before evidence gets its place. */
  identify(memberships: readonly Membership[]): void {
    for (const membership of memberships) this.identities.add(aliasOf(membership));
  }

  /** What is known of the hosts that have evidence, for other runs and the correlator. */
  memberships({ evidence }: Placed): readonly Membership[] {
    const hosts = new Set(evidence.map((one) => hostKey(one.place)));
    return this.identities
      .aliases()
      .map((alias) => membershipOf(alias, this.#options.defaults))
      .filter(({ member, host }) => member.host !== host && hosts.has(hostKey({ ...member, host })));
  }

  /** Evidence with its place, once everything has been read. */
  place(): Placed {
    const { defaults, matrix } = this.#options;
    return placeEvidence(this.#aggregator.unplaced(), this.identities, defaults, matrix.windowHours);
  }

  /** Stores the evidence and folds each host that it touches; gives the heads, findings within. */
  async correlate(placed: Placed, store: Store): Promise<readonly Head[]> {
    await storeEvidence(placed.evidence, store.merge);
    const linkable = linkableBy(this.#detector.intel);
    const hosts = Map.groupBy(placed.evidence, (one) => hostKey(one.place));
    const heads = await inFlight([...hosts], ([key, evidence]) =>
      correlateHost(store, touchedBy(evidence), {
        matrix: this.#options.matrix,
        linkable,
        notes: placed.notes.get(key) ?? [],
      }),
    );
    return heads.flat().map((one) => one.head);
  }
}

/** Classifies one event without a watch list, as `davylamp classify` shows it. */
export function classifyAlone(detector: Detector): (event: Event) => readonly Indicator[] {
  const classify = classifierOf(detector.analyzers, detector.intel);
  const watch = new WatchListBuilder(detector.intel).freeze();
  return (event) => classify(event, watch);
}

function touchedBy(evidence: readonly Evidence[]): Parameters<typeof correlateHost>[1] {
  const hours = evidence.map((one) => one.hour);
  const [first] = evidence;
  if (first === undefined) throw new RangeError('a host without evidence');
  const { account, region, host } = first.place;
  return {
    host: { account, region, host },
    scopes: [...new Set(evidence.map((one) => one.place.scope))],
    from: hours.reduce((a, b) => Math.min(a, b)),
    to: hours.reduce((a, b) => Math.max(a, b)),
  };
}

/** Joins each item with what is stored, some at once; gives what became of each. A failure is thrown once none is on its way. */
export function storeEvidence(evidence: readonly Evidence[], merge: Store['merge']): Promise<Merged[]> {
  return inFlight(evidence, merge);
}

type Merged = Awaited<ReturnType<Store['merge']>>;

/** Writes in flight at once: a local table takes twice as many a second so, and a deployed one is not flooded. */
const IN_FLIGHT = 16;

async function inFlight<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length);
  const failures: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length && failures.length === 0; index = next++) {
      try {
        results[index] = await work(items[index] as T);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}
