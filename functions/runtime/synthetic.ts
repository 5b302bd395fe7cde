import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { instanceOfHostName } from '#shared/context/identities.ts';
import type { Defaults } from '#shared/context/resolve.ts';
import { streamClaims } from '#shared/events/decode/stream-claims.ts';
import { type Claims, TEST_HOST, TEST_LOG_PREFIX } from '#shared/model/place.ts';

/**
 * What a log group is to a classifier: its own group for test chains, one that it must not read, or any other. A group for
 * tests that is not its own is another stack's, or was configured as a source.
 * @param logGroup as CloudWatch Logs names it in the head of a payload: nothing that a record holds changes it
 */
export function routeOf(logGroup: string | undefined, testLogGroup: string | undefined): 'test' | 'refused' | 'other' {
  if (logGroup === undefined || !logGroup.startsWith(TEST_LOG_PREFIX)) return 'other';
  return logGroup === testLogGroup ? 'test' : 'refused';
}

/** @throws Error for a name outside `TEST_LOG_PREFIX`: what a real source sends must never be taken for a test */
export function checkedTestGroup(name: string | undefined): string | undefined {
  if (name === undefined || (name.startsWith(TEST_LOG_PREFIX) && name.length > TEST_LOG_PREFIX.length)) return name;
  throw new Error(`DAVYLAMP_TEST_LOG_GROUP must name a log group below ${TEST_LOG_PREFIX}`);
}

/**
 * The claims of a record that came by the log group for tests, whatever it claims itself: the reserved host in the stack's
 * own account and region. A container's id stays, so that each test may be a scope, hence a finding, of its own.
 */
export function testClaims({ container }: Claims, { account, region }: Defaults): Claims {
  return {
    ...(account === undefined ? {} : { account }),
    ...(region === undefined ? {} : { region }),
    instance: TEST_HOST,
    ...(container === undefined ? {} : { container }),
  };
}

/** Claims by which a host is named; each is any text in some format. */
const NAMING = ['instance', 'hostName', 'eni', 'address'] as const;

const namesTestHost = (value: string | undefined): boolean =>
  value !== undefined && (value === TEST_HOST || instanceOfHostName(value) === TEST_HOST);

/**
 * The claims of any other record without the reserved host; `undefined` where they don't name it. The claim is refused and
 * the record is kept, under what else tells of its host: were it dropped, who owns a host could hide it by that name.
 */
export function withoutTestHost(claims: Claims): Claims | undefined {
  const refused = NAMING.filter((name) => namesTestHost(claims[name]));
  if (refused.length === 0) return undefined;
  const kept = { ...claims };
  for (const name of refused) delete kept[name];
  if (kept.instance !== undefined || kept.stream === undefined || kept.network === true) return kept;
  // A record's own claim may have stood in place of what its stream is named after.
  const { instance } = streamClaims(kept.stream);
  return instance === undefined || instance === TEST_HOST ? kept : { ...kept, instance };
}

/** What one invocation saw of tests, for its line of metrics. */
export class TestTally {
  /** Records of test chains. They are no `RecordsRead`: a source that fell silent must not look alive by them. */
  records = 0;
  /** Events of real sources that claimed the reserved host or a log group for tests, and batches of such a group. */
  refused = 0;

  addTo(metrics: Metrics): void {
    if (this.records > 0) metrics.addMetric('TestRecordsRead', MetricUnit.Count, this.records);
    if (this.refused > 0) metrics.addMetric('TestClaimsRefused', MetricUnit.Count, this.refused);
  }
}
