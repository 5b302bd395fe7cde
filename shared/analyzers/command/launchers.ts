/** How a launcher's own options and operands are skipped to find the program that it starts. */
export interface Launcher {
  /** Short options that take a value: as `-nVALUE` or `-n VALUE`. */
  readonly short: string;
  /** Long options that take a value as the next word; `--x=y` needs no entry. */
  readonly long?: readonly string[];
  /** Short options that take a value only where it is attached: `-iVALUE`. */
  readonly attached?: string;
  /** Long options have one dash: `-cpu VALUE`. */
  readonly single?: true;
  /** The option whose value stands for the input's words among the program's: `xargs -I VALUE`. */
  readonly placeholder?: readonly string[];
  /** The option that tells how many words of the input each start gets: `xargs -n 1`. */
  readonly atOnce?: readonly string[];
  /** It starts only what stands behind this option: `gdb --args PROGRAM`. */
  readonly behind?: string;
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
 * procps, findutils, sudo, doas, shadow, systemd, OpenRC, dpkg, screen, tmux, tini, gosu, proot, strace, gdb, valgrind,
 * OpenSSH, GNU parallel.
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
  [
    'xargs',
    {
      short: 'adEIJLnPRsS',
      attached: 'eil',
      long: ['arg-file', 'delimiter', 'max-args', 'max-procs', 'max-chars', 'process-slot-var'],
      placeholder: ['I', 'i', 'replace'],
      atOnce: ['n', 'max-args'],
    },
  ],
  ['parallel', { short: 'jaNSILsP', long: ['jobs', 'arg-file', 'sshlogin', 'joblog'] }],
  ['chroot', { short: '', long: ['userspec', 'groups'], operands: 1 }],
  ['unshare', { short: 'SGRw', long: ['setuid', 'setgid', 'root', 'wd', 'map-user', 'map-group', 'propagation'] }],
  ['nsenter', { short: 'tSG', attached: 'muinpCUTrw', long: ['target', 'setuid', 'setgid'] }],
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
  ['valgrind', plain],
  ['gdb', { short: '', behind: 'args' }],
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
const LOADER: Launcher = {
  short: '',
  spoken: ['argv0'],
  long: ['library-path', 'preload', 'audit', 'argv0', 'glibc-hwcaps-prepend', 'glibc-hwcaps-mask', 'inhibit-rpath'],
};

/** The name of a dynamic loader of glibc or musl. */
function isLoader(base: string): boolean {
  return /^ld-(?:linux|musl)[a-z0-9_-]{0,24}\.so(?:\.\d)?$/.test(base) || /^ld(?:64)?\.so(?:\.\d)?$/.test(base);
}

/** QEMU in user mode as a program starts its operand: `qemu-x86_64-static ./a` (linux-user/main.c, the table of options). */
const EMULATOR: Launcher = {
  short: '',
  single: true,
  spoken: ['0'],
  long: [
    ...['g', 'L', 's', 'cpu', 'E', 'U', '0', 'r', 'B', 'R', 'd', 'dfilter', 'D', 'p', 'tb-size', 'seed', 'plugin'],
  ],
};

/** The name of QEMU in user mode: `qemu-`, an architecture, and `-static` where it needs no library. */
function isEmulator(base: string): boolean {
  return /^qemu-(?!system|img|nbd|io|ga|kvm|edid|pr-)[a-z0-9_]{2,16}(?:-static)?$/.test(base);
}

/** How a program of this base name starts another one, if it does. */
export function launcherOf(base: string): Launcher | undefined {
  return LAUNCHERS.get(base) ?? (isLoader(base) ? LOADER : isEmulator(base) ? EMULATOR : undefined);
}
