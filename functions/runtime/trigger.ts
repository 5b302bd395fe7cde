import * as v from 'valibot';
import { parsed } from './foreign-event.ts';

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** CloudWatch Logs user guide, "Subscription filters with AWS Lambda": base64 around gzip around JSON. */
const Subscription = v.looseObject({
  awslogs: v.looseObject({ data: v.pipe(v.string(), v.regex(BASE64)) }),
});

/** Lambda developer guide, "Using Lambda with Amazon SQS". */
const Queue = v.looseObject({
  Records: v.pipe(
    v.array(v.looseObject({ eventSource: v.literal('aws:sqs'), messageId: v.string(), body: v.string() })),
    v.minLength(1),
  ),
});

export type QueueRecord = v.InferOutput<typeof Queue>['Records'][number];

export type Trigger =
  | { readonly kind: 'subscription'; readonly data: string }
  | { readonly kind: 'queue'; readonly event: v.InferOutput<typeof Queue> };

const TAKEN = 'a CloudWatch Logs subscription ({"awslogs":{"data"}}) or SQS messages ({"Records":[{"body"}]})';

/**
 * What triggered a classifier.
 * @throws ForeignEventError for any other event
 */
export function triggerOf(event: unknown): Trigger {
  if (v.is(v.looseObject({ Records: v.unknown() }), event))
    return { kind: 'queue', event: parsed(Queue, event, TAKEN) };
  return { kind: 'subscription', data: parsed(Subscription, event, TAKEN).awslogs.data };
}
