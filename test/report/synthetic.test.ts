import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding, Transition } from '#shared/model/finding.ts';
import { SEVERITIES, type Severity } from '#shared/model/groups.ts';
import { TEST_HOST } from '#shared/model/place.ts';
import { asffFinding } from '#shared/report/asff.ts';
import { chatMessage } from '#shared/report/chat.ts';
import { EMAIL_BYTES, emailBody, MIN_EMAIL_BYTES } from '#shared/report/email.ts';
import { emailSubject, filterAttributes } from '#shared/report/email-subject.ts';
import { type Announcement, MIN_OCSF_BYTES, OCSF_BYTES, ocsfMessage } from '#shared/report/ocsf.ts';
import { slackMessage } from '#shared/report/slack.ts';
import { slackPosts } from '#shared/report/slack-joined.ts';
import type { SlackNotice } from '#shared/report/slack-message.ts';
import { assertAsff } from './asff-model.ts';
import { BY_SEVERITY, COVERAGE, PLACE, START } from './findings.ts';

const TRANSITIONS: readonly Transition[] = ['opened', 'escalated', 'extended', 'joined', 'archived', 'superseded'];
const CASES = SEVERITIES.flatMap((severity) => TRANSITIONS.map((transition) => [severity, transition] as const));

/** The finding of a severity, of the reserved host unless told otherwise. */
function findingOf(severity: Severity, host: string = TEST_HOST, state: Finding['state'] = 'open'): Finding {
  return { ...BY_SEVERITY[severity].finding, state, place: { ...PLACE, host } };
}

function announce(finding: Finding, transition: Transition = 'opened'): Announcement {
  return { finding, transition, at: START, coverage: COVERAGE, version: '1.2.3' };
}

function noticeOf(finding: Finding, transition: Transition = 'opened', fields: Partial<SlackNotice> = {}): SlackNotice {
  const { id, place, episode, revision, severity } = finding;
  return { id, place, episode, revision, severity, transition, at: START, finding, ...fields };
}

const HOW = { account: '111122223333', region: 'eu-west-1', createdAt: START, at: START, coverage: COVERAGE };

test('begins the subject of a test with its mark, and names the host whole', () => {
  for (const [severity, transition] of CASES) {
    assert.equal(
      emailSubject(announce(findingOf(severity), transition)),
      `[TEST] ${severity.toUpperCase()} ${transition}: cryptomining on ${TEST_HOST} (111122223333, eu-west-1)`,
    );
  }
});

test('keeps the subject of a test below 100 characters where account and region are of the longest', () => {
  const place = { ...PLACE, host: TEST_HOST, region: 'us-gov-northwest-10', scope: 'feedfacecafe' };
  const subject = emailSubject(announce({ ...findingOf('Critical'), place }, 'superseded'));
  assert.ok(subject.length < 100 && subject.startsWith('[TEST] CRITICAL superseded: '), subject);
});

test('says in a mail that it is of a test, in its first line and a sentence, however little has room', () => {
  for (const bytes of [MIN_EMAIL_BYTES, EMAIL_BYTES]) {
    for (const [severity, transition] of CASES) {
      const [first = '', ...rest] = emailBody(announce(findingOf(severity), transition), bytes).split('\n');
      assert.ok(first.startsWith(`[TEST] ${severity.toUpperCase()}, ${transition}: `), first);
      assert.match(rest.slice(0, 3).join(' '), /This is a test of davylamp itself: /);
    }
  }
});

test('says in Slack that it is of a test: header, notification and text, also where the finding is not at hand', () => {
  for (const [severity, transition] of CASES) {
    const { finding, ...told } = noticeOf(findingOf(severity), transition, { from: 'Low' });
    assert.ok(finding !== undefined);
    for (const notice of [{ ...told, finding }, told]) {
      const { text, blocks } = slackMessage(notice);
      const [header, introduction] = blocks;
      assert.ok(header?.type === 'header' && introduction?.type === 'section');
      assert.ok(header.text.text.startsWith('[TEST] '), header.text.text);
      assert.ok(text.startsWith('[TEST] '), text);
      assert.match(introduction.text?.text ?? '', /^This is a test of davylamp itself: /);
    }
  }
});

test('marks each test in a list of Slack, and counts them in its title', () => {
  const real = Array.from({ length: 5 }, (_, at) => noticeOf(findingOf('High', `i-0123456789abcdef${at}`)));
  const [post, ...others] = slackPosts([...real, noticeOf(findingOf('High'))]);
  assert.deepEqual(others, []);
  assert.equal(post?.message.text, '6 cryptomining findings changed: 6 HIGH (1 [TEST])');
  const lines = (post?.message.blocks ?? []).flatMap((one) => (one.type === 'section' ? [one.text?.text ?? ''] : []));
  const marked = lines.filter((line) => line.startsWith('*[TEST] HIGH opened*: '));
  assert.equal(marked.length, 1);
  assert.ok(marked[0]?.includes(TEST_HOST));
  const [without] = slackPosts(real);
  assert.equal(without?.message.text, '5 cryptomining findings changed: 5 HIGH');
});

test('tells machines of a test: no alert, titles with its mark, its severity unchanged, however little has room', () => {
  for (const bytes of [MIN_OCSF_BYTES, OCSF_BYTES]) {
    for (const [severity, transition] of CASES) {
      const of = JSON.parse(ocsfMessage(announce(findingOf(severity), transition), bytes));
      assert.deepEqual([of.is_alert, of.severity, of.unmapped.synthetic], [false, severity, true]);
      assert.ok(of.message.startsWith('[TEST] '), of.message);
      assert.ok(of.finding_info.title.startsWith('[TEST] '), of.finding_info.title);
    }
  }
});

test('imports a test as a sample that is archived from the first on, its severity unchanged', () => {
  for (const severity of SEVERITIES) {
    for (const state of ['open', 'archived', 'superseded'] as const) {
      const one = asffFinding(findingOf(severity, TEST_HOST, state), HOW);
      assertAsff(one);
      assert.deepEqual([one.RecordState, one.Sample], ['ARCHIVED', true]);
      assert.equal(one.FindingProviderFields.Severity.Label, severity.toUpperCase());
      assert.ok(one.Title.startsWith('[TEST] '), one.Title);
      assert.match(one.Description, /This is a test of davylamp itself: /);
      assert.equal(one.ProductFields['davylamp/synthetic'], 'true');
    }
  }
});

test('says in the chat that it is of a test: title, summary and text', () => {
  for (const [severity, transition] of CASES) {
    const { content, metadata } = JSON.parse(chatMessage(announce(findingOf(severity), transition)));
    const label = severity.toUpperCase();
    assert.ok(content.title.startsWith(`[TEST] ${label} ${transition}: cryptomining on ${TEST_HOST}`), content.title);
    assert.equal(metadata.summary, `[TEST] ${severity} cryptomining attack chain ${transition}`);
    assert.ok(content.description.startsWith(`\`\`\`\n[TEST] ${label}, ${transition}: `), content.description);
  }
});

test('lets subscribers filter tests from what is real', () => {
  const attribute = (host: string): string => filterAttributes(announce(findingOf('High', host))).synthetic;
  assert.deepEqual([attribute(TEST_HOST), attribute(PLACE.host)], ['true', 'false']);
});

for (const host of [PLACE.host, `stream:${TEST_HOST}`, `${TEST_HOST}.ec2.internal`, 'i-00000000', `${TEST_HOST}/app`]) {
  test(`marks nothing of ${host} as a test`, () => {
    for (const [severity, transition] of CASES) {
      const one = announce(findingOf(severity, host), transition);
      const asff = asffFinding(findingOf(severity, host), HOW);
      const slack = slackMessage(noticeOf(one.finding, transition));
      for (const text of [emailSubject(one), emailBody(one), ocsfMessage(one), chatMessage(one)])
        assert.doesNotMatch(text, /\[TEST\]|test of davylamp|synthetic/);
      assert.doesNotMatch(JSON.stringify([slack, asff]), /\[TEST\]|test of davylamp|synthetic/);
      assert.deepEqual([asff.RecordState, asff.Sample], ['ACTIVE', undefined]);
    }
  });
}
