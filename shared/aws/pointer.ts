import * as v from 'valibot';
import type { Publication } from '../correlate/outbox.ts';
import type { Finding, Transition } from '../model/finding.ts';
import { SEVERITIES } from '../model/groups.ts';

const TRANSITIONS = [
  'opened',
  'escalated',
  'extended',
  'joined',
  'archived',
  'superseded',
] as const satisfies readonly Transition[];

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const pointerSchema = v.object({
  finding: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  place: v.object({ account: name, region: name, host: name, scope: name }),
  episode: count,
  revision: count,
  transition: v.picklist(TRANSITIONS),
  severity: v.picklist(SEVERITIES),
  at: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});

/** What queues get of a transition: where its finding is kept, what happened to it, and when (milliseconds). */
export interface Pointer {
  readonly finding: string;
  readonly place: Finding['place'];
  readonly episode: number;
  readonly revision: number;
  readonly transition: Transition;
  readonly severity: Finding['severity'];
  readonly at: number;
}

/** A pointer as one line of JSON. */
export function pointerText({ finding, episode, revision, transition, at }: Publication): string {
  const { account, region, host, scope } = finding.place;
  const pointer: Pointer = {
    finding: finding.id,
    place: { account, region, host, scope },
    ...{ episode, revision, transition, severity: finding.severity, at },
  };
  return JSON.stringify(pointer);
}

/**
 * The pointer in a message of a queue.
 * @throws Error that names what is wrong, without the text itself
 */
export function readPointer(text: string): Pointer {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('the message is no pointer to a finding: it is not JSON');
  }
  const parsed = v.safeParse(pointerSchema, value);
  if (parsed.success) return parsed.output;
  const keys = parsed.issues.map((issue) => v.getDotPath(issue) ?? 'the whole');
  throw new Error(`the message is no pointer to a finding: ${keys.join(', ')}`);
}
