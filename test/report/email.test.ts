import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Finding, Transition } from '#shared/model/finding.ts';
import { SEVERITIES } from '#shared/model/groups.ts';
import type { Place } from '#shared/model/place.ts';
import { EMAIL_BYTES, emailBody, MIN_EMAIL_BYTES } from '#shared/report/email.ts';
import { emailSubject, filterAttributes } from '#shared/report/email-subject.ts';
import { type Announcement, ocsfMessage } from '#shared/report/ocsf.ts';
import { anyCoverage, anyFinding, anyText } from './any-finding.ts';
import { BY_SEVERITY, COVERAGE, finding, MINER, PLACE, START } from './findings.ts';

const TRANSITIONS: readonly Transition[] = ['opened', 'escalated', 'extended', 'joined', 'archived', 'superseded'];

function announce(one: Finding, transition: Transition = 'opened'): Announcement {
  return { finding: one, transition, at: START, coverage: COVERAGE, version: '1.2.3' };
}

const HOSTILE: Readonly<Record<string, string>> = {
  'control characters': 'web\u0000\u0007\u001b[31m\u009b',
  'line breaks': 'web\r\nBcc: all@example.com\n\nhello',
  '500 letters': 'w'.repeat(500),
  '500 wide letters': '汉'.repeat(500),
  'bidi characters': 'web\u202egnp.exe\u2066\u200f',
  'lone surrogates': '\ud800\udc00\ud800',
  nothing: '',
  'spaces only': '   ',
  'leading marks': '\u0301\u00a0-web',
};

/** SNS's rule for a subject, in the words of its API reference. */
const SUBJECT = /^[A-Za-z0-9!-/:-@[-`{-~][\x20-\x7e]{0,98}$/;

for (const [name, host] of Object.entries(HOSTILE)) {
  const place: Place = { account: host, region: host, host, scope: host };
  test(`keeps the subject's rule where a place is ${name}`, () => {
    for (const severity of SEVERITIES) {
      for (const transition of TRANSITIONS) {
        const subject = emailSubject(announce(finding(severity, [MINER], { place }), transition));
        assert.match(subject, SUBJECT);
        assert.ok(subject.startsWith(`${severity.toUpperCase()} ${transition}: `), subject);
      }
    }
  });
  test(`gives a body of lines without danger where a place is ${name}`, () => {
    const text = emailBody(announce(finding('High', [MINER], { place })));
    assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    assert.doesNotMatch(text, /^Bcc:/m);
    assert.ok(text.startsWith('HIGH, opened: '));
    assert.match(text, /\n9\. Prevent the next one\n/);
  });
  test(`gives attributes that are never empty nor long where a place is ${name}`, () => {
    const all = Object.values(filterAttributes(announce(finding('High', [MINER], { place }))));
    assert.ok(all.every((value) => /^[\x20-\x7e]{1,64}$/.test(value)));
  });
}

for (const severity of SEVERITIES) {
  for (const transition of TRANSITIONS) {
    test(`says ${severity} and ${transition} and where in the subject`, () => {
      assert.equal(
        emailSubject(announce(finding(severity, [MINER]), transition)),
        `${severity.toUpperCase()} ${transition}: cryptomining on i-0123456789abcdef0 (111122223333, eu-west-1)`,
      );
      assert.deepEqual(filterAttributes(announce(finding(severity, [MINER]), transition)), {
        severity,
        account: '111122223333',
        region: 'eu-west-1',
        transition,
        synthetic: 'false',
      });
    });
  }
}

test('says the container beside its host in the subject', () => {
  const place = { ...PLACE, scope: 'shop/cart/app' };
  assert.equal(
    emailSubject(announce(finding('Low', [MINER], { place }))),
    'LOW opened: cryptomining on i-0123456789abcdef0 shop/cart/app (111122223333, eu-west-1)',
  );
});

test('keeps a part of host and of scope where both are long', () => {
  const place = { ...PLACE, host: 'h'.repeat(300), scope: 's'.repeat(300) };
  assert.match(
    emailSubject(announce(finding('Critical', [MINER], { place }), 'superseded')),
    /on h+\.\.\. s+\.\.\. \(111122223333, eu-west-1\)$/,
  );
});

const anyAnnouncement: fc.Arbitrary<Announcement> = fc.record({
  finding: anyFinding,
  transition: fc.constantFrom(...TRANSITIONS),
  at: fc.oneof(fc.integer({ min: 0, max: 4e12 }), fc.constantFrom(Number.NaN, -1, 9e15)),
  coverage: anyCoverage,
  version: fc.constant('1.2.3'),
});

test('keeps the subject and the attributes in their rules for any place', () => {
  const place = fc.record({ account: anyText, region: anyText, host: anyText, scope: anyText });
  fc.assert(
    fc.property(
      place,
      fc.constantFrom(...SEVERITIES),
      fc.constantFrom(...TRANSITIONS),
      (where, severity, transition) => {
        const one = announce(finding(severity, [MINER], { place: where }), transition);
        assert.match(emailSubject(one), SUBJECT);
        assert.ok(Object.values(filterAttributes(one)).every((value) => /^[\x20-\x7e]{1,64}$/.test(value)));
      },
    ),
    { numRuns: 500 },
  );
});

test('never exceeds the budget of a body, and leaves nothing in it that a reader would obey', () => {
  fc.assert(
    fc.property(anyAnnouncement, fc.integer({ min: MIN_EMAIL_BYTES, max: EMAIL_BYTES }), (one, bytes) => {
      const text = emailBody(one, bytes);
      assert.ok(Buffer.byteLength(text) <= bytes);
      assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      assert.doesNotMatch(text, /:\/\/|www\./i);
    }),
    { numRuns: 80 },
  );
});

test('fits SNS with the message for machines in one JSON, whatever is escaped twice', () => {
  fc.assert(
    fc.property(anyAnnouncement, (one) => {
      const message = JSON.stringify({ default: ocsfMessage(one), email: emailBody(one) });
      const attributes = JSON.stringify(filterAttributes(one));
      assert.ok(Buffer.byteLength(message) + Buffer.byteLength(attributes) < 262_144);
    }),
    { numRuns: 30 },
  );
});

test('fits SNS in one JSON where both are as full as they may be, of what JSON escapes', () => {
  const escaped = '"\\'.repeat(900);
  const many = Array.from({ length: 200 }, (_, at) => ({
    ...MINER,
    rule: `rule-${at}`,
    why: escaped,
    samples: MINER.samples.map((one) => ({ ...one, id: `event ${at}`, commandLine: escaped })),
  }));
  const one = announce(finding('High', many));
  const [machines, people] = [ocsfMessage(one), emailBody(one)];
  assert.ok(Buffer.byteLength(machines) > 90_000 && Buffer.byteLength(people) > 8_000);
  assert.ok(Buffer.byteLength(JSON.stringify({ default: machines, email: people })) < 250_000);
});

for (const severity of SEVERITIES) {
  test(`shows of a ${severity} finding its groups, times, artifacts, evidence and the nine steps`, () => {
    const { finding: one, coverage } = BY_SEVERITY[severity];
    const text = emailBody({ ...announce(one), coverage });
    assert.ok(Buffer.byteLength(text) <= EMAIL_BYTES);
    for (const part of [
      'Recorded   2026-03-01T10:00:05Z',
      'Reached    ',
      '\nGroups\n',
      '\nArtifacts\n',
      '\nEvidence (',
    ]) {
      assert.ok(text.includes(part), part);
    }
    for (const step of [1, 2, 3, 4, 5, 6, 7, 8, 9]) assert.match(text, new RegExp(`\\n${step}\\. .*\\n {3}- `));
    assert.ok(text.includes(one.id));
  });
}

test('says in a sentence what each transition means', () => {
  const second = TRANSITIONS.map((one) => emailBody(announce(finding('High', [MINER]), one)).split('\n')[2]);
  assert.equal(new Set(second).size, TRANSITIONS.length);
});

test('breaks up links that a log holds', () => {
  const text = emailBody(
    announce(finding('High', [{ ...MINER, artifacts: ['url:http://203.0.113.9/x.sh', 'path:WWW.example.com'] }])),
  );
  assert.ok(text.includes('http[:]//203.0.113.9/x.sh'));
  assert.doesNotMatch(text, /www\.example/i);
});

test('gives up evidence before the steps where the budget is small', () => {
  const many = Array.from({ length: 40 }, (_, at) => ({ ...MINER, rule: `rule-${at}` }));
  const whole = emailBody(announce(finding('High', many)), 200_000);
  const small = emailBody(announce(finding('High', many)), 7_000);
  assert.match(whole, /rule-20/);
  assert.doesNotMatch(small, /- .* by rule-20/);
  assert.match(small, /\n9\. Prevent the next one\n/);
});

test('cuts at a line and says so where even the shortest form does not fit', () => {
  const text = emailBody(announce(BY_SEVERITY.Critical.finding), MIN_EMAIL_BYTES);
  assert.ok(Buffer.byteLength(text) <= MIN_EMAIL_BYTES);
  assert.ok(text.endsWith('\n(cut here: the whole finding is in the store)\n'));
  assert.ok(text.startsWith('CRITICAL, opened: instance i-0123456789abcdef0'));
});

test('refuses a budget for which a body is no use', () => {
  assert.throws(() => emailBody(announce(BY_SEVERITY.Low.finding), MIN_EMAIL_BYTES - 1), RangeError);
});
