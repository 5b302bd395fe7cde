import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import fc from 'fast-check';
import { readPointer } from '#shared/aws/pointer.ts';
import { STORM_SIZE } from '#shared/correlate/storm.ts';
import type { Group } from '#shared/model/groups.ts';
import { TEST_HOST } from '#shared/model/place.ts';
import { hourOf } from '#shared/model/time.ts';
import { correlateBatch } from '../../functions/correlate.ts';
import { evidenceOf, NOON, PLACE } from '../factories.ts';
import { drain, openParts, type Parts, receivedBy, Stream } from './correlate-parts.ts';

const CHAIN: readonly Group[] = ['miner_execution', 'pool_connection', 'persistence_setup', 'system_optimization'];
const HOUR = hourOf(NOON);
const MINUTE = 60_000;

const hostOf = (n: number): string => `i-${String(n).padStart(4, '0')}`;

describe('storms of findings', () => {
  let parts: Parts;
  let stream: Stream;
  beforeEach(async () => {
    parts = await openParts();
    stream = new Stream(parts.client);
  });
  afterEach(() => parts.close());

  const arrive = async (host: string, groups: readonly Group[]): Promise<void> => {
    const place = { ...PLACE, host };
    await Promise.all(groups.map((group) => parts.store.merge(evidenceOf({ place, group, rule: group, hour: HOUR }))));
  };
  const arriveAll = async (from: number, to: number, groups: number): Promise<void> => {
    for (let n = from; n < to; n++) await arrive(hostOf(n), CHAIN.slice(0, groups));
  };
  const mails = (): string[] =>
    receivedBy('people', parts.messages).map(({ attributes }) => `${attributes['delivery']} ${attributes['severity']}`);

  test('fifty openings are one message, and Critical ones alone; escalations are told', async () => {
    await arriveAll(0, 44, 2);
    await arriveAll(44, 48, 3);
    await arriveAll(48, 50, 4);
    await drain(parts, stream);
    assert.deepEqual(mails().sort(), ['single Critical', 'single Critical', 'storm-summary High']);
    assert.equal(receivedBy('chat', parts.messages).length, 50);
    assert.equal(new Set(parts.details.map((one) => one.metadata.uid)).size, 50);

    const summary = parts.messages.find((one) => one.attributes['delivery'] === 'storm-summary');
    assert.ok(summary);
    assert.equal(summary.subject, 'STORM, HIGH: 48 findings of cryptomining opened in 111122223333');
    const { email = '', default: json = '' } = summary.text;
    assert.match(email, /HIGH \(4\)[\s\S]*i-0047[\s\S]*MEDIUM \(44\)[\s\S]*and 4 more/);
    const data = JSON.parse(json);
    assert.deepEqual([data.davylamp, data.counts], ['storm', { High: 4, Medium: 44 }]);
    assert.equal(data.findings.length, 4 + 40);

    parts.messages.length = 0;
    await arriveAll(0, 2, 4);
    await drain(parts, stream);
    assert.deepEqual(mails(), ['single Critical', 'single Critical']);
    assert.deepEqual(
      parts.messages.map((one) => one.attributes['transition']),
      ['escalated', 'escalated'],
    );
  });

  test('openings that come one by one are told until it is a storm, which is told once in ten minutes', async () => {
    for (let n = 0; n < 24; n++) {
      await arriveAll(n, n + 1, 2);
      await drain(parts, stream);
      parts.pass(20_000);
    }
    assert.deepEqual(mails(), [...Array(STORM_SIZE - 1).fill('single Medium'), 'storm-summary Medium']);
    parts.pass(10 * MINUTE);
    await arriveAll(24, 25, 2);
    await drain(parts, stream);
    assert.equal(mails().at(-1), 'single Medium');
  });

  test('nineteen in ten minutes are told one by one, and other accounts do not count', async () => {
    await arriveAll(0, STORM_SIZE - 1, 2);
    const place = { ...PLACE, account: '444455556666' };
    for (const group of CHAIN.slice(0, 2)) await parts.store.merge(evidenceOf({ place, group, rule: group }));
    await drain(parts, stream);
    assert.deepEqual(mails(), Array(STORM_SIZE).fill('single Medium'));
  });

  const arriveTests = async (from: number, to: number, groups: number): Promise<void> => {
    for (let n = from; n < to; n++) {
      const place = { ...PLACE, host: TEST_HOST, scope: `feedface${String(n).padStart(4, '0')}` };
      for (const group of CHAIN.slice(0, groups)) {
        await parts.store.merge(evidenceOf({ place, group, rule: group, hour: HOUR }));
      }
    }
  };
  const kinds = (): string[] =>
    receivedBy('people', parts.messages).map(
      ({ attributes }) => `${attributes['delivery']} ${attributes['synthetic']}`,
    );

  test('tests fold no real opening into one message, and are themselves told', async () => {
    await arriveAll(0, STORM_SIZE - 1, 2);
    await arriveTests(0, STORM_SIZE - 1, 2);
    await drain(parts, stream);
    const single = (synthetic: boolean): string[] => Array(STORM_SIZE - 1).fill(`single ${synthetic}`);
    assert.deepEqual(kinds().sort(), [...single(false), ...single(true)]);
  });

  test('a test is told alone amid a storm of real findings', async () => {
    await arriveAll(0, STORM_SIZE, 2);
    await arriveTests(0, 1, 2);
    await drain(parts, stream);
    assert.deepEqual(kinds().sort(), ['single true', 'storm-summary false']);
    const summary = parts.messages.find((one) => one.attributes['delivery'] === 'storm-summary');
    assert.equal(JSON.parse(summary?.text['default'] ?? '').findings.length, STORM_SIZE);
    assert.ok(!summary?.text['email']?.includes(TEST_HOST));
  });

  test('many tests are one message that says what they are, beside real findings that are told alone', async () => {
    await arriveTests(0, STORM_SIZE, 2);
    await arriveAll(0, 1, 2);
    await drain(parts, stream);
    assert.deepEqual(kinds().sort(), ['single false', 'storm-summary true']);
    const summary = parts.messages.find((one) => one.attributes['delivery'] === 'storm-summary');
    assert.equal(summary?.subject, '[TEST] STORM, MEDIUM: 20 findings of cryptomining opened in 111122223333');
  });

  test('is told again with the same id where the teller stops before it is confirmed', async () => {
    await arriveAll(0, STORM_SIZE, 2);
    await correlateBatch({ Records: await stream.changes() }, parts.parts);
    const heads = await stream.changes();
    const { storms } = parts.parts;
    let stops = 1;
    const confirm: typeof storms.confirm = (kind, member) => {
      if (stops-- > 0) throw new Error('stopped');
      return storms.confirm(kind, member);
    };
    const answer = await correlateBatch({ Records: heads }, { ...parts.parts, storms: { ...storms, confirm } });
    assert.equal(answer.batchItemFailures.length, 1);
    assert.equal(mails().length, 1);
    await correlateBatch({ Records: heads }, parts.parts);
    const told = receivedBy('people', parts.messages);
    assert.equal(told.length, 2);
    assert.equal(new Set(told.map((one) => JSON.parse(one.text['sqs'] ?? '').id)).size, 1);
    assert.equal(receivedBy('chat', parts.messages).length, STORM_SIZE);
  });
});

test('whatever the order, repetitions and stops, what must be told alone is, and the rest with its storm', async () => {
  const MEDIUM = 21;
  const ALL = MEDIUM + 2;
  const RISING = 2;
  const one = async (seed: number, size: number, stopsAt: readonly number[]): Promise<void> => {
    const parts = await openParts();
    try {
      const stream = new Stream(parts.client);
      const random = fc.sample(fc.double({ min: 0, max: 1, noNaN: true }), { seed, numRuns: 2000 }).values();
      const next = (): number => random.next().value ?? 0;
      const stops = [...stopsAt];
      const settle = async (): Promise<void> => {
        for (let rounds = 0; rounds < 200; rounds++) {
          const waiting = (await stream.changes()).map((record) => ({ record, at: next() }));
          if (waiting.length === 0) return;
          const records = waiting.sort((a, b) => a.at - b.at).map((entry) => entry.record);
          while (records.length > 0) {
            const batch = { Records: records.splice(0, size) };
            parts.crash(stops.shift(), next() < 0.5);
            await Promise.all(Array.from({ length: next() < 0.3 ? 2 : 1 }, () => correlateBatch(batch, parts.parts)));
            parts.crash(undefined);
            // What failed, and what did not, comes again.
            const { batchItemFailures } = await correlateBatch(batch, parts.parts);
            assert.deepEqual(batchItemFailures, []);
          }
        }
        throw new Error('the stream does not come to rest');
      };
      const arrive = async (n: number, groups: number): Promise<void> => {
        for (const group of CHAIN.slice(0, groups)) {
          await parts.store.merge(evidenceOf({ place: { ...PLACE, host: hostOf(n) }, group, rule: group, hour: HOUR }));
        }
      };
      for (let n = 0; n < ALL; n++) await arrive(n, n < MEDIUM ? 2 : 4);
      await settle();
      for (let n = 0; n < RISING; n++) await arrive(n, 3);
      await settle();

      const alone = parts.messages.filter((message) => message.attributes['delivery'] === 'single');
      const tells = (all: typeof alone): Set<string> =>
        new Set(
          all.map(({ text }) => {
            const { place, transition, severity } = readPointer(text['sqs'] ?? '');
            return `${place.host} ${transition} ${severity}`;
          }),
        );
      for (let n = MEDIUM; n < ALL; n++) assert.ok(tells(alone).has(`${hostOf(n)} opened Critical`));
      for (let n = 0; n < RISING; n++) assert.ok(tells(alone).has(`${hostOf(n)} escalated High`));
      const singles = [...tells(alone)].filter((text) => text.endsWith('opened Medium'));
      assert.ok(singles.length < STORM_SIZE, `${singles.length} openings told alone`);
      const summaries = parts.messages.filter((message) => message.attributes['delivery'] === 'storm-summary');
      assert.equal(new Set(summaries.map(({ text }) => JSON.parse(text['sqs'] ?? '').id)).size, 1);
      const machines = tells([...receivedBy('machines', parts.messages)]);
      assert.equal(machines.size, ALL + RISING);
      const { entries } = await parts.parts.digests.entries('2026-11-24');
      assert.equal(entries.length >= MEDIUM - singles.length, true);
      for (let n = 0; n < ALL; n++) {
        assert.deepEqual((await parts.store.head({ ...PLACE, host: hostOf(n) }))?.unpublished, []);
      }
    } finally {
      await parts.close();
    }
  };
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.integer({ min: 3, max: 60 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 }),
      one,
    ),
    { numRuns: 2 },
  );
});
