import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { programs, readScript } from '#shared/analyzers/command/reading.ts';

const last = (script: string) => readScript(script).programs.at(-1);

test('keeps the folder of a process of its own from what follows it', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['(cd /x; ./b); ./a', undefined],
    ['cd /y; (cd /x; ./b); ./a', '/y'],
    ['cd /y && (cd z && ./b) && ./a', '/y'],
    ['cd /y; (cd z; (cd w; ./b); ./a)', '/y/z'],
    ['cd /y; cd /x | ./b; ./a', '/y'],
    ['cd /y; ls | while read b; do cd "$b"; done; ./a', '/y'],
    ['cd /y; B=$(cd /x && pwd); ./a', '/y'],
    ['cd /y; cat <(cd /x; ls); ./a', '/y'],
    ["cd /y; sh -c 'cd /x; ./b'; ./a", '/y'],
    ["cd /y; nohup bash -c 'cd /x; ./b'; ./a", '/y'],
    ["cd /y; su b -c 'cd /x; ./b'; ./a", '/y'],
    ["cd /y; echo 'cd /x' | sh; ./a", '/y'],
    ['{ cd /y; ./b; }; ./a', '/y'],
    ['for b in c d; do cd /y; done; ./a', '/y'],
    ["eval 'cd /y'; ./a", '/y'],
    ['command cd /y; ./a', '/y'],
    ['source <(echo cd /y); ./a', '/y'],
    ['b() { cd /y; }; b; ./a', '/y'],
    ['for b in c d; do cd /y; done ./a', '/y'],
    ['(cd /x; ./a)', '/x'],
  ];
  for (const [script, folder] of cases) {
    assert.equal(last(script)?.folder, folder, script);
    assert.equal(last(script)?.argv[0], './a', script);
  }
});

test('keeps variables of a process of its own from what follows it', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a=b; (a=c); $a', 'b'],
    ['a=b; (a=c; (a=d; a=e); $a)', 'c'],
    ['(a=c); $a x', '$a'],
    ['a=b; (for a in c d; do :; done); $a', 'b'],
    ['a=b; : | a=c; $a', 'b'],
    ['a=b; { a=c; }; $a', 'c'],
    ['a=b; (echo $a; a=c; a=d); (a=e); $a', 'b'],
  ];
  for (const [script, program] of cases) assert.equal(last(script)?.argv[0], program, script);
});

test('takes a command line that lost its quotes for one shell, where its end is not known', () => {
  const argv = 'nohup sh -c cd /x; ./a'.split(' ');
  assert.equal(programs({ argv, exact: false }).at(-1)?.path, '/x/a');
});

test('leaves folder and variables as they were, whatever a subshell does', () => {
  const piece = fc.constantFrom('cd /x', 'a=c', '(cd z)', '$(cd w)', 'b=$a', ': | cd v', 'for a in d e; do $a; done');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const script = `cd /y; a=b; (${[':', ...pieces].join('; ')}); $a`;
      assert.deepEqual([last(script)?.folder, last(script)?.argv], ['/y', ['b']]);
    }),
  );
});
