import type { Finding } from '#shared/model/finding.ts';
import { SEVERITIES } from '#shared/model/groups.ts';
import { coverageText } from '#shared/report/coverage.ts';
import { terminalText } from '#shared/report/escape.ts';
import type { Watching } from '#shared/report/table.ts';
import { GROUP_TITLES, isoHour, placeText } from '#shared/report/words.ts';
import type { ScanResult } from '../commands/scan.ts';
import { FORMAT_NAMES } from '../formats.ts';
import { type FileRecord, unreadableFolders } from '../scan-record.ts';

const REASONS: Readonly<Record<string, string>> = {
  'not-json': 'not JSON',
  'missing-field': 'a field is missing',
  'bad-number': 'a number is out of range',
  'field-count': 'another number of fields than the flow log format (name it with --flow-format)',
  truncated: 'cut off',
  'too-long': 'longer than 1 MiB',
  'wrong-log-type': 'public-zone query logs: switch on Resolver query logging instead',
};
/** Files of no known format that are named one by one. */
const MAX_FOREIGN = 3;
/** Places to watch that are named one by one, and the longest text of one. */
const MAX_WATCHING = 20;
const MAX_PLACE = 300;

/**
 * Totals after a scan, one line each: what was read, what was not and why, what was found, and, with `naming`, the places
 * to watch, which findings as JSON do not hold.
 */
export function summaryLines(result: ScanResult, format: string, naming = false): string[] {
  const { files, coverage, findings, watching, notices } = result;
  const records = files.reduce((sum, file) => sum + file.records, 0);
  return [
    `Read ${number(records)} ${records === 1 ? 'record' : 'records'} of ${number(files.length)} ${files.length === 1 ? 'file' : 'files'}.`,
    ...(records === 0 ? [] : coverageText(coverage)),
    ...files.filter((file) => !file.passedOver).flatMap((file) => fileLines(file, format)),
    ...passedOver(
      files.filter((file) => file.passedOver),
      format,
    ),
    ...unreadableFolders(files).map(({ name, lines }) => `${name}: ${noneRead(lines, format)}`),
    ...notices,
    ...(records === 0 ? [nothingRead(files, format)] : []),
    `Found: ${foundText(findings)}; places to watch: ${watching.length}.`,
    ...(naming ? watchingLines(watching) : []),
  ];
}

function watchingLines(watching: readonly Watching[]): string[] {
  const lines = watching.slice(0, MAX_WATCHING).map(({ place, groups, hours }) => {
    const titles = groups.map((group) => GROUP_TITLES[group]).join(', ');
    const named = terminalText(placeText(place).slice(0, MAX_PLACE));
    return `To watch: ${named}: ${titles}; hours ${isoHour(hours.from)} to ${isoHour(hours.to)}`;
  });
  const more = watching.length - lines.length;
  return more > 0 ? [...lines, `and ${number(more)} more places to watch`] : lines;
}

/** Groups of three digits. `toLocaleString` would load the locales first, a hundredth of a second of each scan. */
const number = (value: number): string => value.toFixed(0).replace(/\B(?=(?:\d{3})+$)/g, ',');

const noneRead = (lines: number, format: string): string =>
  `none of ${number(lines)} ${lines === 1 ? 'line' : 'lines'} could be read${format === 'auto' ? '' : ` as ${format}`}`;

function fileLines(file: FileRecord, format: string): string[] {
  const reasons = [...file.unreadable].map(([kind, { count, firstLine }]) => {
    const reason = kind === 'unknown-format' ? `of ${formatText(format)}` : (REASONS[kind] ?? kind);
    return `${number(count)} ${count === 1 ? 'line' : 'lines'} not read: ${reason} (first: line ${number(firstLine)})`;
  });
  const told = [
    ...reasons,
    ...(file.unreadableWhole ? [noneRead(file.unreadableLines, format)] : []),
    ...file.notices,
    ...(file.failure === undefined ? [] : [file.failure]),
  ];
  return told.map((text) => `${file.name}: ${text}`);
}

/** A folder may hold anything: its other files are named, not complained of. */
function passedOver(files: readonly FileRecord[], format: string): string[] {
  const lines = files.slice(0, MAX_FOREIGN).map((file) => `${file.name}: passed over, of ${formatText(format)}`);
  const more = files.length - lines.length;
  return more > 0 ? [...lines, `and ${number(more)} more files passed over, of ${formatText(format)}`] : lines;
}

const formatText = (format: string): string =>
  format === 'auto' ? 'no known format' : `another format than ${format}`;

/** Silence must not look like innocence: what to do when not one record was read. */
function nothingRead(files: readonly FileRecord[], format: string): string {
  const nothing = 'Nothing was read, so nothing is said of attacks';
  if (files.length === 0) return `${nothing}: no file was found.`;
  if (files.every((file) => file.unreadableLines === 0 && file.failure === undefined))
    return `${nothing}: the input is empty.`;
  return format === 'auto'
    ? `${nothing}: known formats are ${FORMAT_NAMES.join(', ')}; one of them can be named with --format.`
    : `${nothing}: without --format ${format} the format is found by content.`;
}

function foundText(findings: readonly Finding[]): string {
  const counts = SEVERITIES.toReversed()
    .map((severity) => [severity, findings.filter((one) => one.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${number(count)} ${severity}`);
  return counts.length === 0 ? 'nothing' : counts.join(', ');
}
