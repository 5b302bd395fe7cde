import type { Process } from '../model/event.ts';
import { type Family, familyOf, KERNEL_NAME_BYTES, type ScriptCall, scriptCall } from './script-call.ts';

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');

/** Package and configuration managers that are programs of their own, or that a record may name as such. */
const PROGRAMS: ReadonlySet<string> = new Set(
  words(`
  dpkg dpkg-deb apt apt-get aptitude rpm dnf5 microdnf zypper apk pacman snapd snap flatpak brew
  ssm-document-worker`),
);

/** Those that distributions ship as scripts: nothing but the distribution puts them into its own folders. */
const DISTRIBUTION_SCRIPTS: ReadonlyMap<string, Family> = new Map([
  ...words(`dnf dnf-3 dnf4 dnf-automatic yum yum-cron unattended-upgrade unattended-upgrades do-release-upgrade
    cloud-init amazon-linux-extras`).map((name) => [name, 'python'] as const),
  ...words('frontend dpkg-reconfigure dpkg-preconfigure needrestart').map((name) => [name, 'perl'] as const),
  ...words('update-initramfs apt.systemd.daily').map((name) => [name, 'shell'] as const),
]);

/** Those that are also installed beside the distribution: by pip or gem, or by their vendor under /opt. */
const VENDOR_SCRIPTS: ReadonlyMap<string, Family> = new Map([
  ...words(`ansible ansible-playbook ansible-pull salt-minion salt-call certbot cfn-init cfn-hup`).map(
    (name) => [name, 'python'] as const,
  ),
  ...words('puppet puppet-agent chef-client chef-solo cinc-client cinc-solo codedeploy-agent').map(
    (name) => [name, 'ruby'] as const,
  ),
]);

const scriptFamily = (name: string): Family | undefined => DISTRIBUTION_SCRIPTS.get(name) ?? VENDOR_SCRIPTS.get(name);
/** As the kernel cuts them. */
const SHORT_NAMES: ReadonlyMap<string, Family> = new Map(
  [...DISTRIBUTION_SCRIPTS, ...VENDOR_SCRIPTS].map(([name, family]) => [name.slice(0, KERNEL_NAME_BYTES), family]),
);

/** Where distributions and vendors install programs: a file named `apt-get` elsewhere is nobody's package manager. */
const SYSTEM_FOLDERS =
  /^\/(?:usr\/(?:local\/)?|opt\/(?:puppetlabs|chef|cinc|saltstack|aws|codedeploy-agent|certbot)\/(?:[\w.-]+\/){0,4}|snap\/certbot\/\d+\/(?:usr\/)?)?(?:s?bin|lib(?:exec)?)\//;
/** Where distributions keep scripts of theirs. /usr/local is the administrator's. */
const DISTRIBUTION_FOLDERS = /^\/(?:(?:usr\/)?(?:s?bin|lib)|usr\/(?:libexec|share))\/(?!local\/)/;
const VENDOR_FOLDERS =
  /^\/(?:usr\/local\/s?bin|opt\/(?:puppetlabs|chef|cinc|saltstack|aws|codedeploy-agent|certbot)|snap\/certbot\/\d+)\//;
/** Interpreters that a configuration manager brings along for itself alone. */
const VENDORED_RUNTIME = /^\/opt\/(?:puppetlabs|chef|cinc|saltstack)\/(?:[\w-]+\/){0,3}bin\/(?:ruby|python)[\d.]*$/;
/** Scripts of Debian packages, in the folders in which only dpkg writes (Debian Policy, chapter 6). */
const MAINTAINER_SCRIPT =
  /^\/var\/lib\/dpkg\/(?:info\/[a-z0-9][a-z0-9+.:-]{0,127}\.|tmp\.ci\/)(?:pre|post)(?:inst|rm)$/;
/** Their short name, cut where their package's name is long. */
const MAINTAINER_NAME = /^[a-z0-9][a-z0-9+.-]{0,14}$/;
const MAINTAINER_ENDING = /\.(?:pre|post)(?:inst|rm)$/;
const MAINTAINER_CUT = /\.p(?:re|ost)(?:i|in|ins|r)$/;
/** Modules that Ansible runs as root on this host, in the folder that it makes for each (`remote_tmp`). */
const ANSIBLE_MODULE = /^\/root\/\.ansible\/tmp\/ansible-tmp-[\d.-]{1,64}\/AnsiballZ_\w{1,64}\.py$/;
const MAX_PATH = 512;

/** A package or configuration manager, and what follows its name on the command line. */
export interface Manager {
  readonly name: string;
  readonly orders: readonly string[];
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Whether an executable lies where distributions and vendors install programs. */
export function isInstalled(executable: string): boolean {
  return SYSTEM_FOLDERS.test(executable.slice(0, MAX_PATH)) && !executable.includes('/.');
}

/** Whether a short name is one that package and configuration managers bear, which proves little. */
export function isManagersName(name: string): boolean {
  return PROGRAMS.has(name) || SHORT_NAMES.has(name) || scriptFamily(name) !== undefined;
}

/**
 * The package or configuration manager that a process is. The executable tells, which only the kernel names; where that
 * is an installed interpreter, the script tells that it runs: see docs/decisions/0003 for what is believed, and why.
 */
export function managerOf(process: Process): Manager | undefined {
  // An upgrade replaces the very program that runs it.
  const executable = process.executable?.replace(/ \(deleted\)$/, '');
  if (executable === undefined || !isInstalled(executable)) return undefined;
  const name = baseName(executable);
  if (PROGRAMS.has(name) || scriptFamily(name) !== undefined) return { name, orders: process.argv?.slice(1) ?? [] };
  const family = familyOf(name);
  if (family === undefined || (process.uid !== undefined && process.uid !== '0')) return undefined;
  const vendored = VENDORED_RUNTIME.test(executable);
  const call = scriptCall(process, family);
  if (call !== undefined) return byScript(process, family, call, vendored);
  return isDaemon(process) ? byTitle(process, family, vendored) : undefined;
}

/** Nothing but a root process without login may be told by what it calls itself. */
const isDaemon = ({ uid, session, auid }: Process): boolean =>
  uid === '0' && (session === undefined || auid === undefined);

function byScript(process: Process, family: Family, call: ScriptCall, vendored: boolean): Manager | undefined {
  const { script, operands } = call;
  if (script === undefined || script.length > MAX_PATH) return undefined;
  const name = baseName(script);
  if (!vendored && !agrees(process.name, name, family)) return undefined;
  if (MAINTAINER_SCRIPT.test(script)) return { name, orders: [] };
  if (family === 'python' && ANSIBLE_MODULE.test(script)) return isDaemon(process) ? { name, orders: [] } : undefined;
  // A path that climbs or hides is no installed script.
  if (script.includes('/.') || scriptFamily(name) !== family) return undefined;
  const installed = DISTRIBUTION_FOLDERS.test(script) || (VENDOR_SCRIPTS.has(name) && VENDOR_FOLDERS.test(script));
  return installed ? { name, orders: operands } : undefined;
}

/** Whether the kernel's short name is one that the call gives: of the script by its first line, of the interpreter else. */
function agrees(shortName: string | undefined, script: string, family: Family): boolean {
  return shortName === undefined || shortName === script.slice(0, KERNEL_NAME_BYTES) || familyOf(shortName) === family;
}

/** No script to be seen: the record has no arguments, or the program wrote a title over them that begins with its name. */
function byTitle({ name = '', argv = [] }: Process, family: Family, vendored: boolean): Manager | undefined {
  if (SHORT_NAMES.get(name) === family) return { name, orders: argv.slice(1) };
  return argv.length === 0 && (vendored || isMaintainerName(name)) ? { name, orders: [] } : undefined;
}

function isMaintainerName(name: string): boolean {
  if (!MAINTAINER_NAME.test(name)) return false;
  return MAINTAINER_ENDING.test(name) || (name.length === KERNEL_NAME_BYTES && MAINTAINER_CUT.test(name));
}
