import type { Coverage } from '#shared/model/coverage.ts';
import { count, isoTime } from './words.ts';

function sourceText(source: Coverage['sources'][number]): string {
  const { from, to } = source;
  const range = from === undefined || to === undefined ? '' : `, ${isoTime(from)} to ${isoTime(to)}`;
  return `${source.format}: ${count(source.records, 'record')}${range}`;
}

function processLine(coverage: Coverage): string {
  if (coverage.process) {
    return 'Process telemetry was read: miner execution, persistence and system optimization can be seen where its rules record them.';
  }
  return coverage.console
    ? "What miners print was read, and no other process source: miners, their pools and tuning can be seen, persistence can't."
    : "No process source here: persistence and system optimization can't be seen, and a miner only by its sustained session.";
}

function networkLine(coverage: Coverage): string {
  if (coverage.flow && coverage.resolver) {
    return 'Resolver and flow logs were read: lookups of pools, and sessions to pools listed, learned or looked up, can be seen.';
  }
  if (coverage.flow) {
    return "Flow logs without resolver logs: a pool on an address that is neither listed nor named by a miner can't be told.";
  }
  if (coverage.resolver) {
    return "Resolver logs without flow logs: a lookup can be seen, whether anything connected can't, nor a sustained session.";
  }
  if (coverage.console && !coverage.process) {
    return 'No network source here: a pool connection can be seen only where a miner tells of it.';
  }
  return coverage.process
    ? 'No network source here: a pool connection can be seen only where the process source records connections or lookups.'
    : "No network source here: pool connections can't be seen.";
}

function reachLine(coverage: Coverage): string {
  if (coverage.process) {
    return coverage.flow || coverage.resolver
      ? 'With these sources every severity can be reached.'
      : 'With these sources Low can be reached, and more only if the process source shows a pool connection.';
  }
  if (coverage.console) return 'With these sources Medium is the most that can be reached: persistence is not seen.';
  if (coverage.flow) return 'With these sources Medium is the most that can be reached, by a sustained pool session.';
  return 'With these sources no severity can be reached: a lookup alone is no miner.';
}

/** What the sources seen can and can't show, and the severity that they can reach: one sentence or source in each line. */
export function coverageText(coverage: Coverage): readonly string[] {
  const sources = coverage.sources.map(sourceText);
  const nothing = sources.length === 0 ? ['No source gave a record.'] : [];
  return [...sources, ...nothing, processLine(coverage), networkLine(coverage), reachLine(coverage)];
}
