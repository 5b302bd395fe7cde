import {
  type CloudWatchLogsClient,
  DeleteSubscriptionFilterCommand,
  DescribeSubscriptionFiltersCommand,
  InvalidParameterException,
  LimitExceededException,
  OperationAbortedException,
  PutSubscriptionFilterCommand,
  ResourceNotFoundException,
  type SubscriptionFilter,
} from '@aws-sdk/client-cloudwatch-logs';

/** A log group and the function that is to receive its events. */
export interface LogSubscription {
  readonly logGroup: string;
  readonly destinationArn: string;
}

export interface Reconciliation {
  readonly filterName: string;
  readonly wanted: readonly LogSubscription[];
  /** What was attached before, as far as is known. */
  readonly before: readonly LogSubscription[];
}

export interface Reconciled {
  /** Wanted groups that are attached, by this run or before it. */
  readonly attached: number;
  /** Those of them whose filter this run put. */
  readonly put: readonly LogSubscription[];
  readonly removed: number;
  /** By group, one sentence for each that could not be attached or that was left alone; names what is there. */
  readonly problems: ReadonlyMap<string, string>;
}

/** CloudWatch Logs takes two subscription filters on a group ("CloudWatch Logs quotas"). */
const MAX_FILTERS = 2;
/**
 * A function's new permission reaches CloudWatch Logs within seconds; until then it can't be tried out. The waits are those
 * of a whole run, not of each group: what is refused after them is refused for another reason.
 */
const PERMISSION_DELAYS_MS: readonly number[] = [1_000, 2_000, 4_000, 8_000, 16_000];
/** Where permissions are old: for a change of the group that is under way. */
export const SETTLED_DELAYS_MS: readonly number[] = [1_000, 2_000];

/**
 * Attaches the wanted groups and removes what is no longer wanted. A filter is its own when it has both the name and a
 * destination of this stack; no other is touched. Missing and full groups become warnings; other errors are thrown, so
 * that they are tried again.
 * @param wait waits that many milliseconds
 * @param delaysMs the waits of the run, milliseconds
 */
export async function reconcileLogSubscriptions(
  client: CloudWatchLogsClient,
  { filterName, wanted, before }: Reconciliation,
  wait: (ms: number) => Promise<void>,
  delaysMs: readonly number[] = PERMISSION_DELAYS_MS,
): Promise<Reconciled> {
  const destinations = new Set([...wanted, ...before].map(({ destinationArn }) => destinationArn));
  const isOwn = (filter: SubscriptionFilter): boolean =>
    filter.filterName === filterName && destinations.has(filter.destinationArn ?? '');
  const keep = new Set(wanted.map(({ logGroup }) => logGroup));
  let removed = 0;
  for (const logGroup of new Set(before.map((one) => one.logGroup))) {
    if (keep.has(logGroup)) continue;
    if (await remove(client, logGroup, filterName, isOwn)) removed += 1;
  }
  const delays = [...delaysMs];
  const patiently = async (act: () => Promise<unknown>): Promise<void> => {
    for (;;) {
      try {
        await act();
        return;
      } catch (error) {
        const delay = isPassing(error) ? delays.shift() : undefined;
        if (delay === undefined) throw error;
        await wait(delay);
      }
    }
  };
  const put: LogSubscription[] = [];
  const problems = new Map<string, string>();
  for (const one of wanted) {
    const outcome = await attach(client, one, filterName, isOwn, patiently);
    if (outcome === 'put') put.push(one);
    else if (outcome !== 'there') problems.set(one.logGroup, outcome.problem);
  }
  return { attached: wanted.length - problems.size, put, removed, problems };
}

/** The filters of a group; undefined when there is no such group. */
async function filtersOf(client: CloudWatchLogsClient, logGroup: string): Promise<SubscriptionFilter[] | undefined> {
  try {
    const page = await client.send(new DescribeSubscriptionFiltersCommand({ logGroupName: logGroup }));
    return page.subscriptionFilters ?? [];
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function remove(
  client: CloudWatchLogsClient,
  logGroup: string,
  filterName: string,
  isOwn: (filter: SubscriptionFilter) => boolean,
): Promise<boolean> {
  const filters = await filtersOf(client, logGroup);
  if (filters?.some(isOwn) !== true) return false;
  try {
    await client.send(new DeleteSubscriptionFilterCommand({ logGroupName: logGroup, filterName }));
    return true;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false;
    throw error;
  }
}

/** Whether a group was attached already, is by now, or why it can't be. */
type Attached = 'there' | 'put' | { readonly problem: string };

/** Attaches one group. */
async function attach(
  client: CloudWatchLogsClient,
  { logGroup, destinationArn }: LogSubscription,
  filterName: string,
  isOwn: (filter: SubscriptionFilter) => boolean,
  patiently: (act: () => Promise<unknown>) => Promise<void>,
): Promise<Attached> {
  const filters = await filtersOf(client, logGroup);
  if (filters === undefined) return missing(logGroup);
  const own = filters.find(isOwn);
  if (own?.destinationArn === destinationArn && own.filterPattern === '') return 'there';
  const namesake = filters.find((filter) => filter.filterName === filterName);
  if (own === undefined && namesake !== undefined) {
    const place = namesake.destinationArn ?? 'another place';
    return { problem: `${logGroup} has a filter named ${filterName} that leads to ${place}; it was left alone.` };
  }
  if (own === undefined && filters.length >= MAX_FILTERS) return full(logGroup, filters);
  const command = new PutSubscriptionFilterCommand({
    logGroupName: logGroup,
    filterName,
    filterPattern: '',
    destinationArn,
  });
  try {
    await patiently(() => client.send(command));
    return 'put';
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return missing(logGroup);
    if (error instanceof LimitExceededException) return full(logGroup, filters);
    // A group of the class for infrequent access, for one, takes no filters: its neighbours do.
    if (error instanceof InvalidParameterException)
      return { problem: `${logGroup} takes no subscription filter: ${error.message}` };
    throw error;
  }
}

/** CloudWatch Logs can't yet invoke the function, or another change of the group is under way. */
function isPassing(error: unknown): boolean {
  return error instanceof InvalidParameterException || error instanceof OperationAbortedException;
}

const missing = (logGroup: string) => ({
  problem: `${logGroup} does not exist; it is attached within an hour of its creation.`,
});

function full(logGroup: string, filters: readonly SubscriptionFilter[]): { readonly problem: string } {
  const names = filters.map((filter) => `${filter.filterName ?? '?'} to ${filter.destinationArn ?? '?'}`);
  return {
    problem: `${logGroup} has no room for another subscription filter beside ${names.join(' and ')}; it is attached within an hour once one is gone.`,
  };
}
