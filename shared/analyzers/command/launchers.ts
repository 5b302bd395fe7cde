/** How a launcher's own options and operands are skipped to find the program that it starts. */
export interface Launcher {
  /** Short options that take a value: as `-nVALUE` or `-n VALUE`. */
  readonly short: string;
  /** Long options that take a value as the next word; `--x=y` needs no entry. */
  readonly long?: readonly string[];
  /** Operands in front of the program: `timeout 5 PROGRAM` has one. */
  readonly operands?: number;
  /** What is left is joined by blanks and given to a shell. */
  readonly joins?: true;
  /** The option whose value is shell text: `su -c TEXT`. */
  readonly script?: readonly string[];
  /** The option whose value is the program: `start-stop-daemon --exec PROGRAM -- ARGUMENTS`. */
  readonly program?: readonly string[];
  /** The option whose value becomes the program's argv[0]: `exec -a NAME`. */
  readonly spoken?: readonly string[];
  /** With one of these options what is left is the program, as it stands: `runuser -u NAME PROGRAM -c FILE`. */
  readonly direct?: readonly string[];
  /** With one of these options it starts nothing: `screen -ls`, `taskset -p`. */
  readonly idle?: readonly string[];
  /** Short options, alone or in a cluster, with which it starts nothing: `command -v NAME`, `sudo -nl NAME`. */
  readonly idleLetters?: string;
  /** The script's option may also stand behind the operands: `su - NAME -c TEXT`; elsewhere it is the program's own. */
  readonly scriptBehind?: true;
  /** It starts something only with one of these as first operand: `tmux new`. The operand is skipped. */
  readonly first?: readonly string[];
  /** The program runs on another machine. */
  readonly remote?: true;
}

const plain: Launcher = { short: '' };

/**
 * Programs that start the one named in their arguments, by base name. From the usage texts of coreutils, util-linux,
 * procps, sudo, doas, shadow, systemd, OpenRC, dpkg, screen, tmux, tini, gosu, proot, strace, OpenSSH, GNU parallel.
 */
export const LAUNCHERS: ReadonlyMap<string, Launcher> = new Map<string, Launcher>([
  ['nohup', plain],
  ['exec', { short: 'a', spoken: ['a'] }],
  ['command', { short: '', idleLetters: 'vV' }],
  ['builtin', plain],
  ['time', { short: 'fo', long: ['format', 'output'] }],
  [
    'env',
    {
      short: 'uCSa',
      long: ['unset', 'chdir', 'split-string', 'argv0'],
      script: ['S', 'split-string'],
      spoken: ['a', 'argv0'],
    },
  ],
  [
    'sudo',
    {
      short: 'ugpCThrtRDaU',
      long: [
        'user',
        'group',
        'prompt',
        'host',
        'role',
        'type',
        'chroot',
        'chdir',
        'close-from',
        'command-timeout',
        'other-user',
      ],
      idle: ['list', 'edit', 'validate', 'remove-timestamp', 'version', 'help'],
      idleLetters: 'levKV',
    },
  ],
  ['doas', { short: 'uCa' }],
  ['pkexec', { short: 'u', long: ['user'] }],
  [
    'su',
    {
      short: 'cgGswT',
      long: ['command', 'group', 'supp-group', 'shell', 'whitelist-environment', 'session-command'],
      script: ['c', 'command', 'session-command'],
      scriptBehind: true,
      operands: Number.POSITIVE_INFINITY,
    },
  ],
  [
    'runuser',
    {
      short: 'ucgGsw',
      long: ['user', 'command', 'group', 'supp-group', 'shell', 'whitelist-environment', 'session-command'],
      script: ['c', 'command', 'session-command'],
      direct: ['u', 'user'],
      scriptBehind: true,
    },
  ],
  ['sg', { short: 'c', script: ['c'], operands: 1 }],
  ['gosu', { short: '', operands: 1 }],
  ['su-exec', { short: '', operands: 1 }],
  ['s6-setuidgid', { short: '', operands: 1 }],
  ['chpst', { short: 'uUbe/PnlLmdopscftr' }],
  ['setsid', plain],
  [
    'setpriv',
    { short: '', long: ['reuid', 'regid', 'groups', 'inh-caps', 'ambient-caps', 'bounding-set', 'securebits'] },
  ],
  ['nice', { short: 'n', long: ['adjustment'] }],
  ['ionice', { short: 'cnpPu', long: ['class', 'classdata'] }],
  [
    'chrt',
    { short: 'TPD', long: ['sched-runtime', 'sched-period', 'sched-deadline'], operands: 1, idle: ['p', 'pid', 'm'] },
  ],
  ['taskset', { short: '', operands: 1, idle: ['p', 'pid', 'cp', 'pc', 'ap'] }],
  ['numactl', { short: 'iNmCpPw', long: ['interleave', 'cpunodebind', 'membind', 'physcpubind', 'preferred'] }],
  ['cgexec', { short: 'g' }],
  ['prlimit', { short: 'p', long: ['pid'] }],
  ['cpulimit', { short: 'lepPm', long: ['limit', 'exe', 'pid', 'path'] }],
  ['timeout', { short: 'ks', long: ['kill-after', 'signal'], operands: 1 }],
  ['stdbuf', { short: 'ioe', long: ['input', 'output', 'error'] }],
  ['unbuffer', plain],
  ['script', { short: 'cIOBmotEl', long: ['command'], script: ['c', 'command'], operands: Number.POSITIVE_INFINITY }],
  ['screen', { short: 'ScehpstT', idle: ['r', 'R', 'x', 'X', 'D', 'RR', 'ls', 'list', 'wipe'] }],
  [
    'tmux',
    {
      short: 'cfLSTsntxyFe',
      joins: true,
      first: [
        'new',
        'new-session',
        'neww',
        'new-window',
        'splitw',
        'split-window',
        'run',
        'run-shell',
        'send',
        'send-keys',
      ],
    },
  ],
  ['dtach', { short: 'ern', operands: 1 }],
  [
    'systemd-run',
    {
      short: 'puEMH',
      long: [
        'unit',
        'property',
        'description',
        'slice',
        'setenv',
        'uid',
        'gid',
        'nice',
        'working-directory',
        'on-active',
        'on-boot',
        'on-startup',
        'on-unit-active',
        'on-unit-inactive',
        'on-calendar',
        'timer-property',
        'path-property',
        'socket-property',
        'service-type',
        'machine',
        'host',
      ],
    },
  ],
  ['systemd-inhibit', { short: '', long: ['what', 'who', 'why', 'mode'] }],
  ['systemd-nspawn', { short: 'DiuMSpE', long: ['directory', 'image', 'user', 'machine', 'slice', 'bind', 'setenv'] }],
  [
    'start-stop-daemon',
    {
      short: 'xpnusRgcrdaNPIke12',
      long: [
        'exec',
        'startas',
        'pidfile',
        'name',
        'user',
        'signal',
        'retry',
        'group',
        'chuid',
        'chroot',
        'chdir',
        'nicelevel',
        'procsched',
        'iosched',
        'umask',
        'stdout',
        'stderr',
        'env',
      ],
      program: ['startas', 'a', 'exec', 'x'],
    },
  ],
  ['daemonize', { short: 'acepoluEL' }],
  ['xargs', { short: 'adEeILnPs', long: ['arg-file', 'delimiter', 'max-lines', 'max-args', 'max-procs', 'max-chars'] }],
  ['parallel', { short: 'jaNSILsP', long: ['jobs', 'arg-file', 'sshlogin', 'joblog'] }],
  ['chroot', { short: '', long: ['userspec', 'groups'], operands: 1 }],
  ['unshare', { short: 'SGRw', long: ['setuid', 'setgid', 'root', 'wd', 'map-user', 'map-group', 'propagation'] }],
  ['nsenter', { short: 'tSG', long: ['target', 'setuid', 'setgid'] }],
  ['setarch', { short: '', operands: 1 }],
  ['linux32', plain],
  ['linux64', plain],
  ['i386', plain],
  ['x86_64', plain],
  ['proot', { short: 'rbqwmRSki', long: ['rootfs', 'bind', 'qemu', 'cwd', 'pwd'] }],
  ['fakeroot', { short: 'lsib' }],
  [
    'bwrap',
    { short: '', long: ['uid', 'gid', 'hostname', 'chdir', 'unsetenv', 'proc', 'dev', 'tmpfs', 'dir', 'cap-add'] },
  ],
  ['firejail', plain],
  ['proxychains', { short: 'f' }],
  ['proxychains4', { short: 'f' }],
  ['torsocks', { short: 'uaP' }],
  ['torify', plain],
  ['strace', { short: 'abeoOPpsSuEUX' }],
  ['ltrace', { short: 'abenopsuxFlADw' }],
  ['perf', { short: 'oeFCcpt', first: ['record', 'stat', 'trace'] }],
  ['ip', { short: '', first: ['netns'], operands: 2 }],
  ['tini', { short: 'pe' }],
  ['dumb-init', { short: 'r', long: ['rewrite'] }],
  ['catatonit', plain],
  ['watch', { short: 'nq', long: ['interval', 'equexit'], joins: true }],
  [
    'flock',
    { short: 'wEc', long: ['timeout', 'wait', 'conflict-exit-code', 'command'], operands: 1, script: ['c', 'command'] },
  ],
  ['sshpass', { short: 'pfdP' }],
  ['ssh', { short: 'BbcDEeFIiJLlmOopQRSWw', operands: 1, joins: true, remote: true }],
  ['rsh', { short: 'l', operands: 1, joins: true, remote: true }],
  ['wine', plain],
  ['eval', { short: '', joins: true }],
  ['trap', { short: '', joins: true }],
]);

/** The dynamic loader as a program starts its operand: `/lib64/ld-linux-x86-64.so.2 ./a`. */
export const LOADER: Launcher = {
  short: '',
  spoken: ['argv0'],
  long: ['library-path', 'preload', 'audit', 'argv0', 'glibc-hwcaps-prepend', 'glibc-hwcaps-mask', 'inhibit-rpath'],
};

/** The name of a dynamic loader of glibc or musl. */
export function isLoader(base: string): boolean {
  return /^ld-(?:linux|musl)[a-z0-9_-]{0,24}\.so(?:\.\d)?$/.test(base) || /^ld(?:64)?\.so(?:\.\d)?$/.test(base);
}

/** What a launcher's words say: the program's words, shell text, assignments. */
export interface Skipped {
  readonly rest: readonly string[];
  readonly script?: string;
  /** The name that the program is given as argv[0]. */
  readonly spoken?: string;
  readonly environment: Readonly<Record<string, string>>;
}

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_.]{0,127})=/;

/** `NAME=value` as a pair, else undefined. */
export function assignment(word: string): readonly [string, string] | undefined {
  const name = ASSIGNMENT.exec(word)?.[1];
  return name === undefined ? undefined : [name, word.slice(name.length + 1)];
}

const SHELL_ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_.]{0,127})(\[[^\]\s]{0,32}\])?(\+?)=/;

/**
 * `NAME=value` as a shell takes it, else undefined: `NAME+=value` goes behind the value that `known` gives, and so does
 * an element, `NAME[1]=value`, with a blank between.
 */
export function shellAssignment(
  word: string,
  known: (name: string) => string | undefined,
): readonly [string, string] | undefined {
  const match = SHELL_ASSIGNMENT.exec(word);
  if (match === null) return undefined;
  const [head, name = '', element, plus] = match;
  const before = element === undefined && plus === '' ? '' : (known(name) ?? '');
  const between = element !== undefined && plus === '' && before !== '' ? ' ' : '';
  return [name, before + between + word.slice(head.length)];
}

interface OptionRead {
  readonly name: string;
  readonly value: string | undefined;
  /** Letters of a cluster that take no value. */
  readonly letters: string;
  /** Index of the word after the option and its value. */
  readonly next: number;
}

/** Reads the option at `at` (a word that begins with a dash) by the launcher's table. */
function readOption(argv: readonly string[], at: number, launcher: Launcher): OptionRead {
  const word = argv[at] ?? '';
  if (word.startsWith('--')) {
    const equals = word.indexOf('=');
    if (equals > 0) return { name: word.slice(2, equals), value: word.slice(equals + 1), letters: '', next: at + 1 };
    const name = word.slice(2);
    return launcher.long?.includes(name) === true
      ? { name, value: argv[at + 1], letters: '', next: at + 2 }
      : { name, value: undefined, letters: '', next: at + 1 };
  }
  for (let letter = 1; letter < word.length; letter++) {
    const name = word[letter] ?? '';
    if (!launcher.short.includes(name)) continue;
    const letters = word.slice(1, letter);
    return letter + 1 < word.length
      ? { name, value: word.slice(letter + 1), letters, next: at + 1 }
      : { name, value: argv[at + 1], letters, next: at + 2 };
  }
  return { name: word.slice(1), value: undefined, letters: word.slice(1), next: at + 1 };
}

/** Options whose value is an assignment, of any launcher. */
const ASSIGNING: ReadonlySet<string> = new Set(['E', 'e', 'setenv', 'env']);
/** Launchers that take assignments as operands. */
const ASSIGNED_IN_FRONT: ReadonlySet<string> = new Set(['env', 'sudo', 'doas']);

/** Skips a launcher's options and operands; `argv[0]` is the launcher itself. */
export function skipLauncher(argv: readonly string[], launcher: Launcher, base: string): Skipped {
  const environment: Record<string, string> = {};
  let operands = launcher.operands ?? 0;
  let first = launcher.first;
  let options = true;
  let script: string | undefined;
  let program: string | undefined;
  let spoken: string | undefined;
  let direct = false;
  let at = 1;
  while (at < argv.length) {
    const word = argv[at] ?? '';
    if (options && word === '--') {
      options = false;
      at++;
    } else if (options && word.length > 1 && word.startsWith('-')) {
      const { name, value, letters, next } = readOption(argv, at, launcher);
      at = next;
      if (isIdle(launcher, name, letters)) return { rest: [], environment };
      if (value === undefined) continue;
      direct ||= launcher.direct?.includes(name) === true;
      if (launcher.spoken?.includes(name) === true) spoken = value;
      if (launcher.script?.includes(name) === true) script ??= value;
      if (launcher.program?.includes(name) === true) program ??= value;
      if (ASSIGNING.has(name)) assign(environment, value);
    } else {
      if (first !== undefined) {
        if (!first.includes(word)) return { rest: [], environment };
        first = undefined;
      } else if (ASSIGNED_IN_FRONT.has(base) && assign(environment, word)) {
        // An assignment, not yet the program.
      } else if (operands > 0) operands--;
      else break;
      at++;
    }
  }
  const rest = argv.slice(at);
  if (launcher.scriptBehind === true && !direct) script ??= scriptBehind(rest);
  if (script !== undefined) return { rest: [], environment, script };
  const given = { rest: program === undefined ? rest : [program, ...rest], environment };
  return spoken === undefined ? given : { ...given, spoken };
}

function isIdle({ idle, idleLetters }: Launcher, name: string, letters: string): boolean {
  return idle?.includes(name) === true || [...letters].some((letter) => idleLetters?.includes(letter) === true);
}

/** `runuser -l user -c TEXT`: the option stands behind the operand. */
function scriptBehind(rest: readonly string[]): string | undefined {
  const at = rest.findIndex((word) => word === '-c' || word === '--command');
  return at > 0 ? rest[at + 1] : undefined;
}

function assign(environment: Record<string, string>, word: string): boolean {
  const pair = assignment(word);
  if (pair !== undefined) environment[pair[0]] = pair[1];
  return pair !== undefined;
}
