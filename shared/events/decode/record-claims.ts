import type { Claims } from '#shared/model/place.ts';
import { type Span, spanValue } from './json.ts';

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MAX_TEXT = 512;

function text(fields: Fields, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === 'string' && value !== '') return value.slice(0, MAX_TEXT);
  }
  return undefined;
}

/** A container id as records write it, with or without its runtime's scheme, to twelve digits; `undefined` for other text. */
export function containerId(value: string | undefined): string | undefined {
  const bare = value?.slice(value.lastIndexOf('/') + 1).toLowerCase();
  return bare !== undefined && /^[0-9a-f]{12,64}$/.test(bare) ? bare.slice(0, 12) : undefined;
}

/** Keys of a shipped record that tell where it comes from; their bytes name the stream. */
export const PLACE_KEYS = [
  'kubernetes',
  'docker',
  'docker_id',
  'container_id',
  'container_name',
  'ecs_cluster',
  'ecs_cluster_name',
  'ecs_task_arn',
  'ecs_task_definition',
  'ec2_instance_id',
  'az',
  'host',
  'hostname',
] as const;

/**
 * What Fluent Bit's and Fluentd's Kubernetes filters, FireLens, and the AWS and ECS filters put beside a record
 * (fluent-bit-docs: pipeline/filters/kubernetes.md, aws-metadata.md, ecs-metadata.md).
 */
export function recordClaims(bytes: Buffer, spans: ReadonlyMap<string, Span>): Claims {
  const fields: Record<string, unknown> = {};
  for (const key of PLACE_KEYS) fields[key] = spanValue(bytes, spans.get(key));
  return { ...hostClaims(fields), ...ecsClaims(fields), ...containerClaims(fields) };
}

function hostClaims(fields: Fields): Claims {
  const claims: Claims = {};
  const instance = text(fields, 'ec2_instance_id');
  if (instance !== undefined) claims.instance = instance;
  const zone = /^([a-z]{2}(?:-[a-z]+)+-\d)[a-z]$/.exec(text(fields, 'az') ?? '')?.[1];
  if (zone !== undefined) claims.region = zone;
  const host = text(fields, 'host', 'hostname');
  if (host !== undefined) claims.hostName = host;
  return claims;
}

function ecsClaims(fields: Fields): Claims {
  const claims: Claims = {};
  const cluster = text(fields, 'ecs_cluster', 'ecs_cluster_name');
  if (cluster !== undefined) claims.cluster = cluster.slice(cluster.lastIndexOf('/') + 1);
  const family = text(fields, 'ecs_task_definition');
  if (family !== undefined) claims.family = family.slice(family.lastIndexOf('/') + 1).replace(/:\d+$/, '');
  const arn = text(fields, 'ecs_task_arn');
  if (arn === undefined) return claims;
  const [, , , region, account, resource] = arn.split(':');
  if (region !== undefined && region !== '') claims.region = region;
  if (account !== undefined && /^\d{12}$/.test(account)) claims.account = account;
  const task = resource?.slice(resource.lastIndexOf('/') + 1);
  if (task !== undefined && task !== '') claims.task = task;
  return claims;
}

function containerClaims(fields: Fields): Claims {
  const kubernetes = isFields(fields['kubernetes']) ? fields['kubernetes'] : {};
  const docker = isFields(fields['docker']) ? fields['docker'] : {};
  const claims: Claims = {};
  const id = containerId(
    text(kubernetes, 'docker_id', 'container_id') ??
      text(docker, 'container_id') ??
      text(fields, 'container_id', 'docker_id'),
  );
  const pod = text(kubernetes, 'pod_name');
  if (id !== undefined) claims.container = id;
  else if (pod !== undefined) claims.container = 'unknown';
  if (pod !== undefined) claims.pod = pod;
  const namespace = text(kubernetes, 'namespace_name');
  if (namespace !== undefined) claims.namespace = namespace;
  const name = text(kubernetes, 'container_name') ?? text(fields, 'container_name')?.replace(/^\//, '');
  if (name !== undefined) claims.containerName = name;
  const image = text(kubernetes, 'container_image');
  if (image !== undefined) claims.image = image;
  const node = text(kubernetes, 'host');
  if (node !== undefined) claims.hostName = node;
  return claims;
}
