import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { objectClaims } from '#shared/aws/object-claims.ts';
import type { Claims } from '#shared/model/place.ts';

const KEYS: readonly [string, Claims][] = [
  ['AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/11/24/x.log.gz', { account: '111122223333', region: 'us-east-1' }],
  [
    'a/AWSLogs/111122223333/vpcflowlogs/us-gov-west-1/2026/x.log.gz',
    { account: '111122223333', region: 'us-gov-west-1' },
  ],
  ['AWSLogs/o-ab12cd34ef/111122223333/vpcflowlogs/eu-west-1/x', { account: '111122223333', region: 'eu-west-1' }],
  [
    'AWSLogs/111122223333/vpcdnsquerylogs/vpc-0123456789abcdef0/2026/11/24/x.log.gz',
    { account: '111122223333', vpc: 'vpc-0123456789abcdef0' },
  ],
  [
    'p/AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=us-east-1/year=2026/x.log.gz',
    { account: '111122223333', region: 'us-east-1' },
  ],
  [
    'audit/account=111122223333/region=eu-central-1/instance_id=i-0123456789abcdef0/dt=2026-11-24/x.gz',
    { account: '111122223333', region: 'eu-central-1', instance: 'i-0123456789abcdef0' },
  ],
  ['audit/host=web-1.example.com/x.gz', { hostName: 'web-1.example.com' }],
  ['audit/account=1111/region=nowhere/host=-x/instance=web/x.gz', {}],
  ['111122223333/us-east-1/x.log', {}],
  ['AWSLogs/x/account=111122223333', {}],
];
for (const [key, claims] of KEYS) {
  test(`reads the key ${key}`, () => assert.deepEqual({ ...objectClaims(key) }, claims));
}

test('never throws, and claims only what has the right shape', () => {
  const part = fc.oneof(fc.string(), fc.constantFrom('AWSLogs', 'account=', 'region=us-east-1', '__proto__=1'));
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const { account = '111122223333' } = objectClaims(parts.join('/'));
      assert.match(account, /^\d{12}$/);
    }),
  );
});
