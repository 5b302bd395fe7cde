import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AUDITD } from '#shared/events/auditd/reader.ts';
import { CLASS } from '#shared/model/event.ts';
import { collector, EVERYTHING, interestIn, onlyEvent, path, readAuditd, record, syscall } from './collect.ts';

const WINDOW = 4096;
const filler = (count: number, from = 100_000) =>
  Array.from({ length: count }, (_, index) => record('CRED_ACQ', 'pid=1 uid=0 auid=0 ses=1', from + index));

describe('lines', () => {
  const argv = (line: string) => onlyEvent([line], CLASS.process).process.argv;
  const body = 'argc=2 a0="x" a1="-b"';
  const forms = [
    ['as auditd writes it', `type=EXECVE msg=audit(1795557600.123:7): ${body}`, undefined],
    ['with a node', `node=ip-192-0-2-10 type=EXECVE msg=audit(1795557600.123:7): ${body}`, 'ip-192-0-2-10'],
    ['of a type unknown to its writer', `type=UNKNOWN[1309] msg=audit(1795557600.123:7): ${body}`, undefined],
    ["in the kernel's ring", `[352211.9] audit: type=1309 audit(1795557600.123:7): ${body}`, undefined],
    ['in the ring with level and name', `<5>[352211.9] audit: type=1309 audit(1795557600.123:7): ${body}`, undefined],
    [
      'through audispd',
      `Nov 24 22:00:00 host-a audispd: node=host-b type=EXECVE msg=audit(1795557600.123:7): ${body}`,
      'host-b',
    ],
    [
      'through syslog without a node',
      `Nov  4 22:00:00 host-a audispd: type=EXECVE msg=audit(1795557600.123:7): ${body}`,
      'host-a',
    ],
    [
      'through syslog of the kernel',
      `Nov 24 22:00:00 host-a kernel: [123.4] audit: type=1309 audit(1795557600.123:7): ${body}`,
      'host-a',
    ],
    [
      'with an ISO date',
      `2026-11-24T22:00:00.123456+00:00 host-a audispd: type=EXECVE msg=audit(1795557600.123:7): ${body}`,
      'host-a',
    ],
    [
      'by RFC 5424',
      `<13>1 2026-11-24T22:00:00Z host-a audispd - - - type=EXECVE msg=audit(1795557600.123:7): ${body}`,
      'host-a',
    ],
    ['with the key in quotes', `type=EXECVE msg="audit(1795557600.123:7)": ${body}`, undefined],
    ['with a carriage return', `type=EXECVE msg=audit(1795557600.123:7): ${body}\r`, undefined],
  ] as const;
  for (const [name, line, host] of forms) {
    it(`reads a record ${name}`, () => {
      assert.ok(AUDITD.recognises(Buffer.from(line), 0, line.length));
      const event = onlyEvent([line], CLASS.process);
      assert.deepEqual(event.process.argv, ['x', '-b']);
      assert.deepEqual([event.id, event.claims.hostName], [`${host ?? '-'}/1795557600.123:7`, host]);
    });
  }

  const dates = [
    '11/24/26 22:00:00.123:7',
    '11/24/2026 22:00:00.123:7',
    '11/24/2026 10:00:00.123 PM:7',
    '2026-11-24 22:00:00.123:7',
  ];
  for (const date of dates) {
    it(`takes the written date ${date} as UTC`, () => {
      const event = onlyEvent(
        [
          `type=SYSCALL msg=audit(${date}) : arch=x86_64 syscall=execve success=yes exit=0 ppid=1 pid=2 auid=ec2-user uid=root tty=pts0 ses=unset comm=xmrig exe=/var/tmp/.x/xmrig key=(null)`,
          `type=EXECVE msg=audit(${date}) : argc=4 a0=./xmrig a1=deadbeef a2=my rig a3=-o`,
        ],
        CLASS.process,
      );
      assert.equal(event.time, Date.UTC(2026, 10, 24, 22, 0, 0, 123));
      assert.deepEqual(event.process.argv, ['./xmrig', 'deadbeef', 'my rig', '-o']);
      assert.deepEqual(
        [event.process.executable, event.process.auid, event.process.session],
        ['/var/tmp/.x/xmrig', 'ec2-user', undefined],
      );
      assert.equal(event.id, '-/1795557600.123:7');
    });
  }

  it('reads a written process title to the end of its line', () => {
    assert.deepEqual(argv('type=PROCTITLE msg=audit(11/24/26 22:00:00.123:7) : proctitle=./x -o a=b c'), [
      './x',
      '-o',
      'a=b',
      'c',
    ]);
  });

  for (const line of [
    '2 111122223333 eni-0a 198.51.100.7 203.0.113.9 1 2 6 1 40 1795557600 1795557660 ACCEPT OK',
    '{"log":"type=EXECVE msg=audit(1795557600.123:7): argc=1 a0=\\"x\\""}',
    'mount --mount type=bind,source=/a',
    'plain text',
    '# auditd writes no comments',
    '---- nor words behind a rule',
  ]) {
    it(`stops before '${line.slice(0, 24)}'`, () => {
      const bytes = Buffer.from(`${record('EOE', '')}\n\n----\ntime->Tue Nov 24 22:00:00 2026\n${line}\n`);
      const { collected, sink } = collector();
      const reader = AUDITD.make(EVERYTHING, { origin: {}, raw: {}, maxLine: 1000 });
      assert.equal(reader.read(bytes, 0, bytes.length, sink), bytes.indexOf(line));
      assert.deepEqual([collected.records, collected.unreadable], [1, []]);
      assert.equal(AUDITD.recognises(bytes, bytes.indexOf(line), bytes.length - 1), false);
    });
  }

  const damaged = [
    ['type=UNKNOWN[1329] msg=?', 'missing-field'],
    ['type=SYSCALL msg=lost', 'missing-field'],
    ['lost', 'missing-field'],
    ['type=EXECVE msg=audit(1795557600.123', 'truncated'],
    ['type=EXECVE msg=aud', 'truncated'],
    ['type=EXEC', 'truncated'],
    ['type=EXECVE msg=audit(): argc=1', 'missing-field'],
    ['type=EXECVE msg=audit(garbage:7): argc=1', 'bad-number'],
    ['type=EXECVE msg=audit(abc.def:1): argc=1', 'bad-number'],
    ['type=EXECVE msg=audit(999999999999.123:7): argc=1', 'bad-number'],
    ['type=EXECVE msg=audit(31/31/26 22:00:00.123:7): argc=1', 'bad-number'],
    ['type=EXECVE msg=audit(a:1): argc=1 a0="x"', 'bad-number'],
    ['type=EXECVE msg=audit(99999999999999.1:1): argc=1 a0="x"', 'bad-number'],
    ['type=EXECVE msg=audit(13/45/26 22:00:00.123:7) : argc=1', 'bad-number'],
    ['msg=audit(1795557600.123:7): argc=1 a0="x"', 'missing-field'],
    ['0 ppid=1 pid=2 auid=4294967295 uid=0 exe="/x"', 'missing-field'],
  ] as const;
  for (const [line, kind] of damaged) {
    it(`counts '${line.slice(0, 40)}' as ${kind} and goes on`, () => {
      const { events, unreadable } = readAuditd([line, record('EXECVE', 'argc=1 a0="x"')]);
      assert.deepEqual(unreadable, [{ kind, line: 1 }]);
      assert.equal(events.length, 1);
    });
  }

  it('counts a line beyond the limit and goes on', () => {
    const long = record('EXECVE', `argc=1 a0="${'x'.repeat(5000)}"`, 1);
    const { events, unreadable, records } = readAuditd([long, record('EXECVE', 'argc=1 a0="x"', 2)], {
      options: { maxLine: 4000 },
    });
    assert.deepEqual(unreadable, [{ kind: 'too-long', line: 1 }]);
    assert.deepEqual([events.length, records], [1, 1]);
  });
});

describe('events of several lines', () => {
  const execution = [
    syscall(59, { exe: '"/tmp/x"' }),
    record('EXECVE', 'argc=2 a0="x" a1="stratum+tcp"'),
    record('CWD', ' cwd="/tmp"'),
  ];
  const interest = interestIn(['stratum+tcp']);

  it('pulls the earlier lines of an event and lets later ones join, whatever their order', () => {
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]) {
      const lines = order.flatMap((index) => [execution[index] ?? '', ...filler(20, 1000 * index)]);
      const { process } = onlyEvent(lines, CLASS.process, { interest });
      assert.deepEqual([process.executable, process.workingDirectory, process.argv?.length], ['/tmp/x', '/tmp', 2]);
    }
  });

  it('pulls lines out of a chunk of which only the end was kept', () => {
    const lines = [...filler(5000), ...execution];
    const cut = Buffer.byteLength(`${lines.slice(0, 5001).join('\n')}\n`);
    for (const cuts of [[cut], [cut - 200_000, cut]]) {
      const { process } = onlyEvent(lines, CLASS.process, { interest, cuts });
      assert.deepEqual([process.executable, process.workingDirectory], ['/tmp/x', '/tmp']);
    }
  });

  it('remembers no more than 16 MB of earlier chunks', () => {
    const long = (serial: number) => record('CRED_ACQ', `pid=1 msg='op=${'x'.repeat(999_900)}'`, serial);
    const lines = [
      execution[0] ?? '',
      ...Array.from({ length: 20 }, (_, index) => long(index + 1)),
      execution[1] ?? '',
    ];
    const cuts = Array.from({ length: 21 }, (_, index) => index * 1_000_000 + 500_000);
    assert.equal(onlyEvent(lines, CLASS.process, { interest, cuts }).process.executable, undefined);
    assert.equal(onlyEvent(lines.toSpliced(1, 10), CLASS.process, { interest, cuts }).process.executable, '/tmp/x');
  });

  it('is not closed by EOE', () => {
    const lines = [execution[0] ?? '', record('EOE', ''), execution[1] ?? ''];
    assert.equal(onlyEvent(lines, CLASS.process, { interest }).process.executable, '/tmp/x');
  });

  it('names all lines of the event and points to the last one', () => {
    const lines = [
      execution[0] ?? '',
      ...filler(2),
      execution[1] ?? '',
      ...filler(3, 1),
      execution[2] ?? '',
      '',
      ...filler(1, 9),
    ];
    const { events, lines: named } = readAuditd(lines, { interest });
    assert.deepEqual(named, [[1, 4, 8]]);
    assert.equal(events[0]?.raw.line, 8);
  });

  for (const [distance, joined] of [
    [WINDOW, true],
    [WINDOW + 1, false],
  ] as const) {
    it(`${joined ? 'joins' : 'does not join'} lines of one event that lie ${distance} records apart`, () => {
      for (const setting of [{ interest }, {}]) {
        const lines = [execution[0] ?? '', ...filler(distance - 1), execution[1] ?? ''];
        const { events } = readAuditd(lines, setting);
        const found = events.find((event) => event.class === CLASS.process && event.process.argv !== undefined);
        assert.ok(found?.class === CLASS.process);
        assert.equal(found.process.executable, joined ? '/tmp/x' : undefined);
      }
    });
  }

  it('settles an event after 4,096 lines without it, before the end', () => {
    const bytes = Buffer.from(`${[...execution, ...filler(WINDOW)].join('\n')}\n`);
    const { collected, sink } = collector();
    AUDITD.make(interest, { origin: {}, raw: {}, maxLine: 1000 }).read(bytes, 0, bytes.length, sink);
    assert.equal(collected.events.length, 1);
  });

  it('never names a line that it has called settled', () => {
    const lines = [
      ...filler(5000),
      ...execution,
      ...filler(5000, 200_000),
      record('EXECVE', 'argc=1 a0="stratum+tcp"', 5),
    ];
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    const { sink } = collector();
    let settled = 0;
    const named: number[] = [];
    const reader = AUDITD.make(interest, { origin: {}, raw: {}, maxLine: 1000 });
    const watching = {
      ...sink,
      event: (_: unknown, numbers: readonly number[]) => {
        assert.ok(numbers.every((line) => line > settled));
        named.push(...numbers);
      },
      settled: (line: number) => {
        assert.ok(line >= settled);
        settled = line;
      },
    };
    for (let from = 0; from < bytes.length; ) {
      const end = bytes.indexOf(10, Math.min(bytes.length - 1, from + 50_000)) + 1;
      from = reader.read(bytes, from, end, watching);
    }
    assert.ok(settled > 5003 && settled < lines.length);
    reader.finish(watching);
    assert.deepEqual([named, settled], [[5001, 5002, 5003, 10_004], lines.length]);
  });

  it('is not changed by lines that come twice, in any order', () => {
    const all = [...execution, path(0, '"/tmp/x"', 'NORMAL'), record('EXECVE', '  a1[0]=6D79')];
    const whole = readAuditd(all).events.map(({ raw, ...event }) => event);
    fc.assert(
      fc.property(fc.shuffledSubarray([...all, ...all, ...all], { minLength: 15 }), (lines) => {
        assert.deepEqual(
          readAuditd(lines).events.map(({ raw, ...event }) => event),
          whole,
        );
      }),
      { numRuns: 50 },
    );
  });

  it('keeps a megabyte of an event and says that it was cut', () => {
    const lines = Array.from({ length: 200 }, (_, index) => record('EXECVE', `  a${index}="${'x'.repeat(7000)}"`));
    const { events, unreadable } = readAuditd(lines);
    const [event] = events;
    assert.ok(event?.class === CLASS.process);
    assert.equal(event.truncated, true);
    assert.equal(event.process.argv?.length, 148);
    assert.deepEqual(unreadable, [{ kind: 'truncated', line: 200 }]);
  });

  it('settles the oldest events early where too many bytes are pending, and counts them', () => {
    const lines = Array.from({ length: 75 }, (_, index) =>
      record('EXECVE', `argc=1 a0="${'x'.repeat(1_000_000)}"`, index + 1),
    );
    const { events, unreadable } = readAuditd(lines, { options: { maxLine: 2_000_000 } });
    assert.equal(events.length, 75);
    assert.equal(events.filter((event) => event.truncated).length, 8);
    assert.deepEqual(
      unreadable.map(({ line }) => line),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
  });

  it('names at most 64 paths of one event', () => {
    const lines = [
      syscall(257),
      ...Array.from({ length: 100 }, (_, index) => path(index, `"/tmp/${index}"`, 'NORMAL')),
    ];
    const { events } = readAuditd(lines);
    assert.equal(events.length, 64);
    assert.ok(events.every((event) => event.truncated));
  });
});

describe('what surrounds the lines', () => {
  const line = record('EXECVE', 'argc=1 a0="x"');
  const time = 1795557600123;
  const minutes = 60_000;
  const days = 24 * 60 * minutes;
  for (const [name, envelopeTime, held] of [
    ['as it is', time + 14 * days, undefined],
    ['within 14 days before the envelope', time + 15 * days, time + days],
    ['within 10 minutes after the envelope', time - 11 * minutes, time - minutes],
  ] as const) {
    it(`holds the time ${name}`, () => {
      const event = onlyEvent([line], CLASS.process, { options: { envelopeTime } });
      assert.deepEqual([event.time, event.clamped], held === undefined ? [time, undefined] : [held, true]);
      assert.equal(event.id, '-/1795557600.123:4711');
    });
  }

  it("points to the trigger's record of the last line", () => {
    const options = { origin: {}, raw: { logGroup: 'g', logStream: 's' }, maxLine: 1000, eventId: 'first' };
    const { collected, sink } = collector();
    const reader = AUDITD.make(EVERYTHING, options);
    for (const [eventId, text] of [
      ['first', syscall(59)],
      ['second', line],
      ['third', record('EOE', '', 5)],
    ] as const) {
      options.eventId = eventId;
      reader.read(Buffer.from(text), 0, text.length, sink);
    }
    reader.finish(sink);
    assert.deepEqual(collected.events[0]?.raw, { logGroup: 'g', logStream: 's', eventId: 'second', line: 2 });
  });

  it('tells the times of events exactly and those of other lines by samples', () => {
    const { times, records } = readAuditd([...filler(130), line], { interest: interestIn(['"x"', 'x']) });
    assert.deepEqual([times.length, records], [4, 131]);
    assert.ok(times.every((one) => one === time));
  });
});

describe('hostile input', () => {
  it('never throws, on bytes or on damaged records', () => {
    const lines = fc.constantFrom(
      syscall(59),
      record('EXECVE', 'argc=3 a0="x" a1_len=8 a1[0]=6D79 a1[1]=2072 a2=FF'),
      path(0, '"/etc/x"', 'CREATE'),
      record('SOCKADDR', 'saddr=02000D05CB0071090000000000000000'),
      record('PROCTITLE', 'proctitle=610062'),
      `node=a type=USER_CMD msg=audit(11/24/26 22:00:00.123:7) : pid=1 msg='cwd="/" cmd=ls exe="/x" res=success'`,
    );
    const broken = fc.tuple(lines, fc.nat({ max: 300 }), fc.uint8Array({ maxLength: 4 })).map(([line, at, bytes]) => {
      const buffer = Buffer.from(line);
      buffer.set(bytes.subarray(0, Math.max(0, buffer.length - at)), Math.min(at, buffer.length));
      return buffer;
    });
    const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 4, arbitrary: broken }, bytes), { maxLength: 12 }), (all) => {
        const input = Buffer.concat(all.flatMap((one) => [one, Buffer.from('\n')]));
        for (const interest of [EVERYTHING, interestIn(['etc', 'x'], ['203.0.113.9'])]) {
          for (const event of readAuditd(input, { interest }).events) assert.notEqual(event.id, '');
        }
      }),
      { numRuns: 500 },
    );
  });

  const repeated = [
    ['equals signs', '='],
    ['quotes', '"'],
    ['blanks', ' '],
    ['keys', 'a='],
    ['pieces', 'a1[1]= '],
    ['apostrophes', "='"],
    ['braces', 'a={ '],
    ['translations', 'UID='],
    ['NUL bytes in hexadecimal', '00'],
    ['dots', '/..'],
  ] as const;
  for (const [name, unit] of repeated) {
    it(`reads half a megabyte of ${name} as one line`, () => {
      const text = unit.repeat(Math.floor(500_000 / unit.length));
      for (const date of ['1795557600.123:7', '11/24/26 22:00:00.123:7']) {
        for (const [type, before] of [
          ['EXECVE', 'argc=2 '],
          ['PATH', 'item=0 name="'],
          ['PROCTITLE', 'proctitle='],
          ['SYSCALL', 'arch='],
          ['USER_CMD', "msg='"],
          ['SOCKADDR', 'saddr='],
        ]) {
          const line = `type=${type} msg=audit(${date}): ${before}${text}x`;
          for (const interest of [EVERYTHING, interestIn(['needle'])]) {
            assert.equal(readAuditd([line], { interest }).records, 1);
          }
        }
      }
    });
  }
});
