import type { Coverage } from '#shared/model/coverage.ts';
import type { Finding } from '#shared/model/finding.ts';
import { CHAIN_GROUPS, type Group, type Severity } from '#shared/model/groups.ts';
import { hourStart, isEventTime } from '#shared/model/time.ts';
import { productFields, recommendationOf } from './asff-fields.ts';
import { ASFF_BYTES, ASFF_LIMITS, type AsffFinding, asffText, present } from './asff-format.ts';
import { asffResources } from './asff-resource.ts';
import { asffSigns } from './asff-signs.ts';
import { isTest, TEST_NOTE, testMark } from './email-subject.ts';
import { factsOf, list, poolValues, valuesOf } from './facts.ts';
import { partitionOf } from './ocsf-resource.ts';
import { GROUP_TITLES, placeText } from './words.ts';

/** What an import says beside the finding. */
export interface AsffImport {
  /** Account and region of the Security Hub that takes it: a member's finding is imported by the central account. */
  readonly account: string;
  readonly region: string;
  /** The same for every revision: `createdTime` of the episode's first one. Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Time recorded with this revision's transition, milliseconds since the epoch. */
  readonly at: number;
  readonly coverage: Coverage;
}

/** Types of the format's taxonomy (namespace/category/classifier) for each group that was seen. */
const TYPES: Readonly<Partial<Record<Group, string>>> = {
  miner_execution: 'TTPs/Execution/Miner Execution',
  pool_connection: 'TTPs/Command and Control/Mining Pool Connection',
  persistence_setup: 'TTPs/Persistence/Miner Persistence',
  system_optimization: 'Effects/Resource Consumption/System Optimization for Mining',
};
const ALWAYS = 'Effects/Resource Consumption/Cryptomining';

const LABELS: Readonly<Record<Severity, AsffFinding['FindingProviderFields']['Severity']['Label']>> = {
  ...{ Low: 'LOW', Medium: 'MEDIUM', High: 'HIGH', Critical: 'CRITICAL' },
};

/** Lengths of product fields to try in turn: with the last, everything fits whatever the text. */
const VALUE_LIMITS = [ASFF_LIMITS.productValue, 1024, 512, 256];

const isoMillis = (at: number): string => new Date(at).toISOString();

/** When an episode's first revision says that its case was complete; the beginning of its hours where it says nothing. */
export function createdTime(first: Finding): number {
  const rises = first.rises.map(({ at }) => at).filter(isEventTime);
  const begin = hourStart(first.hours.from);
  return rises.length > 0 ? Math.min(...rises) : isEventTime(begin) ? begin : 0;
}

/** The ARN under which an account imports findings of its own. */
export function productArn(account: string, region: string): string {
  return `arn:${partitionOf(region)}:securityhub:${region}:${account}:product/${account}/default`;
}

/** The id of a finding in Security Hub: one for each place and episode, whatever the revision. */
export function asffId(finding: Finding): string {
  return asffText(`davylamp/${finding.id}`, ASFF_LIMITS.id) ?? 'davylamp';
}

/**
 * A finding at one revision for `BatchImportFindings`. A later revision updates it: the id stays, `UpdatedAt` rises
 * (the service ignores an update that is no later). The end of the episode archives it. Severity and types go through
 * `FindingProviderFields` alone: the top-level ones are the analysts' to change.
 */
export function asffFinding(finding: Finding, how: AsffImport): AsffFinding {
  const facts = factsOf(finding, how.coverage);
  const whole = present<Omit<AsffFinding, 'ProductFields'>>({
    SchemaVersion: '2018-10-08',
    Id: asffId(finding),
    ProductArn: productArn(how.account, how.region),
    GeneratorId: 'davylamp/chain',
    AwsAccountId: how.account,
    ...timesOf(finding, how),
    Title: titleOf(finding),
    Description: asffText(descriptionOf(finding), ASFF_LIMITS.description) ?? '',
    FindingProviderFields: {
      Severity: { Label: LABELS[finding.severity], Original: finding.severity },
      Types: [ALWAYS, ...CHAIN_GROUPS.flatMap((group) => (finding.groups[group] ? (TYPES[group] ?? []) : []))],
    },
    Remediation: { Recommendation: { Text: recommendationOf(facts) } },
    Resources: asffResources(finding),
    ...asffSigns(facts),
    RecordState: recordStateOf(finding),
    Sample: isTest(finding.place) ? true : undefined,
  });
  for (const limit of VALUE_LIMITS) {
    const full = { ...whole, ProductFields: productFields(facts, limit) };
    if (Buffer.byteLength(JSON.stringify(full)) < ASFF_BYTES) return full;
  }
  throw new RangeError('asffFinding: what is never cut outgrew its room');
}

function titleOf({ place }: Finding): string {
  return asffText(`${testMark(place)}Cryptomining attack chain: ${placeText(place)}`, ASFF_LIMITS.title) ?? '';
}

/**
 * The record of a test is archived from its first import on: it can be found, which proves the channel, but the console,
 * insights and automations, which choose active records, pass it by. Its severity stays what the chain gives, since that is
 * tested too. A workflow status would do the same (`SUPPRESSED`) but is the analysts', and ends all updates of the finding
 * (API reference, Workflow). A rule of EventBridge that looks at severity alone still sees the import: `Sample`, the title
 * and the product field tell it apart.
 */
function recordStateOf({ place, state }: Finding): AsffFinding['RecordState'] {
  return isTest(place) || state === 'archived' || state === 'superseded' ? 'ARCHIVED' : 'ACTIVE';
}

type Times = Pick<AsffFinding, 'CreatedAt' | 'UpdatedAt' | 'FirstObservedAt' | 'LastObservedAt'>;

/** `UpdatedAt` holds the revision in its milliseconds, so that two revisions of one moment still rise. */
function timesOf(finding: Finding, { createdAt, at }: AsffImport): Times {
  const created = isEventTime(createdAt) ? Math.floor(createdAt) : 0;
  const updated = Math.max(created, isEventTime(at) ? Math.floor(at) : 0) + finding.revision;
  const samples = finding.evidence.flatMap((one) => one.samples.map(({ time }) => time));
  const seen = [...finding.evidence.map(({ first }) => first), ...samples].filter(isEventTime);
  const [any] = seen;
  const bound = (of: (a: number, b: number) => number): string | undefined =>
    any === undefined ? undefined : isoMillis(seen.reduce((a, b) => of(a, b), any));
  return present<Times>({
    CreatedAt: isoMillis(created),
    UpdatedAt: isoMillis(updated),
    FirstObservedAt: bound(Math.min),
    LastObservedAt: bound(Math.max),
  });
}

const ENDINGS: Readonly<Partial<Record<Finding['state'], string>>> = {
  archived: 'The episode has ended: nothing of it was seen for a whole window.',
  superseded: 'Late evidence joined this episode to an older one, whose finding goes on.',
};

/** What was seen, whose coin goes where, what is missing for more, and how it ended. */
function descriptionOf(finding: Finding): string {
  const seen = CHAIN_GROUPS.filter((group) => finding.groups[group] !== undefined).map((one) => GROUP_TITLES[one]);
  const [coins, wallets] = [valuesOf(finding, 'coin'), valuesOf(finding, 'wallet')];
  const pools = poolValues(finding);
  const { next } = finding;
  const ending = ENDINGS[finding.state];
  return [
    ...(isTest(finding.place) ? [TEST_NOTE] : []),
    ...(ending === undefined ? [] : [ending]),
    `${finding.severity}. Seen: ${seen.length === 0 ? 'no group' : seen.join(', ')}.`,
    ...(coins.length === 0 ? [] : [`Mines ${list(coins, 3)}.`]),
    ...(pools.length === 0 ? [] : [`Pools: ${list(pools, 3)}.`]),
    ...(wallets.length === 0 ? [] : [`Wallets: ${list(wallets, 2)}.`]),
    ...(next === undefined
      ? []
      : [`For ${next.severity} it lacks: ${next.needs.map((group) => GROUP_TITLES[group]).join(', ')}.`]),
    ...finding.notes,
  ].join(' ');
}
