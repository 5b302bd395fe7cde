import { jsonText } from '#shared/report/escape.ts';
import { findingJson } from '#shared/report/json.ts';
import { renderFindings } from '#shared/report/table.ts';
import { flowFormatNotices, type ScanFlags } from './arguments.ts';
import { exitCode, type ScanResult, scan } from './commands/scan.ts';
import type { Input } from './input/list-inputs.ts';
import { readInventory } from './inventory.ts';
import type { Io } from './io.ts';
import { lateTable } from './late-table.ts';
import type { OpenTable } from './named-table.ts';
import { type OpenedInputs, openInputs } from './open-inputs.ts';
import type { Output } from './output.ts';
import type { Progress } from './progress.ts';
import { terminalLook } from './render/look.ts';
import { summaryLines } from './render/summary.ts';
import { checkRuleFolders } from './rules.ts';

/**
 * `davylamp scan`: findings to `out`, all else to `err`; gives the exit code. What is wrong with options is told before
 * anything is read.
 */
export async function runScan(
  paths: readonly string[],
  flags: ScanFlags,
  io: Io,
  out: Output,
  err: Output,
): Promise<number> {
  checkRuleFolders(flags.rules);
  for (const notice of flowFormatNotices(flags)) err.line(notice);
  const { loadDetector } = await import('./detector.ts');
  const detector = loadDetector(flags.rules);
  const aliases = flags.inventory === undefined ? [] : await readInventory(flags.inventory);
  const table = await openTable(flags.table);
  let opened: OpenedInputs | undefined;
  let progress: Progress | undefined;
  try {
    opened = await openInputs(paths, io, err);
    err.line(totals(opened.inputs));
    progress = await progressOn(opened.inputs, io);
    const result = await scan(detector, opened.inputs, table.store, {
      format: flags.format,
      windowHours: flags.window,
      aliases,
      progress: (input, done) => progress?.told(input, done),
      ...(flags.flowFormat === undefined ? {} : { flowFormat: flags.flowFormat }),
      ...(flags.account === undefined ? {} : { account: flags.account }),
      ...(flags.region === undefined ? {} : { region: flags.region }),
    });
    progress?.end();
    show(result, flags, io, out);
    for (const line of summaryLines(result, flags.format, flags.json === true)) err.line(line);
    return exitCode(result, opened.errors, flags.failOn);
  } finally {
    progress?.end();
    opened?.remove();
    await table.close();
  }
}

/** A bar is loaded for a terminal alone, which shows it. */
async function progressOn(inputs: readonly Input[], io: Io): Promise<Progress | undefined> {
  if (io.stderr.isTTY !== true) return undefined;
  const { Progress } = await import('./progress.ts');
  return new Progress(inputs, io.stderr);
}

async function openTable(name: string | undefined): Promise<OpenTable> {
  if (name !== undefined) return (await import('./named-table.ts')).openNamedTable(name);
  return lateTable(async () => (await import('./embedded-table.ts')).openEmbeddedTable());
}

function totals(inputs: readonly Input[]): string {
  const megabytes = inputs.reduce((sum, input) => sum + input.size, 0) / 1e6;
  return `Scanning ${inputs.length} ${inputs.length === 1 ? 'file' : 'files'}, ${megabytes.toFixed(1)} MB.`;
}

/** Where nothing was read, the table is silent too: "no attack chain" would be said of nothing. */
function show(result: ScanResult, flags: ScanFlags, io: Io, out: Output): void {
  const { findings, coverage, watching } = result;
  if (flags.json) for (const finding of findings) out.write(`${jsonText(findingJson(finding, coverage))}\n`);
  else if (coverage.sources.length > 0) out.write(renderFindings(findings, { coverage, watching }, terminalLook(io)));
}
