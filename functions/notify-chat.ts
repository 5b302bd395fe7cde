import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { SQSBatchResponse } from 'aws-lambda';
import * as v from 'valibot';
import { markDelivered, overtaken } from '#shared/aws/delivered.ts';
import { type Pointer, readPointer } from '#shared/aws/pointer.ts';
import { readRevision } from '#shared/aws/revisions.ts';
import { deployedCoverage } from '#shared/correlate/coverage.ts';
import type { Finding } from '#shared/model/finding.ts';
import { chatMessage } from '#shared/report/chat.ts';
import manifest from '../package.json' with { type: 'json' };
import { requiredVariables } from './runtime/environment.ts';
import { parsed } from './runtime/foreign-event.ts';
import { telemetryOf, withTelemetry } from './runtime/telemetry.ts';

const queueEvent = v.object({
  Records: v.array(v.object({ messageId: v.pipe(v.string(), v.minLength(1)), body: v.string() })),
});

/** What the notifier works with. */
export interface ChatParts {
  /** Names of the formats that the deployment reads. */
  readonly sources: readonly string[];
  readonly overtaken: (pointer: Pointer) => Promise<boolean>;
  readonly markDelivered: (pointer: Pointer) => Promise<void>;
  readonly readRevision: (pointer: Pointer) => Promise<Finding | undefined>;
  readonly send: (message: string) => Promise<void>;
  /** The error may hold an item: only its name may be logged. */
  readonly told: (what: 'sent' | 'skipped' | 'failed' | 'unrecorded', error?: unknown) => void;
}

/**
 * A batch of the queue of pointers, one after the other as they came: each transition that the chat has not had, nor a
 * later one of, becomes one message. What could not be sent fails alone and comes again.
 * @throws ForeignEventError for an event that is no batch of a queue
 */
export async function notifyChat(event: unknown, parts: ChatParts): Promise<SQSBatchResponse> {
  const { Records: records } = parsed(queueEvent, event, 'a batch of records of an SQS queue');
  const failed: string[] = [];
  for (const { messageId, body } of records) {
    try {
      await tell(readPointer(body), parts);
    } catch (error) {
      parts.told('failed', error);
      failed.push(messageId);
    }
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

async function tell(pointer: Pointer, parts: ChatParts): Promise<void> {
  if (await parts.overtaken(pointer)) {
    parts.told('skipped');
    return;
  }
  const finding = await parts.readRevision(pointer);
  if (finding === undefined) throw new Error('the revision that the message names is not in the table');
  const { transition, at } = pointer;
  const coverage = deployedCoverage(finding, parts.sources);
  await parts.send(chatMessage({ finding, transition, at, coverage, version: manifest.version }));
  parts.told('sent');
  try {
    await parts.markDelivered(pointer);
  } catch (error) {
    // To fail here would tell it twice for certain.
    parts.told('unrecorded', error);
  }
}

const telemetry = telemetryOf('notify-chat');
let parts: ChatParts | undefined;

/** Pointers in, custom notifications for the chat's topic out. */
export const handler = withTelemetry(telemetry, (event) => {
  parts ??= deployedParts();
  return notifyChat(event, parts);
});

function deployedParts(): ChatParts {
  const { DAVYLAMP_TABLE: table, DAVYLAMP_CHAT_TOPIC_ARN: TopicArn } = requiredVariables([
    'DAVYLAMP_TABLE',
    'DAVYLAMP_CHAT_TOPIC_ARN',
  ]);
  const client = new DynamoDBClient({});
  const sns = new SNSClient({});
  return {
    sources: (process.env['DAVYLAMP_SOURCES'] ?? '').split(',').filter((name) => name !== ''),
    overtaken: (pointer) => overtaken(client, table, 'chat', pointer),
    markDelivered: (pointer) => markDelivered(client, table, 'chat', pointer, Date.now()),
    readRevision: ({ place, episode, revision }) => readRevision(client, table, place, episode, revision),
    send: async (Message) => {
      await sns.send(new PublishCommand({ TopicArn, Message }));
    },
    told: (what, error) => {
      telemetry.metrics.addMetric(`Chat_${what}`, 'Count', 1);
      if (error !== undefined) {
        telemetry.logger.error('chat', { what, error: error instanceof Error ? error.name : 'unknown' });
      }
    },
  };
}
