import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { EventInvokeConfigOptions, IEventSourceDlq } from 'aws-cdk-lib/aws-lambda';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { Handler } from './handler.ts';

/** What failed, whole, for thirty days: long enough to mend the cause and send it again. It holds raw log lines. */
const KEEP = Duration.days(30);

/** The bucket to which Lambda itself writes events that a function could not handle. */
export class FailureStore extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: { readonly key: IKey | undefined }) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [{ expiration: KEEP, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      // A bucket that holds objects can't be deleted with its stack: kept on purpose, and emptied by its lifecycle.
      removalPolicy: RemovalPolicy.RETAIN,
      ...(props.key === undefined
        ? { encryption: BucketEncryption.S3_MANAGED }
        : { encryption: BucketEncryption.KMS, encryptionKey: props.key, bucketKeyEnabled: true }),
    });
    acknowledge(
      this.bucket,
      'S1',
      'Lambda alone writes here, and each failure raises an alarm: access logs would tell no more',
    );
  }

  /** Lets the service write, as the function, what the function could not handle. */
  #admit(handler: Handler): void {
    handler.allow({
      actions: ['s3:PutObject'],
      resources: [this.bucket.arnForObjects('*')],
      wildcard: 'Lambda chooses the key of each failed event',
    });
    handler.allow({ actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] });
  }

  /** Where an event source mapping of `handler` leaves records. */
  forMapping(handler: Handler): IEventSourceDlq {
    this.#admit(handler);
    return { bind: () => ({ destination: this.bucket.bucketArn }) };
  }

  /** Where asynchronous invocations of `handler` leave events, and how long they are tried before. */
  forInvocations(handler: Handler): EventInvokeConfigOptions {
    this.#admit(handler);
    return {
      maxEventAge: Duration.hours(6),
      retryAttempts: 2,
      onFailure: { bind: () => ({ destination: this.bucket.bucketArn }) },
    };
  }
}
