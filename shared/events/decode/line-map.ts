/** Where consecutive lines of an inner stream came from. */
export interface Run {
  /** The first inner line; inner lines count from 1. */
  readonly inner: number;
  readonly count: number;
  /** The outer line of the first inner line. */
  readonly outer: number;
  /** 1 when each inner line has an outer line of its own, 0 when all come from one. */
  readonly step: 0 | 1;
  /** Time of the envelope, milliseconds since the epoch. */
  readonly time?: number | undefined;
  readonly eventId?: string | undefined;
  readonly truncated?: boolean | undefined;
}

/** More runs than any reader holds open: one that never settles lines can't fill the memory. */
const MAX_RUNS = 65_536;

/** Inner line numbers of one reader to where they came from, for lines that are not yet settled. */
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

  /** The run of an inner line; the nearest one that is known for a line that was forgotten. */
  run(inner: number): Run | undefined {
    let low = this.#head;
    let high = this.#runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#runs[middle]?.inner ?? 0) <= inner) low = middle;
      else high = middle - 1;
    }
    return this.#runs[low];
  }

  /** The outer line of an inner line. */
  outer(inner: number): number {
    const run = this.run(inner);
    if (run === undefined) return inner;
    return run.outer + run.step * Math.min(Math.max(inner - run.inner, 0), run.count - 1);
  }

  /** Drops what is known of inner lines up to `settled`. */
  forget(settled: number): void {
    while (this.#head < this.#runs.length) {
      const run = this.#runs[this.#head];
      if (run === undefined || run.inner + run.count - 1 > settled) break;
      this.#head++;
    }
  }

  /** Takes back lines from `inner` on, which the reader did not read. */
  truncate(inner: number): void {
    for (let last = this.#runs.at(-1); last !== undefined && this.#runs.length > this.#head; last = this.#runs.at(-1)) {
      if (last.inner + last.count <= inner) return;
      this.#runs.pop();
      if (last.inner < inner) this.#runs.push({ ...last, count: inner - last.inner });
    }
  }
}
