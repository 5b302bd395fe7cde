/** Measures how long the embedded table takes for the evidence of a large run. Usage: node bench/store.ts [ITEMS] */
import { type Evidence, normalized } from '#shared/model/evidence.ts';
import { hourStart } from '#shared/model/time.ts';
import { openEmbeddedTable } from '../cli/embedded-table.ts';

const [items = 20_000] = process.argv.slice(2).map(Number);
const IN_FLIGHT = 16;
const HOUR = 495_000;

function evidenceAt(index: number): Evidence {
  const hour = HOUR + (index % 24);
  return normalized({
    place: { account: '111122223333', region: 'us-east-1', host: `i-${Math.floor(index / 240)}`, scope: 'host' },
    hour,
    group: 'pool_connection',
    rule: `pool_connection/203.0.113.${Math.floor(index / 24) % 10}:3333`,
    linkKey: '-',
    ruleVersion: 1,
    technique: 'T1496.001',
    first: hourStart(hour),
    strength: 'strong',
    flags: ['session'],
    minutes: { out: 1n, back: 1n },
    artifacts: ['pool:203.0.113.9:3333'],
    events: [String(index)],
    more: false,
    samples: [],
    why: 'made up for a measurement',
  });
}

const { store, close } = await openEmbeddedTable();
const start = process.hrtime.bigint();
let next = 0;
await Promise.all(
  Array.from({ length: IN_FLIGHT }, async () => {
    for (let index = next++; index < items; index = next++) await store.merge(evidenceAt(index));
  }),
);
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
process.stdout.write(`${items} items stored in ${seconds.toFixed(1)} s, ${(items / seconds).toFixed(0)} a second\n`);
await close();
