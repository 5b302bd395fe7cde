import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shorten, withTranscript } from '../../docs/transcript.ts';

const FINDING = (severity: string, host: string): string[] => [
  `${severity}  ${host}`,
  '  What to do',
  '  1. Stop the miner',
  '     - Stop pid 7.',
  '  2. Block the pool',
  '     - Block this name.',
  '',
];
const WATCH = ['Places to watch: evidence, but no complete case (1)', '  - 192.0.2.9'];
const SUMMARY = ['Scanning 3 files.', 'Read 9 records.', 'a.json: passed over, of no known format'];

test('shows the first finding up to its second step, the heads of the others, and the rest', () => {
  const stdout = [...FINDING('CRITICAL', 'one'), ...FINDING('HIGH', 'two'), ...FINDING('LOW', 'three'), ...WATCH];
  assert.deepEqual(shorten(stdout.join('\n'), SUMMARY.join('\n')).split('\n'), [
    'Scanning 3 files.',
    '',
    'CRITICAL  one',
    '  What to do',
    '  1. Stop the miner',
    '     - Stop pid 7.',
    '  …',
    '',
    'HIGH  two',
    'LOW  three',
    '',
    ...WATCH,
    '',
    'Read 9 records.',
    'a.json: passed over, of no known format',
    '…',
  ]);
});

test('shows a run without places to watch and with one finding', () => {
  const shown = shorten(FINDING('LOW', 'one').join('\n'), 'Scanning 1 file.\nFound: 1 Low.');
  assert.match(shown, /^Scanning 1 file\.\n\nLOW {2}one\n/);
  assert.match(shown, /\n {2}…\n\nFound: 1 Low\.$/);
});

const MARKED = 'a\n<!-- transcript: written by docs/transcript.ts -->\nold\n<!-- end of transcript -->\nb\n';

test('replaces what stands between the markers, and does nothing the second time', () => {
  const once = withTranscript(MARKED, 'new');
  assert.match(
    once ?? '',
    /^a\n<!-- [^\n]+ -->\n\n```text\n\$ npm start\nnew\n```\n\n<!-- end of transcript -->\nb\n$/,
  );
  assert.equal(withTranscript(once ?? '', 'new'), once);
});

test('takes a fence that no line of the output closes', () => {
  assert.match(withTranscript(MARKED, 'x\n````\ny') ?? '', /\n`````text\n/);
});

test('says when the markers are missing or the wrong way round', () => {
  assert.equal(withTranscript('no markers', 'new'), undefined);
  assert.equal(withTranscript(MARKED.split('\n').reverse().join('\n'), 'new'), undefined);
});
