import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { knownEvidence } from '#shared/aws/known-evidence.ts';
import type { Store } from '#shared/correlate/store.ts';
import type { Evidence } from '#shared/model/evidence.ts';
import type { Format } from '#shared/model/reader.ts';
import { writeRules } from '../../cdk/bundle-rules.ts';
import { classifyHandler } from '../../functions/runtime/classify-handler.ts';
import { detectorOf } from '../../functions/runtime/detector.ts';
import type { HostIdentities } from '../../functions/runtime/host-identities.ts';
import type { SharedKnowledge } from '../../functions/runtime/knowledge.ts';
import { telemetryOf } from '../../functions/runtime/telemetry.ts';

/** The rules as a bundle carries them. */
function bundledRules(): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'davylamp-rules-'));
  try {
    writeRules(folder);
    return JSON.parse(readFileSync(join(folder, 'rules.json'), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const detector = detectorOf(bundledRules());

const CONTEXT = {
  functionName: 'classify',
  functionVersion: '1',
  memoryLimitInMB: '512',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:111122223333:function:classify',
  awsRequestId: '00000000-0000-4000-8000-000000000000',
} as Context;

export interface Answer {
  readonly result: SQSBatchResponse | undefined;
  /** Lines on standard output: metrics and logs. */
  readonly lines: readonly string[];
  /** The one line of metrics. */
  readonly metrics: Readonly<Record<string, unknown>>;
}

export interface Options {
  readonly formats: readonly Format[];
  readonly merge: Store['merge'];
  readonly now: number;
  readonly s3?: Pick<S3Client, 'send'>;
  readonly knowledge?: SharedKnowledge;
  readonly identities?: HostIdentities;
  readonly testLogGroup?: string;
  readonly flowFormat?: readonly string[];
  /** Gets what is written, also by a call that fails. */
  readonly lines?: string[];
}

/** A table that holds nothing but evidence. */
const NOTHING_SHARED: SharedKnowledge = {
  known: () => Promise.resolve({ lessons: [], answers: [] }),
  tell: () => Promise.resolve(),
};
const NOBODY_KNOWN: HostIdentities = { identify: () => Promise.resolve([]), remember: () => Promise.resolve() };

const NO_S3: Pick<S3Client, 'send'> = {
  send: () => {
    throw new Error('S3 was asked');
  },
};

/** A classifier in a new container, called with what it wrote captured. */
export function classifierOf({
  formats,
  merge,
  now,
  s3 = NO_S3,
  knowledge = NOTHING_SHARED,
  identities = NOBODY_KNOWN,
  testLogGroup,
  flowFormat,
  lines: written = [],
}: Options): (event: unknown) => Promise<Answer> {
  const handler = classifyHandler({
    intake: {
      detector,
      formats,
      defaults: { account: '111122223333', region: 'us-east-1' },
      windowHours: 24,
      ownLogPrefix: '/davylamp/',
      ...(testLogGroup === undefined ? {} : { testLogGroup }),
      ...(flowFormat === undefined ? {} : { flowFormat }),
      merge: knownEvidence(merge),
      knowledge,
      identities,
    },
    s3,
    telemetry: telemetryOf('classify', {}),
    region: 'us-east-1',
    clock: () => now,
  });
  return async (event) => {
    const lines: string[] = [];
    const result = await captured(
      () => handler(event, CONTEXT),
      (line) => {
        for (const list of [lines, written]) list.push(line);
      },
    );
    const emf = lines.filter((line) => line.includes('"_aws"'));
    if (emf.length !== 1) throw new Error(`${emf.length} lines of metrics`);
    return { result, lines, metrics: JSON.parse(emf[0] ?? '') as Record<string, unknown> };
  };
}

/** Takes what the work writes to standard output and error in JSON lines; the reporter of tests writes there too. */
async function captured<T>(work: () => Promise<T>, take: (line: string) => void): Promise<T> {
  const spies = [process.stdout, process.stderr].map((stream) => {
    const write = stream.write.bind(stream);
    return mock.method(stream, 'write', (...args: Parameters<typeof write>) => {
      const text = String(args[0]);
      if (!text.startsWith('{')) return write(...args);
      take(text.trimEnd());
      return true;
    });
  });
  try {
    return await work();
  } finally {
    for (const spy of spies) spy.mock.restore();
  }
}

/** A store's merge that keeps what it was given as well. */
export function recordingMerge(merge: Store['merge']): { merge: Store['merge']; given: Evidence[] } {
  const given: Evidence[] = [];
  return {
    given,
    merge: (evidence) => {
      given.push(evidence);
      return merge(evidence);
    },
  };
}

export interface BatchOptions {
  readonly logGroup?: string;
  readonly logStream?: string;
  readonly messageType?: string;
  readonly at: number;
}

/** A subscription's event with one log event for each line, as CloudWatch Logs sends it to a function. */
export function subscriptionEvent(lines: readonly string[], options: BatchOptions): { awslogs: { data: string } } {
  const { logGroup = '/hosts/audit', logStream = 'i-0004000000000000a', messageType = 'DATA_MESSAGE', at } = options;
  const payload = {
    messageType,
    owner: '111122223333',
    logGroup,
    logStream,
    subscriptionFilters: ['davylamp'],
    logEvents: lines.map((message, index) => ({
      id: String(index).padStart(56, '0'),
      timestamp: at,
      message,
    })),
  };
  return { awslogs: { data: gzipSync(JSON.stringify(payload)).toString('base64') } };
}

/** An SQS event with a message for each body. */
export function queueEvent(bodies: readonly unknown[]): { Records: object[] } {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `message-${index}`,
      receiptHandle: 'handle',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1793826000000' },
      messageAttributes: {},
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:111122223333:davylamp-objects',
      awsRegion: 'us-east-1',
    })),
  };
}

/** S3's own notification of a created object; the key is given as the bucket has it. */
export function createdObject(key: string, at: number): object {
  return {
    Records: [
      {
        eventVersion: '2.6',
        eventSource: 'aws:s3',
        awsRegion: 'us-east-1',
        eventTime: new Date(at).toISOString(),
        eventName: 'ObjectCreated:Put',
        s3: {
          s3SchemaVersion: '1.0',
          bucket: { name: 'logs-example', arn: 'arn:aws:s3:::logs-example' },
          object: {
            key: encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+'),
            size: 1234,
            eTag: 'tag',
          },
        },
      },
    ],
  };
}
