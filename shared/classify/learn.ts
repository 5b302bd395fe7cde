import type { WatchListBuilder } from '../intel/watch-list.ts';
import { parseEndpoint } from '../model/endpoint.ts';
import { CLASS, type DnsActivity, type Event } from '../model/event.ts';
import type { Indicator } from '../model/indicator.ts';
import type { Intel, WatchList } from '../model/intel.ts';
import { artifactKind, artifactValue, type Claims } from '../model/place.ts';

/** Who taught an endpoint: the host as its claims name it, so that one liar can't fill the list of another. */
function learnerOf(claims: Claims): string {
  return claims.instance ?? claims.hostName ?? claims.eni ?? claims.address ?? claims.stream ?? '-';
}

/** Takes what an event teaches: a miner's own endpoints, and the addresses that a pool's name answered with. */
export function learnFrom(
  event: Event,
  indicators: readonly Indicator[],
  intel: Intel,
  watch: WatchList,
  builder: WatchListBuilder,
): void {
  for (const indicator of indicators) {
    if (indicator.group !== 'miner_execution' || indicator.strength === 'note') continue;
    for (const artifact of indicator.artifacts) {
      const kind = artifactKind(artifact);
      if (kind !== 'pool' && kind !== 'proxy') continue;
      builder.learn({
        endpoint: parseEndpoint(artifactValue(artifact)),
        proxy: kind === 'proxy',
        learner: learnerOf(indicator.claims),
        at: indicator.time,
      });
    }
  }
  if (event.class === CLASS.dns && !event.blocked) bindAnswers(event, intel, watch, builder);
}

function bindAnswers(event: DnsActivity, intel: Intel, watch: WatchList, builder: WatchListBuilder): void {
  const names = [event.query, ...event.answers.filter((one) => one.type === 'CNAME').map((one) => one.data)];
  const addresses = event.answers.filter((one) => one.type === 'A' || one.type === 'AAAA').map((one) => one.data);
  if (addresses.length === 0) return;
  const { account, vpc } = event.claims;
  for (const name of names) {
    const listed = intel.name(name);
    const learned = watch.name(name);
    const isPool =
      listed !== undefined && (listed.entry.kind === 'pool' || listed.entry.kind === 'proxy') && !listed.site;
    for (const address of addresses) {
      if (isPool) builder.bind({ account, vpc, name: listed.name, address, at: event.time, learned: false });
      else
        for (const { endpoint } of learned)
          builder.bind({
            account,
            vpc,
            name: endpoint.host,
            address,
            at: event.time,
            learned: true,
            port: endpoint.port,
          });
    }
  }
}
