import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { STORM_SIZE } from '#shared/correlate/storm.ts';
import type { Group } from '#shared/model/groups.ts';
import type { Place } from '#shared/model/place.ts';
import { hourOf } from '#shared/model/time.ts';
import { correlateBatch } from '../../functions/correlate.ts';
import { type SweepParts, type Swept, sweep } from '../../functions/sweep.ts';
import { evidenceOf, PLACE } from '../factories.ts';
import { drain, openParts, type Parts, receivedBy, Stream } from './correlate-parts.ts';

const CHAIN: readonly Group[] = ['miner_execution', 'pool_connection', 'persistence_setup', 'system_optimization'];
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DUE = 31 * HOUR;

describe('the sweeper', () => {
  let parts: Parts;
  let stream: Stream;
  const place: Place = PLACE;
  // A table of its own for each test: a sweep sees all heads.
  beforeEach(async () => {
    parts = await openParts();
    stream = new Stream(parts.client);
  });
  afterEach(() => parts.close());

  /** A chain in the hour of the tests' clock. */
  const arrive = async (groups: readonly Group[], at: Place = place): Promise<void> => {
    const hour = hourOf(parts.clock());
    for (const group of groups) await parts.store.merge(evidenceOf({ place: at, group, rule: group, hour }));
  };
  /** A head whose stream record is lost. */
  const lose = async (groups: readonly Group[], at: Place = place): Promise<void> => {
    await arrive(groups, at);
    await correlateBatch({ Records: await stream.changes() }, parts.parts);
    await stream.changes();
  };
  const run = (remaining = 60_000, change: Partial<SweepParts> = {}): Promise<Swept> =>
    sweep(
      {
        ...parts.parts,
        ...{ client: parts.client, table: parts.table, windowHours: 24, clock: parts.clock, ...change },
      },
      () => remaining,
    );
  const told = (): string[] => parts.messages.map((one) => one.attributes['transition'] ?? '');

  test('publishes what the stream left for ten minutes, and not before', async () => {
    await lose(CHAIN.slice(0, 2));
    parts.pass(9 * MINUTE);
    assert.equal((await run()).published, 0);
    parts.pass(MINUTE);
    assert.equal((await run()).published, 1);
    assert.deepEqual(told(), ['opened']);
    assert.equal((await run()).published, 0);
    assert.deepEqual((await parts.store.head(place))?.unpublished, []);
  });

  test('publishes each transition of a head whose stream records are lost', async () => {
    await lose(CHAIN.slice(0, 2));
    await lose(CHAIN.slice(2));
    parts.pass(10 * MINUTE);
    await run();
    assert.deepEqual(
      parts.messages.map((one) => [one.attributes['transition'], one.attributes['severity']]),
      [
        ['opened', 'Medium'],
        ['escalated', 'Critical'],
      ],
    );
  });

  test('leaves a head that a channel refuses to the next run, and serves the others', async () => {
    await lose(CHAIN.slice(0, 2));
    await lose(CHAIN.slice(0, 2), { ...place, host: `${place.host}-other` });
    parts.pass(10 * MINUTE);
    parts.refuse(1);
    const first = await run();
    assert.deepEqual([first.published, first.failed], [1, 1]);
    assert.deepEqual(parts.failures, ['publish']);
    const second = await run();
    assert.deepEqual([second.published, second.failed], [1, 0]);
  });

  test('archives an episode once its window and the lateness are over; the stream tells of it', async () => {
    await arrive(CHAIN.slice(0, 2));
    await drain(parts, stream);
    parts.pass(DUE - HOUR);
    assert.equal((await run()).archived, 0);
    parts.pass(HOUR);
    assert.equal((await run()).archived, 1);
    await drain(parts, stream);
    assert.deepEqual(told(), ['opened', 'archived']);
    assert.equal((await parts.store.head(place))?.episodes[0]?.state, 'archived');
    assert.equal((await run()).archived, 0);
  });

  test('opens a new finding for a chain that comes after the end of an archived one', async () => {
    await arrive(CHAIN.slice(0, 2));
    await drain(parts, stream);
    parts.pass(DUE);
    await run();
    await arrive(CHAIN.slice(0, 2));
    await drain(parts, stream);
    assert.deepEqual(told().sort(), ['archived', 'opened', 'opened']);
    assert.equal(new Set(parts.details.map((one) => one.finding_info.uid)).size, 2);
  });

  test('gives way to evidence that comes while it archives', async () => {
    await arrive(CHAIN.slice(0, 2));
    await drain(parts, stream);
    parts.pass(DUE);
    const putHead: typeof parts.store.putHead = async (next) => {
      await arrive(CHAIN.slice(2));
      await correlateBatch({ Records: await stream.changes() }, parts.parts);
      return parts.parts.store.putHead(next);
    };
    const raced = await run(60_000, { store: { ...parts.parts.store, putHead } });
    assert.deepEqual([raced.archived, raced.failed], [0, 0]);
    assert.equal((await parts.store.head(place))?.episodes.at(-1)?.severity === undefined, false);
    await drain(parts, stream);
    assert.ok(!told().includes('archived'));
  });

  test('leaves what there is no time for to the next run', async () => {
    await lose(CHAIN.slice(0, 2));
    parts.pass(10 * MINUTE);
    assert.equal((await run(1000)).published, 0);
    assert.equal((await run()).published, 1);
  });

  test('ends what opened in a storm in one message too, and a Critical finding alone', async () => {
    for (let n = 0; n < STORM_SIZE; n++) await arrive(CHAIN.slice(0, 2), { ...place, host: `${place.host}-${n}` });
    await arrive(CHAIN);
    await drain(parts, stream);
    parts.pass(DUE);
    assert.equal((await run()).archived, STORM_SIZE + 1);
    parts.messages.length = 0;
    await drain(parts, stream);
    assert.deepEqual(
      receivedBy('people', parts.messages)
        .map(({ subject, attributes }) => [subject.split(' ')[0], attributes['delivery'], attributes['transition']])
        .sort(),
      [
        ['CRITICAL', 'single', 'archived'],
        ['STORM,', 'storm-summary', 'archived'],
      ],
    );
    assert.equal(receivedBy('machines', parts.messages).length, STORM_SIZE + 1);
  });

  for (const side of ['before', 'after'] as const) {
    test(`a stop ${side} any write or send loses nothing and repeats only with the same id`, async () => {
      let effects = Number.POSITIVE_INFINITY;
      await run();
      for (let at = 0; at <= effects; at++) {
        const on = { ...place, host: `${place.host}-${at}` };
        parts.messages.length = 0;
        await lose(CHAIN.slice(0, 2), on);
        await lose(CHAIN.slice(2), on);
        parts.pass(10 * MINUTE);
        parts.crash(at === 0 ? undefined : at, side === 'after');
        const stopped = await run();
        if (at === 0) effects = parts.effects();
        else assert.ok(stopped.failed > 0, `nothing stopped at ${at} of ${effects}`);
        parts.crash(undefined);
        parts.pass(10 * MINUTE);
        await run();
        const distinct = new Set(parts.messages.map((one) => one.text['sqs']));
        assert.equal(distinct.size, 2, `stopped ${side} ${at}`);
        assert.deepEqual([...new Set(told())], ['opened', 'escalated']);
        assert.ok(parts.messages.length <= 3);
        assert.deepEqual((await parts.store.head(on))?.unpublished, []);
      }
      assert.ok(effects >= 8, `${effects} writes and sends`);
    });
  }
});
