import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { evidenceItem, headItem } from '#shared/aws/items.ts';
import type { Store } from '#shared/correlate/store.ts';
import { CHAIN_GROUPS } from '#shared/model/groups.ts';
import { artifactKind, artifactValue } from '#shared/model/place.ts';
import { timeText } from '#shared/model/time.ts';
import { renderFindings } from '#shared/report/table.ts';
import type { ScanResult } from '../../cli/commands/scan.ts';
import { openEmbeddedTable } from '../../cli/embedded-table.ts';
import { memoryStore } from '../correlate/memory-store.ts';
import { assertHoldsNone, assertInert, assertNoControl, formsOf } from './hygiene.ts';
import { decodedText } from './logs.ts';
import {
  type Expected,
  type ExpectedFinding,
  expectedOf,
  jsonLines,
  logsOf,
  SCENARIOS,
  scanPaths,
  scenarioNames,
} from './scenario.ts';

const REWRITE = process.env['WRITE_GOLDEN'] === '1';
const ACCOUNT = { account: '111122223333', region: 'us-east-1' };

interface Secret {
  readonly value: string;
  readonly scenario: string;
  readonly where: string;
}
const SECRETS = JSON.parse(readFileSync(join('samples', 'secrets.json'), 'utf8')) as readonly Secret[];
const VALUES = SECRETS.map((one) => one.value);

const names = scenarioNames();
const together = { expected: names.map(expectedOf), result: scanPaths([SCENARIOS]) };

/** A store that remembers everything that was written to it, as items of the table. */
function remembering(store: Store): { store: Store; written: unknown[] } {
  const written: unknown[] = [];
  return {
    written,
    store: {
      ...store,
      merge: async (evidence) => {
        written.push(evidenceItem(evidence, 1));
        return store.merge(evidence);
      },
      putHead: async (head) => {
        written.push(headItem(head, 0));
        return store.putHead(head);
      },
    },
  };
}

const placeText = ({ place }: { readonly place: ExpectedFinding['place'] }): string =>
  [place.account, place.region, place.host, place.scope].join(' ');
const byPlace = <T extends { readonly place: ExpectedFinding['place'] }>(all: readonly T[]): T[] =>
  [...all].sort((a, b) => (placeText(a) < placeText(b) ? -1 : 1));

function assertExpected(result: ScanResult, expected: readonly Expected[]): void {
  const want = byPlace(expected.flatMap((one) => one.findings));
  const got = byPlace(result.findings);
  const brief = (severity: string, of: { readonly place: ExpectedFinding['place'] }): string =>
    `${severity} ${placeText(of)}`;
  assert.deepEqual(
    got.map((one) => brief(one.severity, one)),
    want.map((one) => brief(one.severity, one)),
  );
  for (const [index, finding] of got.entries()) {
    const one = want[index];
    assert.ok(one);
    const where = brief(finding.severity, finding);
    assert.deepEqual(
      CHAIN_GROUPS.filter((group) => finding.groups[group] !== undefined),
      one.groups,
      `groups of ${where}`,
    );
    assert.deepEqual(finding.missing, one.missing, `missing of ${where}`);
    if (one.rises !== undefined) {
      const rises = finding.rises.map(({ severity, at }) => [severity, timeText(at)]);
      assert.deepEqual(rises, one.rises, `rises of ${where}`);
    }
    for (const [kind, values] of Object.entries(one.artifacts ?? {})) {
      const found = finding.artifacts.filter((artifact) => artifactKind(artifact) === kind).map(artifactValue);
      for (const value of values) assert.ok(found.includes(value), `${where} has no ${kind} ${value}, but ${found}`);
    }
    for (const left of one.leftOut ?? []) {
      const found = finding.leftOut.some((each) => each.evidence.group === left.group && each.why.includes(left.why));
      assert.ok(found, `${where} leaves no ${left.group} out because of '${left.why}'`);
    }
    for (const note of one.notes ?? []) {
      assert.ok(
        finding.notes.some((each) => each.includes(note)),
        `${where} notes nothing of '${note}'`,
      );
    }
  }
  const watching = (host: string, scope: string, groups: readonly string[]): string =>
    `${host} ${scope}: ${groups.join(', ')}`;
  assert.deepEqual(
    result.watching.map(({ place, groups }) => watching(place.host, place.scope, groups)).sort(),
    expected.flatMap((one) => one.watching.map((each) => watching(each.host, each.scope, each.groups))).sort(),
  );
  const seen = [...result.findings, ...result.watching].flatMap(({ place }) => [place.host, place.scope]);
  for (const host of expected.flatMap((one) => one.silent)) assert.ok(!seen.includes(host), `${host} is not silent`);
}

function assertClean(result: ScanResult, written: readonly unknown[], where: string): void {
  const { findings, watching, coverage } = result;
  const json = jsonLines(result);
  const table = [60, 100].map((width) => renderFindings(findings, { coverage, watching }, { width, colour: false }));
  for (const output of [json, ...table]) assertInert(output, `output of ${where}`);
  // A table breaks long words over lines.
  for (const output of [json, ...table.map((text) => text.replace(/\s+/g, ''))])
    assertHoldsNone(output, `output of ${where}`, VALUES);
  assertHoldsNone(JSON.stringify(written), `what is stored of ${where}`, VALUES);
  assertNoControl(written, `what is stored of ${where}`);
}

/** The ranges of time that sources cover are sampled from lines that the prefilter skips: every new rule moves them. */
function goldenLines(result: ScanResult): string {
  const sources = result.coverage.sources.map(({ format, records }) => ({ format, records }));
  return jsonLines({ ...result, coverage: { ...result.coverage, sources } });
}

for (const name of names) {
  test(`scenario ${name}: gives what the design says, nothing secret, nothing raw`, async () => {
    const { store, written } = remembering(memoryStore());
    const result = await scanPaths([logsOf(name)], { store, ...ACCOUNT });
    const golden = join(SCENARIOS, name, 'findings.golden.json');
    assertExpected(result, [expectedOf(name)]);
    assertClean(result, written, name);
    if (REWRITE) writeFileSync(golden, goldenLines(result));
    assert.deepEqual(
      result.files.filter((file) => file.failure !== undefined || file.records === 0).map((file) => file.name),
      [],
    );
    assert.equal(goldenLines(result), readFileSync(golden, 'utf8'));
  });
}

test('scenarios: all in one run give what each gives alone', async () => {
  assertExpected(await together.result, together.expected);
});

test('scenarios: the embedded table gives the same to the byte as the memory', async () => {
  const table = await openEmbeddedTable();
  try {
    const { store, written } = remembering(table.store);
    const result = await scanPaths([SCENARIOS], { store });
    assert.equal(jsonLines(result), jsonLines(await together.result));
    assertClean(result, written, 'all scenarios');
  } finally {
    await table.close();
  }
});

test('scenarios: each planted secret lies in the logs of its scenario, at least twelve of them', () => {
  assert.ok(SECRETS.length >= 12);
  for (const { value, scenario, where } of SECRETS) {
    const text = decodedText(logsOf(scenario));
    assert.ok(
      formsOf(value).some((form) => text.includes(form)),
      `${where}: not in ${scenario}`,
    );
  }
});

test('scenarios: what held a secret is shown with a mask in its place', async () => {
  const { findings } = await together.result;
  const text = JSON.stringify(findings.flatMap((one) => one.evidence.flatMap((item) => item.samples)));
  const masks = text.split('[redacted]').length - 1;
  const found = SECRETS.filter((one) => expectedOf(one.scenario).findings.length > 0).length;
  assert.ok(masks >= found, `${masks} masks for ${found} secrets`);
});
