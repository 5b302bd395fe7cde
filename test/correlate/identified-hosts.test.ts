import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { correlateIdentified, correlateMember } from '#shared/correlate/identified-hosts.ts';
import { DEFAULT_MATRIX } from '#shared/correlate/matrix.ts';
import type { Store } from '#shared/correlate/store.ts';
import type { Evidence } from '#shared/model/evidence.ts';
import type { Episode } from '#shared/model/finding.ts';
import type { Membership, Memberships } from '#shared/model/membership.ts';
import type { Host } from '#shared/model/place.ts';
import { hourOf, hourStart } from '#shared/model/time.ts';
import { evidenceOf, NOON, PLACE } from '../factories.ts';
import { memoryMemberships } from './memory-memberships.ts';
import { memoryStore } from './memory-store.ts';

const HOUR = hourOf(NOON);
const { account, region } = PLACE;
const hostOf = (host: string): Host => ({ account, region, host });
const INSTANCE = hostOf('i-0123456789abcdef0');
const ADDRESS = hostOf('10.0.0.5');
const ENI = hostOf('eni-0a1b2c3d4e5f60718');
const CONTEXT = { matrix: DEFAULT_MATRIX, linkable: () => true, notes: [], now: () => NOON };

function is(member: Host, host: Host, from = NOON, to = NOON): Membership {
  return { member, host: host.host, from, to, how: 'record' };
}

const MINER = (host: Host, hour = HOUR) =>
  evidenceOf({ place: { ...host, scope: 'host' }, hour, artifacts: ['pool:203.0.113.7:3333'] });
const POOL = (host: Host, hour = HOUR) =>
  evidenceOf({
    place: { ...host, scope: 'network' },
    hour,
    group: 'pool_connection',
    rule: 'learned_endpoint',
    artifacts: ['pool:203.0.113.7:3333'],
    flags: ['network' as never].filter(() => false),
  });
const CRON = (host: Host, hour = HOUR) =>
  evidenceOf({ place: { ...host, scope: 'host' }, hour, group: 'persistence_setup', rule: 'crontab' });

class Chain {
  readonly store: Store = memoryStore();
  readonly memberships: Memberships = memoryMemberships();

  async take(evidence: Evidence): Promise<void> {
    await this.store.merge(evidence);
    const { place, hour } = evidence;
    const touched = { host: hostOf(place.host), scopes: [place.scope], from: hour, to: hour };
    await correlateIdentified(this.store, this.memberships, touched, CONTEXT);
  }

  async learn(membership: Membership): Promise<void> {
    await this.memberships.remember(membership);
    await correlateMember(this.store, this.memberships, membership.member, CONTEXT);
  }

  /** Episodes of a host's own scope. */
  async episodes(host: Host, scope = 'host'): Promise<readonly Episode[]> {
    return (await this.store.head({ ...host, scope }))?.episodes ?? [];
  }

  async states(host: Host): Promise<readonly string[]> {
    return (await this.episodes(host)).map((one) => `${one.severity ?? '-'} ${one.state}`);
  }
}

test('evidence of two names of one host is one finding once they are known to be one', async () => {
  const chain = new Chain();
  await chain.take(MINER(ADDRESS));
  await chain.take(POOL(ENI));
  assert.deepEqual(await chain.states(ADDRESS), ['- watching']);
  await chain.learn(is(ADDRESS, ENI));
  assert.deepEqual(await chain.states(ENI), ['Medium open']);
  const [episode] = await chain.episodes(ENI);
  assert.match(episode?.snapshot?.notes.join() ?? '', /Host 10\.0\.0\.5 is taken to be eni-0a1b2c3d4e5f60718/);
  assert.equal(episode?.snapshot?.place.host, ENI.host);
});

test('a finding that was opened under the earlier name is superseded, and that of the host goes on', async () => {
  const chain = new Chain();
  await chain.take(MINER(ADDRESS));
  await chain.take(POOL(ADDRESS));
  assert.deepEqual(await chain.states(ADDRESS), ['Medium open']);
  await chain.learn(is(ADDRESS, INSTANCE));
  assert.deepEqual(await chain.states(INSTANCE), ['Medium open']);
  assert.deepEqual(await chain.states(ADDRESS), ['Medium superseded']);
  const head = await chain.store.head({ ...ADDRESS, scope: 'host' });
  assert.deepEqual(
    head?.unpublished.map((one) => one.transition),
    ['opened', 'superseded'],
  );
  // What still comes under the earlier name counts for the host.
  await chain.take(CRON(ADDRESS, HOUR + 1));
  assert.deepEqual(await chain.states(INSTANCE), ['High open']);
  assert.deepEqual(await chain.states(ADDRESS), ['Medium superseded']);
});

test('an address is followed to its interface, and this to its instance', async () => {
  const chain = new Chain();
  await chain.take(MINER(ADDRESS));
  await chain.take(POOL(ENI));
  await chain.take(CRON(INSTANCE));
  await chain.learn(is(ADDRESS, ENI));
  await chain.learn(is(ENI, INSTANCE));
  assert.deepEqual(await chain.states(INSTANCE), ['High open']);
  assert.deepEqual(await chain.states(ENI), ['Medium superseded']);
  assert.deepEqual(await chain.states(ADDRESS), ['- superseded']);
});

test('an address that was reused is each time that of its host', async () => {
  const chain = new Chain();
  const other = hostOf('i-0ffffffffffffffff');
  const day = HOUR + 48;
  await chain.take(MINER(ADDRESS));
  await chain.take(POOL(ADDRESS));
  await chain.take(MINER(ADDRESS, day));
  await chain.learn(is(ADDRESS, INSTANCE, hourStart(HOUR - 5), hourStart(HOUR + 5)));
  await chain.learn(is(ADDRESS, other, hourStart(day - 5), hourStart(day + 5)));
  assert.deepEqual(await chain.states(INSTANCE), ['Medium open', '- superseded']);
  assert.deepEqual(await chain.states(other), ['- watching']);
});

test('a membership of a host without evidence changes nothing', async () => {
  const chain = new Chain();
  await chain.take(MINER(INSTANCE));
  await chain.learn(is(ADDRESS, INSTANCE));
  assert.deepEqual(await chain.states(INSTANCE), ['- watching']);
  assert.deepEqual(await chain.episodes(ADDRESS), []);
});

test('in whatever order evidence and memberships come, the host reaches the same severity and members keep none', async () => {
  const steps: readonly ((chain: Chain) => Promise<void>)[] = [
    (chain) => chain.take(MINER(ADDRESS)),
    (chain) => chain.take(POOL(ENI)),
    (chain) => chain.take(CRON(INSTANCE)),
    (chain) => chain.learn(is(ADDRESS, ENI)),
    (chain) => chain.learn(is(ENI, INSTANCE)),
  ];
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4, 0, 1, 2, 3, 4], { minLength: 10 }), async (order) => {
      const chain = new Chain();
      for (const step of order) await steps[step]?.(chain);
      assert.deepEqual(await chain.states(INSTANCE), ['High open']);
      for (const member of [ADDRESS, ENI]) {
        const states = await chain.states(member);
        assert.ok(
          states.every((state) => state.endsWith('superseded')),
          `${member.host}: ${states.join()}`,
        );
      }
    }),
  );
});

for (const [what, first, second] of [
  ['two scopes of one host', INSTANCE, INSTANCE],
  ['an address and the instance that it is', ADDRESS, INSTANCE],
] as const) {
  test(`loses no pool to two correlators that begin ${what} at once`, async () => {
    const chain = new Chain();
    await chain.memberships.remember(is(ADDRESS, INSTANCE));
    const all = [MINER(first), POOL(second)];
    for (const one of all) await chain.store.merge(one);
    // Both read the heads before either has written one.
    let waiting = all.length;
    const { promise: both, resolve } = Promise.withResolvers<void>();
    const heads: Store['heads'] = async (host) => {
      const found = await chain.store.heads(host);
      if (host.host !== INSTANCE.host) return found;
      waiting -= 1;
      if (waiting === 0) resolve();
      await both;
      return found;
    };
    const touching = ({ place, hour }: Evidence) => ({
      ...{ host: hostOf(place.host), scopes: [place.scope] },
      ...{ from: hour, to: hour },
    });
    await Promise.all(
      all.map((one) => correlateIdentified({ ...chain.store, heads }, chain.memberships, touching(one), CONTEXT)),
    );
    assert.deepEqual(
      (await chain.episodes(INSTANCE)).map(({ state, severity }) => [state, severity]),
      [['open', 'Medium']],
    );
  });
}
