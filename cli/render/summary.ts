import type { Coverage } from '#shared/model/coverage.ts';
import type { Finding } from '#shared/model/finding.ts';
import { SEVERITIES } from '#shared/model/groups.ts';
import { coverageText } from '#shared/report/coverage.ts';
import { terminalText } from '#shared/report/escape.ts';
import type { Watching } from '#shared/report/table.ts';
import type { FileRecord } from '../scan-record.ts';

const REASONS: Readonly<Record<string, string>> = {
  'not-json': 'not JSON',
  'missing-field': 'a field is missing',
  'bad-number': 'a number is out of range',
  'field-count': 'another number of fields than the flow log format (name it with --flow-format)',
  truncated: 'cut off',
  'too-long': 'longer than 1 MiB',
  'unknown-format': 'of no known format',
  'wrong-log-type': 'public-zone query logs: switch on Resolver query logging instead',
};

const MAX_FOREIGN = 3;

/** Totals after a scan, one line each: what was read, what was not and why, what was found. */
export function summaryLines(
  files: readonly FileRecord[],
  coverage: Coverage,
  findings: readonly Finding[],
  watching: readonly Watching[],
  notices: readonly string[],
): string[] {
  const records = files.reduce((sum, file) => sum + file.records, 0);
  return [
    `Read ${records.toLocaleString('en')} records of ${files.length} ${files.length === 1 ? 'file' : 'files'}.`,
    ...coverageText(coverage),
    ...foreignLines(files.filter((file) => file.foreign && !file.named)),
    ...files.filter((file) => file.named || !file.foreign).flatMap(unreadableLines),
    ...notices,
    `Found: ${foundText(findings)}; places to watch: ${watching.length}.`,
  ].map(terminalText);
}

/** Files of a named folder that hold nothing to read: each by name while they are few. */
function foreignLines(files: readonly FileRecord[]): string[] {
  const names = files.slice(0, MAX_FOREIGN).map((file) => file.name);
  if (names.length === 0) return [];
  const more = files.length > names.length ? ` and ${files.length - names.length} more` : '';
  return [`Passed over, of no known format: ${names.join(', ')}${more}.`];
}

function unreadableLines(file: FileRecord): string[] {
  const lines = [...file.unreadable].map(
    ([kind, { count, firstLine }]) =>
      `${file.name}: ${count.toLocaleString('en')} ${count === 1 ? 'line' : 'lines'} not read: ${REASONS[kind] ?? kind} (first: line ${firstLine})`,
  );
  const whole = file.unreadableWhole
    ? [`${file.name}: none of ${file.unreadableCount.toLocaleString('en')} lines could be read`]
    : [];
  const told = [...file.notices, ...(file.failure === undefined ? [] : [file.failure])];
  return [...lines, ...whole, ...told.map((text) => `${file.name}: ${text}`)];
}

function foundText(findings: readonly Finding[]): string {
  const counts = SEVERITIES.toReversed()
    .map((severity) => [severity, findings.filter((one) => one.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`);
  return counts.length === 0 ? 'nothing' : counts.join(', ');
}
