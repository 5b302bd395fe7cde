import type { Analyzer } from '#shared/model/analyzer.ts';
import { persistenceCommand } from './persistence-command.ts';
import { PERSISTENCE_FILE } from './persistence-file.ts';
import { persistenceJob } from './persistence-job.ts';

/**
 * Every detection of persistence that is code.
 * @param intel `programs()`: the listed miners' names in lower case
 */
export function persistenceAnalyzers(intel: { programs(): Iterable<string> }): readonly Analyzer[] {
  return [PERSISTENCE_FILE, persistenceCommand, persistenceJob([...intel.programs()])];
}
