const HOUR_MS = 3_600_000;
/** The window in which a flow to an address that once answered is still a candidate. */
const WINDOW_MS = 24 * HOUR_MS;
/** Runs of answers kept for one binding: forty days, should they come two hours apart. */
const MAX_RUNS = 480;

/** Answers without a gap longer than an hour. */
interface Run {
  first: number;
  last: number;
}

/**
 * The times at which a name answered with an address, as runs of answers: resolver logs carry no TTL, so an answer holds
 * for an hour, and for one window the address remains a candidate. A set: order and repetition of `add` change nothing.
 */
export class AnswerTimes {
  #runs: Run[];

  constructor(runs: Run[] = []) {
    this.#runs = runs;
  }

  /** True when the answer says something new. Refused beyond `MAX_RUNS` runs. */
  add(time: number): boolean {
    const touched = this.#runs.filter(({ first, last }) => time >= first - HOUR_MS && time <= last + HOUR_MS);
    if (touched.some(({ first, last }) => time >= first && time <= last)) return false;
    if (touched.length === 0 && this.#runs.length >= MAX_RUNS) return false;
    const run = {
      first: Math.min(time, ...touched.map(({ first }) => first)),
      last: Math.max(time, ...touched.map(({ last }) => last)),
    };
    this.#runs = [...this.#runs.filter((one) => !touched.includes(one)), run];
    return true;
  }

  /** `direct` within the hour after an answer, `candidate` within the window after one, a later answer on its own. */
  at(time: number): 'direct' | 'candidate' | undefined {
    let candidate = false;
    for (const { first, last } of this.#runs) {
      if (time < first) continue;
      if (time <= last + HOUR_MS) return 'direct';
      candidate ||= time <= last + WINDOW_MS;
    }
    return candidate ? 'candidate' : undefined;
  }

  copy(): AnswerTimes {
    return new AnswerTimes([...this.#runs]);
  }
}
