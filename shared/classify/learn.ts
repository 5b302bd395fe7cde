import { isMinersOwnPath } from '../analyzers/miner/actor.ts';
import { learnerOf } from '../intel/learner.ts';
import type { WatchListBuilder } from '../intel/watch-list.ts';
import { canonicalAddress } from '../model/address.ts';
import { type Endpoint, parseEndpoint } from '../model/endpoint.ts';
import { CLASS, type DnsActivity, type Event, type NetworkActivity } from '../model/event.ts';
import type { Indicator } from '../model/indicator.ts';
import type { Intel, WatchList } from '../model/intel.ts';
import { artifactKind, artifactValue } from '../model/place.ts';

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
    learnPrograms(indicator, builder);
  }
  if (event.class === CLASS.network) bindMet(event, indicators, builder);
  if (event.class === CLASS.dns && !event.blocked) bindAnswers(event, intel, watch, builder);
}

const endpointsOf = ({ artifacts }: Indicator): readonly Endpoint[] =>
  artifacts.filter((one) => artifactKind(one) === 'pool').map((one) => parseEndpoint(artifactValue(one)));

/** The programs that an indicator names beside their pools. What runs inside a container that is started has other paths. */
function learnPrograms(indicator: Indicator, builder: WatchListBuilder): void {
  if (indicator.flags.includes('launch')) return;
  const paths = indicator.artifacts.filter((one) => artifactKind(one) === 'path').map(artifactValue);
  for (const path of paths.filter(isMinersOwnPath)) {
    for (const endpoint of endpointsOf(indicator))
      builder.learnProgram({ learner: learnerOf(indicator.claims), path, endpoint });
  }
}

/** A miner's own connection tells its pool's address as an answer would: flows of the host are then seen to go there. */
function bindMet(event: NetworkActivity, indicators: readonly Indicator[], builder: WatchListBuilder): void {
  if (event.actor === undefined) return;
  const { account, vpc } = event.claims;
  for (const indicator of indicators) {
    if (indicator.group !== 'pool_connection' || !indicator.flags.includes('learned')) continue;
    for (const { host, port } of endpointsOf(indicator)) {
      if (port === undefined || port !== event.dst.port || canonicalAddress(host) !== undefined) continue;
      builder.bind({ account, vpc, name: host, address: event.dst.ip, at: event.time, learned: true, port });
    }
  }
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
