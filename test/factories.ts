import { type Evidence, eventHash } from '#shared/model/evidence.ts';
import type { Sample } from '#shared/model/indicator.ts';
import type { Place } from '#shared/model/place.ts';
import { hourOf, hourStart } from '#shared/model/time.ts';

/** 2026-11-24T22:00:00Z, the hour in which made-up events happen. */
export const NOON = Date.parse('2026-11-24T22:00:00Z');

export const PLACE: Place = {
  account: '111122223333',
  region: 'us-east-1',
  host: 'i-0123456789abcdef0',
  scope: 'host',
};

/** Evidence with what a test does not care for filled in; `events` are made short hashes. */
export function evidenceOf(change: Partial<Evidence> = {}): Evidence {
  const hour = change.hour ?? hourOf(change.first ?? NOON);
  return {
    place: PLACE,
    group: 'miner_execution',
    rule: 'miner_arguments',
    linkKey: '-',
    ruleVersion: 1,
    technique: 'T1496.001',
    strength: 'strong',
    flags: [],
    artifacts: [],
    more: false,
    samples: [],
    why: 'made up',
    ...change,
    hour,
    first: change.first ?? hourStart(hour),
    events: (change.events ?? ['event']).map(eventHash),
  };
}

export function sampleOf(change: Partial<Sample> = {}): Sample {
  return { time: NOON, id: 'event', source: 'auditd', raw: { file: 'made-up.log', line: 1 }, ...change };
}
