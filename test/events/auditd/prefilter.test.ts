import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Event } from '#shared/model/event.ts';
import type { Interest } from '#shared/model/reader.ts';
import { interestIn, NOTHING, readAuditd } from './collect.ts';
import { ADDRESSES, NEEDLE, PATH_NEEDLE, type RandomLog, randomLog, randomPathLog } from './random-events.ts';

const serialOf = (event: Event) => event.id.slice(event.id.lastIndexOf(':') + 1);

function holdsAgainstFullPath(log: RandomLog, interest: Interest, cuts: readonly number[]): void {
  const full = readAuditd(log.lines).events;
  const seen = readAuditd(log.lines, { interest, cuts }).events;
  const wanted = full.filter((event) => log.wanted.has(serialOf(event)));
  assert.deepEqual(
    seen.filter((event) => log.wanted.has(serialOf(event))),
    wanted,
  );
  assert.deepEqual(new Set(wanted.map(serialOf)), log.wanted);
  const known = new Set(full.map((event) => JSON.stringify(event)));
  for (const event of seen) assert.ok(known.has(JSON.stringify(event)));
}

describe('the prefilter against the full path', () => {
  const cuts = fc.array(fc.nat({ max: 12_000 }), { maxLength: 4 }).map((all) => all.sort((a, b) => a - b));

  it('loses no event that holds a needle, in any encoding, order and cut', () => {
    const interest = interestIn([NEEDLE], ADDRESSES);
    fc.assert(
      fc.property(randomLog, cuts, (log, where) => holdsAgainstFullPath(log, interest, where)),
      { numRuns: 400 },
    );
  });

  it('loses no event of which only the resolved path holds a needle', () => {
    const interest = interestIn([PATH_NEEDLE]);
    fc.assert(
      fc.property(randomPathLog, cuts, (log, where) => holdsAgainstFullPath(log, interest, where)),
      { numRuns: 200 },
    );
  });

  it('gives the same events wherever a chunk is cut', () => {
    const [log] = fc.sample(randomLog, { numRuns: 1, seed: 20261124 });
    assert.ok(log !== undefined && log.wanted.size > 3);
    const interest = interestIn([NEEDLE], ADDRESSES);
    const whole = readAuditd(log.lines, { interest });
    const bytes = Buffer.byteLength(log.lines.join('\n'));
    for (let cut = 1; cut < bytes; cut += 1) {
      assert.deepEqual(readAuditd(log.lines, { interest, cuts: [cut] }).events, whole.events);
    }
  });

  it('makes nothing of lines that hold nothing of interest', () => {
    const lines = [
      'type=SYSCALL msg=audit(1795557600.123:1): arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=1 a2=1 a3=8 items=2 ppid=1 pid=2 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 comm="ls" exe="/usr/bin/ls" key="exec"',
      'type=EXECVE msg=audit(1795557600.123:1): argc=2 a0="ls" a1=612062',
      'type=CWD msg=audit(1795557600.123:1): cwd="/root"',
      'type=PATH msg=audit(1795557600.123:1): item=0 name="./bin/ls" inode=1 nametype=NORMAL',
      'type=PROCTITLE msg=audit(1795557600.123:1): proctitle=6C7300612062',
      'type=SOCKADDR msg=audit(1795557600.123:1): saddr=02000050C6336407',
      'type=EOE msg=audit(1795557600.123:1): ',
    ];
    const { events, records } = readAuditd(lines, { interest: NOTHING });
    assert.deepEqual([events, records], [[], 7]);
  });

  describe('in records of an execution that was looked at', () => {
    const execution = (success: string, exe = '"/usr/bin/bash"') =>
      `type=SYSCALL msg=audit(1795557600.123:1): arch=c000003e syscall=59 success=${success} exit=0 a0=1 a1=1 a2=1 a3=8 items=2 ppid=1 pid=2 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 comm="bash" exe=${exe} key="exec"`;
    const record = (text: string, serial = 1) => `type=${text.replace(' ', ` msg=audit(1795557600.123:${serial}): `)}`;
    const told = record('EXECVE argc=2 a0="bash" a1="-l"');
    const title = record(`PROCTITLE proctitle=${Buffer.from(`bash\0${NEEDLE}`).toString('hex').toUpperCase()}`);
    const program = record(`PATH item=0 name="/opt/${NEEDLE}" nametype=NORMAL`);
    const found = (lines: readonly string[]) => readAuditd(lines, { interest: interestIn([NEEDLE]) }).events;

    it('asks no more for what the event will not hold: a title beside arguments, a path beside the program', () => {
      const lines = [execution('yes'), told, title, program];
      assert.deepEqual(found(lines), []);
      assert.ok(
        !JSON.stringify(readAuditd(lines).events.map((event) => ('process' in event ? event.process : 0))).includes(
          NEEDLE,
        ),
      );
    });

    it('asks a title where arguments are lacking, and a path where no program ran or none is named', () => {
      assert.equal(found([execution('yes'), title]).length, 1);
      assert.equal(found([execution('no'), told, program]).length, 1);
      assert.equal(found([execution('yes', '(null)'), told, program]).length, 1);
    });

    it('asks the records of another event that stand between', () => {
      const other = record(`PATH item=0 name="/opt/${NEEDLE}" nametype=CREATE`, 2);
      assert.equal(found([execution('yes'), told, other]).length, 1);
    });

    it('takes each line given alone as it takes all together', () => {
      const lines = [execution('yes'), title, told, program];
      const cuts = lines.map((_, index) => lines.slice(0, index + 1).join('\n').length + 1);
      assert.deepEqual(readAuditd(lines, { interest: interestIn([NEEDLE]), cuts }).events.length, 1);
    });
  });
});
