import type { Finding } from '#shared/model/finding.ts';
import { compareSeverity, type Severity } from '#shared/model/groups.ts';

/** The look of a severity. Colours are names of `util.styleText`. */
export interface SeverityLook {
  readonly label: string;
  readonly colour: 'magenta' | 'red' | 'yellow' | 'cyan';
}

/** All severities, in the order in which reports list them. */
export const SEVERITY_LOOKS: Readonly<Record<Severity, SeverityLook>> = {
  Critical: { label: 'CRITICAL', colour: 'magenta' },
  High: { label: 'HIGH', colour: 'red' },
  Medium: { label: 'MEDIUM', colour: 'yellow' },
  Low: { label: 'LOW', colour: 'cyan' },
};

/** Event time at which the finding first reached any severity; the end of time where none is known. */
const firstRise = (finding: Finding): number => Math.min(...finding.rises.map((rise) => rise.at));

/** The order of findings in every output: severity, most severe first; then first rise, then id. */
export function byUrgency(a: Finding, b: Finding): number {
  const [riseA, riseB] = [firstRise(a), firstRise(b)];
  const byRise = riseA < riseB ? -1 : riseA > riseB ? 1 : 0;
  return compareSeverity(b.severity, a.severity) || byRise || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
