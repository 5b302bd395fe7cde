import type { Process } from '../model/event.ts';
import type { LinkKey } from '../model/place.ts';
import { isInstalled, isManagersName, type Manager, managerOf } from './managers.ts';

/** Units that name a login, a manager or a container rather than a service of their own. */
const NO_UNIT =
  /^(?:session-[\w.]+\.scope|user@[\w.-]+\.service|user-[\w.-]+\.slice|init\.scope|(?:cri-containerd|crio|docker|libpod|kubepods)[-.].*|.*\.slice)$/;

const MAX_KEY = 128;
/** Words of a command line that are looked at. */
const MAX_WORDS = 64;

/**
 * The link key of what a process did: `pkg` before a session with a set login uid before a named unit, else `-`
 * (design, "What belongs together").
 */
export function linkKeyOf(process: Process | undefined): LinkKey {
  if (process === undefined) return '-';
  if (isPackageManager(process)) return 'pkg';
  if (hasLogin(process)) return `ses:${process.session.slice(0, MAX_KEY)}`;
  const unit = process.unit?.slice(0, MAX_KEY);
  return unit === undefined || unit === '' || NO_UNIT.test(unit) ? '-' : `unit:${unit}`;
}

const hasLogin = (process: Process): process is Process & { readonly session: string; readonly auid: string } =>
  process.session !== undefined && process.auid !== undefined;

function isPackageManager(process: Process): boolean {
  const own = managerOf(process);
  if (own !== undefined && !isOrderToRemove(own)) return true;
  if (process.parentExecutable !== undefined) return managerOf(parentOf(process)) !== undefined;
  // Ancestors are known by name alone, which anybody can bear: that makes nobody of a login session another, and no
  // program from outside the system's folders.
  if (hasLogin(process) || (process.executable !== undefined && !isInstalled(process.executable))) return false;
  return [process.parentName, ...(process.ancestors ?? [])].some((name) => name !== undefined && isManagersName(name));
}

/** The parent, of whose user and session only the child's are known. */
function parentOf(process: Process): Process {
  const { parentExecutable, parentName, parentCommandLine, uid, session, auid } = process;
  return {
    ...(parentExecutable === undefined ? {} : { executable: parentExecutable }),
    ...(parentName === undefined ? {} : { name: parentName }),
    ...(parentCommandLine === undefined
      ? {}
      : { argv: parentCommandLine.split(' ', MAX_WORDS).filter((word) => word !== ''), exact: false }),
    ...(uid === undefined ? {} : { uid }),
    ...(session === undefined ? {} : { session }),
    ...(auid === undefined ? {} : { auid }),
  };
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

/**
 * Whether the command line of a package manager orders a removal: whoever gave it chose what goes, so it is the
 * caller's act, and only what the package manager starts for it is its own. A package manager that another one called
 * is told so by that one.
 */
function isOrderToRemove({ name, orders }: Manager): boolean {
  const letters = REMOVAL_OF.get(name);
  return orders.slice(0, MAX_WORDS).some((word) => REMOVAL_WORDS.test(word) || letters?.test(word) === true);
}
