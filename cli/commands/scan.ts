import type { Alias } from '#shared/context/identities.ts';
import { DEFAULT_MATRIX } from '#shared/correlate/matrix.ts';
import type { Store } from '#shared/correlate/store.ts';
import type { Coverage } from '#shared/model/coverage.ts';
import type { Finding } from '#shared/model/finding.ts';
import { compareSeverity, type Severity } from '#shared/model/groups.ts';
import { type Detector, Run } from '#shared/pipeline.ts';
import { byUrgency } from '#shared/report/severity.ts';
import type { Watching } from '#shared/report/table.ts';
import { FORMATS, formatsNamed } from '../formats.ts';
import type { Input } from '../input/list-inputs.ts';
import { readInLooks } from '../looks.ts';
import { coverageOf, type FileRecord, unreadableFolders } from '../scan-record.ts';
import { placesToWatch } from '../watching.ts';

export interface ScanOptions {
  readonly format: string;
  readonly flowFormat?: readonly string[];
  /** What an inventory says of interfaces. */
  readonly aliases?: readonly Alias[];
  readonly account?: string;
  readonly region?: string;
  readonly windowHours: number;
  readonly progress?: (input: Input, done: number) => void;
}

export interface ScanResult {
  readonly findings: readonly Finding[];
  readonly watching: readonly Watching[];
  readonly coverage: Coverage;
  readonly files: readonly FileRecord[];
  readonly notices: readonly string[];
}

/** Takes files through the whole chain: read, classify, store, correlate. */
export async function scan(
  detector: Detector,
  inputs: readonly Input[],
  store: Store,
  options: ScanOptions,
): Promise<ScanResult> {
  const run = new Run(detector, {
    matrix: { ...DEFAULT_MATRIX, windowHours: options.windowHours },
    defaults: {
      ...(options.account === undefined ? {} : { account: options.account }),
      ...(options.region === undefined ? {} : { region: options.region }),
    },
  });
  for (const alias of options.aliases ?? []) run.identities.add(alias);
  const files = await readInLooks(run, inputs, {
    formats: formatsNamed(options.format),
    ...(options.flowFormat === undefined ? {} : { flowFormat: options.flowFormat }),
    ...(options.progress === undefined ? {} : { progress: options.progress }),
  });
  const placed = run.place();
  const heads = await run.correlate(placed, store);
  const findings = heads
    .flatMap((head) => head.episodes)
    .flatMap((episode) => (episode.state === 'open' && episode.snapshot !== undefined ? [episode.snapshot] : []))
    .sort(byUrgency);
  return {
    findings,
    watching: placesToWatch(placed.evidence, findings),
    coverage: coverageOf(files, FORMATS),
    files,
    notices: placed.withoutAccount
      ? ['Sources that name no account stayed apart, since several accounts were seen: name theirs with --account.']
      : [],
  };
}

/** The exit code of a scan: 3 for a finding at or above `failOn`, else 2 for what could not be read, else 0. */
export function exitCode(result: ScanResult, inputErrors: number, failOn: Severity | undefined): number {
  const reaches = (finding: Finding): boolean => failOn !== undefined && compareSeverity(finding.severity, failOn) >= 0;
  if (result.findings.some(reaches)) return 3;
  const incomplete = result.files.some((file) => file.broken) || unreadableFolders(result.files).length > 0;
  return inputErrors > 0 || incomplete ? 2 : 0;
}
