import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS, type Process } from '#shared/model/event.ts';
import type { Strength } from '#shared/model/groups.ts';
import type { Flag, Verdict } from '#shared/model/indicator.ts';
import type { Intel } from '#shared/model/intel.ts';
import { type Artifact, artifact } from '#shared/model/place.ts';
import { baseName } from '../command/names.ts';
import { isWritablePath, type Program, programName } from '../command/program.ts';
import { programs } from '../command/reading.ts';
import { listedMiner, processTexts } from '../miner/actor.ts';
import { readArguments } from '../miner/arguments.ts';
import { makeGate } from '../miner/gate.ts';
import { type ContentJudgement, judgeCommands } from './content.ts';
import { parseCrontab } from './crontab.ts';
import { minerName } from './names.ts';
import { stripRoot } from './root-prefix.ts';
import { persistenceTarget } from './targets.ts';
import { windowsTask } from './windows.ts';

const NEEDLES = [
  ...[
    'crontab',
    'systemctl',
    'systemd-run',
    'loginctl',
    '/bin/at',
    'at now',
    '| at ',
    'batch',
    'update-rc.d',
    'chkconfig',
  ],
  ...['rc-update', 'insserv', '--restart', 'schtasks', 'scheduledtask', 'currentversion\\run', 'sc create', 'binpath'],
  ...['nssm', 'chattr', 'insmod', 'modprobe'],
  ...['/bin/mv', 'mv /usr/bin/', 'mv /bin/', 'mv /usr/sbin/', 'mv /sbin/'],
];
const gate = makeGate(NEEDLES, false);

type Found = Omit<Verdict, 'why'> & { readonly reason: string };
type Decide = (program: Program, intel: Intel, all: readonly Program[]) => Found | undefined;

/** Decisions by the program that is run. */
const BY_PROGRAM: ReadonlyMap<string, Decide> = new Map<string, Decide>([
  ['crontab', crontab],
  ['at', at],
  ['batch', at],
  ['systemctl', systemctl],
  ['systemd-run', systemdRun],
  [
    'loginctl',
    ({ argv }) => (argv.includes('enable-linger') ? weak('T1543.002', "keeps a user's services running") : undefined),
  ],
  ['update-rc.d', rcLink],
  ['chkconfig', rcLink],
  ['rc-update', rcLink],
  ['insserv', rcLink],
  ['chattr', chattr],
  ['insmod', kernelModule],
  ['modprobe', kernelModule],
  ['mv', movedTool],
]);

/**
 * A command that sets up a start without writing the file itself: crontab(1), at(1), systemctl, start links, restarting
 * containers, protected files, kernel modules, replaced system tools, Windows tasks and services.
 */
export const persistenceCommand: Analyzer = {
  id: 'persistence_command',
  version: 1,
  title: 'Command that makes something start again',
  group: 'persistence_setup',
  technique: 'T1053.003',
  classes: [CLASS.process],
  needles: NEEDLES,
  decide(event, intel) {
    if (event.class !== CLASS.process || !gate(processTexts(event.process))) return [];
    const all = programs(event.process);
    const found = all.flatMap((program) => decideProgram(program, intel, all, event.process));
    const failed = event.success === false;
    return found.map(({ reason, ...one }) => ({
      ...one,
      strength: failed && one.strength === 'strong' ? 'weak' : one.strength,
      why: reason.slice(0, 300),
    }));
  },
};

function decideProgram(program: Program, intel: Intel, all: readonly Program[], process: Process): readonly Found[] {
  if (program.remote) return [];
  const own = BY_PROGRAM.get(programName(program))?.(program, intel, all);
  const container = restartingContainer(program, intel, process);
  const windows = windowsTask(program.argv, intel);
  return [own, container, windows].filter((one) => one !== undefined);
}

function found(
  strength: Strength,
  technique: string,
  reason: string,
  artifacts: readonly Artifact[] = [],
  flags: readonly Flag[] = ['write'],
): Found {
  return { strength, technique, reason, artifacts, flags };
}
const weak = (technique: string, reason: string, artifacts: readonly Artifact[] = []): Found =>
  found('weak', technique, reason, artifacts);

/** A judged text: strong with its reason, else a note. */
function judged({ verdict, reason, artifacts }: ContentJudgement, technique: string, what: string): Found {
  return found(verdict === 'suspicious' ? 'strong' : 'note', technique, `${what}: ${reason}`, artifacts);
}

/** `crontab -`, `-e`, FILE; `-l` reads, `-r` removes, and a list that is filtered back removes lines. */
function crontab(program: Program, intel: Intel, all: readonly Program[]): Found | undefined {
  const options = program.argv.slice(1);
  if (options.includes('-l')) return undefined;
  if (options.includes('-r')) return found('note', 'T1053.003', 'crontab removed: rivals or an administrator', [], []);
  if (program.input !== undefined) {
    const entries = parseCrontab(program.input).map(({ command }) => command);
    const commands = entries.length > 0 ? entries : [program.input];
    return judged(judgeCommands(commands, intel), 'T1053.003', 'crontab replaced');
  }
  const lists = all.some((one) => programName(one) === 'crontab' && one.argv.includes('-l'));
  const filters = all.some((one) => ['sed', 'grep', 'egrep', 'awk'].includes(programName(one)));
  if (lists && filters && (options.includes('-') || options.length === 0))
    return found('note', 'T1053.003', 'lines removed from a crontab', [], []);
  if (options.some((word) => /^-[Vhn?]/.test(word))) return undefined;
  return weak('T1053.003', 'crontab replaced or edited, text unseen');
}

function at(program: Program, intel: Intel): Found | undefined {
  const options = program.argv.slice(1);
  if (options.some((word) => /^-[lrdcV]/.test(word)) || (options.length === 0 && program.input === undefined))
    return undefined;
  if (program.input !== undefined) return judged(judgeCommands([program.input], intel), 'T1053.002', 'job for at');
  return weak('T1053.002', 'job for at, text unseen');
}

function systemctl(program: Program, intel: Intel): Found | undefined {
  const operands = program.argv.slice(1).filter((word) => !word.startsWith('-'));
  const [verb = '', ...units] = operands;
  if (
    !['enable', 'reenable', 'link', 'start', 'restart', 'add-wants', 'add-requires'].includes(verb) ||
    units.length === 0
  )
    return undefined;
  const artifacts = units.slice(0, 16).map((unit) => artifact('unit', baseName(unit)));
  const reason = units
    .map((unit) => minerName(unit, intel) ?? (isWritablePath(unit) ? `the unit lies in ${unit}` : undefined))
    .find(Boolean);
  if (reason !== undefined) return found('strong', 'T1543.002', `systemctl ${verb}: ${reason}`, artifacts);
  return verb === 'start' || verb === 'restart'
    ? undefined
    : weak('T1543.002', `systemctl ${verb} ${units.join(' ').slice(0, 160)}`, artifacts);
}

function systemdRun(program: Program, intel: Intel): Found | undefined {
  const timed = program.argv.some((word) => /^--(?:on-|timer-property)/.test(word));
  if (!timed) return undefined;
  const start = program.argv.findIndex((word, index) => index > 0 && !word.startsWith('-'));
  const command = start < 0 ? '' : program.argv.slice(start).join(' ');
  return command === ''
    ? weak('T1053.006', 'transient timer')
    : judged(judgeCommands([command], intel), 'T1053.006', 'transient timer');
}

function rcLink(program: Program, intel: Intel): Found | undefined {
  const words = program.argv.slice(1);
  const adds =
    words.some((word) => ['defaults', 'enable', 'on', 'add', '--add'].includes(word)) ||
    programName(program) === 'insserv';
  if (!adds || words.some((word) => ['remove', '-r', '--del', 'off', 'disable'].includes(word))) return undefined;
  const names = words.filter((word) => !word.startsWith('-'));
  const reason = names.map((name) => minerName(name, intel)).find((one) => one !== undefined);
  return reason === undefined
    ? weak('T1037.004', `start link: ${words.join(' ').slice(0, 160)}`)
    : found('strong', 'T1037.004', `start link: ${reason}`);
}

/** `chattr +i` where it guards what starts a miner, or the miner in /tmp. */
function chattr(program: Program): Found | undefined {
  const options = program.argv.slice(1);
  if (!options.some((word) => /^[+=][a-zA-Z]*i/.test(word))) return undefined;
  const operands = options
    .filter((word) => word.startsWith('/') || word.startsWith('~'))
    .map((word) => stripRoot(word).path);
  const guarded = operands.filter((path) => isWritablePath(path) || isGuardedTarget(path));
  if (guarded.length === 0) return undefined;
  return found(
    'strong',
    'T1222.002',
    `made immutable: ${guarded.join(' ').slice(0, 200)}`,
    guarded.slice(0, 8).map((path) => artifact('path', path)),
  );
}

function isGuardedTarget(path: string): boolean {
  const kind = persistenceTarget(path)?.kind;
  return (
    kind === 'cron' ||
    kind === 'ssh_key' ||
    kind === 'preload' ||
    /^\/var\/spool\/cron(?:\/crontabs)?\/?$|^\/etc\/cron\.[a-z]+\/?$/.test(path)
  );
}

function kernelModule(program: Program): Found | undefined {
  const module = program.argv.slice(1).find((word) => /\.ko(?:\.xz|\.gz|\.zst)?$/.test(word));
  if (module === undefined || module.startsWith('/lib/modules/') || module.startsWith('/usr/lib/modules/'))
    return undefined;
  return isWritablePath(module) || /^\/(?:root|home|opt|etc|var)\//.test(module)
    ? found('strong', 'T1547.006', `kernel module from ${module.slice(0, 200)}`, [artifact('path', module)])
    : undefined;
}

const GUARDED_TOOLS = /^\/(?:usr\/)?s?bin\/(?:curl|wget|ps|top|htop|ss|netstat|lsof|ldd|pstree|chattr|crontab)$/;

/** `mv /usr/bin/wget /usr/bin/wge`: nobody but a package manager renames these. */
function movedTool(program: Program): Found | undefined {
  if (program.source === 'argv' && program.executable === undefined && program.via.length === 0) return undefined;
  const [from, to, more] = program.argv.slice(1).filter((word) => !word.startsWith('-'));
  if (from === undefined || to === undefined || more !== undefined || !GUARDED_TOOLS.test(from) || from === to)
    return undefined;
  return found('strong', 'T1554', `system tool ${from} moved to ${to.slice(0, 160)}`, [artifact('path', to)]);
}

/** `docker run --restart=always` of a miner: the daemon starts it again. */
function restartingContainer(program: Program, intel: Intel, process: Process): Found | undefined {
  const { container } = program;
  if (container?.kind !== 'run') return undefined;
  const outer = (process.argv ?? []).join(' ');
  if (!/--restart[= ](?:always|unless-stopped|on-failure)/.test(outer)) return undefined;
  const said = readArguments(program.argv.slice(1));
  const words =
    said.strong.length > 0 ||
    said.pools.some(({ mining }) => mining) ||
    said.wallets.some(({ checksum }) => checksum === 'verified');
  const image = container.image?.split('@', 1)[0]?.replace(/:[^/]*$/, '') ?? '';
  const listed = [image, program.path].some((name) => name !== '' && listedMiner(name, intel) !== undefined);
  if (!words && !listed) return undefined;
  return found(
    'strong',
    'T1543.005',
    'a miner in a container that restarts',
    image === '' ? [] : [artifact('image', image)],
    ['write', 'launch'],
  );
}
