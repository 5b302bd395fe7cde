/** Runs that are remembered at most: a reader that never settles a line can't fill the memory. */
const MAX_RUNS = 65_536;

interface Run {
  readonly fromLine: number;
  readonly shift: number;
}

/** Line numbers of one reader to those of the stream that it shares with others, for lines that are not yet settled. */
export class LineShifts {
  #runs: Run[] = [];

  /** From its own line `fromLine` on, a line of the reader is line + `shift` of the stream. */
  add(fromLine: number, shift: number): void {
    if (this.#runs.at(-1)?.shift === shift) return;
    this.#runs.push({ fromLine, shift });
    if (this.#runs.length > MAX_RUNS) this.#runs = this.#runs.slice(-MAX_RUNS / 2);
  }

  shiftOf(line: number): number {
    return this.#runs[this.#indexOf(line)]?.shift ?? 0;
  }

  /** Drops what is known of lines up to `settled` alone. */
  forget(settled: number): void {
    const index = this.#indexOf(settled + 1);
    if (index > 0) this.#runs = this.#runs.slice(index);
  }

  /** The last run that begins at or before the line; the first where it was forgotten. */
  #indexOf(line: number): number {
    let low = 0;
    let high = this.#runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#runs[middle]?.fromLine ?? 0) <= line) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
