import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Pointer } from '#shared/aws/pointer.ts';
import { CONTAINER_PACE_MS } from '#shared/aws/slack-pace.ts';
import { type SlackWebhook, slackWebhook } from '#shared/aws/slack-webhook.ts';
import type { Finding } from '#shared/model/finding.ts';
import type { Severity } from '#shared/model/groups.ts';
import { lastTold, type NotifyParts, notifyBatch, type SlackTold } from '../../functions/notify-slack.ts';
import { finding, MINER, PLACE, START } from '../report/findings.ts';
import { fakeTime, openSlackServer, type SlackAnswer } from './slack-server.ts';

const idOf = (at: number): string => at.toString(16).padStart(32, '0');

function pointerOf(at: number, revision = 1, fields: Partial<Pointer> = {}): Pointer {
  const host = `i-${at.toString(16).padStart(16, '0')}a`;
  return {
    ...{ finding: idOf(at), place: { ...PLACE, host }, episode: 1, revision, at: START },
    ...{ transition: 'opened', severity: 'High', ...fields },
  };
}

interface Message {
  readonly messageId: string;
  readonly body: string;
}

const eventOf = (pointers: readonly (Pointer | string)[]): { Records: Message[] } => ({
  Records: pointers.map((one, at) => ({
    messageId: `message-${at}`,
    body: typeof one === 'string' ? one : JSON.stringify(one),
  })),
});

/** Everything beside Slack, in memory: what was told, what operations heard, and revisions with their severities. */
class Memory {
  readonly delivered = new Map<string, number>();
  readonly severities = new Map<string, Severity>();
  readonly alarms: { readonly why: string; readonly waiting: number }[] = [];
  readonly told: SlackTold[] = [];

  parts(webhook: SlackWebhook, fields: Partial<NotifyParts> = {}): NotifyParts {
    return {
      webhook,
      toldRevision: async (pointer) => this.delivered.get(pointer.finding) ?? 0,
      markDelivered: async (pointer) => {
        this.delivered.set(pointer.finding, pointer.revision);
      },
      readRevision: async (pointer, revision) => this.#revision(pointer, revision),
      alarm: async (why, waiting) => {
        this.alarms.push({ why, waiting });
      },
      told: (what) => {
        this.told.push(what);
      },
      ...fields,
    };
  }

  #revision({ finding: id, place, severity }: Pointer, revision: number): Finding {
    const then = this.severities.get(`${id} ${revision}`) ?? severity;
    return finding(then, [MINER], { id, place, revision });
  }
}

interface Tried {
  readonly memory: Memory;
  readonly failed: readonly string[];
  /** The texts that Slack took. */
  readonly texts: readonly string[];
}

const textOf = (body: string): string => (JSON.parse(body) as { text: string }).text;

/** One batch against a server that gives the answers in turn, the last one from then on. */
async function tried(
  pointers: readonly (Pointer | string)[],
  answers: readonly SlackAnswer[] = [{ status: 200 }],
  memory = new Memory(),
  fields: Partial<NotifyParts> = {},
): Promise<Tried> {
  const slack = await openSlackServer((at) => answers[Math.min(at, answers.length - 1)] ?? { status: 200 });
  const { clock, sleep } = fakeTime();
  const webhook = slackWebhook({ url: async () => slack.url, clock, sleep });
  const { batchItemFailures } = await notifyBatch(eventOf(pointers), memory.parts(webhook, fields), clock() + 25_000);
  await slack.close();
  return {
    memory,
    failed: batchItemFailures.map((one) => one.itemIdentifier),
    texts: slack.requests.filter(({ status }) => status === 200).map(({ body }) => textOf(body)),
  };
}

test('tells a finding and remembers that it did', async () => {
  const { memory, failed, texts } = await tried([pointerOf(1)]);
  assert.deepEqual(failed, []);
  assert.equal(texts.length, 1);
  assert.match(texts[0] ?? '', /^HIGH opened: cryptomining on instance `i-0{15}1a`/);
  assert.deepEqual([...memory.delivered], [[idOf(1), 1]]);
});

test('says nothing of a revision that Slack has or that a higher one has overtaken', async () => {
  const memory = new Memory();
  memory.delivered.set(idOf(1), 2);
  const { failed, texts } = await tried([pointerOf(1, 1), pointerOf(1, 2)], undefined, memory);
  assert.deepEqual([failed, texts], [[], []]);
  assert.deepEqual(memory.told, [{ kind: 'skipped', findings: 1 }]);
});

test('tells of a finding once where a batch holds several revisions of it, in any order', async () => {
  const escalated = pointerOf(1, 2, { transition: 'escalated', severity: 'Critical' });
  const memory = (): Memory => {
    const one = new Memory();
    one.severities.set(`${idOf(1)} 1`, 'Medium');
    return one;
  };
  const opened = pointerOf(1, 1, { severity: 'Medium' });
  for (const order of [
    [opened, escalated, opened],
    [escalated, opened, opened],
  ]) {
    const { failed, texts } = await tried(order, undefined, memory());
    assert.deepEqual(failed, []);
    assert.equal(texts.length, 1);
    assert.match(texts[0] ?? '', /^MEDIUM → CRITICAL escalated: /);
  }
});

interface Seen {
  readonly name: string;
  /** The revision that Slack was told of last, and severities of revisions from the first on. */
  readonly delivered: number;
  readonly severities: readonly Severity[];
  readonly transition: Pointer['transition'];
  readonly text: RegExp;
}

const SEEN: readonly Seen[] = [
  {
    name: 'an escalation from what Slack was told last, not from the revision before',
    ...{ delivered: 1, severities: ['Medium', 'High', 'Critical'], transition: 'escalated' },
    text: /^MEDIUM → CRITICAL escalated/,
  },
  {
    name: 'an escalation that a later revision has overtaken unseen',
    ...{ delivered: 1, severities: ['Medium', 'Critical', 'Critical'], transition: 'extended' },
    text: /^MEDIUM → CRITICAL escalated/,
  },
  {
    name: 'an escalation from a Low finding, which Slack is not told of',
    ...{ delivered: 0, severities: ['Low', 'High'], transition: 'escalated' },
    text: /^LOW → HIGH escalated/,
  },
  {
    name: 'an opening that a later revision has overtaken unseen',
    ...{ delivered: 0, severities: ['High', 'High'], transition: 'extended' },
    text: /^HIGH opened/,
  },
  {
    name: 'more of the same as that',
    ...{ delivered: 1, severities: ['High', 'High'], transition: 'extended' },
    text: /^HIGH extended/,
  },
  {
    name: 'an end as one, whatever came before it unseen',
    ...{ delivered: 0, severities: ['High', 'High'], transition: 'archived' },
    text: /^HIGH archived/,
  },
];
for (const { name, delivered, severities, transition, text } of SEEN) {
  test(`tells ${name}`, async () => {
    const memory = new Memory();
    if (delivered > 0) memory.delivered.set(idOf(1), delivered);
    for (const [at, severity] of severities.entries()) memory.severities.set(`${idOf(1)} ${at + 1}`, severity);
    const pointer = pointerOf(1, severities.length, { transition, severity: severities.at(-1) ?? 'Low' });
    assert.match((await tried([pointer], undefined, memory)).texts[0] ?? '', text);
  });
}

test('joins what a batch holds in one message', async () => {
  const { memory, failed, texts } = await tried(Array.from({ length: 10 }, (_, at) => pointerOf(at)));
  assert.deepEqual(failed, []);
  assert.deepEqual(texts, ['10 cryptomining findings changed: 10 HIGH']);
  assert.equal(memory.delivered.size, 10);
});

test('tells what the pointer says where the revision is gone', async () => {
  const { texts, failed } = await tried([pointerOf(1)], undefined, new Memory(), {
    readRevision: async () => undefined,
  });
  assert.deepEqual(failed, []);
  assert.match(texts[0] ?? '', /^HIGH opened/);
});

test('fails a body that is no pointer, and tells the others', async () => {
  const { failed, texts } = await tried(['{"finding": 1}', pointerOf(1), 'no JSON']);
  assert.deepEqual(failed, ['message-0', 'message-2']);
  assert.equal(texts.length, 1);
});

test('fails what the store could not answer, and tells the others', async () => {
  const memory = new Memory();
  const { failed, texts } = await tried([pointerOf(1), pointerOf(2)], undefined, memory, {
    toldRevision: async (pointer) => {
      if (pointer.finding === idOf(1)) throw new Error('throttled');
      return 0;
    },
  });
  assert.deepEqual(failed, ['message-0']);
  assert.equal(texts.length, 1);
});

test('does not tell twice what Slack took and the store could not record', async () => {
  const { failed, texts, memory } = await tried([pointerOf(1)], undefined, new Memory(), {
    markDelivered: async () => {
      throw new Error('throttled');
    },
  });
  assert.deepEqual([failed, texts.length], [[], 1]);
  assert.ok(memory.told.some((one) => one.kind === 'unrecorded'));
});

test('leaves all messages of a finding in the queue when Slack fails, and those after it', async () => {
  const pointers = [pointerOf(1), pointerOf(1, 2), pointerOf(2), pointerOf(3)];
  const { failed, memory } = await tried(pointers, [{ status: 500 }]);
  assert.deepEqual(failed.toSorted(), ['message-0', 'message-1', 'message-2', 'message-3']);
  assert.deepEqual(memory.alarms, []);
});

test('goes on after a message that Slack refuses in every form', async () => {
  const refused: SlackAnswer = { status: 400, text: 'invalid_payload' };
  const { failed, texts } = await tried([pointerOf(1), pointerOf(2)], [refused, refused, { status: 200 }]);
  assert.deepEqual([failed, texts.length], [['message-0'], 1]);
});

for (const status of [403, 404, 410]) {
  test(`tells operations once of a webhook that answers ${status}, and loses nothing`, async () => {
    const pointers = [1, 2, 3].map((at) => pointerOf(at));
    const { failed, memory } = await tried(pointers, [{ status, text: 'no_service' }]);
    assert.deepEqual(memory.alarms, [{ why: `Slack answered ${status} no_service`, waiting: 3 }]);
    assert.deepEqual(failed, ['message-0', 'message-1', 'message-2']);
  });
}

test('answers with what failed though operations could not be told', async () => {
  const { failed, memory } = await tried([pointerOf(1)], [{ status: 404 }], new Memory(), {
    alarm: async () => {
      throw new Error('no topic');
    },
  });
  assert.deepEqual(failed, ['message-0']);
  assert.ok(memory.told.some((one) => one.kind === 'unalarmed'));
});

for (const event of [
  undefined,
  null,
  {},
  { Records: [{}] },
  { Records: 'x' },
  { Records: [{ messageId: '', body: '' }] },
]) {
  test(`refuses ${JSON.stringify(event)} as no batch of a queue`, async () => {
    const parts = new Memory().parts({ post: async () => ({ outcome: 'sent' }) });
    await assert.rejects(
      notifyBatch(event, parts, 0),
      /^ForeignEventError: expected a batch of records of an SQS queue .* is not /,
    );
  });
}

test('loses none of a storm of 300 findings, whatever Slack throttles, at the pace of one container', async () => {
  const { clock, sleep } = fakeTime();
  const start = clock();
  const times: number[] = [];
  const slack = await openSlackServer((at) => {
    times.push(clock());
    if (at % 7 === 5) return { status: 500 };
    return at % 3 === 1 ? { status: 429, headers: { 'retry-after': String((at % 4) * 9) } } : { status: 200 };
  });
  const memory = new Memory();
  const parts = memory.parts(slackWebhook({ url: async () => slack.url, clock, sleep }));
  let queue: Message[] = Array.from({ length: 300 }, (_, at) => ({
    messageId: `message-${at}`,
    body: JSON.stringify(pointerOf(at)),
  }));
  for (let invocations = 0; queue.length > 0; invocations++) {
    assert.ok(invocations < 200, 'the queue does not end');
    const batch = queue.slice(0, 10);
    const { batchItemFailures } = await notifyBatch({ Records: batch }, parts, clock() + 28_000);
    const failed = new Set(batchItemFailures.map((one) => one.itemIdentifier));
    queue = [...queue.slice(10), ...batch.filter(({ messageId }) => failed.has(messageId))];
    // The queue hides what failed for a while.
    if (failed.size > 0) await sleep(30_000);
  }
  await slack.close();
  const taken = slack.requests.filter(({ status }) => status === 200).map(({ body }) => body);
  for (let at = 0; at < 300; at++) assert.equal(taken.filter((body) => body.includes(idOf(at))).length, 1);
  assert.equal(memory.delivered.size, 300);
  assert.ok(slack.requests.some(({ status }) => status === 429) && slack.requests.some(({ status }) => status === 500));
  for (const [at, time] of times.entries()) assert.ok(at === 0 || time - (times[at - 1] ?? 0) >= CONTAINER_PACE_MS);
  // Messages that come again stay in the queue for days; a storm is over long before that.
  assert.ok(clock() - start < 3_600_000, `${clock() - start} ms`);
});

test('finds the last revision that was told by few questions', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 2000 }), fc.nat({ max: 2100 }), async (revision, told) => {
      let asked = 0;
      const found = await lastTold(revision, async (one) => {
        asked++;
        return one <= told;
      });
      assert.equal(found, Math.min(told, revision));
      assert.ok(asked <= 14, String(asked));
    }),
  );
});
