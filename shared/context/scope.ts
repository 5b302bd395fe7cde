import { type Claims, HOST_SCOPE, NETWORK_SCOPE } from '../model/place.ts';

/** Letters of which Kubernetes makes its random suffixes (k8s.io/apimachinery, util/rand: no vowels, no lookalikes). */
const HASH = '[bcdfghjklmnpqrstvwxz2456789]';
const POD_SUFFIXES = [
  new RegExp(`-${HASH}{6,10}-${HASH}{5}$`),
  new RegExp(`-\\d{8,11}-${HASH}{5}$`),
  new RegExp(`-${HASH}{5}$`),
  /-\d{1,5}$/,
];

/** The workload of a pod: its name less the ReplicaSet's and the pod's hash, a CronJob's run, or the ordinal. */
export function workloadOf(pod: string): string {
  for (const suffix of POD_SUFFIXES) {
    const base = pod.replace(suffix, '');
    if (base !== pod && base !== '') return base;
  }
  return pod;
}

/** Container ids are compared by their first twelve hexadecimal digits; runtime prefixes are dropped. */
export function shortContainerId(id: string): string {
  const bare = id.slice(id.lastIndexOf('/') + 1);
  return /^[0-9a-f]{12,64}$/.test(bare) ? bare.slice(0, 12) : bare.slice(0, 64);
}

const part = (text: string): string => text.replaceAll('/', '_');

/**
 * The scope of claims: names before ids, so that a container that restarts stays one scope. A pod has several
 * containers: one of which neither id nor name is known is not told by its pod.
 */
export function scopeOf(claims: Claims): string {
  if (claims.network) return NETWORK_SCOPE;
  if (claims.container === 'unknown' && claims.containerName === undefined) return 'container:unknown';
  if (claims.namespace !== undefined && claims.pod !== undefined) {
    const workload = claims.workload ?? workloadOf(claims.pod);
    return [claims.namespace, workload, claims.containerName ?? '-'].map(part).join('/');
  }
  if (claims.family !== undefined) return [claims.family, claims.containerName ?? '-'].map(part).join('/');
  if (claims.container === 'unknown') return 'container:unknown';
  if (claims.container !== undefined) return shortContainerId(claims.container);
  return HOST_SCOPE;
}
