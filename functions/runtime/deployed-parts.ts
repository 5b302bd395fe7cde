import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { dynamoDbStore } from '#shared/aws/dynamodb-store.ts';
import { knownEvidence } from '#shared/aws/known-evidence.ts';
import { dynamoDbMemberships } from '#shared/aws/memberships.ts';
import type { Describe } from '#shared/aws/network-interfaces.ts';
import { watchItems } from '#shared/aws/watch-items.ts';
import { parseFlowFormat } from '#shared/events/vpc-flow/fields.ts';
import type { Format } from '#shared/model/reader.ts';
import type { ClassifyParts } from './classify-handler.ts';
import { bundledDetector } from './detector.ts';
import { optionalVariable, requiredVariables, windowHours } from './environment.ts';
import { hostIdentities } from './host-identities.ts';
import { sharedKnowledge } from './knowledge.ts';
import { checkedTestGroup } from './synthetic.ts';
import { telemetryOf } from './telemetry.ts';

/** A silent connection must end before the function does; a table at its write ceiling throttles for a while. */
const TABLE_CALLS = { maxAttempts: 6, requestHandler: { connectionTimeout: 2_000, socketTimeout: 5_000 } };
/** Evidence waits for the answer, and can do without. */
const INVENTORY_CALLS = { maxAttempts: 2, requestHandler: { connectionTimeout: 2_000, socketTimeout: 4_000 } };
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
  const client = new DynamoDBClient(TABLE_CALLS);
  const table = environment.DAVYLAMP_TABLE;
  const store = dynamoDbStore(client, table, Date.now);
  const defaults = { account: environment.DAVYLAMP_ACCOUNT, region };
  const telemetry = telemetryOf(name);
  const flowFormat = configuredFlowFormat();
  const testLogGroup = checkedTestGroup(optionalVariable('DAVYLAMP_TEST_LOG_GROUP'));
  return {
    intake: {
      detector: bundledDetector(),
      formats,
      ...(flowFormat === undefined ? {} : { flowFormat }),
      defaults,
      windowHours: windowHours(environment.DAVYLAMP_WINDOW_HOURS),
      ownLogPrefix: environment.DAVYLAMP_OWN_LOG_PREFIX,
      ...(testLogGroup === undefined ? {} : { testLogGroup }),
      merge: knownEvidence(store.merge),
      knowledge: sharedKnowledge(watchItems(client, table), Date.now),
      identities: hostIdentities({
        memberships: dynamoDbMemberships(client, table),
        describe: lazyInventory(),
        defaults,
        clock: Date.now,
        failed: (error) => {
          telemetry.metrics.addMetric('IdentityLookupsFailed', MetricUnit.Count, 1);
          telemetry.logger.warn('EC2 was asked for interfaces and did not answer', { error: nameOf(error) });
        },
      }),
    },
    s3: new S3Client(OBJECT_CALLS),
    telemetry,
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

/** EC2's client is the largest of all, and only a host that nothing else knows needs it: it is loaded when first asked. */
function lazyInventory(): Describe {
  let loaded: Promise<Describe> | undefined;
  return async (ids, addresses) => {
    loaded ??= import('#shared/aws/network-interfaces.ts').then(({ ec2Inventory }) => ec2Inventory(INVENTORY_CALLS));
    return (await loaded)(ids, addresses);
  };
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'no error object');
