import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { TEST_HOST } from '#shared/model/place.ts';
import { digestSummary, type Storm, type SummaryEntry, stormSummary } from '#shared/report/digest.ts';
import { NOON, PLACE } from '../factories.ts';

const entry = (change: Partial<SummaryEntry> = {}): SummaryEntry => ({
  ...{ finding: 'a'.repeat(32), place: PLACE, severity: 'Medium', at: NOON },
  ...change,
});
const STORM: Omit<Storm, 'entries'> = {
  ...{ id: 'b'.repeat(32), kind: 'opened', account: PLACE.account, from: NOON, to: NOON + 1, more: false },
};
const DAY = '2026-11-24';

const testEntry = (change: Partial<SummaryEntry> = {}): SummaryEntry =>
  entry({ place: { ...PLACE, host: TEST_HOST }, ...change });

describe('the message of a storm', () => {
  test('names the most severe first, and counts what it does not name', () => {
    const mediums = Array.from({ length: 30 }, (_, n) => entry({ place: { ...PLACE, host: `i-${n}` } }));
    const entries = [...mediums, entry({ severity: 'High', place: { ...PLACE, host: 'i-high' } })];
    const { email, json, severity, subject } = stormSummary({ ...STORM, entries }, 3);
    assert.equal(severity, 'High');
    assert.equal(subject, 'STORM, HIGH: 31 findings of cryptomining opened in 111122223333');
    assert.ok(email.indexOf('i-high') < email.indexOf('i-0'));
    assert.match(email, /MEDIUM \(30\)[\s\S]*and 27 more/);
    assert.doesNotMatch(email, /i-3\b/);
    const { findings, counts, kind } = JSON.parse(json);
    assert.deepEqual([findings.length, counts, kind], [4, { High: 1, Medium: 30 }, 'opened']);
  });

  test('says that findings ended, and that there are more than it knows', () => {
    const { email, subject } = stormSummary({ ...STORM, kind: 'ended', entries: [entry()], more: true }, 3);
    assert.equal(subject, 'STORM, MEDIUM: more than 1 finding of cryptomining ended in 111122223333');
    assert.doesNotMatch(email, /shows the way in/);
    assert.match(email, /in the store alone/);
  });
});

describe('the message of a day', () => {
  test('tells what opened, what stays active and what ended', () => {
    const entries = [
      entry({ severity: 'Low', transitions: ['opened', 'extended'] }),
      entry({ severity: 'Critical', transitions: ['extended'] }),
      entry({ severity: 'Low', transitions: ['archived'] }),
    ];
    const { subject, email, severity } = digestSummary({ id: 'c', day: DAY, entries, more: false }, 10);
    assert.equal(subject, `Digest of ${DAY}: cryptomining findings, 1 opened, 1 still active, 1 ended`);
    assert.equal(severity, 'Critical');
    assert.match(
      email,
      /CRITICAL \(1\)[\s\S]*still active; 2026-11-24T22:00:00Z[\s\S]*LOW \(2\)[\s\S]*opened, still active;[\s\S]*ended;/,
    );
  });
});

describe('tests in messages that tell of several findings', () => {
  const digest = (...entries: readonly SummaryEntry[]) => digestSummary({ id: 'c', day: DAY, entries, more: false }, 2);
  const SUMMARIES = [
    ['storm', (entries: readonly SummaryEntry[]) => stormSummary({ ...STORM, entries }, 2)],
    ['digest', (entries: readonly SummaryEntry[]) => digest(...entries)],
  ] as const;

  for (const [name, summaryOf] of SUMMARIES) {
    test(`begin the ${name} that holds nothing else with their mark, in its subject and first line`, () => {
      const entries = [testEntry({ severity: 'High' }), testEntry()];
      const { subject, email, json, synthetic, severity } = summaryOf(entries);
      assert.deepEqual([synthetic, severity], [true, 'High']);
      assert.match(subject, /^\[TEST\] [A-Z][\x20-\x7e]{1,91}$/);
      assert.match(email, /^\[TEST\] [^\n]*(?:\n[^\n]+)?\nThis is a test of davylamp itself: /);
      assert.doesNotMatch(email, /look there first/);
      const { findings, counts, tests, ...told } = JSON.parse(json);
      assert.deepEqual([told.synthetic, counts, tests], [true, {}, { High: 1, Medium: 1 }]);
      assert.deepEqual(
        findings.map((one: { synthetic?: true }) => one.synthetic),
        [true, true],
      );
    });

    test(`are marked row by row at the end of the ${name} of real findings, and raise it not`, () => {
      const mediums = [1, 2, 3].map((n) => entry({ place: { ...PLACE, host: `i-${n}` } }));
      const { subject, email, json, synthetic, severity } = summaryOf([
        testEntry({ severity: 'Critical' }),
        ...mediums,
      ]);
      assert.deepEqual([synthetic, severity], [false, 'Medium']);
      assert.doesNotMatch(subject, /\[TEST\]|CRITICAL|\b4\b/);
      assert.doesNotMatch(email, /This is a test|^\[TEST\] (?!CRITICAL \(1\)$)/m);
      assert.match(email, /\nRows marked \[TEST\] are of tests of davylamp itself: /);
      const [real = '', tests = ''] = email.split('\n[TEST] CRITICAL (1)\n');
      assert.match(real, /MEDIUM \(3\)[\s\S]*i-1[\s\S]*i-2[\s\S]*and 1 more/);
      assert.ok(!real.includes(TEST_HOST));
      assert.ok(tests.startsWith(`- [TEST] instance ${TEST_HOST}, `), tests);
      const told = JSON.parse(json);
      assert.deepEqual([told.synthetic, told.counts, told.tests], [false, { Medium: 3 }, { Critical: 1 }]);
      assert.deepEqual(
        told.findings.map((one: { synthetic?: true }) => one.synthetic),
        [undefined, undefined, true],
      );
    });

    test(`are named nowhere in the ${name} that holds none`, () => {
      const { subject, email, json, synthetic } = summaryOf([entry({ place: { ...PLACE, host: `x-${TEST_HOST}` } })]);
      assert.equal(synthetic, false);
      assert.doesNotMatch(`${subject}${email}${json}`, /\[TEST\]|test of davylamp|"synthetic":true/);
    });
  }

  test('stand beside the numbers of a day, not in them', () => {
    const all = digest(entry({ transitions: ['opened'] }), testEntry({ transitions: ['opened', 'archived'] }));
    assert.equal(all.subject, `Digest of ${DAY}: cryptomining findings, 1 opened, 0 still active, 0 ended, 1 test`);
    const alone = digest(testEntry({ transitions: ['opened', 'archived'] }));
    assert.equal(alone.subject, `[TEST] Digest of ${DAY}: cryptomining findings, 1 opened, 0 still active, 1 ended`);
  });

  test('leave each subject below 100 characters, however many findings a day or storm has', () => {
    const many = (make: typeof entry, length: number, transitions: SummaryEntry['transitions'] = []) =>
      Array.from({ length }, () => make({ transitions, severity: 'Critical' }));
    const whole: readonly SummaryEntry[][] = [
      [...many(entry, 4000, ['opened', 'archived']), ...many(testEntry, 1000)],
      [...many(entry, 2000, ['opened', 'archived']), ...many(entry, 2000), ...many(testEntry, 1000)],
      [...many(testEntry, 2500, ['opened', 'archived']), ...many(testEntry, 2500)],
    ];
    for (const entries of whole) {
      assert.match(digestSummary({ id: 'c', day: DAY, entries, more: true }, 0).subject, /^[[A-Z][\x20-\x7e]{1,98}$/);
      const storm = { ...STORM, account: 'x'.repeat(600), entries: entries.slice(0, 1000), more: true };
      assert.match(stormSummary(storm, 0).subject, /^[[A-Z][\x20-\x7e]{1,98}$/);
    }
  });
});

test('no host name breaks a line, a subject, the JSON or makes a link, and no row outgrows its lines', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 600 }),
    fc.constantFrom('a\r\nBcc: b@example.com', 'https://example.com/www.example.com', '\u202e'.repeat(300), ''),
  );
  fc.assert(
    fc.property(hostile, hostile, hostile, (host, scope, account) => {
      const entries = [entry({ place: { ...PLACE, host, scope, account }, transitions: ['opened'] })];
      const all = [
        stormSummary({ ...STORM, account, entries }, 5),
        digestSummary({ id: 'c', day: DAY, entries, more: false }, 5),
      ];
      for (const { subject, email, json } of all) {
        assert.match(subject, /^[A-Z][\x20-\x7e]{1,98}$/);
        assert.doesNotMatch(email, /:\/\/|www\.|[^\P{Cc}\n]|\p{Cf}/iu);
        assert.ok(email.split('\n').length < 24, email);
        assert.doesNotMatch(json, /[\p{Cc}\p{Cf}]/u);
        assert.equal(JSON.parse(json).findings.length, 1);
      }
    }),
  );
});
