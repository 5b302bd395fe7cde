import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
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
    assert.equal(subject, 'STORM, MEDIUM: more than 1 findings of cryptomining ended in 111122223333');
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
