import type { Metrics } from '@aws-lambda-powertools/metrics';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Group } from '#shared/model/groups.ts';

/** What one invocation of a classifier did, for its one line of metrics. */
export class Tally {
  records = 0;
  quarantined = 0;
  /** Log batches and objects that are not to be read: control messages, own log groups, markers. */
  dropped = 0;
  written = 0;
  unchanged = 0;
  readonly unreadable = new Map<string, number>();
  readonly indicators = new Map<Group, number>();
  /** The newest event time that was read, milliseconds since the epoch. */
  newest: number | undefined;

  countUnreadable(reason: string): void {
    this.unreadable.set(reason, (this.unreadable.get(reason) ?? 0) + 1);
  }

  countIndicators(counts: ReadonlyMap<Group, number>): void {
    for (const [group, count] of counts) this.indicators.set(group, (this.indicators.get(group) ?? 0) + count);
  }

  sawTime(at: number): void {
    this.newest = Math.max(this.newest ?? at, at);
  }

  /** @param now when the invocation ended, milliseconds since the epoch */
  addTo(metrics: Metrics, now: number): void {
    const count = (name: string, value: number): void => {
      metrics.addMetric(name, MetricUnit.Count, value);
    };
    count('RecordsRead', this.records);
    count('EvidenceWritten', this.written);
    count('EvidenceUnchanged', this.unchanged);
    count('Quarantined', this.quarantined);
    count('Dropped', this.dropped);
    for (const [reason, number] of this.unreadable) count(`Unreadable_${reason}`, number);
    for (const [group, number] of this.indicators) count(`Indicators_${group}`, number);
    if (this.newest === undefined) return;
    metrics.addMetric('LagSeconds', MetricUnit.Seconds, Math.max(0, Math.round((now - this.newest) / 1000)));
  }
}
