import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readScript } from '#shared/analyzers/command/reading.ts';

/** All elements of the array A. */
const ALL = `$\{A[@]}`;

const run = (script: string): readonly string[] =>
  readScript(script)
    .programs.map(({ argv }) => argv.join(' '))
    .filter((line) => line !== '');

test('takes the elements of an array as data', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['IOC=(xmrig kinsing); pgrep x', ['pgrep x']],
    ['IOC+=(xmrig "kin sing"); pgrep x', ['pgrep x']],
    ['IOC=(\n  xmrig # one\n  kinsing\n)\npgrep x', ['pgrep x']],
    ['IOC=(); pgrep x', ['pgrep x']],
    ['declare -a IOC=(xmrig kinsing); pgrep x', ['declare -a IOC=xmrig kinsing', 'pgrep x']],
    ['A[1]=(x y) pgrep x', ['pgrep x']],
    [`A=(xmrig); for i in "${ALL}"; do pgrep $i; done`, ['pgrep xmrig']],
  ];
  for (const [script, lines] of cases) assert.deepEqual(run(script), lines, script);
});

test('runs what stands in parentheses by itself or is substituted in an array', () => {
  assert.deepEqual(run('(xmrig -o h:3333)'), ['xmrig -o h:3333']);
  assert.deepEqual(run('X=1; (xmrig)'), ['xmrig']);
  assert.deepEqual(run('A=($(/tmp/a -q) `/tmp/b`)'), ['/tmp/a -q', '/tmp/b']);
  assert.deepEqual(run('A=("$(/tmp/a)"); /tmp/c'), ['/tmp/a', '/tmp/c']);
  assert.deepEqual(run('A=(/tmp/a; /tmp/b'), ['/tmp/a', '/tmp/b']);
});

test('runs an array whose elements are a command', () => {
  assert.deepEqual(run(`A=(/tmp/a -o h:3333); "${ALL}"`), ['/tmp/a -o h:3333']);
  assert.deepEqual(readScript(`A=(/tmp/a -o h:3333); ${ALL}`).programs[0]?.argv, ['/tmp/a', '-o', 'h:3333']);
  assert.deepEqual(run(`A=(/tmp/a); A+=(-o); A[2]=h:3333; "${ALL}"`), ['/tmp/a -o h:3333']);
  assert.deepEqual(run('A=/tmp/xm; A+=rig; $A'), ['/tmp/xmrig']);
});

test("takes a branch's patterns as data, and runs its commands", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['case $x in xmrig) a;; kinsing|zzh) b;; *) c;; esac; d', ['a', 'b', 'c', 'd']],
    ['case "$1" in\n  xmrig)\n    a\n    ;;\n\n  (kinsing | zzh) b ;;\nesac\nd', ['a', 'b', 'd']],
    ['case $x in xmrig) a ;& kinsing) b ;;& zzh) c; esac', ['a', 'b', 'c']],
    ['case $x in a) case $y in xmrig) b;; zzh) c;; esac;; kinsing) d;; esac; e', ['b', 'c', 'd', 'e']],
    ['(case $x in xmrig) a;; esac; b); c', ['a', 'b', 'c']],
    ['case $x in esac; xmrig', ['xmrig']],
    ['a;; xmrig', ['a', 'xmrig']],
  ];
  for (const [script, lines] of cases) assert.deepEqual(run(script), lines, script);
});

test("takes a function's name as data, and reads its body", () => {
  for (const head of ['xmrig() {', 'xmrig () {', 'function xmrig {', 'function xmrig() {', 'function xmrig\n{']) {
    assert.deepEqual(run(`${head} /tmp/a -q; }; b`), ['/tmp/a -q', 'b'], head);
  }
});
