import type { Analyzer } from '#shared/model/analyzer.ts';
import { binaryDeletion } from './binary-deletion.ts';
import { disguisedProcess } from './disguised-process.ts';
import { minerArguments } from './miner-arguments.ts';
import { minerConfigWrite } from './miner-config-write.ts';
import { minerConsole } from './miner-console.ts';
import { minerEnvironment } from './miner-environment.ts';
import { minerProgram } from './miner-program.ts';
import { miningOrder } from './mining-order.ts';

/**
 * Every detection of a miner's execution that is code.
 * @param intel `programs()`: the listed miners' names in lower case, prefixes without their star; `names()`: the listed
 *   DNS names
 */
export function minerAnalyzers(intel: {
  programs(): Iterable<string>;
  names(): Iterable<string>;
}): readonly Analyzer[] {
  const programs = [...intel.programs()];
  const names = [...intel.names()];
  return [
    minerArguments(programs, names),
    minerEnvironment(names),
    minerProgram(programs),
    disguisedProcess,
    minerConfigWrite,
    minerConsole,
    miningOrder,
    binaryDeletion,
  ];
}
