/** What the sources seen can show: a finding without it would let silence look like innocence. */
export interface Coverage {
  /** Formats that gave at least one record, with the number of records and the range of event times (milliseconds). */
  readonly sources: readonly {
    readonly format: string;
    readonly records: number;
    readonly from?: number;
    readonly to?: number;
  }[];
  /** Process telemetry, which shows all groups but the network's. */
  readonly process: boolean;
  /** What miners print: it shows them, their pool and their tuning, and no persistence. Absent where none was read. */
  readonly console?: true;
  readonly resolver: boolean;
  readonly flow: boolean;
}
