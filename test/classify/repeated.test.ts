import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { onceForRepeated } from '#shared/classify/repeated.ts';
import { CLASS, type Event, type ProcessActivity } from '#shared/model/event.ts';
import { EMPTY_WATCH_LIST } from '#shared/model/intel.ts';
import { NOON } from '../factories.ts';

const launch = (change: Partial<ProcessActivity> = {}): ProcessActivity => ({
  class: CLASS.process,
  time: NOON,
  claims: { hostName: 'web-1' },
  raw: { line: 1 },
  id: 'web-1/1:1',
  source: 'auditd',
  process: { pid: 7, parentPid: 1, executable: '/usr/bin/id', argv: ['id'], session: '3' },
  ...change,
});

function counted(): { ask: (event: Event) => string; readonly asked: number } {
  const calls: Event[] = [];
  return {
    ask: (event) => {
      calls.push(event);
      return JSON.stringify(event.class === CLASS.process ? [event.process.argv, event.claims] : event.class);
    },
    get asked() {
      return calls.length;
    },
  };
}

test('asks once for launches that differ in time, process and place in the log alone', () => {
  const question = counted();
  const once = onceForRepeated(question.ask);
  const first = launch();
  const again = launch({
    time: NOON + 1,
    id: 'web-1/1:2',
    raw: { line: 9 },
    clamped: true,
    process: { ...first.process, pid: 8, parentPid: 2 },
  });
  assert.equal(once(first, EMPTY_WATCH_LIST), once(again, EMPTY_WATCH_LIST));
  assert.equal(question.asked, 1);
});

const { process } = launch();
for (const [what, other] of Object.entries<Partial<ProcessActivity>>({
  arguments: { process: { ...process, argv: ['id', '-u'] } },
  executable: { process: { ...process, executable: '/tmp/id' } },
  session: { process: { ...process, session: '4' } },
  environment: { process: { ...process, environment: { LD_PRELOAD: '/tmp/a.so' } } },
  parent: { process: { ...process, parentName: 'nginx' } },
  'exactness of the arguments': { process: { ...process, exact: false } },
  claims: { claims: { hostName: 'web-2' } },
  success: { success: false },
  source: { source: 'falco' },
  truncation: { truncated: true },
})) {
  test(`asks again for a launch with another ${what}`, () => {
    const question = counted();
    const once = onceForRepeated(question.ask);
    once(launch(), EMPTY_WATCH_LIST);
    once(launch(other), EMPTY_WATCH_LIST);
    assert.equal(question.asked, 2);
  });
}

test('asks again under another watch list, for long launches and for events that are no launches', () => {
  const question = counted();
  const once = onceForRepeated(question.ask);
  const long = launch({ process: { argv: ['x'.repeat(5000)] } });
  const file: Event = { ...launch(), class: CLASS.file, activity: 'create', path: '/etc/cron.d/a', actor: {} };
  for (const event of [launch(), long, file, long, file]) once(event, EMPTY_WATCH_LIST);
  once(launch(), { ...EMPTY_WATCH_LIST });
  assert.equal(question.asked, 6);
});

test('gives what the question itself gives, however many different launches there are', () => {
  const arbitrary = fc.array(fc.tuple(fc.nat(4000), fc.constantFrom('a', 'b')), { maxLength: 60 });
  fc.assert(
    fc.property(arbitrary, (all) => {
      const question = counted();
      const once = onceForRepeated(question.ask);
      for (const [number, host] of all) {
        const event = launch({ claims: { hostName: host }, process: { pid: number, argv: ['id', `${number % 7}`] } });
        assert.equal(once(event, EMPTY_WATCH_LIST), question.ask(event));
      }
    }),
  );
  const question = counted();
  const once = onceForRepeated(question.ask);
  for (let number = 0; number < 5000; number += 1) once(launch({ process: { argv: [`${number}`] } }), EMPTY_WATCH_LIST);
  assert.equal(
    once(launch({ process: { argv: ['17'] } }), EMPTY_WATCH_LIST),
    question.ask(launch({ process: { argv: ['17'] } })),
  );
});
