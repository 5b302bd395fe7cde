import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { CONTAINER_PACE_MS, SLACK_CONCURRENCY } from '#shared/aws/slack-pace.ts';
import { type Posted, slackWebhook, webhookSecret } from '#shared/aws/slack-webhook.ts';
import { fakeTime, openSlackServer, type SlackAnswer, type SlackServer } from '../functions/slack-server.ts';

const BODY = { text: 'hello', blocks: [{ type: 'divider' }] };
const MINUTE = 60_000;

/** Posts one message to a server that gives the answers in turn, the last one from then on. */
async function posted(
  answers: readonly SlackAnswer[],
  time = MINUTE,
): Promise<{ result: Posted; slack: SlackServer; took: number }> {
  const slack = await openSlackServer((at) => answers[Math.min(at, answers.length - 1)] ?? { status: 200 });
  const { clock, sleep } = fakeTime();
  const start = clock();
  const webhook = slackWebhook({ url: async () => slack.url, clock, sleep });
  const result = await webhook.post(BODY, start + time);
  await slack.close();
  return { result, slack, took: clock() - start };
}

test('posts a message as JSON', async () => {
  const { result, slack } = await posted([{ status: 200 }]);
  assert.deepEqual(result, { outcome: 'sent' });
  assert.deepEqual(
    slack.requests.map(({ body }) => JSON.parse(body)),
    [BODY],
  );
});

const STATUSES: readonly (readonly [SlackAnswer, Posted])[] = [
  [
    { status: 403, text: 'action_prohibited' },
    { outcome: 'dead', why: 'Slack answered 403 action_prohibited' },
  ],
  [
    { status: 404, text: 'no_service' },
    { outcome: 'dead', why: 'Slack answered 404 no_service' },
  ],
  [
    { status: 410, text: 'channel_is_archived' },
    { outcome: 'dead', why: 'Slack answered 410 channel_is_archived' },
  ],
  [
    { status: 400, text: 'invalid_payload' },
    { outcome: 'refused', why: 'Slack answered 400 invalid_payload' },
  ],
  [
    { status: 500, text: '<html>long page' },
    { outcome: 'later', why: 'Slack answered 500' },
  ],
  [
    { status: 503, text: '' },
    { outcome: 'later', why: 'Slack answered 503' },
  ],
  [
    { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
    { outcome: 'later', why: 'Slack answered 302 ok' },
  ],
];
for (const [answer, outcome] of STATUSES) {
  test(`takes ${answer.status} as ${outcome.outcome}`, async () => {
    assert.deepEqual((await posted([answer])).result, outcome);
  });
}

test('waits as long as a throttled answer asks', async () => {
  const { result, slack, took } = await posted([{ status: 429, headers: { 'retry-after': '17' } }, { status: 200 }]);
  assert.equal(result.outcome, 'sent');
  assert.equal(slack.requests.length, 2);
  assert.equal(took, 17_000);
});

for (const header of ['0', '-1', 'soon', '']) {
  test(`waits its pace where a throttled answer asks for ${JSON.stringify(header)}`, async () => {
    assert.equal(
      (await posted([{ status: 429, headers: { 'retry-after': header } }, { status: 200 }])).took,
      CONTAINER_PACE_MS,
    );
  });
}

for (const [name, headers, took] of [
  ['at its pace', {}, CONTAINER_PACE_MS],
  ['as long as it asks', { 'retry-after': '12' }, 12_000],
] as const) {
  test(`tries again ${name} after a server's error`, async () => {
    const { result, slack, ...rest } = await posted([{ status: 503, headers }, { status: 200 }]);
    assert.deepEqual([result.outcome, slack.requests.length, rest.took], ['sent', 2, took]);
  });
}

test('leaves a message for later at the third error of the server', async () => {
  const { result, slack } = await posted([{ status: 502, text: '' }]);
  assert.deepEqual(result, { outcome: 'later', why: 'Slack answered 502' });
  assert.equal(slack.requests.length, 3);
});

test('leaves a message for later when the throttle outlasts the time left', async () => {
  const { result, slack, took } = await posted([{ status: 429, headers: { 'retry-after': '60' } }], 30_000);
  assert.equal(result.outcome, 'later');
  assert.equal(slack.requests.length, 1);
  assert.equal(took, 0);
});

test('ends with the time left however often it is throttled', async () => {
  const { result, slack } = await posted([{ status: 429 }], 30_000);
  assert.equal(result.outcome, 'later');
  assert.equal(slack.requests.length, 1 + Math.floor(25_000 / CONTAINER_PACE_MS));
});

test('keeps a throttle over to the next message, for a quarter of an hour at most', async () => {
  const slack = await openSlackServer((at) =>
    at === 0 ? { status: 429, headers: { 'retry-after': '999999' } } : { status: 200 },
  );
  const { clock, sleep } = fakeTime();
  const webhook = slackWebhook({ url: async () => slack.url, clock, sleep });
  assert.equal((await webhook.post(BODY, clock() + MINUTE)).outcome, 'later');
  await sleep(MINUTE);
  assert.equal((await webhook.post(BODY, clock() + MINUTE)).outcome, 'later');
  assert.equal(slack.requests.length, 1);
  await sleep(14 * MINUTE);
  assert.equal((await webhook.post(BODY, clock() + MINUTE)).outcome, 'sent');
  await slack.close();
});

test('makes about a post a second with all containers that work at a time', async () => {
  assert.ok(SLACK_CONCURRENCY >= 2, 'the least that Lambda takes');
  const times: number[] = [];
  for (let container = 0; container < SLACK_CONCURRENCY; container++) {
    const { clock, sleep } = fakeTime();
    const slack = await openSlackServer(() => {
      times.push(clock());
      return { status: 200 };
    });
    const webhook = slackWebhook({ url: async () => slack.url, clock, sleep });
    for (let at = 0; at < 20; at++) assert.equal((await webhook.post(BODY, clock() + MINUTE)).outcome, 'sent');
    await slack.close();
  }
  assert.equal(times.length, 20 * SLACK_CONCURRENCY);
  for (const from of times) {
    const within = times.filter((at) => at >= from && at < from + 10_000).length;
    assert.ok(within <= 10, `${within} posts in ten seconds`);
  }
});

test('sends the bare line where Slack refuses the blocks', async () => {
  const { result, slack } = await posted([{ status: 400, text: 'invalid_blocks' }, { status: 200 }]);
  assert.equal(result.outcome, 'sent');
  assert.deepEqual(JSON.parse(slack.requests[1]?.body ?? ''), { text: 'hello' });
});

test('reads the secret again when the webhook is dead, and posts to the new one', async () => {
  const slack = await openSlackServer((_at, _body, path) =>
    path === '/new' ? { status: 200 } : { status: 404, text: 'no_service' },
  );
  const { clock, sleep } = fakeTime();
  const webhook = slackWebhook({
    url: async (fresh) => (fresh ? new URL('/new', slack.url) : slack.url),
    clock,
    sleep,
  });
  assert.equal((await webhook.post(BODY, clock() + MINUTE)).outcome, 'sent');
  await slack.close();
});

test('takes a server that is gone as one for later, and never names the webhook', async () => {
  const slack = await openSlackServer(() => ({ status: 200 }));
  await slack.close();
  const { clock, sleep } = fakeTime();
  const webhook = slackWebhook({ url: async () => slack.url, clock, sleep });
  const result = await webhook.post(BODY, clock() + MINUTE);
  assert.deepEqual(result, { outcome: 'later', why: 'no answer from Slack (ECONNREFUSED)' });
});

const NAME = 'davylamp/slack';
const secretOf = (answer: { SecretString?: string } | Error) => {
  const mock = mockClient(SecretsManagerClient);
  if (answer instanceof Error) mock.on(GetSecretValueCommand, { SecretId: NAME }).rejects(answer);
  else mock.on(GetSecretValueCommand, { SecretId: NAME }).resolves(answer);
  return { mock, read: webhookSecret(new SecretsManagerClient({ region: 'eu-west-1' }), NAME) };
};

for (const [what, SecretString] of [
  ['text', 'https://hooks.slack.com/services/T0/B0/x'],
  ['text with a line break', 'https://hooks.slack.com/services/T0/B0/x\n'],
  ['JSON', '{"url":"https://hooks.slack.com/services/T0/B0/x"}'],
] as const) {
  test(`reads a webhook from a secret that is ${what}, once`, async () => {
    const { mock, read } = secretOf({ SecretString });
    for (const fresh of [false, false])
      assert.equal((await read(fresh)).href, 'https://hooks.slack.com/services/T0/B0/x');
    assert.equal(mock.calls().length, 1);
    await read(true);
    assert.equal(mock.calls().length, 2);
  });
}

for (const SecretString of [
  '',
  'xoxb-hidden',
  'http://hooks.slack.com/hidden',
  'file:///hidden',
  '{"url":1}',
  '{hidden',
  '[]',
  '{"other":"https://x.example.com/hidden"}',
]) {
  test(`takes a secret of ${JSON.stringify(SecretString)} as dead, and never shows it`, async () => {
    const { read } = secretOf({ SecretString });
    const { clock, sleep } = fakeTime();
    const result = await slackWebhook({ url: read, clock, sleep }).post(BODY, clock() + MINUTE);
    assert.deepEqual(result, { outcome: 'dead', why: `the secret ${NAME} holds no https URL of a webhook` });
  });
}

for (const [name, outcome] of [
  ['ResourceNotFoundException', 'dead'],
  ['AccessDeniedException', 'dead'],
  ['ThrottlingException', 'later'],
  ['InternalServiceError', 'later'],
] as const) {
  test(`takes ${name} of Secrets Manager as ${outcome}`, async () => {
    const { read } = secretOf(Object.assign(new Error('hidden'), { name }));
    const { clock, sleep } = fakeTime();
    const result = await slackWebhook({ url: read, clock, sleep }).post(BODY, clock() + MINUTE);
    assert.equal(result.outcome, outcome);
    assert.ok('why' in result && result.why.includes(name) && !result.why.includes('hidden'));
  });
}
