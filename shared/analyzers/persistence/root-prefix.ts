/** Longest path that Linux accepts (PATH_MAX, linux/limits.h). */
const MAX_PATH = 4096;

/** Folders at the top of a file system that hold what persistence and tuning touch. */
const TOP_FOLDERS = new Set(['etc', 'var', 'root', 'home', 'usr', 'lib', 'lib64', 'run', 'opt', 'sys', 'proc', 'tmp']);
/** Where containers mount the file system of their host, as node agents and intruders name it. */
const HOST_MOUNTS = new Set(['host', 'hostfs', 'hostroot', 'host-root', 'host_root', 'rootfs', 'hostdir', 'node-root']);
/** Folders under /mnt and /media that stand for a root in turn. */
const INNER_ROOTS = new Set(['host', 'hostfs', 'root', 'rootfs', 'sysroot', 'sysimage', 'fs']);

/** A path as the host sees it, and the mount or chroot prefix that was taken off, if any. */
export interface RootedPath {
  readonly path: string;
  readonly prefix?: string;
}

/** Resolves `.`, `..` and doubled slashes of a path as text; relative paths stay relative. */
function normalizePath(path: string): string {
  if (path.length > MAX_PATH) return path.slice(0, MAX_PATH);
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (segment !== '..' || !path.startsWith('/')) kept.push(segment);
  }
  return (path.startsWith('/') ? '/' : '') + kept.join('/');
}

/**
 * Takes off what a container or rescue shell puts before a path of its host: `/host/etc/crontab`,
 * `/mnt/root/etc/crontab` and `/proc/1/root/etc/crontab` are all `/etc/crontab`.
 */
export function stripRoot(path: string): RootedPath {
  const normal = normalizePath(path);
  const segments = normal.split('/').slice(1);
  const skip = prefixLength(segments);
  if (skip === 0 || !TOP_FOLDERS.has(segments[skip] ?? '')) return { path: normal };
  return { path: `/${segments.slice(skip).join('/')}`, prefix: `/${segments.slice(0, skip).join('/')}` };
}

function prefixLength(segments: readonly string[]): number {
  const [first = '', second = '', third = ''] = segments;
  if (first === 'proc' && third === 'root' && (second === 'self' || /^\d{1,10}$/.test(second))) return 3;
  if (HOST_MOUNTS.has(first)) return 1;
  if (first !== 'mnt' && first !== 'media') return 0;
  // `/mnt/root/.ssh` is root's home on a disk mounted at /mnt; `/mnt/root/etc` is a root mounted below it.
  if (second === 'root' && !TOP_FOLDERS.has(third)) return 1;
  return INNER_ROOTS.has(second) ? 2 : 1;
}

const WRITABLE_FOLDERS = ['/tmp/', '/var/tmp/', '/dev/shm/', '/run/user/', '/run/shm/', '/var/run/user/', '/run/lock/'];
/** Dot folders in which programs are at home: language managers and desktops. */
const KNOWN_DOT_FOLDERS = new Set([
  '.acme.sh',
  '.asdf',
  '.bun',
  '.cargo',
  '.composer',
  '.deno',
  '.dotnet',
  '.go',
  '.jenkins',
  '.krew',
  '.linuxbrew',
  '.local',
  '.npm',
  '.npm-global',
  '.nvm',
  '.oh-my-zsh',
  '.pyenv',
  '.rbenv',
  '.rvm',
  '.sdkman',
  '.venv',
  '.virtualenvs',
  '.vscode-server',
  '.yarn',
]);

/**
 * Whether a program at this path lies where no package puts one: a folder that everybody may write, one whose name
 * hides it (a dot, `...`, blanks), or a hidden file. The mount prefix must be off.
 */
export function isSuspiciousProgramPath(path: string): boolean {
  if (!path.startsWith('/') && !path.startsWith('~/') && !path.startsWith('$HOME/')) return false;
  if (WRITABLE_FOLDERS.some((folder) => path.startsWith(folder))) return true;
  return path
    .split('/')
    .some(
      (segment) =>
        segment === '...' || /^\s+$/.test(segment) || (/^\.[^./]/.test(segment) && !KNOWN_DOT_FOLDERS.has(segment)),
    );
}
