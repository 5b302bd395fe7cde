import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';

type Handler = (event: unknown, context: Context) => Promise<unknown>;

/** Instances of their own: a function keeps what it read of its environment, which other tests set otherwise. */
async function ownInstance(file: string): Promise<Handler> {
  const url = new URL(`../../functions/${file}.ts?foreign-events`, import.meta.url);
  return ((await import(url.href)) as { readonly handler: Handler }).handler;
}

const sweep = await ownInstance('sweep');
const HANDLERS = {
  correlate: await ownInstance('correlate'),
  importSecurityHub: await ownInstance('import-security-hub'),
  notifyChat: await ownInstance('notify-chat'),
  notifySlack: await ownInstance('notify-slack'),
  reconcileSubscriptions: await ownInstance('reconcile-subscriptions'),
  sweep,
};
type Name = keyof typeof HANDLERS;

const ENVIRONMENT = {
  AWS_REGION: 'eu-west-1',
  DAVYLAMP_ACCOUNT: '111122223333',
  DAVYLAMP_CHAT_TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:chat',
  DAVYLAMP_EVENT_BUS: 'davylamp',
  DAVYLAMP_FINDINGS_TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:findings',
  DAVYLAMP_OPERATIONS_TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:operations',
  DAVYLAMP_SLACK_SECRET: 'davylamp/slack',
  DAVYLAMP_TABLE: 'davylamp',
  DAVYLAMP_WINDOW_HOURS: '24',
};
const CONTEXT = { functionName: 'f', awsRequestId: 'r', getRemainingTimeInMillis: () => 60_000 } as Context;

const QUEUED: readonly Name[] = ['importSecurityHub', 'notifyChat', 'notifySlack'];
const STREAMED: readonly Name[] = ['correlate'];
const image = (NewImage: unknown) => ({
  Records: [{ dynamodb: { SequenceNumber: '1', Keys: { pk: { S: 'k' } }, NewImage } }],
});

/** Events, and the functions whose trigger sends such; each holds a word that nobody may repeat. */
const EVENTS: readonly (readonly [string, unknown, readonly Name[]])[] = [
  ['nothing', null, []],
  ['no value', undefined, []],
  ['text', 'hello secret-token', []],
  ['a number', 5, []],
  ['a list', ['secret-token'], []],
  ['an object', { 'secret-token': 'secret-token' }, []],
  ['a schedule of another', { kind: 'secret-token' }, []],
  ["EventBridge's own event", { source: 'aws.events', 'detail-type': 'Scheduled Event', id: 'secret-token' }, []],
  ['a message of a queue', { Records: [{ messageId: 'secret-token', body: 'secret-token' }] }, QUEUED],
  ['a message of a topic', { Records: [{ EventSource: 'aws:sns', Sns: { Message: 'secret-token' } }] }, []],
  ['log events', { awslogs: { data: 'secret-token' } }, []],
  ['a request without an address', { RequestType: 'secret-token', StackId: 'secret-token' }, []],
  ['a request to no address', { RequestType: 'Create', ResponseURL: 'secret-token' }, []],
  ['an image of text', image('secret-token'), []],
  ['an image whose attribute is text', image({ 'secret-token': 'secret-token' }), []],
  ['a record without a number', { Records: [{ dynamodb: { SequenceNumber: 'secret-token' } }] }, []],
  ['the record of a removal', image(undefined), STREAMED],
];

/** Runs the work with an environment of its own; gives what was written to standard output and error in JSON lines. */
async function written(work: () => Promise<void>): Promise<string> {
  let text = '';
  const before = Object.keys(ENVIRONMENT).map((name) => [name, process.env[name]] as const);
  const spies = [process.stdout, process.stderr].map((stream) => {
    const write = stream.write.bind(stream);
    return mock.method(stream, 'write', (...args: Parameters<typeof write>) => {
      const chunk = String(args[0]);
      // The reporter of tests writes here too.
      if (!chunk.startsWith('{')) return write(...args);
      text += chunk;
      return true;
    });
  });
  Object.assign(process.env, ENVIRONMENT);
  try {
    await work();
    return text;
  } finally {
    for (const spy of spies) spy.mock.restore();
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

for (const name of Object.keys(HANDLERS) as Name[]) {
  for (const [what, event, takenBy] of EVENTS) {
    if (takenBy.includes(name)) continue;
    test(`${name} refuses ${what}, says what it expects, does nothing and repeats nothing of it`, async (context) => {
      const table = mockClient(DynamoDBClient);
      context.after(() => table.restore());
      const text = await written(async () => {
        await assert.rejects(HANDLERS[name](event, CONTEXT), (error: Error) => {
          assert.equal(error.name, 'ForeignEventError');
          assert.match(error.message, /^expected .+; .+ is not /);
          assert.doesNotMatch(`${error.message} ${error.stack}`, /secret-token/);
          assert.equal(error.cause, undefined);
          return true;
        });
      });
      assert.doesNotMatch(text, /secret-token/);
      assert.deepEqual(table.calls(), []);
    });
  }
}

test('sweep takes what its schedule sends', async (context) => {
  const table = mockClient(DynamoDBClient);
  context.after(() => table.restore());
  table.onAnyCommand().resolves({});
  await written(async () => {
    const swept = await sweep({ kind: 'sweep' }, CONTEXT);
    assert.deepEqual(swept, { published: 0, archived: 0, digests: 0, failed: 0 });
  });
  assert.ok(table.calls().length > 0);
});
