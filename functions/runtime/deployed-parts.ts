import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { dynamoDbStore } from '#shared/aws/dynamodb-store.ts';
import { knownEvidence } from '#shared/aws/known-evidence.ts';
import { parseFlowFormat } from '#shared/events/vpc-flow/fields.ts';
import type { Format } from '#shared/model/reader.ts';
import type { ClassifyParts } from './classify-handler.ts';
import { bundledDetector } from './detector.ts';
import { optionalVariable, requiredVariables, windowHours } from './environment.ts';
import { telemetryOf } from './telemetry.ts';

/** A silent connection must end before the function does; a table at its write ceiling throttles for a while. */
const TABLE_CALLS = { maxAttempts: 6, requestHandler: { connectionTimeout: 2_000, socketTimeout: 5_000 } };
const OBJECT_CALLS = { maxAttempts: 4, requestHandler: { connectionTimeout: 2_000, socketTimeout: 20_000 } };

/**
 * What a deployed classifier is made of, by its environment; made while Lambda starts the container.
 * @param name the file name of the handler
 * @throws Error that names what is wrong in the environment or the bundle
 */
export function deployedParts(name: string, formats: readonly Format[]): ClassifyParts {
  const environment = requiredVariables([
    'DAVYLAMP_TABLE',
    'DAVYLAMP_WINDOW_HOURS',
    'DAVYLAMP_ACCOUNT',
    'DAVYLAMP_OWN_LOG_PREFIX',
    'AWS_REGION',
  ]);
  const region = environment.AWS_REGION;
  const store = dynamoDbStore(new DynamoDBClient(TABLE_CALLS), environment.DAVYLAMP_TABLE, Date.now);
  const flowFormat = configuredFlowFormat();
  return {
    intake: {
      detector: bundledDetector(),
      formats,
      ...(flowFormat === undefined ? {} : { flowFormat }),
      defaults: { account: environment.DAVYLAMP_ACCOUNT, region },
      windowHours: windowHours(environment.DAVYLAMP_WINDOW_HOURS),
      ownLogPrefix: environment.DAVYLAMP_OWN_LOG_PREFIX,
      merge: knownEvidence(store.merge),
    },
    s3: new S3Client(OBJECT_CALLS),
    telemetry: telemetryOf(name),
    region,
    clock: Date.now,
  };
}

function configuredFlowFormat(): readonly string[] | undefined {
  const text = optionalVariable('DAVYLAMP_FLOW_FORMAT');
  if (text === undefined) return undefined;
  const parsed = parseFlowFormat(text);
  if ('problem' in parsed) throw new Error(`DAVYLAMP_FLOW_FORMAT is no format of a flow log: ${parsed.problem}`);
  return parsed.fields;
}
