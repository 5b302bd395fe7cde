import type { Claims } from '#shared/model/place.ts';
import { containerId } from '../decode/record-claims.ts';
import type { Alert } from './alert.ts';
import type { Fields } from './fields.ts';

/** Claims of an envelope that speak of the container that wrote the line. */
const CONTAINER_CLAIMS = [
  'container',
  'containerName',
  'namespace',
  'pod',
  'workload',
  'family',
  'task',
  'image',
] as const satisfies readonly (keyof Claims)[];

/**
 * Where an alert says that it happened. Falco runs in a container of its own, which is what an envelope's container
 * names: it counts only for alerts that tell nothing of a container, and never when it is Falco's.
 */
export function alertClaims(alert: Alert, origin: Claims): Claims {
  const { fields } = alert;
  const isAudit = alert.source === 'k8s_audit' || (alert.source === undefined && fields.names('ka.'));
  if (isAudit) return { ...withoutContainer(origin), ...auditClaims(fields) };
  const speaks = fields.names('container.') || fields.names('k8s.');
  const base = speaks || isFalcoItself(origin) ? withoutContainer(origin) : { ...origin };
  const host = alert.hostName;
  if (host !== undefined && host !== origin.pod) base.hostName = host;
  return { ...base, ...containerClaims(fields) };
}

function withoutContainer(origin: Claims): Claims {
  const claims = { ...origin };
  for (const name of CONTAINER_CLAIMS) delete claims[name];
  return claims;
}

function isFalcoItself(origin: Claims): boolean {
  const names = [origin.containerName, origin.pod, origin.namespace, origin.image];
  return names.some((name) => name?.toLowerCase().includes('falco'));
}

function containerClaims(fields: Fields): Claims {
  const claims: Claims = {};
  const namespace = fields.text('k8s.ns.name');
  const pod = fields.text('k8s.pod.name');
  const id = fields.text('container.id', 'container.full_id');
  const name = fields.text('container.name');
  const image = imageOf(fields);
  if (namespace !== undefined) claims.namespace = namespace;
  if (pod !== undefined) claims.pod = pod;
  const workload = fields.text('k8s.deployment.name', 'k8s.rc.name');
  if (workload !== undefined) claims.workload = workload;
  if (id === 'host' && namespace === undefined && pod === undefined) return claims;
  if (name !== undefined && name !== 'host') claims.containerName = kubeletName(name);
  if (image !== undefined) claims.image = image;
  const known = containerId(id);
  const isContainer = id !== undefined || Object.keys(claims).length > 0;
  if (known !== undefined || isContainer) claims.container = known ?? 'unknown';
  return claims;
}

/** The kubelet names Docker's containers `k8s_<container>_<pod>_<namespace>_<uid>_<attempt>`. */
function kubeletName(name: string): string {
  return name.startsWith('k8s_') ? (name.split('_')[1] ?? name) : name;
}

function imageOf(fields: Fields): string | undefined {
  const repository = fields.text('container.image.repository');
  if (repository === undefined) return fields.text('container.image');
  const tag = fields.text('container.image.tag');
  return tag === undefined ? repository : `${repository}:${tag}`;
}

/** An audit alert speaks of the object that a request named (k8saudit plugin: ka.target.*). */
function auditClaims(fields: Fields): Claims {
  const claims: Claims = {};
  const namespace = fields.text('ka.target.namespace');
  if (namespace !== undefined) claims.namespace = namespace;
  const pod = fields.text('ka.target.pod.name') ?? podOf(fields);
  if (pod !== undefined) Object.assign(claims, { pod, container: 'unknown' });
  return claims;
}

function podOf(fields: Fields): string | undefined {
  return fields.text('ka.target.resource') === 'pods' ? fields.text('ka.target.name') : undefined;
}
