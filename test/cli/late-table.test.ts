import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lateTable } from '../../cli/late-table.ts';
import type { OpenTable } from '../../cli/named-table.ts';
import { memoryStore } from '../correlate/memory-store.ts';
import { storeContract } from '../correlate/store-contract.ts';

const HOST = { account: '111122223333', region: 'us-east-1', host: 'i-0123456789abcdef0' };

function counted(): { opened: number; closed: number; open: () => Promise<OpenTable> } {
  const counts = {
    opened: 0,
    closed: 0,
    open: async () => {
      counts.opened += 1;
      return {
        store: memoryStore(),
        close: async () => {
          counts.closed += 1;
        },
      };
    },
  };
  return counts;
}

storeContract('late', async () => lateTable(counted().open));

test('neither opens nor closes a table that nothing was asked of', async () => {
  const counts = counted();
  await lateTable(counts.open).close();
  assert.deepEqual([counts.opened, counts.closed], [0, 0]);
});

test('opens once for all calls, and closes what it opened', async () => {
  const counts = counted();
  const { store, close } = lateTable(counts.open);
  await Promise.all([store.heads(HOST), store.evidence(HOST, ['host'], 0, 1), store.heads(HOST)]);
  await close();
  assert.deepEqual([counts.opened, counts.closed], [1, 1]);
});
