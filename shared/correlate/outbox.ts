import type { Finding, Head, Transition, Unpublished } from '../model/finding.ts';
import { compareSeverity } from '../model/groups.ts';
import type { Place } from '../model/place.ts';
import type { Store } from './store.ts';

/** One transition as it is told: the same in every repetition. */
export interface Publication extends Unpublished {
  readonly finding: Finding;
}

/** Where each transition is kept, and whether every channel has accepted it. */
export interface Outbox {
  /** Keeps the transition if it is new; gives what is kept of it, which another may have put first. */
  keep(publication: Publication): Promise<Publication & { readonly published: boolean }>;
  /** Records that every channel accepted it. */
  confirm(place: Place, episode: number, revision: number): Promise<void>;
}

/**
 * The correlator's second step: tells each transition that a head says is unpublished, in the order in which they were
 * recorded. A stop at any point leaves a state from which the same image, or the head itself, is tried again with the
 * same ids: only a stop between sending and confirming repeats a message.
 * @param head the image of a stream record, which holds the snapshots of that moment, or the head as it is now
 * @param send resolves once every channel has accepted
 * @throws what `send` or the store throws, and an error where a transition's finding is gone
 */
export async function publishHead(
  head: Head,
  store: Pick<Store, 'markPublished'>,
  outbox: Outbox,
  send: (publication: Publication) => Promise<void>,
): Promise<readonly Publication[]> {
  const sent: Publication[] = [];
  for (const pair of head.unpublished) {
    const kept = await outbox.keep({ ...pair, finding: findingOf(head, pair) });
    if (!kept.published) {
      await send(kept);
      sent.push(kept);
      await outbox.confirm(head.place, pair.episode, pair.revision);
    }
    await store.markPublished(head.place, pair.episode, pair.revision);
  }
  return sent;
}

const STATES: Readonly<Record<Transition, Finding['state']>> = {
  opened: 'open',
  escalated: 'open',
  extended: 'open',
  joined: 'open',
  archived: 'archived',
  superseded: 'superseded',
};

/** The finding at the revision of a pair; where a later one has overtaken it, that one's with what this one reached. */
function findingOf(head: Head, pair: Unpublished): Finding {
  const snapshot = head.episodes.find((one) => one.number === pair.episode)?.snapshot;
  if (snapshot === undefined) throw new Error(`episode ${pair.episode} is unpublished and has no finding`);
  if (snapshot.revision === pair.revision) return snapshot;
  return {
    ...snapshot,
    revision: pair.revision,
    severity: pair.severity,
    state: STATES[pair.transition],
    rises: snapshot.rises.filter((one) => compareSeverity(one.severity, pair.severity) <= 0),
    notes: [...snapshot.notes, `Told late: the details are those of revision ${snapshot.revision}.`],
  };
}
