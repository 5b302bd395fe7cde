import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { davylamp } from './command.ts';
import { findingsOf, folderOf, onlyFinding } from './findings.ts';
import { BENIGN, execLines, falcoLine, flowLine, MINER, POOL, queryLine, START } from './logs.ts';

const FOUND = execLines(MINER) + flowLine(POOL);

/** Random bytes of a seed, which gzip can't make smaller, as hexadecimal lines of no format. */
function noise(bytes: number): string {
  let state = 7;
  const next = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state;
  };
  return Array.from({ length: Math.ceil(bytes / 32) }, () => `${next().toString(16)}x${next().toString(16)}\n`).join(
    '',
  );
}

/** Gzip that breaks off, with `content` well before the end. */
const truncated = (content: string): Buffer => gzipSync(content + noise(40_000)).subarray(0, -5_000);

test('a named file that is missing or can not be opened gives 2, and the others are read', async (context) => {
  const folder = folderOf(context, { 'good.log': FOUND, 'secret.log': FOUND });
  const [good, secret, missing] = [join(folder, 'good.log'), join(folder, 'secret.log'), join(folder, 'none.log')];
  const ran = await davylamp(['scan', '--json', missing, good]);
  assert.equal(ran.code, 2);
  assert.equal(onlyFinding(ran.stdout).severity, 'Medium');
  assert.match(ran.stderr, /^davylamp: .*none\.log: no such file or folder$/m);
  chmodSync(secret, 0o000);
  const closed = await davylamp(['scan', '--json', good, secret]);
  // The superuser reads everything.
  if (process.getuid?.() !== 0) assert.match(closed.stderr, /secret\.log: permission denied/);
  assert.equal(closed.code, process.getuid?.() === 0 ? 0 : 2);
  assert.equal(findingsOf(closed.stdout).length, 1);
});

test('a named socket gives 2 and its name, and the others are read', async (context) => {
  const folder = folderOf(context, { 'good.log': FOUND });
  const [good, socket] = [join(folder, 'good.log'), join(folder, 'socket')];
  const server = createServer().listen(socket);
  await once(server, 'listening');
  context.after(() => server.close());
  const ran = await davylamp(['scan', '--json', socket, good]);
  assert.equal(ran.code, 2);
  assert.match(ran.stderr, /^davylamp: .*socket: a socket or device that can not be opened$/m);
  assert.equal(findingsOf(ran.stdout).length, 1);
});

test('a gzip file with something else behind it gives 2 and its findings', async (context) => {
  const bytes = Buffer.concat([gzipSync(FOUND), Buffer.from(BENIGN)]);
  const folder = folderOf(context, { 'half.log.gz': bytes });
  const ran = await davylamp(['scan', '--json', join(folder, 'half.log.gz')]);
  assert.equal(ran.code, 2);
  assert.equal(findingsOf(ran.stdout).length, 1);
  assert.match(ran.stderr, /half\.log\.gz: what stands behind the last gzip member could not be inflated$/m);
});

test('a named file of which no line could be read gives 2, with what was tried', async (context) => {
  const folder = folderOf(context, { 'notes.txt': 'nothing\n\nof any\nformat\n' });
  const path = join(folder, 'notes.txt');
  const auto = await davylamp(['scan', path]);
  assert.deepEqual([auto.code, auto.stdout], [2, '']);
  assert.match(auto.stderr, /notes\.txt: 3 lines not read: of no known format \(first: line 1\)/);
  assert.match(auto.stderr, /notes\.txt: none of 3 lines could be read$/m);
  assert.match(auto.stderr, /Nothing was read, so nothing is said of attacks: known formats are .*auditd.*--format/);
});

for (const [name, bytes, lines] of [
  ['100 NUL bytes', Buffer.alloc(100), 1],
  ['lines of NUL bytes between blank lines', Buffer.from('\0\0\n\n \t\r\n\0\n'.repeat(500)), 1000],
  ['a NUL line of 10 MB', Buffer.alloc(10 * 1024 * 1024), 1],
] as const) {
  for (const format of ['auto', 'auditd', 'falco', 'vpc-flow', 'resolver', 'docker', 'cri']) {
    test(`${name} are nothing that was read as ${format}`, async (context) => {
      const folder = folderOf(context, { 'zeros.log': bytes });
      const { code, stderr } = await davylamp(['scan', '--format', format, join(folder, 'zeros.log')]);
      assert.equal(code, 2);
      const count = lines.toLocaleString('en');
      assert.match(stderr, new RegExp(`zeros\\.log: ${count} lines? not read: .*\\(first: line 1\\)`));
    });
  }
}

test('12,000 audit lines whose headers hold no time are an error, not a clean result', async (context) => {
  const lines = Array.from({ length: 12_000 }, (_, at) =>
    BENIGN.split('\n')[0]?.replace(/audit\([^)]*\)/, `audit(garbage:${at})`),
  );
  const folder = folderOf(context, { 'audit.log': `${lines.join('\n')}\n` });
  const { code, stderr } = await davylamp(['scan', '--format', 'auditd', join(folder, 'audit.log')]);
  assert.equal(code, 2);
  assert.match(stderr, /audit\.log: none of 12,000 lines could be read as auditd$/m);
});

test('none of 12,000 lines could be read as auditd is an error, not a clean result', async (context) => {
  const folder = folderOf(context, { 'flow.log': flowLine('198.51.100.20:443').repeat(12_000) });
  const { code, stdout, stderr } = await davylamp(['scan', '--format', 'auditd', join(folder, 'flow.log')]);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /flow\.log: 12,000 lines not read: of another format than auditd \(first: line 1\)/);
  assert.match(stderr, /flow\.log: none of 12,000 lines could be read as auditd$/m);
  assert.match(stderr, /without --format auditd the format is found by content/);
});

test('a file of unknown format in a folder is passed over with a notice', async (context) => {
  const folder = folderOf(context, {
    'audit.log': FOUND,
    'README.md': '# Logs\n\nof a host\n',
    'x.bin': '\0\x01\xff\n',
  });
  const { code, stderr, stdout } = await davylamp(['scan', '--json', folder]);
  assert.equal(code, 0);
  assert.equal(findingsOf(stdout).length, 1);
  assert.match(stderr, /README\.md: passed over, of no known format/);
  assert.match(stderr, /x\.bin: passed over, of no known format/);
  assert.doesNotMatch(stderr, /not read|none of/);
});

test('names no more than three files that were passed over', async (context) => {
  const files = Array.from({ length: 25 }, (_, at) => [`note-${at}.txt`, 'words\n'] as const);
  const folder = folderOf(context, { ...Object.fromEntries(files), 'audit.log': BENIGN });
  const { code, stderr } = await davylamp(['scan', folder]);
  assert.equal(code, 0);
  assert.equal(stderr.match(/note-\d+\.txt: passed over/g)?.length, 3);
  assert.match(stderr, /^and 22 more files passed over, of no known format$/m);
});

test('gzip that breaks off gives 2, in a folder too, and what stands before is used', async (context) => {
  const folder = folderOf(context, { 'audit.log.gz': truncated(FOUND) });
  for (const path of [folder, join(folder, 'audit.log.gz')]) {
    const { code, stdout, stderr } = await davylamp(['scan', '--json', path]);
    assert.equal(code, 2);
    assert.equal(onlyFinding(stdout).severity, 'Medium');
    assert.match(stderr, /audit\.log\.gz: the gzip data break off; what stands before was read/);
  }
  const { code } = await davylamp(['scan', '--fail-on', 'medium', folder]);
  assert.equal(code, 3);
});

test('damaged gzip gives 2, and what stands before is used', async (context) => {
  const bytes = gzipSync(FOUND + noise(12_000));
  bytes.fill(0xff, bytes.length - 3_000, bytes.length - 1_000);
  const folder = folderOf(context, { 'audit.log.gz': bytes });
  const { code, stdout, stderr } = await davylamp(['scan', '--json', folder]);
  assert.equal(code, 2);
  assert.equal(onlyFinding(stdout).severity, 'Medium');
  assert.match(stderr, /audit\.log\.gz: the gzip data are damaged/);
});

test('a gzip bomb ends its file, not the run', async (context) => {
  const zeros = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  const bomb = gzipSync(Buffer.concat([gzipSync(FOUND), ...Array.from({ length: 24 }, () => zeros)]));
  const folder = folderOf(context, { 'bomb.log.gz': bomb, 'other.log': falcoLine('/usr/bin/uptime') });
  const { code, stdout, stderr } = await davylamp(['scan', '--json', folder]);
  assert.equal(code, 2);
  assert.match(stderr, /bomb\.log\.gz: the gzip data inflate to far more than a log does/);
  assert.equal(onlyFinding(stdout).severity, 'Medium');
  assert.match(stderr, /^falco: 1 record/m);
});

test('single bad lines never change the code and are counted by file and reason, with the first line', async (context) => {
  const [call = '', ...rest] = execLines(MINER).split('\n');
  const flowFields = flowLine(POOL).split(' ');
  const lines = [
    call,
    ...rest.slice(0, -1),
    '{"query_name": "pool.example.com", "query_ti',
    JSON.stringify({ ...JSON.parse(queryLine('www.example.com', '198.51.100.9')), query_timestamp: undefined }),
    'type=SYSCALL msg=audit(',
    'type=SYSCALL nothing of an audit record',
    flowLine(POOL).trimEnd(),
    flowFields.with(10, '99999999999999999999').join(' ').trimEnd(),
    flowFields.slice(0, 9).join(' '),
    falcoLine('/usr/bin/uptime')
      .replace(/"time":"[^"]*",/, '')
      .replace(/"evt\.time":\d+,/, '')
      .trimEnd(),
  ];
  const folder = folderOf(context, { 'mixed.log': `${lines.join('\n')}\n` });
  const { code, stdout, stderr } = await davylamp(['scan', '--json', join(folder, 'mixed.log')]);
  assert.equal(code, 0);
  assert.equal(onlyFinding(stdout).severity, 'Medium');
  const told = [...stderr.matchAll(/mixed\.log: (\d+) lines? not read: (.*?) \(first: line (\d+)\)/g)];
  assert.equal(
    told.reduce((sum, [, count]) => sum + Number(count), 0),
    7,
    stderr,
  );
  assert.ok(told.every(([, , reason, first]) => reason !== undefined && Number(first) >= 6));
});

test('reads around NUL bytes, invalid UTF-8 and control characters', async (context) => {
  const bad = Buffer.concat([
    Buffer.from([0, 0, 0, 10]),
    Buffer.from([0xff, 0xfe, 0xc3, 0x28, 10]),
    Buffer.from(execLines(['/usr/bin/printf', 'x']).replace('a1="x"', 'a1="\0\x1b\x07"'), 'latin1'),
    Buffer.from(falcoLine('/usr/bin/echo \u0000').replace('\\u0000', '\0'), 'latin1'),
    Buffer.from([0xf0, 0x9f, 10]),
    Buffer.from(FOUND),
  ]);
  const folder = folderOf(context, { 'bad.log': bad });
  const { code, stdout, stderr } = await davylamp(['scan', '--json', join(folder, 'bad.log')]);
  assert.equal(code, 0);
  assert.equal(onlyFinding(stdout).severity, 'Medium');
  assert.match(stderr, /bad\.log: 3 lines not read: of no known format \(first: line 1\)/);
  assert.match(stderr, /bad\.log: 1 line not read: not JSON \(first: line 8\)/);
});

test('passes over a line of 10 MB and reads what stands around it', async (context) => {
  const long = Buffer.alloc(10 * 1024 * 1024, 'a');
  const record = execLines(['/usr/bin/printf', 'LONG']);
  const [head = '', tail = ''] = record.split('LONG');
  const bytes = Buffer.concat([Buffer.from(BENIGN + head), long, Buffer.from(tail), long, Buffer.from(`\n${FOUND}`)]);
  const folder = folderOf(context, { 'long.log': bytes });
  const { code, stdout, stderr } = await davylamp(['scan', '--json', join(folder, 'long.log')]);
  assert.equal(code, 0);
  const { severity, evidence } = onlyFinding(stdout);
  assert.equal(severity, 'Medium');
  assert.match(stderr, /long\.log: 2 lines not read: longer than 1 MiB \(first: line 12\)/);
  assert.doesNotMatch(stderr, /no known format/);
  assert.equal(evidence.find(({ rule }) => rule === 'miner_arguments')?.samples[0]?.raw.line, 21);
});

test('a long line of a file of no known format is told as too long, unless it is no text or JSON that was read whole', async (context) => {
  const folder = folderOf(context, {
    'long.log': `${'words '.repeat(200_000)}\n`,
    'other.json': `{"items":[${'1,'.repeat(600_000)}1]}\n`,
    'zeros.journal': Buffer.concat([Buffer.from('LPKSHHRH'), Buffer.alloc(3 * 1024 * 1024)]),
    'audit.log': BENIGN,
  });
  const { code, stderr } = await davylamp(['scan', folder]);
  assert.equal(code, 2);
  assert.match(stderr, /long\.log: 1 line not read: longer than 1 MiB \(first: line 1\)/);
  for (const name of ['other\\.json', 'zeros\\.journal'])
    assert.match(stderr, new RegExp(`${name}: passed over, of no known format`));
});

test('numbers beyond 2^53 are never taken for times, ports or identities', async (context) => {
  const huge = '9007199254740993000';
  const folder = folderOf(context, {
    'falco.json': falcoLine(MINER.join(' ')).replace('"proc.pid":4242', `"proc.pid":${huge}`),
    'audit.log': execLines(MINER, { node: 'web-9' }).replaceAll(`audit(${START}`, `audit(${huge}`),
    'flow.log': flowLine(POOL) + flowLine(POOL).replace(` ${START + 30} `, ` ${huge} `),
  });
  const { code, stdout, stderr } = await davylamp(['scan', '--json', folder]);
  // Of the audit log not one line could be read.
  assert.equal(code, 2);
  const finding = onlyFinding(stdout);
  assert.equal(finding.severity, 'Medium');
  assert.doesNotMatch(stdout, /9007199254740/);
  assert.match(stderr, /flow\.log: 1 line not read: a number is out of range/);
  assert.match(stderr, /audit\.log: \d+ lines not read: a number is out of range/);
});

test('an empty file, a file of blank lines and an empty folder are nothing read, and no error', async (context) => {
  const folder = folderOf(context, { 'empty.log': '', 'blank.log': '\n \n\r\n', 'empty.log.gz': gzipSync('') });
  const hollow = join(folder, 'hollow');
  mkdirSync(hollow);
  for (const name of ['empty.log', 'blank.log', 'empty.log.gz']) {
    const { code, stdout, stderr } = await davylamp(['scan', join(folder, name)]);
    assert.deepEqual([code, stdout], [0, ''], name);
    assert.match(stderr, /Nothing was read, so nothing is said of attacks: the input is empty\./, name);
  }
  const { code, stderr } = await davylamp(['scan', hollow]);
  assert.equal(code, 0);
  assert.match(stderr, /Nothing was read.*no file was found\./);
  const piped = await davylamp(['scan', '-'], { stdin: '' });
  assert.deepEqual([piped.code, piped.stdout], [0, '']);
});

test('query logs of public zones are named as the wrong log', async (context) => {
  const line = '1.0 2026-11-24T22:10:00Z Z0123456789ABCDEFGHIJ www.example.com A NOERROR UDP FRA6 198.51.100.9 -\n';
  const folder = folderOf(context, { 'zone.log': line });
  const { code, stderr } = await davylamp(['scan', folder]);
  assert.equal(code, 2);
  assert.match(stderr, /zone\.log: 1 line not read: public-zone query logs: switch on Resolver query logging instead/);
});

test('an inventory that is missing, no JSON or something else is bad usage, told before anything is read', async (context) => {
  const folder = folderOf(context, { 'audit.log': FOUND, 'cut.json': '{"NetworkInt', 'other.json': '{"Vpcs": []}' });
  for (const [name, message] of [
    ['none.json', /none\.json: no such file/],
    ['cut.json', /cut\.json: no JSON/],
    ['other.json', /other\.json: no list 'NetworkInterfaces' in it/],
  ] as const) {
    const ran = await davylamp(['scan', join(folder, 'audit.log'), '--inventory', join(folder, name)]);
    assert.deepEqual([ran.code, ran.stdout], [2, '']);
    assert.match(ran.stderr, message);
    assert.doesNotMatch(ran.stderr, /Scanning/);
  }
});

test('broken rules are told all at once with file, line and column, before anything is read', async (context) => {
  const folder = folderOf(context, { 'audit.log': FOUND });
  const rules = folderOf(context, { 'a.yml': 'title: x\nid: [\n', 'b.yml': 'title: nothing else\n' });
  for (const command of [
    ['scan', folder],
    ['classify', join(folder, 'audit.log')],
  ]) {
    const { code, stdout, stderr } = await davylamp([...command, '--rules', rules]);
    assert.deepEqual([code, stdout], [2, '']);
    const places = stderr
      .trimEnd()
      .split('\n')
      .map((line) => /(\w+\.yml):\d+:\d+: \S/.exec(line)?.[1]);
    assert.ok(places.includes('a.yml') && places.includes('b.yml') && !places.includes(undefined), stderr);
  }
  const missing = await davylamp(['scan', folder, '--rules', join(rules, 'none')]);
  assert.deepEqual([missing.code, missing.stdout], [2, '']);
  assert.match(missing.stderr, /^davylamp: .*none: no such file or folder\n$/);
  const hollow = folderOf(context, {});
  assert.match((await davylamp(['scan', folder, '--rules', hollow])).stderr, /no rule in this folder/);
});

test('nothing that was read before is lost where a later file is bad', async (context) => {
  const folder = folderOf(context, { 'a.log': execLines(MINER), 'c.log': flowLine(POOL) });
  writeFileSync(join(folder, 'b.log.gz'), truncated(queryLine('www.example.com', '198.51.100.9')));
  const { code, stdout, stderr } = await davylamp(['scan', '--json', folder]);
  assert.equal(code, 2);
  assert.equal(onlyFinding(stdout).severity, 'Medium');
  assert.match(stderr, /^resolver: 1 record/m);
});

test('what a folder holds beside files is named, and an inventory may be empty', async (context) => {
  const folder = folderOf(context, { 'audit.log': BENIGN, 'inventory.json': '{"NetworkInterfaces":[]}' });
  symlinkSync('/nowhere', join(folder, 'rotated.log'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  const { code, stderr } = await davylamp(['scan', '--inventory', join(folder, 'inventory.json'), folder]);
  assert.equal(code, 0);
  assert.match(stderr, /^.*rotated\.log: passed over, a link that leads nowhere$/m);
  assert.match(stderr, /^.*pipe: passed over, a pipe, socket or device$/m);
});
