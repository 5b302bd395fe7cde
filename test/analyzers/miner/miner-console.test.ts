import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { minerConsole } from '#shared/analyzers/miner/miner-console.ts';
import { CLASS, type Event } from '#shared/model/event.ts';
import { EMPTY_WATCH_LIST } from '#shared/model/intel.ts';
import { INTEL } from './fixture.ts';

const printed = (message: string): Event => ({
  class: CLASS.base,
  ...{ time: 0, claims: {}, raw: {}, id: message, source: 'miner-console', message },
});

/** `group strength artifacts` of each verdict. */
function said(message: string): string[] {
  return minerConsole
    .decide(printed(message), INTEL, EMPTY_WATCH_LIST)
    .map(({ group = 'miner_execution', strength, artifacts }) => [group, strength, ...artifacts].join(' '));
}

const POOL = 'pool:203.0.113.7:3333';

describe("a miner's own words", () => {
  for (const [message, ...expected] of [
    ['* ABOUT        XMRig/6.22.2 gcc/13.2.0', 'miner_execution strong miner:xmrig'],
    ['* POOL #2      203.0.113.7:3333 algo auto', `miner_execution strong ${POOL}`],
    ['* POOL #1      203.0.113.7:3333 algo rx/0', `miner_execution strong ${POOL} algo:rx/0`],
    [
      'net      use pool pool.example.com:443 TLSv1.3 203.0.113.7',
      'miner_execution strong pool:pool.example.com:443 pool:203.0.113.7:443',
      'pool_connection strong pool:pool.example.com:443 pool:203.0.113.7:443',
    ],
    [
      'use pool pool.example.com:3333  2001:db8::7',
      'miner_execution strong pool:pool.example.com:3333 pool:[2001:db8::7]:3333',
      'pool_connection strong pool:pool.example.com:3333 pool:[2001:db8::7]:3333',
    ],
    [
      'net      new job from 203.0.113.7:3333 diff 100001 algo rx/0 height 3300000',
      `miner_execution strong ${POOL} algo:rx/0`,
      `pool_connection strong ${POOL}`,
    ],
    ['cpu      accepted (12/0) diff 100001 (78 ms)', 'miner_execution strong', 'pool_connection strong'],
    ['accepted: 1/1 (100.00%), 2.10 khash/s (yay!!!)', 'miner_execution strong', 'pool_connection strong'],
    ['miner    speed 10s/60s/15m 1234.5 1200.1 n/a H/s max 1300.0 H/s', 'miner_execution strong'],
    [
      'net      203.0.113.7:3333 connect error: "connection refused"',
      `miner_execution strong ${POOL}`,
      `pool_connection weak ${POOL}`,
    ],
    [
      'msr      register values for "intel" preset have been set successfully (1 ms)',
      'miner_execution strong',
      'system_optimization strong',
    ],
    ['msr      FAILED TO APPLY MSR MOD, HASHRATE WILL BE LOW', 'miner_execution strong', 'system_optimization weak'],
    [
      'cpu      READY threads 8/8 (8) huge pages 100% 8/8 memory 16384 KB (3 ms)',
      'miner_execution strong',
      'system_optimization weak',
    ],
    ['READY (CPU) threads 4(4) huge pages 0/4 0% memory 8.0 MB', 'miner_execution strong'],
    ['Starting Stratum on stratum+tcp://203.0.113.7:3333', `miner_execution strong ${POOL}`],
    ['SRBMiner-MULTI 2.6.5', 'miner_execution strong miner:srbminer-multi'],
  ] as const) {
    it(`are read in ${JSON.stringify(message)}`, () => {
      assert.deepEqual(said(message), expected);
    });
  }

  it('say nothing where they only tell of the machine', () => {
    for (const message of [
      '* CPU          AMD EPYC (1) 64-bit AES',
      '* HUGE PAGES   supported',
      '* MEMORY       3.8/7.6 GB (50%)',
    ]) {
      assert.deepEqual(said(message), []);
    }
  });

  it('hold a needle wherever they mean something', () => {
    const needles = minerConsole.needles ?? [];
    for (const message of [
      'cpu READY threads 1/1 (1) huge pages 0% 0/1',
      'thread 3: 41 hashes, 1 khash/s',
      'dataset ready (5 ms)',
    ]) {
      assert.notDeepEqual(said(message), [], message);
      assert.ok(
        needles.some((needle) => message.toLowerCase().includes(needle)),
        message,
      );
    }
  });
});
