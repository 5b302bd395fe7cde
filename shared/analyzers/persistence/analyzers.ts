import type { Analyzer } from '#shared/model/analyzer.ts';
import { persistenceCommand } from './persistence-command.ts';
import { PERSISTENCE_FILE } from './persistence-file.ts';
import { persistenceJob } from './persistence-job.ts';
import { scriptStarted } from './script-started.ts';

/**
 * Every detection of persistence that is code, and the context that ties what a schedule starts to the schedule.
 * @param intel `programs()`: the listed miners' names in lower case
 */
export function persistenceAnalyzers(intel: { programs(): Iterable<string> }): readonly Analyzer[] {
  return [PERSISTENCE_FILE, persistenceCommand, persistenceJob([...intel.programs()]), scriptStarted];
}
