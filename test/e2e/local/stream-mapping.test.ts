import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Buckets } from './buckets.ts';
import { FailedEvents } from './failed-events.ts';
import type { Outcome } from './function-process.ts';
import { Gateway } from './gateway.ts';
import { at } from './json.ts';
import { StreamMapping } from './stream-mapping.ts';
import type { StreamRecord } from './table-stream.ts';
import { Template } from './template.ts';

const PROPERTIES = {
  ...{ BatchSize: 4, BisectBatchOnFunctionError: true, MaximumRetryAttempts: 2, StartingPosition: 'TRIM_HORIZON' },
  ...{ EventSourceArn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/t/stream/x', FunctionName: 'work' },
  ...{ FunctionResponseTypes: ['ReportBatchItemFailures'] },
  DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Failed', 'Arn'] } } },
};

/** A mapping over records named by their sequence numbers, whose function answers what `answer` says. */
async function drained(
  t: { after: (act: () => Promise<void>) => void },
  sequences: readonly string[],
  answer: (sequences: readonly string[]) => Outcome,
  more: object = {},
) {
  const template = new Template({
    Resources: {
      Failed: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'failed' } },
      Mapping: { Type: 'AWS::Lambda::EventSourceMapping', Properties: { ...PROPERTIES, ...more } },
    },
  });
  const gateway = await Gateway.open();
  t.after(() => gateway.close());
  const buckets = new Buckets(gateway);
  buckets.add('failed');
  const records = sequences.map(
    (SequenceNumber): StreamRecord => ({ eventName: 'INSERT', dynamodb: { SequenceNumber } }),
  );
  let waiting = [{ shard: 'shard-1', records }];
  const batches: (readonly string[])[] = [];
  const mapping = new StreamMapping(template.only('AWS::Lambda::EventSourceMapping'), {
    ...{ gateway, failed: new FailedEvents(gateway, buckets) },
    fn: {
      ...{ logicalId: 'Work', arn: 'arn:aws:lambda:eu-west-1:111122223333:function:work' },
      invoke: async (event) => {
        const batch = (event as { Records: StreamRecord[] }).Records.map((one) =>
          String(one.dynamodb['SequenceNumber']),
        );
        batches.push(batch);
        return answer(batch);
      },
    },
    stream: {
      read: async () => {
        const found = waiting;
        waiting = [];
        return found;
      },
    },
  });
  await mapping.drain();
  const failed = buckets
    .objects('failed')
    .map(({ key, body }) => ({ key, record: JSON.parse(body.toString()) as unknown }));
  return { batches, failed, gateway };
}

const FINE: Outcome = { result: { batchItemFailures: [] } };
const ERROR: Outcome = { error: { errorType: 'Error', errorMessage: 'no' } };

test('hands over batches of the size of the template, in the order of the shard', async (t) => {
  const { batches, failed } = await drained(t, ['1', '2', '3', '4', '5'], () => FINE);
  assert.deepEqual([batches, failed], [[['1', '2', '3', '4'], ['5']], []]);
});

test('brings the records from the lowest that the function names on again', async (t) => {
  let first = true;
  const { batches } = await drained(t, ['1', '2', '3', '4'], () => {
    if (!first) return FINE;
    first = false;
    return { result: { batchItemFailures: [{ itemIdentifier: '3' }, { itemIdentifier: '2' }] } };
  });
  assert.deepEqual(batches, [
    ['1', '2', '3', '4'],
    ['2', '3', '4'],
  ]);
});

test('halves the batch of a function that fails until the poison stands alone, and leaves it whole in S3', async (t) => {
  const { batches, failed, gateway } = await drained(t, ['1', '2', '3', '4'], (batch) =>
    batch.includes('3') ? ERROR : FINE,
  );
  assert.deepEqual(batches, [['1', '2', '3', '4'], ['1', '2'], ['3', '4'], ['3'], ['3'], ['3'], ['4']]);
  assert.equal(failed.length, 1);
  assert.match(failed[0]?.key ?? '', /^aws\/lambda\/[0-9a-f-]{36}\/shard-1\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT/);
  assert.equal(at(failed[0]?.record, 'requestContext', 'condition'), 'RetryAttemptsExhausted');
  assert.equal(at(failed[0]?.record, 'DDBStreamBatchInfo', 'batchSize'), 1);
  assert.match(String(at(failed[0]?.record, 'payload')), /"SequenceNumber":"3"/);
  assert.deepEqual(gateway.log.actionsOf('Work').slice(-3), ['s3:ListBucket', 's3:PutObject', 'dynamodb:GetRecords']);
});

test('gives up what a function names after the retries of the template, and goes on', async (t) => {
  const poison: Outcome = { result: { batchItemFailures: [{ itemIdentifier: '4' }] } };
  const { batches, failed } = await drained(t, ['1', '2', '3', '4', '5'], (batch) =>
    batch.includes('4') ? poison : FINE,
  );
  assert.deepEqual(batches, [['1', '2', '3', '4'], ['4'], ['4'], ['4'], ['5']]);
  assert.equal(failed.length, 1);
});

test('does not halve where the template does not say so', async (t) => {
  const more = { BisectBatchOnFunctionError: false, MaximumRetryAttempts: 1 };
  const { batches, failed } = await drained(t, ['1', '2'], () => ERROR, more);
  assert.deepEqual(batches, [
    ['1', '2'],
    ['1', '2'],
  ]);
  assert.equal(at(failed[0]?.record, 'DDBStreamBatchInfo', 'batchSize'), 2);
});

test('hands over what one of the filters takes', async (t) => {
  const FilterCriteria = {
    Filters: ['2', '4'].map((one) => ({ Pattern: JSON.stringify({ dynamodb: { SequenceNumber: [one] } }) })),
  };
  assert.deepEqual((await drained(t, ['1', '2', '3', '4'], () => FINE, { FilterCriteria })).batches, [['2', '4']]);
});

for (const [what, more] of [
  ['retries without end', { MaximumRetryAttempts: -1 }],
  ['another starting position', { StartingPosition: 'LATEST' }],
  ['another type of response', { FunctionResponseTypes: ['Other'] }],
] as const) {
  test(`refuses ${what}`, async (t) => {
    await assert.rejects(
      drained(t, [], () => FINE, more),
      TypeError,
    );
  });
}
