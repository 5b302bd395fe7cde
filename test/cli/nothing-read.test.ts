import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { davylamp } from './command.ts';
import { folderOf, onlyFinding } from './findings.ts';
import { BENIGN, execLines, flowLine, MINER, POOL } from './logs.ts';

/** Lines of no format that gzip can't make much smaller. */
const WORDS = Array.from({ length: 200 }, (_, at) => `${createHash('sha512').update(`${at}`).digest('base64')}\n`).join(
  '',
);

for (const [name, bytes, failure] of [
  ['a bomb', gzipSync(`${'ab'.repeat(8)}\n`.repeat(1_300_000)), 'the gzip data inflate to far more than a log does'],
  ['gzip that breaks off', gzipSync(WORDS).subarray(0, -1_000), 'the gzip data break off'],
  [
    'gzip with a wrong checksum',
    Buffer.concat([gzipSync(WORDS).subarray(0, -8), Buffer.alloc(8)]),
    'the gzip data are damaged',
  ],
] as const) {
  test(`${name} without a line of a known format is told and gives 2, in a folder too`, async (context) => {
    const folder = folderOf(context, { 'audit.log': BENIGN, 'bad.gz': bytes });
    for (const paths of [[folder], [join(folder, 'bad.gz'), join(folder, 'audit.log')]]) {
      const { code, stderr } = await davylamp(['scan', ...paths]);
      assert.equal(code, 2);
      assert.match(stderr, new RegExp(`bad\\.gz: ${failure}`));
      assert.doesNotMatch(stderr, /passed over/);
    }
  });
}

test('a folder of which no line could be read as the named format is an error', async (context) => {
  const garbage = Array.from({ length: 12_000 }, (_, at) => `type = SYSCALL garbage ${at}\n`).join('');
  const folder = folderOf(context, { 'audit.log': garbage, 'note.txt': 'words\n' });
  const { code, stdout, stderr } = await davylamp(['scan', '--format', 'auditd', folder]);
  assert.deepEqual([code, stdout], [2, '']);
  assert.ok(stderr.includes(`${folder}: none of 12,001 lines could be read as auditd\n`), stderr);
});

test('each folder of which no line could be read is an error, beside others that were read', async (context) => {
  const [notes, logs] = [folderOf(context, { 'README.md': '# Notes\n' }), folderOf(context, { 'audit.log': BENIGN })];
  mkdirSync(join(logs, 'deeper'));
  writeFileSync(join(logs, 'deeper', 'note.txt'), 'words\n');
  const { code, stderr } = await davylamp(['scan', logs, notes]);
  assert.equal(code, 2);
  assert.ok(stderr.includes(`${notes}: none of 1 line could be read\n`), stderr);
  assert.ok(!stderr.includes(`${logs}: none`), stderr);
  assert.equal((await davylamp(['scan', logs])).code, 0);
});

test('lines with a number sign are no comments of auditd, and are counted', async (context) => {
  const folder = folderOf(context, {
    'audit.log': `${BENIGN}# type of a record\n#\n${execLines(MINER)}${flowLine(POOL)}`,
  });
  const { code, stdout, stderr } = await davylamp(['scan', '--json', folder]);
  assert.equal(code, 0);
  assert.equal(onlyFinding(stdout).severity, 'Medium');
  assert.match(stderr, /audit\.log: 2 lines not read: of no known format/);
});
