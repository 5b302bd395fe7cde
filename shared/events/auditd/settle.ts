import { holdTime } from '#shared/events/byte-lines.ts';
import type { RawPointer } from '#shared/model/event.ts';
import type { ReaderOptions, Sink } from '#shared/model/reader.ts';
import type { EventBase } from './event-base.ts';
import { type EventKey, parseEventKey } from './event-time.ts';
import type { PendingEvent } from './pending-events.ts';
import { parseRecords } from './record.ts';
import { toEvents } from './to-events.ts';

const MAX_ERROR_BYTES = 256;
/** Host names are shorter (RFC 1035); what is longer is no name but an attack on what stores it. */
const MAX_HOST_NAME = 255;

/**
 * Hands what an audit event amounts to over to the sink. `early`: it was settled for want of room, before its time; that
 * is counted, and its events say that something may be missing.
 */
export function settle(pending: PendingEvent, early: boolean, options: ReaderOptions, sink: Sink): void {
  const key = parseEventKey(pending.key.toString('latin1'));
  if (key === undefined) {
    sink.unreadable({ kind: 'bad-number', bytes: new Uint8Array(pending.key) }, pending.lastLine);
    return;
  }
  const base = baseOf(pending, early, key, options);
  if (early || pending.truncated) {
    const bytes = new Uint8Array(Buffer.from(pending.kept.at(-1)?.body.slice(0, MAX_ERROR_BYTES) ?? '', 'latin1'));
    sink.unreadable({ kind: 'truncated', bytes }, pending.lastLine);
  }
  const lines = [...pending.lines].sort((a, b) => a - b);
  sink.time(base.time);
  for (const event of toEvents(parseRecords(pending.kept), base)) sink.event(event, lines);
}

function baseOf(pending: PendingEvent, early: boolean, key: EventKey, options: ReaderOptions): EventBase {
  const node = pending.node.toString('utf8', 0, MAX_HOST_NAME);
  const time = holdTime(key.time, pending.envelopeTime);
  const raw: RawPointer = { ...options.raw, line: pending.lastLine };
  if (pending.eventId !== undefined) raw.eventId = pending.eventId;
  return {
    time,
    claims: node === '' ? { ...options.origin } : { ...options.origin, hostName: node },
    raw,
    id: `${node === '' ? '-' : node}/${key.text}`,
    source: 'auditd',
    ...(early || pending.truncated ? { truncated: true as const } : {}),
    ...(time === key.time ? {} : { clamped: true as const }),
  };
}
