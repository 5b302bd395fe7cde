import { setTimeout as wait } from 'node:timers/promises';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import * as v from 'valibot';
import { type LogSubscription, reconcileLogSubscriptions, SETTLED_DELAYS_MS } from '#shared/aws/log-subscriptions.ts';
import {
  type SubscriptionRecord,
  type SubscriptionRecords,
  subscriptionRecords,
} from '#shared/aws/subscription-record.ts';
import { type ToldWarnings, warningsDue } from '#shared/aws/subscription-warnings.ts';
import { requiredVariables } from './runtime/environment.ts';
import { parsed } from './runtime/foreign-event.ts';
import { telemetryOf, withTelemetry } from './runtime/telemetry.ts';

/** What CloudFormation sends to a custom resource ("Custom resource request objects"). */
const request = v.object({
  RequestType: v.picklist(['Create', 'Update', 'Delete']),
  ResponseURL: v.pipe(v.string(), v.url()),
  StackId: v.string(),
  RequestId: v.string(),
  LogicalResourceId: v.string(),
  PhysicalResourceId: v.optional(v.string()),
  ResourceProperties: v.unknown(),
  OldResourceProperties: v.optional(v.unknown()),
});
type Request = v.InferOutput<typeof request>;

const properties = v.object({
  FilterName: v.string(),
  Subscriptions: v.array(v.object({ LogGroupName: v.string(), DestinationArn: v.string() })),
});

/** What the schedule sends: groups come and go between deployments. */
const scheduled = v.object({ kind: v.literal('reconcile') });

const TAKEN = `a custom resource request of CloudFormation, or what the schedule sends ({"kind":"reconcile"})`;
const PROPERTIES = 'the properties of davylamp\'s log subscriptions ({"FilterName","Subscriptions"})';

/** Responses are refused above 4,096 bytes: room for the sentences, the rest is in the log. */
const MAX_WARNINGS = 1_500;
const MAX_REASON = 500;
const ANSWER_ATTEMPTS = 4;
/** SNS takes 262,144 bytes; two hundred sentences of a full group with long names may be more. */
const MAX_MESSAGE = 100_000;

const telemetry = telemetryOf('reconcile-subscriptions');
/** Deployments change hundreds of groups at once, and the API takes five changes a second. */
const logs = new CloudWatchLogsClient({ maxAttempts: 10 });
const sns = new SNSClient({});
const table = new DynamoDBClient({});

function records(): SubscriptionRecords {
  return subscriptionRecords(table, requiredVariables(['DAVYLAMP_TABLE']).DAVYLAMP_TABLE);
}

/** The groups in a resource's properties; none when they are of a form that this version does not know. */
function subscriptionsOf(value: unknown): LogSubscription[] {
  const known = v.safeParse(properties, value);
  if (!known.success) return [];
  return known.output.Subscriptions.map(({ LogGroupName, DestinationArn }) => ({
    logGroup: LogGroupName,
    destinationArn: DestinationArn,
  }));
}

/**
 * What is wanted is recorded before anything is changed, so that a scheduled run that is under way sees that its own
 * list is the old one.
 */
async function recordWanted(
  event: Request,
  filterName: string,
  wanted: LogSubscription[],
): Promise<SubscriptionRecord> {
  const next = { filterName, wanted, generation: event.RequestId };
  try {
    return await records().want(next);
  } catch (error) {
    // A stack whose table somebody deleted must still be deleted: without a record no scheduled run attaches anything.
    if (event.RequestType === 'Delete' && error instanceof ResourceNotFoundException)
      return { ...next, told: new Map() };
    throw error;
  }
}

/** @returns one sentence for each group that could not be attached */
async function reconcileRequest(event: Request): Promise<readonly string[]> {
  const { FilterName: filterName } = parsed(properties, event.ResourceProperties, PROPERTIES);
  const current = subscriptionsOf(event.ResourceProperties);
  const isDelete = event.RequestType === 'Delete';
  const before = isDelete ? current : subscriptionsOf(event.OldResourceProperties);
  const record = await recordWanted(event, filterName, isDelete ? [] : current);
  const done = await reconcileLogSubscriptions(logs, { filterName, wanted: record.wanted, before }, wait);
  const { attached, removed, problems } = done;
  telemetry.logger.info('subscriptions reconciled', { request: event.RequestType, attached, removed });
  if (isDelete) return [];
  await tell({ record, told: event.RequestType === 'Create' ? undefined : record.told, problems, attached: [] });
  return [...problems.values()];
}

/** Attaches what the last deployment wants and could not attach then, or what lost its filter since. */
async function reconcileScheduled(): Promise<void> {
  const record = await records().read();
  if (record === undefined || record.wanted.length === 0) {
    telemetry.metrics.addMetric('SubscriptionWarnings', MetricUnit.Count, 0);
    return;
  }
  const { filterName, wanted } = record;
  const done = await reconcileLogSubscriptions(logs, { filterName, wanted, before: [] }, wait, SETTLED_DELAYS_MS);
  if (done.put.length > 0) {
    telemetry.logger.info('subscriptions attached', { attached: done.put.length });
    const now = await records().read();
    if (now?.generation !== record.generation) {
      // A deployment came between. It recorded first what it wants and removed then: what this run put after that is seen here.
      const corrected = { filterName, wanted: now?.wanted ?? [], before: done.put };
      await reconcileLogSubscriptions(logs, corrected, wait, SETTLED_DELAYS_MS);
      return;
    }
  }
  const attached = done.put.map(({ logGroup }) => logGroup);
  await tell({ record, told: record.told, problems: done.problems, attached });
}

interface News {
  readonly record: SubscriptionRecord;
  /** What people know of what could not be attached; undefined where they know nothing yet. */
  readonly told: ToldWarnings | undefined;
  readonly problems: ReadonlyMap<string, string>;
  /** Groups that a scheduled run attached. */
  readonly attached: readonly string[];
}

/**
 * Tells operations what is new or still stands after a day. It is recorded once it is sent: what was not sent is tried again by the next run. That
 * nobody can be told must not fail a deployment.
 */
async function tell({ record, told, problems, attached }: News): Promise<void> {
  telemetry.metrics.addMetric('SubscriptionWarnings', MetricUnit.Count, problems.size);
  const due = warningsDue({ problems, told, now: Date.now() });
  const { sentences } = due;
  for (const sentence of sentences) telemetry.logger.warn(sentence);
  if (sentences.length + attached.length > 0) {
    const { DAVYLAMP_OPERATIONS_TOPIC_ARN: TopicArn } = requiredVariables(['DAVYLAMP_OPERATIONS_TOPIC_ARN']);
    const lines = [...sentences, ...attached.map((group) => `${group} is attached now.`)];
    const Message = lines.join('\n').slice(0, MAX_MESSAGE);
    try {
      await sns.send(new PublishCommand({ TopicArn, Subject: subjectOf(sentences.length, attached.length), Message }));
    } catch (error) {
      telemetry.logger.error('the operations topic took no message', { reason: reasonOf(error) });
      return;
    }
  }
  if (due.changed) await records().tell(record, due.told);
}

function subjectOf(refused: number, attached: number): string {
  const groups = (count: number): string => (count === 1 ? 'a log group is' : `${count} log groups are`);
  if (refused === 0) return `davylamp: ${groups(attached)} attached now`;
  return `davylamp: ${groups(refused)} not attached${attached === 0 ? '' : `, ${attached} now attached`}`;
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

/** CloudFormation took no answer. */
class RefusedAnswerError extends Error {
  override readonly name = 'RefusedAnswerError';
}

/** Answers CloudFormation, which otherwise waits until its own timeout. */
async function answer(event: Request, outcome: { Status: string; Reason?: string; Data?: object }): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = event;
  const PhysicalResourceId = event.PhysicalResourceId ?? `${LogicalResourceId}-subscriptions`;
  const body = JSON.stringify({ StackId, RequestId, LogicalResourceId, PhysicalResourceId, ...outcome });
  for (let attempt = 1; ; attempt++) {
    try {
      // The address is signed without a content type: one that fetch chose would break the signature.
      const response = await fetch(event.ResponseURL, { method: 'PUT', headers: { 'content-type': '' }, body });
      if (response.ok) return;
      throw new RefusedAnswerError(`it was refused with status ${response.status}`);
    } catch (error) {
      if (attempt >= ANSWER_ATTEMPTS) throw new Error(`CloudFormation could not be answered: ${unansweredFor(error)}`);
      await wait(500 * 2 ** attempt);
    }
  }
}

/** Texts of such errors may repeat the signed address: a code or the name alone is told. */
function unansweredFor(error: unknown): string {
  if (error instanceof RefusedAnswerError) return error.message;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return 'no error object';
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
}

/**
 * Attaches the configured log groups to their functions: as a custom resource, which also removes what the stack attached,
 * and every hour.
 */
export const handler = withTelemetry<void>(telemetry, async (raw) => {
  if (v.is(scheduled, raw)) return reconcileScheduled();
  const event = parsed(request, raw, TAKEN);
  try {
    const warnings = await reconcileRequest(event);
    const Warnings = warnings.length === 0 ? 'none' : warnings.join(' ').slice(0, MAX_WARNINGS);
    await answer(event, { Status: 'SUCCESS', Data: { Warnings } });
  } catch (error) {
    telemetry.logger.error('subscriptions could not be reconciled', { reason: reasonOf(error) });
    await answer(event, { Status: 'FAILED', Reason: reasonOf(error).slice(0, MAX_REASON) });
  }
});
