import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { Output } from '../../cli/output.ts';
import { Progress } from '../../cli/progress.ts';
import { davylamp, startDavylamp, Written } from './command.ts';
import { folderOf, onlyFinding } from './findings.ts';
import { connectLines, execLines, falcoLine, flowLine, MINER, POOL } from './logs.ts';

const FOUND = execLines(MINER) + flowLine(POOL);
/** Colours, cursor moves, a title, a line feed, a bidi override, a zero-width space, C1's CSI, DEL. */
const HOSTILE = '\x1b[31m\x1b[2J\x1b]0;t\x07\n\r\u202egpj.\u200b\u009b31m\x7f';
/** What no output may hold but line feeds. */
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/;

test('the command runs as users start it: findings, summary, exit code, no escape codes in a pipe', async (context) => {
  const folder = folderOf(context, { 'all.log': FOUND });
  const argv = ['scan', '--fail-on', 'medium', folder, '-'];
  const { code, stdout, stderr } = await startDavylamp(argv, {
    stdin: falcoLine('/usr/bin/uptime'),
    env: { TERM: 'xterm' },
  });
  assert.equal(code, 3);
  assert.match(stdout, /^MEDIUM {2}/);
  assert.match(stderr, /^Read 7 records of 2 files\.$/m);
  assert.doesNotMatch(stdout + stderr, OBEYED);
});

test('a reader that has enough ends no run with a stack, and changes no exit code', async (context) => {
  const folder = folderOf(context, { 'all.log': FOUND });
  const watch = (stdout: { destroy(): void }): void => stdout.destroy();
  const scan = await startDavylamp(['scan', '--json', '--fail-on', 'low', folder], { watch });
  assert.deepEqual([scan.code, scan.stdout], [3, '']);
  assert.match(scan.stderr, /Found: 1 Medium/);
  const lines = falcoLine('/usr/bin/uptime').repeat(20_000);
  const classify = await startDavylamp(['classify'], { stdin: lines, watch });
  assert.deepEqual([classify.code, classify.stderr], [0, '']);
});

test('says that standard output can not be written, and exits with 2', async () => {
  const full = new Written();
  full._write = (_part, _encoding, done: (error?: Error) => void) => {
    done(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
  };
  const stderr = new Written();
  const { main } = await import('../../cli/main.ts');
  assert.equal(await main(['--version'], { stdin: process.stdin, stdout: full, stderr, env: {} }), 2);
  assert.match(stderr.text, /^davylamp: standard output: no space left on device\n$/);
});

test('waits for a slow reader, and for none that has gone', async () => {
  const taken: string[] = [];
  const slow = new Writable({
    highWaterMark: 1,
    write(part: Buffer, _encoding, done) {
      setImmediate(() => {
        taken.push(part.toString());
        done();
      });
    },
  });
  const out = new Output(slow);
  for (const text of ['a', 'b', 'c']) out.write(text);
  await out.settled();
  assert.equal(taken.join(''), 'abc');
  slow.destroy(Object.assign(new Error('gone'), { code: 'EPIPE' }));
  await out.settled();
  out.write('d');
  await out.settled();
  assert.deepEqual([out.closed, out.failure, taken.join('')], [true, undefined, 'abc']);
});

test('colours are for terminals without NO_COLOR alone, and lines keep to their width', async (context) => {
  const folder = folderOf(context, { 'all.log': FOUND });
  const esc = '\x1b[';
  const colourful = await davylamp(['scan', folder], { columns: 72 });
  assert.ok(colourful.stdout.includes(esc));
  const plain = await davylamp(['scan', folder], { columns: 72, env: { NO_COLOR: '1' } });
  assert.ok(!plain.stdout.includes(esc));
  assert.equal(colourful.stdout.replace(/\x1b\[\d+m/g, ''), plain.stdout);
  assert.ok(plain.stdout.split('\n').every((line) => line.length <= 72));
  assert.ok(!(await davylamp(['scan', folder])).stdout.includes(esc));
  assert.ok((await davylamp(['scan', folder], { columns: 72, env: { NO_COLOR: '' } })).stdout.includes(esc));
});

test('a progress bar is drawn on a terminal alone, and cleared', () => {
  const input = { path: 'a.log', file: 'a.log', kind: 'file', named: true, size: 2_000_000 } as const;
  const drawn = [80, undefined].map((columns) => {
    const stream = new Written(columns);
    const progress = new Progress([input], stream);
    progress.told(input, 1_000_000);
    progress.end();
    progress.end();
    return stream.text;
  });
  assert.match(drawn[0] ?? '', /2\.0 MB/);
  assert.equal(drawn[1], '');
});

test('hostile names of files and hostile arguments are inert on both outputs', async (context) => {
  const folder = folderOf(context, {});
  const name = `a${HOSTILE}<!channel><b>.log`;
  const below = join(folder, `dir${HOSTILE}`);
  mkdirSync(below);
  writeFileSync(join(below, name), `${FOUND}no format\n`);
  writeFileSync(join(folder, `notes${HOSTILE}.txt`), 'words\n');
  const missing = join(folder, `none${HOSTILE}`);
  for (const json of [[], ['--json']]) {
    const { code, stdout, stderr } = await davylamp(['scan', ...json, folder, missing]);
    assert.equal(code, 2);
    assert.doesNotMatch(stdout, OBEYED);
    assert.doesNotMatch(stderr, OBEYED);
    assert.match(stderr, /\\u\{1b\}\[31m.*: 1 line not read/);
    assert.match(stderr, /notes\\u\{1b\}.*: passed over/);
    assert.match(stderr, /none\\u\{1b\}.*: no such file or folder/);
    for (const line of stderr.trimEnd().split('\n')) assert.doesNotMatch(line, /^(?:gpj|31m|<)/);
    if (json.length > 0) {
      const file = onlyFinding(stdout).evidence[0]?.samples[0]?.raw.file;
      assert.equal(file, join(below, name), 'JSON gives the very name back');
    }
  }
});

test('hostile command lines of a log are inert in table, JSON and classify', async (context) => {
  const bad = `${MINER.join(' ')} --user=${HOSTILE}<!channel>|<https://example.com|x> <script>alert(1)</script> =1+1`;
  const text = falcoLine(bad) + connectLines(POOL, '/tmp/.x/kthr');
  const folder = folderOf(context, { 'all.log': text });
  for (const argv of [
    ['scan', folder],
    ['scan', '--json', folder],
    ['classify', join(folder, 'all.log')],
  ]) {
    const { stdout, stderr } = await davylamp(argv);
    assert.match(stdout, /203\.0\.113\.7:3333/);
    assert.doesNotMatch(stdout, OBEYED, argv[0]);
    assert.doesNotMatch(stderr, OBEYED, argv[0]);
    if (argv.includes('--json') || argv[0] === 'classify') {
      for (const line of stdout.trimEnd().split('\n')) JSON.parse(line);
    }
  }
});

test('bad usage is told on one line of standard error, whatever the argument holds, with 2', async (context) => {
  const folder = folderOf(context, { 'all.log': FOUND });
  const table: readonly [readonly string[], RegExp][] = [
    [['frobnicate'], /unknown command 'frobnicate'/],
    [['sacn'], /unknown command 'sacn' \(Did you mean scan\?\)/],
    [[`scan${HOSTILE}`], /unknown command 'scan\\u\{1b\}/],
    [['scan'], /missing required argument 'path'/],
    [['scan', folder, '--frob'], /unknown option '--frob'/],
    [['scan', folder, `--${HOSTILE}`], /unknown option '--\\u\{1b\}/],
    [['scan', folder, '--format', HOSTILE], /'--format <name>' argument '\\u\{1b\}.*Allowed choices are auto, /],
    [['scan', folder, '--format', 'cmdline'], /Allowed choices are auto, /],
    [['scan', folder, '--fail-on', 'severe'], /give one of Low, Medium, High, Critical/],
    [['scan', folder, '--fail-on'], /argument missing/],
    [['scan', folder, '--window', '0h'], /give hours, as 24h/],
    [['scan', folder, '--window', '1d'], /give hours, as 24h/],
    [['scan', folder, '--account', '1234'], /twelve digits/],
    [['scan', folder, '--region', HOSTILE], /name of a region/],
    [['scan', folder, '--flow-format', `dstaddr ${HOSTILE}`], /no names of fields: /],
    [['classify', '--format', 'syslog'], /Allowed choices are auto, cmdline, domain, /],
    [['classify', 'one', 'two'], /too many arguments/],
  ];
  for (const [argv, message] of table) {
    const { code, stdout, stderr } = await davylamp(argv);
    assert.deepEqual([code, stdout], [2, ''], argv.join(' '));
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, OBEYED);
    assert.equal(stderr.split('\n').length, 2, stderr);
  }
  const bare = await davylamp([]);
  assert.deepEqual([bare.code, bare.stdout], [2, '']);
  assert.match(bare.stderr, /^Usage: davylamp /);
});

test('help and version are answers: on standard output, with 0', async () => {
  const { version }: { version: string } = JSON.parse(readFileSync('package.json', 'utf8'));
  for (const option of ['--version', '-V'])
    assert.deepEqual(await davylamp([option]), { code: 0, stdout: `${version}\n`, stderr: '' });
  for (const argv of [['--help'], ['-h'], ['help'], ['scan', '--help'], ['help', 'scan'], ['classify', '-h']]) {
    const { code, stdout, stderr } = await davylamp(argv);
    assert.deepEqual([code, stderr], [0, ''], argv.join(' '));
    assert.match(stdout, /^Usage: davylamp /);
  }
  const { stdout } = await davylamp(['scan', '--help']);
  for (const option of [
    'format',
    'flow-format',
    'inventory',
    'account',
    'region',
    'window',
    'rules',
    'table',
    'json',
    'fail-on',
  ])
    assert.match(stdout, new RegExp(`^ +--${option} `, 'm'));
  assert.match(stdout, /Exit codes/);
});
