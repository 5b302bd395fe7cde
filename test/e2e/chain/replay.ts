import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Deployment } from '../local/deployment.ts';
import { at, type Fields, isFields } from '../local/json.ts';
import { attack, CHAIN, flowLog, victim } from './attack.ts';
import { LOG_BUCKET, type Suite } from './suite.ts';

type Payload = (deployment: Deployment) => Promise<void>;

/** A chain of three hosts in payloads of one act each. */
function payloads(): readonly Payload[] {
  const hosts = [victim(11), victim(12), victim(13)];
  const flow = gzipSync(
    flowLog(hosts.map((host) => ({ ...host, remote: '203.0.113.2', port: 3333, at: host.start + 65_000 }))),
  );
  return [
    ...hosts.flatMap((host, place) =>
      CHAIN.slice(0, 2 + place).map(
        (act): Payload =>
          (deployment) =>
            attack(deployment, host, [act]),
      ),
    ),
    (deployment) => deployment.store(LOG_BUCKET, 'AWSLogs/one.log.gz', flow),
  ];
}

/** In an order that looks like none and is always the same. */
function shuffled<T>(all: readonly T[]): readonly T[] {
  let seed = 7;
  const keyed = all.map((one) => {
    seed = (seed * 16_807) % 2_147_483_647;
    return { one, key: seed };
  });
  return keyed.sort((a, b) => a.key - b.key).map(({ one }) => one);
}

/** What is found, whatever the way to it: open episodes by place, without numbers, revisions and times of recording. */
async function findings({ client, table }: Deployment): Promise<readonly Fields[]> {
  const { Items = [] } = await client.send(new ScanCommand({ TableName: table, ConsistentRead: true }));
  return Items.filter((item) => item['kind']?.S === 'head')
    .flatMap((item) => {
      const { episodes } = JSON.parse(item['body']?.S ?? '') as { episodes: readonly unknown[] };
      return episodes.map((one) => at(one, 'snapshot')).filter(isFields);
    })
    .map(({ place, severity, rises, groups, artifacts, hours, evidence }) => ({
      ...{ place, severity, rises, groups, hours, evidence },
      artifacts: [artifacts].flat().toSorted(),
    }))
    .toSorted((a, b) => JSON.stringify(a['place']).localeCompare(JSON.stringify(b['place'])));
}

const told = ({ topics, slack, bus, hub }: Deployment) => ({
  mails: topics.outbox.length,
  chat: topics.chat.length,
  slack: slack.posts.length,
  bus: bus.events.length,
  hub: [...hub.findings.values()],
});

export function replay(suite: () => Suite): void {
  test('finds the same of payloads that come twice and shuffled, and tells nothing a second time', async () => {
    const all = payloads();
    const [found, imported] = await suite().within(async (deployment) => {
      for (const payload of all) await payload(deployment);
      await deployment.settle();
      const [first, before] = [await findings(deployment), told(deployment)];
      assert.deepEqual(first.map(({ severity }) => severity).toSorted(), ['Critical', 'High', 'Medium']);
      for (const payload of shuffled([...all, ...all])) await payload(deployment);
      await deployment.settle();
      assert.deepEqual(told(deployment), before);
      assert.deepEqual(await findings(deployment), first);
      return [first, before.hub.map(({ Id }) => String(Id)).toSorted()];
    });
    await suite().within(async (deployment) => {
      for (const [place, payload] of shuffled([...all, ...all]).entries()) {
        await payload(deployment);
        if (place % 4 === 0) await deployment.settle();
      }
      await deployment.settle();
      assert.deepEqual(await findings(deployment), found);
      const ids = deployment.bus.events.map(({ detail }) => String(at(detail, 'metadata', 'uid')));
      assert.equal(new Set(ids).size, ids.length, 'each transition is told once');
      assert.deepEqual([...deployment.hub.findings.keys()].toSorted(), imported);
    });
  });
}
