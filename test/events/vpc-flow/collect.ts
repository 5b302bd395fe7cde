import { canonicalAddress } from '#shared/model/address.ts';
import type { Event } from '#shared/model/event.ts';
import type { Format, Interest, ReaderOptions, Sink } from '#shared/model/reader.ts';

export interface Collected {
  readonly events: Event[];
  readonly lines: number[];
  readonly errors: { kind: string; line: number; text: string }[];
  readonly times: number[];
  records: number;
  settled: number;
  /** Offset at which the reader stopped. */
  stopped: number;
}

export const OPTIONS: ReaderOptions = { origin: {}, raw: { file: 'input.log' }, maxLine: 1_000_000 };

/** An interest in addresses and in names with all names below them. */
export function interestIn(addresses: readonly string[], names: readonly string[] = []): Interest {
  const text = (bytes: Uint8Array, from: number, to: number): string =>
    Buffer.from(bytes.subarray(from, to)).toString('latin1').toLowerCase();
  const wanted = new Set(addresses.map((one) => canonicalAddress(one)));
  return {
    everything: false,
    text: () => false,
    address: (bytes, from, to) => wanted.has(canonicalAddress(text(bytes, from, to)) ?? '-'),
    name: (bytes, from, to) => {
      const asked = `.${text(bytes, from, to).replace(/\.$/, '')}`;
      return names.some((name) => asked.endsWith(`.${name}`));
    },
  };
}

export const EVERYTHING: Interest = { everything: true, text: () => true, address: () => true, name: () => true };

/** Reads an input in the given cuts (offsets at line starts) and collects what the reader says. */
export function collect(
  format: Format,
  input: string | Buffer,
  interest: Interest = EVERYTHING,
  options: ReaderOptions = OPTIONS,
  cuts: readonly number[] = [],
): Collected {
  const bytes = typeof input === 'string' ? Buffer.from(input) : input;
  const got: Collected = { events: [], lines: [], errors: [], times: [], records: 0, settled: 0, stopped: 0 };
  const sink: Sink = {
    event: (event, lines) => {
      got.events.push(event);
      got.lines.push(...lines);
    },
    unreadable: (error, line) =>
      got.errors.push({ kind: error.kind, line, text: Buffer.from(error.bytes).toString('latin1') }),
    read: (records) => {
      got.records += records;
    },
    time: (at) => got.times.push(at),
    settled: (line) => {
      got.settled = line;
    },
  };
  const reader = format.make(interest, options);
  for (const end of [...cuts, bytes.length]) {
    got.stopped = reader.read(bytes, got.stopped, end, sink);
    if (got.stopped < end) break;
  }
  reader.finish(sink);
  return got;
}

/** Offsets after the line feeds of an input, those chosen by `keep`. */
export function lineStarts(input: string | Buffer, keep: (index: number) => boolean): number[] {
  const bytes = typeof input === 'string' ? Buffer.from(input) : input;
  const starts = [...bytes.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1);
  return starts.filter((_, index) => keep(index));
}
