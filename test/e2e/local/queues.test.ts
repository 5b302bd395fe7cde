import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallLog } from './calls.ts';
import type { Outcome } from './function-process.ts';
import { Gateway } from './gateway.ts';
import { isFields } from './json.ts';
import { QueueMapping } from './queue-mapping.ts';
import { type Queue, Queues } from './queues.ts';
import { Template } from './template.ts';

const MAPPING = {
  ...{ BatchSize: 2, EventSourceArn: { 'Fn::GetAtt': ['Jobs', 'Arn'] }, FunctionName: 'work' },
  ...{ FunctionResponseTypes: ['ReportBatchItemFailures'], ScalingConfig: { MaximumConcurrency: 2 } },
};

function opened(mapping: object = MAPPING): {
  template: Template;
  queues: Queues;
  jobs: Queue;
  dead: Queue;
  log: CallLog;
} {
  const template = new Template({
    Resources: {
      Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
      Jobs: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          ...{ QueueName: 'jobs', VisibilityTimeout: 60 },
          RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 2 },
        },
      },
      Mapping: { Type: 'AWS::Lambda::EventSourceMapping', Properties: mapping },
    },
  });
  const log = new CallLog();
  const queues = new Queues(template, log);
  const of = (name: string): Queue => queues.byArn(`arn:aws:sqs:eu-west-1:111122223333:${name}`);
  return { template, queues, jobs: of('jobs'), dead: of('dead'), log };
}

test('hides a received message until its time is over, and counts its receptions', () => {
  const { queues, jobs } = opened();
  jobs.send('a');
  const [first] = jobs.receive(10);
  assert.deepEqual([first?.body, jobs.receive(10)], ['a', []]);
  queues.advance(59_999);
  assert.deepEqual(jobs.receive(10), []);
  queues.advance(1);
  const [second] = jobs.receive(10);
  const attributes = second?.['attributes'];
  assert.equal(isFields(attributes) && attributes['ApproximateReceiveCount'], '2');
  assert.equal(second?.messageId, first?.messageId);
});

test('deletes by the newest receipt alone', () => {
  const { queues, jobs } = opened();
  jobs.send('a');
  const [first] = jobs.receive(1);
  queues.advance(60_000);
  const [second] = jobs.receive(1);
  jobs.delete(first?.receiptHandle ?? '');
  assert.deepEqual(jobs.bodies, ['a']);
  jobs.delete(second?.receiptHandle ?? '');
  assert.deepEqual(jobs.bodies, []);
});

test('moves a message that was received too often to the queue of dead letters', () => {
  const { queues, jobs, dead } = opened();
  jobs.send('a');
  for (let time = 0; time < 3; time++) {
    assert.equal(jobs.receive(1).length, time < 2 ? 1 : 0);
    queues.advance(60_000);
  }
  assert.deepEqual([jobs.bodies, dead.bodies], [[], ['a']]);
});

for (const [what, body] of [
  ['too many bytes', 'ä'.repeat(131_073)],
  ['nothing in it', ''],
  ['a control character', 'a\u0000b'],
] as const) {
  test(`takes no message with ${what}`, () => {
    const { jobs, log } = opened();
    assert.throws(() => jobs.send(body), RangeError);
    assert.ok(log.faults.length > 0);
  });
}

/** A mapping whose function answers what `answer` says of the bodies of a batch. */
async function mapped(
  t: { after: (act: () => Promise<void>) => void },
  answer: (bodies: readonly string[], ids: readonly string[]) => Outcome,
  mapping: object = MAPPING,
) {
  const parts = opened(mapping);
  const gateway = await Gateway.open();
  t.after(() => gateway.close());
  const batches: (readonly string[])[] = [];
  const fn = {
    logicalId: 'Work',
    invoke: async (event: unknown): Promise<Outcome> => {
      const records = (event as { Records: { body: string; messageId: string }[] }).Records;
      batches.push(records.map(({ body }) => body));
      return answer(
        records.map(({ body }) => body),
        records.map(({ messageId }) => messageId),
      );
    },
  };
  const resource = parts.template.only('AWS::Lambda::EventSourceMapping');
  return { ...parts, batches, gateway, mapping: new QueueMapping(resource, { fn, queues: parts.queues, gateway }) };
}

test('hands over batches of the size of the template and deletes what was handled, as the function', async (t) => {
  const { jobs, mapping, batches, gateway } = await mapped(t, () => ({ result: { batchItemFailures: [] } }));
  for (const body of ['a', 'b', 'c']) jobs.send(body);
  assert.equal(await mapping.deliver(), 2);
  assert.deepEqual([batches, jobs.bodies], [[['a', 'b'], ['c']], []]);
  assert.deepEqual(
    new Set(gateway.log.actionsOf('Work')),
    new Set(['sqs:GetQueueAttributes', 'sqs:ReceiveMessage', 'sqs:DeleteMessage']),
  );
});

test('brings a message that the function names again, and at last sets it aside', async (t) => {
  const { jobs, dead, mapping, batches } = await mapped(t, (bodies, ids) => ({
    result: {
      batchItemFailures: bodies.flatMap((body, place) => (body === 'b' ? [{ itemIdentifier: ids[place] }] : [])),
    },
  }));
  for (const body of ['a', 'b']) jobs.send(body);
  await mapping.drain();
  assert.deepEqual(batches, [['a', 'b'], ['b']]);
  assert.deepEqual([jobs.bodies, dead.bodies], [[], ['b']]);
});

const WHOLE: readonly [string, Outcome][] = [
  ['an error', { error: { errorType: 'Error', errorMessage: 'no' } }],
  ['a name of nothing', { result: { batchItemFailures: [{ itemIdentifier: 'other' }] } }],
  ['an empty name', { result: { batchItemFailures: [{ itemIdentifier: '' }] } }],
];
for (const [what, outcome] of WHOLE) {
  test(`brings the whole batch again after ${what}`, async (t) => {
    const { jobs, mapping } = await mapped(t, () => outcome);
    for (const body of ['a', 'b']) jobs.send(body);
    await mapping.deliver();
    assert.deepEqual(jobs.bodies, ['a', 'b']);
  });
}

test('deletes unread what the filter of the mapping does not take', async (t) => {
  const filter = { Filters: [{ Pattern: JSON.stringify({ body: { kind: ['x'] } }) }] };
  const { jobs, mapping, batches } = await mapped(t, () => ({ result: null }), { ...MAPPING, FilterCriteria: filter });
  for (const kind of ['x', 'y']) jobs.send(JSON.stringify({ kind }));
  await mapping.deliver();
  assert.deepEqual([batches, jobs.bodies], [[['{"kind":"x"}']], []]);
});
