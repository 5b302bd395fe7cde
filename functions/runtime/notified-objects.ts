import * as v from 'valibot';
import type { StoredObject } from '#shared/aws/s3-reader.ts';
import { ForeignEventError, parsed, parsedJson } from './foreign-event.ts';

/** An object that was created. */
export interface NotifiedObject extends StoredObject {
  /** When S3 says so, milliseconds since the epoch: the same however often the message comes. */
  readonly at?: number;
  /** Bytes as stored. */
  readonly size?: number;
}

const Name = v.pipe(v.string(), v.minLength(1), v.maxLength(1024));

/** S3 user guide, "Event message structure"; keys are URL-encoded as form fields are. */
const Native = v.looseObject({
  Records: v.array(
    v.looseObject({
      eventSource: v.literal('aws:s3'),
      eventName: v.string(),
      eventTime: v.optional(v.string()),
      s3: v.looseObject({
        bucket: v.looseObject({ name: Name }),
        object: v.looseObject({
          key: v.pipe(v.string(), v.minLength(1), v.maxLength(3072)),
          size: v.optional(v.number()),
          versionId: v.optional(v.string()),
        }),
      }),
    }),
  ),
});

/** S3 user guide, "EventBridge event message structure"; keys stand as they are. */
const Bridged = v.looseObject({
  source: v.literal('aws.s3'),
  'detail-type': v.string(),
  time: v.optional(v.string()),
  detail: v.looseObject({
    bucket: v.looseObject({ name: Name }),
    object: v.looseObject({ key: Name, size: v.optional(v.number()), 'version-id': v.optional(v.string()) }),
  }),
});

/** What S3 sends when a notification is set up. */
const Test = v.looseObject({ Service: v.literal('Amazon S3'), Event: v.literal('s3:TestEvent') });
/** A topic between bucket and queue, without raw delivery (SNS developer guide, "HTTP/HTTPS notification JSON format"). */
const Topic = v.looseObject({ Type: v.literal('Notification'), Message: v.string() });

const TAKEN = 'an S3 notification, from S3 itself or by EventBridge';

/**
 * The objects that the body of a queue's message tells of; none for S3's test message and for other events than creation.
 * @throws ForeignEventError for any other body
 */
export function notifiedObjects(body: string): readonly NotifiedObject[] {
  const outer = parsedJson(body, TAKEN);
  const message = v.is(Topic, outer) ? parsedJson(outer.Message, TAKEN) : outer;
  if (v.is(Test, message)) return [];
  if (v.is(v.looseObject({ source: v.unknown() }), message)) return bridged(parsed(Bridged, message, TAKEN));
  return parsed(Native, message, TAKEN)
    .Records.filter(({ eventName }) => /^(?:s3:)?ObjectCreated:/.test(eventName))
    .map(({ eventTime, s3: { bucket, object } }) => ({
      bucket: bucket.name,
      key: decodedKey(object.key),
      ...(object.versionId === undefined ? {} : { versionId: object.versionId }),
      ...(object.size === undefined ? {} : { size: object.size }),
      ...timeOf(eventTime),
    }));
}

function bridged(event: v.InferOutput<typeof Bridged>): readonly NotifiedObject[] {
  if (event['detail-type'] !== 'Object Created') return [];
  const { bucket, object } = event.detail;
  const versionId = object['version-id'];
  return [
    {
      bucket: bucket.name,
      key: object.key,
      ...(versionId === undefined || versionId === '' ? {} : { versionId }),
      ...(object.size === undefined ? {} : { size: object.size }),
      ...timeOf(event.time),
    },
  ];
}

function decodedKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    throw new ForeignEventError(`expected ${TAKEN}; the key of its object is not URL-encoded`);
  }
}

function timeOf(text: string | undefined): Pick<NotifiedObject, 'at'> {
  const at = Date.parse(text ?? '');
  return Number.isFinite(at) ? { at } : {};
}
