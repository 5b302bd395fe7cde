import { gzipSync } from 'node:zlib';
import { envelopeFormats } from '#shared/events/decode/envelopes.ts';
import { FALCO } from '#shared/events/falco/reader.ts';
import { StreamReader } from '#shared/events/stream.ts';
import { CLASS, type Event } from '#shared/model/event.ts';
import type { Format, Interest, ParseError, ReaderOptions, Sink } from '#shared/model/reader.ts';

/** An interest that wants all. */
export const ALL: Interest = { text: () => true, name: () => true, address: () => true, everything: true };

/** A format of lines `fake TIME TEXT`, each an event of its own with the text as the executable. */
export const FAKE: Format = {
  name: 'fake',
  look: 'process',
  recognises: (chunk, from, to) => chunk.toString('latin1', from, Math.min(to, from + 5)) === 'fake ',
  make(_interest, options) {
    let lines = 0;
    return {
      get lines() {
        return lines;
      },
      read(chunk, from, end, sink) {
        let at = from;
        while (at < end) {
          const feed = chunk.indexOf(10, at);
          const to = feed < 0 || feed > end ? end : feed;
          if (!FAKE.recognises(chunk, at, to)) break;
          lines += 1;
          const [, time = '', ...rest] = chunk.toString('utf8', at, to).split(' ');
          sink.read(1);
          sink.event(fakeEvent(Number(time), rest.join(' '), options, lines), [lines]);
          at = Math.min(to + 1, end);
        }
        sink.settled(lines);
        return at;
      },
      finish() {},
    };
  },
};

function fakeEvent(time: number, text: string, options: ReaderOptions, line: number): Event {
  return {
    class: CLASS.process,
    time,
    claims: options.origin,
    raw: { ...options.raw, line },
    id: `${time}/${text}`,
    source: 'fake',
    process: { executable: text },
  };
}

export interface Collected {
  readonly events: Event[];
  readonly lines: (readonly number[])[];
  readonly errors: { readonly kind: ParseError['kind']; readonly line: number; readonly text: string }[];
  readonly formats: Map<string, number>;
}

/** A sink that keeps all, and fails when a settled line is named again, unless readers of several formats share it. */
export function collector(strict = true): Collected & Sink {
  const all: Collected = { events: [], lines: [], errors: [], formats: new Map() };
  let done = 0;
  const check = (line: number): void => {
    if (strict && line <= done) throw new Error(`line ${line} is named after ${done} was settled`);
  };
  return Object.assign(all, {
    event(event: Event, lines: readonly number[]) {
      for (const line of lines) check(line);
      all.events.push(event);
      all.lines.push(lines);
    },
    unreadable(error: ParseError, line: number) {
      check(line);
      all.errors.push({ kind: error.kind, line, text: Buffer.from(error.bytes).toString('utf8') });
    },
    read(records: number, format = '') {
      all.formats.set(format, (all.formats.get(format) ?? 0) + records);
    },
    time() {},
    settled(line: number) {
      done = Math.max(done, line);
    },
  });
}

const PAYLOADS = [FAKE, FALCO];
export const FORMATS: readonly Format[] = [...envelopeFormats(PAYLOADS), ...PAYLOADS];

export const RAW = { file: 'made-up.log' };

/** Reads a text with all formats, in chunks as given, each but the last ending at a line end. */
export function readAll(chunks: readonly (string | Buffer)[], options: Partial<ReaderOptions> = {}): Collected {
  const sink = collector();
  const reader = new StreamReader(FORMATS, ALL, { origin: {}, raw: RAW, maxLine: 1_048_576, ...options });
  for (const chunk of chunks) reader.read(Buffer.from(chunk), sink);
  reader.finish(sink);
  return sink;
}

/** The executables of the process events, in the order in which they came. */
export function executables(collected: Collected): (string | undefined)[] {
  return collected.events.map((event) => (event.class === CLASS.process ? event.process.executable : undefined));
}

export interface LogEvent {
  readonly id?: string;
  readonly timestamp?: number;
  readonly message: string;
}

/** A subscription payload as CloudWatch Logs makes it. */
export function payload(events: readonly LogEvent[], change: Record<string, unknown> = {}): string {
  return JSON.stringify({
    messageType: 'DATA_MESSAGE',
    owner: '111122223333',
    logGroup: '/made/up',
    logStream: 'i-0123456789abcdef0',
    subscriptionFilters: ['davylamp'],
    logEvents: events.map(({ id = '', timestamp = 1_795_557_600_000, message }) => ({ id, timestamp, message })),
    ...change,
  });
}

/** base64 of gzip. */
export function packed(text: string): string {
  return gzipSync(text).toString('base64');
}
