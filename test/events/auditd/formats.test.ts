import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CLASS } from '#shared/model/event.ts';
import { hex, onlyEvent, path, readAuditd, record, syscall } from './collect.ts';

function argvOf(...executions: string[]): readonly string[] | undefined {
  return onlyEvent([syscall(59), ...executions], CLASS.process).process.argv;
}

describe('values as auditd writes them', () => {
  it('formats 1: keeps a quoted text of hexadecimal digits and decodes a bare one', () => {
    assert.deepEqual(argvOf(record('EXECVE', 'argc=5 a0="x" a1="deadbeef" a2=64656164 a3="b" a4=6D79207269672031')), [
      'x',
      'deadbeef',
      'dead',
      'b',
      'my rig 1',
    ]);
  });

  it('formats 17.4: lets the quotes alone decide, for every encoded field', () => {
    const event = onlyEvent(
      [
        syscall(59, { exe: '"/tmp/6162"', comm: '"6162"' }),
        record('CWD', ' cwd="61"'),
        record('PROCTITLE', 'proctitle="6162"'),
      ],
      CLASS.process,
    );
    assert.equal(event.process.executable, '/tmp/6162');
    assert.equal(event.process.name, '6162');
    assert.equal(event.process.workingDirectory, '61');
    assert.deepEqual(event.process.argv, ['6162']);
  });

  const pieces = ['argc=2 a0="x" a1_len=8 a1[0]=6D79', '  a1[1]=2072'] as const;
  for (const [name, order] of [
    ['as written', [0, 1]],
    ['the second piece first', [1, 0]],
  ] as const) {
    it(`formats 1: puts a split argument together by index, ${name}`, () => {
      const executions = order.map((index) => record('EXECVE', pieces[index]));
      assert.deepEqual(argvOf(...executions), ['x', 'my r']);
    });
  }

  it('formats 1: places the pieces of one record by index', () => {
    assert.deepEqual(argvOf(record('EXECVE', 'argc=1 a0_len=8 a0[1]=2072 a0[0]=6D79')), ['my r']);
  });

  it('formats 1: decodes a byte that is split over two pieces once', () => {
    assert.deepEqual(argvOf(record('EXECVE', 'argc=1 a0_len=8 a0[0]=6D7'), record('EXECVE', '  a0[1]=92072')), [
      'my r',
    ]);
  });

  it('formats 1: keeps an odd number of hexadecimal digits as text and replaces bytes that are not UTF-8', () => {
    assert.deepEqual(argvOf(record('EXECVE', 'argc=3 a0=6D7 a1=FFFE41 a2="z"')), ['6D7', '\ufffd\ufffdA', 'z']);
  });

  it('formats 1: takes 221 for an exec on aarch64 and not on x86_64', () => {
    const [onArm] = readAuditd([syscall(221, { arch: 'c00000b7' }), path(0, '"/usr/bin/curl"', 'NORMAL')]).events;
    const [onIntel] = readAuditd([syscall(221), path(0, '"/usr/bin/curl"', 'NORMAL')]).events;
    assert.equal(onArm?.class, CLASS.process);
    assert.equal(onIntel?.class, CLASS.file);
  });

  it('formats 1: splits a translation that touches the value before it and keeps raw and translated keys apart', () => {
    const glued = `${syscall(59, { arch: 'c00000b7' })}ARCH=x86_64 SYSCALL=execve AUID="ec2-user" UID="admin"`;
    const { process } = onlyEvent([glued, record('EXECVE', 'argc=1 a0="x"')], CLASS.process);
    assert.equal(process.uid, '0');
    assert.equal(process.auid, '1000');
    assert.deepEqual(process.argv, ['x']);
  });

  for (const [name, gap] of [
    ['the byte 0x1D', '\u001d'],
    ['an escaped 0x1D', '\\u001d'],
    ['a blank', ' '],
    ['no gap', ''],
  ] as const) {
    it(`formats 17.2: reads a translation behind ${name}`, () => {
      const line = `${syscall(9999, { key: '"exec"' })}${gap}ARCH=x86_64 SYSCALL=execve AUID="ec2-user" UID="root"`;
      const event = onlyEvent([line, record('EXECVE', 'argc=1 a0="./x"')], CLASS.process);
      assert.deepEqual([event.process.argv, event.process.uid, event.process.auid], [['./x'], '0', '1000']);
    });
  }

  it('formats 1: reads quoted values with blanks inside the list of msg=', () => {
    const { process, success } = onlyEvent(
      [
        `type=USER_CMD msg=audit(1795557601.001:4712): pid=2300 uid=1000 auid=1000 ses=3 msg='cwd="/home/my user" cmd="ls" exe="/usr/bin/sudo" terminal=pts/0 res=success'\u001dUID="ec2-user" AUID="ec2-user"`,
      ],
      CLASS.process,
    );
    assert.equal(process.workingDirectory, '/home/my user');
    assert.deepEqual([process.uid, process.tty, success], ['1000', 'pts/0', true]);
  });

  it('formats 1: takes argv[0] as free text and the executable from the kernel', () => {
    const { process } = onlyEvent(
      [syscall(59, { exe: hex('/memfd: (deleted)') }), record('EXECVE', 'argc=1 a0="[kworker/0:1]"')],
      CLASS.process,
    );
    assert.deepEqual([process.argv, process.executable], [['[kworker/0:1]'], '/memfd: (deleted)']);
  });

  it('formats 1: keeps the fifteen bytes of comm as the name and the whole name in the executable', () => {
    const { process } = onlyEvent(
      [syscall(59, { comm: '"a-very-long-nam"', exe: '"/tmp/a-very-long-name"' })],
      CLASS.process,
    );
    assert.deepEqual([process.name, process.executable], ['a-very-long-nam', '/tmp/a-very-long-name']);
  });

  it('formats 17.1: places arguments by number where an empty one was left out', () => {
    assert.deepEqual(argvOf(record('EXECVE', 'argc=4 a0="x" a1="-a" a3="b"')), ['x', '-a', 'b']);
    assert.deepEqual(argvOf(record('EXECVE', 'argc=3 a0="x" a1="" a2="b"')), ['x', '', 'b']);
  });

  it('formats 17.3: reads two thousand arguments over several records', () => {
    const argument = (index: number) => `a${index}="${index}"`;
    const all = Array.from({ length: 2000 }, (_, index) => index);
    const executions = [0, 500, 1000, 1500].map((start) =>
      record(
        'EXECVE',
        `${start === 0 ? 'argc=2000 ' : '  '}${all
          .slice(start, start + 500)
          .map(argument)
          .join(' ')}`,
      ),
    );
    assert.deepEqual(argvOf(...executions), all.map(String));
  });
});

describe('events as auditd writes them', () => {
  const execution = (serial: number, name: string, node = '') => [
    `${node}${syscall(59, { exe: `"/usr/bin/${name}"` }, serial)}`,
    `${node}${record('EXECVE', `argc=2 a0="${name}" a1="-v"`, serial)}`,
  ];

  it('formats 1: keeps two interleaved events apart', () => {
    const [a, b] = [execution(1, 'curl'), execution(2, 'wget')];
    const { events } = readAuditd([a[0] ?? '', b[0] ?? '', b[1] ?? '', a[1] ?? '']);
    const seen = events.map(
      (event) => event.class === CLASS.process && [event.process.executable, event.process.argv?.[0]],
    );
    assert.deepEqual(seen, [
      ['/usr/bin/wget', 'wget'],
      ['/usr/bin/curl', 'curl'],
    ]);
  });

  it('formats 1: keeps two hosts with the same time and serial apart', () => {
    const [a, b] = [execution(1, 'curl', 'node=ip-192-0-2-10 '), execution(1, 'wget', 'node=ip-192-0-2-11 ')];
    const { events } = readAuditd([a[0] ?? '', b[0] ?? '', b[1] ?? '', a[1] ?? '']);
    assert.deepEqual(
      events.map((event) => [event.id, event.claims.hostName]),
      [
        ['ip-192-0-2-11/1795557600.123:1', 'ip-192-0-2-11'],
        ['ip-192-0-2-10/1795557600.123:1', 'ip-192-0-2-10'],
      ],
    );
  });

  it('formats 1: gives the arguments of an EXECVE whose SYSCALL was cut off, without a pid', () => {
    const { process } = onlyEvent([record('EXECVE', 'argc=2 a0="./xmrig" a1="-o"')], CLASS.process);
    assert.deepEqual(process, { argv: ['./xmrig', '-o'], exact: true });
  });

  it('formats 1: settles events without EOE at the end', () => {
    assert.equal(readAuditd(execution(1, 'curl')).events.length, 1);
  });
});
