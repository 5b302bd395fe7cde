import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CLASS } from '#shared/model/event.ts';
import { hex, onlyEvent, path, readAuditd, record, syscall } from './collect.ts';

describe('executions', () => {
  it('carries all that the records of an exec say', () => {
    const event = onlyEvent(
      [
        syscall(59, { comm: '"xmrig"', exe: '"/var/tmp/.x/xmrig"', key: '"exec"' }),
        record('EXECVE', 'argc=3 a0="./xmrig" a1="-o" a2="pool.example.com:3333"'),
        record('CWD', ' cwd="/var/tmp/.x"'),
        path(0, '"./xmrig"', 'NORMAL'),
        record('PROCTITLE', `proctitle=${hex('./xmrig\0-o')}`),
        record('EOE', ''),
      ],
      CLASS.process,
      { options: { origin: { account: '111122223333', stream: 'a' }, raw: { file: 'audit.log' } } },
    );
    assert.deepEqual(event, {
      class: CLASS.process,
      time: 1795557600123,
      claims: { account: '111122223333', stream: 'a' },
      raw: { file: 'audit.log', line: 6 },
      id: '-/1795557600.123:4711',
      source: 'auditd',
      success: true,
      process: {
        pid: 2214,
        parentPid: 2201,
        executable: '/var/tmp/.x/xmrig',
        name: 'xmrig',
        argv: ['./xmrig', '-o', 'pool.example.com:3333'],
        exact: true,
        workingDirectory: '/var/tmp/.x',
        uid: '0',
        auid: '1000',
        session: '3',
        tty: 'pts0',
      },
    });
  });

  const machines = [
    ['execve on x86_64', 'c000003e', 59],
    ['execveat on x86_64', 'c000003e', 322],
    ['execve of the x32 kind', 'c000003e', 0x4000_0000 + 520],
    ['execve on aarch64', 'c00000b7', 221],
    ['execveat on aarch64', 'c00000b7', 281],
    ['execve on i386', '40000003', 11],
    ['execveat on i386', '40000003', 358],
    ['execve on arm', '40000028', 11],
  ] as const;
  for (const [name, arch, number] of machines) {
    it(`recognises ${name}`, () => {
      onlyEvent([syscall(number, { arch }), path(0, '"/usr/bin/curl"', 'NORMAL')], CLASS.process);
    });
  }

  for (const arch of ['constructor', '__proto__', 'deadbeef']) {
    it(`gives no meaning to a number of the architecture ${arch}`, () => {
      assert.equal(readAuditd([syscall(59, { arch }), path(0, '"/x"', 'NORMAL')]).events[0]?.class, CLASS.file);
    });
  }

  it('leaves login uid, session and terminal out where no login set them', () => {
    const line = syscall(59)
      .replace('auid=1000', 'auid=4294967295')
      .replace('ses=3', 'ses=-1')
      .replace('tty=pts0', 'tty="(none)"');
    const { process } = onlyEvent([line], CLASS.process);
    assert.deepEqual([process.auid, process.session, process.tty, process.uid], [undefined, undefined, undefined, '0']);
  });

  it('reads values that a shipper has put into quotes', () => {
    const line = syscall(59, { success: '"yes"' })
      .replace('pid=2214', 'pid="2214"')
      .replace('tty=pts0', 'tty="(none)"');
    const event = onlyEvent([line], CLASS.process);
    assert.deepEqual([event.success, event.process.pid, event.process.tty], [true, 2214, undefined]);
  });

  it('names what a failed exec tried, with the caller as the parent', () => {
    const { process, success, truncated } = onlyEvent(
      [
        syscall(59, { success: 'no', comm: '"sh"', exe: '"/usr/bin/dash"' }),
        path(0, '"/tmp/.x/xmrig"', 'UNKNOWN'),
        record('PROCTITLE', `proctitle=${hex('sh\0-c\0/tmp/.x/xmrig')}`),
      ],
      CLASS.process,
    );
    assert.equal(success, false);
    assert.equal(truncated, undefined);
    assert.deepEqual([process.executable, process.name], ['/tmp/.x/xmrig', undefined]);
    assert.deepEqual([process.parentExecutable, process.parentName], ['/usr/bin/dash', 'sh']);
    assert.deepEqual([process.argv, process.exact], [['sh', '-c', '/tmp/.x/xmrig'], false]);
  });

  it('falls back on the process title', () => {
    const { process } = onlyEvent([syscall(59), record('PROCTITLE', `proctitle=${hex('a\0-b\0c d')}`)], CLASS.process);
    assert.deepEqual([process.argv, process.exact], [['a', '-b', 'c d'], true]);
  });

  it('takes no title for exact that its process wrote as one text', () => {
    const { process } = onlyEvent(
      [syscall(59), record('PROCTITLE', `proctitle=${hex('nginx: worker')}`)],
      CLASS.process,
    );
    assert.deepEqual([process.argv, process.exact], [['nginx:', 'worker'], false]);
  });

  for (const [length, cut] of [
    [127, undefined],
    [128, true],
  ] as const) {
    it(`marks a title of ${length} bytes ${cut ? 'as cut' : 'as whole'}`, () => {
      const title = `x\0${'y'.repeat(length - 2)}`;
      const event = onlyEvent([syscall(59), record('PROCTITLE', `proctitle=${hex(title)}`)], CLASS.process);
      assert.deepEqual([event.truncated, event.process.exact], [cut, cut === undefined]);
    });
  }

  it('prefers the arguments of EXECVE to a longer title', () => {
    const { process } = onlyEvent(
      [syscall(59), record('EXECVE', 'argc=1 a0="a"'), record('PROCTITLE', `proctitle=${hex('b\0c')}`)],
      CLASS.process,
    );
    assert.deepEqual(process.argv, ['a']);
  });

  it('ignores arguments beyond argc', () => {
    const { process } = onlyEvent([record('EXECVE', 'argc=1 a0="a" a1="b" a9999999="c"')], CLASS.process);
    assert.deepEqual(process.argv, ['a']);
  });

  for (const [name, body] of [
    ['misses its last arguments', 'argc=5 a0="a" a1="b"'],
    ['misses a piece of an argument', 'argc=2 a0="a" a1_len=8 a1[1]=2072'],
    ['holds less of an argument than its length', 'argc=2 a0="a" a1_len=9000 a1[0]=6D79'],
    ['ends inside a quoted argument', 'argc=2 a0="a" a1="http://198.51.100.7/x.s'],
  ] as const) {
    it(`marks an exec that ${name}`, () => {
      const event = onlyEvent([syscall(59), record('EXECVE', body)], CLASS.process);
      assert.equal(event.truncated, true);
      assert.equal(event.process.argv?.[0], 'a');
    });
  }

  it('keeps what is left of a record that ends inside a value', () => {
    const { process } = onlyEvent([record('EXECVE', 'argc=2 a0="wget" a1="http://198.51.100.7/x.s')], CLASS.process);
    assert.deepEqual(process.argv, ['wget', 'http://198.51.100.7/x.s']);
  });
});

describe('what else gives a process', () => {
  it('splits what sudo ran on blanks, and says that it is not exact', () => {
    const { process, success } = onlyEvent(
      [
        `node=ip-192-0-2-10 type=USER_CMD msg=audit(1795557601.001:4712): pid=2300 uid=1000 auid=1000 ses=3 msg='cwd="/home/ec2-user" cmd=${hex('sysctl -w vm.nr_hugepages=1280')} exe="/usr/bin/sudo" terminal=pts/0 res=failed'\u001dUID="ec2-user" AUID="ec2-user"`,
      ],
      CLASS.process,
    );
    assert.equal(success, false);
    assert.deepEqual(process, {
      argv: ['sysctl', '-w', 'vm.nr_hugepages=1280'],
      exact: false,
      parentPid: 2300,
      parentExecutable: '/usr/bin/sudo',
      workingDirectory: '/home/ec2-user',
      uid: '1000',
      auid: '1000',
      session: '3',
      tty: 'pts/0',
    });
  });

  it('keeps the executable of a record of another kind', () => {
    const { process } = onlyEvent([syscall(41, { exe: '"/tmp/.x/xmrig"', comm: '"xmrig"' })], CLASS.process);
    assert.deepEqual([process.executable, process.name, process.argv], ['/tmp/.x/xmrig', 'xmrig', undefined]);
  });

  it("reads a crash from the kernel's own log, with a number for its type", () => {
    const event = onlyEvent(
      [
        '[352211.977836] audit: type=1701 audit(1621467435.208:784): auid=1000 uid=1000 gid=1000 ses=1 pid=177962 comm="xmrig" exe="/tmp/x/xmrig" sig=6 res=1',
      ],
      CLASS.process,
    );
    assert.deepEqual(
      [event.process.executable, event.process.pid, event.claims.hostName],
      ['/tmp/x/xmrig', 177962, undefined],
    );
  });

  it('reads a refused call', () => {
    const line = record(
      'SECCOMP',
      'auid=1 uid=22 gid=22 ses=2 pid=11 comm="x" exe="/tmp/x" sig=31 arch=c000003e syscall=59 compat=0',
    );
    assert.equal(onlyEvent([line], CLASS.process).process.executable, '/tmp/x');
  });

  it('gives the arguments of a title that nothing else is left of', () => {
    const { process } = onlyEvent([record('PROCTITLE', `proctitle=${hex('./xmrig\0-o')}`)], CLASS.process);
    assert.deepEqual(process.argv, ['./xmrig', '-o']);
  });

  it('makes nothing of records without a process', () => {
    const lines = [record('CWD', ' cwd="/"'), record('EOE', ''), record('BPF', 'prog-id=120 op=LOAD', 5)];
    assert.deepEqual(readAuditd(lines).events, []);
  });
});

describe('connections, modules and services', () => {
  for (const [name, number, fields] of [
    ['connect', 42, {}],
    ['connect on aarch64', 203, { arch: 'c00000b7' }],
    ['connect by socketcall', 102, { arch: '40000003' }],
    ['sendto', 44, {}],
  ] as const) {
    it(`gives the remote endpoint of ${name}`, () => {
      const line = syscall(number, { success: 'no', exe: '"/tmp/x"', ...fields }).replace('a0=ffffff9c', 'a0=3');
      const event = onlyEvent([line, record('SOCKADDR', 'saddr=02000D05CB0071090000000000000000')], CLASS.network);
      assert.deepEqual(
        [event.own, event.dst, event.actor?.executable],
        ['src', { ip: '203.0.113.9', port: 3333 }, '/tmp/x'],
      );
    });
  }

  for (const [name, saddr, dst] of [
    ['IPv6', '0A000D050000000020010DB800000000000000000000000700000000', { ip: '2001:db8::7', port: 3333 }],
    ['IPv4 in IPv6', '0A000D050000000000000000000000000000FFFFCB00710900000000', { ip: '203.0.113.9', port: 3333 }],
    ['a big-endian machine', '00020D05CB0071090000000000000000', { ip: '203.0.113.9', port: 3333 }],
    ['port 0', '02000000CB0071090000000000000000', { ip: '203.0.113.9' }],
    ['a translation alone', '{ saddr_fam=inet laddr=203.0.113.9 lport=3333 }', { ip: '203.0.113.9', port: 3333 }],
  ] as const) {
    it(`reads the address of ${name}`, () => {
      assert.deepEqual(onlyEvent([syscall(42), record('SOCKADDR', `saddr=${saddr}`)], CLASS.network).dst, dst);
    });
  }

  for (const saddr of ['0100', '02000D05', '0A000D0500000000', '02000D05CB007109000000000000000', 'zz', '']) {
    it(`gives no connection for the address '${saddr}'`, () => {
      assert.equal(onlyEvent([syscall(42), record('SOCKADDR', `saddr=${saddr}`)], CLASS.process).process.pid, 2214);
    });
  }

  it('gives the connection of an address whose call was cut off', () => {
    assert.equal(
      onlyEvent([record('SOCKADDR', 'saddr=02000D05CB0071090000000000000000')], CLASS.network).dst.ip,
      '203.0.113.9',
    );
  });

  it('takes no accepted or bound address for a connection', () => {
    for (const number of [43, 49]) {
      onlyEvent([syscall(number), record('SOCKADDR', 'saddr=02000D05CB0071090000000000000000')], CLASS.process);
    }
  });

  it('names a loaded module, and not one that was removed', () => {
    const module = record('KERN_MODULE', 'name="msr"');
    const loaded = onlyEvent([syscall(313, { comm: '"modprobe"', exe: '"/usr/bin/kmod"' }), module], CLASS.kernel);
    assert.deepEqual(
      [loaded.activity, loaded.name, loaded.success, loaded.actor.name],
      ['module_load', 'msr', true, 'modprobe'],
    );
    assert.equal(readAuditd([syscall(176), module]).events[0]?.class, CLASS.process);
    assert.equal(onlyEvent([module], CLASS.kernel).name, 'msr');
  });

  it('names a started unit', () => {
    const job = onlyEvent(
      [
        'type=SERVICE_START msg=audit(1795557661.020:4732): pid=1 uid=0 auid=4294967295 ses=4294967295 msg=\'unit=sync comm="systemd" exe="/usr/lib/systemd/systemd" hostname=? addr=? terminal=? res=success\'',
      ],
      CLASS.scheduledJob,
    );
    assert.deepEqual([job.scheduler, job.activity, job.name, job.time], ['systemd', 'start', 'sync', 1795557661020]);
    assert.deepEqual(job.actor, { pid: 1, executable: '/usr/lib/systemd/systemd', name: 'systemd', uid: '0' });
  });
});
