import { lineBeginning, lineEnd } from '#shared/events/byte-lines.ts';
import type { Format, FormatReader, Interest, ParseError, ReaderOptions, Sink } from '#shared/model/reader.ts';
import { eachEarlier } from './event-lines.ts';
import { parseEventKey } from './event-time.ts';
import { Header } from './header.ts';
import { isSkipped } from './line-prefix.ts';
import { PendingEvents } from './pending-events.ts';
import { Prefilter } from './prefilter.ts';
import { RecentLines } from './recent-lines.ts';
import { settle } from './settle.ts';

const CARRIAGE_RETURN = 13;
/** Of the lines that give no event, each of so many tells its time. */
const TIME_SAMPLE = 64;
/** How a line of auditd's that is no record is counted. */
const FAULTS = { undated: 'bad-number', damaged: 'missing-field', cut: 'truncated' } as const;
/** How often, in lines, the bound of what later calls may name is worked out. */
const SETTLED_STEP = 256;
const MAX_KEY = 64;

/**
 * Reads auditd's raw log, its enriched form, and the same behind syslog and kernel log prefixes. Lines of one event are
 * found by node and key, whatever their order and whatever stands between them: a line that may matter pulls the lines
 * before it out of the last 4,096, later ones join it, and the event is settled when 4,096 lines brought none of it, or
 * at the end. EOE closes nothing, for it may come early or never.
 */
class AuditdReader implements FormatReader {
  readonly #options: ReaderOptions;
  readonly #prefilter: Prefilter;
  readonly #header = new Header();
  readonly #recent = new RecentLines();
  readonly #pending = new PendingEvents();
  #line = 0;
  #settledAt = 0;

  constructor(interest: Interest, options: ReaderOptions) {
    this.#options = options;
    this.#prefilter = new Prefilter(interest);
  }

  get lines(): number {
    return this.#line;
  }

  read(chunk: Buffer, from: number, end: number, sink: Sink): number {
    const before = this.#recent.count;
    this.#recent.open(chunk);
    this.#prefilter.open();
    let at = from;
    while (at < end) {
      const lineFeed = lineEnd(chunk, at, end);
      const to = lineFeed > at && chunk[lineFeed - 1] === CARRIAGE_RETURN ? lineFeed - 1 : lineFeed;
      if (!this.#readLine(chunk, at, to, sink)) break;
      at = lineFeed + 1;
    }
    this.#recent.close();
    if (this.#recent.count > before) sink.read(this.#recent.count - before);
    this.#reportSettled(sink);
    return Math.min(at, end);
  }

  finish(sink: Sink): void {
    for (const event of this.#pending.drain()) settle(event, false, this.#options, sink);
    sink.settled(this.#line);
  }

  /** False, and nothing done, for a line of another format. */
  #readLine(chunk: Buffer, from: number, to: number, sink: Sink): boolean {
    const header = this.#header;
    const kind = header.scan(chunk, from, to);
    if (kind === 'other' && !isSkipped(chunk, from, to)) return false;
    this.#line += 1;
    if (kind === 'record') {
      if (to - from > this.#options.maxLine) this.#unreadable('too-long', chunk, from, to, sink);
      else this.#record(chunk, from, to, sink);
    } else if (kind !== 'other') {
      this.#unreadable(FAULTS[kind], chunk, from, to, sink);
    }
    return true;
  }

  #record(chunk: Buffer, from: number, to: number, sink: Sink): void {
    const header = this.#header;
    const recent = this.#recent;
    const sequence = recent.count + 1;
    let event = this.#pending.find(chunk, header);
    if (event === undefined && this.#prefilter.wants(chunk, header, to, recent)) {
      const opened = this.#pending.open(chunk, header);
      eachEarlier(chunk, header, recent, (earlier, itsHeader) => {
        this.#pending.join(opened, earlier.bytes, itsHeader, earlier.to, earlier.line, sequence);
      });
      event = opened;
    }
    if (event !== undefined) {
      event.envelopeTime = this.#options.envelopeTime;
      event.eventId = this.#options.eventId;
      this.#pending.join(event, chunk, header, to, this.#line, sequence);
    } else if (sequence % TIME_SAMPLE === 1) {
      this.#sampleTime(chunk, sink);
    }
    recent.add(header.hash, header.type, from, to, this.#line);
    for (let due = this.#pending.nextDue(sequence); due !== undefined; due = this.#pending.nextDue(sequence)) {
      settle(due.event, due.early, this.#options, sink);
    }
  }

  #sampleTime(chunk: Buffer, sink: Sink): void {
    const { keyFrom, keyTo } = this.#header;
    const key = parseEventKey(chunk.toString('latin1', keyFrom, Math.min(keyTo, keyFrom + MAX_KEY)));
    if (key !== undefined) sink.time(key.time);
  }

  #unreadable(kind: ParseError['kind'], chunk: Buffer, from: number, to: number, sink: Sink): void {
    sink.unreadable({ kind, bytes: lineBeginning(chunk, from, to) }, this.#line);
  }

  /** A later line may still pull any line that is remembered, and name it. */
  #reportSettled(sink: Sink): void {
    if (this.#line - this.#settledAt < SETTLED_STEP) return;
    this.#settledAt = this.#line;
    const open = Math.min(this.#recent.oldestLine(), this.#pending.firstLine(), this.#line + 1);
    if (open > 1) sink.settled(open - 1);
  }
}

/** auditd's own log format (audit-userspace, src/auditd-event.c), as hosts, syslog and the kernel's ring write it. */
export const AUDITD: Format = {
  name: 'auditd',
  look: 'process',
  recognises: (chunk, from, end) => {
    const kind = new Header().scan(chunk, from, end);
    return kind === 'record' || kind === 'undated';
  },
  make: (interest, options) => new AuditdReader(interest, options),
};
