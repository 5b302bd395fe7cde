import type { ClassId, Event } from './event.ts';
import type { Group } from './groups.ts';
import type { Verdict } from './indicator.ts';
import type { Intel, WatchList } from './intel.ts';

/**
 * One detection: a static definition and a small pure decision. Compiled Sigma rules have this shape too, so that the
 * classifier knows only one kind of thing.
 */
export interface Analyzer {
  /** Unique, lower case with underscores; the file is named after it. */
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly group: Group;
  /** MITRE ATT&CK technique id. */
  readonly technique: string;
  /** OCSF classes of the events that `decide` wants to see. */
  readonly classes: readonly ClassId[];
  /**
   * Literals, lower case, four bytes or longer, of which every event that `decide` answers holds at least one,
   * whatever its case. Readers skip lines without any of them. `null`: no literal can be named, nothing is skipped.
   */
  readonly needles: readonly string[] | null;
  /** Empty when the event is no sign of the group. Never throws; time is linear in the event's size. */
  decide(event: Event, intel: Intel, watch: WatchList): readonly Verdict[];
}
