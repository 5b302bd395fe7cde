import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import {
  type AwsSecurityFinding,
  BatchImportFindingsCommand,
  InvalidAccessException,
  InvalidInputException,
  LimitExceededException,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { mockClient } from 'aws-sdk-client-mock';
import { importFindings } from '#shared/aws/security-hub.ts';
import { asffFinding } from '#shared/report/asff.ts';
import { BY_SEVERITY, COVERAGE, START } from '../report/findings.ts';

const ACCOUNT = '111122223333';
const MODEL: AwsSecurityFinding = asffFinding(BY_SEVERITY.High.finding, {
  ...{ account: ACCOUNT, region: 'eu-west-1', createdAt: START, at: START, coverage: COVERAGE },
});

const findings = (count: number, fields: Partial<AwsSecurityFinding> = {}): AwsSecurityFinding[] =>
  Array.from({ length: count }, (_, at) => ({ ...MODEL, Id: `davylamp/${at}`, ...fields }));

const fault = { $metadata: {}, message: 'because' };

/** A client that answers each request by `answer`, and the ids of each request. */
function hub(answer: (ids: readonly string[]) => object): { client: SecurityHubClient; requests: string[][] } {
  const client = new SecurityHubClient({ region: 'eu-west-1' });
  const requests: string[][] = [];
  mockClient(client)
    .on(BatchImportFindingsCommand)
    .callsFake(({ Findings }: { Findings: AwsSecurityFinding[] }) => {
      const ids = Findings.map(({ Id }) => Id ?? '');
      requests.push(ids);
      return answer(ids);
    });
  return { client, requests };
}

const allWell = (ids: readonly string[]): object => ({ SuccessCount: ids.length, FailedCount: 0, FailedFindings: [] });

test('sends nothing for no finding', async () => {
  const { client, requests } = hub(allWell);
  assert.deepEqual(await importFindings(client, []), []);
  assert.deepEqual(requests, []);
});

for (const [count, sizes] of [
  [1, [1]],
  [100, [100]],
  [101, [100, 1]],
  [250, [100, 100, 50]],
] as const) {
  test(`sends ${count} findings in requests of ${sizes.join(', ')}`, async () => {
    const { client, requests } = hub(allWell);
    assert.deepEqual(await importFindings(client, findings(count)), []);
    assert.deepEqual(
      requests.map(({ length }) => length),
      sizes,
    );
    assert.equal(new Set(requests.flat()).size, count);
  });
}

test('keeps a request of large findings within its bytes', async () => {
  const { client, requests } = hub(allWell);
  await importFindings(client, findings(60, { Description: 'x'.repeat(200_000) }));
  assert.ok(requests.length > 2);
  assert.ok(requests.every(({ length }) => length * 200_000 < 6_000_000));
  assert.equal(requests.flat().length, 60);
});

test('gives the findings that an answer with status 200 names as failed', async () => {
  const { client } = hub((ids) => ({
    SuccessCount: ids.length - 2,
    FailedCount: 2,
    FailedFindings: [
      { Id: 'davylamp/1', ErrorCode: 'InvalidInput', ErrorMessage: 'no Title' },
      { Id: 'davylamp/3', ErrorCode: 'InternalFailure', ErrorMessage: 'again' },
    ],
  }));
  assert.deepEqual(await importFindings(client, findings(5)), [
    { id: 'davylamp/1', kind: 'refused', why: 'InvalidInput: no Title' },
    { id: 'davylamp/3', kind: 'later', why: 'InternalFailure: again' },
  ]);
});

test('counts all of a request as failed where the failures are not all named', async () => {
  const { client } = hub(() => ({
    SuccessCount: 1,
    FailedCount: 2,
    FailedFindings: [{ Id: 'davylamp/9', ErrorCode: 'InvalidInput', ErrorMessage: 'of another request' }],
  }));
  const refusals = await importFindings(client, findings(3));
  assert.deepEqual(
    refusals.map(({ id, kind }) => [id, kind]),
    [0, 1, 2].map((at) => [`davylamp/${at}`, 'later']),
  );
});

test('stops at a throttled request, and leaves the rest to later', async () => {
  const { client, requests } = hub((ids) => {
    if (ids.includes('davylamp/0')) return allWell(ids);
    throw new LimitExceededException({ ...fault, Code: 'x' });
  });
  const refusals = await importFindings(client, findings(250));
  assert.equal(requests.length, 2);
  assert.deepEqual(
    refusals.map(({ id }) => id),
    findings(250)
      .slice(100)
      .map(({ Id }) => Id),
  );
  assert.ok(refusals.every(({ kind, why }) => kind === 'later' && why === 'LimitExceededException'));
});

test('says that Security Hub is not enabled, by the error and by the code of single findings', async () => {
  const thrown = hub(() => {
    throw new InvalidAccessException({ ...fault, message: 'Account is not subscribed' });
  });
  assert.deepEqual(await importFindings(thrown.client, findings(1)), [
    { id: 'davylamp/0', kind: 'not-enabled', why: 'InvalidAccessException: Account is not subscribed' },
  ]);
  const named = hub(([Id]) => ({
    ...{ SuccessCount: 0, FailedCount: 1, FailedFindings: [{ Id, ErrorCode: 'InvalidAccess', ErrorMessage: 'off' }] },
  }));
  assert.deepEqual(await importFindings(named.client, findings(1)), [
    { id: 'davylamp/0', kind: 'not-enabled', why: 'InvalidAccess: off' },
  ]);
});

test('finds the one that makes the service refuse a whole request, and imports its neighbours', async () => {
  const imported: string[] = [];
  const { client, requests } = hub((ids) => {
    if (ids.includes('davylamp/37')) throw new InvalidInputException(fault);
    imported.push(...ids);
    return allWell(ids);
  });
  const refusals = await importFindings(client, findings(120));
  assert.deepEqual(refusals, [{ id: 'davylamp/37', kind: 'refused', why: 'InvalidInputException: because' }]);
  assert.equal(new Set(imported).size, 119);
  assert.equal(imported.length, 119);
  assert.ok(requests.length < 20, String(requests.length));
});

test('repeats nothing of an error that may carry the request', async () => {
  const { client } = hub(() => {
    throw new TypeError(`socket hang up: ${MODEL.Title}`);
  });
  assert.deepEqual(await importFindings(client, findings(1)), [{ id: 'davylamp/0', kind: 'later', why: 'TypeError' }]);
});

test('tries a throttled request again, and reads the failures of its answer, as the service sends them', async (t) => {
  const answers = [
    { status: 429, type: 'LimitExceededException', body: { Message: 'rate exceeded', Code: 'x' } },
    {
      status: 200,
      body: {
        SuccessCount: 1,
        FailedCount: 1,
        FailedFindings: [{ Id: 'davylamp/1', ErrorCode: 'InternalFailure', ErrorMessage: 'again' }],
      },
    },
  ];
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const { status, type, body } = answers[Math.min(paths.length, 1)] ?? { status: 500, body: {} };
    paths.push(`${request.method} ${request.url}`);
    request.resume().on('end', () => {
      response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': type ?? '' });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const client = new SecurityHubClient({
    region: 'eu-west-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
  });
  t.after(() => client.destroy());
  assert.deepEqual(await importFindings(client, findings(2)), [
    { id: 'davylamp/1', kind: 'later', why: 'InternalFailure: again' },
  ]);
  assert.deepEqual(paths, ['POST /findings/import', 'POST /findings/import']);
});
