import { verifyWallet } from '../analyzers/wallet/wallet.ts';
import { linkKeyOf } from '../context/link-key.ts';
import type { Analyzer } from '../model/analyzer.ts';
import { type ClassId, type Event, processOf } from '../model/event.ts';
import type { Indicator, Verdict } from '../model/indicator.ts';
import type { Intel, WatchList } from '../model/intel.ts';
import { artifact, artifactKind, artifactValue } from '../model/place.ts';
import { redactCommandLine, redactSample, redactText } from './redact.ts';
import { onceForRepeated } from './repeated.ts';
import { sampleOf } from './sample.ts';
import { maskKnown, secretsOf } from './secrets/known.ts';

/** Artifacts of one indicator; a hostile command line may name thousands. */
const MAX_ARTIFACTS = 64;
const MAX_WHY = 400;

/** Turns events into indicators. */
export type Classifier = (event: Event, watch: WatchList) => readonly Indicator[];

const isWallet = (token: string): boolean => verifyWallet(token)?.checksum === 'verified';

/**
 * Fans events out to the analyzers that want their class, and fills in what these need not know: link key, redaction,
 * the sample. A pure function of event, analyzers, lists and watch list.
 */
export function classifierOf(analyzers: readonly Analyzer[], intel: Intel): Classifier {
  const byClass = new Map<ClassId, Analyzer[]>();
  for (const analyzer of analyzers) {
    for (const id of analyzer.classes) byClass.set(id, [...(byClass.get(id) ?? []), analyzer]);
  }
  const drafts = onceForRepeated((event, watch) => {
    const verdicts = (byClass.get(event.class) ?? []).flatMap((analyzer) =>
      analyzer.decide(event, intel, watch).map((verdict) => ({ analyzer, verdict })),
    );
    if (verdicts.length === 0) return [];
    const redact = redactionFor(event);
    return verdicts.map(({ analyzer, verdict }) => draftOf(event, analyzer, verdict, redact));
  });
  return (event, watch) =>
    drafts(event, watch).map(({ claims, ...draft }) => ({
      ...draft,
      time: event.time,
      claims: claims ?? event.claims,
      flags: event.clamped ? [...draft.flags, 'clamped'] : draft.flags,
      sample: redactSample(sampleOf(event, isWallet, claims?.address), isWallet),
    }));
}

/** An indicator without what two launches of the same command line differ in. */
interface Draft extends Omit<Indicator, 'time' | 'claims' | 'sample'> {
  readonly claims: Verdict['claims'];
}

function draftOf(event: Event, analyzer: Analyzer, verdict: Verdict, redact: (text: string) => string): Draft {
  return {
    group: verdict.group ?? analyzer.group,
    rule: verdict.part === undefined ? analyzer.id : `${analyzer.id}/${verdict.part}`,
    ruleVersion: analyzer.version,
    technique: verdict.technique ?? analyzer.technique,
    strength: verdict.strength,
    claims: verdict.claims,
    linkKey: linkKeyOf(processOf(event)),
    artifacts: verdict.artifacts.slice(0, MAX_ARTIFACTS).map((one) => redactArtifact(one, redact)),
    flags: verdict.flags ?? [],
    ...(verdict.minutes === undefined ? {} : { minutes: verdict.minutes }),
    why: redact(verdict.why).slice(0, MAX_WHY),
  };
}

/** Redacts what analyzers say of an event: they join arguments and cut them, so a secret is also known by the arguments. */
function redactionFor(event: Event): (text: string) => string {
  const process = processOf(event);
  const argv = process?.argv ?? [];
  const secrets = secretsOf(argv, redactCommandLine(argv, isWallet, process?.exact !== false));
  return (text) => redactText(maskKnown(text, secrets), isWallet);
}

/** Only free text can carry a secret: a wallet, an endpoint or a miner's name is what it is. */
function redactArtifact(
  one: Verdict['artifacts'][number],
  redact: (text: string) => string,
): Verdict['artifacts'][number] {
  const kind = artifactKind(one);
  return kind === 'cmd' || kind === 'url' || kind === 'path' || kind === 'worker'
    ? artifact(kind, redact(artifactValue(one)))
    : one;
}
