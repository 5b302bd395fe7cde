import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';

const SERVICE = 'davylamp';

/** Logger and metrics of one function; made once a container. */
export interface Telemetry {
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** A handler as Lambda calls it. */
export type LambdaHandler<Result> = (event: unknown, context: Context) => Promise<Result>;

/**
 * Logger and metrics of a function. Metrics have two dimensions: service, and `function` with the name given here, so that
 * nothing from a log becomes a dimension.
 * @param name the file name of the handler: `classify-flow`
 */
export function telemetryOf(name: string, source: NodeJS.ProcessEnv = process.env): Telemetry {
  const serviceName = source['POWERTOOLS_SERVICE_NAME'] ?? SERVICE;
  return {
    logger: new Logger({ serviceName, persistentKeys: { function: name } }),
    metrics: new Metrics({
      serviceName,
      namespace: source['POWERTOOLS_METRICS_NAMESPACE'] ?? SERVICE,
      defaultDimensions: { function: name },
    }),
  };
}

/**
 * Wraps a handler: log lines carry the request id and never the event, and the invocation's metrics leave as one line in
 * Embedded Metric Format, also when it fails.
 */
export function withTelemetry<Result>(
  { logger, metrics }: Telemetry,
  handler: LambdaHandler<Result>,
): LambdaHandler<Result> {
  const wrapped = middy<unknown, Result, Error, Context>()
    .use(injectLambdaContext(logger, { logEvent: false, resetKeys: true }))
    .use(logMetrics(metrics))
    .handler(handler);
  return (event, context) => Promise.resolve(wrapped(event, context)) as Promise<Result>;
}
