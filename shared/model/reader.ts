import type { Event } from './event.ts';
import type { Claims } from './place.ts';

/** Why a record could not be read; `bytes` is the beginning of it, at most 256 bytes. */
export interface ParseError {
  readonly kind:
    | 'not-json'
    | 'missing-field'
    | 'bad-number'
    | 'field-count'
    | 'truncated'
    | 'too-long'
    | 'unknown-format'
    | 'wrong-log-type';
  readonly bytes: Uint8Array;
}

/** Where a reader puts what it found. Lines count from 1 from the start of the stream. */
export interface Sink {
  event(event: Event, lines: readonly number[]): void;
  unreadable(error: ParseError, line: number): void;
  /** Records that were read, whether or not they were worth an event. Called with increments; envelopes name the inner format. */
  read(records: number, format?: string): void;
  /** The event times of what was read, for the summary; milliseconds. Exact for events, sampled for skipped lines. */
  time(at: number, format?: string): void;
  /** No later call names a line at or before this one. */
  settled(line: number): void;
}

/** What a reader must not skip: made from rules, analyzers, lists and watch list by `classify/interest`. */
export interface Interest {
  /** Whether bytes [from, to) may hold a needle in any case, or a run that looks like a wallet or base64. Never misses one. */
  text(bytes: Uint8Array, from: number, to: number): boolean;
  /** Whether the DNS name in [from, to), any case, trailing dot or search suffix, may be listed or learned. */
  name(bytes: Uint8Array, from: number, to: number): boolean;
  /** Whether the address text in [from, to) may be listed, learned or bound. */
  address(bytes: Uint8Array, from: number, to: number): boolean;
  /** A rule without a literal is loaded: skip nothing. */
  readonly everything: boolean;
}

/** One reader for each stream: a file, or one log stream of an envelope. */
export interface FormatReader {
  /**
   * Takes whole lines of chunk[from, end) (the last may lack its line end only at the end of the stream); stops before
   * the first line of another format and gives its offset, else `end`. Copies what it keeps.
   */
  read(chunk: Buffer, from: number, end: number, sink: Sink): number;
  /** Settles everything that is still open. */
  finish(sink: Sink): void;
  /** Lines taken so far, those of calls before included: several readers may share a stream, each with its own numbers. */
  readonly lines: number;
}

export interface ReaderOptions {
  /** Field names of a flow log without a header, in order. */
  readonly flowFormat?: readonly string[];
  /** What the trigger says of all records of this stream. */
  readonly origin: Claims;
  /** The trigger's pointer to this stream: file, or group and stream. */
  readonly raw: { file?: string; bucket?: string; key?: string; logGroup?: string; logStream?: string };
  /** Longest line in bytes; longer ones are counted as `too-long`. */
  readonly maxLine: number;
  /** Time of the envelope around the next lines, for formats without one and for holding clocks; milliseconds. */
  envelopeTime?: number;
  /** CloudWatch Logs event id of the line being read. */
  eventId?: string;
}

export type MakeReader = (interest: Interest, options: ReaderOptions) => FormatReader;

/** Which sort of evidence a format can give, hence in which look it is read. */
export type Look = 'process' | 'resolver' | 'flow';

export interface Format {
  /** `auditd`, `falco`, `vpc-flow`, `resolver`, … */
  readonly name: string;
  readonly look: Look;
  /** Whether the line [from, end) of the chunk is of this format. Cheap; never throws. */
  recognises(chunk: Buffer, from: number, end: number): boolean;
  readonly make: MakeReader;
}
