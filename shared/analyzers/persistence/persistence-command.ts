import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS, type Process } from '#shared/model/event.ts';
import type { Intel } from '#shared/model/intel.ts';
import { artifact } from '#shared/model/place.ts';
import { LAUNCHERS } from '../command/launchers.ts';
import { baseName } from '../command/names.ts';
import { isWritablePath, type Program, programName } from '../command/program.ts';
import { programs } from '../command/reading.ts';
import { skipLauncher } from '../command/skip-launcher.ts';
import { listedMiner, processTexts } from '../miner/actor.ts';
import { readArguments } from '../miner/arguments.ts';
import { imageMiner } from '../miner/artifacts.ts';
import { makeGate } from '../miner/gate.ts';
import { type Found, found, judged, weak } from './command-findings.ts';
import { judgeCommands } from './content.ts';
import { crontab } from './crontab-command.ts';
import { LISTED_NAMES, minerName } from './names.ts';
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
    'at -',
    'useradd',
    'usermod',
    'cronjob',
    'batch',
    'update-rc.d',
    'chkconfig',
  ],
  ...['rc-update', 'insserv', '--restart', 'schtasks', 'scheduledtask', 'currentversion\\run', 'sc create', 'binpath'],
  ...['nssm', 'chattr', 'tntrecht', 'insmod', 'modprobe', '/pm2', 'pm2 startup', 'pm2 save'],
  ...['/bin/mv', 'mv /usr/bin/', 'mv /bin/', 'mv /usr/sbin/', 'mv /sbin/', '/bin/cp', 'cp /usr/bin/', 'cp /bin/'],
  ...['cp /usr/sbin/', 'cp /sbin/'],
  ...LISTED_NAMES,
];
const gate = makeGate(NEEDLES, true);
const MAX_VERDICTS = 32;

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
  // As TeamTNT and its heirs call their copies of it.
  ['tntrecht', chattr],
  ['lchattr', chattr],
  ['useradd', account],
  ['usermod', account],
  ['service', service],
  ['pm2', processManager],
  ['kubectl', cronJob],
  ['insmod', kernelModule],
  ['modprobe', kernelModule],
  ['mv', movedTool],
  ['cp', movedTool],
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
    const found = decideWindows(event.process, all, intel).slice();
    for (const program of all) {
      if (found.length >= MAX_VERDICTS) break;
      found.push(...decideProgram(program, intel, all, event.process));
    }
    const failed = event.success === false;
    return found.slice(0, MAX_VERDICTS).map(({ reason, ...one }) => ({
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
  return [own, container].filter((one) => one !== undefined);
}

const WINDOWS_TOOLS =
  /^(?:schtasks|reg|sc|nssm|cmd|powershell|pwsh|wmic|register-scheduledtask|(?:set|new)-itemproperty)$/i;

/**
 * Windows' own ways. The record's words come first: where a shell's reading was tried on them, it took the backslashes
 * for its own. One answer, the strongest.
 */
function decideWindows(process: Process, all: readonly Program[], intel: Intel): readonly Found[] {
  const candidates = all.filter((one) => WINDOWS_TOOLS.test(programName(one))).map(({ argv }) => argv);
  if (candidates.length > 0) candidates.unshift(process.argv ?? []);
  const tasks = candidates.map((argv) => windowsTask(argv, intel)).filter((one) => one !== undefined);
  const best = tasks.find(({ strength }) => strength === 'strong') ?? tasks[0];
  return best === undefined ? [] : [best];
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
  const launcher = LAUNCHERS.get('systemd-run');
  const words = launcher === undefined ? [] : skipLauncher(program.argv, launcher, 'systemd-run').rest;
  const command = words.map((word) => (/[\s'"]/.test(word) ? `'${word.replaceAll("'", `'\\''`)}'` : word)).join(' ');
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

/** A second root, and rights handed to an account. New accounts as such are everyday work. */
function account({ argv }: Program): Found | undefined {
  const value = (...names: readonly string[]): string | undefined => {
    const at = argv.findIndex((word) => names.includes(word));
    const joined = argv.find((word) => names.some((name) => name.startsWith('--') && word.startsWith(`${name}=`)));
    return at > 0 ? argv[at + 1] : joined?.slice(joined.indexOf('=') + 1);
  };
  if (/^0+$/.test(value('-u', '--uid', '-ou') ?? ''))
    return found('strong', 'T1136.001', `account with the id of root: ${argv.join(' ').slice(0, 160)}`);
  const groups = value('-G', '--groups', '-aG', '-Ga')?.split(',') ?? [];
  return groups.some((group) => ['root', 'sudo', 'wheel', 'docker', 'adm'].includes(group))
    ? weak('T1098.007', `account added to ${groups.join(',').slice(0, 80)}`)
    : undefined;
}

/** `service NAME start` of a listed name; other services start all day. */
function service({ argv }: Program, intel: Intel): Found | undefined {
  const [, name = '', verb = ''] = argv;
  const reason = /^(?:re)?start$/.test(verb) ? minerName(name, intel) : undefined;
  return reason === undefined
    ? undefined
    : found('strong', 'T1543.002', `service ${verb}: ${reason}`, [artifact('unit', name)]);
}

/** `pm2 startup` and `pm2 save`: what pm2 runs now is started at each boot (PM2's page "Startup Script Generator"). */
function processManager({ argv }: Program): Found | undefined {
  const verb = argv.slice(1).find((word) => !word.startsWith('-'));
  return verb === 'startup' || verb === 'save' || verb === 'dump'
    ? weak('T1543', `pm2 ${verb}: what it runs starts at each boot`)
    : undefined;
}

/** `kubectl create cronjob NAME --image=… --schedule=…`: strong where the image is a miner's. */
function cronJob({ argv }: Program, intel: Intel): Found | undefined {
  if (!argv.includes('create') || !argv.some((word) => /^(?:cronjob|cj)$/.test(word))) return undefined;
  const at = argv.indexOf('--image');
  const image =
    argv.find((word) => word.startsWith('--image='))?.slice('--image='.length) ?? (at > 0 ? argv[at + 1] : undefined);
  const bare = image?.split('@', 1)[0]?.replace(/:[^/]*$/, '') ?? '';
  const reason = bare === '' ? undefined : minerName(bare, intel);
  const artifacts = image === undefined ? [] : [artifact('image', image)];
  return reason === undefined
    ? weak('T1053.007', 'Kubernetes cron job', artifacts)
    : found('strong', 'T1053.007', `Kubernetes cron job: ${reason}`, artifacts, ['write', 'launch']);
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

/** `mv /usr/bin/wget /usr/bin/wge`, `cp /bin/ps /bin/ps.original`: nobody but a package manager does this. */
function movedTool(program: Program): Found | undefined {
  if (program.exact && program.source === 'argv' && program.executable === undefined && program.via.length === 0)
    return undefined;
  const [from, to, more] = program.argv.slice(1).filter((word) => !word.startsWith('-'));
  if (from === undefined || to === undefined || more !== undefined || !GUARDED_TOOLS.test(from) || from === to)
    return undefined;
  const within = /^\/(?:usr\/)?(?:local\/)?s?bin\//.test(to) || !to.startsWith('/');
  if (programName(program) === 'cp' && (!within || to.endsWith('/'))) return undefined;
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
  const image = container.image ?? '';
  const listed =
    imageMiner(image, (base) => intel.miner(base)) !== undefined ||
    (program.path !== '' && listedMiner(program.path, intel) !== undefined);
  if (!words && !listed) return undefined;
  return found(
    'strong',
    'T1543.005',
    'a miner in a container that restarts',
    image === '' ? [] : [artifact('image', image)],
    ['write', 'launch'],
  );
}
