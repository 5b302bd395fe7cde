import assert from 'node:assert/strict';
import { test } from 'node:test';
import { absolutePath, type Program } from '#shared/analyzers/command/program.ts';
import { programs } from '#shared/analyzers/command/reading.ts';

const run = (argv: readonly string[], more: { workingDirectory?: string; exact?: boolean } = {}): readonly Program[] =>
  programs({ argv, exact: true, ...more });

test('joins relative paths to their folder, homes and unknown variables to none', () => {
  const table: readonly (readonly [string, string | undefined, string])[] = [
    ['a/b', '/root', '/root/a/b'],
    ['./a', '/root/', '/root/a'],
    ['../a', '/root/x', '/root/a'],
    ['../../../a', '/x', '/a'],
    ['a', '/root', 'a'],
    ['/a/b', '/root', '/a/b'],
    ['~/.bashrc', '/root', '~/.bashrc'],
    ['~user/.bashrc', '/root', '~user/.bashrc'],
    ['$HOME/.bashrc', '/root', '$HOME/.bashrc'],
    ['$D/x', '/root', '$D/x'],
    ['./.bashrc', '~', '~/.bashrc'],
    ['./b', '~user/a', '~user/a/b'],
    ['./b', '$HOME/a', '$HOME/a/b'],
    ['../b', '~/a', '~/b'],
    ['../b', '~', '~/../b'],
    ['./a', undefined, './a'],
    ['./a', 'relative', './a'],
  ];
  for (const [path, folder, joined] of table) assert.equal(absolutePath(path, folder), joined, `${path} in ${folder}`);
});

test('goes where cd goes, home by itself', () => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ['cd ~; k', '~'],
    ['cd; k', '~'],
    ['cd ~/.config && cd autostart; k', '~/.config/autostart'],
    ['cd "$HOME"; k', '$HOME'],
    ['cd -P /etc/cron.d; k', '/etc/cron.d'],
    ['cd cron.d; k', '/etc/cron.d'],
    ['cd a~b; k', '/etc/a~b'],
    ['cd /tmp; cd -; k', undefined],
  ];
  for (const [script, folder] of table)
    assert.equal(run(['sh', '-c', script], { workingDirectory: '/etc' }).at(-1)?.folder, folder, script);
});

test('keeps the name that a launcher gives to a program, for that program alone', () => {
  const table: readonly (readonly [readonly string[], string | undefined])[] = [
    [['exec', '-a', '[kworker/0:0]', '/tmp/a', '-x'], '[kworker/0:0]'],
    [['exec', '-cla', 'name', '/tmp/a', '-x'], 'name'],
    [['env', '-a', 'name', '/tmp/a', '-x'], 'name'],
    [['env', 'A=b', '--argv0=name', '/tmp/a', '-x'], 'name'],
    [['/lib64/ld-linux-x86-64.so.2', '--argv0', 'name', '/tmp/a', '-x'], 'name'],
    [['exec', '-a', 'name', 'nohup', '/tmp/a', '-x'], undefined],
    [['exec', '/tmp/a', '-x'], undefined],
  ];
  for (const [argv, spoken] of table) {
    const program = run(argv).at(-1);
    assert.deepEqual([program?.argv.join(' '), program?.spoken], ['/tmp/a -x', spoken], argv.join(' '));
  }
});

test('leaves the options behind the lock of flock and the user of runuser to the program', () => {
  const last = (...argv: readonly string[]): string | undefined => run(argv).at(-1)?.argv.join(' ');
  assert.equal(last('flock', '-n', '/tmp/l', '/tmp/a', '-o', 'h:1', '-c', 'c.json'), '/tmp/a -o h:1 -c c.json');
  assert.equal(last('flock', '-w', '5', '/tmp/l', 'a', '--command', 'x'), 'a --command x');
  assert.equal(last('flock', '/tmp/l', '-c', '/tmp/a -x'), '/tmp/a -x');
  assert.equal(last('runuser', '-u', 'nobody', 'a', '-c', 'c.json'), 'a -c c.json');
  assert.equal(last('runuser', '-l', 'nobody', '-c', '/tmp/a -x'), '/tmp/a -x');
  assert.equal(last('env', 'A=b', 'a', '-c', 'c.json'), 'a -c c.json');
});

test('passes text through pipes up to a bound', () => {
  const lines = run(['sh', '-c', `echo ${'ab '.repeat(20_000)} ${'| rev '.repeat(2000)}; last`]);
  assert.equal(lines.at(-1)?.argv.join(' '), 'last');
  assert.equal(run(['sh', '-c', 'echo x- pmt/ | rev | sh']).at(-1)?.argv[0], '/tmp');
});
