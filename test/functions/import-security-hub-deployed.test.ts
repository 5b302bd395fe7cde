import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { BatchImportFindingsCommand, InvalidAccessException, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Context } from 'aws-lambda';
import { type AwsClientStub, mockClient } from 'aws-sdk-client-mock';
import { revisionItem } from '#shared/aws/items.ts';
import { pointerText } from '#shared/aws/pointer.ts';
import type { Publication } from '#shared/correlate/outbox.ts';
import { handler } from '../../functions/import-security-hub.ts';
import { assertAsff } from '../report/asff-model.ts';
import { BY_SEVERITY, PLACE, START } from '../report/findings.ts';

const ACCOUNT = '444455556666';
const TOPIC = `arn:aws:sns:eu-west-1:${ACCOUNT}:operations`;
const ENVIRONMENT = {
  ...{ DAVYLAMP_TABLE: 'chains', DAVYLAMP_OPERATIONS_TOPIC_ARN: TOPIC, DAVYLAMP_ACCOUNT: ACCOUNT },
  ...{ AWS_REGION: 'eu-west-1', DAVYLAMP_SOURCES: 'auditd,resolver' },
};

const PUBLICATION: Publication = {
  ...{ episode: 1, revision: 1, transition: 'opened', severity: 'High', at: START + 60_000, delivery: 'single' },
  finding: { ...BY_SEVERITY.High.finding, revision: 1 },
};
const EVENT = { Records: [{ messageId: 'm0', body: pointerText(PUBLICATION) }] };
const CONTEXT = { functionName: 'f', awsRequestId: 'r', getRemainingTimeInMillis: () => 10_000 } as Context;

interface Clients {
  readonly table: AwsClientStub<DynamoDBClient>;
  readonly hub: AwsClientStub<SecurityHubClient>;
  readonly sns: AwsClientStub<SNSClient>;
}

/** Runs with the environment and the services of a deployed function, and leaves the process as it was. */
async function deployed(work: (clients: Clients) => Promise<void>): Promise<void> {
  const before = Object.keys(ENVIRONMENT).map((name) => [name, process.env[name]] as const);
  const clients = {
    table: mockClient(DynamoDBClient),
    hub: mockClient(SecurityHubClient),
    sns: mockClient(SNSClient),
  };
  try {
    Object.assign(process.env, ENVIRONMENT);
    clients.table.on(GetItemCommand).callsFake(({ Key }: { Key: { pk: { S: string } } }) => {
      return Key.pk.S.startsWith('dlv#') ? {} : { Item: revisionItem(PUBLICATION) };
    });
    clients.table.on(UpdateItemCommand).resolves({});
    clients.sns.on(PublishCommand).resolves({});
    await work(clients);
  } finally {
    for (const one of Object.values(clients)) one.restore();
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

test('imports the revision that a message of the queue points to', () =>
  deployed(async ({ table, hub, sns }) => {
    hub.on(BatchImportFindingsCommand).resolves({ SuccessCount: 1, FailedCount: 0 });
    assert.deepEqual(await handler(EVENT, CONTEXT), { batchItemFailures: [] });
    const [request] = hub.commandCalls(BatchImportFindingsCommand);
    const [asff] = request?.args[0].input.Findings ?? [];
    assertAsff(asff);
    assert.equal(asff?.AwsAccountId, ACCOUNT);
    assert.equal(asff?.ProductFields?.['davylamp/account'], PLACE.account);
    const [marked] = table.commandCalls(UpdateItemCommand);
    assert.equal(marked?.args[0].input.Key?.['pk']?.S, `dlv#securityhub#${PUBLICATION.finding.id}`);
    assert.equal(sns.commandCalls(PublishCommand).length, 0);
  }));

test('tells the operations topic where CSPM is not enabled, and keeps the message', () =>
  deployed(async ({ table, hub, sns }) => {
    hub
      .on(BatchImportFindingsCommand)
      .rejects(new InvalidAccessException({ $metadata: {}, message: 'not subscribed' }));
    assert.deepEqual(await handler(EVENT, CONTEXT), { batchItemFailures: [{ itemIdentifier: 'm0' }] });
    const [told] = sns.commandCalls(PublishCommand);
    assert.equal(told?.args[0].input.TopicArn, TOPIC);
    assert.match(told?.args[0].input.Message ?? '', /Security Hub CSPM is not enabled in account 444455556666/);
    assert.equal(table.commandCalls(UpdateItemCommand).length, 0);
  }));
