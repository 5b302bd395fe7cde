import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS } from '#shared/model/event.ts';
import type { Verdict } from '#shared/model/indicator.ts';
import { artifact } from '#shared/model/place.ts';
import { makeGate } from '../miner/gate.ts';
import { readOptions, type Valued } from '../persistence/short-options.ts';
import { type Act, actsOf, isContainerRemoval, isContainerTool, isKill, isServiceStop } from './acts.ts';
import { AGENT_NEEDLES, agentsIn, type SecurityAgent } from './agents.ts';

// "audit" alone would let every record of auditd through: its own records speak of it in `type=` and `msg=audit(`.
const NEEDLES = AGENT_NEEDLES.flatMap((needle) =>
  needle === 'audit' ? ['auditd', 'auditctl', 'auditbeat'] : [needle],
);
const gate = makeGate(NEEDLES, true);

const PACKAGE_TOOLS: ReadonlySet<string> = new Set(
  'yum dnf microdnf apt apt-get aptitude dpkg rpm zypper apk snap pacman'.split(' '),
);
const PACKAGE_REMOVAL =
  /^(?:remove|purge|erase|autoremove|rm|del|uninstall|-e|-r|-P|-R[a-z]{0,3}|--remove|--purge|--erase)$/;
const ORCHESTRATORS: ReadonlySet<string> = new Set(['kubectl', 'oc', 'k3s', 'microk8s', 'helm']);
/** What holds an agent in a cluster; a deleted pod comes back at once. */
const HOLDERS =
  /^(?:ds|daemonsets?|deploy|deployments?|sts|statefulsets?|ns|namespaces?|helmreleases?|validatingwebhookconfigurations?)(?:\.|\/|,|$)/;
/** Options of kubectl and helm that take a value. */
const CLUSTER: Valued = {
  letters: 'nflksop',
  names: new Set(
    `--namespace --filename --selector --kustomize --context --kubeconfig --kube-context --cluster --user --server
     --replicas --timeout --grace-period --output --patch --description`.split(/\s+/),
  ),
};
const SELECTORS: ReadonlySet<string> = new Set(['grep', 'egrep', 'pgrep', 'pidof', 'awk']);

/**
 * Security and cloud agents stopped, removed or deleted, as loaders do before the miner starts. Agents of other clouds
 * are strong: nobody has them on AWS, only a script that was written for every cloud.
 */
export const securityAgents: Analyzer = {
  id: 'security_agents',
  version: 1,
  title: 'Security agent stopped or removed',
  group: 'system_optimization',
  technique: 'T1562.001',
  classes: [CLASS.process],
  needles: NEEDLES,
  decide(event) {
    if (event.class !== CLASS.process || event.success === false) return [];
    const acts = actsOf(event.process, gate);
    const kills = acts.some((act) => isKill(act) || isContainerRemoval(act));
    const told = new Set<string>();
    return acts.flatMap((act): readonly Verdict[] => {
      const text = stopped(act, kills);
      const named = text === undefined ? [] : agentsIn(text);
      const agents = isContainerTool(act) || ORCHESTRATORS.has(act.name) ? named.filter(runsInContainers) : named;
      const key = agents.map(({ name }) => name).join(' ');
      if (agents.length === 0 || told.has(key)) return [];
      told.add(key);
      return [
        {
          strength: agents.some(({ foreign }) => foreign === true) ? 'strong' : 'weak',
          artifacts: agents.map(({ name }) => artifact('agent', name)),
          why: `stops or removes ${key}: ${[act.name, ...act.words].join(' ').slice(0, 160)}`,
        },
      ];
    });
  },
};

/** The text in which an act names what it stops; `undefined` for acts that stop nothing. */
function stopped(act: Act, kills: boolean): string | undefined {
  const { name, words, program } = act;
  const text = words.join(' ');
  if (isKill(act) || (kills && SELECTORS.has(name))) return text;
  if (isServiceStop(act)) return text;
  if (isContainerTool(act)) return isContainerRemoval(act) || (kills && words.includes('ps')) ? text : undefined;
  if (ORCHESTRATORS.has(name)) return removedFromCluster(name, words);
  if (PACKAGE_TOOLS.has(name)) return words.some((word) => PACKAGE_REMOVAL.test(word)) ? text : undefined;
  if (name === 'auditctl') return /(?:^|\s)(?:-e\s?0|-D)(?:\s|$)/.test(text) ? 'auditd' : undefined;
  if (name === 'rm' || name === 'shred' || name === 'unlink') return text.replace(/\/var\/log\/\S+/g, '');
  // An agent's own control program or init script, told to stop, or its vendor's script that takes it away.
  const path = program.argv[0] ?? '';
  const controls = words.some((word) => /^(?:stop|disable|uninstall|unload)$/.test(word));
  if (controls && (/^\/etc\/(?:rc\.d\/)?init\.d\//.test(path) || agentsIn(path).length > 0)) return `${path} ${text}`;
  const removes = [path, ...words].filter((word) => /uninst/i.test(word) && !/\s/.test(word));
  return removes.length > 0 ? removes.map((word) => word.replaceAll('.', ' .')).join(' ') : undefined;
}

/** Other clouds' agents are services of the host, and the same words name databases and gateways in containers. */
const runsInContainers = ({ name, foreign }: SecurityAgent): boolean => foreign !== true && name !== 'auditd';

/**
 * What `helm uninstall NAME`, `kubectl delete daemonset NAME`, `kubectl delete -f NAME.yaml` and `kubectl scale
 * --replicas=0` take away. The namespace names what goes only where all of it goes.
 */
function removedFromCluster(tool: string, words: readonly string[]): string | undefined {
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
  const what = [...operands, ...files, ...selected, ...(has('--all') ? values('n', '--namespace') : [])].join(' ');
  if (operands.includes('scale')) return values('--replicas').includes('0') ? what : undefined;
  const at = operands.indexOf('delete');
  return at >= 0 && (files.length > 0 || operands.slice(at + 1).some((word) => HOLDERS.test(word))) ? what : undefined;
}
