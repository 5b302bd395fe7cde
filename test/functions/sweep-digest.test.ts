import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Group } from '#shared/model/groups.ts';
import { TEST_HOST } from '#shared/model/place.ts';
import { hourOf } from '#shared/model/time.ts';
import { type Swept, sweep } from '../../functions/sweep.ts';
import { evidenceOf, PLACE } from '../factories.ts';
import { drain, openParts, type Parts, receivedBy, Stream } from './correlate-parts.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const LOW: readonly Group[] = ['miner_execution', 'persistence_setup'];
const MEDIUM: readonly Group[] = ['miner_execution', 'pool_connection'];
/** From the tests' clock, 22:00, to a quarter past midnight. */
const TO_DIGEST = 135 * MINUTE;

describe('the digest of a day', () => {
  let parts: Parts;
  let stream: Stream;
  beforeEach(async () => {
    parts = await openParts();
    stream = new Stream(parts.client);
  });
  afterEach(() => parts.close());

  const arrive = async (host: string, groups: readonly Group[], later = 0): Promise<void> => {
    const hour = hourOf(parts.clock()) + later;
    const place = { ...PLACE, host };
    for (const group of groups) await parts.store.merge(evidenceOf({ place, group, rule: group, hour }));
    await drain(parts, stream);
  };
  const run = (): Promise<Swept> =>
    sweep({ ...parts.parts, client: parts.client, table: parts.table, windowHours: 24 }, () => 60_000);
  const digests = (): Parts['messages'] =>
    parts.messages.filter((one) => one.attributes['delivery'] === 'digest-summary');
  const idsOf = (messages: Parts['messages']): Set<string> =>
    new Set(messages.map((one) => JSON.parse(one.text['sqs'] ?? '').id));

  test('is one message after midnight that lists what was not told alone, the most severe first', async () => {
    await arrive('i-low', LOW);
    await arrive('i-medium', MEDIUM);
    await arrive('i-medium', MEDIUM, 1);
    parts.pass(TO_DIGEST - MINUTE);
    assert.equal((await run()).digests, 0);
    parts.pass(MINUTE);
    assert.equal((await run()).digests, 1);
    const [digest] = digests();
    assert.ok(digest);
    assert.equal(digest.subject, 'Digest of 2026-11-24: cryptomining findings, 1 opened, 1 still active, 0 ended');
    assert.equal(digest.attributes['severity'], 'Medium');
    assert.match(
      digest.text['email'] ?? '',
      /MEDIUM \(1\)\n- .*i-medium[\s\S]*still active[\s\S]*LOW \(1\)\n- .*i-low[\s\S]*opened/,
    );
    assert.ok(receivedBy('people', parts.messages).includes(digest));
    for (const who of ['chat', 'machines'] as const) assert.ok(!receivedBy(who, parts.messages).includes(digest));
    parts.pass(5 * MINUTE);
    await run();
    parts.pass(DAY);
    await run();
    assert.equal(digests().length, 1);
  });

  test('is not sent for a day without news', async () => {
    await arrive('i-medium', MEDIUM);
    parts.pass(TO_DIGEST);
    assert.equal((await run()).digests, 0);
    assert.deepEqual(digests(), []);
  });

  test('is sent once by two sweepers at once', async () => {
    await arrive('i-low', LOW);
    parts.pass(TO_DIGEST);
    const [a, b] = await Promise.all([run(), run()]);
    assert.equal(a.digests + b.digests, 1);
    assert.equal(digests().length, 1);
  });

  test('lists a finding once, with all that happened to it that day', async () => {
    await arrive('i-low', LOW);
    await arrive('i-low', LOW, 1);
    parts.pass(TO_DIGEST);
    await run();
    assert.match(
      digests()[0]?.text['email'] ?? '',
      /LOW \(1\)\n- .*i-low.*\n {2}opened, still active;|still active, opened;/,
    );
    assert.equal(JSON.parse(digests()[0]?.text['default'] ?? '').findings.length, 1);
  });

  test('marks the tests in it, and lets a filter tell a day of nothing but tests', async () => {
    await arrive(TEST_HOST, LOW);
    parts.pass(DAY);
    await run();
    await arrive(TEST_HOST, LOW, 1);
    await arrive('i-low', LOW);
    parts.pass(DAY);
    await run();
    assert.deepEqual(
      digests().map(({ subject, attributes }) => [subject, attributes['synthetic']]),
      [
        ['[TEST] Digest of 2026-11-24: cryptomining findings, 1 opened, 0 still active, 0 ended', 'true'],
        ['Digest of 2026-11-25: cryptomining findings, 1 opened, 0 still active, 0 ended, 1 test', 'false'],
      ],
    );
    assert.match(
      digests()[1]?.text['email'] ?? '',
      /\nLOW \(1\)\n- .*i-low[\s\S]*\n\[TEST\] LOW \(1\)\n- \[TEST\] .*0{17}/,
    );
  });

  test('is sent for each day of an outage', async () => {
    for (const host of ['i-a', 'i-b']) {
      await arrive(host, LOW);
      parts.pass(DAY);
    }
    parts.pass(DAY);
    assert.equal((await run()).digests, 2);
    assert.deepEqual(
      digests().map((one) => JSON.parse(one.text['default'] ?? '').day),
      ['2026-11-24', '2026-11-25'],
    );
  });

  test('waits for the next run but one where the topic refuses it, and holds up nothing else', async () => {
    await arrive('i-low', LOW);
    parts.pass(TO_DIGEST);
    const { channels } = parts.parts;
    const refusing = { ...channels, toTopic: () => Promise.reject(new Error('refused')) };
    const at = { ...parts.parts, channels: refusing, client: parts.client, table: parts.table, windowHours: 24 };
    assert.deepEqual(await sweep(at, () => 60_000), { published: 0, archived: 0, digests: 0, failed: 1 });
    assert.deepEqual(parts.failures, ['digest']);
    parts.pass(10 * MINUTE);
    assert.equal((await run()).digests, 1);
  });

  for (const side of ['before', 'after'] as const) {
    test(`a stop ${side} any of its writes or sends loses it not, and repeats it only with the same id`, async () => {
      await run();
      let effects = Number.POSITIVE_INFINITY;
      for (let at = 0; at <= effects; at++) {
        parts.messages.length = 0;
        await arrive(`i-${at}`, LOW);
        parts.pass(DAY);
        parts.crash(at === 0 ? undefined : at, side === 'after');
        const stopped = await run();
        if (at === 0) effects = parts.effects();
        else assert.ok(stopped.failed > 0, `nothing stopped at ${at} of ${effects}`);
        parts.crash(undefined);
        parts.pass(10 * MINUTE);
        await run();
        assert.equal(idsOf(digests()).size, 1, `stopped ${side} ${at}`);
        assert.ok(digests().length <= 2);
      }
      assert.ok(effects >= 3, `${effects} writes and sends`);
    });
  }
});
