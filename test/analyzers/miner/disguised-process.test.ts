import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, launch, strengthOf } from './fixture.ts';

const strength = (spoken: string, executable?: string, name?: string): string =>
  strengthOf(
    'disguised_process',
    launch([spoken], { ...(executable === undefined ? {} : { executable }), ...(name === undefined ? {} : { name }) }),
  );

const CASES: readonly (readonly [string, string, string | undefined])[] = [
  ['strong', '[kworker/0:0]', '/tmp/.x/a'],
  ['strong', '[kworker/u8:2-events]', '/opt/a'],
  ['strong', 'kswapd0', '/root/.configrc/a/kswapd0'],
  ['strong', '[ksoftirqd/3]', '/var/tmp/b'],
  ['strong', '[rcu_sched]', '/memfd: (deleted)'],
  ['strong', 'a', '/opt/x/kthreadd'],
  ['strong', '-bash', '/dev/shm/x'],
  ['strong', '-bash', '/memfd:x (deleted)'],
  ['strong', '/usr/sbin/kswapd0', '/usr/sbin/kswapd0'],
  ['strong', '/usr/sbin/kswapd0', undefined],
  ['strong', 'a', '/usr/bin/kthreadd'],
  ['strong', 'a', '/usr/lib/systemd/kauditd (deleted)'],
  ['strong', 'a', '/usr/local/bin/khugepaged'],
  ['strong', 'a', '/usr/bin/[ksmd]'],
  ['strong', 'kworker', '/usr/sbin/kworker'],
  ['strong', 'kworker', '/tmp/kworker'],
  ['weak', '[kworker/0:1]', '/usr/sbin/modprobe'],
  ['weak', 'kswapd0', '/usr/bin/perl'],
  ['weak', '-bash', '/opt/tool'],
  ['weak', 'x', '/memfd:payload (deleted)'],
  ['weak', 'CPU_HU', '/memfd:CPU_HU (deleted)'],
  ['weak', 'CPU_HU', 'memfd:CPU_HU'],
  ['weak', 'CPU_HU', '/proc/self/fd/3'],
  ['weak', 'CPU_HU', '/proc/4242/fd/17 (deleted)'],
  ['weak', 'CPU_HU', '/dev/fd/5'],
  ['weak', '/proc/self/fd/3', undefined],
  ['weak', 'runc', '/memfd:a/fd/b (deleted)'],
  ['strong', '[kworker/u8:0]', '/proc/self/fd/3'],
  ['strong', '[kworker/u8:0]', '/memfd:runc_cloned:/proc/self/exe (deleted)'],
  ['weak', 'test', '/tmp/test (deleted)'],
  ['note', 'sshd', '/usr/sbin/sshd (deleted)'],
  ['-', '[kworker/0:0]', undefined],
  ['-', '-bash', '/usr/bin/bash'],
  ['-', '-bash', '/bin/busybox'],
  ['-', 'runc', '/memfd:runc_cloned:/proc/self/exe (deleted)'],
  ['-', 'x', '/memfd:kernel (deleted)'],
  ['weak', 'x', '/memfd:kernelx (deleted)'],
  ['-', 'cat', '/usr/bin/cat'],
  ['-', '[', '/usr/bin/['],
  ['-', '[celeryd: worker]', '/usr/bin/python3'],
  ['-', 'netns', '/usr/bin/netns'],
  ['-', 'netns', undefined],
  ['-', '/usr/bin/netns', undefined],
  ['-', 'ksmd', '/usr/sbin/ksmd'],
  ['-', 'writeback', '/usr/sbin/writeback'],
  ['-', '/usr/sbin/watchdog', '/usr/sbin/watchdog'],
  ['-', '/usr/sbin/ksmtuned', '/usr/sbin/ksmtuned'],
  ['-', 'kworker', '/opt/app/bin/kworker'],
  ['-', 'kswapd0', undefined],
  ['-', 'kworker-exporter', '/opt/kworker-exporter'],
];

test('tells kernel threads, login shells, memory and deleted files apart from their disguises', () => {
  for (const [expected, spoken, executable] of CASES) {
    assert.equal(strength(spoken, executable), expected, `${spoken} ${executable}`);
  }
});

test("knows a kernel thread's name by the short name too", () => {
  assert.equal(strength('a', '/opt/a', 'kworker/0:0'), 'strong');
});

test('names the path without the mark of deletion', () => {
  const [verdict] = decide('disguised_process', launch(['a'], { executable: '/tmp/a (deleted)' }));
  assert.deepEqual([verdict?.artifacts, verdict?.flags], [['path:/tmp/a'], ['deleted']]);
});

test('leaves the second stages of runtimes and of systemd alone, which start from a descriptor', () => {
  const from = (executable: string, ...argv: string[]): string =>
    strengthOf('disguised_process', launch(argv, { executable }));
  assert.equal(from('/proc/self/fd/6', 'runc', 'init'), '-');
  assert.equal(from('/proc/self/fd/6', '/proc/self/exe', 'init'), '-');
  assert.equal(from('/dev/fd/9', '/usr/lib/systemd/systemd-executor', '--deserialize', '47'), '-');
  assert.equal(from('/memfd:x (deleted)', 'runc', 'init'), 'weak');
  assert.equal(from('/proc/self/fd/6', 'runc', '-o', 'pool.example.com:3333'), 'weak');
});

test('says that the code lies in memory, and takes no descriptor for a path', () => {
  for (const executable of ['/memfd:CPU_HU (deleted)', '/proc/self/fd/3', '/dev/fd/3']) {
    const [verdict] = decide('disguised_process', launch(['CPU_HU'], { executable }));
    assert.equal(verdict?.why, `code that lies in memory only: ${executable}`);
    assert.deepEqual([verdict.artifacts, verdict.flags], [[], undefined]);
  }
});
