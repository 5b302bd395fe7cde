import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Store } from '#shared/correlate/store.ts';
import { jsonText } from '#shared/report/escape.ts';
import { findingJson } from '#shared/report/json.ts';
import { renderFindings } from '#shared/report/table.ts';
import { scan } from '../../cli/commands/scan.ts';
import { loadDetector } from '../../cli/detector.ts';
import { openEmbeddedTable } from '../../cli/embedded-table.ts';
import { listInputs } from '../../cli/input/list-inputs.ts';
import { summaryLines } from '../../cli/render/summary.ts';
import { memoryStore } from '../correlate/memory-store.ts';
import { davylamp } from './command.ts';
import { findingsOf, folderOf, onlyFinding } from './findings.ts';
import { BENIGN, execLines, flowLine, MINER, POOL } from './logs.ts';

const SCENARIOS = 'samples/scenarios';
const detector = loadDetector([]);

async function outputOf(folder: string, store: Store): Promise<string> {
  const { inputs } = await listInputs([folder]);
  const result = await scan(detector, inputs, store, { format: 'auto', windowHours: 24 });
  const { findings, coverage, watching } = result;
  return [
    ...findings.map((finding) => jsonText(findingJson(finding, coverage))),
    renderFindings(findings, { coverage, watching }, { width: 100, colour: false }),
    ...summaryLines(result, 'auto'),
  ].join('\n');
}

test('the embedded table and the memory store give the same output to the byte', async (context) => {
  const scenarios = readdirSync(SCENARIOS).filter((_, at) => at % 3 === 0);
  assert.ok(scenarios.length >= 5);
  for (const name of scenarios) {
    const table = await openEmbeddedTable();
    context.after(() => table.close());
    const folder = join(SCENARIOS, name);
    assert.equal(await outputOf(folder, table.store), await outputOf(folder, memoryStore()), name);
  }
});

test('the same files give the same output to the byte, scan by scan', async () => {
  const folder = join(SCENARIOS, 'rises-over-hours');
  const first = await davylamp(['scan', '--json', folder]);
  assert.notEqual(first.stdout, '');
  assert.deepEqual(await davylamp(['scan', '--json', folder]), first);
});

const RULE = `title: Marker program of a test
id: 5f0f6f5e-3a55-4c59-9d0a-3f7a1f9f0c11
name: marker_program
tags:
  - attack.t1053.003
  - davylamp.persistence_setup
davylamp:
  strength: strong
logsource:
  category: process_creation
detection:
  selection:
    CommandLine|contains: 'install-the-marker'
  condition: selection
`;

test("a user's own rules fire beside the shipped ones, from several folders", async (context) => {
  const marker = execLines(['/usr/local/bin/setup', 'install-the-marker'], { at: 60 });
  const logs = folderOf(context, { 'all.log': BENIGN + execLines(MINER) + marker + flowLine(POOL) });
  const one = folderOf(context, { 'marker.yml': RULE });
  const two = folderOf(context, {
    'other.yaml': RULE.replace('marker_program', 'other_program')
      .replace('0c11', '0c12')
      .replace("marker'", "nothing'"),
  });
  assert.equal(onlyFinding((await davylamp(['scan', '--json', logs])).stdout).severity, 'Medium');
  const { stdout, code } = await davylamp(['scan', '--json', logs, '--rules', two, '--rules', one]);
  const { severity, groups } = onlyFinding(stdout);
  assert.deepEqual([code, severity], [0, 'High']);
  assert.deepEqual(groups['persistence_setup']?.rules, ['marker_program']);
  const classified = await davylamp(['classify', '--format', 'cmdline', '--rules', one], {
    stdin: 'x install-the-marker',
  });
  assert.match(classified.stdout, /"rule":"marker_program"/);
});

test("a case of a user's own rule that fails is an error with its place, and the rule is not used", async (context) => {
  const logs = folderOf(context, { 'all.log': BENIGN });
  const cases = (marker: string) => `cases:
  - match: true
    note: the marker
    command_line: setup install-the-${marker}
  - match: false
    note: another program
    command_line: setup remove-the-${marker}
`;
  const good = folderOf(context, { 'marker.yml': RULE + cases('marker') });
  assert.equal((await davylamp(['scan', logs, '--rules', good])).code, 0);
  const wrong = folderOf(context, { 'marker.yml': RULE + cases('market') });
  const { code, stdout, stderr } = await davylamp(['scan', logs, '--rules', wrong]);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /marker\.yml:\d+:\d+: marker_program does not match the case 'the marker'/);
  const hit = folderOf(context, { 'marker.yml': RULE + cases('marker').replace('remove', 'install') });
  assert.match(
    (await davylamp(['classify', '--format', 'cmdline', '--rules', hit], { stdin: 'x' })).stderr,
    /matches the case 'another program'/,
  );
});

test('a rule of the same name as another is an error that names both files', async (context) => {
  const logs = folderOf(context, { 'all.log': BENIGN });
  const rules = folderOf(context, { 'a.yml': RULE, 'b.yml': RULE });
  const { code, stderr } = await davylamp(['scan', logs, '--rules', rules]);
  assert.equal(code, 2);
  assert.match(stderr, /b\.yml:3:\d+: .*marker_program.*a\.yml/);
});

test('tables and JSON show the same findings', async () => {
  const folder = join(SCENARIOS, 'critical');
  const findings = findingsOf((await davylamp(['scan', '--json', folder])).stdout);
  const { stdout } = await davylamp(['scan', folder]);
  assert.ok(findings.length > 0);
  assert.deepEqual(
    [...stdout.matchAll(/^ {2}finding ([0-9a-f]+),/gm)].map(([, id]) => id),
    findings.map(({ id }) => id),
  );
});
