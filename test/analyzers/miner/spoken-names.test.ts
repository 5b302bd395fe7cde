import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch, split, strengthOf } from './fixture.ts';

test("sees a kernel thread's or login shell's name that a shell gives to a program", () => {
  const table: readonly (readonly [string, string])[] = [
    ["exec -a '[kworker/0:0]' /tmp/a", 'strong'],
    ['(exec -a "[kswapd0]" /var/tmp/.z/m &)', 'strong'],
    ['exec -a "[kworker/0:1]" ./a', 'strong'],
    ['exec -a kswapd0 /opt/a -c c.json', 'strong'],
    ['exec -a -bash /dev/shm/m', 'strong'],
    ['exec -a "[kworker/0:1]" sleep 5', 'weak'],
    ['exec -a "[kworker/0:1]" /usr/bin/sleep 5', 'weak'],
    ['exec -a -bash bash', '-'],
    ['exec -a web-worker /opt/a', '-'],
    ['echo "exec -a [kworker/0:1] /tmp/a"', '-'],
    ['ps aux | grep "[kworker/0:0]"', '-'],
  ];
  for (const [line, expected] of table) {
    const launched = { executable: '/usr/bin/bash', workingDirectory: '/root' };
    assert.equal(strengthOf('disguised_process', launch(['bash', '-c', line], launched)), expected, line);
    assert.equal(strengthOf('disguised_process', launch(['bash', '-c', line])), expected, line);
  }
  assert.equal(
    strengthOf('disguised_process', launch(split("exec -a '[kworker/0:0]' /tmp/a"), { exact: false })),
    'strong',
  );
});

test('sees options and programs through the marks that a shell takes off', () => {
  const table: readonly (readonly [string, string])[] = [
    ['./a --don"ate-lev"el 1', 'miner_arguments'],
    ['./a --donate\\-level 1', 'miner_arguments'],
    ['./a --donate-{level,over-proxy}=1', 'miner_arguments'],
    ["./xm'r'ig -c c", 'miner_program'],
    ['./xm\\rig -c c', 'miner_program'],
    ['for b in xmrig; do ./$b -c c; done', 'miner_program'],
    ['flock /tmp/l ./xmrig -c c', 'miner_program'],
    [`awk 'BEGIN{system("./xmrig -c c")}'`, 'miner_program'],
  ];
  for (const [line, id] of table) assert.equal(strengthOf(id, launch(['sh', '-c', line])), 'strong', line);
  for (const line of ["grep -r 'xm''rig' /var/log", 'for f in xmrig.log; do grep xmrig "$f"; done'])
    assert.equal(strengthOf('miner_program', launch(['sh', '-c', line])), '-', line);
});
