import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { archiveDue } from '#shared/correlate/archive.ts';
import { correlate } from '#shared/correlate/correlate.ts';
import { deployedCoverage } from '#shared/correlate/coverage.ts';
import { DEFAULT_MATRIX } from '#shared/correlate/matrix.ts';
import { type Publication, publishHead } from '#shared/correlate/outbox.ts';
import type { Evidence } from '#shared/model/evidence.ts';
import type { Head } from '#shared/model/finding.ts';
import type { Group } from '#shared/model/groups.ts';
import { hourOf, hourStart } from '#shared/model/time.ts';
import { evidenceOf, NOON, PLACE, sampleOf } from '../factories.ts';

const CHAIN: readonly Group[] = ['miner_execution', 'pool_connection', 'persistence_setup', 'system_optimization'];
const HOUR = hourOf(NOON);

const chain = (groups: number, hour = HOUR): Evidence[] =>
  CHAIN.slice(0, groups).map((group) => evidenceOf({ group, hour, rule: group }));
const step = (evidence: readonly Evidence[], head?: Head, now = NOON): Head =>
  correlate(PLACE, evidence, head, DEFAULT_MATRIX, () => true, [], now).next;
const pairs = (head: Head | undefined): unknown[] =>
  (head?.unpublished ?? []).map((one) => [one.transition, one.severity, one.delivery, one.at]);

describe('the times and ways of transitions', () => {
  test('records each transition with its severity and a time that rises, also when the clock falls back', () => {
    const first = step(chain(2), undefined, NOON);
    const second = step(chain(3), first, NOON - 5000);
    assert.deepEqual(pairs(second), [
      ['opened', 'Medium', 'single', NOON],
      ['escalated', 'High', 'single', NOON + 1],
    ]);
  });

  test('leaves findings without a pool, and those that stay active, to the digest', () => {
    const low = step([CHAIN[0], CHAIN[2]].map((group) => evidenceOf({ group: group ?? 'context' })));
    assert.deepEqual(pairs(low), [['opened', 'Low', 'digest', NOON]]);
    const stays = step([...chain(4), ...chain(2, HOUR + 1)], { ...step(chain(4)), unpublished: [] });
    assert.deepEqual(pairs(stays), [['extended', 'Critical', 'digest', NOON + 1]]);
  });

  test('tells of an archived finding that is active again in a message of its own', () => {
    const archived = archiveDue({ ...step(chain(2)), unpublished: [] }, 24, hourStart(HOUR + 31));
    assert.ok(archived);
    const again = step([...chain(2), ...chain(2, HOUR + 3)], { ...archived, unpublished: [] }, hourStart(HOUR + 32));
    assert.deepEqual(pairs(again), [['extended', 'Medium', 'single', hourStart(HOUR + 32)]]);
    assert.equal(again.episodes[0]?.state, 'open');
  });

  test('leaves an archived finding alone when its evidence comes a second time', () => {
    const archived = archiveDue({ ...step(chain(2)), unpublished: [] }, 24, hourStart(HOUR + 31));
    assert.ok(archived);
    const again = correlate(PLACE, chain(2), archived, DEFAULT_MATRIX, () => true, [], NOON);
    assert.equal(again.changed, false);
  });
});

describe('archiving', () => {
  const open = step(chain(2));
  const due = hourStart(HOUR + 1 + 24 + 6);

  test('waits for the window and six hours after the last hour', () => {
    assert.equal(open.dueAt, due);
    assert.equal(archiveDue(open, 24, due - 1), undefined);
    const archived = archiveDue(open, 24, due);
    assert.equal(archived?.version, open.version + 1);
    assert.equal(archived?.dueAt, undefined);
    const [episode] = archived?.episodes ?? [];
    assert.deepEqual(
      [episode?.state, episode?.revision, episode?.snapshot?.state, episode?.snapshot?.revision],
      ['archived', 2, 'archived', 2],
    );
    assert.deepEqual(pairs(archived).at(-1), ['archived', 'Medium', 'single', due]);
  });

  test('archives no episode twice', () => {
    const archived = archiveDue(open, 24, due);
    assert.ok(archived);
    assert.equal(archiveDue(archived, 24, due + 1e9), undefined);
  });
});

describe('publishing from a head', () => {
  const sendAll = async (head: Head): Promise<Publication[]> => {
    const sent: Publication[] = [];
    await publishHead(
      head,
      { markPublished: async () => {} },
      { keep: async (one) => ({ ...one, published: false }), confirm: async () => {} },
      async (one) => void sent.push(one),
    );
    return sent;
  };

  test('tells a transition that a later one has overtaken with what it reached itself, and says so', async () => {
    const head = step(chain(4), step(chain(2)), NOON + 60_000);
    const [opened, escalated] = await sendAll(head);
    assert.deepEqual([opened?.finding.revision, opened?.finding.severity], [1, 'Medium']);
    assert.match(opened?.finding.notes.join() ?? '', /Told late/);
    assert.deepEqual([escalated?.finding.revision, escalated?.finding.severity], [2, 'Critical']);
    assert.equal(opened?.finding.id, escalated?.finding.id);
  });

  test('refuses a transition whose finding is gone rather than dropping it', async () => {
    const head = { ...step(chain(2)), episodes: [] };
    await assert.rejects(sendAll(head), /has no finding/);
  });
});

describe('the size of a head', () => {
  const wide = (index: number, hour: number): Evidence =>
    evidenceOf({
      group: index % 2 === 0 ? 'miner_execution' : 'pool_connection',
      hour,
      rule: `rule_${index}`,
      why: 'w'.repeat(1000),
      artifacts: Array.from({ length: 32 }, (_, n) => `path:/tmp/${index}/${n}${'p'.repeat(400)}` as const),
      samples: [0, 1, 2, 3].map((n) => sampleOf({ id: `${index}-${n}`, commandLine: 'c'.repeat(1500) })),
    });
  const bytes = (head: Head): number =>
    Buffer.byteLength(JSON.stringify(head, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)));

  test('stays below what an item may hold, whatever the evidence, and the finding says that it was cut', () => {
    const evidence = Array.from({ length: 10 }, (_, episode) =>
      Array.from({ length: 40 }, (_, index) => wide(index, HOUR + episode * 30)),
    ).flat();
    const head = step(evidence);
    assert.ok(bytes(head) < 100 * 1024, `${bytes(head)} bytes`);
    assert.equal(head.episodes.length, 10);
    for (const { snapshot } of head.episodes) {
      assert.equal(snapshot?.severity, 'Medium');
      assert.match(snapshot?.notes.join() ?? '', /outgrew its room/);
    }
    const again = correlate(PLACE, evidence, head, DEFAULT_MATRIX, () => true, [], NOON + 1);
    assert.equal(again.changed, false);
  });
});

describe('the coverage of a deployment', () => {
  const finding = step([evidenceOf({ samples: [sampleOf()] }), evidenceOf({ group: 'pool_connection' })]).episodes[0]
    ?.snapshot;

  test('names configured sources and those that gave evidence', () => {
    assert.ok(finding);
    const coverage = deployedCoverage(finding, ['vpc-flow']);
    assert.deepEqual(
      coverage.sources.map((one) => [one.format, one.records]),
      [
        ['auditd', 1],
        ['vpc-flow', 0],
      ],
    );
    assert.deepEqual([coverage.process, coverage.flow, coverage.resolver], [true, true, false]);
  });
});
