import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KnownBlock } from '@slack/types';
import fc from 'fast-check';
import type { Finding, Transition } from '#shared/model/finding.ts';
import { SEVERITIES } from '#shared/model/groups.ts';
import { slackMessage } from '#shared/report/slack.ts';
import { slackPosts } from '#shared/report/slack-joined.ts';
import {
  MAX_BLOCKS,
  MAX_FALLBACK,
  MAX_FIELD,
  MAX_FIELDS,
  MAX_HEADER,
  MAX_SECTION,
  MAX_TOTAL,
  type SlackMessage,
  type SlackNotice,
} from '#shared/report/slack-message.ts';
import { anyFinding } from './any-finding.ts';
import { BY_SEVERITY, finding, MINER, PLACE, START } from './findings.ts';

const TRANSITIONS: readonly Transition[] = ['opened', 'escalated', 'extended', 'joined', 'archived', 'superseded'];

function noticeOf(of: Finding, transition: Transition = 'opened', fields: Partial<SlackNotice> = {}): SlackNotice {
  const { id, place, episode, revision, severity } = of;
  return { id, place, episode, revision, severity, transition, at: START, finding: of, ...fields };
}

interface Text {
  readonly type: string;
  readonly text: string;
  readonly most: number;
  readonly verbatim: boolean | undefined;
}

/** Every text object of a message's blocks, with the limit that Slack sets on it. */
function textsOf(blocks: readonly KnownBlock[]): Text[] {
  return blocks.flatMap((block): Text[] => {
    switch (block.type) {
      case 'header':
        return [{ verbatim: true, ...block.text, most: MAX_HEADER }];
      case 'section': {
        const fields = block.fields ?? [];
        assert.ok(fields.length <= MAX_FIELDS && (fields.length > 0 || block.text !== undefined));
        const all = block.text === undefined ? fields : [block.text, ...fields];
        return all.map((one) => ({ verbatim: undefined, ...one, most: one === block.text ? MAX_SECTION : MAX_FIELD }));
      }
      case 'context':
        return block.elements.map((one) => {
          assert.ok(one.type === 'mrkdwn');
          return { verbatim: undefined, ...one, most: MAX_SECTION };
        });
      default:
        throw new Error(`a block of type ${block.type}`);
    }
  });
}

const ESCAPED = /^(?:[^&<>]|&(?:amp|lt|gt);)*$/u;

function holdsLimits({ text, blocks }: SlackMessage): void {
  assert.ok(blocks.length >= 1 && blocks.length <= MAX_BLOCKS);
  assert.ok(JSON.stringify(blocks).length <= MAX_TOTAL);
  assert.ok(text.length > 0 && text.length <= MAX_FALLBACK);
  assert.match(text, ESCAPED);
  for (const one of textsOf(blocks)) {
    assert.ok(one.text.length >= 1 && one.text.length <= one.most, `${one.text.length} of ${one.most}`);
    assert.match(one.text, ESCAPED);
    assert.ok(one.text.isWellFormed());
    assert.doesNotMatch(one.text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
    if (one.type !== 'mrkdwn') continue;
    assert.equal(one.verbatim, true);
    for (const line of one.text.split('\n')) assert.equal(line.split('`').length % 2, 1, line);
  }
}

/** What of a `mrkdwn` text Slack would format: all but its code spans. */
const formatted = (text: string): string => text.replace(/`[^`\n]*`/g, '');

const anyNotice: fc.Arbitrary<SlackNotice> = fc
  .record({
    finding: anyFinding,
    transition: fc.constantFrom(...TRANSITIONS),
    from: fc.constantFrom(...SEVERITIES),
    at: fc.oneof(fc.nat(), fc.constantFrom(Number.NaN, -1, 9e15)),
    whole: fc.boolean(),
  })
  .map(({ finding: of, transition, from, at, whole }) => {
    const { finding: read, ...rest } = noticeOf(of, transition, { from, at });
    return whole && read !== undefined ? { ...rest, finding: read } : rest;
  });

test('holds every limit of Slack for any finding', () => {
  fc.assert(
    fc.property(anyNotice, (notice) => holdsLimits(slackMessage(notice))),
    { numRuns: 150 },
  );
});

test('tells each notice of a batch once, and holds every limit', () => {
  fc.assert(
    fc.property(fc.array(anyNotice, { maxLength: 30 }), (notices) => {
      const posts = slackPosts(notices);
      for (const { message } of posts) holdsLimits(message);
      const told = posts.flatMap((one) => one.notices);
      assert.equal(told.length, notices.length);
      assert.deepEqual(new Set(told), new Set(notices));
    }),
    { numRuns: 60 },
  );
});

const HOSTILE = [
  '<!channel> <!here> @channel @here <@U012AB3CD> <#C012AB3CD>',
  '<http://203.0.113.9/|click> http://203.0.113.9/x.sh',
  '*bold* _italic_ ~gone~ `code` ```block``` > quote',
  ':skull: :tada:\n• forged\n> line',
  '\u001b[31m\u202egnp.exe',
  '"\\'.repeat(400),
  '&'.repeat(3000),
  '😀'.repeat(2000),
];
for (const text of HOSTILE) {
  test(`leaves nothing that Slack obeys of ${JSON.stringify(text.slice(0, 40))} in any field of a finding`, () => {
    const place = { account: text, region: text, host: text, scope: text };
    const sample = { ...MINER.samples[0], commandLine: text, executable: text, path: text };
    const one = finding(
      'High',
      [
        {
          ...MINER,
          place,
          rule: text,
          technique: text,
          why: text,
          samples: [{ ...sample, time: START, id: text, source: text, raw: { file: text, line: 1 } }],
          artifacts: [`pool:${text}`, `path:${text}`, `wallet:${text}`, `cmd:${text}`, `url:${text}`],
        },
      ],
      { place, id: text, notes: [text] },
    );
    for (const number of [1, 5]) {
      for (const { message } of slackPosts(Array.from({ length: number }, () => noticeOf(one)))) {
        holdsLimits(message);
        const open = textsOf(message.blocks).map((part) => (part.type === 'mrkdwn' ? formatted(part.text) : part.text));
        for (const part of [...open, formatted(message.text)]) {
          assert.doesNotMatch(part, /:\/\/|@(?:here|channel)|www\./);
        }
        for (const part of textsOf(message.blocks).filter(({ type }) => type === 'mrkdwn')) {
          assert.doesNotMatch(formatted(part.text), /skull|bold|forged|click/);
        }
      }
    }
  });
}

for (const severity of SEVERITIES) {
  test(`shows of a ${severity} finding its place, groups, artifacts, evidence and the first steps`, () => {
    const { blocks, text } = slackMessage(noticeOf(BY_SEVERITY[severity].finding));
    const all = textsOf(blocks).map((one) => one.text);
    const { host, account, region } = BY_SEVERITY[severity].finding.place;
    assert.ok(all[0]?.startsWith(`${severity.toUpperCase()} opened: cryptomining on `) && all[0].includes(host));
    assert.ok(text.startsWith(`${severity.toUpperCase()} opened: cryptomining on `));
    for (const one of [host, account, region]) assert.ok(text.includes(`\`${one}\``));
    const whole = all.join('\n');
    for (const part of [
      '*Groups*\n• ',
      '*Artifacts*\n• ',
      '*Evidence (',
      '1. Stop the miner\n   - ',
      '4. Remove what starts it again',
    ])
      assert.ok(whole.includes(part), part);
    assert.ok(whole.includes(BY_SEVERITY[severity].finding.id));
  });
}

test('names pool and wallet first among the artifacts', () => {
  const all = textsOf(slackMessage(noticeOf(BY_SEVERITY.Critical.finding)).blocks).map((one) => one.text);
  assert.match(
    all.find((one) => one.startsWith('*Artifacts*')) ?? '',
    /^\*Artifacts\*\n• Pool: `198[^`]*`\n• Pool: `pool\.example\.com:3333`\n• Wallet: `48/,
  );
});

test('reads an escalation as one, from and to', () => {
  const one = finding('Critical', [MINER]);
  const { blocks, text } = slackMessage(noticeOf(one, 'escalated', { from: 'Medium' }));
  const all = textsOf(blocks).map((part) => part.text);
  assert.ok(all[0]?.startsWith('MEDIUM → CRITICAL escalated: cryptomining on '));
  assert.ok(all[1]?.startsWith('*Escalated from MEDIUM to CRITICAL*\n'));
  assert.ok(text.startsWith('MEDIUM → CRITICAL escalated: '));
});

test('reads an escalation whose earlier severity is not known as one to its severity', () => {
  const all = textsOf(slackMessage(noticeOf(finding('High', [MINER]), 'escalated')).blocks).map((part) => part.text);
  assert.ok(all[0]?.startsWith('HIGH escalated: '));
  assert.ok(all[1]?.startsWith('*Escalated to HIGH*\n'));
});

test('says in a sentence what each transition means', () => {
  const second = TRANSITIONS.map(
    (one) => textsOf(slackMessage(noticeOf(finding('High', [MINER]), one)).blocks)[1]?.text,
  );
  assert.equal(new Set(second).size, TRANSITIONS.length);
});

test('says what the notice says where the finding could not be read', () => {
  const { finding: _, ...told } = noticeOf(finding('High', [MINER]));
  const message = slackMessage(told);
  holdsLimits(message);
  const whole = textsOf(message.blocks)
    .map((one) => one.text)
    .join('\n');
  assert.match(whole, /details could not be read/);
  assert.ok(whole.includes('`i-0123456789abcdef0`') && whole.includes(told.id));
});

const many = (number: number): SlackNotice[] =>
  Array.from({ length: number }, (_, at) => {
    const place = { ...PLACE, host: `i-${String(at).padStart(16, '0')}a` };
    const severity = SEVERITIES[at % SEVERITIES.length] ?? 'Low';
    return noticeOf(finding(severity, [MINER], { place, id: `finding-${at}` }));
  });

test('gives each of few notices its own message, the most severe first', () => {
  const posts = slackPosts(many(3));
  assert.deepEqual(
    posts.map(({ notices }) => notices.map((one) => one.severity)),
    [['High'], ['Medium'], ['Low']],
  );
});

test('joins many notices in one message that counts them by severity', () => {
  const [post, ...rest] = slackPosts(many(8));
  assert.equal(rest.length, 0);
  assert.equal(post?.message.text, '8 cryptomining findings changed: 2 CRITICAL, 2 HIGH, 2 MEDIUM, 2 LOW');
  assert.equal(post?.message.blocks.length, 9);
});

test('names each of 300 findings in few messages', () => {
  const posts = slackPosts(many(300));
  const whole = posts.map(({ message }) => JSON.stringify(message.blocks)).join('');
  for (let at = 0; at < 300; at++) assert.ok(whole.includes(`\`finding-${at}\``));
  assert.ok(posts.length > 1 && posts.length <= 25, String(posts.length));
});
