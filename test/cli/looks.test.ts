import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { davylamp } from './command.ts';
import { type FindingJson, folderOf, onlyFinding } from './findings.ts';
import { BENIGN, connectLines, execLines, falcoLine, flowLine, MINER, POOL, queryLine } from './logs.ts';

const AUDIT = BENIGN + execLines(MINER);
const FLOW = flowLine('198.51.100.20:443', 0) + flowLine(POOL);
/** A miner that names its pool, which no list knows; only a later answer tells its address. */
const NAMED = execLines(['/tmp/.x/kthr', '-o', 'rig.example.com:443', '-a', 'rx/0', '--donate-level', '1']);
const ANSWER = queryLine('rig.example.com', '203.0.113.9');
const BOUND = flowLine('203.0.113.9:443');

/** A finding without the names of files and line numbers. */
function essence({ severity, rises, place, groups, artifacts }: FindingJson): object {
  return { severity, rises, place, groups, artifacts };
}

async function scanned(paths: readonly string[]): Promise<FindingJson> {
  const { code, stdout } = await davylamp(['scan', '--json', ...paths]);
  assert.equal(code, 0);
  return onlyFinding(stdout);
}

test('finds the same whatever the order of files: process, resolver and flow logs that need each other', async (context) => {
  const folder = folderOf(context, { 'a.log': BOUND, 'b.log': ANSWER, 'c.log': NAMED });
  const files = ['a.log', 'b.log', 'c.log'].map((name) => join(folder, name));
  const [a = '', b = '', c = ''] = files;
  const expected = essence(await scanned([folder]));
  for (const order of [
    [a, c, b],
    [b, a, c],
    [b, c, a],
    [c, a, b],
    [c, b, a],
  ])
    assert.deepEqual(essence(await scanned(order)), expected, order.join(' '));
  const { severity, artifacts } = await scanned([folder]);
  assert.equal(severity, 'Medium');
  assert.deepEqual(artifacts['pool'], ['203.0.113.9:443', 'rig.example.com:443']);
});

test('finds the same in one file that mixes formats, whatever stands first', async (context) => {
  const parts = [AUDIT, FLOW, falcoLine('/usr/bin/uptime'), queryLine('www.example.com', '198.51.100.9')];
  const folder = folderOf(context, {
    'flow-first.log': [FLOW, ...parts].join(''),
    'audit-first.log': parts.join(''),
    'audit-last.log': parts.toReversed().join(''),
  });
  const mixed = ['flow-first.log', 'audit-first.log', 'audit-last.log'].map((name) => join(folder, name));
  for (const path of mixed) {
    const { severity, coverage } = await scanned([path]);
    assert.equal(severity, 'Medium', path);
    assert.deepEqual(
      coverage.sources.map(({ format }) => format),
      ['auditd', 'falco', 'resolver', 'vpc-flow'],
    );
  }
});

test('holds all three looks in one file: flow before answer before the miner that names the pool', async (context) => {
  const folder = folderOf(context, { 'all.log': BOUND + ANSWER + NAMED });
  assert.equal((await scanned([folder])).severity, 'Medium');
});

test('holds what a sensor saw of connections against endpoints that a later file teaches', async (context) => {
  const connect = connectLines(POOL, '/tmp/.x/kthr');
  const before = folderOf(context, { 'a.log': connect, 'b.log': execLines(MINER) });
  const after = folderOf(context, { 'a.log': execLines(MINER), 'b.log': connect });
  const [one, other] = [await scanned([before]), await scanned([after])];
  assert.equal(one.severity, 'Medium');
  assert.deepEqual(essence(one), essence(other));
});

test('counts records and unreadable lines once although a file is read in several looks', async (context) => {
  const broken = '{"query_name": "cut\n';
  const folder = folderOf(context, { 'all.log': BOUND + ANSWER + broken + NAMED });
  const { stderr, stdout } = await davylamp(['scan', '--json', folder]);
  assert.deepEqual(
    onlyFinding(stdout).coverage.sources.map(({ format, records }) => [format, records]),
    [
      ['auditd', 5],
      ['resolver', 1],
      ['vpc-flow', 1],
    ],
  );
  assert.match(stderr, /^Read 7 records of 1 file\.$/m);
  assert.match(stderr, /all\.log: 1 line not read: .*\(first: line 3\)/);
});

test('points to the right line of a file that mixes formats', async (context) => {
  const filler = queryLine('www.example.com', '198.51.100.9');
  const lines = [BENIGN, filler, '\n', 'no format at all\n', FLOW, '\n \n', execLines(MINER), filler, FLOW].join('');
  const numbers = lines.split('\n');
  const folder = folderOf(context, { 'mixed.log': lines });
  const { evidence } = await scanned([folder]);
  for (const sample of evidence.flatMap((one) => one.samples)) {
    const text = numbers[(sample.raw.line ?? 0) - 1] ?? '';
    if (sample.source === 'auditd') assert.match(text, /type=EOE .*:\d+\): $/);
    else assert.ok(text.includes(POOL.replace(':', ' 41000 ')), `${sample.raw.line}: ${text}`);
  }
  const miner = evidence.find(({ rule }) => rule === 'miner_arguments')?.samples[0]?.raw.line;
  assert.equal(miner, numbers.findIndex((line) => line.includes('--donate-level')) + 1 + 3);
});

test('finds the end of a record of lines that another format interrupts', async (context) => {
  const [call = '', ...rest] = execLines(MINER).split('\n');
  const parted = [
    `${call}\n`,
    FLOW,
    ...rest.flatMap((line) => [`${line}\n`, queryLine('www.example.com', '198.51.100.9')]),
  ];
  const folder = folderOf(context, { 'parted.log': parted.join('') });
  const { severity, evidence } = await scanned([folder]);
  assert.equal(severity, 'Medium');
  const line = evidence.find(({ rule }) => rule === 'miner_arguments')?.samples[0]?.raw.line ?? 0;
  assert.match(parted.join('').split('\n')[line - 1] ?? '', /type=EOE/);
});
