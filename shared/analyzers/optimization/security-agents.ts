import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS } from '#shared/model/event.ts';
import type { Verdict } from '#shared/model/indicator.ts';
import { artifact } from '#shared/model/place.ts';
import { baseName } from '../command/names.ts';
import { makeGate } from '../miner/gate.ts';
import {
  type Act,
  actsOf,
  isContainerRemoval,
  isContainerTool,
  isKill,
  isOrchestrator,
  isServiceStop,
  removedFromCluster,
} from './acts.ts';
import { AGENT_NEEDLES, agentsIn, type SecurityAgent } from './agents.ts';

// "audit" alone would let every record of auditd through: its own records speak of it in `type=` and `msg=audit(`.
const NEEDLES = AGENT_NEEDLES.flatMap((needle) =>
  needle === 'audit' ? ['auditd', 'auditctl', 'auditbeat', '/etc/audit'] : [needle],
);
const gate = makeGate(NEEDLES, true);

const PACKAGE_TOOLS: ReadonlySet<string> = new Set(
  'yum dnf microdnf apt apt-get aptitude dpkg rpm zypper apk snap pacman'.split(' '),
);
const PACKAGE_REMOVAL =
  /^(?:remove|purge|erase|autoremove|rm|del|uninstall|-e|-r|-P|-R[a-z]{0,3}|--remove|--purge|--erase)$/;
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
      const agents = isContainerTool(act) || isOrchestrator(act) ? named.filter(runsInContainers) : named;
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
  if (isOrchestrator(act)) return removedFromCluster(act);
  const manager = /^platform-python[\d.]*$/.test(name) ? baseName(words[0] ?? '') : name;
  if (PACKAGE_TOOLS.has(manager)) return words.some((word) => PACKAGE_REMOVAL.test(word)) ? text : undefined;
  if (name === 'auditctl') return /(?:^|\s)(?:-e\s?0|-D)(?:\s|$)/.test(text) ? 'auditd' : undefined;
  if (name === 'rm' || name === 'shred' || name === 'unlink')
    return words.filter((word) => !word.startsWith('/var/log/') && !ONE_AUDIT_RULE.test(word)).join(' ');
  if (name === 'chmod') return unrunnable(words);
  // An agent's own control program or init script, told to stop, or its vendor's script that takes it away.
  const path = program.argv[0] ?? '';
  const controls = words.some((word) => /^(?:stop|disable|uninstall|unload)$/.test(word));
  if (controls && (/^\/etc\/(?:rc\.d\/)?init\.d\//.test(path) || agentsIn(path).length > 0)) return `${path} ${text}`;
  const removes = [path, ...words].filter((word) => /uninst/i.test(word) && !/\s/.test(word));
  return removes.length > 0 ? removes.map((word) => word.replaceAll('.', ' .')).join(' ') : undefined;
}

/** A file of rules of its own, and what merely configures: the whole set goes with its folder or with `audit.rules`. */
const ONE_AUDIT_RULE = /^\/etc\/audit\/(?!audit\.rules$)(?:rules\.d\/(?!audit\.rules$))?[\w-][\w.-]*\.(?:rules|conf)$/;

/** The programs that `chmod 000`, `chmod 644` or `chmod -x` keeps from being run. */
function unrunnable(words: readonly string[]): string | undefined {
  const [mode = '', ...paths] = words.filter((word) => !/^(?:-R|-[cfv]{1,3}|--\w.*)$/.test(word));
  const nothing = /^0{1,4}$/.test(mode);
  const still = nothing || /^0?[0246]{3}$/.test(mode) || /^(?:a|ugo)?-[rw]{0,2}x$/.test(mode) || /^a?=r?w?$/.test(mode);
  if (!still) return undefined;
  return paths.filter((path) => nothing || /\/(?:s?bin|libexec)\/[^/]+$/.test(path)).join(' ');
}

/** Other clouds' agents are services of the host, and the same words name databases and gateways in containers. */
const runsInContainers = ({ name, foreign }: SecurityAgent): boolean => foreign !== true && name !== 'auditd';
