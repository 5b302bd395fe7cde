import type { Process } from '#shared/model/event.ts';
import { baseName, MULTI_CALL, NAMED_BY_CALLER, onlyNames } from './names.ts';

/** A file that a command's output goes to, by redirection, `tee` or `dd of=`. */
export interface Write {
  readonly path: string;
  readonly append: boolean;
  /** The text that goes there, where the command line itself holds it (echo, printf, here-document, decoded base64). */
  readonly text?: string;
}

/** How a command line starts something inside a container. */
export interface ContainerStart {
  /** `run` starts a new container, `exec` enters one. */
  readonly kind: 'run' | 'exec';
  /** Base name of the program that does it: docker, podman, kubectl, … */
  readonly tool: string;
  /** Image reference as written; absent for `exec`. */
  readonly image?: string;
  /** An entry point was given in place of the image's own: the first word is what runs. */
  readonly entry?: true;
  /** The container is made, not started: `docker create`. */
  readonly created?: true;
  readonly privileged: boolean;
  /** Bind mounts as written (`/:/host`). */
  readonly mounts: readonly string[];
}

/** One program that a command line runs. */
export interface Program {
  /** Empty for a container that runs its image's own command, and for a group of commands that is redirected. */
  readonly argv: readonly string[];
  /** The words are what the program receives; false when they were split from a string that had lost its quotes. */
  readonly exact: boolean;
  /** Assignments before the command, by `env`, by `-e` of a container, or the process's own variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** `argv`: the executed program or what it starts; `shell`: named in shell text; `decoded`: in base64 or hexadecimal. */
  readonly source: 'argv' | 'shell' | 'decoded';
  /** True when it only starts others of the list: a shell, nohup, docker run. What it starts follows it. */
  readonly launcher: boolean;
  /** Base names of the launchers in front of it, outermost first. */
  readonly via: readonly string[];
  readonly container?: ContainerStart;
  /** It runs on another machine (ssh). */
  readonly remote: boolean;
  readonly writes: readonly Write[];
  /** Standard input, where the command line itself holds it: `echo … | crontab -`, here-documents. */
  readonly input?: string;
  /** The kernel's path of the executable: only of the executed program itself. */
  readonly executable?: string;
  /** The path that runs: the kernel's, else argv[0], made absolute where the working directory or a `cd` tells it. */
  readonly path: string;
  /** The folder that it runs in, where the record or a `cd` tells. */
  readonly folder?: string;
  /** The argv[0] that its launcher gives it in place of its name: `exec -a NAME`. */
  readonly spoken?: string;
}

/** What a command line says. */
export interface CommandLine {
  /** In the order of the text; a launcher stands before what it starts. */
  readonly programs: readonly Program[];
  /** Readable texts found in base64, hexadecimal and escapes, whether or not they are commands. */
  readonly decoded: readonly string[];
}

/**
 * The base name of what really runs: of the kernel's path where it is known, else of argv[0], which is the attacker's
 * own text. A program that does many things under many names (busybox, kmod) goes by argv[0].
 */
export function programName(program: Program): string {
  const spoken = baseName(program.argv[0] ?? '');
  const real = baseName(program.executable ?? '');
  return real === '' || (spoken !== '' && (MULTI_CALL.has(real) || NAMED_BY_CALLER.has(real))) ? spoken : real;
}

/** Whether the words behind an image's name go to its entry point: the first is an option, not a program. */
export function imageCommand(program: Program): boolean {
  return program.container?.kind === 'run' && program.argv[0]?.startsWith('-') === true;
}

/**
 * Whether a program merely speaks about what its arguments name (see `NAMES_ONLY`), or only starts others. The name of
 * an executable in a writable, hidden or unknown folder (`./grep`) is never believed: anyone may call his miner so.
 */
export function speaksOnly(program: Program): boolean {
  if (program.launcher) return true;
  const { path } = program;
  if (isWritablePath(path) || isHiddenPath(path) || (path.includes('/') && !path.startsWith('/'))) return false;
  return onlyNames(programName(program));
}

const WRITABLE = [
  '/tmp/',
  '/var/tmp/',
  '/dev/shm/',
  '/run/user/',
  '/run/shm/',
  '/run/lock/',
  '/var/run/user/',
  '/private/tmp/',
];

/** Whether a path lies in a folder that every user can write. */
export function isWritablePath(path: string): boolean {
  const local = path.replace(/^\/proc\/(?:self|\d{1,10})\/root(?=\/)/, '');
  return (
    WRITABLE.some((folder) => local.startsWith(folder)) || (local.startsWith('/dev/') && local.split('/').length <= 3)
  );
}

/** Folders with a dot where tools of developers and shells keep programs of their own. */
const ORDINARY_DOTS: ReadonlySet<string> = new Set(
  `.local .cargo .rustup .nvm .npm .yarn .bun .deno .pyenv .rbenv .venv .virtualenvs .sdkman .asdf .krew .dotnet .gem .go
   .cache .vscode .vscode-server .vscode-remote .cursor-server .terraform.d .tfenv .docker .nix-profile .linuxbrew .rvm .m2
   .gradle .conda .snapshots .bin .volta .fnm .pulumi .steampipe .oh-my-zsh .fzf`.split(/\s+/),
);

/**
 * Whether a path has a hidden part (`/root/.x/a`, `/usr/bin/.a`, `...`), other than the folders where developers' tools
 * live.
 */
export function isHiddenPath(path: string): boolean {
  const parts = path.split('/');
  return parts.some(
    (part, index) =>
      part.length > 1 &&
      part.startsWith('.') &&
      part !== '..' &&
      (index === parts.length - 1 || !ORDINARY_DOTS.has(part)),
  );
}

/** Words of a process: its argv, else its executable alone. */
export function wordsOf(launched: Process): readonly string[] {
  if (launched.argv !== undefined && launched.argv.length > 0) return launched.argv;
  return launched.executable === undefined ? [] : [launched.executable];
}

/** A path that does not begin at the working directory: at the root, at a home or at what a variable holds. */
const ROOTED = /^[/~$]/;

/**
 * A relative path made absolute, `.` and `..` resolved; bare names and unknown folders leave it as it is. Homes
 * (`~/a`, `~user/a`) and variables that nobody set (`$HOME/a`) are roots of their own, as paths and as folders.
 */
export function absolutePath(path: string, folder: string | undefined): string {
  if (folder === undefined || !ROOTED.test(folder) || ROOTED.test(path) || !path.includes('/')) return path;
  const [root = '', ...rest] = `${folder}/${path}`.split('/');
  const parts: string[] = [];
  for (const part of rest) {
    if (part === '..' && (root === '' || (parts.length > 0 && parts.at(-1) !== '..'))) parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `${root}/${parts.join('/')}`;
}
