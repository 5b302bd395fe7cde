import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketOptions } from './buckets.ts';
import { Template } from './template.ts';

const AES256 = { SSEAlgorithm: 'AES256' };
const encryption = (byDefault: object) => ({
  BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: byDefault }] },
});
const announced = (EventBridgeConfiguration: object) => ({ NotificationConfiguration: { EventBridgeConfiguration } });
const options = (properties: object) =>
  bucketOptions(
    new Template({ Resources: { Logs: { Type: 'AWS::S3::Bucket', Properties: properties } } }).only('AWS::S3::Bucket'),
  );

test('reads from a template under which key a bucket stands and whether it announces its objects', () => {
  const keyed = { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'arn:aws:kms:eu-west-1:111122223333:key/a' };
  assert.deepEqual(options(encryption(AES256)), { announces: false });
  assert.deepEqual(options({ ...encryption(keyed), ...announced({ EventBridgeEnabled: true }) }), {
    ...{ announces: true, keyArn: keyed.KMSMasterKeyID },
  });
  assert.deepEqual(options({ ...encryption(AES256), ...announced({ EventBridgeEnabled: false }) }), {
    announces: false,
  });
});

const REFUSED: readonly [string, object][] = [
  ['no encryption', {}],
  ['another encryption', encryption({ SSEAlgorithm: 'aws:kms:dsse' })],
  ['a key without its name', encryption({ SSEAlgorithm: 'aws:kms' })],
  ['notifications of another kind', { ...encryption(AES256), NotificationConfiguration: { QueueConfigurations: [] } }],
];

for (const [what, properties] of REFUSED) {
  test(`refuses a bucket with ${what}`, () => {
    assert.throws(() => options(properties), TypeError);
  });
}
