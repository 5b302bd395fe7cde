import { setTimeout as wait } from 'node:timers/promises';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import * as v from 'valibot';
import { type LogSubscription, type Reconciled, reconcileLogSubscriptions } from '#shared/aws/log-subscriptions.ts';
import { requiredVariables } from './runtime/environment.ts';
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

/** Responses are refused above 4,096 bytes: room for the sentences, the rest is in the log. */
const MAX_WARNINGS = 1_500;
const MAX_REASON = 500;
const ANSWER_ATTEMPTS = 4;

const telemetry = telemetryOf('reconcile-subscriptions');
/** Deployments change hundreds of groups at once, and the API takes five changes a second. */
const logs = new CloudWatchLogsClient({ maxAttempts: 10 });
const sns = new SNSClient({});

/** The groups in a resource's properties; none when they are of a form that this version does not know. */
function subscriptionsOf(value: unknown): LogSubscription[] {
  const parsed = v.safeParse(properties, value);
  if (!parsed.success) return [];
  return parsed.output.Subscriptions.map(({ LogGroupName, DestinationArn }) => ({
    logGroup: LogGroupName,
    destinationArn: DestinationArn,
  }));
}

async function reconcile(event: Request): Promise<Reconciled> {
  const { FilterName: filterName } = v.parse(properties, event.ResourceProperties);
  const current = subscriptionsOf(event.ResourceProperties);
  const before = event.RequestType === 'Delete' ? current : subscriptionsOf(event.OldResourceProperties);
  const wanted = event.RequestType === 'Delete' ? [] : current;
  return reconcileLogSubscriptions(logs, { filterName, wanted, before }, wait);
}

/** People hear of what could not be attached; that nobody can be told must not fail the deployment. */
async function tell(warnings: readonly string[]): Promise<void> {
  for (const warning of warnings) telemetry.logger.warn(warning);
  if (warnings.length === 0) return;
  const { DAVYLAMP_OPERATIONS_TOPIC_ARN: TopicArn } = requiredVariables(['DAVYLAMP_OPERATIONS_TOPIC_ARN']);
  const { length } = warnings;
  const Subject =
    length === 1 ? 'davylamp: a log group is not attached' : `davylamp: ${length} log groups are not attached`;
  try {
    await sns.send(new PublishCommand({ TopicArn, Subject, Message: warnings.join('\n') }));
  } catch (error) {
    telemetry.logger.error('the operations topic took no message', { reason: reasonOf(error) });
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

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
      throw new Error(`CloudFormation's answer was refused with status ${response.status}`);
    } catch (error) {
      if (attempt >= ANSWER_ATTEMPTS) throw error;
      await wait(500 * 2 ** attempt);
    }
  }
}

/** Custom resource: attaches the configured log groups to their functions, and removes what the stack attached. */
export const handler = withTelemetry<void>(telemetry, async (raw) => {
  const parsed = v.safeParse(request, raw);
  if (!parsed.success)
    throw new Error(`not a custom resource request: ${v.flatten(parsed.issues).root?.[0] ?? 'fields are missing'}`);
  const event = parsed.output;
  try {
    const { attached, removed, warnings } = await reconcile(event);
    telemetry.logger.info('subscriptions reconciled', { request: event.RequestType, attached, removed });
    telemetry.metrics.addMetric('SubscriptionWarnings', MetricUnit.Count, warnings.length);
    await tell(warnings);
    const Warnings = warnings.length === 0 ? 'none' : warnings.join(' ').slice(0, MAX_WARNINGS);
    await answer(event, { Status: 'SUCCESS', Data: { Warnings } });
  } catch (error) {
    telemetry.logger.error('subscriptions could not be reconciled', { reason: reasonOf(error) });
    await answer(event, { Status: 'FAILED', Reason: reasonOf(error).slice(0, MAX_REASON) });
  }
});
