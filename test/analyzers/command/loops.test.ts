import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { programs, readScript } from '#shared/analyzers/command/reading.ts';

/** What a script runs, in order; launchers too. */
const run = (script: string): readonly string[] =>
  readScript(script)
    .programs.map(({ argv }) => argv.join(' '))
    .filter((line) => line !== '');

type Table = readonly (readonly [string, readonly string[]])[];

function runs(name: string, table: Table): void {
  test(name, () => {
    for (const [script, lines] of table) assert.deepEqual(run(script), lines, script);
  });
}

runs('runs the body of a loop with each word of its head', [
  ['for p in a b; do k $p; done; z', ['k a', 'k b', 'z']],
  ['for p in a "b c" \'d\'; do k "$p"; done', ['k a', 'k b c', 'k d']],
  [`for p in a b\ndo\n  k -f "x\${p}y"\ndone`, ['k -f xay', 'k -f xby']],
  ['for p in a b\n{ k $p; }; z', ['k a', 'k b', 'z']],
  ['N="a b"; for n in $N; do k $n; done', ['k a', 'k b']],
  ['A=(a b); for n in $A; do k $n; done', ['k a', 'k b']],
  ['for p in {a,b}; do k $p; done', ['k a', 'k b']],
  ['for p in x{1..3}; do k $p; done', ['k x1', 'k x2', 'k x3']],
  ['for p in $(seq 3 -1 2); do k $p; done', ['seq 3 -1 2', 'k 3', 'k 2']],
  ['for p in $(echo a b); do k $p; done', ['echo a b', 'k a', 'k b']],
  ['for p in a b; do for q in c d; do k $p $q; done; done', ['k a c', 'k a d', 'k b c', 'k b d']],
  [
    'for p in a b; do while read l; do k $p; done; m $p; done; z',
    ['read l', 'k a', 'm a', 'read l', 'k b', 'm b', 'z'],
  ],
  ['for p in a b; do if [ -f x ]; then k $p; fi; done', ['[ -f x ]', 'k a', '[ -f x ]', 'k b']],
  ['for p in a b; do sh -c "k $p"; done', ['sh -c k a', 'k a', 'sh -c k b', 'k b']],
  ['for p in a b; do kill $(pgrep $p); done', ['pgrep a', 'kill', 'pgrep b', 'kill']],
  ['(for p in a b; do k $p; done) && z', ['k a', 'k b', 'z']],
  ['f() { for p in a b; do k $p; done; }; z', ['k a', 'k b', 'z']],
]);

runs('runs the body once where no value is known, or where it asks for none', [
  ['for p in a b; do k; done', ['k']],
  ['for p in "$@"; do k $p; done', ['k $p']],
  ['for p in $UNKNOWN; do k $p; done', ['k $p']],
  ['for p in $(pgrep -f x); do k $p; done', ['pgrep -f x', 'k $p']],
  ['p=old; for p in; do k $p; done', ['k $p']],
  ['for p; do k $p; done', ['k $p']],
  ['while read p; do k $p; done', ['read p', 'k $p']],
]);

runs('names the paths of a listing that the head goes over', [
  ['for p in $(ls -d /s/a /s/b); do k $p; done', ['ls -d /s/a /s/b', 'k /s/a', 'k /s/b']],
  ['for p in `ls /s/c[0-9]*`; do k $p; done', ['ls /s/c[0-9]*', 'k /s/c[0-9]*']],
  ['for u in $(ls /home); do k /home/$u/x; done', ['ls /home', 'k /home/*/x']],
  [
    'for u in $(find /home -maxdepth 1 | sort); do k $u/x; done',
    ['find /home -maxdepth 1', 'sort', 'k /home/x', 'k /home/*/x'],
  ],
  ['for f in $(cat /etc/list); do k $f; done', ['cat /etc/list', 'k $f']],
]);

runs('takes the head of a loop for data where no body follows', [
  ['for xmrig in a b', []],
  ['for xmrig', []],
  ['for xmrig in a; xmrig', ['xmrig']],
  ['echo for p in a; do k', ['echo for p in a', 'k']],
]);

test('reads a loop of a line that has lost its line ends and quotes', () => {
  const argv = 'for p in a b do k $p > /dev/null; done'.split(' ');
  const lines = programs({ argv, exact: false }).map((program) => program.argv.join(' '));
  assert.ok(lines.includes('k a') && lines.includes('k b'), lines.join('\n'));
});

test('feeds what the turns of a loop print to what follows', () => {
  const [, , , , sh, ...inner] = readScript('for p in a b; do echo k $p; echo l; done | sh').programs;
  assert.equal(sh?.argv.join(' '), 'sh');
  assert.deepEqual(
    inner.map(({ argv }) => argv.join(' ')),
    ['k a', 'l', 'k b', 'l'],
  );
  const [written] = readScript('for p in a b; do echo $p; done > /tmp/list').programs.filter(
    ({ writes }) => writes.length > 0,
  );
  assert.deepEqual(written?.writes, [{ path: '/tmp/list', append: false, text: 'a\nb\n' }]);
});

runs('spells out braces beside other text as bash does', [
  ['k /e/{a,b}/c', ['k /e/a/c /e/b/c']],
  ['k --donate-{level,over-proxy}=1', ['k --donate-level=1 --donate-over-proxy=1']],
  ['k {a,b}{1..2}', ['k a1 a2 b1 b2']],
  ['D=x; k $D/{a,"$D"}', ['k x/a x/x']],
  ['k "{a,b}" \'x{a,b}\' y\\{a,b}', ['k {a,b} x{a,b} y{a,b}']],
  ['k x{a} {3..1} x{a..c}', ['k x{a} 3 2 1 x{a..c}']],
  ['k -d{"user":"x","pass":"y"}', ['k -d{user:x,pass:y}']],
]);

test('bounds the values of a loop, its turns and its programs', () => {
  const many = Array.from({ length: 500 }, (_, index) => `v${index}`).join(' ');
  assert.equal(run(`for p in ${many}; do k $p; done`).length, 64);
  const nested = 'for a in {1..64}; do for b in {1..64}; do for c in {1..64}; do k $a $b $c; done; done; done; last';
  const lines = run(nested);
  assert.ok(lines.length <= 1100, `${lines.length}`);
  assert.equal(lines.at(-1), 'last');
  const padded = `for p in ${many}; do ${'k $p; '.repeat(1500)} done; last`;
  assert.equal(run(padded).at(-1), 'last');
});

test('never throws on loops of any words, and runs the same twice', () => {
  const word = fc.constantFrom(
    ...'for in do done p q $p a ; ;; ( ) { } | > /tmp/x < while case esac "x" \' $( ` {1..9} x{a,b} & eval'.split(' '),
    '\n',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), (words) => {
      assert.deepEqual(run(words.join(' ')), run(words.join(' ')));
    }),
    { numRuns: 1000 },
  );
});

test('gives loops and conditions what is piped into them, and what they print to the next command', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['while :; do echo k; done | sh', [':', 'echo k', 'sh', 'k']],
    ['until false; do echo k; done | sh', ['false', 'echo k', 'sh', 'k']],
    ['if a; then echo k; else echo l; fi | sh', ['a', 'echo k', 'echo l', 'sh', 'k', 'l']],
    ['if a; then if b; then echo k; fi; fi | sh; z', ['a', 'b', 'echo k', 'sh', 'k', 'z']],
    ['echo k | while read l; do sh; done', ['echo k', 'read l', 'sh', 'k']],
    ['while a; do while b; do c; done; d; done; z', ['a', 'b', 'c', 'd', 'z']],
    ['while a; do for p; do b; done; c; done; z', ['a', 'b', 'c', 'z']],
    ['while a; do b; done >/x; if c; then d', ['a', 'b', 'c', 'd']],
    ['while a\ndo\n  b\ndone\nz', ['a', 'b', 'z']],
    ['done; fi; do; while; if', []],
  ];
  for (const [script, lines] of cases) assert.deepEqual(run(script), lines, script);
  const { programs: all } = readScript('while a; do echo k; done > /x');
  assert.deepEqual(
    all.flatMap(({ writes }) => writes.map(({ path, text }) => [path, text])),
    [['/x', 'k\n']],
  );
});
