import { test } from 'node:test';
import { storeContract } from '../correlate/store-contract.ts';
import { missingJava, openDynamoDbLocal } from './dynamodb-local.ts';

const reason = missingJava();
if (reason !== false) test('the DynamoDB Local store', { skip: reason }, () => {});
else storeContract('DynamoDB Local', openDynamoDbLocal);
