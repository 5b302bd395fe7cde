import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '#shared/correlate/store.ts';
import type { Severity } from '#shared/model/groups.ts';
import { jsonText } from '#shared/report/escape.ts';
import { findingJson } from '#shared/report/json.ts';
import { type ScanResult, scan } from '../../cli/commands/scan.ts';
import { loadDetector } from '../../cli/detector.ts';
import { type Input, listInputs } from '../../cli/input/list-inputs.ts';
import { memoryStore } from '../correlate/memory-store.ts';

/** Relative to the checkout, so that findings point to the same files everywhere. */
export const SCENARIOS = join('samples', 'scenarios');

export interface ExpectedFinding {
  readonly severity: Severity;
  readonly place: { readonly account: string; readonly region: string; readonly host: string; readonly scope: string };
  readonly groups: readonly string[];
  readonly missing: readonly string[];
  /** Values that must be there, by kind. */
  readonly artifacts?: Readonly<Record<string, readonly string[]>>;
  readonly rises?: readonly (readonly [Severity, string])[];
  /** What must be left out, and words of the reason. */
  readonly leftOut?: readonly { readonly group: string; readonly why: string }[];
  /** Words that the notes must hold. */
  readonly notes?: readonly string[];
}

/** What a scenario must give, written by hand from the design. */
export interface Expected {
  readonly about: string;
  readonly findings: readonly ExpectedFinding[];
  readonly watching: readonly { readonly host: string; readonly scope: string; readonly groups: readonly string[] }[];
  /** Hosts that must appear nowhere. */
  readonly silent: readonly string[];
  /** Names, ports and addresses that may be others of their kind. */
  readonly renames: Readonly<Record<string, string>>;
}

export const scenarioNames = (): string[] => readdirSync(SCENARIOS).sort();
export const logsOf = (name: string): string => join(SCENARIOS, name, 'logs');
export const expectedOf = (name: string): Expected =>
  JSON.parse(readFileSync(join(SCENARIOS, name, 'expected.json'), 'utf8')) as Expected;

const detector = loadDetector([]);

export interface ScanSetting {
  readonly store?: Store;
  /** As the user names them with `--account` and `--region`. */
  readonly account?: string;
  readonly region?: string;
}

export async function scanInputs(inputs: readonly Input[], setting: ScanSetting = {}): Promise<ScanResult> {
  const { store = memoryStore(), ...origin } = setting;
  return scan(detector, inputs, store, { format: 'auto', windowHours: 24, ...origin });
}

/** Scans files and folders as `davylamp scan` does. */
export async function scanPaths(paths: readonly string[], setting: ScanSetting = {}): Promise<ScanResult> {
  const list = await listInputs(paths);
  if (list.errors.length > 0) throw new Error(list.errors.map((one) => `${one.path}: ${one.message}`).join('\n'));
  return scanInputs(list.inputs, setting);
}

/** What `scan --json` prints. */
export function jsonLines({ findings, coverage }: ScanResult): string {
  return findings.map((finding) => `${jsonText(findingJson(finding, coverage))}\n`).join('');
}
