import type { Finding } from '#shared/model/finding.ts';
import type { Sample } from '#shared/model/indicator.ts';
import { isContainerScope, type Place, UNKNOWN } from '#shared/model/place.ts';
import { ASFF_LIMITS, type AsffResource, asffText, present } from './asff-format.ts';
import { unique } from './facts.ts';
import { arnOf, partitionOf } from './ocsf-resource.ts';
import { hostSort } from './words.ts';

/** Of containers and of tasks each, so that all resources together stay below the service's 32. */
const MAX_OF_A_KIND = 12;
/** Code units of an id or detail that comes from a log: thirty-two resources must leave room for the rest. */
const MAX_TEXT = 256;

const REGION = /^[a-z]{2,5}(?:-[a-z]{2,12}){1,2}-\d{1,2}$/;
const ACCOUNT = /^\d{12}$/;

const hasPlace = ({ account, region }: Place): boolean =>
  ACCOUNT.test(account) && REGION.test(region) && region.length <= ASFF_LIMITS.region;

/** Partition and region of a resource; the format knows three partitions alone. */
function whereOf(place: Place): Pick<AsffResource, 'Partition' | 'Region'> {
  if (!hasPlace(place)) return {};
  const partition = partitionOf(place.region);
  return present<Pick<AsffResource, 'Partition' | 'Region'>>({
    Partition: partition === 'aws' || partition === 'aws-cn' || partition === 'aws-us-gov' ? partition : undefined,
    Region: place.region,
  });
}

function arn(place: Place, service: string, resource: string): string | undefined {
  if (!hasPlace(place)) return undefined;
  return `arn:${partitionOf(place.region)}:${service}:${place.region}:${place.account}:${resource}`;
}

/** A host of which no ARN is known: by the name that logs have for it. */
function otherOf(place: Place): AsffResource {
  const fields = {
    account: place.account === UNKNOWN ? undefined : asffText(place.account, MAX_TEXT),
    region: place.region === UNKNOWN ? undefined : asffText(place.region, MAX_TEXT),
    kind: hostSort(place.host),
    host: asffText(place.host, MAX_TEXT),
  };
  return {
    ...{ Type: 'Other', Id: arnOf(place) ?? asffText(place.host, MAX_TEXT) ?? 'unknown', ...whereOf(place) },
    Details: { Other: present<Record<string, string>>(fields) },
  };
}

/** The tasks of an ECS service, by ARN; where none is known its cluster. */
function ecsOf(place: Place, samples: readonly Sample[]): readonly AsffResource[] {
  const [, cluster] = /^([A-Za-z0-9_-]{1,255})\//.exec(place.host) ?? [];
  const clusterArn = cluster === undefined ? undefined : arn(place, 'ecs', `cluster/${cluster}`);
  if (clusterArn === undefined) return [otherOf(place)];
  const tasks = unique(samples.map(({ task }) => task)).filter((one) => /^[0-9a-f-]{32,36}$/.test(one));
  const resources = tasks.slice(0, MAX_OF_A_KIND).map((task) => ({
    ...{ Type: 'AwsEcsTask', Id: clusterArn.replace(/cluster\/([^/]*)$/, `task/$1/${task}`), ...whereOf(place) },
    Details: { AwsEcsTask: { ClusterArn: clusterArn } },
  }));
  return resources.length > 0 ? resources : [{ Type: 'AwsEcsCluster', Id: clusterArn, ...whereOf(place) }];
}

function hostOf(place: Place, samples: readonly Sample[]): readonly AsffResource[] {
  const id = arnOf(place);
  switch (hostSort(place.host)) {
    case 'ECS service':
      return ecsOf(place, samples);
    case 'interface':
      if (id === undefined) return [otherOf(place)];
      return [
        {
          ...{ Type: 'AwsEc2NetworkInterface', Id: id, ...whereOf(place) },
          Details: { AwsEc2NetworkInterface: { NetworkInterfaceId: place.host } },
        },
      ];
    case 'instance':
      // A managed instance (`mi-`) is no machine of EC2.
      if (id === undefined || place.host.startsWith('mi-')) return [otherOf(place)];
      return [{ Type: 'AwsEc2Instance', Id: id, ...whereOf(place) }];
    default:
      return [otherOf(place)];
  }
}

/** The containers that samples name; where none does, the scope. */
function containersOf(place: Place, samples: readonly Sample[]): readonly AsffResource[] {
  if (!isContainerScope(place.scope)) return [];
  const name = containerName(place.scope);
  const of = (id: string, image: string | undefined): AsffResource => {
    const details = present<{ Name?: string; ImageName?: string }>({
      Name: name === undefined ? undefined : asffText(name, MAX_TEXT),
      ImageName: image === undefined ? undefined : asffText(image, MAX_TEXT),
    });
    const known = Object.keys(details).length > 0;
    return {
      ...{ Type: 'Container', Id: asffText(id, MAX_TEXT) ?? 'unknown', ...whereOf(place) },
      ...(known ? { Details: { Container: details } } : {}),
    };
  };
  const images = new Map<string, string | undefined>();
  for (const { container, image } of samples) {
    if (container !== undefined && container !== 'unknown') images.set(container, images.get(container) ?? image);
  }
  if (images.size > 0) return [...images].slice(0, MAX_OF_A_KIND).map(([id, image]) => of(id, image));
  return [of(`${place.host}/${place.scope}`, samples.find(({ image }) => image !== undefined)?.image)];
}

/** The container's own name: the last part of `namespace/workload/container` or `family/container`. */
function containerName(scope: string): string | undefined {
  const last = scope.split('/').slice(1).at(-1);
  return last === '-' ? undefined : last;
}

/**
 * The EKS clusters of pods, by the log groups that Container Insights and EKS name after their cluster
 * (`/aws/containerinsights/NAME/application`, `/aws/eks/NAME/cluster`): records themselves don't tell.
 */
function eksOf(place: Place, samples: readonly Sample[]): readonly AsffResource[] {
  const groups = unique(samples.map(({ pod, raw }) => (pod === undefined ? undefined : raw.logGroup)));
  const names = groups.map(
    (one) => /^\/aws\/(?:containerinsights|eks)\/([A-Za-z0-9][A-Za-z0-9_-]{0,99})\//.exec(one)?.[1],
  );
  return unique(names)
    .slice(0, 2)
    .flatMap((name): AsffResource[] => {
      const id = arn(place, 'eks', `cluster/${name}`);
      const details = { Details: { AwsEksCluster: { Arn: id ?? '', Name: name } } };
      return id === undefined ? [] : [{ Type: 'AwsEksCluster', Id: id, ...whereOf(place), ...details }];
    });
}

/**
 * The resources of a finding: its host by ARN where account, region and id are known, the containers in it, the EKS
 * cluster. The member's account stands in the ARN; an unknown host goes by the name that logs have for it.
 */
export function asffResources(finding: Finding): AsffResource[] {
  const { place } = finding;
  const samples = finding.evidence.flatMap((one) => one.samples);
  const all = [...hostOf(place, samples), ...containersOf(place, samples), ...eksOf(place, samples)];
  const each = new Map(all.map((one) => [`${one.Type} ${one.Id}`, one]));
  return [...each.values()].slice(0, ASFF_LIMITS.resources);
}
