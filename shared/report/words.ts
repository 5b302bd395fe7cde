import type { Group, Strength } from '#shared/model/groups.ts';
import type { ArtifactKind, LinkKey, Place } from '#shared/model/place.ts';
import { HOST_SCOPE, NETWORK_SCOPE, OVERFLOW_SCOPE, UNKNOWN } from '#shared/model/place.ts';
import { hourStart, isEventTime, timeText } from '#shared/model/time.ts';

export const GROUP_TITLES: Readonly<Record<Group, string>> = {
  miner_execution: 'Miner execution',
  pool_connection: 'Pool connection',
  persistence_setup: 'Persistence setup',
  system_optimization: 'System optimization',
  context: 'Context',
};

/** Names of the techniques that rules here use (MITRE ATT&CK Enterprise v17). */
const TECHNIQUES: Readonly<Record<string, string>> = {
  T1014: 'Rootkit',
  T1027: 'Obfuscated Files or Information',
  T1036: 'Masquerading',
  'T1036.004': 'Masquerade Task or Service',
  'T1036.005': 'Match Legitimate Name or Location',
  'T1037.004': 'RC Scripts',
  'T1053.002': 'At',
  'T1053.003': 'Cron',
  'T1053.005': 'Scheduled Task',
  'T1053.006': 'Systemd Timers',
  'T1053.007': 'Container Orchestration Job',
  T1059: 'Command and Scripting Interpreter',
  'T1059.004': 'Unix Shell',
  'T1070.004': 'File Deletion',
  T1071: 'Application Layer Protocol',
  'T1071.001': 'Web Protocols',
  'T1071.004': 'DNS',
  T1090: 'Proxy',
  T1095: 'Non-Application Layer Protocol',
  'T1098.004': 'SSH Authorized Keys',
  T1105: 'Ingress Tool Transfer',
  T1140: 'Deobfuscate/Decode Files or Information',
  T1190: 'Exploit Public-Facing Application',
  T1489: 'Service Stop',
  T1496: 'Resource Hijacking',
  'T1496.001': 'Compute Hijacking',
  'T1505.003': 'Web Shell',
  'T1543.002': 'Systemd Service',
  'T1543.003': 'Windows Service',
  'T1546.004': 'Unix Shell Configuration Modification',
  'T1546.017': 'Udev Rules',
  'T1547.001': 'Registry Run Keys / Startup Folder',
  'T1547.006': 'Kernel Modules and Extensions',
  'T1547.013': 'XDG Autostart Entries',
  'T1552.005': 'Cloud Instance Metadata API',
  'T1562.001': 'Disable or Modify Tools',
  T1571: 'Non-Standard Port',
  'T1574.006': 'Dynamic Linker Hijacking',
  T1609: 'Container Administration Command',
  T1610: 'Deploy Container',
  T1611: 'Escape to Host',
};

/** `T1496.001 Compute Hijacking`; the id alone where the name is not known here. */
export function techniqueText(id: string): string {
  const name = Object.hasOwn(TECHNIQUES, id) ? TECHNIQUES[id] : undefined;
  return name === undefined ? id : `${id} ${name}`;
}

export const STRENGTH_WORDS: Readonly<Record<Strength, string>> = {
  strong: 'counts alone',
  weak: 'counts beside a strong miner',
  note: 'shown, never counts',
};

export const ARTIFACT_TITLES: Readonly<Record<ArtifactKind, string>> = {
  coin: 'Coin',
  wallet: 'Wallet',
  pool: 'Pool',
  proxy: 'Proxy',
  algo: 'Algorithm',
  worker: 'Worker',
  miner: 'Miner',
  path: 'Path',
  url: 'URL',
  cmd: 'Command',
  unit: 'Unit',
  image: 'Image',
  register: 'Register',
  rival: 'Rival stopped',
  agent: 'Agent stopped',
};

/** Names of coins as miners' options take them (`--coin`, `c=`), with the ticker of the same coin. */
const TICKERS: ReadonlyMap<string, string> = new Map([
  ['MONERO', 'XMR'],
  ['BITCOIN', 'BTC'],
  ['BITCOINCASH', 'BCH'],
  ['LITECOIN', 'LTC'],
  ['DOGECOIN', 'DOGE'],
  ['ETHEREUM', 'ETH'],
  ['ETHEREUMCLASSIC', 'ETC'],
  ['ZCASH', 'ZEC'],
  ['RAVENCOIN', 'RVN'],
  ['RAVEN', 'RVN'],
  ['ERGO', 'ERG'],
  ['KASPA', 'KAS'],
  ['KARLSEN', 'KLS'],
  ['PYRIN', 'PYI'],
  ['ALEPHIUM', 'ALPH'],
  ['CONFLUX', 'CFX'],
  ['ZEPHYR', 'ZEPH'],
  ['SALVIUM', 'SAL'],
  ['WOWNERO', 'WOW'],
  ['SCALA', 'XLA'],
  ['HAVEN', 'XHV'],
  ['SUMOKOIN', 'SUMO'],
  ['ARQMA', 'ARQ'],
  ['XELIS', 'XEL'],
  ['TARI', 'XTM'],
  ['DYNEX', 'DNX'],
  ['VERUS', 'VRSC'],
  ['TURTLECOIN', 'TRTL'],
  ['RADIANT', 'RXD'],
  ['ZILLIQA', 'ZIL'],
  ['NIMIQ', 'NIM'],
  ['DECRED', 'DCR'],
  ['KADENA', 'KDA'],
  ['NEOXA', 'NEOX'],
]);

/** One name for one coin: its ticker where known, else what was written, in upper case. */
export function coinTicker(coin: string): string {
  const name = coin.toUpperCase();
  return TICKERS.get(name.replace(/[ _-]/g, '')) ?? name;
}

/** In words what a link key says. */
export function linkKeyText(key: LinkKey): string {
  if (key.startsWith('ses:')) return `login session ${key.slice(4)}`;
  if (key.startsWith('unit:')) return `systemd unit ${key.slice(5)}`;
  if (key === 'pkg') return 'package or configuration manager';
  return key === '+' ? 'beyond the cap of link keys' : 'no session or unit named';
}

const HOST_SORTS: readonly (readonly [RegExp, string])[] = [
  [/^m?i-[0-9a-f]+$/, 'instance'],
  [/^eni-[0-9a-f]+$/, 'interface'],
  [/^[0-9.]+$|:.*:/, 'address'],
  [/^stream:/, 'log stream'],
  [/\//, 'ECS service'],
];

export type HostSort = 'instance' | 'interface' | 'address' | 'log stream' | 'ECS service' | 'host';

/** What a place's host is, by its shape: the resolver names instances and interfaces by id and ECS by `cluster/family`. */
export function hostSort(host: string): HostSort {
  return (HOST_SORTS.find(([shape]) => shape.test(host))?.[1] ?? 'host') as HostSort;
}

/** In words what a scope is. */
export function scopeText(scope: string): string {
  switch (scope) {
    case HOST_SCOPE:
      return 'on the host itself';
    case NETWORK_SCOPE:
      return 'seen on the network only';
    case OVERFLOW_SCOPE:
      return 'in containers beyond the cap';
    case 'container:unknown':
      return 'in a container without id';
    default:
      return `in container ${scope}`;
  }
}

/** `instance i-0ab…, on the host itself (account 111122223333, eu-west-1)`. */
export function placeText(place: Place): string {
  const account = place.account === UNKNOWN ? 'account unknown' : `account ${place.account}`;
  const region = place.region === UNKNOWN ? 'region unknown' : place.region;
  return `${hostSort(place.host)} ${place.host.replace(/^stream:/, '')}, ${scopeText(place.scope)} (${account}, ${region})`;
}

/** ISO 8601 in UTC, or `unknown` for what is no time. */
export function isoTime(at: number): string {
  return isEventTime(at) ? timeText(at) : 'unknown';
}

/** The beginning of an hour since the epoch, ISO 8601 in UTC. */
export function isoHour(hour: number): string {
  return isoTime(hourStart(hour));
}

/** `1 hour`, `3 hours`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
