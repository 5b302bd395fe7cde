/** What people were told of a group that is not attached. */
export interface ToldWarning {
  readonly sentence: string;
  /** When it is to be told again if it still stands, milliseconds since the epoch. */
  readonly again: number;
}

/** What people know, by group. */
export type ToldWarnings = ReadonlyMap<string, ToldWarning>;

export interface StandingWarnings {
  /** By group, the sentence of each that could not be attached. */
  readonly problems: ReadonlyMap<string, string>;
  /** Undefined where people know nothing yet, as at the creation of a stack. */
  readonly told: ToldWarnings | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface DueWarnings {
  readonly sentences: readonly string[];
  /** What people know once the sentences were told. */
  readonly told: ToldWarnings;
  /** Whether that differs from what was recorded. */
  readonly changed: boolean;
}

/**
 * Nobody has confirmed their address while a stack is created, and SNS drops what comes before that: the next hourly run
 * tells it once more. Half an hour, since the hours of a schedule and of a deployment don't begin together.
 */
const AFTER_CREATION_MS = 30 * 60_000;
/** Once a day: less than 24 hours, so that a run some seconds early is the day's, not the one an hour after it. */
const DAILY_MS = 23.5 * 60 * 60_000;

/**
 * Which warnings are to be told now: those that are new or say something else, and, once one of those known is due again,
 * all that stand, so that they come as one message a day.
 */
export function warningsDue({ problems, told, now }: StandingWarnings): DueWarnings {
  const knownOf = (group: string, sentence: string): ToldWarning | undefined => {
    const known = told?.get(group);
    return known?.sentence === sentence ? known : undefined;
  };
  const isDue = [...problems].some((one) => (knownOf(...one)?.again ?? Number.POSITIVE_INFINITY) <= now);
  const again = now + (told === undefined ? AFTER_CREATION_MS : DAILY_MS);
  const sentences: string[] = [];
  const next = new Map<string, ToldWarning>();
  for (const [group, sentence] of problems) {
    const known = knownOf(group, sentence);
    if (known !== undefined && !isDue) {
      next.set(group, known);
      continue;
    }
    sentences.push(sentence);
    next.set(group, { sentence, again });
  }
  return { sentences, told: next, changed: sentences.length > 0 || told?.size !== next.size };
}
