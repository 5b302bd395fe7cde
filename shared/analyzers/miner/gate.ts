/** Text that holds none of an analyzer's needles, nor a run that may be a wallet or base64, is not looked at. */
export type Gate = (texts: readonly (string | undefined)[]) => boolean;

const WINDOW = 4;
/** The shape that readers let through without a needle: 20 characters of base64's alphabet with an upper-case letter. */
const RUN = /[A-Za-z0-9+/=]{20,}/g;

/**
 * Makes the question that an analyzer asks first: whether the event's texts hold a needle in any case (or, with `runs`,
 * a run that may be a wallet or base64). It keeps the full path and the readers' prefilter of one mind, and saves the
 * reading of ordinary command lines. Linear; needles have four characters or more.
 */
export function makeGate(needles: readonly string[], runs: boolean): Gate {
  const byStart = new Map<string, readonly string[]>();
  for (const needle of needles) {
    const start = needle.slice(0, WINDOW);
    byStart.set(start, [...(byStart.get(start) ?? []), needle]);
  }
  const holds = (text: string): boolean => {
    const lower = text.toLowerCase();
    for (let at = 0; at + WINDOW <= lower.length; at++) {
      const candidates = byStart.get(lower.slice(at, at + WINDOW));
      if (candidates?.some((needle) => lower.startsWith(needle, at)) === true) return true;
    }
    return false;
  };
  return (texts) => texts.some((text) => text !== undefined && (holds(text) || (runs && holdsRun(text))));
}

function holdsRun(text: string): boolean {
  for (const [run] of text.matchAll(RUN)) if (/[A-Z]/.test(run)) return true;
  return false;
}

/** The smallest list that stands for all: what holds another of the list is dropped. */
export function minimalNeedles(all: Iterable<string>): readonly string[] {
  const sorted = [...new Set(all)].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const kept: string[] = [];
  for (const needle of sorted) if (!kept.some((one) => needle.includes(one))) kept.push(needle);
  return kept;
}

/** Listed names as needles: of those too short for one, the name as the last part of a path. */
export function literals(names: readonly string[]): readonly string[] {
  return names.map((name) => (name.length < WINDOW ? `/${name}` : name)).filter((name) => name.length >= WINDOW);
}
