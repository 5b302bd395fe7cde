/**
 * Keeps the tables of docs/cost.md and the README's figures true. `node docs/cost-table.ts` writes them between their
 * markers, from docs/cost-model.ts and the synthesized stack; with `--check` it fails when they differ.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import * as v from 'valibot';
import { type Config, checkConfig, EXAMPLE_FILE } from '../cdk/config.ts';
import { DavylampStack } from '../cdk/stack.ts';
import {
  type Deployed,
  deliveryCost,
  findingCost,
  guardDutyCost,
  type Logs,
  readingCost,
  readingTotal,
  type SourceName,
  standingCost,
  writeCeilingCost,
} from './cost-model.ts';
import { cost, PRICES, RUNTIME_MONITORING_USD, STEP_SOURCES, STEPS, type Steps, sourceOf } from './cost-prices.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What the tables assume to be deployed, from the least to the most, by what the page calls it. */
const LEAST = { sources: { runtime: { logGroups: ['/hosts/audit'] } } };
const FILES = [EXAMPLE_FILE, 'davylamp.config.full.example.json'] as const;

const configurationIn = (file: string): unknown => JSON.parse(readFileSync(`${ROOT}${file}`, 'utf8'));

const GIGABYTES = [1, 10, 1_000];
const NAMES: Readonly<Record<SourceName, string>> = { flow: 'flow', dns: 'resolver', runtime: 'process' };
const SOURCES: readonly SourceName[] = ['flow', 'dns', 'runtime'];
const LEAST_GIGABYTES = 0.01;
const MOST_GIGABYTES = 5_000;
const BATCH_BYTES = 16_000;
const ALL_BATCH_BYTES = [2_000, 4_000, 16_000, 64_000, 256_000];

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

function configuration(value: unknown): Config {
  const checked = checkConfig(value);
  if ('config' in checked) return checked.config;
  throw new Error(checked.faults.join('\n'));
}

/** The resources of a configuration's template. */
function resourcesOf(config: Config): readonly Resource[] {
  // Sizes and prices need no code: nothing is bundled and nothing copied.
  const context = { 'aws:cdk:bundling-stacks': [], 'aws:cdk:disable-asset-staging': true };
  const app = new App({ context, builtinCloudFormationValidation: false });
  const stack = new DavylampStack(app, 'davylamp', { config });
  const { template } = app.synth().getStackByName(stack.stackName);
  return Object.values<Resource>(template.Resources);
}

/** What is deployed with a configuration, and the write units a second that its table takes at most. */
export function deployed(value: unknown): Deployed & { readonly writeUnits: number } {
  const config = configuration(value);
  const resources = resourcesOf(config);
  const of = (type: string): readonly Resource[] => resources.filter((one) => one.Type === type);
  const having = (type: string, key: string): readonly unknown[] =>
    of(type).flatMap(({ Properties }) => Properties?.[key] ?? []);
  const { runtime, flow, dns } = config.sources;
  const [throughput] = having('AWS::DynamoDB::Table', 'OnDemandThroughput');
  return {
    alarmMetrics: of('AWS::CloudWatch::Alarm').reduce((sum, one) => sum + metricsOf(one), 0),
    keys: of('AWS::KMS::Key').length,
    polledQueues: having('AWS::SQS::Queue', 'RedrivePolicy').length,
    channels: having('AWS::SNS::Subscription', 'Protocol').filter((protocol) => protocol === 'sqs').length,
    sources: [runtime, flow, dns].filter(({ logGroups, buckets }) => logGroups.length + buckets.length > 0).length,
    secrets: config.slack === undefined ? 0 : 1,
    writeUnits: v.parse(v.object({ MaxWriteRequestUnits: v.number() }), throughput).MaxWriteRequestUnits,
  };
}

/** The metrics that an alarm looks at: its own, or those that its formula names. */
function metricsOf({ Properties }: Resource): number {
  const { Metrics } = v.parse(v.object({ Metrics: v.optional(v.array(v.looseObject({}))) }), Properties);
  return Metrics?.filter((one) => 'MetricStat' in one).length ?? 1;
}

function dollars(amount: number): string {
  const digits = amount >= 100 || amount === 0 ? 0 : 2;
  return amount.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function count(amount: number): string {
  if (amount >= 1e9) return `${(amount / 1e9).toFixed(1)} billion`;
  if (amount >= 1e6) return `${(amount / 1e6).toFixed(1)} million`;
  return Math.round(amount).toLocaleString('en-US');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function volumeRows(name: string, sources: readonly SourceName[]): string[][] {
  return GIGABYTES.map((gigabytesADay) => {
    const logs = (by: Logs['by']): Logs[] => sources.map((source) => ({ source, gigabytesADay, by }));
    const [batches, objects] = [logs({ batchBytes: BATCH_BYTES }), logs('objects')];
    const reading = (some: readonly Logs[]): number =>
      some.reduce((total, one) => total + readingTotal(readingCost(one)), 0);
    return [
      name,
      gigabytesADay.toLocaleString('en-US'),
      dollars(reading(batches)),
      dollars(deliveryCost(batches)),
      dollars(reading(objects)),
      dollars(deliveryCost(objects)),
      sources.some((source) => source !== 'runtime') ? dollars(guardDutyCost(batches)) : '–',
    ];
  });
}

function volumes(): string {
  return table(
    [
      'logs',
      'GB a day',
      'reading batches',
      'their delivery to CloudWatch Logs',
      'reading objects',
      'their delivery to S3',
      'GuardDuty, flow and DNS',
    ],
    [...SOURCES.flatMap((source) => volumeRows(NAMES[source], [source])), ...volumeRows('each of the three', SOURCES)],
  );
}

function batches(): string {
  const rows = ALL_BATCH_BYTES.map((batchBytes) => {
    const reading = readingCost({ source: 'flow', gigabytesADay: 10, by: { batchBytes } });
    return [
      `${batchBytes / 1000} KB`,
      count(reading.invocations),
      dollars(reading.requests),
      dollars(reading.compute),
      dollars(reading.ownLogs),
      dollars(readingTotal(reading)),
    ];
  });
  return table(['lines in a batch', 'invocations', 'requests', 'compute', 'own logs', 'sum'], rows);
}

/** What stands with nothing but one log group, and with each shipped configuration. */
function allStanding(): readonly (readonly [name: string, deployed: Deployed])[] {
  return [
    ['one log group', deployed(LEAST)],
    ...FILES.map((file) => [`\`${file}\``, deployed(configurationIn(file))] as const),
  ];
}

function standing(): string {
  return table(
    ['deployed', 'metrics of alarms', 'keys', 'queues', 'secrets', 'a month'],
    allStanding().map(([name, one]) => [
      name,
      String(one.alarmMetrics),
      String(one.keys),
      String(one.polledQueues),
      String(one.secrets),
      dollars(standingCost(one)),
    ]),
  );
}

/** What the README says of it. */
function inShort(): string {
  const costs = allStanding().map(([, one]) => standingCost(one));
  const reading = (by: Logs['by']): string => {
    const each = SOURCES.map((source) => dollars(readingTotal(readingCost({ source, gigabytesADay: 10, by }))));
    const [least, most] = [
      each.toSorted((a, b) => Number(a) - Number(b))[0],
      each.toSorted((a, b) => Number(b) - Number(a))[0],
    ];
    return `${least} to ${most}`;
  };
  return [
    `Offline there is none. Deployed, the stack stands at ${dollars(Math.min(...costs))} US dollars a month with one log group and`,
    `${dollars(Math.max(...costs))} with everything in \`${FILES[1]}\`. Reading 10 GB a day of one source adds`,
    `${reading({ batchBytes: BATCH_BYTES })} as batches of ${BATCH_BYTES / 1000} KB from CloudWatch Logs, ${reading('objects')} as objects in S3.`,
  ].join('\n');
}

function findings(): string {
  const cases = [
    { hosts: 0, hours: 0 },
    { hosts: 1, hours: 24 },
    { hosts: 10, hours: 24 },
    { hosts: 10, hours: 720 },
    { hosts: 100, hours: 720 },
  ];
  return table(
    ['mining hosts', 'hours each', 'at most'],
    cases.map(({ hosts, hours }) => [
      String(hosts),
      String(hours),
      dollars(findingCost({ hosts, hours, recipients: 2 })),
    ]),
  );
}

function breakEven(): string {
  const each = readingTotal(readingCost({ source: 'runtime', gigabytesADay: 1 / 30, by: { batchBytes: BATCH_BYTES } }));
  const delivered = each + cost('logIngestion', 1);
  return [
    `Reading 1 GB of process logs costs ${dollars(each)}, with its delivery ${dollars(delivered)}. Runtime Monitoring takes`,
    `${dollars(RUNTIME_MONITORING_USD)} for a vCPU and month (up to 500 vCPU). So davylamp costs less where a vCPU writes less than`,
    `${(RUNTIME_MONITORING_USD / delivered).toFixed(1)} GB of process logs a month, and more where it writes more.`,
  ].join('\n');
}

function ceiling(units: number): string {
  return `The ceiling of ${units.toLocaleString('en-US')} write units a second would cost ${dollars(writeCeilingCost(units))} if it were reached all month.`;
}

function stepText(steps: Steps): string {
  let from = 0;
  const texts: string[] = [];
  for (const [upTo, usd] of steps) {
    const gigabytes = (upTo - from).toLocaleString('en-US');
    texts.push(
      upTo === Number.POSITIVE_INFINITY ? `then ${usd}` : `${from === 0 ? 'first' : 'next'} ${gigabytes}: ${usd}`,
    );
    from = upTo;
  }
  return texts.join('; ');
}

function prices(): string {
  const flat = Object.entries(PRICES).map(([name, { usd, per }]) => [
    per,
    String(usd),
    sourceOf(name as keyof typeof PRICES),
  ]);
  const falling = Object.entries(STEPS).map(([name, steps]) => {
    const { what, source } = STEP_SOURCES[name as keyof typeof STEPS];
    return [what, stepText(steps), source];
  });
  return table(['for', 'US dollars', 'read where, as of'], [...flat, ...falling]);
}

/** GB a day of flow logs from and to which davylamp, with delivery and what stands, costs less than GuardDuty. */
function cheaperRanges(by: Logs['by'], standingUsd: number): string[] {
  const cheaper = (gigabytesADay: number): boolean => {
    const logs: Logs = { source: 'flow', gigabytesADay, by };
    return readingTotal(readingCost(logs)) + deliveryCost([logs]) + standingUsd < guardDutyCost([logs]);
  };
  const rounded = (amount: number): string => Number(amount.toPrecision(2)).toLocaleString('en-US');
  const ranges: string[] = [];
  let from: number | undefined;
  for (let at = LEAST_GIGABYTES; at <= MOST_GIGABYTES; at *= 1.01) {
    if (cheaper(at)) from ??= at;
    else if (from !== undefined) {
      ranges.push(`from ${rounded(from)} to ${rounded(at)}`);
      from = undefined;
    }
  }
  if (from !== undefined) ranges.push(`from ${rounded(from)} on`);
  return ranges.length > 0 ? ranges : ['never'];
}

function besideGuardDuty(full: Deployed): string {
  const stands = standingCost(full);
  const row = (name: string, by: Logs['by']): string[] => [name, cheaperRanges(by, stands).join(', ')];
  return table(
    ['flow logs switched on for this alone', 'davylamp costs less than GuardDuty, GB a day'],
    [
      row('to CloudWatch Logs, batches of 2 KB', { batchBytes: 2_000 }),
      row(`to CloudWatch Logs, batches of ${BATCH_BYTES / 1000} KB`, { batchBytes: BATCH_BYTES }),
      row('to S3', 'objects'),
    ],
  );
}

/** Each block of docs/cost.md, by the name in its markers. */
function blocks(): Readonly<Record<string, string>> {
  const full = deployed(configurationIn(EXAMPLE_FILE));
  return {
    volumes: volumes(),
    guardduty: besideGuardDuty(full),
    batches: batches(),
    standing: standing(),
    findings: findings(),
    ceiling: ceiling(full.writeUnits),
    process: breakEven(),
    prices: prices(),
  };
}

/** The page with each block between its markers. @throws Error that names a block whose markers are not there */
export function withBlocks(page: string, texts: Readonly<Record<string, string>>): string {
  let next = page;
  for (const [name, text] of Object.entries(texts)) {
    const begin = `<!-- ${name}: written by docs/cost-table.ts -->`;
    const end = `<!-- end of ${name} -->`;
    const [from, to] = [next.indexOf(begin), next.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`the page lacks the markers ${begin} and ${end}`);
    next = `${next.slice(0, from)}${begin}\n\n${text}\n\n${next.slice(to)}`;
  }
  return next;
}

/** Writes one page, or says where it differs. @returns whether it is, or now is, what it should be */
function keepTrue(file: string, texts: Readonly<Record<string, string>>, check: boolean): boolean {
  const page = readFileSync(`${ROOT}${file}`, 'utf8');
  const wanted = withBlocks(page, texts);
  if (wanted === page) return true;
  if (!check) {
    writeFileSync(`${ROOT}${file}`, wanted);
    return true;
  }
  const [shown, printed] = [page.split('\n'), wanted.split('\n')];
  const at = printed.findIndex((line, index) => line !== shown[index]);
  process.stderr.write(
    `${file} is not what the model and the stack give; first difference in line ${at + 1}\n` +
      `  shown: ${shown[at] ?? '(ends)'}\n  given: ${printed[at] ?? '(ends)'}\nRun: npx node docs/cost-table.ts\n`,
  );
  return false;
}

function main(check: boolean): number {
  const page = keepTrue('docs/cost.md', blocks(), check);
  const readme = keepTrue('README.md', { cost: inShort() }, check);
  return page && readme ? 0 : 1;
}

if (import.meta.main) process.exitCode = main(process.argv.includes('--check'));
