import { FALCO } from '#shared/events/falco/reader.ts';
import { StreamReader } from '#shared/events/stream.ts';
import type { ClassId, Event } from '#shared/model/event.ts';
import type { ReaderOptions } from '#shared/model/reader.ts';
import { ALL, type Collected, collector } from '../decode/wrap.ts';

/** Reads text as Falco's output. */
export function readFalco(text: string | Buffer, options: Partial<ReaderOptions> = {}): Collected {
  const sink = collector();
  const reader = new StreamReader([FALCO], ALL, { origin: {}, raw: {}, maxLine: 1_048_576, ...options });
  reader.read(Buffer.from(text), sink);
  reader.finish(sink);
  return sink;
}

/** An alert as one line of JSON; `undefined` takes a member away. */
export function alert(fields: Record<string, unknown> | undefined, change: Record<string, unknown> = {}): string {
  return JSON.stringify({
    hostname: 'ip-192-0-2-10',
    output: '22:00:01.123456789: Critical Something happened (made=up)',
    output_fields: fields,
    priority: 'Critical',
    rule: 'Something happened',
    source: 'syscall',
    tags: ['container', 'mitre_impact'],
    time: '2026-11-24T22:00:01.123456789Z',
    ...change,
  });
}

/** The only event of a class that an alert gives. */
export function eventOf<C extends ClassId>(
  text: string,
  wanted: C,
  options: Partial<ReaderOptions> = {},
): Extract<Event, { class: C }> {
  const { events, errors } = readFalco(text, options);
  const found = events.filter((event): event is Extract<Event, { class: C }> => event.class === wanted);
  const [event] = found;
  if (event === undefined || found.length > 1)
    throw new Error(`not one ${wanted}: ${JSON.stringify({ events, errors })}`);
  return event;
}
