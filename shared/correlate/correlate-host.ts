import type { Evidence } from '../model/evidence.ts';
import type { Head, Transition } from '../model/finding.ts';
import type { Matrix } from '../model/matrix.ts';
import type { Host, Place } from '../model/place.ts';
import { correlate } from './correlate.ts';
import type { Linkable } from './linked-sets.ts';
import type { Store } from './store.ts';

const MAX_ATTEMPTS = 8;
const FIRST_VERSION = 1;

/** What a correlator run needs beside the store. */
export interface CorrelationContext {
  readonly matrix: Matrix;
  readonly linkable: Linkable;
  /** What the caller knows of the host, for its findings: identities inferred, caps reached. */
  readonly notes: readonly string[];
  /** The clock by which transitions are recorded, milliseconds since the epoch; without it event time stands for it. */
  readonly now?: () => number;
}

/** Evidence that came in for a host: the scopes and hours (since the epoch, inclusive) that it touched. */
export interface Touched {
  readonly host: Host;
  readonly scopes: readonly string[];
  readonly from: number;
  readonly to: number;
}

/**
 * The correlator's first step, for one host: reads evidence and heads, folds each scope, and writes the heads that
 * changed under the version read. All scopes with a head are folded, since evidence of the wire or of the host may
 * belong to any of them. Nothing is sent.
 * @throws Error when heads are written by others again and again: the trigger retries
 */
export async function correlateHost(
  store: Store,
  touched: Touched,
  context: CorrelationContext,
): Promise<readonly { head: Head; transitions: readonly Transition[] }[]> {
  const results: { head: Head; transitions: readonly Transition[] }[] = [];
  let folded: readonly string[] = [];
  for (;;) {
    const heads = await store.heads(touched.host);
    const scopes = [...new Set([...touched.scopes, ...heads.map((head) => head.place.scope)])].sort();
    if (scopes.every((scope) => folded.includes(scope))) return results;
    folded = scopes;
    const span = reach(touched, heads, context.matrix.windowHours);
    const readEvidence = () => store.evidence(touched.host, scopes, span.from, span.to);
    // Heads first: what came in between is in the evidence, and its own correlation will meet the heads' new versions.
    const evidence = await readEvidence();
    for (const scope of scopes) {
      const head = heads.find((one) => one.place.scope === scope);
      results.push(
        await correlateScope(store, placeOf(touched.host, scope), { head, evidence }, readEvidence, context),
      );
    }
    // Whoever begins a scope looks once more: of two who began one each unseen, the later sees both.
    if (!results.some(({ head }) => head.version === FIRST_VERSION)) return results;
  }
}

const placeOf = ({ account, region, host }: Host, scope: string): Place => ({ account, region, host, scope });

/** What a scope is folded from: its head as it was before its evidence was read. */
interface Read {
  readonly head: Head | undefined;
  readonly evidence: readonly Evidence[];
}

/** Folds one scope, from what all scopes of the host share; reads again only where its head was written meanwhile. */
async function correlateScope(
  store: Store,
  place: Place,
  first: Read,
  readEvidence: () => Promise<readonly Evidence[]>,
  { matrix, linkable, notes, now }: CorrelationContext,
): Promise<{ head: Head; transitions: readonly Transition[] }> {
  let { head, evidence } = first;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const result = correlate(place, evidence, head, matrix, linkable, notes, now?.());
    const transitions = result.transitions.map((one) => one.kind);
    if (!result.changed) return { head: head ?? result.next, transitions };
    if (await store.putHead(result.next)) return { head: result.next, transitions };
    head = await store.head(place);
    evidence = await readEvidence();
  }
  throw new Error(`the head of ${place.host} ${place.scope} was written ${MAX_ATTEMPTS} times by others meanwhile`);
}

/** The whole span of each touched episode, and one window at each end. */
function reach(touched: Touched, heads: readonly Head[], window: number): { from: number; to: number } {
  let { from, to } = touched;
  for (let grown = true; grown; ) {
    grown = false;
    for (const episode of heads.flatMap((head) => head.episodes)) {
      const near = episode.from <= to + window && episode.to >= from - window;
      if (!near || (episode.from >= from && episode.to <= to)) continue;
      from = Math.min(from, episode.from);
      to = Math.max(to, episode.to);
      grown = true;
    }
  }
  return { from: from - window, to: to + window };
}
