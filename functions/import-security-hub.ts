import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecurityHubClient } from '@aws-sdk/client-securityhub';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { SQSBatchResponse } from 'aws-lambda';
import { markDelivered, overtaken } from '#shared/aws/delivered.ts';
import type { Pointer } from '#shared/aws/pointer.ts';
import { readRevision } from '#shared/aws/revisions.ts';
import { importFindings, type Refusal } from '#shared/aws/security-hub.ts';
import { deployedCoverage } from '#shared/correlate/coverage.ts';
import type { Finding } from '#shared/model/finding.ts';
import { asffFinding, createdTime } from '#shared/report/asff.ts';
import type { AsffFinding } from '#shared/report/asff-format.ts';
import { CHANNEL_CALLS } from './runtime/channel-calls.ts';
import { requiredVariables } from './runtime/environment.ts';
import { seldom } from './runtime/seldom.ts';
import { telemetryOf, withTelemetry } from './runtime/telemetry.ts';
import { type ToldPointer, toldPointers } from './runtime/told-pointers.ts';

/** What happened to findings of the batch, for logs and metrics. No text here holds a finding. */
export type ImportTold =
  | { readonly kind: 'imported' | 'skipped'; readonly findings: number }
  | { readonly kind: 'failed'; readonly refusal: Refusal }
  | { readonly kind: 'unreadable' | 'unrecorded' | 'unalarmed'; readonly error: unknown };

/** What the importer works with. */
export interface ImportParts {
  /** Account and region of the Security Hub that takes the findings. */
  readonly account: string;
  readonly region: string;
  /** Names of the formats that the deployment reads. */
  readonly sources: readonly string[];
  readonly overtaken: (pointer: Pointer) => Promise<boolean>;
  readonly markDelivered: (pointer: Pointer) => Promise<void>;
  readonly readRevision: (pointer: Pointer, revision: number) => Promise<Finding | undefined>;
  readonly importFindings: (findings: readonly AsffFinding[]) => Promise<readonly Refusal[]>;
  /** Tells the people who run this that CSPM is not enabled, and how many findings wait for it. */
  readonly alarm: (waiting: number) => Promise<void>;
  readonly told: (what: ImportTold) => void;
}

/**
 * A batch of the queue of pointers. Of each finding the newest revision is imported, unless Security Hub has it or a
 * newer one already. What was not imported fails and comes again, and in the end lies in the dead letter queue, so that
 * nothing is lost; operations hear once of a Security Hub CSPM that is not enabled.
 * @throws ForeignEventError for an event that is no batch of a queue
 */
export async function importBatch(event: unknown, parts: ImportParts): Promise<SQSBatchResponse> {
  const failed = new Set<string>();
  const entries = toldPointers(event, (messageId, error) => {
    parts.told({ kind: 'unreadable', error });
    failed.add(messageId);
  });
  const ready = new Map<string, { readonly entry: ToldPointer; readonly asff: AsffFinding }>();
  const fail = ({ messageIds }: ToldPointer): void => {
    for (const id of messageIds) failed.add(id);
  };
  const read = async (entry: ToldPointer): Promise<void> => {
    try {
      const asff = await asffOf(entry.pointer, parts);
      if (asff === undefined) parts.told({ kind: 'skipped', findings: 1 });
      else ready.set(asff.Id, { entry, asff });
    } catch (error) {
      parts.told({ kind: 'unreadable', error });
      fail(entry);
    }
  };
  await Promise.all(entries.map(read));
  if (ready.size > 0) {
    const refusals = await parts.importFindings([...ready.values()].map(({ asff }) => asff));
    for (const refusal of refusals) {
      parts.told({ kind: 'failed', refusal });
      const refused = ready.get(refusal.id);
      if (refused !== undefined) fail(refused.entry);
      ready.delete(refusal.id);
    }
    await alarmOnce(refusals, parts);
    await Promise.all([...ready.values()].map(({ entry }) => record(entry, parts)));
    if (ready.size > 0) parts.told({ kind: 'imported', findings: ready.size });
  }
  return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
}

/** What to import of a pointer; `undefined` if Security Hub has as much already. */
async function asffOf(pointer: Pointer, parts: ImportParts): Promise<AsffFinding | undefined> {
  if (await parts.overtaken(pointer)) return undefined;
  const finding = await parts.readRevision(pointer, pointer.revision);
  if (finding === undefined) throw new Error('the revision that the message names is not in the table');
  // Late evidence may move the rises of later revisions; the first one stays as it was told.
  const first = pointer.revision === 1 ? finding : ((await parts.readRevision(pointer, 1)) ?? finding);
  return asffFinding(finding, {
    account: parts.account,
    region: parts.region,
    createdAt: createdTime(first),
    at: pointer.at,
    coverage: deployedCoverage(finding, parts.sources),
  });
}

async function alarmOnce(refusals: readonly Refusal[], parts: ImportParts): Promise<void> {
  if (!refusals.some(({ kind }) => kind === 'not-enabled')) return;
  try {
    await parts.alarm(refusals.length);
  } catch (error) {
    parts.told({ kind: 'unalarmed', error });
  }
}

/** What Security Hub has is there, though it could not be recorded: a second import of it changes nothing. */
async function record({ pointer }: ToldPointer, parts: ImportParts): Promise<void> {
  try {
    await parts.markDelivered(pointer);
  } catch (error) {
    parts.told({ kind: 'unrecorded', error });
  }
}

/** What operations are told where CSPM is not enabled: the way out, and what happens to the findings meanwhile. */
export function notEnabledText(
  account: string,
  region: string,
  waiting: number,
): { readonly Subject: string; readonly Message: string } {
  return {
    Subject: `davylamp: Security Hub CSPM is not enabled in ${region}`,
    Message: [
      `Security Hub CSPM is not enabled in account ${account}, region ${region}, or takes no findings of the account's own:`,
      `${waiting} ${waiting === 1 ? 'finding was' : 'findings were'} not imported.`,
      'The newer Security Hub alone does not take findings of others: CSPM does.',
      `Enable it: aws securityhub enable-security-hub --no-enable-default-standards --region ${region}`,
      'Nothing is lost: the queue tries again, and what it gave up waits in its dead letter queue; start a redrive there afterwards.',
      'Or leave Security Hub out of the configuration and deploy again.',
    ].join('\n'),
  };
}

/** Operations hear at most so often from a container that CSPM is not enabled, however many findings wait for it. */
const ALARM_EVERY_MS = 900_000;

const telemetry = telemetryOf('import-security-hub');
let parts: ImportParts | undefined;

/** Pointers in, findings in Security Hub CSPM out. */
export const handler = withTelemetry(telemetry, (event) => {
  parts ??= deployedParts();
  return importBatch(event, parts);
});

function deployedParts(): ImportParts {
  const names = requiredVariables([
    'DAVYLAMP_TABLE',
    'DAVYLAMP_OPERATIONS_TOPIC_ARN',
    'DAVYLAMP_ACCOUNT',
    'AWS_REGION',
  ]);
  const client = new DynamoDBClient(CHANNEL_CALLS);
  const hub = new SecurityHubClient(CHANNEL_CALLS);
  const sns = new SNSClient(CHANNEL_CALLS);
  const { DAVYLAMP_TABLE: table, DAVYLAMP_ACCOUNT: account, AWS_REGION: region } = names;
  return {
    account,
    region,
    sources: (process.env['DAVYLAMP_SOURCES'] ?? '').split(',').filter((name) => name !== ''),
    overtaken: (pointer) => overtaken(client, table, 'securityhub', pointer),
    markDelivered: (pointer) => markDelivered(client, table, 'securityhub', pointer, Date.now()),
    readRevision: ({ place, episode }, revision) => readRevision(client, table, place, episode, revision),
    importFindings: (findings) => importFindings(hub, findings),
    alarm: seldom(
      async (waiting: number) => {
        const text = notEnabledText(account, region, waiting);
        await sns.send(new PublishCommand({ TopicArn: names.DAVYLAMP_OPERATIONS_TOPIC_ARN, ...text }));
      },
      Date.now,
      ALARM_EVERY_MS,
    ),
    told: report,
  };
}

/** One metric for each outcome; why something failed as a log line. */
function report(what: ImportTold): void {
  const { logger, metrics } = telemetry;
  metrics.addMetric(`SecurityHub_${what.kind}`, MetricUnit.Count, 'findings' in what ? what.findings : 1);
  if ('refusal' in what) logger.warn('A finding was not imported', { ...what.refusal });
  else if ('error' in what) logger.error('Security Hub', { kind: what.kind, reason: reasonOf(what.error) });
}

/** Errors of the SDK by name alone: a failed request may carry an item. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return error.constructor === Error ? error.message : error.name;
}
