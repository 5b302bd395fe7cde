import { isQuarantined } from '#shared/classify/quarantine.ts';
import type { Defaults } from '#shared/context/resolve.ts';
import { DEFAULT_MATRIX } from '#shared/correlate/matrix.ts';
import type { Store } from '#shared/correlate/store.ts';
import { lineEnd } from '#shared/events/byte-lines.ts';
import { envelopeFormats } from '#shared/events/decode/envelopes.ts';
import { namesTime } from '#shared/events/vpc-flow/fields.ts';
import { VPC_FLOW } from '#shared/events/vpc-flow/reader.ts';
import { flowHeader } from '#shared/events/vpc-flow/recognise.ts';
import type { Event } from '#shared/model/event.ts';
import type { Group } from '#shared/model/groups.ts';
import { type Claims, TEST_HOST, TEST_LOG_PREFIX } from '#shared/model/place.ts';
import type { Format, ReaderOptions, Sink } from '#shared/model/reader.ts';
import { type Detector, Run, storeEvidence } from '#shared/pipeline.ts';
import type { HostIdentities } from './host-identities.ts';
import type { SharedKnowledge } from './knowledge.ts';
import { type TestTally, testClaims, withoutTestHost } from './synthetic.ts';
import type { Tally } from './tally.ts';

/** Longest line in bytes; longer ones are counted, not read. */
const MAX_LINE = 1_048_576;
/** A stream is read again at most this often, as `scan` reads a file: what a miner names may stand behind what met it. */
const MAX_PASSES = 3;

/** What a classifier needs, made once a container. */
export interface Intake {
  readonly detector: Detector;
  /** Formats of single records that this classifier takes, in any envelope. */
  readonly formats: readonly Format[];
  /** Fields of flow logs that come without a header. */
  readonly flowFormat?: readonly string[];
  /** Account and region of records that name none. */
  readonly defaults: Defaults;
  readonly windowHours: number;
  /** Log groups below it are davylamp's own and never read, whatever way they come. */
  readonly ownLogPrefix: string;
  /** The log group of test chains, where this classifier takes them. */
  readonly testLogGroup?: string;
  readonly merge: Store['merge'];
  /** What other runs learned, and what they are to know of this one. */
  readonly knowledge: SharedKnowledge;
  readonly identities: HostIdentities;
}

/** One log batch or object. */
export interface RecordStream {
  /** Opens the bytes in whole lines from the beginning. */
  readonly open: () => AsyncIterable<Buffer> | Iterable<Buffer>;
  readonly origin: Claims;
  readonly raw: ReaderOptions['raw'];
  /** When it came, milliseconds since the epoch. */
  readonly arrival: number;
  /** The trigger itself says that it came by the log group for tests. */
  readonly test?: true;
}

/** What the records of one invocation came to. */
export interface Tallies {
  readonly all: Tally;
  readonly tests: TestTally;
}

/**
 * Classifies the records of one stream and stores their evidence; events whose time is not credible are counted and left
 * out. The outcome is the same however often it is repeated. A test learns nothing from real hosts and teaches them
 * nothing: neither the watch list nor what is known of hosts.
 */
export async function takeIn(intake: Intake, stream: RecordStream, tallies: Tallies): Promise<void> {
  const { detector, defaults, windowHours, merge, knowledge, identities } = intake;
  const isTest = stream.test === true;
  const tally = tallies.all;
  const run = new Run(detector, { defaults, matrix: { ...DEFAULT_MATRIX, windowHours } });
  if (!isTest) run.recall(await knowledge.known());
  let indicators = await readOnce(run, intake, stream, tallies, true);
  for (let pass = 1; pass < MAX_PASSES && indicators.stale(); pass++) {
    indicators = await readOnce(run, intake, stream, tallies, false);
  }
  tally.countIndicators(indicators.counts);
  if (!isTest) run.identify((await identities.identify(run.unidentified())).filter(({ host }) => host !== TEST_HOST));
  const placed = run.place();
  if (!isTest) await knowledge.tell(run.takeLearned());
  const results = await storeEvidence(placed.evidence, merge);
  if (!isTest) await identities.remember(run.memberships(placed));
  const unchanged = results.filter((result) => result === 'same').length;
  tally.unchanged += unchanged;
  tally.written += results.length - unchanged;
}

interface Pass {
  readonly counts: ReadonlyMap<Group, number>;
  /** Whether the watch list has learned since what these records should be looked at for. */
  readonly stale: () => boolean;
}

async function readOnce(
  run: Run,
  intake: Intake,
  stream: RecordStream,
  tallies: Tallies,
  first: boolean,
): Promise<Pass> {
  const known = { names: run.learned('resolver'), all: run.learned('flow') };
  const counts = new Map<Group, number>();
  let opened: ReturnType<Run['open']> | undefined;
  let sink: Sink = SILENT;
  for await (const chunk of stream.open()) {
    opened ??= run.open([...envelopeFormats(intake.formats), ...intake.formats], optionsFor(intake, stream, chunk));
    const { take } = opened;
    const count = (event: Event): void => {
      for (const { group } of take(event)) counts.set(group, (counts.get(group) ?? 0) + 1);
    };
    if (sink === SILENT) sink = sinkFor(count, intake, stream, tallies, first);
    opened.reader.read(chunk, sink);
  }
  opened?.reader.finish(sink);
  const met = opened?.metAddresses() === true;
  const looks = new Set(intake.formats.map((format) => format.look));
  const stale = (): boolean =>
    (looks.has('resolver') && run.learned('resolver') > known.names) ||
    (met && (looks.has('process') || looks.has('flow')) && run.learned('flow') > known.all);
  return { counts, stale };
}

const SILENT: Sink = { event() {}, unreadable() {}, read() {}, time() {}, settled() {} };

/** Records are counted in the first pass alone; later ones read them again. */
function sinkFor(
  take: (event: Event) => void,
  intake: Intake,
  stream: RecordStream,
  { all, tests }: Tallies,
  first: boolean,
): Sink {
  const { arrival } = stream;
  const claimsOf = stream.test === true ? testClaimsOf(intake) : realClaimsOf(tests, first);
  const event = (one: Event): void => {
    if (one.raw.logGroup?.startsWith(intake.ownLogPrefix) === true) return;
    const claims = claimsOf(one);
    if (claims === undefined) return;
    const quarantined = isQuarantined(one, arrival);
    if (!quarantined) take(claims === one.claims ? one : { ...one, claims });
    if (!first) return;
    if (quarantined) all.quarantined += 1;
    else if (stream.test !== true) all.sawTime(one.time);
  };
  if (!first) return { ...SILENT, event };
  return {
    event,
    unreadable: (error) => all.countUnreadable(error.kind),
    read: (records) => {
      if (stream.test === true) tests.records += records;
      else all.records += records;
    },
    time: (at) => {
      if (at <= arrival && stream.test !== true) all.sawTime(at);
    },
    settled: () => {},
  };
}

/** The claims by which an event gets its place; `undefined` for one that is not to be read. */
type ClaimsOf = (event: Event) => Claims | undefined;

const testClaimsOf =
  ({ defaults }: Intake): ClaimsOf =>
  ({ claims }) =>
    testClaims(claims, defaults);

/**
 * Of a real source. What came by a log group for tests, and on by a bucket, is in the stack already; that it did is what
 * the object says, so it counts for nothing else.
 */
const realClaimsOf =
  (tests: TestTally, counts: boolean): ClaimsOf =>
  ({ claims, raw }) => {
    const elsewhere = raw.logGroup?.startsWith(TEST_LOG_PREFIX) === true;
    const kept = elsewhere ? undefined : withoutTestHost(claims);
    if (counts && (elsewhere || kept !== undefined)) tests.refused += 1;
    return elsewhere ? undefined : (kept ?? claims);
  };

function optionsFor({ formats, flowFormat }: Intake, stream: RecordStream, chunk: Buffer): ReaderOptions {
  return {
    origin: stream.origin,
    raw: stream.raw,
    maxLine: MAX_LINE,
    ...(flowFormat === undefined ? {} : { flowFormat }),
    ...(formats.includes(VPC_FLOW) && isUntimed(chunk, flowFormat) ? { envelopeTime: stream.arrival } : {}),
  };
}

/** Whether a flow log's fields, by its header or as configured, name no time: then its arrival is the best that is known. */
function isUntimed(chunk: Buffer, flowFormat: readonly string[] | undefined): boolean {
  const fields = flowHeader(chunk, 0, lineEnd(chunk, 0, chunk.length)) ?? flowFormat;
  return fields !== undefined && !namesTime(fields);
}
