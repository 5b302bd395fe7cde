import { type Facts, minerSamples, startsContainer, unique } from './facts.ts';

/** Commands that started the miner in a container. */
export function containerStarts(facts: Facts): readonly string[] {
  return unique(
    minerSamples(facts)
      .filter(startsContainer)
      .map(({ commandLine }) => commandLine),
  );
}

/** Processes of which a miner's processes are children. */
export interface Parents {
  /** They started the miner and, as far as records tell, nothing else. */
  readonly own: readonly string[];
  /** Shells, which may be somebody's login, and what started other programs too, or is known by its number alone. */
  readonly doubtful: readonly string[];
}

const SHELLS =
  /^-?(?:(?:ba|da|a|z|k|c|tc|fi)?sh|sudo|su|login|screen|tmux.*|tmux: server|bash|fish|node|java|python[\d.]*|php-fpm.*)$/;
const SUPERVISORS =
  /^(?:systemd|init|containerd-shim.*|containerd|dockerd|conmon|runc|sshd.*|crond?|CRON|atd|tini|dumb-init|supervisord|amazon-ssm-agen.*|ssm-.*)$/;

/** The parents of a finding's miner processes, but supervisors and the kernel's first processes, which nobody stops. */
export function minerParents(facts: Facts): Parents {
  const miners = minerSamples(facts).filter((one) => !startsContainer(one));
  const known = new Set(miners);
  const others = [
    ...facts.sightings.map(({ sample }) => sample),
    ...facts.finding.leftOut.flatMap(({ evidence }) => evidence.samples),
  ];
  const shared = new Set(
    others
      .filter((one) => !known.has(one) && !miners.some(({ id }) => id === one.id))
      .map(({ parentPid }) => parentPid),
  );
  const own: string[] = [];
  const doubtful: string[] = [];
  for (const { parentPid, parentName } of miners) {
    if (parentPid === undefined && parentName === undefined) continue;
    if ((parentPid !== undefined && parentPid <= 2) || SUPERVISORS.test(parentName ?? '')) continue;
    const text = [parentPid, parentName].filter((one) => one !== undefined).join(' ');
    const sure =
      parentName !== undefined && !SHELLS.test(parentName) && !(parentPid !== undefined && shared.has(parentPid));
    (sure ? own : doubtful).push(text);
  }
  const all = unique(doubtful);
  return { own: unique(own).filter((one) => !all.includes(one)), doubtful: all };
}
