import type { Claims } from '#shared/model/place.ts';

/** An id in a name, bounded by what is no letter or digit. */
const ENI = /(?:^|[^a-z0-9])(eni-(?:[0-9a-f]{17}|[0-9a-f]{8}))(?![a-z0-9])/;
const INSTANCE = /(?:^|[^a-z0-9])(i-(?:[0-9a-f]{17}|[0-9a-f]{8}))(?![a-z0-9])/;
/** The awslogs driver of ECS: prefix/container/task. */
const ECS_STREAM = /^[^/]{1,256}\/([^/]{1,256})\/([0-9a-f]{32})$/;
/** Container Insights: node-dataplane.systemd…, node-application.var.log.containers…, node-host.… */
const NODE_PREFIX = /^([a-z0-9][a-z0-9.-]{0,252}?)[-.](?:application|dataplane|host)\./;
const MAX_NAME = 1024;

/** What the name of a log stream tells: interface, instance, ECS task, node and pod. */
export function streamClaims(stream: string): Claims {
  const name = stream.slice(0, MAX_NAME);
  const claims: Claims = { stream: name };
  const eni = ENI.exec(name)?.[1];
  if (eni !== undefined) claims.eni = eni;
  const instance = INSTANCE.exec(name)?.[1];
  if (instance !== undefined) claims.instance = instance;
  const [, container, task] = ECS_STREAM.exec(name) ?? [];
  if (container !== undefined && task !== undefined) Object.assign(claims, { containerName: container, task });
  const node = NODE_PREFIX.exec(name)?.[1];
  if (node !== undefined) claims.hostName = node;
  const at = name.indexOf('var.log.containers.');
  return at < 0 ? claims : { ...claims, ...containerFileClaims(name.slice(at + 'var.log.containers.'.length)) };
}

const KUBERNETES_FILE =
  /^([a-z0-9][a-z0-9.-]{0,252})_([a-z0-9][a-z0-9-]{0,62})_([a-z0-9][a-z0-9.-]{0,252})-([0-9a-f]{64})(?:\.|$)/;
const DOCKER_FILE = /^([0-9a-f]{64})-json\.log/;
const POD_FOLDER = /^([a-z0-9][a-z0-9-]{0,62})_([a-z0-9][a-z0-9.-]{0,252})_[0-9a-f-]{32,36}$/;

/** What a container's log file is named after: `pod_namespace_container-id.log` of the kubelet, `id-json.log` of Docker. */
function containerFileClaims(name: string): Claims {
  const [, pod, namespace, containerName, id] = KUBERNETES_FILE.exec(name) ?? [];
  if (pod !== undefined && namespace !== undefined && containerName !== undefined && id !== undefined) {
    return { pod, namespace, containerName, container: id.slice(0, 12) };
  }
  const docker = DOCKER_FILE.exec(name)?.[1];
  return docker === undefined ? {} : { container: docker.slice(0, 12) };
}

/**
 * What the path of a file or object tells of the stream in it: the folder of an export (`task/stream/000000.gz`), a
 * container's log file, or the kubelet's `/var/log/pods/namespace_pod_uid/container/0.log`.
 */
export function pathClaims(raw: { readonly file?: string; readonly key?: string }): Claims {
  const parts = (raw.key ?? raw.file ?? '').split(/[/\\]/).slice(-3);
  const name = parts.at(-1) ?? '';
  const folder = parts.at(-2) ?? '';
  if (/^\d{6}(?:\.gz)?$/.test(name) && folder !== '') return streamClaims(folder);
  const [, namespace, pod] = POD_FOLDER.exec(parts.at(-3) ?? '') ?? [];
  if (namespace !== undefined && pod !== undefined && /^\d+\.log/.test(name)) {
    return { namespace, pod, containerName: folder };
  }
  return containerFileClaims(name);
}
