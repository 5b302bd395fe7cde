import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optimizationAnalyzers } from '#shared/analyzers/optimization/analyzers.ts';
import { decideAll, shell } from './fixture.ts';

const ANALYZERS = optimizationAnalyzers({
  programs: () => ['xmrig', 'kinsing', 'kdevtmpfsi'],
  names: () => ['listed-pool.example'],
});

test('judges what a loop does with each of its words', () => {
  const table: readonly (readonly [string, readonly string[]])[] = [
    ['for p in xmrig kinsing; do pkill -9 $p; done', ['rivals']],
    ['for p in xmrig kinsing; do killall -9 "$p" 2>/dev/null; done', ['rivals']],
    ['for p in xmrig kinsing; do kill -9 $(pgrep $p); done', ['rivals']],
    ['NAMES="xmrig kinsing"; for n in $NAMES; do pkill $n; done', ['rivals']],
    ['pkill -9 {xmrig,kinsing}', ['rivals']],
    ['for s in falcon-sensor auditd; do systemctl stop $s; done', ['security_agents']],
    ['for s in aegis; do rm -rf /usr/local/$s; done', ['security_agents']],
    ['for k in vm.nr_hugepages=1280; do sysctl -w $k; done', ['kernel_setting']],
    ['for r in 0x1a4; do wrmsr -a $r 0xf; done', ['msr_write']],
    ['for s in nginx redis; do systemctl stop $s; done', []],
    ['for p in xmrig kinsing; do pgrep $p; done', []],
    ['for f in xmrig.log kinsing.log; do grep -c kill $f; done', []],
    ['for k in vm.nr_hugepages kernel.nmi_watchdog; do sysctl $k; done', []],
  ];
  for (const [line, rules] of table) {
    const found = new Set(decideAll(ANALYZERS, shell(line)).map(({ rule }) => rule));
    assert.deepEqual([...found], rules, line);
  }
});

test('counts each rival that a loop stops', () => {
  const [verdict] = decideAll(ANALYZERS, shell('for p in xmrig kinsing kdevtmpfsi; do pkill -9 $p; done'));
  assert.deepEqual(verdict?.artifacts, ['rival:xmrig', 'rival:kinsing', 'rival:kdevtmpfsi']);
});
