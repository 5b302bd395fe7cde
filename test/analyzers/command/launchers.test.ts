import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readScript } from '#shared/analyzers/command/reading.ts';
import { decide, launch, strengthOf } from '../miner/fixture.ts';

/** The commands of a text behind its launchers' own. */
const started = (script: string): readonly string[] =>
  readScript(script)
    .programs.filter(({ via }) => via.length > 0)
    .map(({ argv }) => argv.join(' '));

test('starts what xargs names, with the words and lines of its input where they are known', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['cat list | xargs -n1 -P4 /opt/a -x', ['/opt/a -x']],
    ['cat list | xargs -I{} /opt/a {}', ['/opt/a {}']],
    ['echo b c | xargs /opt/a', ['/opt/a b c']],
    ['echo b c d | xargs -n 2 -P4 /opt/a', ['/opt/a b c', '/opt/a d']],
    ['echo b c | xargs --max-args=1 /opt/a', ['/opt/a b', '/opt/a c']],
    ['echo b c | xargs -n 0 /opt/a', ['/opt/a b c']],
    ['echo b c | xargs -I % /opt/a -x % y%', ['/opt/a -x b c yb c']],
    ['echo b | xargs -I{} sh -c "/opt/a {}"', ['sh -c /opt/a b', '/opt/a b']],
    ['printf "b\\nc\\n" | xargs -I{} /opt/a {}', ['/opt/a b', '/opt/a c']],
    ['echo /opt/a | xargs -i {} -x', ['/opt/a -x']],
    ['echo /opt/a | xargs -iX X -x', ['/opt/a -x']],
    ['echo /opt/a | xargs --replace {} -x', ['/opt/a -x']],
    ['echo /opt/a | xargs --replace=X X -x', ['/opt/a -x']],
    ['echo b | xargs -l /opt/a', ['/opt/a b']],
    ['echo b | xargs -e /opt/a', ['/opt/a b']],
    ['echo b | xargs -rt0 -d, -a file /opt/a', ['/opt/a b']],
  ];
  for (const [script, lines] of cases) assert.deepEqual(started(script), lines, script);
});

test('prints what xargs is fed where it is told no program', () => {
  assert.deepEqual(started('echo /opt/a | xargs'), ['echo /opt/a']);
  assert.deepEqual(started('echo " b " | xargs -n1 | sh'), ['echo b', 'b']);
  assert.equal(strengthOf('miner_program', launch(['sh', '-c', 'echo /tmp/xmrig | xargs'])), '-');
});

test('bounds what many lines and places make of a start', () => {
  const places = '{}'.repeat(20_000);
  const script = `echo "${'b\n'.repeat(20_000)}" | xargs -I{} xargs -I{} xargs -I{} /opt/a ${places} ${places}`;
  const { programs } = readScript(script.slice(0, 131_072));
  const size = programs.reduce((sum, { argv }) => sum + argv.join(' ').length, 0);
  assert.ok(programs.length < 200 && size < 2_000_000, `${programs.length} of ${size}`);
});

test('follows debuggers, emulators and the dynamic loader to what they run', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['gdb --args /opt/a -x', ['/opt/a -x']],
    ['gdb -q -ex run -args /opt/a -x', ['/opt/a -x']],
    ['gdb /opt/a core.1', []],
    ['gdb -p 12', []],
    ['valgrind --tool=memcheck /opt/a -x', ['/opt/a -x']],
    ['qemu-x86_64-static ./a -x', ['./a -x']],
    ['qemu-aarch64 -L /usr/aarch64-linux-gnu -cpu max ./a -x', ['./a -x']],
    ['/usr/bin/qemu-arm -0 b -E A=1 -strace ./a -x', ['./a -x']],
    ['qemu-system-x86_64 -hda a.img', []],
    ['qemu-img create a.img', []],
    ['qemu-nbd -c /dev/nbd0 a.img', []],
    ['ld-linux-x86-64.so.2 ./a -x', ['./a -x']],
    ['/lib64/ld-linux-x86-64.so.2 --library-path /b /tmp/a', ['/tmp/a']],
    ['/lib/ld-musl-x86_64.so.1 --preload /b /tmp/a', ['/tmp/a']],
    ['docker start a', []],
    ['docker restart a', []],
  ];
  for (const [script, lines] of cases) assert.deepEqual(started(script), lines, script);
  assert.deepEqual(
    readScript('qemu-arm -0 b ./a').programs.map(({ spoken }) => spoken),
    [undefined, 'b'],
  );
});

test('judges a miner alike behind each of them', () => {
  for (const front of ['gdb --args', 'qemu-x86_64-static', '/lib64/ld-linux-x86-64.so.2', 'xargs -n1 -P4', 'valgrind'])
    assert.equal(strengthOf('miner_program', launch([...front.split(' '), './xmrig', '-o', 'x:1'])), 'strong', front);
  for (const line of ['docker start xmrig', 'gdb xmrig core.1', 'qemu-img info xmrig.img'])
    assert.deepEqual(decide('miner_program', launch(line.split(' '))), [], line);
});
