import { CLASS, type Event, type ProcessActivity } from '../model/event.ts';
import type { WatchList } from '../model/intel.ts';

/** Launches whose answers are kept. Jobs, probes and agents start the same few command lines over and over. */
const MAX_KEPT = 2048;
/** Longer launches are asked about anew, so that what is kept stays below some megabytes. */
const MAX_KEY = 2048;

/**
 * Answers a question about launches once for each that differs in more than its time, process id, parent's id and
 * place in the log: no analyzer may look at these in a launch. Other events are asked about each time. The same event
 * gets the same answer as without it.
 */
export function onceForRepeated<T>(ask: (event: Event, watch: WatchList) => T): (event: Event, watch: WatchList) => T {
  const kept = new Map<string, T>();
  let keptFor: WatchList | undefined;
  return (event, watch) => {
    if (event.class !== CLASS.process) return ask(event, watch);
    if (watch !== keptFor || kept.size >= MAX_KEPT) kept.clear();
    keptFor = watch;
    const key = contentOf(event);
    if (key.length > MAX_KEY) return ask(event, watch);
    const known = kept.get(key);
    if (known !== undefined) return known;
    const answer = ask(event, watch);
    kept.set(key, answer);
    return answer;
  };
}

function contentOf(event: ProcessActivity): string {
  const { time, id, raw, clamped, process, ...rest } = event;
  const { pid, parentPid, ...launched } = process;
  return JSON.stringify([launched, rest]);
}
