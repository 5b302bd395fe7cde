import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minerProgram } from '#shared/analyzers/miner/miner-program.ts';
import type { Event } from '#shared/model/event.ts';
import type { Verdict } from '#shared/model/indicator.ts';
import { EMPTY_WATCH_LIST } from '#shared/model/intel.ts';
import { compiled, shippedLists } from '../../intel/sample-intel.ts';
import { launch, split } from './fixture.ts';

const INTEL = compiled(shippedLists());
const ANALYZER = minerProgram([...INTEL.programs()]);

const decide = (event: Event): readonly Verdict[] => ANALYZER.decide(event, INTEL, EMPTY_WATCH_LIST);
const strengths = (line: string): readonly string[] => decide(launch(split(line))).map(({ strength }) => strength);

/** Command lines, each with a benign one that looks like it. */
const PAIRS: readonly (readonly [string, string])[] = [
  ['python3 PC_Miner.py', 'python3 PC_Miner_test.py'],
  ['/usr/bin/python3 -u /opt/duino-coin/AVR_Miner.py', 'vim /opt/duino-coin/AVR_Miner.py'],
  ['python3.11 ESP_Miner.py', 'python3.11 process_miner.py'],
  ["sh -c 'cd duino-coin && python3 PC_Miner.py'", "sh -c 'cd duino-coin && cat PC_Miner.py'"],
  ['./PC_Miner', './PC_Cleaner'],
  ['ore mine', 'ore'],
  ['/root/.cargo/bin/ore mine --cores 8', '/root/.cargo/bin/ore balance'],
  [
    'ore --rpc https://rpc.example.com --keypair /root/id.json mine --threads 16',
    'ore --rpc https://rpc.example.com rewards',
  ],
  ['ore --priority-fee=5000 --jito mine', 'ore --config mine.xml'],
  ["bash -c 'nohup ore mine >/dev/null 2>&1 &'", "bash -c 'echo ore mine in Chile'"],
  ['docker run -v a:/ore alpine ore mine', '/opt/risk/ore Input/ore.xml mine'],
  ['ore-hq-client --url ore.example.com mine --cores 8', 'restore-hq-client --url ore.example.com mine'],
  ['./rqiner-x86 -t 4 -i ID', 'wget https://example.com/rqiner-x86'],
  ['/opt/rqiner-x86-znver4 -t 4', 'pkill rqiner-x86-znver4'],
  ['docker run -d qliplatform/qubic-client:latest', 'docker pull qliplatform/qubic-client:latest'],
  [
    'docker run --rm -e RPC=https://rpc.example.com ghcr.io/regolith-labs/ore',
    'docker run ghcr.io/regolith-labs/ore-web',
  ],
  ['docker run -d ghcr.io/regolith-labs/ore:latest mine --cores 4', 'docker run -d registry.example.com/mining/ore:1'],
  [
    "bash -c 'docker pull qliplatform/qubic-client && docker run -d qliplatform/qubic-client'",
    "bash -c 'docker pull qliplatform/website && docker run -d qliplatform/website'",
  ],
];

test('finds miners of other coins by name, command and image, and not what merely looks like them', () => {
  for (const [miner, benign] of PAIRS) {
    assert.deepEqual(strengths(miner), ['strong'], miner);
    assert.deepEqual(strengths(benign), [], benign);
  }
});

test('finds malware and miners that are hidden by a dot, named for a machine or numbered', () => {
  for (const line of [
    '/root/.redtail',
    './.redtail',
    '/tmp/redtail.arm7',
    '/tmp/.migo_worker',
    '/usr/bin/.xmrig',
    '/tmp/xmrigARM64',
    '/tmp/xmrig.x86_64',
    '/opt/xmrig32',
    '/tmp/watchbog',
    '/tmp/sysrv002',
    '/tmp/kthreaddi',
    '/tmp/pg_mem',
    '/tmp/srbminer',
  ])
    assert.deepEqual(strengths(line), ['strong'], line);
  for (const line of ['/opt/trex/t-rex-64 -i', 'redtail', '/usr/bin/java -version', '/opt/miner64', 'vim /tmp/.xmrig'])
    assert.deepEqual(strengths(line), [], line);
});

test('is weak for a name of malware that others may use, where the place says nothing', () => {
  for (const line of ['/usr/bin/bprofr', '/usr/bin/wizlmsh', '/opt/phpguard', '/mnt/-java'])
    assert.deepEqual(strengths(line), ['weak'], line);
});

test('is weak for the help of a command that mines', () => {
  assert.deepEqual(strengths('ore mine --help'), ['weak']);
});

test('is weak for what runs in a published image of a miner', () => {
  for (const image of ['docker.io/qliplatform/qubic-client:cuda', 'ghcr.io/regolith-labs/ore@sha256:abc']) {
    assert.deepEqual(
      decide(launch(['sleep', '5'], {}, image)).map(({ strength }) => strength),
      ['weak'],
      image,
    );
  }
  assert.deepEqual(decide(launch(['sleep', '5'], {}, 'docker.io/regolith-labs/orepool')), []);
});

test('names a needle for each of them, as records write words', () => {
  const holds = (text: string): boolean =>
    (ANALYZER.needles ?? []).some((needle) => text.toLowerCase().includes(needle));
  for (const [miner] of PAIRS) assert.ok(holds(miner), miner);
  for (const record of ['type=EXECVE argc=2 a0="ore" a1="mine"', '{"command":["ore","--rpc","u","mine"]}']) {
    assert.ok(holds(record), record);
  }
});
