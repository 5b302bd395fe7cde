import * as v from 'valibot';
import { parsed } from './foreign-event.ts';

const BASE64 = new Set(
  [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/='].map((one) => one.charCodeAt(0)),
);

/** CloudWatch Logs user guide, "Subscription filters with AWS Lambda": base64 around gzip around JSON. */
const Subscription = v.looseObject({
  awslogs: v.looseObject({ data: v.pipe(v.string(), v.check(isBase64)) }),
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

/** Character by character: a regular expression keeps its way back for each, and has no room for that in 6 MB. */
function isBase64(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (!BASE64.has(text.charCodeAt(at))) return false;
  return text.length > 0;
}

/**
 * What triggered a classifier.
 * @throws ForeignEventError for any other event
 */
export function triggerOf(event: unknown): Trigger {
  if (v.is(v.looseObject({ Records: v.unknown() }), event))
    return { kind: 'queue', event: parsed(Queue, event, TAKEN) };
  return { kind: 'subscription', data: parsed(Subscription, event, TAKEN).awslogs.data };
}
