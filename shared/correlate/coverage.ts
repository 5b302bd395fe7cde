import type { Coverage } from '../model/coverage.ts';
import type { Finding } from '../model/finding.ts';
import type { Sample } from '../model/indicator.ts';

const FLOW = 'vpc-flow';
const RESOLVER = 'resolver';
const CONSOLE = 'miner-console';

/**
 * What the sources of a deployment can show: those that it reads, and those that gave the finding's samples, which
 * stand for the records that are counted.
 * @param configured names of formats that the deployment reads
 */
export function deployedCoverage(finding: Finding, configured: readonly string[]): Coverage {
  const samples = [...finding.evidence, ...finding.leftOut.map((one) => one.evidence)].flatMap((one) => one.samples);
  const bySource = Map.groupBy(samples, (sample) => sample.source);
  const names = [...new Set([...configured, ...bySource.keys()])].sort();
  return {
    sources: names.map((format) => ({ format, ...seen(bySource.get(format) ?? []) })),
    ...shownBy(names),
  };
}

/**
 * Which sorts of evidence the sources can show.
 * @param names of formats that are read
 */
export function shownBy(names: readonly string[]): Omit<Coverage, 'sources'> {
  return {
    process: names.some((name) => name !== FLOW && name !== RESOLVER && name !== CONSOLE),
    ...(names.includes(CONSOLE) ? { console: true } : {}),
    resolver: names.includes(RESOLVER),
    flow: names.includes(FLOW),
  };
}

function seen(samples: readonly Sample[]): { records: number; from?: number; to?: number } {
  const records = new Set(samples.map((one) => one.id)).size;
  if (records === 0) return { records };
  const times = samples.map((one) => one.time);
  return { records, from: Math.min(...times), to: Math.max(...times) };
}
