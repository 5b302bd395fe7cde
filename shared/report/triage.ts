import type { Coverage } from '#shared/model/coverage.ts';
import type { Finding } from '#shared/model/finding.ts';
import { type Facts, factsOf } from './facts.ts';
import { assessCost, findWayIn, hunt, prevent, readConfiguration } from './triage-learn.ts';
import { blockPool, isolateHost, removePersistence, stopMiner } from './triage-stop.ts';

export interface TriageStep {
  /** 1 to 9. */
  readonly step: number;
  readonly title: string;
  /**
   * What to do, most urgent first, with the artifacts of the finding as logs wrote them: renderers escape. Commands
   * hold such text only as one quoted word.
   */
  readonly actions: readonly string[];
}

/** The nine steps of the response to Datadog's rule "Cryptomining attack chain detected" (def-000-thh), in its order. */
const STEPS: readonly (readonly [string, (facts: Facts) => string[]])[] = [
  ['Stop the miner', stopMiner],
  ['Block the pool', blockPool],
  ['Isolate the host or container', isolateHost],
  ['Remove what starts it again', removePersistence],
  ["Read the attacker's configuration", readConfiguration],
  ['Assess resources and cost', assessCost],
  ['Find the way in', findWayIn],
  ['Hunt for the same attacker elsewhere', hunt],
  ['Prevent the next one', prevent],
];

/** What to do about one finding: each step names artifacts of it, or the log that would tell. */
export function triage(finding: Finding, coverage: Coverage): readonly TriageStep[] {
  const facts = factsOf(finding, coverage);
  return STEPS.map(([title, actionsOf], at) => ({ step: at + 1, title, actions: actionsOf(facts) }));
}
