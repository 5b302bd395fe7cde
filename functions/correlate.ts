import type { DynamoDBBatchResponse } from 'aws-lambda';
import * as v from 'valibot';
import type { Item } from '#shared/aws/items.ts';
import { dynamoDbMemberships } from '#shared/aws/memberships.ts';
import { type Change, changeOf } from '#shared/aws/stream.ts';
import type { CorrelationContext, Touched } from '#shared/correlate/correlate-host.ts';
import { type CorrelatedScope, correlateIdentified, correlateMember } from '#shared/correlate/identified-hosts.ts';
import { DEFAULT_MATRIX } from '#shared/correlate/matrix.ts';
import type { Memberships } from '#shared/model/membership.ts';
import { deployedLinkable } from './linkable.ts';
import { PublicationTally } from './publication-tally.ts';
import { deployedPublishing, nameOf, type Publishing, publish } from './publishing.ts';
import { requiredVariables, windowHours } from './runtime/environment.ts';
import { parsed } from './runtime/foreign-event.ts';
import { telemetryOf, withTelemetry } from './runtime/telemetry.ts';
import { countTowardsStorms } from './summaries.ts';

/** Hosts that are worked on at once. */
const IN_FLIGHT = 8;

/** Looked at as a whole: the path of a fault would name attributes as the event does. */
function isImage(value: unknown): boolean {
  return v.is(v.record(v.string(), v.record(v.string(), v.unknown())), value);
}

const streamEvent = v.object({
  Records: v.array(
    v.object({
      dynamodb: v.object({
        SequenceNumber: v.pipe(v.string(), v.regex(/^\d{1,64}$/)),
        Keys: v.object({ pk: v.object({ S: v.string() }) }),
        NewImage: v.optional(v.pipe(v.unknown(), v.check(isImage))),
      }),
    }),
  ),
});

/** What the correlator needs beside what publishing does. */
export interface CorrelateParts extends Publishing {
  readonly context: CorrelationContext;
  readonly memberships: Memberships;
  /** A record, or all of a host, is tried again. The error may hold an item: only its name may be logged. */
  readonly failed: (what: 'unreadable' | 'correlate' | 'publish', error: unknown) => void;
}

/** A record of the batch that belongs to the host at hand. */
interface Entry {
  readonly sequence: string;
  readonly change: Change;
}

/**
 * A batch of the table's stream: each host with new evidence, or that was found to be another, is correlated, then what heads say is unpublished is
 * published in the order of the stream. One host's failure holds no other up; the answer names the lowest sequence
 * number that failed of each host, and everything from the lowest of these on comes again.
 * @throws ForeignEventError for an event that is no batch of a stream
 */
export async function correlateBatch(
  event: unknown,
  parts: CorrelateParts,
  tally = new PublicationTally(),
): Promise<DynamoDBBatchResponse> {
  const { Records: all } = parsed(streamEvent, event, 'a batch of records of a DynamoDB stream');
  tally.records += all.length;
  const hosts = [...Map.groupBy(all, (record) => record.dynamodb.Keys.pk.S).values()].map((records) => {
    const failed: string[] = [];
    return { failed, entries: entriesOf(records, failed, parts) };
  });
  // All evidence before any message: what a storm is made of is counted when its first message is settled.
  await forEach(hosts, async ({ failed, entries }) => void failed.push(...(await correlateEvidence(entries, parts))));
  await forEach(hosts, async ({ failed, entries }) => void failed.push(...(await publishHeads(entries, parts, tally))));
  const lowest = hosts.flatMap(({ failed }) => failed.sort(bySequence).slice(0, 1));
  return { batchItemFailures: lowest.sort(bySequence).map((itemIdentifier) => ({ itemIdentifier })) };
}

async function forEach<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const waiting = all.values();
  const worker = async (): Promise<void> => {
    for (const one of waiting) await work(one);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

type StreamRecord = v.InferOutput<typeof streamEvent>['Records'][number];

function entriesOf(records: readonly StreamRecord[], failed: string[], parts: CorrelateParts): readonly Entry[] {
  const entries: Entry[] = [];
  for (const { dynamodb } of records) {
    if (dynamodb.NewImage === undefined) continue;
    try {
      // The stream writes attributes as the client does; the decoder checks what it reads of them.
      const change = changeOf(dynamodb.NewImage as unknown as Item);
      if (change !== undefined) entries.push({ sequence: dynamodb.SequenceNumber, change });
    } catch (error) {
      parts.failed('unreadable', error);
      failed.push(dynamodb.SequenceNumber);
    }
  }
  return entries;
}

async function correlateEvidence(entries: readonly Entry[], parts: CorrelateParts): Promise<string[]> {
  const facts = entries.filter(({ change }) => change.kind !== 'head');
  const changes = facts.map((one) => one.change);
  try {
    for (const { head, transitions } of await correlated(changes, parts)) {
      if (transitions.length > 0) await countTowardsStorms(head, parts);
    }
    return [];
  } catch (error) {
    parts.failed('correlate', error);
    return facts.map((one) => one.sequence);
  }
}

async function correlated(
  changes: readonly Change[],
  { store, memberships, context }: CorrelateParts,
): Promise<readonly CorrelatedScope[]> {
  const touched = touchedBy(changes);
  const results = touched === undefined ? [] : await correlateIdentified(store, memberships, touched, context);
  const member = changes.find((one) => one.kind === 'membership')?.member;
  return member === undefined ? results : [...results, ...(await correlateMember(store, memberships, member, context))];
}

function touchedBy(changes: readonly Change[]): Touched | undefined {
  const evidence = changes.filter((one) => one.kind === 'evidence');
  const [first] = evidence;
  if (first === undefined) return undefined;
  const { account, region, host } = first.place;
  return {
    host: { account, region, host },
    scopes: [...new Set(evidence.map((one) => one.place.scope))],
    from: evidence.reduce((least, one) => Math.min(least, one.hour), first.hour),
    to: evidence.reduce((most, one) => Math.max(most, one.hour), first.hour),
  };
}

/** Publishes from each image in turn; after a failure the rest of that scope waits, so that its order stays. */
async function publishHeads(
  entries: readonly Entry[],
  parts: CorrelateParts,
  tally: PublicationTally,
): Promise<string[]> {
  const failed = new Map<string, string>();
  for (const { sequence, change } of entries) {
    if (change.kind !== 'head' || failed.has(change.head.place.scope)) continue;
    try {
      for (const publication of await publish(change.head, parts)) tally.published(publication, parts.clock());
    } catch (error) {
      parts.failed('publish', error);
      failed.set(change.head.place.scope, sequence);
    }
  }
  return [...failed.values()];
}

/** Sequence numbers are decimal and longer than a double holds. */
function bySequence(a: string, b: string): number {
  const [x, y] = [BigInt(a), BigInt(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

const telemetry = telemetryOf('correlate');
let parts: CorrelateParts | undefined;

/** Evidence in, head out; head in, message out. */
export const handler = withTelemetry(telemetry, async (event) => {
  parts ??= deployedParts();
  const tally = new PublicationTally();
  try {
    return await correlateBatch(event, parts, tally);
  } finally {
    tally.addTo(telemetry.metrics);
  }
});

function deployedParts(): CorrelateParts {
  const { DAVYLAMP_WINDOW_HOURS } = requiredVariables(['DAVYLAMP_WINDOW_HOURS']);
  const publishing = deployedPublishing();
  return {
    ...publishing,
    memberships: dynamoDbMemberships(publishing.client, publishing.table),
    context: {
      matrix: { ...DEFAULT_MATRIX, windowHours: windowHours(DAVYLAMP_WINDOW_HOURS) },
      linkable: deployedLinkable(),
      notes: [],
      now: Date.now,
    },
    failed: (what, error) => telemetry.logger.error('records are tried again', { what, error: nameOf(error) }),
  };
}
