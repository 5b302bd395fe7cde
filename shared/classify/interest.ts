import { compileAddressMatcher } from '../intel/byte-addresses.ts';
import { compileNameMatcher } from '../intel/byte-names.ts';
import type { Analyzer } from '../model/analyzer.ts';
import type { Interest } from '../model/reader.ts';
import { compileTextMatcher } from './text-matcher.ts';

/** DNS names and addresses that matter: of the lists, and of what was learned. */
export interface Targets {
  names(): Iterable<string>;
  addresses(): Iterable<string>;
  /** Paths of programs whose records matter, in lower case. */
  executables?(): Iterable<string>;
}

/** What readers must not skip, made from the analyzers' needles and from lists and watch list. */
export function compileInterest(analyzers: readonly Analyzer[], ...targets: readonly Targets[]): Interest {
  const paths = targets.flatMap((one) => [...(one.executables?.() ?? [])]).filter((path) => path.length >= 4);
  const needles = [...analyzers.flatMap((one) => one.needles ?? []), ...paths];
  return {
    text: compileTextMatcher(needles),
    name: compileNameMatcher(targets.flatMap((one) => [...one.names()])),
    address: compileAddressMatcher(targets.flatMap((one) => [...one.addresses()])),
    everything: analyzers.some((one) => one.needles === null),
  };
}

/** Skips nothing: the full path, against which tests hold the prefilter. */
export const EVERYTHING: Interest = { text: () => true, name: () => true, address: () => true, everything: true };
