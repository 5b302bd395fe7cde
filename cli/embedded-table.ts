import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { dynamoDbStore } from '#shared/aws/dynamodb-store.ts';
import { tableDefinition } from '#shared/aws/table.ts';
import type { Store } from '#shared/correlate/store.ts';

const TABLE = 'davylamp';
const LOOPBACK = '127.0.0.1';

/** A store on a DynamoDB that lives in this process (dynalite, in memory) and ends with it. */
export async function openEmbeddedTable(): Promise<{ store: Store; endpoint: string; close: () => Promise<void> }> {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, LOOPBACK, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://${LOOPBACK}:${port}`;
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded' },
  });
  await client.send(new CreateTableCommand(tableDefinition(TABLE)));
  return {
    store: dynamoDbStore(client, TABLE, Date.now),
    endpoint,
    close: async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
