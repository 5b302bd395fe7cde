import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { objectClaims } from '#shared/aws/object-claims.ts';
import { ObjectBytes } from '#shared/aws/s3-reader.ts';
import { payloadHead } from '#shared/events/decode/payload-head.ts';
import { UnpackedChunks } from '#shared/events/decode/unpacked-chunks.ts';
import { ForeignEventError } from './foreign-event.ts';
import { type Intake, type Tallies, takeIn } from './intake.ts';
import { type NotifiedObject, notifiedObjects } from './notified-objects.ts';
import { payloadFault } from './payload-fault.ts';
import { routeOf, TestTally } from './synthetic.ts';
import { Tally } from './tally.ts';
import { type LambdaHandler, type Telemetry, withTelemetry } from './telemetry.ts';
import { type QueueRecord, triggerOf } from './trigger.ts';

/** What a classifier is made of; see `deployedParts`. */
export interface ClassifyParts {
  readonly intake: Intake;
  readonly s3: Pick<S3Client, 'send'>;
  readonly telemetry: Telemetry;
  /** The region of this function, hence of the log groups that call it. */
  readonly region: string;
  /** Wall clock in milliseconds. */
  readonly clock: () => number;
}

/** Inflated bytes of one object that are read: many times what vended logs hold, and three looks end within the timeout. */
const MAX_INFLATED_BYTES = 4 * 1024 ** 3;
/** Keys of objects that hold no log lines: Firehose's failures, the probe of log exports, folders, Parquet. */
const NO_LOG = /(?:^|\/)processing-failed\/|(?:^|\/)aws-logs-write-test$|\/$|\.parquet$/;

const PAYLOAD = 'base64 around gzip around a JSON payload with log events';

/**
 * A classifier: takes log batches of CloudWatch Logs and messages of a queue that tell of objects in S3, and stores the
 * evidence in them. Messages fail one by one; a log batch fails whole, and is kept by Lambda's destination.
 */
export function classifyHandler(parts: ClassifyParts): LambdaHandler<SQSBatchResponse | undefined> {
  const { telemetry, clock } = parts;
  return withTelemetry(telemetry, async (event, context) => {
    const tallies: Tallies = { all: new Tally(), tests: new TestTally() };
    try {
      const trigger = triggerOf(event);
      if (trigger.kind === 'queue') return await takeMessages(parts, trigger.event, context, tallies);
      await takeBatch(parts, trigger.data, tallies);
      return undefined;
    } finally {
      tallies.all.addTo(telemetry.metrics, clock());
      tallies.tests.addTo(telemetry.metrics);
    }
  });
}

async function takeBatch(parts: ClassifyParts, data: string, tallies: Tallies): Promise<void> {
  const { messageType, logGroup } = payloadHead(data);
  const route = routeOf(logGroup, parts.intake.testLogGroup);
  if (route === 'refused') tallies.tests.refused += 1;
  const isOwn = logGroup?.startsWith(parts.intake.ownLogPrefix) === true;
  if (messageType === 'CONTROL_MESSAGE' || isOwn || route === 'refused') {
    tallies.all.dropped += 1;
    return;
  }
  const line = Buffer.from(`{"awslogs":{"data":"${data}"}}\n`);
  const { region, clock, intake } = parts;
  const stream = { open: () => [line], origin: { region }, raw: {}, arrival: clock() };
  const { all, tests } = tallies;
  await takeIn(intake, route === 'test' ? { ...stream, test: true } : stream, tallies);
  if (all.records + tests.records === 0) refuseUnreadable(data, all);
}

/**
 * A batch of which nothing can be read fails, so that Lambda keeps it whole; one with records that are of no known format
 * is no fault of the batch.
 * @throws ForeignEventError without a word of the batch
 */
function refuseUnreadable(data: string, tally: Tally): void {
  const fault = payloadFault(data);
  if (fault === undefined) return;
  if (tally.unreadable.size === 0) tally.countUnreadable(fault);
  throw new ForeignEventError(`expected ${PAYLOAD}; nothing of awslogs.data can be read: ${fault}`);
}

async function takeMessages(
  parts: ClassifyParts,
  event: { Records: QueueRecord[] },
  context: Context,
  tallies: Tallies,
): Promise<SQSBatchResponse> {
  const processor = new BatchProcessor(EventType.SQS);
  const take = async (record: QueueRecord): Promise<void> => {
    try {
      for (const object of notifiedObjects(record.body)) await takeObject(parts, object, tallies);
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error('no error object');
      parts.telemetry.logger.error('A message was not taken', {
        messageId: record.messageId,
        reason: `${name}: ${message}`,
      });
      throw error;
    }
  };
  // One after the other: each object streams, and memory holds one at a time.
  return processPartialResponse(event, take, processor, {
    context,
    processInParallel: false,
    throwOnFullBatchFailure: false,
  });
}

async function takeObject(parts: ClassifyParts, object: NotifiedObject, tallies: Tallies): Promise<void> {
  const { bucket, key } = object;
  if (object.size === 0 || NO_LOG.test(key)) {
    tallies.all.dropped += 1;
    return;
  }
  const bytes = new ObjectBytes(parts.s3, object);
  const chunks = new UnpackedChunks(() => bytes.read(), { maxBytes: MAX_INFLATED_BYTES });
  const { intake, clock, telemetry } = parts;
  await takeIn(
    intake,
    {
      open: () => chunks,
      origin: { stream: `${bucket}/${key}`, ...objectClaims(key) },
      raw: { bucket, key },
      arrival: object.at ?? clock(),
    },
    tallies,
  );
  const damage = bytes.cut ? 'too-long' : chunks.damage?.kind;
  if (damage === undefined) return;
  tallies.all.countUnreadable(damage);
  telemetry.logger.warn('An object was read in part', { bucket, key, damage });
}
