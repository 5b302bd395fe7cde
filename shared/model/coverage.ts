/** What the sources seen can show: a finding without it would let silence look like innocence. */
export interface Coverage {
  /** Formats that gave at least one record, with the number of records and the range of event times (milliseconds). */
  readonly sources: readonly {
    readonly format: string;
    readonly records: number;
    readonly from?: number;
    readonly to?: number;
  }[];
  readonly process: boolean;
  readonly resolver: boolean;
  readonly flow: boolean;
}
