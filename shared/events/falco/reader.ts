import type { RawPointer } from '#shared/model/event.ts';
import type { Format, FormatReader, ReaderOptions, Sink } from '#shared/model/reader.ts';
import { dropBlanks, holdTime, isBlank, lineBeginning, lineEnd, skipBlanks } from '../byte-lines.ts';
import { jsonAlert, textAlert } from './alert.ts';
import { alertTime } from './alert-time.ts';
import { alertClaims } from './claims.ts';
import { eventsOf } from './events.ts';
import { type AlertStart, alertStart } from './line.ts';

/** Alerts are few: each is parsed, whatever the interest. */
class FalcoReader implements FormatReader {
  readonly #options: ReaderOptions;
  #lines = 0;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  get lines(): number {
    return this.#lines;
  }

  read(chunk: Buffer, from: number, end: number, sink: Sink): number {
    let at = from;
    while (at < end) {
      const feed = lineEnd(chunk, at, end);
      const start = skipBlanks(chunk, at, feed);
      const to = dropBlanks(chunk, start, feed);
      if (start < to ? !this.#line(chunk, start, to, sink) : !isBlank(chunk, at, feed)) break;
      this.#lines++;
      at = Math.min(feed + 1, end);
    }
    if (this.#lines > 0) sink.settled(this.#lines);
    return at;
  }

  finish(): void {}

  #line(chunk: Buffer, from: number, to: number, sink: Sink): boolean {
    const number = this.#lines + 1;
    if (to - from > this.#options.maxLine) {
      sink.unreadable({ kind: 'too-long', bytes: lineBeginning(chunk, from, to) }, number);
      return true;
    }
    const start = alertStart(chunk, from, to);
    if (start === undefined) return false;
    this.#alert(chunk, start, to, number, sink);
    return true;
  }

  #alert(chunk: Buffer, start: AlertStart, to: number, number: number, sink: Sink): void {
    const bytes = lineBeginning(chunk, start.at, to);
    const alert = start.json ? jsonAlert(chunk, start.at, to) : textAlert(chunk, start.at, to);
    if (typeof alert === 'string') {
      sink.unreadable({ kind: alert, bytes }, number);
      return;
    }
    if (alert.truncated) sink.unreadable({ kind: 'truncated', bytes }, number);
    const { envelopeTime, origin } = this.#options;
    const told = alertTime(alert, envelopeTime);
    if (told === undefined) {
      if (!alert.truncated) sink.unreadable({ kind: 'missing-field', bytes }, number);
      return;
    }
    const ms = holdTime(told.ms, envelopeTime);
    const time = { ms, text: told.text };
    sink.read(1);
    sink.time(ms);
    for (const event of eventsOf(alert, { time, claims: alertClaims(alert, origin), raw: this.#pointer(number) })) {
      sink.event(ms === told.ms ? event : { ...event, clamped: true }, [number]);
    }
  }

  #pointer(line: number): RawPointer {
    const { raw, eventId } = this.#options;
    return { ...raw, line, ...(eventId !== undefined && { eventId }) };
  }
}

/**
 * Falco's alerts, JSON or text, with or without a syslog header (falco-website: docs/concepts/outputs; falco:
 * userspace/engine/formats.cpp).
 */
export const FALCO: Format = {
  name: 'falco',
  look: 'process',
  recognises: (chunk, from, to) => alertStart(chunk, from, to) !== undefined,
  make: (_interest, options) => new FalcoReader(options),
};
