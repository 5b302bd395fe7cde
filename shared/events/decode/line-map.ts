/** Where consecutive lines of an inner stream came from. */
export interface Run {
  /** The first inner line. */
  inner: number;
  /** At least 1. */
  count: number;
  /** The outer line of the first inner line. */
  readonly outer: number;
  /** 1 when each inner line has an outer line of its own, 0 when all come from one. */
  readonly step: 0 | 1;
  /** Time of the envelope, milliseconds since the epoch. */
  readonly time: number | undefined;
  readonly eventId: string | undefined;
  readonly truncated: boolean | undefined;
}

/** The index of the last run that begins at or before the line, of runs from `head` on in the order of lines. */
export function runIndex(runs: readonly Run[], head: number, line: number): number {
  let low = head;
  let high = runs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((runs[middle]?.inner ?? 0) <= line) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The outer line of a line of the run; the nearest one for a line outside of it. */
export function outerLine(run: Run, line: number): number {
  return run.outer + run.step * Math.min(Math.max(line - run.inner, 0), run.count - 1);
}

/** More runs than any reader holds open: one that never settles lines can't fill the memory. */
const MAX_RUNS = 65_536;

/** Where the lines of one reader came from, for those that are not settled. */
export class LineMap {
  #runs: Run[] = [];
  #head = 0;

  add(run: Run): void {
    this.#runs.push(run);
    if (this.#runs.length - this.#head > MAX_RUNS) this.#head++;
    if (this.#head > 1024 && this.#head * 2 > this.#runs.length) {
      this.#runs = this.#runs.slice(this.#head);
      this.#head = 0;
    }
  }

  /** The run of a line; the nearest one that is known for a line that was forgotten. */
  run(line: number): Run | undefined {
    return this.#runs[runIndex(this.#runs, this.#head, line)];
  }

  /** Drops what is known of lines up to `settled`. */
  forget(settled: number): void {
    for (let run = this.#runs[this.#head]; run !== undefined; run = this.#runs[this.#head]) {
      if (run.inner + run.count - 1 > settled) return;
      this.#head++;
    }
    this.#runs = [];
    this.#head = 0;
  }
}
