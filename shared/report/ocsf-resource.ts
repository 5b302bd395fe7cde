import {
  type Artifact,
  type ArtifactKind,
  artifactKind,
  isContainerScope,
  type Place,
  UNKNOWN,
} from '#shared/model/place.ts';
import { valuesAmong } from './facts.ts';
import { endpointOf, known, type OcsfObject } from './ocsf-evidence.ts';
import { hostSort } from './words.ts';

/** Partitions by the beginning of their regions' names; all others are of `aws` (AWS SDK, partitions.json). */
const PARTITIONS: readonly (readonly [string, string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-isob-', 'aws-iso-b'],
  ['us-isof-', 'aws-iso-f'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-iso-', 'aws-iso'],
  ['eusc-', 'aws-eusc'],
];

/** The partition of a region, by its name. */
export const partitionOf = (region: string): string =>
  PARTITIONS.find(([start]) => region.startsWith(start))?.[1] ?? 'aws';

const text = (value: string): string | undefined => (value === UNKNOWN || value === '' ? undefined : value);

/** The ARN of an instance or interface whose account and region are known and well formed; else `undefined`. */
export function arnOf({ account, region, host }: Place): string | undefined {
  if (!/^\d{12}$/.test(account) || !/^[a-z]{2,5}(?:-[a-z]{2,12}){1,2}-\d{1,2}$/.test(region)) return undefined;
  const path = /^i-[0-9a-f]{8,17}$/.test(host)
    ? 'ec2/instance'
    : /^mi-[0-9a-f]{8,17}$/.test(host)
      ? 'ssm/managed-instance'
      : /^eni-[0-9a-f]{8,17}$/.test(host)
        ? 'ec2/network-interface'
        : undefined;
  if (path === undefined) return undefined;
  const [service = '', kind = ''] = path.split('/');
  return `arn:${partitionOf(region)}:${service}:${region}:${account}:${kind}/${host}`;
}

/** OCSF's `resources`: the host, and the container in it where the finding is of one. */
export function resourcesOf(place: Place): readonly OcsfObject[] {
  const region = text(place.region);
  const where = { region, cloud_partition: region === undefined ? undefined : partitionOf(region) };
  const uid = arnOf(place) ?? place.host;
  const host = known({ uid, name: place.host, type: hostSort(place.host), ...where });
  const container = isContainerScope(place.scope)
    ? known({ uid: `${place.host}/${place.scope}`, name: place.scope, type: 'container', ...where })
    : undefined;
  return [host, container].filter((one) => one !== undefined);
}

/** OCSF's `cloud` object (profile `cloud`); account type 10 is an AWS account. */
export function cloudOf({ account, region }: Place): OcsfObject {
  const uid = text(account);
  return (
    known({
      provider: 'AWS',
      account: uid === undefined ? undefined : { uid, type: 'AWS Account', type_id: 10 },
      region: text(region),
    }) ?? {}
  );
}

/** OCSF's observable types: hostname 1, address 2, URL 6, resource 10, command line 13, file path 45, other 99. */
const OBSERVABLE: Readonly<Partial<Record<ArtifactKind, readonly [number, string]>>> = {
  url: [6, 'URL String'],
  cmd: [13, 'Command Line'],
  path: [45, 'File Path'],
};

function observableOf(artifact: Artifact): OcsfObject {
  const kind = artifactKind(artifact);
  const [value = ''] = valuesAmong([artifact], kind);
  const name = `unmapped.artifacts.${kind}`;
  const endpoint = kind === 'pool' || kind === 'proxy' ? endpointOf(value) : undefined;
  const { ip, hostname } = endpoint ?? {};
  if (ip !== undefined) return { name, type_id: 2, type: 'IP Address', value: ip };
  if (hostname !== undefined) return { name, type_id: 1, type: 'Hostname', value: hostname };
  const [type_id, type] = OBSERVABLE[kind] ?? [99, kind];
  return { name, type_id, type, value };
}

/** OCSF's `observables`: the resource and the artifacts, each value once. `name` points to where it stands in the event. */
export function observablesOf(place: Place, artifacts: readonly Artifact[]): readonly OcsfObject[] {
  const resource = { name: 'resources[].uid', type_id: 10, type: 'Resource UID', value: arnOf(place) ?? place.host };
  const all = [resource, ...artifacts.map(observableOf)];
  return [...new Map(all.map((one) => [`${one['name']} ${one['value']}`, one])).values()];
}
