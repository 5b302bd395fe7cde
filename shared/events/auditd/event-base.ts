import type { RawPointer } from '#shared/model/event.ts';
import type { Claims } from '#shared/model/place.ts';

/** What all events of one audit event share. */
export interface EventBase {
  readonly time: number;
  readonly claims: Claims;
  readonly raw: RawPointer;
  readonly id: string;
  readonly source: 'auditd';
  readonly truncated?: true;
  readonly clamped?: true;
}

/** The base of an event of which something may be missing. */
export function markCut(base: EventBase, cut: boolean): EventBase {
  return cut ? { ...base, truncated: true } : base;
}
