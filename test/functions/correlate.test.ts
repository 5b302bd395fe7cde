import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand } from '@aws-sdk/client-sns';
import { readPointer } from '#shared/aws/pointer.ts';
import { TOPIC_BYTES } from '#shared/aws/publisher.ts';
import { readRevision } from '#shared/aws/revisions.ts';
import type { Group } from '#shared/model/groups.ts';
import type { Place } from '#shared/model/place.ts';
import { hourOf } from '#shared/model/time.ts';
import { correlateBatch } from '../../functions/correlate.ts';
import { evidenceOf, NOON, PLACE, sampleOf } from '../factories.ts';
import { drain, openParts, type Parts, receivedBy, recordOf, Stream } from './correlate-parts.ts';

const CHAIN: readonly Group[] = ['miner_execution', 'pool_connection', 'persistence_setup', 'system_optimization'];
const HOUR = hourOf(NOON);

const tellsOf = ({ attributes }: Parts['messages'][number]): string =>
  `${attributes['transition']} ${attributes['severity']}`;

describe('the correlate handler', () => {
  let parts: Parts;
  let stream: Stream;
  let place: Place;
  let hosts = 0;
  before(async () => {
    parts = await openParts();
    stream = new Stream(parts.client);
  });
  after(() => parts.close());
  beforeEach(async () => {
    parts.crash(undefined);
    // Out of reach of what opened in other tests.
    parts.pass(20 * 60_000);
    await stream.changes();
    place = { ...PLACE, host: `i-${++hosts}` };
    for (const list of [parts.messages, parts.details, parts.failures]) list.length = 0;
  });

  const arrive = async (groups: readonly Group[], at: Place = place, hour = HOUR): Promise<void> => {
    for (const group of groups) await parts.store.merge(evidenceOf({ place: at, group, rule: group, hour }));
  };
  const told = (): string[] => receivedBy('people', parts.messages).map(tellsOf);
  const ids = (): string[] => parts.details.map((one) => one.metadata.uid);
  const rest = async (): Promise<void> => {
    const head = await parts.store.head(place);
    assert.deepEqual(head?.unpublished, []);
  };

  test('publishes each transition once, to the bus and the topic, with what each reader needs', async () => {
    await arrive(CHAIN.slice(0, 2));
    await drain(parts, stream);
    await arrive(CHAIN.slice(2, 3));
    await drain(parts, stream);
    await arrive(CHAIN.slice(3));
    await drain(parts, stream);
    assert.deepEqual(told(), ['opened Medium', 'escalated High', 'escalated Critical']);
    assert.equal(new Set(ids()).size, 3);
    await rest();
    const [first] = parts.messages;
    assert.ok(first);
    assert.match(first.subject, /opened: cryptomining on i-/);
    assert.equal(first.attributes['delivery'], 'single');
    assert.deepEqual(Object.keys(first.text).sort(), ['default', 'email', 'sqs']);
    const pointer = readPointer(first.text['sqs'] ?? '');
    assert.deepEqual(
      [pointer.place, pointer.episode, pointer.revision, pointer.transition, pointer.severity, pointer.at],
      [place, 1, 1, 'opened', 'Medium', parts.clock()],
    );
    const kept = await readRevision(parts.client, parts.table, pointer.place, pointer.episode, pointer.revision);
    assert.deepEqual([kept?.id, kept?.severity, kept?.revision], [pointer.finding, 'Medium', 1]);
  });

  test('takes what comes in one batch as one finding of the highest severity', async () => {
    await arrive(CHAIN);
    await drain(parts, stream);
    assert.deepEqual(told(), ['opened Critical']);
  });

  test('tells of a host that is known late as one that goes on, and of the finding under its earlier name as superseded', async () => {
    const address = { ...place, host: '10.0.0.5' };
    await arrive(CHAIN.slice(0, 2), address);
    await drain(parts, stream);
    const { account, region } = place;
    const member = { account, region, host: address.host };
    await parts.parts.memberships.remember({ member, host: place.host, from: NOON, to: NOON, how: 'record' });
    await drain(parts, stream);
    await arrive(CHAIN.slice(2), address);
    await drain(parts, stream);
    assert.deepEqual(told(), ['opened Medium', 'opened Medium', 'superseded Medium', 'escalated Critical']);
    const hosts = parts.messages.map(({ text }) => readPointer(text['sqs'] ?? '').place.host);
    assert.deepEqual(hosts, [address.host, place.host, address.host, place.host]);
    await rest();
  });

  test('sends nothing a second time when every record comes again, in any order', async () => {
    await arrive(CHAIN.slice(0, 2));
    const all = await stream.changes();
    await correlateBatch({ Records: all }, parts.parts);
    const heads = await stream.changes();
    await correlateBatch({ Records: heads }, parts.parts);
    await correlateBatch({ Records: [...heads, ...all].reverse() }, parts.parts);
    await drain(parts, stream);
    assert.deepEqual(told(), ['opened Medium']);
    assert.equal(parts.details.length, 1);
  });

  test('leaves chains without a pool, and findings that stay active, to machines and the digest', async () => {
    await arrive(['miner_execution', 'persistence_setup']);
    await drain(parts, stream);
    await arrive(['pool_connection']);
    await drain(parts, stream);
    await arrive(['miner_execution'], place, HOUR + 1);
    await drain(parts, stream);
    assert.deepEqual(
      parts.details.map((one) => one.metadata.event_code),
      ['opened', 'escalated', 'extended'],
    );
    assert.deepEqual(told(), ['escalated High']);
    assert.deepEqual(receivedBy('machines', parts.messages).map(tellsOf), [
      'opened Low',
      'escalated High',
      'extended High',
    ]);
    assert.deepEqual(receivedBy('chat', parts.messages).map(tellsOf), ['escalated High']);
    await rest();
  });

  test('publishes from each image in the order of the stream', async () => {
    await arrive(CHAIN.slice(0, 2));
    await correlateBatch({ Records: await stream.changes() }, parts.parts);
    const opened = await stream.changes();
    await arrive(CHAIN.slice(2));
    await correlateBatch({ Records: await stream.changes() }, parts.parts);
    const escalated = await stream.changes();
    await correlateBatch({ Records: [...opened, ...escalated] }, parts.parts);
    assert.deepEqual(told(), ['opened Medium', 'escalated Critical']);
    const [first] = parts.messages;
    const kept = await readRevision(parts.client, parts.table, place, 1, 1);
    assert.deepEqual(kept?.notes, []);
    assert.equal(kept?.severity, 'Medium');
    assert.ok(first);
    await rest();
  });

  test('keeps a publication below what SNS takes, whatever the samples hold', async () => {
    const nasty = '\u0001"\\\u202e€'.repeat(300);
    for (const group of CHAIN) {
      for (let rule = 0; rule < 16; rule++) {
        const samples = [0, 1, 2].map((n) => sampleOf({ id: `${group}${rule}${n}`, commandLine: nasty }));
        await parts.store.merge(evidenceOf({ place, group, rule: `${rule}`, samples, why: nasty }));
      }
    }
    await drain(parts, stream);
    assert.deepEqual(told(), ['opened Critical']);
    const sent = parts.topic.commandCalls(PublishCommand).at(-1)?.args[0].input;
    assert.ok(Buffer.byteLength(JSON.stringify(sent?.MessageAttributes) + sent?.Message) < TOPIC_BYTES);
    const entry = parts.bus.commandCalls(PutEventsCommand).at(-1)?.args[0].input.Entries?.[0];
    assert.deepEqual([entry?.Source, entry?.DetailType], ['davylamp', 'Detection Finding']);
    assert.ok(Buffer.byteLength(entry?.Detail ?? '') < 262_144);
  });

  test('a poison record fails alone: its host and the others go on', async () => {
    await arrive(CHAIN.slice(0, 2));
    const other = { ...place, host: `${place.host}-other` };
    await arrive(CHAIN.slice(0, 3), other);
    const good = await stream.changes();
    const [one] = good;
    assert.ok(one);
    const poison = recordOf({ ...one.dynamodb.NewImage, body: { S: '{"place":7}' } }, '50000000000000000000');
    const torn = recordOf({ ...one.dynamodb.NewImage, body: { S: '{"pla' } }, '49999999999999999999');
    const answer = await correlateBatch({ Records: [torn, poison, ...good] }, parts.parts);
    assert.deepEqual(answer.batchItemFailures, [{ itemIdentifier: '49999999999999999999' }]);
    assert.deepEqual(parts.failures, ['unreadable', 'unreadable']);
    await drain(parts, stream);
    assert.deepEqual(told().sort(), ['opened High', 'opened Medium']);
  });

  test('fails from the lowest record of a host that a channel refused, and no other host waits', async () => {
    const other = { ...place, host: `${place.host}-other` };
    await arrive(CHAIN.slice(0, 2));
    await arrive(CHAIN.slice(0, 2), other);
    await correlateBatch({ Records: await stream.changes() }, parts.parts);
    const heads = await stream.changes();
    const mine = heads.filter((one) => one.dynamodb.Keys.pk?.S?.endsWith(`#${place.host}`));
    parts.refuse(1);
    const answer = await correlateBatch(
      { Records: [...mine, ...heads.filter((one) => !mine.includes(one))] },
      parts.parts,
    );
    assert.deepEqual(answer.batchItemFailures, [{ itemIdentifier: mine[0]?.dynamodb.SequenceNumber }]);
    assert.equal(parts.messages.length, 1);
    const again = await correlateBatch({ Records: heads }, parts.parts);
    assert.deepEqual(again.batchItemFailures, []);
    assert.deepEqual(told(), ['opened Medium', 'opened Medium']);
  });

  test('two correlators on one host make one finding', async () => {
    await arrive(CHAIN.slice(0, 2));
    const first = await stream.changes();
    await arrive(CHAIN.slice(2));
    const second = await stream.changes();
    const answers = await Promise.all(
      [first, second, first, second].map((records) => correlateBatch({ Records: records }, parts.parts)),
    );
    assert.deepEqual(
      answers.flatMap((one) => one.batchItemFailures),
      [],
    );
    await drain(parts, stream);
    const head = await parts.store.head(place);
    assert.equal(head?.lastEpisode, 1);
    assert.equal(head?.episodes[0]?.severity, 'Critical');
    assert.equal(new Set(parts.details.map((one) => one.finding_info.uid)).size, 1);
    assert.equal(new Set(ids()).size, ids().length);
    await rest();
  });

  test('two that publish one head at once repeat a message only with its id', async () => {
    await arrive(CHAIN.slice(0, 2));
    await correlateBatch({ Records: await stream.changes() }, parts.parts);
    const heads = await stream.changes();
    await Promise.all([1, 2].map(() => correlateBatch({ Records: heads }, parts.parts)));
    await drain(parts, stream);
    assert.equal(new Set(parts.messages.map((one) => one.text['sqs'])).size, 1);
    assert.equal(new Set(ids()).size, 1);
    await rest();
  });

  test('refuses an event of a foreign shape', async () => {
    for (const event of [undefined, {}, { Records: [{}] }, { Records: [{ s3: {} }] }]) {
      await assert.rejects(correlateBatch(event, parts.parts), /expected a batch of records of a DynamoDB stream/);
    }
  });

  test('passes over items that it has no use for, and over removals', async () => {
    await arrive(CHAIN.slice(0, 2));
    await drain(parts, stream);
    const { Keys: keys } = recordOf({ pk: { S: 'dlv#slack#1' }, sk: { S: 'latest' } }, '1').dynamodb;
    const removal = { eventName: 'REMOVE', dynamodb: { SequenceNumber: '2', Keys: keys } };
    const answer = await correlateBatch({ Records: [recordOf(keys, '1'), removal] }, parts.parts);
    assert.deepEqual(answer, { batchItemFailures: [] });
  });
});

describe('a correlator that is stopped', () => {
  for (const side of ['before', 'after'] as const) {
    test(`a stop ${side} any write or send loses nothing and repeats only with the same id`, async (t) => {
      const after = side === 'after';
      const parts = await openParts();
      t.after(() => parts.close());
      const stream = new Stream(parts.client);
      const told = (): string[] => parts.messages.map(tellsOf);
      let place: Place = { ...PLACE };
      const run = async (at: number | undefined): Promise<void> => {
        for (const groups of [CHAIN.slice(0, 2), CHAIN.slice(2)]) {
          parts.crash(undefined);
          for (const group of groups) await parts.store.merge(evidenceOf({ place, group, rule: group, hour: HOUR }));
          parts.crash(at, after);
          await drain(parts, stream);
        }
      };
      await run(undefined);
      const effects = parts.effects();
      assert.ok(effects >= 6, `${effects} writes and sends`);
      const expected = told();
      assert.deepEqual(expected, ['opened Medium', 'escalated Critical']);
      for (let at = 1; at <= effects; at++) {
        place = { ...PLACE, host: `${place.host}-${at}` };
        parts.messages.length = parts.details.length = parts.failures.length = 0;
        parts.pass(20 * 60_000);
        await run(at);
        assert.ok(parts.failures.length > 0, `nothing stopped at ${at}`);
        const distinct = [...new Map(parts.messages.map((one) => [one.text['sqs'], one])).values()];
        assert.deepEqual(distinct.map(tellsOf), expected, `stopped ${side} ${at}`);
        const repeated = new Map(parts.messages.map((one) => [one.text['sqs'], JSON.stringify(one)]));
        for (const one of parts.messages) assert.equal(JSON.stringify(one), repeated.get(one.text['sqs']));
        // One stop in each of two rounds: no message is there more than twice.
        assert.ok(parts.messages.length <= 4 && parts.details.length <= 4);
        assert.equal(new Set(parts.details.map((one) => one.metadata.uid)).size, 2);
        assert.deepEqual((await parts.store.head(place))?.unpublished, []);
      }
    });
  }
});
