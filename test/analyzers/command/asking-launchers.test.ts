import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contained } from '#shared/analyzers/command/containers.ts';
import { readScript } from '#shared/analyzers/command/reading.ts';

const run = (script: string): readonly string[] => readScript(script).programs.map(({ argv }) => argv.join(' '));

test('starts nothing where a launcher is only asked', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['command -v a', ['command -v a']],
    ['command -pV a', ['command -pV a']],
    ['command -p a -v', ['command -p a -v', 'a -v']],
    ['command -- a', ['command -- a', 'a']],
    ['sudo -l a', ['sudo -l a']],
    ['sudo -nl a', ['sudo -nl a']],
    ['sudo -u b -l a', ['sudo -u b -l a']],
    ['sudo -U b -l a', ['sudo -U b -l a']],
    ['sudo --other-user b --list a', ['sudo --other-user b --list a']],
    ['sudo -e /a', ['sudo -e /a']],
    ['sudo -ul a', ['sudo -ul a', 'a']],
    ['sudo -nu l a', ['sudo -nu l a', 'a']],
    ['sudo a -l', ['sudo a -l', 'a -l']],
  ];
  for (const [script, lines] of cases) assert.deepEqual(run(script), lines, script);
});

test('puts the name that is asked for in place of the path', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['$(command -v a) -x', 'a -x'],
    ['$(command -pv a) -x', 'a -x'],
    ['$(which a) -x', 'a -x'],
    ['$(which -a a) -x', 'a -x'],
    ['p=$(which /opt/a); "$p" -x', '/opt/a -x'],
  ];
  for (const [script, last] of cases) assert.equal(run(script).at(-1), last, script);
  assert.equal(run('$(command -V a) -x').at(-1), '-x');
  assert.equal(run('$(which) -x').at(-1), '-x');
});

test('gives exported names the values that the text set before', () => {
  const environment = (script: string) => readScript(script).programs.at(-1)?.environment;
  assert.deepEqual(environment('A=1; B=2; export A B C'), { A: '1', B: '2' });
  assert.deepEqual(environment('A=1; declare -x A'), { A: '1' });
  assert.deepEqual(environment('A=1; echo A'), {});
  assert.deepEqual(environment('A=1; export A; /opt/a'), {});
  assert.deepEqual(environment('export __proto__ constructor'), {});
});

test('tells an entry point, a container that is only made, and variables that are set', () => {
  const of = (line: string) => {
    const argv = line.split(' ');
    const found = contained(argv[0] ?? '', argv);
    return found && [found.container.entry, found.container.created, found.argv, found.environment];
  };
  const cases: readonly (readonly [string, unknown])[] = [
    ['docker run a/b -x', [undefined, undefined, ['-x'], {}]],
    ['docker run --entrypoint c a/b -x', [true, undefined, ['c', '-x'], {}]],
    ['docker create a/b', [undefined, true, [], {}]],
    ['docker container create --entrypoint=c a/b', [true, true, ['c'], {}]],
    ['docker exec --env A=1 name c', [undefined, undefined, ['c'], { A: '1' }]],
    ['docker service create --entrypoint c a/b -x', [true, undefined, ['c', '-x'], {}]],
    ['ctr container create a/b name', [undefined, true, [], {}]],
    ['kubectl run x --image=a/b --command -- c -x', [true, undefined, ['c', '-x'], {}]],
    ['kubectl run x --image=a/b -- -x', [undefined, undefined, ['-x'], {}]],
    ['kubectl set env deployment/x A=1 B=2', [undefined, undefined, [], { A: '1', B: '2' }]],
    ['kubectl set env deployment/x -e A=1 --env=B=2', [undefined, undefined, [], { A: '1', B: '2' }]],
    ['kubectl set env deployment/x --list', undefined],
    ['kubectl set env deployment/x A-', undefined],
    ['kubectl set resources deployment x', undefined],
  ];
  for (const [line, expected] of cases) assert.deepEqual(of(line), expected, line);
});

test("takes -c behind a launcher's operands for the program's own, but where a user stands there", () => {
  const cases: readonly (readonly [string, string])[] = [
    ['env /opt/a -c x', '/opt/a -c x'],
    ['flock -n /tmp/l /opt/a -c x', '/opt/a -c x'],
    ['flock -n /tmp/l -c "/opt/a -x"', '/opt/a -x'],
    ['su user -c "/opt/a -x"', '/opt/a -x'],
    ['su - user -c "/opt/a -x"', '/opt/a -x'],
    ['runuser -l user -c "/opt/a -x"', '/opt/a -x'],
  ];
  for (const [script, last] of cases) assert.equal(run(script).at(-1), last, script);
});
