import { CONTEXT_ANALYZERS } from '../analyzers/context/analyzers.ts';
import { lookupTool } from '../analyzers/lookup-tool.ts';
import { minerAnalyzers } from '../analyzers/miner/analyzers.ts';
import { optimizationAnalyzers } from '../analyzers/optimization/analyzers.ts';
import { persistenceAnalyzers } from '../analyzers/persistence/analyzers.ts';
import { poolConnection } from '../analyzers/pool-connection.ts';
import { poolLookup } from '../analyzers/pool-lookup.ts';
import type { CompiledIntel } from '../intel/compile.ts';
import type { Analyzer } from '../model/analyzer.ts';

/** Every detection: those that are code, and the rules; functions and the command line use the same. */
export function detectionsOf(intel: CompiledIntel, rules: readonly Analyzer[]): readonly Analyzer[] {
  return [
    ...minerAnalyzers(intel),
    poolLookup,
    poolConnection,
    lookupTool(intel),
    ...persistenceAnalyzers(intel),
    ...optimizationAnalyzers(intel),
    ...CONTEXT_ANALYZERS,
    ...rules,
  ];
}
