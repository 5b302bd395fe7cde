import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CLASS, type FileActivity } from '#shared/model/event.ts';
import { hex, path, readAuditd, record, syscall } from './collect.ts';

/** Activity, path and old name of the file events. */
function files(lines: readonly string[]): [string, string, string | undefined][] {
  return readAuditd(lines)
    .events.filter((event): event is FileActivity => event.class === CLASS.file)
    .map((event) => [event.activity, event.path, event.previousPath]);
}

const only = (activity: string, name: string) => [[activity, name, undefined]];

describe('opening a file', () => {
  const flagsOf = [
    ['open for reading', 2, { a1: '80000' }, 'NORMAL', 'read'],
    ['open for writing', 2, { a1: '1' }, 'NORMAL', 'update'],
    ['open for both', 2, { a1: '2' }, 'NORMAL', 'update'],
    ['openat for reading', 257, { a2: '80000', a1: 'ffff0001' }, 'NORMAL', 'read'],
    ['openat for writing', 257, { a2: '441' }, 'NORMAL', 'update'],
    ['openat that truncates', 257, { a2: '200' }, 'NORMAL', 'update'],
    ['openat with all 64 bits', 257, { a2: 'ffffffff00000001' }, 'NORMAL', 'update'],
    ['openat that creates', 257, { a2: '241' }, 'CREATE', 'create'],
    ['creat of an existing file', 85, {}, 'NORMAL', 'update'],
    ['openat2 without its own record', 437, { a2: '7ffe1' }, 'NORMAL', 'unknown'],
    ['openat on aarch64', 56, { a2: '241', arch: 'c00000b7' }, 'CREATE', 'create'],
    ['openat on i386', 295, { a2: '1', arch: '40000003' }, 'NORMAL', 'update'],
    ['flags written for people', 257, { a2: 'O_RDWR|O_CREAT' }, 'NORMAL', 'update'],
  ] as const;
  for (const [name, number, fields, nameType, activity] of flagsOf) {
    it(`tells the intent: ${name}`, () => {
      assert.deepEqual(
        files([syscall(number, fields), path(0, '"/etc/cron.d/x"', nameType)]),
        only(activity, '/etc/cron.d/x'),
      );
    });
  }

  for (const [flags, activity] of [
    ['0101', 'update'],
    ['02000000', 'read'],
  ] as const) {
    it(`reads the octal flags ${flags} of openat2 from their own record`, () => {
      const lines = [
        syscall(437),
        record('OPENAT2', `oflag=${flags} mode=0644 resolve=0x0`),
        path(0, '"/etc/hosts"', 'NORMAL'),
      ];
      assert.deepEqual(files(lines), only(activity, '/etc/hosts'));
    });
  }

  it('finds the write to a model specific register on each processor', () => {
    const [event] = readAuditd([
      syscall(257, { a2: '1', exe: '"/tmp/x"' }),
      path(0, '"/dev/cpu/0/msr"', 'NORMAL'),
    ]).events;
    assert.ok(event?.class === CLASS.file);
    assert.deepEqual(
      [event.activity, event.path, event.success, event.actor.executable],
      ['update', '/dev/cpu/0/msr', true, '/tmp/x'],
    );
  });

  it('says that a failed open failed', () => {
    const [event] = readAuditd([
      syscall(257, { a2: '1', success: 'no' }),
      path(0, '"/dev/cpu/0/msr"', 'NORMAL'),
    ]).events;
    assert.ok(event?.class === CLASS.file);
    assert.equal(event.success, false);
  });

  it('leaves the intent open where the record of the call was cut off', () => {
    assert.deepEqual(files([path(0, '"/etc/cron.d/x"', 'NORMAL')]), only('unknown', '/etc/cron.d/x'));
    assert.deepEqual(files([path(1, '"/etc/cron.d/x"', 'CREATE')]), only('create', '/etc/cron.d/x'));
  });

  it('takes a program and its loader without their call for an execution', () => {
    const lines = [path(0, '"/etc/cron.daily/job"', 'NORMAL'), path(1, '"/lib64/ld-linux-x86-64.so.2"', 'NORMAL')];
    const [event] = readAuditd(lines).events;
    assert.ok(event?.class === CLASS.process);
    assert.equal(event.process.executable, '/etc/cron.daily/job');
  });

  it('reads an io_uring operation, whose flags are not logged', () => {
    const ring = record('URINGOP', 'uring_op=18 success=yes exit=0 items=1 ppid=1 pid=2 uid=0 gid=0 key=(null)');
    assert.deepEqual(files([ring, path(0, '"/etc/cron.d/x"', 'NORMAL')]), only('unknown', '/etc/cron.d/x'));
    assert.deepEqual(files([ring, path(0, '"/etc/cron.d/x"', 'CREATE')]), only('create', '/etc/cron.d/x'));
  });
});

describe('other calls on files', () => {
  const calls = [
    ['unlink', 87, 'DELETE', 'delete'],
    ['unlinkat', 263, 'DELETE', 'delete'],
    ['rmdir', 84, 'DELETE', 'delete'],
    ['a failed unlink', 87, 'NORMAL', 'delete'],
    ['symlink', 88, 'CREATE', 'create'],
    ['mknod', 133, 'CREATE', 'create'],
    ['mkdir', 83, 'CREATE', 'create'],
    ['chmod', 90, 'NORMAL', 'update'],
    ['fchmodat', 268, 'NORMAL', 'update'],
    ['fchownat', 260, 'NORMAL', 'update'],
    ['setxattr', 188, 'NORMAL', 'update'],
    ['truncate', 76, 'NORMAL', 'update'],
    ['stat', 4, 'NORMAL', 'read'],
    ['a call of no known kind', 16, 'NORMAL', 'unknown'],
  ] as const;
  for (const [name, number, nameType, activity] of calls) {
    it(`gives ${activity} for ${name}`, () => {
      assert.deepEqual(files([syscall(number), path(0, '"/etc/x"', nameType)]), only(activity, '/etc/x'));
    });
  }

  it('takes the source of a hard link as read', () => {
    const lines = [
      syscall(86),
      path(0, '"/tmp/a"', 'NORMAL'),
      path(1, '"/tmp"', 'PARENT'),
      path(2, '"/tmp/b"', 'CREATE'),
    ];
    assert.deepEqual(files(lines), [...only('read', '/tmp/a'), ...only('create', '/tmp/b')]);
  });

  it('reads the type of a name from kernels that call it objtype', () => {
    const line = record('PATH', 'item=0 name="/etc/x" inode=1 objtype=CREATE');
    assert.deepEqual(files([syscall(2, { a1: '241' }), line]), only('create', '/etc/x'));
  });

  it('leaves out names that are none', () => {
    assert.deepEqual(files([syscall(91), path(0, '(null)', 'NORMAL')]), []);
  });
});

describe('renaming', () => {
  const parents = (a: string, b: string) => [path(0, a, 'PARENT'), path(1, b, 'PARENT')];

  it("follows Debian's crontab, whose names are relative to the spool", () => {
    const lines = [
      syscall(82, { comm: '"crontab"', exe: '"/usr/bin/crontab"' }),
      record('CWD', ' cwd="/var/spool/cron"'),
      ...parents('"crontabs/"', '"crontabs/"'),
      path(2, '"crontabs/tmp.Xa3bQz"', 'DELETE'),
      path(3, '"crontabs/root"', 'DELETE'),
      path(4, '"crontabs/root"', 'CREATE'),
    ];
    assert.deepEqual(files(lines), [
      ['rename', '/var/spool/cron/crontabs/root', '/var/spool/cron/crontabs/tmp.Xa3bQz'],
    ]);
  });

  it("follows cronie's crontab, whose temporary name holds a number sign", () => {
    const lines = [
      syscall(276, { arch: 'c00000b7', comm: '"crontab"', exe: '"/usr/bin/crontab"' }),
      record('CWD', ' cwd="/root"'),
      ...parents('"/var/spool/cron/"', '"/var/spool/cron/"'),
      path(2, '"/var/spool/cron/#tmp.ip-192-0-2-10.XXXXa1B2c3"', 'DELETE'),
      path(3, '"/var/spool/cron/root"', 'CREATE'),
    ];
    assert.deepEqual(files(lines), [
      ['rename', '/var/spool/cron/root', '/var/spool/cron/#tmp.ip-192-0-2-10.XXXXa1B2c3'],
    ]);
  });

  it('joins bare names with the directories of their parents', () => {
    const lines = [
      syscall(264),
      record('CWD', ' cwd="/"'),
      ...parents('"/tmp/a"', '"/etc/cron.d"'),
      path(2, '"x"', 'DELETE'),
      path(3, '"y"', 'CREATE'),
    ];
    assert.deepEqual(files(lines), [['rename', '/etc/cron.d/y', '/tmp/a/x']]);
  });

  it('recognises a rename whose call was cut off', () => {
    const lines = [path(2, '"/tmp/x"', 'DELETE'), path(3, '"/etc/cron.d/x"', 'CREATE')];
    assert.deepEqual(files(lines), [['rename', '/etc/cron.d/x', '/tmp/x']]);
  });

  it('takes the paths of a failed rename by their order', () => {
    const lines = [syscall(82, { success: 'no' }), path(2, '"/tmp/x"', 'UNKNOWN'), path(3, '"/etc/x"', 'UNKNOWN')];
    assert.deepEqual(files(lines), [['rename', '/etc/x', '/tmp/x']]);
  });

  it('gives a deletion where only the old name is left', () => {
    assert.deepEqual(files([syscall(82), path(2, '"/tmp/x"', 'DELETE')]), only('delete', '/tmp/x'));
  });
});

describe('names', () => {
  const cases = [
    ['"root"', '"/var/spool/cron"', '/var/spool/cron/root'],
    ['"./a/../b"', '"/srv"', '/srv/b'],
    ['"../../../etc/x"', '"/srv"', '/etc/x'],
    ['"/etc//cron.d/./x"', '"/"', '/etc/cron.d/x'],
    ['"x"', '"/"', '/x'],
    [hex('my file'), hex('/srv/my dir'), '/srv/my dir/my file'],
  ] as const;
  for (const [name, directory, resolved] of cases) {
    it(`resolves ${name} in ${directory}`, () => {
      assert.deepEqual(files([record('CWD', ` cwd=${directory}`), path(0, name, 'CREATE')]), only('create', resolved));
    });
  }

  it('keeps a relative name as it is where no directory is known', () => {
    assert.deepEqual(files([path(0, '"crontabs/root"', 'CREATE')]), only('create', 'crontabs/root'));
  });
});
