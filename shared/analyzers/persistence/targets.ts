import { baseName } from '#shared/analyzers/command/names.ts';

/** What sort of persistence a file gives; decides how its text is read and what an unseen text is worth. */
export type TargetKind =
  | 'cron'
  | 'at'
  | 'unit'
  | 'unit_link'
  | 'rc'
  | 'profile'
  | 'preload'
  | 'ssh_key'
  | 'sshd'
  | 'sudoers'
  | 'account'
  | 'udev'
  | 'autostart'
  | 'motd'
  | 'package_hook'
  | 'login_module'
  | 'kernel_module'
  | 'supervisor'
  | 'logrotate'
  | 'manifest';

/** A file that makes something start again. */
export interface Target {
  readonly kind: TargetKind;
  /** MITRE ATT&CK technique. */
  readonly technique: string;
  /** Plain name of the mechanism, for the reason. */
  readonly label: string;
  /** The file is a scheduler's temporary one, renamed onto the real one in the same act: its name tells nothing. */
  readonly temporary: boolean;
  /** Lines of this crontab name a user before the command. */
  readonly system: boolean;
  /** The name that the file gives to the job, unit or link: `xmrig.service`, `zzh`. */
  readonly name: string;
}

interface Row {
  readonly pattern: RegExp;
  readonly kind: TargetKind;
  readonly technique: string;
  readonly label: string;
  readonly system?: true;
}

const row = (kind: TargetKind, technique: string, label: string, ...patterns: RegExp[]): Row[] =>
  patterns.map((pattern) => ({ kind, technique, label, pattern }));

const HOME = String.raw`(?:/root|/home/[^/]+|/var/lib/[^/]+|/srv/[^/]+|/opt/[^/]+|/data|~[^/]*|\$HOME|\$\{HOME\})`;
const home = (rest: string): RegExp => new RegExp(`^${HOME}/${rest}$`);

/**
 * Paths by what reads them, from the manual pages crontab(5), cron(8), anacrontab(5), at(1), systemd.unit(5),
 * systemd.generator(7), bash(1), ld.so(8), sshd(8), sudoers(5), udev(7), update-motd(5), apt.conf(5), modprobe.d(5),
 * logrotate(8), fcron(8), Xsession(5), cloud-init's "per-boot" scripts, supervisord's configuration, site (Python) and the
 * XDG autostart specification. First match wins.
 */
const ROWS: readonly Row[] = [
  ...row('at', 'T1053.002', 'at job', /^\/var\/spool\/(?:cron\/)?(?:at|atjobs)\/[^/]+$/),
  // atd(8) keeps what its jobs print there: a sign that at runs, never a start.
  ...row('at', 'T1053.002', 'at spool', /^\/var\/spool\/(?:cron\/)?(?:atspool|at\/spool)\/[^/]+$/),
  // The day of a job's last run: whoever sets it back makes the job run again.
  ...row('cron', 'T1053.003', 'anacron stamp', /^\/var\/spool\/anacron\/[^/]+$/),
  ...row(
    'cron',
    'T1053.003',
    'user crontab',
    /^\/var\/spool\/cron\/(?:crontabs\/|tabs\/)?[^/]+$/,
    /^\/var\/cron\/tabs\/[^/]+$/,
    /^\/var\/spool\/fcron\/[^/]+$/,
    /^\/etc\/crontabs\/[^/]+$/,
  ),
  ...row(
    'cron',
    'T1053.003',
    'system crontab',
    /^\/etc\/crontab$/,
    /^\/etc\/anacrontab$/,
    /^\/etc\/cron\.d\/[^/]+$/,
  ).map((one): Row => ({ ...one, system: true })),
  ...row(
    'cron',
    'T1053.003',
    'periodic cron script',
    /^\/etc\/cron\.(?:minutely|hourly|daily|weekly|monthly|yearly)\/[^/]+$/,
    /^\/etc\/periodic\/[^/]+\/[^/]+$/,
  ),
  ...row(
    'unit',
    'T1543.002',
    'systemd generator',
    /^\/(?:etc|run|usr\/lib|usr\/local\/lib|lib)\/systemd\/(?:system|user)-(?:environment-)?generators\/[^/]+$/,
  ),
  ...row(
    'unit_link',
    'T1543.002',
    'enabled systemd unit',
    /^.*\/systemd\/(?:system|user)\/[^/]+\.(?:wants|requires|upholds)\/[^/]+$/,
  ),
  ...row(
    'unit',
    'T1053.006',
    'systemd timer',
    /^\/(?:etc|etc\/xdg|usr\/(?:local\/)?(?:lib|share)|lib|run)\/systemd\/(?:system|user)\/[^/]+\.timer$/,
    /^\/(?:etc|etc\/xdg|usr\/(?:local\/)?(?:lib|share)|lib|run)\/systemd\/(?:system|user)\/[^/]+\.timer\.d\/[^/]+\.conf$/,
    home(String.raw`\.(?:config|local/share)/systemd/user/[^/]+\.timer`),
  ),
  ...row(
    'unit',
    'T1543.002',
    'systemd unit',
    /^\/(?:etc|etc\/xdg|usr\/(?:local\/)?(?:lib|share)|lib|run)\/systemd\/(?:system|user)\/[^/]+\.(?:service|path|socket|target|mount|automount)$/,
    /^\/(?:etc|etc\/xdg|usr\/(?:local\/)?(?:lib|share)|lib|run)\/systemd\/(?:system|user)\/[^/]+\.d\/[^/]+\.conf$/,
    home(String.raw`\.(?:config|local/share)/systemd/user/[^/]+\.(?:service|path|socket)`),
  ),
  ...row(
    'rc',
    'T1037.004',
    'rc script',
    /^\/etc\/(?:rc\.local|rc\.common|rc\.d\/rc\.local|inittab|rc\.conf|boot\.local)$/,
    /^\/etc\/init\.d\/[^/]+$/,
    /^\/etc\/rc\.d\/(?:init\.d\/)?[^/]+$/,
    /^\/etc\/(?:rc\.d\/)?rc[0-6S]\.d\/[^/]+$/,
    /^\/etc\/local\.d\/[^/]+$/,
    /^\/etc\/init\/[^/]+\.conf$/,
    /^\/etc\/runlevels\/[^/]+\/[^/]+$/,
  ),
  ...row('rc', 'T1037', 'cloud-init boot script', /^\/var\/lib\/cloud\/scripts\/per-(?:boot|instance|once)\/[^/]+$/),
  ...row(
    'supervisor',
    'T1543',
    'program of supervisord',
    /^\/etc\/(?:supervisor\/)?supervisord\.conf$/,
    /^\/etc\/(?:supervisor\/conf\.d|supervisor\.d|supervisord\.d|supervisord\/conf\.d)\/[^/]+\.(?:conf|ini)$/,
  ),
  ...row(
    'profile',
    'T1546.004',
    'shell start-up file',
    /^\/etc\/(?:profile|bashrc|bash\.bashrc|zshrc|zprofile|environment|csh\.login|csh\.cshrc|bash\.bash_logout)$/,
    /^\/etc\/profile\.d\/[^/]+$/,
    /^\/etc\/zsh\/z[a-z]+$/,
    /^\/etc\/skel\/\.[a-z_]+$/,
    /^\/etc\/bash_completion\.d\/[^/]+$/,
    /^\/usr\/share\/bash-completion\/completions\/[^/]+$/,
    home(
      String.raw`\.(?:profile|bashrc|bash_profile|bash_login|bash_logout|bash_aliases|bash_completion|zshrc|zshenv|zprofile|zlogin|kshrc|cshrc|tcshrc|login)`,
    ),
    home(String.raw`\.config/fish/config\.fish`),
  ),
  ...row(
    'profile',
    'T1546.004',
    'login script of sshd',
    /^\/etc\/ssh\/sshrc$/,
    home(String.raw`\.ssh/rc`),
    /^(?:.*\/)?\.ssh\/rc$/,
  ),
  ...row(
    'profile',
    'T1547',
    'X session start-up file',
    home(String.raw`\.(?:xprofile|xinitrc|xsession|xsessionrc)`),
    /^\/etc\/X11\/(?:Xsession\.d|xinit\/xinitrc\.d)\/[^/]+$/,
    /^\/etc\/X11\/xinit\/xinitrc$/,
  ),
  ...row('preload', 'T1574.006', 'library preload', /^\/etc\/ld\.so\.preload$/, /^\/etc\/ld\.so\.conf(?:\.d\/[^/]+)?$/),
  ...row(
    'ssh_key',
    'T1098.004',
    'SSH authorized keys',
    home(String.raw`\.ssh/authorized_keys2?`),
    /^\/etc\/ssh\/(?:authorized_keys|authorized_keys\.d)\/[^/]+$/,
    /^(?:.*\/)?\.ssh\/authorized_keys2?$/,
  ),
  ...row(
    'sshd',
    'T1098.004',
    'SSH server configuration',
    /^\/etc\/ssh\/sshd_config$/,
    /^\/etc\/ssh\/sshd_config\.d\/[^/]+$/,
  ),
  ...row('sudoers', 'T1548.003', 'sudo rights', /^\/etc\/sudoers$/, /^\/etc\/sudoers\.d\/[^/]+$/),
  ...row('account', 'T1136.001', 'account database', /^\/etc\/(?:passwd|shadow|group|gshadow)$/),
  ...row('udev', 'T1546.017', 'udev rule', /^\/(?:etc|lib|usr\/lib|run)\/udev\/rules\.d\/[^/]+\.rules$/),
  ...row(
    'autostart',
    'T1547.013',
    'XDG autostart entry',
    /^\/etc\/xdg\/autostart\/[^/]+\.desktop$/,
    home(String.raw`\.config/autostart/[^/]+\.desktop`),
  ),
  ...row('motd', 'T1546', 'login message script', /^\/etc\/update-motd\.d\/[^/]+$/),
  ...row(
    'package_hook',
    'T1546.016',
    'package manager hook',
    /^\/etc\/apt\/apt\.conf\.d\/[^/]+$/,
    /^\/etc\/yum\/pluginconf\.d\/[^/]+$/,
    /^\/(?:etc|usr\/lib)\/(?:yum-plugins|dnf\/plugins)\/[^/]+$/,
  ),
  ...row(
    'package_hook',
    'T1546.018',
    'Python start-up hook',
    /^\/(?:usr|root|home|opt)\/.*\/(?:site|dist)-packages\/[^/]+\.pth$/,
    /^\/usr\/(?:local\/)?lib\/python[^/]+\/(?:.*\/)?(?:sitecustomize|usercustomize)\.py$/,
  ),
  ...row('package_hook', 'T1546', 'network hook', /^\/etc\/NetworkManager\/dispatcher\.d\/(?:[^/]+\/)?[^/]+$/),
  ...row(
    'package_hook',
    'T1546',
    'interface hook',
    /^\/etc\/network\/if-(?:up|down|pre-up|post-down)\.d\/[^/]+$/,
    /^\/etc\/dhcp\/dhclient-(?:enter|exit)-hooks\.d\/[^/]+$/,
  ),
  ...row(
    'login_module',
    'T1556.003',
    'login module',
    /^\/etc\/pam\.d\/[^/]+$/,
    /^\/(?:usr\/)?lib(?:64)?\/(?:.*\/)?security\/pam_[^/]+\.so$/,
  ),
  ...row('kernel_module', 'T1547.006', 'kernel module list', /^\/etc\/modules$/, /^\/etc\/modules-load\.d\/[^/]+$/),
  ...row('kernel_module', 'T1547.006', 'kernel module set-up', /^\/etc\/modprobe\.d\/[^/]+\.conf$/),
  ...row('logrotate', 'T1053.003', 'log rotation script', /^\/etc\/logrotate\.d\/[^/]+$/),
  ...row('manifest', 'T1543.005', 'static pod', /^\/etc\/kubernetes\/manifests\/[^/]+\.(?:ya?ml|json)$/),
];

/**
 * Files that schedulers and service managers write while they run: nothing is set up by them. cron's stamps, at's
 * folders and sequence, the busybox mailbox `cron.update`, systemd's transient and generated units, editors' swap and
 * probe files.
 */
const NOISE: readonly RegExp[] = [
  /^\/var\/spool\/cron\/(?:atjobs|atspool)$/,
  /^\/var\/spool\/cron\/(?:lastrun|cron\.update|crontabs\/cron\.update|\.cache)(?:\/|$)/,
  /^\/etc\/crontabs\/cron\.update$/,
  /^\/var\/spool\/(?:cron\/)?(?:at|atjobs)\/(?:\.SEQ|\.lockfile|spool)$/,
  /^\/run\/systemd\/(?:transient|generator|generator\.early|generator\.late|units|propagate)\//,
  /\/\.placeholder$/,
  /\/(?:\.[^/]+\.sw[a-z]{1,2}|4913)$/,
  /^\/var\/spool\/.*\.(?:pid|lock)$/,
];

/** crontab(1)'s own temporary files: Debian `tmp.XXXXXX`, cronie `#tmp.HOST.XXXXXXXXXX`, busybox `USER.new`. */
const TEMPORARY = /^(?:tmp\.[A-Za-z0-9]{6,10}|#tmp\.[^/]*|[^/]+\.new)$/;

/** The mechanism behind a path whose mount prefix is off; `undefined` when nothing starts from there. */
export function persistenceTarget(path: string): Target | undefined {
  if (!MARKED.test(path) || NOISE.some((pattern) => pattern.test(path))) return undefined;
  const found = ROWS.find((one) => one.pattern.test(path));
  if (found === undefined) return undefined;
  const name = jobName(path);
  return {
    kind: found.kind,
    technique: found.technique,
    label: found.label,
    name,
    temporary: found.label === 'user crontab' && TEMPORARY.test(baseName(path)),
    system: found.system === true,
  };
}

/**
 * The mechanism that reads every file of a folder, or its units; `undefined` where most of what lies there starts
 * nothing.
 */
export function folderTarget(folder: string): Target | undefined {
  const base = folder.replace(/\/$/, '');
  const found = persistenceTarget(`${base}/*`) ?? persistenceTarget(`${base}/*.service`);
  return found === undefined ? undefined : { ...found, name: baseName(base) };
}

/** A drop-in (`docker.service.d/override.conf`) goes by the unit that it changes. */
function jobName(path: string): string {
  const name = baseName(path);
  const unit = /\/([^/]{1,255})\.d\/[^/]+\.conf$/.exec(path)?.[1];
  return unit !== undefined && path.includes('/systemd/') ? unit : name;
}

/** A cheap look before the table: every path of it holds one of these. */
const MARKED =
  /cron|periodic|spool|systemd|\/rc|init|boot\.local|local\.d|runlevels|profile|bash|\.login|\/skel|\/\.?z|csh|ksh|fish|environment|ld\.so|authorized_keys|\/ssh|sudoers|passwd|shadow|group|udev|autostart|motd|apt\.conf|plugin|\.pth|customize|dispatcher|network|dhclient|pam|\/modules|manifests|\/scripts\/per-|supervisor|X11|xinit|xsession|modprobe\.d|logrotate/;

/** Words of which every path of the table holds one, lower case, four bytes or longer: needles for readers. */
export const TARGET_NEEDLES: readonly string[] = [
  '/cron',
  'cron.d',
  'cron.hourly',
  'cron.weekly',
  'cron.monthly',
  '/etc/periodic',
  '/var/spool',
  '/systemd/',
  '/etc/rc',
  '/etc/init',
  'boot.local',
  'local.d/',
  '/runlevels/',
  'profile',
  '.bash',
  '/etc/bash',
  '/etc/zsh',
  '/etc/z',
  '.zsh',
  '.zprofile',
  '.zlogin',
  '/etc/csh',
  '/etc/skel',
  '.kshrc',
  'cshrc',
  '.login',
  'config.fish',
  '/etc/environment',
  'ld.so.',
  'authorized_keys',
  '/etc/ssh/',
  'sudoers',
  '/etc/passwd',
  '/etc/shadow',
  '/etc/group',
  '/etc/gshadow',
  '/udev/',
  '/autostart/',
  'update-motd.d',
  'apt.conf.d',
  'pluginconf.d',
  'yum-plugins',
  'dnf/plugins',
  '-packages/',
  'sitecustomize',
  'usercustomize',
  'dispatcher.d',
  '/etc/network/',
  'dhclient-',
  '/pam.d/',
  '/pam_',
  '/etc/anacrontab',
  '/etc/modules',
  '/kubernetes/manifests',
  '/scripts/per-',
  '/supervisor',
  '/bash-completion',
  '.ssh/rc',
  '.xprofile',
  '.xinitrc',
  '.xsession',
  '/etc/x11/',
  'modprobe.d',
  'logrotate.d',
];
