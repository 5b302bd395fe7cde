/**
 * How many containers of the notifier post to the webhook at a time, each of which knows its own pace alone: the
 * MaximumConcurrency of its queue's mapping. 2 is the least that Lambda takes ("Configuring maximum concurrency for Amazon
 * SQS event sources").
 */
export const SLACK_CONCURRENCY = 2;

/** Slack takes about one message a second for each webhook (docs.slack.dev, "Rate limits"). */
const WEBHOOK_PACE_MS = 1000;

/** Milliseconds between two posts of one container, so that all of them together keep the webhook's pace. */
export const CONTAINER_PACE_MS = WEBHOOK_PACE_MS * SLACK_CONCURRENCY;
