import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { objectClaims } from '#shared/aws/object-claims.ts';
import { ObjectBytes } from '#shared/aws/s3-reader.ts';
import { payloadHead } from '#shared/events/decode/payload-head.ts';
import { UnpackedChunks } from '#shared/events/decode/unpacked-chunks.ts';
import { type Intake, takeIn } from './intake.ts';
import { type NotifiedObject, notifiedObjects } from './notified-objects.ts';
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

/**
 * A classifier: takes log batches of CloudWatch Logs and messages of a queue that tell of objects in S3, and stores the
 * evidence in them. Messages fail one by one; a log batch fails whole, and is kept by Lambda's destination.
 */
export function classifyHandler(parts: ClassifyParts): LambdaHandler<SQSBatchResponse | undefined> {
  const { telemetry, clock } = parts;
  return withTelemetry(telemetry, async (event, context) => {
    const tally = new Tally();
    try {
      const trigger = triggerOf(event);
      if (trigger.kind === 'queue') return await takeMessages(parts, trigger.event, context, tally);
      await takeBatch(parts, trigger.data, tally);
      return undefined;
    } finally {
      tally.addTo(telemetry.metrics, clock());
    }
  });
}

async function takeBatch(parts: ClassifyParts, data: string, tally: Tally): Promise<void> {
  const { messageType, logGroup } = payloadHead(data);
  if (messageType === 'CONTROL_MESSAGE' || logGroup?.startsWith(parts.intake.ownLogPrefix) === true) {
    tally.dropped += 1;
    return;
  }
  const line = Buffer.from(`{"awslogs":{"data":"${data}"}}\n`);
  const { region, clock, intake } = parts;
  await takeIn(intake, { open: () => [line], origin: { region }, raw: {}, arrival: clock() }, tally);
}

async function takeMessages(
  parts: ClassifyParts,
  event: { Records: QueueRecord[] },
  context: Context,
  tally: Tally,
): Promise<SQSBatchResponse> {
  const processor = new BatchProcessor(EventType.SQS);
  const take = async (record: QueueRecord): Promise<void> => {
    try {
      for (const object of notifiedObjects(record.body)) await takeObject(parts, object, tally);
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

async function takeObject(parts: ClassifyParts, object: NotifiedObject, tally: Tally): Promise<void> {
  const { bucket, key } = object;
  if (object.size === 0 || NO_LOG.test(key)) {
    tally.dropped += 1;
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
    tally,
  );
  const damage = bytes.cut ? 'too-long' : chunks.damage?.kind;
  if (damage === undefined) return;
  tally.countUnreadable(damage);
  telemetry.logger.warn('An object was read in part', { bucket, key, damage });
}
