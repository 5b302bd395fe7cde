import type { Group, Severity } from './groups.ts';

/** One case of the severity matrix: all its groups must have evidence that counts, and of these `strong` strong evidence. */
export interface MatrixCase {
  readonly severity: Severity;
  readonly groups: readonly Group[];
  readonly strong: readonly Group[];
}

/** The severity matrix as data: cases highest first. */
export interface Matrix {
  /** Two hours are within the window if they differ by at most this number of hours. */
  readonly windowHours: number;
  readonly cases: readonly MatrixCase[];
}
