import type { Process } from '../model/event.ts';
import type { LinkKey } from '../model/place.ts';

/** Package and configuration managers: what they do is their own, unless an artifact says otherwise. */
const PACKAGE_MANAGERS: ReadonlySet<string> = new Set([
  ...['dpkg', 'dpkg-deb', 'apt', 'apt-get', 'aptitude', 'unattended-upgrade', 'unattended-upgrades', 'frontend'],
  ...['rpm', 'yum', 'dnf', 'dnf-3', 'dnf5', 'microdnf', 'zypper', 'apk', 'pacman', 'snapd', 'snap', 'flatpak', 'brew'],
  ...[
    'puppet',
    'puppet-agent',
    'chef-client',
    'chef-solo',
    'cinc-client',
    'ansible-playbook',
    'salt-minion',
    'salt-call',
  ],
  ...['cloud-init', 'ssm-document-worker', 'codedeploy-agent', 'update-initramfs', 'needrestart'],
]);

/** Where distributions install programs: a file named `apt-get` elsewhere is nobody's package manager. */
const SYSTEM_FOLDERS =
  /^\/(?:usr\/(?:local\/)?|opt\/(?:puppetlabs|chef|cinc|aws|codedeploy-agent)\/(?:[\w.-]+\/){0,4})?(?:s?bin|lib(?:exec)?)\//;

/** Units that name a login, a manager or a container rather than a service of their own. */
const NO_UNIT =
  /^(?:session-[\w.]+\.scope|user@[\w.-]+\.service|user-[\w.-]+\.slice|init\.scope|(?:cri-containerd|crio|docker|libpod|kubepods)[-.].*|.*\.slice)$/;

const MAX_KEY = 128;

/**
 * The link key of what a process did: `pkg` before a session with a set login uid before a named unit, else `-`
 * (design, "What belongs together").
 */
export function linkKeyOf(process: Process | undefined): LinkKey {
  if (process === undefined) return '-';
  if (isPackageManager(process)) return 'pkg';
  if (process.session !== undefined && process.auid !== undefined) return `ses:${process.session.slice(0, MAX_KEY)}`;
  const unit = process.unit?.slice(0, MAX_KEY);
  return unit === undefined || unit === '' || NO_UNIT.test(unit) ? '-' : `unit:${unit}`;
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function isPackageManager(process: Process): boolean {
  if (process.executable !== undefined && isSystemProgram(process.executable) && !isOrderToRemove(process)) return true;
  if (process.parentExecutable !== undefined) return isSystemProgram(process.parentExecutable);
  const ancestors = [process.parentName, ...(process.ancestors ?? [])];
  return ancestors.some((name) => name !== undefined && PACKAGE_MANAGERS.has(name)) && !runsFromElsewhere(process);
}

/** What tells a package manager to take something away, by name: words of most, letters of few. */
const REMOVAL_WORDS = /^(?:remove|purge|erase|autoremove|uninstall|--remove|--purge|--erase)$/;
const REMOVAL_OF: ReadonlyMap<string, RegExp> = new Map([
  ['dpkg', /^-[rP]$/],
  ['rpm', /^-e[a-z]{0,4}$/],
  ['pacman', /^-R[a-z]{0,4}$/],
  ['zypper', /^rm$/],
  ['apk', /^del$/],
]);
const MAX_WORDS = 64;

/**
 * Whether the command line of a package manager orders a removal: whoever gave it chose what goes, so it is the
 * caller's act, and only what the package manager starts for it is its own. A package manager that another one called
 * is told so by that one.
 */
function isOrderToRemove({ executable = '', argv = [] }: Process): boolean {
  const letters = REMOVAL_OF.get(baseName(executable));
  return argv.slice(1, MAX_WORDS).some((word) => REMOVAL_WORDS.test(word) || letters?.test(word) === true);
}

function isSystemProgram(path: string): boolean {
  return PACKAGE_MANAGERS.has(baseName(path)) && SYSTEM_FOLDERS.test(path.slice(0, 512));
}

/** Ancestors are known by name alone, which anybody can bear; a program outside the system's folders gets no benefit of it. */
function runsFromElsewhere(process: Process): boolean {
  return process.executable !== undefined && !SYSTEM_FOLDERS.test(process.executable.slice(0, 512));
}
