import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS } from '#shared/model/event.ts';
import type { Verdict } from '#shared/model/indicator.ts';
import { artifact } from '#shared/model/place.ts';
import { makeGate } from '../miner/gate.ts';
import { type Act, actsOf, isKill } from './acts.ts';
import { AGENT_NEEDLES, agentsIn } from './agents.ts';

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
const SERVICE_STOP = /^(?:stop|disable|mask|kill|off|remove|delete|--del)$/;
const SERVICE_TOOLS: ReadonlySet<string> = new Set(
  'systemctl service rc-service rc-update chkconfig update-rc.d initctl sv'.split(' '),
);
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
    const kills = acts.some(isKill);
    const told = new Set<string>();
    return acts.flatMap((act): readonly Verdict[] => {
      const text = stopped(act, kills);
      const agents = text === undefined ? [] : agentsIn(text);
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
  if (SERVICE_TOOLS.has(name)) return words.some((word) => SERVICE_STOP.test(word)) ? text : undefined;
  if (PACKAGE_TOOLS.has(name)) return words.some((word) => PACKAGE_REMOVAL.test(word)) ? text : undefined;
  if (name === 'auditctl') return /(?:^|\s)(?:-e\s?0|-D)(?:\s|$)/.test(text) ? 'auditd' : undefined;
  if (name === 'rm' || name === 'shred' || name === 'unlink') return text.replace(/\/var\/log\/\S+/g, '');
  // An agent's own control program or init script, told to stop, or its vendor's script that takes it away.
  const path = program.argv[0] ?? '';
  const controls = words.some((word) => /^(?:stop|disable|uninstall|unload)$/.test(word));
  if (controls && (/^\/etc\/(?:rc\.d\/)?init\.d\//.test(path) || agentsIn(path).length > 0)) return `${path} ${text}`;
  const removes = [path, ...words].filter((word) => /uninst/i.test(word));
  return removes.length > 0 ? removes.map((word) => word.replaceAll('.', ' .')).join(' ') : undefined;
}
