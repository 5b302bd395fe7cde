import { hash, randomUUID } from 'node:crypto';
import { arn, via } from './account.ts';
import type { Answer, Gateway, LocalService, ServiceRequest } from './gateway.ts';
import { ServiceError } from './interventions.ts';
import { at, isFields, listOf, textOf } from './json.ts';
import { s3Error } from './protocols.ts';
import type { Resource } from './template.ts';

interface StoredObject {
  readonly key: string;
  readonly body: Buffer;
  readonly etag: string;
  readonly versionId: string | undefined;
}

interface Bucket {
  readonly keyArn: string | undefined;
  readonly versioned: boolean;
  readonly announces: boolean;
  readonly objects: StoredObject[];
}

interface BucketOptions {
  /** The key that its objects are encrypted with, which readers need. */
  readonly keyArn?: string;
  readonly versioned?: boolean;
  /** Whether new objects are announced to EventBridge. */
  readonly announces?: boolean;
}

/** S3: objects of named buckets, read by functions over HTTP and written by tests and by services. */
export class Buckets {
  readonly service: LocalService;
  readonly #buckets = new Map<string, Bucket>();

  constructor(gateway: Gateway) {
    this.service = {
      name: 's3',
      answer: async (request) => {
        try {
          return this.#answer(request, gateway);
        } catch (error) {
          if (error instanceof ServiceError) return s3Error(error);
          throw error;
        }
      },
    };
  }

  add(name: string, { keyArn, versioned = false, announces = true }: BucketOptions = {}): void {
    this.#buckets.set(name, { keyArn, versioned, announces, objects: [] });
  }

  put(name: string, key: string, content: Buffer | string): StoredObject {
    const bucket = this.#bucket(name);
    const body = Buffer.from(content);
    const object: StoredObject = {
      ...{ key, body, etag: `"${hash('md5', body)}"` },
      versionId: bucket.versioned ? randomUUID().replaceAll('-', '') : undefined,
    };
    if (!bucket.versioned) this.remove(name, key);
    bucket.objects.push(object);
    return object;
  }

  /** The key that objects of a bucket are encrypted with, where it is not the service's own. */
  keyOf(name: string): string | undefined {
    return this.#bucket(name).keyArn;
  }

  announces(name: string): boolean {
    return this.#bucket(name).announces;
  }

  remove(name: string, key: string): void {
    const { objects } = this.#bucket(name);
    for (let place = objects.length - 1; place >= 0; place--) if (objects[place]?.key === key) objects.splice(place, 1);
  }

  /** Objects of a bucket in the order in which they were written. */
  objects(name: string): readonly StoredObject[] {
    return this.#bucket(name).objects;
  }

  #bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw new ServiceError('NoSuchBucket', `there is no bucket ${name}`, 404);
    return bucket;
  }

  /** GetObject of a path-style address; nothing else is asked of S3 by functions. */
  #answer({ method, url, headers, enter }: ServiceRequest, { log }: Gateway): Answer {
    const [name, ...rest] = url.pathname.slice(1).split('/').map(decodeURIComponent);
    const key = rest.join('/');
    const operation = url.searchParams.get('x-id') ?? method;
    if (method !== 'GET' || operation !== 'GetObject' || key === '' || name === undefined) {
      log.faults.push(`s3:${operation} is asked for, and no local part provides it`);
      throw new ServiceError('NotImplemented', `${operation} is not provided here`, 501);
    }
    const versionId = url.searchParams.get('versionId');
    enter(versionId === null ? 's3:GetObject' : 's3:GetObjectVersion', [arn('s3', `${name}/${key}`, 'none')]);
    const bucket = this.#bucket(name);
    const object = bucket.objects.findLast(
      (one) => one.key === key && (versionId === null || one.versionId === versionId),
    );
    if (object === undefined) throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404);
    if (bucket.keyArn !== undefined) enter('kms:Decrypt', [bucket.keyArn], via('s3'));
    if (headers['if-match'] !== undefined && headers['if-match'] !== object.etag)
      throw new ServiceError('PreconditionFailed', 'the object is another one now', 412);
    return ranged(object, headers['range']);
  }
}

/** What a template says of a bucket. @throws TypeError for an encryption or notification that is not understood */
export function bucketOptions({ properties, logicalId }: Resource): BucketOptions {
  const configuration = at(properties, 'BucketEncryption', 'ServerSideEncryptionConfiguration') ?? [];
  const rules = listOf(configuration, logicalId).map((rule) => at(rule, 'ServerSideEncryptionByDefault'));
  const algorithms = rules.map((rule) => at(rule, 'SSEAlgorithm'));
  if (rules.length !== 1 || !(algorithms[0] === 'AES256' || algorithms[0] === 'aws:kms'))
    throw new TypeError(`${logicalId}: its encryption ${JSON.stringify(configuration)} is not understood`);
  const notification = properties['NotificationConfiguration'] ?? {};
  const kinds = isFields(notification) ? Object.keys(notification) : [];
  if (kinds.some((kind) => kind !== 'EventBridgeConfiguration'))
    throw new TypeError(`${logicalId}: notifications by ${kinds.join()} are not understood`);
  const announces = at(notification, 'EventBridgeConfiguration', 'EventBridgeEnabled') === true;
  if (algorithms[0] === 'AES256') return { announces };
  return { announces, keyArn: textOf(at(rules[0], 'KMSMasterKeyID'), `${logicalId}: the key of its objects`) };
}

function ranged({ body, etag, versionId }: StoredObject, range: string | undefined): Answer {
  const common = { etag, ...(versionId === undefined ? {} : { 'x-amz-version-id': versionId }) };
  if (range === undefined) return { status: 200, headers: { ...common, 'content-length': String(body.length) }, body };
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  const from = first === '' ? Math.max(0, body.length - Number(last)) : Number(first);
  const to = first === '' || last === '' ? body.length - 1 : Math.min(Number(last), body.length - 1);
  if ((first === '' && last === '') || from > to)
    throw new ServiceError('InvalidRange', 'the range lies outside the object', 416);
  return {
    status: 206,
    headers: {
      ...common,
      'content-length': String(to - from + 1),
      'content-range': `bytes ${from}-${to}/${body.length}`,
    },
    body: body.subarray(from, to + 1),
  };
}
