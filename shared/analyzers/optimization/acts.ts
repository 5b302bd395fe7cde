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

const KILLERS: ReadonlySet<string> = new Set(['kill', 'pkill', 'killall', 'skill', 'xkill']);

/** Whether a program ends others: kill and its kin, `fuser -k`, `busybox kill`. */
export function isKill({ name, words }: Act): boolean {
  return KILLERS.has(name)
    ? !words.some((word) => word === '-0' || word === '-l' || word === '-L')
    : name === 'fuser' && words.some((word) => /^-[a-z]*k/.test(word));
}

const SERVICE_STOP = /^(?:stop|disable|mask|kill|off|remove|delete|--del)$/;
const SERVICE_TOOLS: ReadonlySet<string> = new Set(
  'systemctl service rc-service rc-update chkconfig update-rc.d initctl sv snap'.split(' '),
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
