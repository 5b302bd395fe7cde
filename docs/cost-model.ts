import { cost, STEPS, stepped } from './cost-prices.ts';

/** Days of the model's month. */
const DAYS = 30;
const HOURS = 24 * DAYS;
const GB = 1e9;

export type SourceName = 'flow' | 'dns' | 'runtime';

/**
 * What one invocation of a classifier takes on one processor, milliseconds: for itself, and for a megabyte of log lines
 * in batches of CloudWatch Logs; from docs/cost-measure.ts, rounded up. Objects of S3 have no JSON around each line:
 * twice what `scan` took beyond its start in docs/decisions/0006-speed.md, since it used two processors.
 */
export const PROCESSOR: Readonly<
  Record<SourceName, { readonly invocation: number; readonly batchMegabyte: number; readonly objectMegabyte: number }>
> = {
  flow: { invocation: 4, batchMegabyte: 35, objectMegabyte: 6.4 },
  dns: { invocation: 4, batchMegabyte: 22, objectMegabyte: 4.2 },
  runtime: { invocation: 4, batchMegabyte: 30, objectMegabyte: 8.2 },
};

/** Everything that is assumed and can't be read off the stack; the page gives each with its reason. */
export const ASSUMED = {
  /** Memory of classifiers and correlator, GB, and that of a whole processor, 1,769 MB (Lambda guide, "Memory"). */
  memory: 1,
  processorMemory: 1769 / 1024,
  /** A processor of Lambda on arm64 beside the one that was measured on: no measurement, a margin. */
  slower: 1.5,
  /** Invocations that start a container, and what its start is billed as, seconds. */
  coldShare: 0.01,
  coldSeconds: 0.7,
  /** Bytes of metrics that one invocation writes to the function's own log; Lambda's lines of start and report are off. */
  ownLogBytes: 530,
  /** Months for which the function's own log is kept. */
  ownLogMonths: 3,
  /** Bytes of log lines in one object that a service delivers to S3, before compression. */
  objectBytes: 5e6,
  /** Requests to the queue for one object: sent, received, deleted. */
  queueRequests: 3,
  /** Bytes of an item of evidence and of a head or revision with a finding: measured over samples/scenarios, rounded up. */
  evidenceKilobytes: 2,
  headKilobytes: 11,
  /** Items of evidence in one hour of a mining host, and how often each grows: a session's minutes arrive one by one. */
  itemsInHour: 4,
  growths: 15,
  /** Seconds that one correlation is billed. */
  correlationSeconds: 0.15,
  /** Transitions of one chain that are sent singly: opened, escalated twice, archived. */
  singles: 4,
  /** Writes that one transition adds to what digests and storms are told by. */
  digestWrites: 2,
  /** KMS requests of one encrypted message, and what a channel's invocation is billed at 0.25 GB for one. */
  keyRequests: 4,
  channelGigabyteSeconds: 0.25,
  /** Pieces of 64 KB in one message to the topic and in one to the bus. */
  messagePieces: 2,
  /** Months for which evidence and revisions are kept. */
  evidenceMonths: 3,
  /** Requests to an idle queue that Lambda polls: five long polls of twenty seconds at all times. */
  idlePolls: (5 * HOURS * 3600) / 20,
  /** Runs of the sweeper, what one is billed at 0.5 GB, and its read units. */
  sweeps: HOURS * 12,
  sweepGigabyteSeconds: 0.15,
  sweepReads: 8,
  /** Metrics that a classifier, a channel, the reconciler, and correlator and sweeper together write in a month. */
  classifierMetrics: 8,
  channelMetrics: 3,
  reconcilerMetrics: 1,
  findingMetrics: 8,
} as const;

/** Logs of one source, and how they reach davylamp. */
export interface Logs {
  readonly source: SourceName;
  readonly gigabytesADay: number;
  /** `batches` of CloudWatch Logs with so many bytes of log lines each on average, or `objects` in S3. */
  readonly by: 'objects' | { readonly batchBytes: number };
}

/** Reading logs for one month, US dollars. */
export interface Reading {
  readonly invocations: number;
  readonly requests: number;
  readonly compute: number;
  readonly ownLogs: number;
  /** What S3, EventBridge and the queue take for objects; 0 for batches. */
  readonly objects: number;
}

export const readingTotal = ({ requests, compute, ownLogs, objects }: Reading): number =>
  requests + compute + ownLogs + objects;

/** US dollars of what invocations write to their own log, kept for its months. */
function ownLogs(invocations: number): number {
  const gigabytes = (invocations * ASSUMED.ownLogBytes) / GB;
  return cost('logIngestion', gigabytes) + cost('logStorage', gigabytes * ASSUMED.ownLogMonths);
}

/**
 * What classifying logs costs for a month of thirty days: the size of batches decides how many invocations there are, and
 * each invocation has a price of its own whatever it holds.
 */
export function readingCost({ source, gigabytesADay, by }: Logs): Reading {
  const bytes = gigabytesADay * DAYS * GB;
  const size = by === 'objects' ? ASSUMED.objectBytes : by.batchBytes;
  const invocations = bytes / size;
  const { invocation, batchMegabyte, objectMegabyte } = PROCESSOR[source];
  const milliseconds = invocation + (by === 'objects' ? objectMegabyte : batchMegabyte) * (size / 1e6);
  const warm = (milliseconds / 1000) * (ASSUMED.processorMemory / ASSUMED.memory) * ASSUMED.slower;
  const seconds = warm + ASSUMED.coldShare * ASSUMED.coldSeconds;
  return {
    invocations,
    requests: cost('lambdaRequest', invocations),
    compute: cost('lambdaSecond', invocations * seconds * ASSUMED.memory),
    ownLogs: ownLogs(invocations),
    objects:
      by === 'objects'
        ? cost('objectRead', invocations) +
          cost('objectEvent', invocations) +
          cost('queueRequest', invocations * ASSUMED.queueRequests)
        : 0,
  };
}

/**
 * What AWS takes for bringing a month of logs to where davylamp reads them, US dollars; nothing that davylamp adds where
 * they go there already. Vended logs of all sources share one price that falls by steps; process logs come from an agent
 * and pay that of any log. Keeping the logs is not counted.
 */
export function deliveryCost(logs: readonly Logs[]): number {
  const gigabytes = (one: Logs): number => one.gigabytesADay * DAYS;
  const sum = (some: readonly Logs[]): number => some.reduce((total, one) => total + gigabytes(one), 0);
  const vended = logs.filter(({ source }) => source !== 'runtime');
  const own = logs.filter(({ source, by }) => source === 'runtime' && by !== 'objects');
  const written = logs.filter(({ by }) => by === 'objects');
  return (
    stepped(STEPS.vendedToLogs, sum(vended.filter(({ by }) => by !== 'objects'))) +
    stepped(STEPS.vendedToBucket, sum(vended.filter(({ by }) => by === 'objects'))) +
    cost('logIngestion', sum(own)) +
    cost('objectWrite', (sum(written) * GB) / ASSUMED.objectBytes)
  );
}

/** What is deployed, counted in the synthesized template. */
export interface Deployed {
  /** Metrics that alarms look at: an alarm over a formula is paid for each metric in it. */
  readonly alarmMetrics: number;
  readonly keys: number;
  /** Queues that a function empties. */
  readonly polledQueues: number;
  readonly channels: number;
  /** Sources with at least one log group or bucket. */
  readonly sources: number;
  readonly secrets: number;
}

/** What the deployed stack costs in a month without a single log line, US dollars. */
export function standingCost({ alarmMetrics, keys, polledQueues, channels, sources, secrets }: Deployed): number {
  const { classifierMetrics, channelMetrics, reconcilerMetrics, findingMetrics, idlePolls, sweeps } = ASSUMED;
  const metrics =
    sources * classifierMetrics + channels * channelMetrics + (sources > 0 ? findingMetrics + reconcilerMetrics : 0);
  const sweeping =
    cost('lambdaRequest', sweeps) +
    cost('lambdaSecond', sweeps * ASSUMED.sweepGigabyteSeconds) +
    cost('readUnit', sweeps * ASSUMED.sweepReads) +
    ownLogs(sweeps);
  return (
    cost('alarm', alarmMetrics) +
    cost('key', keys) +
    cost('secret', secrets) +
    cost('metric', metrics) +
    cost('queueRequest', polledQueues * idlePolls) +
    (sources > 0 ? sweeping : 0)
  );
}

/** Hosts on which mining is seen, and for how many hours of the month each. */
export interface Activity {
  readonly hosts: number;
  readonly hours: number;
  /** People who get each single transition by mail. */
  readonly recipients: number;
}

/**
 * What evidence and findings cost in a month, US dollars, at most: each growth of an item is taken as a correlation of
 * its own that writes the head. Writes are bounded by hosts x hours x items, never by log volume. A growth costs a put
 * that is refused, a read and a put. Each correlation reads the whole episode, so reads rise with the square of its hours.
 */
export function findingCost({ hosts, hours, recipients }: Activity): number {
  const { itemsInHour, growths, evidenceKilobytes, headKilobytes, singles, messagePieces } = ASSUMED;
  const items = hosts * hours * itemsInHour;
  const changes = items * (1 + growths);
  const episodeItems = (hours * itemsInHour) / 2;
  const episodeReads = Math.ceil((episodeItems * evidenceKilobytes) / 4);
  const headReads = 2 * Math.ceil(headKilobytes / 4);
  // At most one an hour stays active without news: the bus and machines are told of it, people in a digest.
  const transitions = hosts * hours + (hours > 0 ? hosts * singles : 0);
  const sent = hours > 0 ? hosts * singles : 0;
  const writes =
    (items + items * growths * 2) * evidenceKilobytes +
    changes * headKilobytes +
    transitions * (3 * headKilobytes + ASSUMED.digestWrites);
  const reads = items * growths * Math.ceil(evidenceKilobytes / 4) + changes * (episodeReads + headReads);
  const gigabytes = ((items * evidenceKilobytes + transitions * headKilobytes) * 1e3 * ASSUMED.evidenceMonths) / GB;
  return (
    cost('writeUnit', writes) +
    cost('readUnit', reads) +
    cost('tableStorage', gigabytes) +
    cost('tableRecovery', gigabytes) +
    cost('lambdaRequest', changes + transitions) +
    cost('lambdaSecond', (changes + transitions) * ASSUMED.correlationSeconds * ASSUMED.memory) +
    ownLogs(changes + transitions) +
    cost('busEvent', transitions * messagePieces) +
    cost('topicRequest', transitions * messagePieces) +
    cost('email', sent * recipients) +
    cost('keyRequest', transitions * ASSUMED.keyRequests) +
    cost('lambdaRequest', transitions + sent) +
    cost('lambdaSecond', (transitions + sent) * ASSUMED.channelGigabyteSeconds) +
    ownLogs(transitions + sent) +
    cost('hubFinding', transitions)
  );
}

/** The most that the table's write ceiling lets anybody spend on writes of the table itself in a month, US dollars. */
export function writeCeilingCost(unitsASecond: number): number {
  return cost('writeUnit', unitsASecond * HOURS * 3600);
}

/** What GuardDuty takes for analysing as many bytes of flow and DNS logs for a month; it needs no delivery of them. */
export function guardDutyCost(logs: readonly Logs[]): number {
  const gigabytes = logs
    .filter(({ source }) => source !== 'runtime')
    .reduce((total, one) => total + one.gigabytesADay * DAYS, 0);
  return stepped(STEPS.guardDuty, gigabytes);
}
