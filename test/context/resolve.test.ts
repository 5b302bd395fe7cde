import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressOfHostName, Identities, instanceOfHostName } from '#shared/context/identities.ts';
import { inferByEndpoint } from '#shared/context/infer.ts';
import { type Defaults, resolverOf } from '#shared/context/resolve.ts';
import { scopeOf, shortContainerId, workloadOf } from '#shared/context/scope.ts';
import type { Artifact, Claims } from '#shared/model/place.ts';
import { NOON } from '../factories.ts';

const HOUR_MS = 3_600_000;
const ACCOUNT = '111122223333';
const I1 = 'i-0123456789abcdef0';
const I2 = 'i-0fedcba9876543210';
const wire = { account: ACCOUNT, region: 'us-east-1', vpc: 'vpc-1' };

function hostOf(
  seen: readonly (readonly [Claims, number])[],
  claims: Claims,
  at = NOON,
  defaults: Defaults = {},
): string {
  const identities = new Identities();
  for (const [one, time] of seen) identities.observe(one, time);
  return resolverOf(identities.aliases(), defaults)(claims, at).place.host;
}

describe('hosts', () => {
  const flow = { ...wire, instance: I1, eni: 'eni-1', address: '10.0.1.23' };

  for (const [name, claims] of [
    ['its instance id', { instance: I1 }],
    ['its interface', { eni: 'eni-1' }],
    ['its address', { address: '10.0.1.23' }],
    ['an address in its name', { hostName: 'ip-10-0-1-23' }],
    ['an address in its full name', { hostName: 'ip-10-0-1-23.eu-west-1.compute.internal' }],
    ['an instance id in its name', { hostName: `${I1}.ec2.internal` }],
  ] as const)
    test(`is known by ${name}`, () => assert.equal(hostOf([[flow, NOON]], claims), I1));

  test('an interface without an instance is the host of its address', () => {
    assert.equal(
      hostOf([[{ ...wire, eni: 'eni-9', address: '10.0.9.9' }, NOON]], { hostName: 'ip-10-0-9-9' }),
      'eni-9',
    );
  });

  test('an interface leads to the instance that another record names', () => {
    const seen = [
      [{ ...wire, eni: 'eni-1', address: '10.0.1.23' }, NOON],
      [{ ...wire, eni: 'eni-1', instance: I1 }, NOON],
    ] as const;
    assert.equal(hostOf(seen, { address: '10.0.1.23' }), I1);
  });

  test('an interface and an instance that had one address at one time are one', () => {
    const flow = { account: ACCOUNT, eni: 'eni-1', address: '10.0.1.23' };
    const query = { ...wire, instance: I1, address: '10.0.1.23' };
    assert.equal(
      hostOf(
        [
          [flow, NOON],
          [query, NOON],
        ],
        { eni: 'eni-1' },
      ),
      I1,
    );
    assert.equal(
      hostOf(
        [
          [flow, NOON],
          [query, NOON],
        ],
        { hostName: 'ip-10-0-1-23' },
      ),
      I1,
    );
    assert.equal(
      hostOf(
        [
          [flow, NOON],
          [query, NOON + 5 * HOUR_MS],
        ],
        { eni: 'eni-1' },
      ),
      'eni-1',
    );
  });

  test('what nothing resolves keeps its own name', () => {
    assert.equal(hostOf([], { hostName: 'web-1', stream: 'audit.log' }), 'web-1');
    assert.equal(hostOf([], { hostName: 'ip-10-0-1-23' }), '10.0.1.23');
    assert.equal(hostOf([], { stream: 'audit.log' }), 'stream:audit.log');
    assert.equal(hostOf([], {}), '-');
  });

  test('an address that another instance took over belongs to each in its time', () => {
    const seen = [
      [{ ...wire, instance: I1, address: '10.0.1.23' }, NOON],
      [{ ...wire, instance: I2, address: '10.0.1.23' }, NOON + 10 * HOUR_MS],
    ] as const;
    assert.equal(hostOf(seen, { address: '10.0.1.23' }, NOON), I1);
    assert.equal(hostOf(seen, { address: '10.0.1.23' }, NOON + 10 * HOUR_MS), I2);
    assert.equal(hostOf(seen, { address: '10.0.1.23' }, NOON + 5 * HOUR_MS), '10.0.1.23');
  });

  test('the same private address in two VPCs is two hosts, and without a VPC nobody', () => {
    const seen = [
      [{ ...wire, vpc: 'vpc-1', instance: I1, address: '10.0.1.23' }, NOON],
      [{ ...wire, vpc: 'vpc-2', instance: I2, address: '10.0.1.23' }, NOON],
    ] as const;
    assert.equal(hostOf(seen, { vpc: 'vpc-2', address: '10.0.1.23' }), I2);
    assert.equal(hostOf(seen, { hostName: 'ip-10-0-1-23' }), '10.0.1.23');
  });

  test('an ECS task is known by cluster and family', () => {
    assert.equal(hostOf([], { cluster: 'web', family: 'api', task: 'abc', instance: I1 }), 'web/api');
  });

  test('a source without an account takes it from the host that it is, else from the defaults', () => {
    const identities = new Identities();
    identities.observe(flow, NOON);
    const resolve = resolverOf(identities.aliases(), {});
    assert.equal(resolve({ hostName: 'ip-10-0-1-23' }, NOON).place.account, ACCOUNT);
    assert.equal(resolve({ hostName: 'web-1' }, NOON).place.account, '-');
    assert.equal(
      resolverOf([], { account: '444455556666' })({ hostName: 'web-1' }, NOON).place.account,
      '444455556666',
    );
  });

  test('names the only account of a run, and none of several', () => {
    const identities = new Identities();
    identities.observe({ account: ACCOUNT, region: 'us-east-1' }, NOON);
    assert.deepEqual(identities.only(), { account: ACCOUNT, region: 'us-east-1' });
    identities.observe({ account: '444455556666', region: 'us-east-1' }, NOON);
    assert.deepEqual(identities.only(), { region: 'us-east-1' });
  });

  test('host names that only resemble addresses are names', () => {
    assert.equal(addressOfHostName('ip-10-0-1-999'), undefined);
    assert.equal(addressOfHostName('ip-10-0-1-23x'), undefined);
    assert.equal(instanceOfHostName('i-am-a-host'), undefined);
  });
});

describe('scopes', () => {
  for (const [pod, workload] of [
    ['web-7d4b9c6f5b-x2x8z', 'web'],
    ['node-agent-4nz5k', 'node-agent'],
    ['redis-0', 'redis'],
    ['backup-28934440-7k2xq', 'backup'],
    ['web', 'web'],
    ['my-app-prod', 'my-app-prod'],
  ] as const)
    test(`the workload of pod ${pod} is ${workload}`, () => assert.equal(workloadOf(pod), workload));

  for (const [claims, scope] of [
    [{}, 'host'],
    [{ network: true, container: '0123456789ab' }, 'network'],
    [{ namespace: 'shop', pod: 'web-7d4b9c6f5b-x2x8z', containerName: 'app' }, 'shop/web/app'],
    [{ namespace: 'shop', pod: 'web-1', workload: 'web', containerName: 'app' }, 'shop/web/app'],
    [{ family: 'api', containerName: 'main' }, 'api/main'],
    [{ container: 'docker://0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef' }, '0123456789ab'],
    [{ container: 'unknown' }, 'container:unknown'],
    [{ namespace: 'shop', pod: 'web-1', container: 'unknown' }, 'container:unknown'],
    [{ namespace: 'shop', pod: 'web-1', container: 'unknown', containerName: 'app' }, 'shop/web/app'],
    [{ namespace: 'shop', pod: 'web-1', container: '0123456789ab' }, 'shop/web/-'],
  ] as const)
    test(`${JSON.stringify(claims)} is scope ${scope}`, () => assert.equal(scopeOf(claims as Claims), scope));

  test('64 and 12 digits of a container are one', () => {
    assert.equal(
      shortContainerId('0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'),
      shortContainerId('0123456789ab'),
    );
  });
});

describe('identity by endpoint', () => {
  const POOL: Artifact = 'pool:203.0.113.9:3333';
  const resolve = resolverOf([], {});
  const use = (claims: Claims, hour = 0) => ({ claims, resolved: resolve(claims, NOON), artifacts: [POOL], hour });
  const met = (eni: string, hour = 0) => use({ ...wire, eni, network: true }, hour);

  test('one unresolved host and one interface that met its endpoint are one', () => {
    const [alias] = inferByEndpoint([use({ hostName: 'web-1' })], [met('eni-1'), met('eni-1')], 24);
    assert.equal(alias?.member, 'name:web-1');
    assert.equal(alias?.host, 'eni-1');
    assert.equal(alias?.account, ACCOUNT);
  });

  test('two hosts, two interfaces, a known host or another day are none', () => {
    const web = use({ hostName: 'web-1' });
    assert.deepEqual(inferByEndpoint([web, use({ hostName: 'web-2' })], [met('eni-1')], 24), []);
    assert.deepEqual(inferByEndpoint([web], [met('eni-1'), met('eni-2')], 24), []);
    assert.deepEqual(inferByEndpoint([use({ hostName: 'ip-10-0-1-23' })], [met('eni-1')], 24), []);
    assert.deepEqual(inferByEndpoint([web], [met('eni-1', 30)], 24), []);
  });
});
