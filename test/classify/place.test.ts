import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Aggregator } from '#shared/classify/aggregate.ts';
import { MAX_SCOPES_OF_A_DAY, type Placed, placeEvidence } from '#shared/classify/place.ts';
import { Identities } from '#shared/context/identities.ts';
import type { Group } from '#shared/model/groups.ts';
import type { Artifact, Claims } from '#shared/model/place.ts';
import { NOON, sampleOf } from '../factories.ts';

const POOL: Artifact = 'pool:203.0.113.9:3333';
const wire = { account: '111122223333', region: 'us-east-1', vpc: 'vpc-1', network: true as const };

function placed(acts: readonly (readonly [Group, Claims])[], also: readonly Claims[] = []): Placed {
  const aggregator = new Aggregator();
  const identities = new Identities();
  for (const claims of also) identities.observe(claims, NOON);
  for (const [group, claims] of acts) {
    identities.observe(claims, NOON);
    aggregator.add({
      group,
      rule: group,
      ruleVersion: 1,
      technique: 'T1496.001',
      strength: 'strong',
      time: NOON,
      claims,
      linkKey: '-',
      artifacts: [POOL],
      flags: [],
      why: '',
      sample: sampleOf(),
    });
  }
  return placeEvidence(aggregator.unplaced(), identities, {}, 24);
}

const hosts = (of: Placed): string[] => of.evidence.map((one) => `${one.place.host} ${one.place.scope}`).sort();

test('a host without identity is the interface that alone met its endpoint, and the finding will say so', () => {
  const result = placed([
    ['miner_execution', { hostName: 'web-1' }],
    ['pool_connection', { ...wire, eni: 'eni-1' }],
  ]);
  assert.deepEqual(hosts(result), ['eni-1 host', 'eni-1 network']);
  assert.match([...result.notes.values()].flat().join(), /web-1 is taken to be eni-1/);
});

test('what a NAT gateway forwards is the inner host, and of the gateway nothing more', () => {
  const nat = { ...wire, eni: 'eni-nat' };
  const result = placed(
    [
      ['pool_connection', { ...nat, address: '10.0.1.23' }],
      ['pool_connection', { ...nat, address: '10.0.0.5' }],
    ],
    [{ ...wire, eni: 'eni-1', instance: 'i-0123456789abcdef0', address: '10.0.1.23' }],
  );
  const inner = result.evidence.find((one) => one.place.host === 'i-0123456789abcdef0');
  const own = result.evidence.find((one) => one.place.host === 'eni-nat');
  assert.ok(inner);
  assert.deepEqual(inner.flags, []);
  assert.deepEqual(own?.flags, ['forwarder']);
});

test('sources without an account stay apart when the run has seen several, and the run says so', () => {
  const result = placed(
    [['miner_execution', { hostName: 'web-1' }]],
    [{ account: '111122223333' }, { account: '444455556666' }],
  );
  assert.equal(result.evidence[0]?.place.account, '-');
  assert.equal(result.withoutAccount, true);
});

test('scopes beyond the cap of a host and day are one', () => {
  const result = placed(
    Array.from({ length: MAX_SCOPES_OF_A_DAY + 50 }, (_, n) => [
      'miner_execution',
      { hostName: 'web-1', container: n.toString(16).padStart(12, '0') },
    ]),
  );
  const scopes = new Set(result.evidence.map((one) => one.place.scope));
  assert.equal(scopes.size, MAX_SCOPES_OF_A_DAY + 1);
  assert.ok(scopes.has('overflow'));
});
