import type { Store } from '#shared/correlate/store.ts';
import type { OpenTable } from './named-table.ts';

/** A table that is opened by the first call of its store: a run without evidence needs none, and starts without one. */
export function lateTable(open: () => Promise<OpenTable>): OpenTable {
  let opening: Promise<OpenTable> | undefined;
  const call =
    <A extends unknown[], R>(method: (store: Store, ...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      opening ??= open();
      return method((await opening).store, ...args);
    };
  return {
    store: {
      merge: call((store, evidence) => store.merge(evidence)),
      evidence: call((store, host, scopes, from, to) => store.evidence(host, scopes, from, to)),
      heads: call((store, host) => store.heads(host)),
      head: call((store, place) => store.head(place)),
      putHead: call((store, next) => store.putHead(next)),
      markPublished: call((store, place, episode, revision) => store.markPublished(place, episode, revision)),
    },
    close: async () => (await opening)?.close(),
  };
}
