import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isQuarantined } from '#shared/classify/quarantine.ts';
import { CLASS, type Event } from '#shared/model/event.ts';
import { NOON } from '../factories.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const base = { claims: {}, raw: {}, id: 'event' };
const launch = (time: number): Event => ({ ...base, class: CLASS.process, source: 'auditd', time, process: {} });
const flow = (start: number, end: number): Event => ({
  ...base,
  class: CLASS.network,
  source: 'vpc-flow',
  time: NOON,
  start,
  end,
  dst: { ip: '203.0.113.9' },
});

const TIMES: readonly [string, Event, boolean][] = [
  ['now', launch(NOON), false],
  ['14 days back', launch(NOON - 14 * DAY), false],
  ['a millisecond more than 14 days back', launch(NOON - 14 * DAY - 1), true],
  ['2 hours ahead', launch(NOON + 2 * HOUR), false],
  ['a millisecond more than 2 hours ahead', launch(NOON + 2 * HOUR + 1), true],
  ['at no time', launch(Number.NaN), true],
  ['a flow of a minute', flow(NOON, NOON + 60_000), false],
  ['a flow that began before', flow(NOON - 15 * DAY, NOON), true],
  ['a flow that ends after', flow(NOON, NOON + 3 * HOUR), true],
];
for (const [name, event, quarantined] of TIMES) {
  test(`${quarantined ? 'quarantines' : 'takes'} an event ${name}`, () => {
    assert.equal(isQuarantined(event, NOON), quarantined);
  });
}
