import { arn, via } from './account.ts';
import type { Answer, Gateway, LocalService, ServiceRequest } from './gateway.ts';
import { ServiceError } from './interventions.ts';
import { fieldsOf, textOf } from './json.ts';
import { modelFaults } from './model-faults.ts';
import { targetJson } from './protocols.ts';
import { ServiceModel } from './service-model.ts';
import { ENGINE_CREDENTIAL } from './table-stream.ts';

/** What functions may ask of the table: one item or one query at a time. */
const PROVIDED = new Set(['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query']);
/** What the answer must carry on for the client. */
const HEADERS = ['content-type', 'x-amz-crc32', 'x-amzn-requestid'];

/**
 * Stands before DynamoDB Local, so that requests to the table are known, counted, refused and cut off as all others.
 * @param keyArn the key of the customer that the table is encrypted with
 */
export function tableProxy(engine: string, gateway: Gateway, keyArn: string | undefined): LocalService {
  const model = new ServiceModel('dynamodb');
  return {
    name: 'dynamodb',
    answer: async (request) => {
      try {
        enter(request, model, gateway);
        if (keyArn !== undefined) request.enter('kms:Decrypt', [keyArn], via('dynamodb'));
        return await forwarded(engine, request);
      } catch (error) {
        if (error instanceof ServiceError) return targetJson.error(error);
        throw error;
      }
    },
  };
}

function enter(request: ServiceRequest, model: ServiceModel, gateway: Gateway): void {
  const name = targetJson.operation(request, model) ?? '';
  const operation = model.operation(name);
  if (operation?.input === undefined || !PROVIDED.has(name)) {
    gateway.log.faults.push(`dynamodb:${name} is asked for, and no local part provides it`);
    throw new ServiceError('UnknownOperationException', `${name} is not provided here`);
  }
  const input = fieldsOf(targetJson.input(request, model, operation), name);
  const table = textOf(input['TableName'], 'TableName');
  const index = input['IndexName'] === undefined ? '' : `/index/${textOf(input['IndexName'], 'IndexName')}`;
  request.enter(`dynamodb:${name}`, [arn('dynamodb', `table/${table}${index}`)], {}, input);
  const faults = modelFaults(model, operation.input, input);
  if (faults.length === 0) return;
  gateway.log.faults.push(...faults.map((fault) => `dynamodb:${name}: ${fault}`));
  throw new ServiceError('ValidationException', faults.join('; '));
}

/** DynamoDB Local keeps tables apart by key and region: all functions use the same. */
async function forwarded(engine: string, { headers, body }: ServiceRequest): Promise<Answer> {
  const { key, region } = ENGINE_CREDENTIAL;
  const response = await fetch(engine, {
    method: 'POST',
    headers: {
      'content-type': headers['content-type'] ?? 'application/x-amz-json-1.0',
      'x-amz-target': headers['x-amz-target'] ?? '',
      authorization: (headers['authorization'] ?? '').replace(
        /Credential=[^/]+\/(\d{8})\/[^/]+\//,
        `Credential=${key}/$1/${region}/`,
      ),
    },
    body: new Uint8Array(body),
  });
  const kept = HEADERS.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return {
    status: response.status,
    headers: Object.fromEntries(kept),
    body: Buffer.from(await response.arrayBuffer()),
  };
}
