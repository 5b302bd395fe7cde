import type { Evidence } from '#shared/model/evidence.ts';
import type { Finding } from '#shared/model/finding.ts';
import { CHAIN_GROUPS, GROUPS, type Group } from '#shared/model/groups.ts';
import { NETWORK_SCOPE, type Place } from '#shared/model/place.ts';
import type { Watching } from '#shared/report/table.ts';

const hostText = (place: Place): string => JSON.stringify([place.account, place.region, place.host]);
const placeText = (place: Place): string => JSON.stringify([hostText(place), place.scope]);

/** Places with evidence that could count and no complete case, the ones nearest to a case first. */
export function placesToWatch(evidence: readonly Evidence[], findings: readonly Finding[]): Watching[] {
  const found = new Set(findings.map((one) => placeText(one.place)));
  const hostsFound = new Set(findings.map((one) => hostText(one.place)));
  const shown = new Set(findings.flatMap((one) => one.evidence.map((item) => placeText(item.place))));
  const byPlace = Map.groupBy(evidence, (one) => placeText(one.place));
  return [...byPlace]
    .filter(([key, [first]]) => {
      if (first === undefined || found.has(key) || shown.has(key)) return false;
      return first.place.scope !== NETWORK_SCOPE || !hostsFound.has(hostText(first.place));
    })
    .map(([, items]) => watchingOf(items))
    .filter((one) => one.groups.some((group) => CHAIN_GROUPS.some((chain) => chain === group)))
    .sort(byNearness);
}

function watchingOf(items: readonly Evidence[]): Watching {
  const counting = items.filter((one) => one.strength !== 'note');
  const hours = items.map((one) => one.hour);
  return {
    place: items[0]?.place ?? { account: '-', region: '-', host: '-', scope: '-' },
    groups: GROUPS.filter((group: Group) => counting.some((one) => one.group === group)),
    hours: { from: Math.min(...hours), to: Math.max(...hours) },
  };
}

/** Miner or pool first, then more groups, then by name: the same in every run. */
function byNearness(a: Watching, b: Watching): number {
  const weight = (one: Watching): number =>
    (one.groups.includes('miner_execution') ? 20 : 0) +
    (one.groups.includes('pool_connection') ? 10 : 0) +
    one.groups.length;
  return weight(b) - weight(a) || (placeText(a.place) < placeText(b.place) ? -1 : 1);
}
