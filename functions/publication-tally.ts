import type { Metrics } from '@aws-lambda-powertools/metrics';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Publication } from '#shared/correlate/outbox.ts';
import type { Severity } from '#shared/model/groups.ts';

/** What one invocation of a publishing function told, for its one line of metrics. */
export class PublicationTally {
  /** Records, or heads, that were looked at. */
  records = 0;
  readonly #bySeverity = new Map<Severity, number>();
  #lag: number | undefined;

  /** @param now wall clock, milliseconds since the epoch */
  published({ finding, severity, transition }: Publication, now: number): void {
    this.#bySeverity.set(severity, (this.#bySeverity.get(severity) ?? 0) + 1);
    if (transition !== 'opened' && transition !== 'escalated') return;
    const rise = finding.rises.find((one) => one.severity === severity);
    if (rise !== undefined) this.#lag = Math.max(this.#lag ?? 0, now - rise.at);
  }

  /** Transitions by severity, and the longest time from the event that completed a chain to its message. */
  addTo(metrics: Metrics): void {
    metrics.addMetric('RecordsRead', MetricUnit.Count, this.records);
    for (const [severity, number] of this.#bySeverity) {
      metrics.addMetric(`Findings_${severity}`, MetricUnit.Count, number);
    }
    if (this.#lag !== undefined) metrics.addMetric('LagSeconds', MetricUnit.Seconds, Math.round(this.#lag / 1000));
  }
}
