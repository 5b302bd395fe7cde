import type { Analyzer } from '#shared/model/analyzer.ts';
import { kernelSetting } from './kernel-setting.ts';
import { limitedMiner } from './limited-miner.ts';
import { msrWrite } from './msr-write.ts';
import { rivals } from './rivals.ts';
import { securityAgents } from './security-agents.ts';

/**
 * Every detection of system tuning that is code.
 * @param intel `programs()`: the listed miners' names in lower case; `names()`: the listed DNS names, pools among them
 */
export function optimizationAnalyzers(intel: {
  programs(): Iterable<string>;
  names?(): Iterable<string>;
}): readonly Analyzer[] {
  return [
    msrWrite,
    kernelSetting,
    rivals([...intel.programs()], [...(intel.names?.() ?? [])]),
    securityAgents,
    limitedMiner,
  ];
}
