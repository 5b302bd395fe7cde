import { InvalidArgumentError, Option } from 'commander';
import { parseFlowFormat, unknownFields } from '#shared/events/vpc-flow/fields.ts';
import { SEVERITIES, type Severity } from '#shared/model/groups.ts';
import { FORMAT_NAMES } from './formats.ts';

/** What all commands take. */
export interface CommonFlags {
  readonly format: string;
  readonly flowFormat?: readonly string[];
  readonly rules: readonly string[];
}

export interface ScanFlags extends CommonFlags {
  readonly inventory?: string;
  readonly account?: string;
  readonly region?: string;
  readonly window: number;
  readonly table?: string;
  readonly json?: true;
  readonly failOn?: Severity;
}

/** `--format`, with `more` names beside those of logs. */
export function formatOption(more: readonly string[]): Option {
  return new Option('--format <name>', 'format of the input')
    .choices(['auto', ...more, ...FORMAT_NAMES])
    .default('auto');
}

/** `--flow-format`, as the LogFormat of a flow log is written. */
export function flowFormatOption(): Option {
  return new Option('--flow-format <fields>', 'LogFormat of flow logs without a header').argParser(flowFormat);
}

/** `--rules`, which may be given several times. */
export function rulesOption(): Option {
  return new Option('--rules <folder>', 'a folder of your own rules, beside the shipped ones')
    .argParser((value, before: readonly string[]) => [...before, value])
    .default([], 'none');
}

const FLOW_FORMAT_PROBLEMS = {
  empty: 'name the fields in their order',
  'too-many': 'too many fields',
  'no-names': 'no names of fields',
  'no-address': 'the fields hold no destination address',
} as const;

function flowFormat(text: string): readonly string[] {
  const parsed = parseFlowFormat(text);
  if ('fields' in parsed) return parsed.fields;
  const names = 'names' in parsed ? `: ${parsed.names.join(', ')}` : '';
  throw new InvalidArgumentError(`${FLOW_FORMAT_PROBLEMS[parsed.problem]}${names}`);
}

/** What the user should know of the fields that they named; one line, or none. */
export function flowFormatNotices({ flowFormat = [] }: CommonFlags): readonly string[] {
  const names = unknownFields(flowFormat);
  return names.length === 0
    ? []
    : [`--flow-format: no known field of flow logs, kept by its name: ${names.join(', ')}`];
}

/** Hours of a window, as `24h` or `24`. */
export function windowHours(text: string): number {
  const hours = /^(\d{1,4})h?$/.exec(text)?.[1];
  if (hours === undefined || Number(hours) === 0) throw new InvalidArgumentError('give hours, as 24h');
  return Number(hours);
}

export function severity(text: string): Severity {
  const known = SEVERITIES.find((one) => one.toLowerCase() === text.toLowerCase());
  if (known === undefined) throw new InvalidArgumentError(`give one of ${SEVERITIES.join(', ')}`);
  return known;
}

/** An account id: twelve digits. */
export function accountId(text: string): string {
  if (!/^\d{12}$/.test(text)) throw new InvalidArgumentError('give the twelve digits of an account id');
  return text;
}

export function regionName(text: string): string {
  if (!/^[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/.test(text))
    throw new InvalidArgumentError('give the name of a region, as us-east-1');
  return text;
}
