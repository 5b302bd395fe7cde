import { Command, InvalidArgumentError, Option } from 'commander';
import { parseFlowFormat } from '#shared/events/vpc-flow/fields.ts';
import { SEVERITIES, type Severity } from '#shared/model/groups.ts';
import { jsonText, terminalText } from '#shared/report/escape.ts';
import { findingJson } from '#shared/report/json.ts';
import { renderFindings } from '#shared/report/table.ts';
import { classifyLines } from './commands/classify.ts';
import { exitCode, scan } from './commands/scan.ts';
import { FORMAT_NAMES } from './formats.ts';
import { type Input, listInputs } from './input/list-inputs.ts';
import { readChunks } from './input/read-chunks.ts';
import { type Spooled, spoolStdin } from './input/spool.ts';
import { MAX_LINE } from './looks.ts';
import { Progress } from './progress.ts';
import { summaryLines } from './render/summary.ts';
import { UsageError } from './usage-error.ts';

const EXIT_USAGE = 2;
const DEFAULT_WIDTH = 100;
const MAX_WIDTH = 140;

interface CommonFlags {
  readonly format: string;
  readonly flowFormat?: readonly string[];
  readonly rules: readonly string[];
}

interface ScanFlags extends CommonFlags {
  readonly inventory?: string;
  readonly account?: string;
  readonly region?: string;
  readonly window: number;
  readonly table?: string;
  readonly json?: true;
  readonly failOn?: Severity;
}

const warn = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Runs the command line; gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = new Command('davylamp')
    .description('Finds cryptomining attack chains in the logs that you already have.')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) });
  program
    .command('scan')
    .description('take log files through the whole chain and print findings')
    .argument('<path...>', 'files, folders, or - for standard input')
    .addOption(formatOption([]))
    .option('--flow-format <fields>', 'LogFormat of flow logs without a header', flowFormat)
    .option('--inventory <file>', 'JSON of aws ec2 describe-network-interfaces')
    .option('--account <id>', 'account of sources that name none')
    .option('--region <name>', 'region of sources that name none')
    .option('--window <hours>', 'hours that belong together, as 24h', windowHours, 24)
    .option('--rules <folder>', 'a folder of your own rules, beside the shipped ones', collect, [])
    .option('--table <name>', 'a DynamoDB table to keep the state in, instead of an embedded one')
    .option('--json', 'one JSON object for each finding, one a line')
    .addOption(new Option('--fail-on <severity>', 'exit with 3 for a finding at or above').argParser(severity))
    .action(async (paths: string[], flags: ScanFlags) => {
      code = await runScan(paths, flags);
    });
  program
    .command('classify')
    .description('classify each line by itself: one JSON object for each input line')
    .argument('[file]', 'a file, or - for standard input', '-')
    .addOption(formatOption(['cmdline', 'domain']))
    .option('--flow-format <fields>', 'LogFormat of flow logs without a header', flowFormat)
    .option('--rules <folder>', 'a folder of your own rules, beside the shipped ones', collect, [])
    .action(async (path: string, flags: CommonFlags) => {
      code = await runClassify(path, flags);
    });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    return failure(error);
  }
  return code;
}

function failure(error: unknown): number {
  if (error instanceof UsageError) {
    warn(`davylamp: ${error.message.split('\n').map(terminalText).join('\n')}`);
    return EXIT_USAGE;
  }
  if (error instanceof Error && 'exitCode' in error && 'code' in error && String(error.code).startsWith('commander.'))
    return error.exitCode === 0 ? 0 : EXIT_USAGE;
  throw error;
}

function formatOption(more: readonly string[]): Option {
  return new Option('--format <name>', 'format of the input')
    .choices(['auto', ...more, ...FORMAT_NAMES])
    .default('auto');
}

function flowFormat(text: string): readonly string[] {
  const parsed = parseFlowFormat(text);
  if ('fields' in parsed) return parsed.fields;
  const names = 'names' in parsed ? `: ${parsed.names.map(terminalText).join(', ')}` : '';
  throw new InvalidArgumentError(`${FLOW_FORMAT_PROBLEMS[parsed.problem]}${names}`);
}

const FLOW_FORMAT_PROBLEMS = {
  empty: 'name the fields in their order',
  'too-many': 'too many fields',
  'unknown-fields': 'unknown fields',
  'no-address': 'the fields hold no destination address',
} as const;

function windowHours(text: string): number {
  const hours = /^(\d{1,4})h?$/.exec(text)?.[1];
  if (hours === undefined || Number(hours) === 0) throw new InvalidArgumentError('give hours, as 24h');
  return Number(hours);
}

function severity(text: string): Severity {
  const known = SEVERITIES.find((one) => one.toLowerCase() === text.toLowerCase());
  if (known === undefined) throw new InvalidArgumentError(`give one of ${SEVERITIES.join(', ')}`);
  return known;
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** Files as they are, standard input and pipes spooled so that they can be read again. */
async function openInputs(paths: readonly string[]): Promise<{ inputs: Input[]; spooled: Spooled[]; errors: number }> {
  const list = await listInputs(paths);
  for (const error of list.errors) warn(`davylamp: ${terminalText(error.path)}: ${error.message}`);
  const inputs: Input[] = [];
  const spooled: Spooled[] = [];
  let errors = list.errors.length;
  for (const input of list.inputs) {
    const one = input.kind === 'file' ? undefined : await spool(input);
    if (one === undefined) inputs.push(input);
    else if ('message' in one) {
      warn(`davylamp: ${terminalText(one.path)}: ${one.message}`);
      errors += 1;
    } else {
      spooled.push(one);
      inputs.push(one.input);
    }
  }
  return { inputs, spooled, errors };
}

async function spool(input: Input): ReturnType<typeof spoolStdin> {
  if (input.kind === 'stdin') return spoolStdin(process.stdin);
  const { createReadStream } = await import('node:fs');
  return spoolStdin(createReadStream(input.path), input.path);
}

async function runScan(paths: readonly string[], flags: ScanFlags): Promise<number> {
  const { inputs, spooled, errors } = await openInputs(paths);
  const { loadDetector } = await import('./detector.ts');
  const detector = loadDetector(flags.rules);
  const megabytes = inputs.reduce((sum, input) => sum + input.size, 0) / 1e6;
  warn(`Scanning ${inputs.length} ${inputs.length === 1 ? 'file' : 'files'}, ${megabytes.toFixed(1)} MB.`);
  const progress = new Progress(inputs, process.stderr);
  const table = await openTable(flags);
  try {
    const result = await scan(detector, inputs, table.store, {
      format: flags.format,
      windowHours: flags.window,
      progress: (input, done) => progress.told(input, done),
      ...(flags.flowFormat === undefined ? {} : { flowFormat: flags.flowFormat }),
      ...(flags.inventory === undefined ? {} : { inventory: flags.inventory }),
      ...(flags.account === undefined ? {} : { account: flags.account }),
      ...(flags.region === undefined ? {} : { region: flags.region }),
    });
    progress.end();
    const { findings, coverage, watching, files, notices } = result;
    if (flags.json) {
      for (const finding of findings) process.stdout.write(`${jsonText(findingJson(finding, coverage))}\n`);
    } else {
      process.stdout.write(renderFindings(findings, { coverage, watching }, terminalLook(process.stdout)));
    }
    for (const line of summaryLines(files, coverage, findings, watching, notices)) warn(line);
    return exitCode(result, errors, flags.failOn);
  } finally {
    progress.end();
    await table.close();
    for (const one of spooled) one.remove();
  }
}

async function openTable(flags: ScanFlags): ReturnType<typeof import('./embedded-table.ts').openEmbeddedTable> {
  const { openEmbeddedTable, openNamedTable } = await import('./embedded-table.ts');
  return flags.table === undefined ? openEmbeddedTable() : openNamedTable(flags.table);
}

/** Colours where the stream is a terminal and NO_COLOR is not set (https://no-color.org). */
function terminalLook(stream: NodeJS.WriteStream): { width: number; colour: boolean } {
  const colour = stream.isTTY === true && (process.env['NO_COLOR'] ?? '') === '' && stream.hasColors();
  return { width: Math.min(stream.columns ?? DEFAULT_WIDTH, MAX_WIDTH), colour };
}

async function runClassify(path: string, flags: CommonFlags): Promise<number> {
  const { inputs, spooled, errors } = await openInputs([path]);
  const [input] = inputs;
  if (input === undefined) return EXIT_USAGE;
  try {
    const { loadDetector } = await import('./detector.ts');
    const chunks = readChunks(input, { maxLine: MAX_LINE });
    const options = {
      format: flags.format,
      ...(flags.flowFormat === undefined ? {} : { flowFormat: flags.flowFormat }),
    };
    await classifyLines(loadDetector(flags.rules), chunks, options, (line) => process.stdout.write(`${line}\n`));
    if (chunks.error !== undefined) warn(`davylamp: ${terminalText(path)}: ${chunks.error.message}`);
    return errors > 0 || chunks.error !== undefined ? EXIT_USAGE : 0;
  } finally {
    for (const one of spooled) one.remove();
  }
}
