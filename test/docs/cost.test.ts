import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Activity,
  type Deployed,
  deliveryCost,
  findingCost,
  guardDutyCost,
  type Logs,
  readingCost,
  readingTotal,
  standingCost,
  writeCeilingCost,
} from '../../docs/cost-model.ts';
import { cost, PRICES, STEPS, stepped } from '../../docs/cost-prices.ts';
import { deployed, withBlocks } from '../../docs/cost-table.ts';

const source = fc.constantFrom('flow' as const, 'dns' as const, 'runtime' as const);
const by = fc.oneof(
  fc.constant('objects' as const),
  fc.record({ batchBytes: fc.integer({ min: 500, max: 1_000_000 }) }),
);
const gigabytes = fc.double({ min: 0, max: 5_000, noNaN: true });
const NOTHING: Deployed = { alarmMetrics: 0, keys: 0, polledQueues: 0, channels: 0, sources: 0, secrets: 0 };

/** Within a millionth, for sums of fractions. */
const about = (actual: number, expected: number): void => {
  assert.ok(Math.abs(actual - expected) <= Math.abs(expected) * 1e-6, `${actual} is not about ${expected}`);
};

test('docs/cost.md and the README show what the model and the stack give', () => {
  const { status, stderr } = spawnSync(process.execPath, ['docs/cost-table.ts', '--check'], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});

test('nothing read, found or deployed costs nothing', () => {
  for (const logs of [
    { source: 'flow', gigabytesADay: 0, by: 'objects' },
    { source: 'runtime', gigabytesADay: 0, by: { batchBytes: 16_000 } },
  ] as const) {
    assert.equal(readingTotal(readingCost(logs)), 0);
    assert.equal(deliveryCost([logs]), 0);
    assert.equal(guardDutyCost([logs]), 0);
  }
  assert.equal(deliveryCost([]), 0);
  assert.equal(standingCost(NOTHING), 0);
  assert.equal(findingCost({ hosts: 0, hours: 720, recipients: 3 }), 0);
  assert.equal(findingCost({ hosts: 9, hours: 0, recipients: 3 }), 0);
});

test('more logs never cost less to read, to deliver or to analyse', () => {
  fc.assert(
    fc.property(source, by, gigabytes, gigabytes, (name, way, one, more) => {
      const logs = (gigabytesADay: number): Logs => ({ source: name, gigabytesADay, by: way });
      const [less, all] = [logs(one), logs(one + more)];
      assert.ok(readingTotal(readingCost(less)) <= readingTotal(readingCost(all)));
      assert.ok(deliveryCost([less]) <= deliveryCost([all]));
      assert.ok(guardDutyCost([less]) <= guardDutyCost([all]));
    }),
  );
});

test('larger batches never cost more, and the sum of logs is what invocations and bytes make it', () => {
  fc.assert(
    fc.property(source, fc.integer({ min: 500, max: 500_000 }), (name, batchBytes) => {
      const at = (bytes: number) => readingCost({ source: name, gigabytesADay: 3, by: { batchBytes: bytes } });
      assert.ok(readingTotal(at(batchBytes * 2)) < readingTotal(at(batchBytes)));
      about(at(batchBytes).invocations, 90e9 / batchBytes);
    }),
  );
});

test('reading 10 GB of flow logs a day in batches of 16 KB is the sum that a calculator gives', () => {
  const { invocations, requests, compute, ownLogs, objects } = readingCost({
    source: 'flow',
    gigabytesADay: 10,
    by: { batchBytes: 16_000 },
  });
  about(invocations, 18_750_000);
  about(requests, 3.75);
  // 4 ms and 0.56 ms for 16 KB, at 0.579 of a processor and a margin of 1.5, and 1 % of starts at 0.7 s.
  about(compute, 18_750_000 * (0.00456 * (1769 / 1024) * 1.5 + 0.007) * 0.0000133334);
  about(ownLogs, ((18_750_000 * 530) / 1e9) * (0.5 + 3 * 0.03));
  assert.equal(objects, 0);
});

test('objects cost what S3, the bus and the queue take for each', () => {
  const { invocations, objects } = readingCost({ source: 'dns', gigabytesADay: 1, by: 'objects' });
  about(invocations, 6_000);
  about(objects, 6_000 * (0.0004 / 1_000 + 1 / 1e6 + 3 * (0.4 / 1e6)));
});

test('vended logs of all sources share one price that falls, and process logs pay that of any log', () => {
  const batch = { batchBytes: 16_000 };
  const flow: Logs = { source: 'flow', gigabytesADay: 200, by: batch };
  const dns: Logs = { source: 'dns', gigabytesADay: 200, by: batch };
  about(deliveryCost([flow]), 6_000 * 0.5);
  about(deliveryCost([flow, dns]), 10_240 * 0.5 + 1_760 * 0.25);
  about(deliveryCost([{ source: 'runtime', gigabytesADay: 1_000, by: batch }]), 30_000 * 0.5);
});

test('GuardDuty takes its steps for flow and DNS logs together, and nothing for process logs', () => {
  const by = 'objects';
  const logs: Logs[] = [
    { source: 'flow', gigabytesADay: 50, by },
    { source: 'dns', gigabytesADay: 50, by },
    { source: 'runtime', gigabytesADay: 50, by },
  ];
  about(guardDutyCost(logs), 500 + 2_000 * 0.5 + 500 * 0.25);
  assert.equal(guardDutyCost(logs.slice(2)), 0);
});

test('steps are paid each for its own part', () => {
  assert.equal(
    stepped(
      [
        [10, 2],
        [20, 1],
        [Number.POSITIVE_INFINITY, 0.5],
      ],
      10,
    ),
    20,
  );
  assert.equal(
    stepped(
      [
        [10, 2],
        [20, 1],
        [Number.POSITIVE_INFINITY, 0.5],
      ],
      24,
    ),
    32,
  );
  for (const [name, steps] of Object.entries(STEPS)) {
    const [ends, each] = [steps.map(([upTo]) => upTo), steps.map(([, usd]) => usd)];
    assert.deepEqual(
      ends,
      [...ends].sort((a, b) => a - b),
      name,
    );
    assert.deepEqual(
      each,
      [...each].sort((a, b) => b - a),
      name,
    );
    assert.equal(ends.at(-1), Number.POSITIVE_INFINITY, name);
  }
});

test('every price is above nothing', () => {
  for (const name of Object.keys(PRICES)) assert.ok(cost(name as keyof typeof PRICES, 1) > 0, name);
});

test('more hosts, hours or recipients never cost less', () => {
  const activity = fc.record({ hosts: fc.nat(500), hours: fc.nat(720), recipients: fc.nat(20) });
  fc.assert(
    fc.property(activity, activity, (one, more) => {
      const sum: Activity = {
        hosts: one.hosts + more.hosts,
        hours: one.hours + more.hours,
        recipients: one.recipients + more.recipients,
      };
      assert.ok(findingCost(one) <= findingCost(sum));
    }),
  );
});

test('findings cost the same however many logs they were found in, and a long chain more than as many short ones', () => {
  assert.ok(
    findingCost({ hosts: 1, hours: 720, recipients: 0 }) > findingCost({ hosts: 30, hours: 24, recipients: 0 }),
  );
  about(findingCost({ hosts: 10, hours: 24, recipients: 1 }), 10 * findingCost({ hosts: 1, hours: 24, recipients: 1 }));
});

test('the write ceiling bounds what a table costs', () => {
  about(writeCeilingCost(1_000), 1_620);
});

test('what stands is counted in the template: the more is configured, the more stands', () => {
  const least = deployed({ sources: { dns: { logGroups: ['/vpc/resolver'] } } });
  const more = deployed({
    sources: { dns: { logGroups: ['/vpc/resolver', '/vpc/other'], buckets: [{ name: 'example-logs' }] } },
    slack: { secretName: 'davylamp/slack' },
    customerManagedKey: true,
  });
  assert.deepEqual([least.sources, least.keys, least.polledQueues, least.channels, least.secrets], [1, 1, 0, 0, 0]);
  assert.deepEqual([more.sources, more.keys, more.polledQueues, more.channels, more.secrets], [1, 2, 2, 1, 1]);
  assert.ok(more.alarmMetrics > least.alarmMetrics && least.alarmMetrics > 0);
  assert.ok(standingCost(more) > standingCost(least));
});

test('an alarm over two metrics is paid twice: each log group adds one', () => {
  const groups = (...logGroups: string[]) => deployed({ sources: { dns: { logGroups } } });
  const [one, two] = [groups('/vpc/resolver'), groups('/vpc/resolver', '/vpc/other')];
  assert.equal(two.alarmMetrics - one.alarmMetrics, 2);
  about(standingCost(two) - standingCost(one), 2 * PRICES.alarm.usd);
});

test('blocks are written between their markers, twice as once, and a missing marker is named', () => {
  const page = 'a\n<!-- sums: written by docs/cost-table.ts -->\nold\n<!-- end of sums -->\nb\n';
  const once = withBlocks(page, { sums: 'new' });
  assert.equal(once, 'a\n<!-- sums: written by docs/cost-table.ts -->\n\nnew\n\n<!-- end of sums -->\nb\n');
  assert.equal(withBlocks(once, { sums: 'new' }), once);
  assert.throws(() => withBlocks(page, { other: 'new' }), /lacks the markers <!-- other/);
});
