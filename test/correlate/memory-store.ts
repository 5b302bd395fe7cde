import type { Store } from '#shared/correlate/store.ts';
import { type Evidence, evidenceKey, join, normalized, sameEvidence } from '#shared/model/evidence.ts';
import type { Head } from '#shared/model/finding.ts';
import type { Host, Place } from '#shared/model/place.ts';

const hostKey = (host: Host): string => JSON.stringify([host.account, host.region, host.host]);
const placeKey = (place: Place): string => JSON.stringify([hostKey(place), place.scope]);

/** The store in memory: what the contract means, and what tests of the correlator run on. */
export function memoryStore(): Store {
  const items = new Map<string, Map<string, Evidence>>();
  const heads = new Map<string, Head>();
  return {
    merge: async (evidence) => {
      const host = items.get(hostKey(evidence.place)) ?? new Map<string, Evidence>();
      items.set(hostKey(evidence.place), host);
      const known = host.get(evidenceKey(evidence));
      const next = known === undefined ? normalized(evidence) : join(known, evidence);
      host.set(evidenceKey(evidence), next);
      return known === undefined ? 'new' : sameEvidence(known, next) ? 'same' : 'grown';
    },
    evidence: async (host, scopes, fromHour, toHour) =>
      [...(items.get(hostKey(host))?.values() ?? [])].filter(
        (one) => scopes.includes(one.place.scope) && one.hour >= fromHour && one.hour <= toHour,
      ),
    heads: async (host) => [...heads.values()].filter((head) => hostKey(head.place) === hostKey(host)),
    head: async (place) => heads.get(placeKey(place)),
    putHead: async (next) => {
      const known = heads.get(placeKey(next.place))?.version ?? 0;
      if (known !== next.version - 1) return false;
      heads.set(placeKey(next.place), next);
      return true;
    },
    markPublished: async (place, episode, revision) => {
      const head = heads.get(placeKey(place));
      const pair = head?.unpublished.find((one) => one.episode === episode && one.revision === revision);
      if (head === undefined || pair === undefined) return;
      const unpublished = head.unpublished.filter((one) => one !== pair);
      heads.set(placeKey(place), { ...head, version: head.version + 1, unpublished });
    },
  };
}
