import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** As long as evidence is kept, which points to the objects that it came from. */
const KEEP = Duration.days(90);

export interface LogBucketProps {
  readonly name: string;
  /** Accounts besides the stack's own whose logs may be delivered. */
  readonly accounts: readonly string[];
}

/** A bucket that log delivery (flow logs, resolver query logs) writes to and that announces its objects to EventBridge. */
export class LogBucket extends Construct {
  constructor(scope: Construct, id: string, { name, accounts }: LogBucketProps) {
    super(scope, id);
    const bucket = new Bucket(this, 'Bucket', {
      bucketName: name,
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [{ expiration: KEEP, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(bucket, 'S1', 'it holds logs: access logs of it would be logs of the delivery of logs');
    // The construct's own switch for this brings a custom resource; the property alone does the same.
    const resource = bucket.node.defaultChild as CfnBucket;
    resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    this.#admitDelivery(bucket, [Stack.of(this).account, ...accounts]);
  }

  /** "Publish flow logs to Amazon S3", VPC user guide: the statements that log delivery needs, and would add itself. */
  #admitDelivery(bucket: Bucket, accounts: readonly string[]): void {
    const delivery = new ServicePrincipal('delivery.logs.amazonaws.com');
    const { partition } = Stack.of(this);
    const ofAccounts = {
      StringEquals: { 'aws:SourceAccount': accounts },
      ArnLike: { 'aws:SourceArn': accounts.map((account) => `arn:${partition}:logs:*:${account}:*`) },
    };
    bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AWSLogDeliveryAclCheck',
        principals: [delivery],
        actions: ['s3:GetBucketAcl', 's3:ListBucket'],
        resources: [bucket.bucketArn],
        conditions: ofAccounts,
      }),
    );
    bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AWSLogDeliveryWrite',
        principals: [delivery],
        actions: ['s3:PutObject'],
        resources: [bucket.arnForObjects('*')],
        conditions: {
          ...ofAccounts,
          StringEquals: { ...ofAccounts.StringEquals, 's3:x-amz-acl': 'bucket-owner-full-control' },
        },
      }),
    );
  }
}
