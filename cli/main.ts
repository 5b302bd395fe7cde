import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { terminalText } from '#shared/report/escape.ts';
import {
  accountId,
  type CommonFlags,
  flowFormatOption,
  formatOption,
  regionName,
  rulesOption,
  type ScanFlags,
  severity,
  windowHours,
} from './arguments.ts';
import type { Io } from './io.ts';
import { Output } from './output.ts';
import { runClassify } from './run-classify.ts';
import { runScan } from './run-scan.ts';
import { UsageError } from './usage-error.ts';

const EXIT_USAGE = 2;

const EXIT_CODES = `
Exit codes of scan: 3 for a finding at or above --fail-on; else 2 for bad usage, a file that could not be read to its
end, or a named file or folder of which no line could be read; else 0. Findings are printed in every case, on standard
output.`;

/** Runs the command line; gives the exit code. */
export async function main(argv: readonly string[], io: Io = process): Promise<number> {
  const out = new Output(io.stdout);
  const err = new Output(io.stderr);
  let code = 0;
  try {
    await program(out, err, {
      scan: async (paths, flags) => {
        code = await runScan(paths, flags, io, out, err);
      },
      classify: async (path, flags) => {
        code = await runClassify(path, flags, io, out, err);
      },
    }).parseAsync(argv, { from: 'user' });
  } catch (error) {
    code = failure(error, err);
  }
  await out.settled();
  if (out.failure !== undefined) {
    err.line(`davylamp: standard output: ${out.failure}`);
    code = EXIT_USAGE;
  }
  await err.settled();
  return code;
}

interface Actions {
  scan(paths: string[], flags: ScanFlags): Promise<void>;
  classify(path: string, flags: CommonFlags): Promise<void>;
}

function program(out: Output, err: Output, actions: Actions): Command {
  const davylamp = new Command('davylamp')
    .description('Finds cryptomining attack chains in the logs that you already have.')
    .version(version(), '-V, --version', 'print the version')
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: (text) => err.write(text),
      outputError: (text) => err.line(oneLine(text)),
    });
  davylamp
    .command('scan')
    .description('take log files through the whole chain and print findings')
    .argument('<path...>', 'files, folders, or - for standard input')
    .addOption(formatOption([]))
    .addOption(flowFormatOption())
    .option('--inventory <file>', 'JSON of aws ec2 describe-network-interfaces')
    .option('--account <id>', 'account of sources that name none', accountId)
    .option('--region <name>', 'region of sources that name none', regionName)
    .option('--window <hours>', 'hours that belong together, as 24h', windowHours, 24)
    .addOption(rulesOption())
    .option('--table <name>', 'a DynamoDB table to keep the state in, instead of an embedded one')
    .option('--json', 'one JSON object for each finding, one a line')
    .addOption(new Option('--fail-on <severity>', 'exit with 3 for a finding at or above').argParser(severity))
    .addHelpText('after', EXIT_CODES)
    .action((paths: string[], flags: ScanFlags) => actions.scan(paths, flags));
  davylamp
    .command('classify')
    .description('classify each line by itself: one JSON object for each input line')
    .argument('[file]', 'a file, or - for standard input', '-')
    .addOption(formatOption(['cmdline', 'domain']))
    .addOption(flowFormatOption())
    .addOption(rulesOption())
    .action((path: string, flags: CommonFlags) => actions.classify(path, flags));
  return davylamp;
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return known ? String(manifest.version) : 'unknown';
}

/** A message that repeats an argument, whose line breaks must not look like lines of ours. */
function oneLine(text: string): string {
  return text.trimEnd().replace(/\n(?=\(Did you mean [^\n]*\?\)$)/, ' ');
}

function failure(error: unknown, err: Output): number {
  if (error instanceof UsageError) {
    err.write(`davylamp: ${error.message.split('\n').map(terminalText).join('\n')}\n`);
    return EXIT_USAGE;
  }
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  throw error;
}
