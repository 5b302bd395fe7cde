import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { ScanResult } from '../../cli/commands/scan.ts';
import {
  borders,
  inFolder,
  joined,
  orderOf,
  type Random,
  randomOf,
  scanArranged,
  shuffled,
  splitHeader,
} from './arrangement.ts';
import { type Log, readLogs } from './logs.ts';
import { jsonLines, logsOf, scenarioNames } from './scenario.ts';

/** Each run reads all scenarios. */
const RUNS = 2;
/** How far apart auditd's lines may land: log shippers and several queues change the order of near lines only. */
const NEAR = 60;

const LOGS: readonly Log[] = scenarioNames().flatMap((name) =>
  readLogs(logsOf(name)).map((log) => ({ ...log, path: `${name}/${log.path}` })),
);
const asTheyAre = scanArranged(LOGS);

/** Findings as JSON without what tells where a record lay, and how many were read. */
function tellings(result: ScanResult): unknown[] {
  return jsonLines(result)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) =>
      JSON.parse(line, (key, value: unknown) => (key === 'raw' || key === 'coverage' ? undefined : value)),
    );
}

/** Runs a property on seeds; its own seed is told, and by `SEED=…` it can be had again. */
async function holds(context: TestContext, property: (random: Random) => Promise<void>): Promise<void> {
  const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
  context.diagnostic(`seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(fc.integer(), (start) => property(randomOf(start))),
    { numRuns: RUNS, seed, endOnFailure: true },
  );
}

async function assertSame(logs: readonly Log[]): Promise<void> {
  assert.deepEqual(tellings(await scanArranged(logs)), tellings(await asTheyAre));
}

test('all scenarios joined: the order of files and of lines changes no finding', async (context) => {
  await holds(context, async (random) => {
    const logs = LOGS.map((log) => {
      const { header, body } = splitHeader(log);
      const order = orderOf(log);
      if (order === 'free') return joined(log.path, [...header, ...shuffled(body, random)]);
      return order === 'near' ? joined(log.path, nearlyShuffled(body, random)) : log;
    });
    await assertSame(shuffled(logs, random));
  });
});

function nearlyShuffled(lines: readonly string[], random: Random): string[] {
  const result: string[] = [];
  for (let from = 0; from < lines.length; from += NEAR)
    result.push(...shuffled(lines.slice(from, from + NEAR), random));
  return result;
}

test('all scenarios joined: lines that come twice change no finding', async (context) => {
  await holds(context, async (random) => {
    const logs = LOGS.map((log) => {
      if (orderOf(log) === 'strict') return log;
      const { header, body } = splitHeader(log);
      const again = body.flatMap((line) => (random(8) === 0 ? [line, line] : [line]));
      return joined(log.path, [...header, ...again]);
    });
    await assertSame(logs);
  });
});

test('all scenarios joined: lines dealt to several files change no finding', async (context) => {
  await holds(context, async (random) => {
    const logs = LOGS.flatMap((log) => {
      if (orderOf(log) !== 'free') return [log];
      const { header, body } = splitHeader(log);
      const hands: string[][] = [[], [], []];
      for (const line of body) hands[random(hands.length)]?.push(line);
      return hands.map((hand, at) => joined(inFolder(`hand-${at}`, log), [...header, ...hand]));
    });
    await assertSame(logs);
  });
});

test('all scenarios joined: files that end at any line border change no finding', async (context) => {
  await holds(context, async (random) => {
    const logs = LOGS.flatMap((log) => {
      const places = borders(log);
      const at = places[random(Math.max(1, places.length))];
      if (at === undefined) return [log];
      const { header, body } = splitHeader(log);
      return [
        joined(inFolder('first', log), [...header, ...body.slice(0, at)]),
        joined(inFolder('second', log), [...header, ...body.slice(at)]),
      ];
    });
    await assertSame(logs);
  });
});

test('all scenarios joined: files cut at any byte lose no more than the line of the cut', async (context) => {
  const whole = (await asTheyAre).files;
  assert.equal(whole.length, LOGS.length);
  await holds(context, async (random) => {
    const logs = LOGS.flatMap((log) => {
      const { header } = splitHeader(log);
      const head = joined(log.path, header).text;
      const at = head.length + random(log.text.length - head.length);
      return [
        { path: inFolder('first', log), text: log.text.slice(0, at) },
        { path: inFolder('second', log), text: head + log.text.slice(at) },
      ];
    });
    const { files } = await scanArranged(logs);
    for (const [index, log] of LOGS.entries()) {
      // A line of a subscription is a delivery of many records.
      if (orderOf(log) === 'packed') continue;
      const read = (files[2 * index]?.records ?? 0) + (files[2 * index + 1]?.records ?? 0);
      const before = whole[index]?.records ?? 0;
      assert.ok(read >= before - 1, `${log.path}: ${read} of ${before} records`);
    }
  });
});
