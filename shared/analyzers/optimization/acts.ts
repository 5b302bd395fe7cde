import type { Process } from '#shared/model/event.ts';
import { type Program, programName } from '../command/program.ts';
import { programs } from '../command/reading.ts';
import { processTexts } from '../miner/actor.ts';
import type { Gate } from '../miner/gate.ts';
import { readOptions, type Valued } from '../persistence/short-options.ts';

/** A program of a command line under its lower-case base name. */
export interface Act {
  readonly name: string;
  readonly program: Program;
  /** Arguments without the program's own name. */
  readonly words: readonly string[];
}

/** What a process's command line runs on this machine; nothing when the gate finds no needle in its texts. */
export function actsOf(process: Process, gate: Gate): readonly Act[] {
  if (!gate(processTexts(process))) return [];
  return programs(process)
    .filter((program) => !program.remote)
    .map((program) => ({ name: programName(program).toLowerCase(), program, words: program.argv.slice(1) }));
}

const KILLERS: ReadonlySet<string> = new Set(['kill', 'pkill', 'killall', 'skill', 'xkill', 'taskkill']);

/** Whether a program ends others: kill and its kin, `fuser -k`, `busybox kill`. */
export function isKill({ name, words }: Act): boolean {
  return KILLERS.has(name)
    ? !words.some((word) => word === '-0' || word === '-l' || word === '-L')
    : name === 'fuser' && words.some((word) => /^-[a-z]*k/.test(word));
}

const SERVICE_STOP = /^(?:stop|disable|mask|kill|off|remove|delete|del|--del)$/;
const SERVICE_TOOLS: ReadonlySet<string> = new Set(
  'systemctl service rc-service rc-update chkconfig update-rc.d initctl sv snap supervisorctl'.split(' '),
);

/** Whether a program stops a service or keeps it from starting; `stop NAME` is upstart's. */
export function isServiceStop({ name, words }: Act): boolean {
  return SERVICE_TOOLS.has(name)
    ? words.some((word) => SERVICE_STOP.test(word))
    : name === 'stop' && words.some((word) => /^\w/.test(word));
}

const CONTAINER_TOOLS: ReadonlySet<string> = new Set(
  'docker docker-compose podman podman-compose nerdctl crictl ctr'.split(' '),
);
const REMOVALS: ReadonlySet<string> = new Set(['rm', 'rmi', 'kill', 'stop', 'pause', 'rmp', 'stopp']);
/** What may stand before the verb. */
const NOUNS = /^(?:containers?|images?|tasks?|pod|service|stack|compose|[cit])$/;
/** Options before the verb that take a value, of docker, nerdctl, crictl and ctr. */
const GLOBAL: Valued = {
  letters: 'Hclnaripf',
  names: new Set(
    '--host --context --log-level --namespace --address --runtime-endpoint --file --project-name'.split(' '),
  ),
};

/** Whether a program is the command line of a container engine. */
export const isContainerTool = ({ name }: Act): boolean => CONTAINER_TOOLS.has(name);

/** `docker rm`, `docker rmi`, `docker container kill`, `docker compose stop`, `ctr -n k8s.io task kill`, `crictl stopp`. */
export function isContainerRemoval(act: Act): boolean {
  if (!isContainerTool(act)) return false;
  const operands = readOptions(act.words, GLOBAL).filter(({ name }) => name === '');
  const [verb = '', second = ''] = operands.map(({ value = '' }) => value);
  return REMOVALS.has(verb) || (NOUNS.test(verb) && REMOVALS.has(second));
}

const ORCHESTRATORS: ReadonlySet<string> = new Set(['kubectl', 'oc', 'k3s', 'microk8s', 'helm']);
/** What holds an agent or a miner in a cluster; a deleted pod comes back at once. */
const HOLDERS =
  /^(?:ds|daemonsets?|deploy|deployments?|sts|statefulsets?|ns|namespaces?|jobs?|cj|cronjobs?|helmreleases?|validatingwebhookconfigurations?)(?:\.|\/|,|$)/;
/** Options of kubectl and helm that take a value. */
const CLUSTER: Valued = {
  letters: 'nflksop',
  names: new Set(
    `--namespace --filename --selector --kustomize --context --kubeconfig --kube-context --cluster --user --server
     --replicas --timeout --grace-period --output --patch --description`.split(/\s+/),
  ),
};

/** Whether a program is the command line of a cluster. */
export const isOrchestrator = ({ name }: Act): boolean => ORCHESTRATORS.has(name);

/**
 * What `helm uninstall NAME`, `kubectl delete daemonset NAME`, `kubectl delete -f NAME.yaml` and `kubectl scale
 * --replicas=0` take away; `undefined` for what removes nothing. The namespace names what goes only where all of it
 * goes, be it pods.
 */
export function removedFromCluster({ name: tool, words }: Act): string | undefined {
  const options = readOptions(words, CLUSTER);
  const operands = options.filter(({ name }) => name === '').map(({ value = '' }) => value);
  const has = (...names: readonly string[]): boolean => options.some(({ name }) => names.includes(name));
  const values = (...names: readonly string[]): readonly string[] =>
    options.filter(({ name }) => names.includes(name)).map(({ value = '' }) => value);
  const isHelm = tool === 'helm' || operands.slice(0, 2).some((word) => /^helm3?$/.test(word));
  if (isHelm)
    return operands.some((word) => /^(?:uninstall|delete|del|un)$/.test(word)) ? operands.join(' ') : undefined;
  const files = values('f', '--filename', 'k', '--kustomize');
  const selected = values('l', '--selector');
  const whole = has('--all');
  const what = [...operands, ...files, ...selected, ...(whole ? values('n', '--namespace') : [])].join(' ');
  if (operands.includes('scale')) return values('--replicas').includes('0') ? what : undefined;
  const at = operands.indexOf('delete');
  const holds = whole || files.length > 0 || operands.slice(at + 1).some((word) => HOLDERS.test(word));
  return at >= 0 && holds ? what : undefined;
}
