import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Aggregator } from '#shared/classify/aggregate.ts';
import { MAX_SCOPES_OF_A_DAY, type Placed, placeEvidence } from '#shared/classify/place.ts';
import { type Alias, Identities } from '#shared/context/identities.ts';
import type { Group } from '#shared/model/groups.ts';
import type { Artifact, Claims } from '#shared/model/place.ts';
import { NOON, sampleOf } from '../factories.ts';

const POOL: Artifact = 'pool:203.0.113.9:3333';
const wire = { account: '111122223333', region: 'us-east-1', vpc: 'vpc-1', network: true as const };

function placed(
  acts: readonly (readonly [Group, Claims])[],
  also: readonly Claims[] = [],
  inventory: readonly Alias[] = [],
): Placed {
  const aggregator = new Aggregator();
  const identities = new Identities();
  for (const alias of inventory) identities.add(alias);
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

const nat = { ...wire, eni: 'eni-0a' };
const at = (address: string): Claims => ({ ...nat, address });

test('what a NAT gateway forwards is the inner host, and of the gateway a note', () => {
  const result = placed(
    [
      ['pool_connection', at('10.0.1.23')],
      ['pool_connection', at('10.0.0.5')],
      ['miner_execution', { hostName: 'ip-10-0-1-23' }],
    ],
    [{ ...wire, instance: 'i-0123456789abcdef0', address: '10.0.1.23' }],
  );
  const flagged = result.evidence.map((one) => [one.place.host, one.place.scope, one.flags.join()]).sort();
  assert.deepEqual(flagged, [
    ['10.0.0.5', 'network', 'forwarder'],
    ['i-0123456789abcdef0', 'host', ''],
    ['i-0123456789abcdef0', 'network', ''],
  ]);
});

test('hosts behind one shared interface are never taken for one', () => {
  const result = placed([
    ['pool_connection', at('10.0.1.60')],
    ['pool_connection', at('10.0.1.61')],
    ['miner_execution', { hostName: 'ip-10-0-1-60' }],
    ['persistence_setup', { hostName: 'ip-10-0-1-61' }],
  ]);
  const miner = result.evidence.find((one) => one.group === 'miner_execution');
  const cron = result.evidence.find((one) => one.group === 'persistence_setup');
  assert.equal(miner?.place.host, '10.0.1.60');
  assert.equal(cron?.place.host, '10.0.1.61');
});

test('an interface that the inventory calls a NAT gateway is a forwarder', () => {
  const aggregated = placed(
    [['pool_connection', at('10.0.0.5')]],
    [],
    [
      {
        member: 'address:10.0.0.5',
        host: 'eni-0a',
        from: 0,
        to: Number.MAX_SAFE_INTEGER,
        how: 'inventory',
        forwards: true,
      },
      { member: 'eni:eni-0a', host: 'eni-0a', from: 0, to: Number.MAX_SAFE_INTEGER, how: 'inventory', forwards: true },
    ],
  );
  assert.deepEqual(aggregated.evidence[0]?.flags, ['forwarder']);
});

test('auditd without a name of its own joins the interface that alone met its endpoint', () => {
  const result = placed([
    ['miner_execution', { stream: 'audit.log' }],
    ['pool_connection', { ...wire, eni: 'eni-1' }],
  ]);
  assert.deepEqual(hosts(result), ['eni-1 host', 'eni-1 network']);
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
