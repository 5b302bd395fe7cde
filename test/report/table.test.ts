import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { SEVERITIES } from '#shared/model/groups.ts';
import { hourOf } from '#shared/model/time.ts';
import { jsonText } from '#shared/report/escape.ts';
import { findingJson } from '#shared/report/json.ts';
import { displayWidth } from '#shared/report/layout.ts';
import { renderFindings, type Watching } from '#shared/report/table.ts';
import { anyFinding, anyWatching } from './any-finding.ts';
import { BY_SEVERITY, COVERAGE, evidence, FLOWS_ONLY, finding, MINER, PLACE, START, sample } from './findings.ts';

const GOLDEN = new URL('golden/', import.meta.url);
const hour = hourOf(START);
const WATCHING: readonly Watching[] = [
  {
    place: { ...PLACE, host: 'i-00000000000000001' },
    groups: ['persistence_setup'],
    hours: { from: hour, to: hour + 2 },
  },
];

/** Compares with a stored text, or stores it when WRITE_GOLDEN is set. */
function golden(name: string, text: string): void {
  const file = new URL(name, GOLDEN);
  if (process.env['WRITE_GOLDEN'] !== undefined) {
    mkdirSync(GOLDEN, { recursive: true });
    writeFileSync(file, text);
  }
  assert.equal(text, readFileSync(file, 'utf8'));
}

for (const severity of SEVERITIES) {
  const { finding: one, coverage } = BY_SEVERITY[severity];
  test(`shows a finding of severity ${severity} whole`, () => {
    golden(
      `${severity.toLowerCase()}.txt`,
      renderFindings([one], { coverage, watching: [] }, { width: 100, colour: false }),
    );
  });
  test(`gives a finding of severity ${severity} whole as JSON`, () => {
    golden(
      `${severity.toLowerCase()}.golden.json`,
      `${JSON.stringify(JSON.parse(jsonText(findingJson(one, coverage))), null, 2)}\n`,
    );
  });
}

test('says so when nothing was found, with the places to watch', () => {
  golden('nothing.txt', renderFindings([], { coverage: FLOWS_ONLY, watching: WATCHING }, { width: 80, colour: false }));
});

test('lists the most severe finding first, then the earliest, then by id', () => {
  const late = { ...BY_SEVERITY.Low.finding, id: 'late', rises: [{ severity: 'Low' as const, at: START + 9e6 }] };
  const all = [
    late,
    BY_SEVERITY.Low.finding,
    BY_SEVERITY.Critical.finding,
    BY_SEVERITY.Medium.finding,
    BY_SEVERITY.High.finding,
  ];
  const text = renderFindings(all, { coverage: COVERAGE, watching: [] }, { width: 100, colour: false });
  assert.deepEqual(text.match(/^(?:CRITICAL|HIGH|MEDIUM|LOW)/gm), ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'LOW']);
  assert.ok(text.indexOf('finding late') > text.indexOf('finding 5f0c'));
});

const ESCAPE = '\u001b';

test('colours only when asked to, and then changes no text', () => {
  const render = (colour: boolean): string =>
    renderFindings([BY_SEVERITY.Critical.finding], { coverage: COVERAGE, watching: WATCHING }, { width: 80, colour });
  assert.ok(!render(false).includes(ESCAPE));
  assert.ok(render(true).includes(`${ESCAPE}[35m`));
  assert.equal(render(true).replace(/\u001b\[\d+m/g, ''), render(false));
});

/** Text that some output obeys; what must not be in the table as it stands. */
const HOSTILE: readonly (readonly [string, string, RegExp])[] = [
  ['an ANSI colour', '\u001b[31mred', /\u001b/],
  ['an OSC title', '\u001b]0;owned\u0007', /[\u001b\u0007]/],
  ['an OSC hyperlink', '\u001b]8;;http://203.0.113.9\u001b\\x', /\u001b/],
  ['a C1 sequence', '\u009b2J', /\u009b/],
  ['a line break', 'a\r\nCRITICAL  forged', /\r|^CRITICAL {2}forged/m],
  ['a backspace', 'safe\b\b\b\bevil', /\u0008/],
  ['a bidi override', 'a\u202etxt.exe', /\u202e/],
  ['a bidi isolate', 'a\u2066b\u2069', /[\u2066\u2069]/],
  ['a zero-width space', 'pool\u200b.example.com', /\u200b/],
  ['a byte order mark', '\ufeffa', /\ufeff/],
  ['a tag character', 'a\u{e0041}b', /\u{e0041}/u],
  ['a line separator', 'a\u2028b', /\u2028/],
  ['a lone surrogate', 'a\ud800b', /[\ud800-\udfff]/],
  ['a NUL', 'a\u0000b', /\u0000/],
  ['stacked marks', `a${'\u0301'.repeat(50)}`, /\u0301{3}/],
];

for (const [name, text, raw] of HOSTILE) {
  test(`makes ${name} from a log inert in table and JSON`, () => {
    const one = hostileFinding(text);
    const table = renderFindings(
      [one],
      { coverage: COVERAGE, watching: [{ place: one.place, groups: [], hours: { from: hour, to: hour } }] },
      { width: 90, colour: false },
    );
    assert.doesNotMatch(table, raw);
    const json = jsonText(findingJson(one, COVERAGE));
    assert.doesNotMatch(json, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b\ufeff\u2028]/);
    assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(findingJson(one, COVERAGE))));
  });
}

for (const text of ['<!channel> <@U1>', '<b onload=x>&amp;', '=cmd|x', '`id` $(id)', '%s%n', "'; rm -rf / #"]) {
  test(`shows ${text} as it stands, since a terminal obeys none of it`, () => {
    const one = hostileFinding(text);
    assert.ok(
      renderFindings([one], { coverage: COVERAGE, watching: [] }, { width: 400, colour: false }).includes(text),
    );
  });
}

/** The text in every field that a log can fill. */
function hostileFinding(text: string) {
  const fields = {
    ...{ executable: text, commandLine: text, workingDirectory: text, uid: text, auid: text, session: text, tty: text },
    ...{ parentName: text, ancestors: [text], path: text, container: text, image: text, pod: text, task: text },
    ...{ remote: text, query: text, answer: text, raw: { file: text }, id: text, pid: 1 },
  };
  const artifacts = [
    `path:${text}`,
    `pool:${text}`,
    `cmd:${text}`,
    `unit:${text}`,
    `url:${text}`,
    `worker:${text}`,
  ] as const;
  const all = (['miner_execution', 'pool_connection', 'persistence_setup', 'context'] as const).map((group) =>
    evidence(group, `rule/${text}`, text, sample(0, fields), {
      why: text,
      because: text,
      artifacts,
      linkKey: `unit:${text}`,
    }),
  );
  const [first = MINER] = all;
  return finding('High', all, {
    place: { account: text, region: text, host: text, scope: text },
    leftOut: [{ evidence: first, why: text }],
    apart: [{ linkKeys: [`ses:${text}`], groups: ['context'] }],
    notes: [text],
  });
}

const width = fc.integer({ min: 40, max: 160 });

test('lets no line outgrow the width, and never throws', () => {
  fc.assert(
    fc.property(
      fc.array(anyFinding, { maxLength: 3 }),
      fc.array(anyWatching, { maxLength: 3 }),
      width,
      (all, watching, columns) => {
        const text = renderFindings(all, { coverage: COVERAGE, watching }, { width: columns, colour: false });
        for (const line of text.split('\n')) assert.ok(displayWidth(line) <= columns, `${displayWidth(line)}: ${line}`);
      },
    ),
    { numRuns: 150 },
  );
});

test('takes any width', () => {
  for (const columns of [Number.NaN, -1, 0, 1, 39.5, Number.POSITIVE_INFINITY]) {
    const text = renderFindings(
      [BY_SEVERITY.High.finding],
      { coverage: COVERAGE, watching: [] },
      { width: columns, colour: false },
    );
    for (const line of text.split('\n')) assert.ok(line.length <= 40);
  }
});

test('counts the same in table and JSON', () => {
  fc.assert(
    fc.property(anyFinding, (one) => {
      const table = renderFindings([one], { coverage: COVERAGE, watching: [] }, { width: 120, colour: false });
      const json = JSON.parse(jsonText(findingJson(one, COVERAGE)));
      const counted = (title: string): number =>
        Number(new RegExp(`^ {2}${title} \\((\\d+)\\)$`, 'm').exec(table)?.[1] ?? 0);
      assert.equal(counted('Evidence'), json.evidence.length);
      assert.equal(counted('Groups'), Object.keys(json.groups).length);
      assert.equal(counted('Left out'), json.leftOut.length);
      assert.equal(counted('Stood apart'), json.apart.length);
      const values = Object.values(json.artifacts as Record<string, string[]>).flat();
      assert.equal(counted('Artifacts'), values.length);
    }),
    { numRuns: 100 },
  );
});
