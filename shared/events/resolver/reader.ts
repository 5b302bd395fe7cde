import type { Format, FormatReader, Interest, ParseError, ReaderOptions, Sink } from '#shared/model/reader.ts';
import { dropBlanks, holdTime, isBlank, lineBeginning, lineEnd, skipBlanks, skipByteOrderMark } from '../byte-lines.ts';
import { ResolverPrefilter } from './prefilter.ts';
import { isPublicZoneLine, isResolverLine } from './recognise.ts';
import { dnsEvent, isOfInterest, parseFields } from './record.ts';
import { parseTimestamp } from './timestamp.ts';

/** Of skipped lines one in so many gives its time to the summary. */
const SAMPLE_EVERY = 1_024;
const OPEN_BRACE = 0x7b;

/**
 * Route 53 Resolver query logs: one JSON object a line. A line whose names and addresses are of no interest is never
 * parsed. Query logs of public zones are taken too, to say that they are the wrong log.
 */
export const RESOLVER: Format = {
  name: 'resolver',
  look: 'resolver',
  recognises: (chunk, from, end) => isResolverLine(chunk, from, end) || isPublicZoneLine(chunk, from, end),
  make: (interest, options) => new ResolverReader(interest, options),
};

class ResolverReader implements FormatReader {
  readonly #interest: Interest;
  readonly #options: ReaderOptions;
  readonly #prefilter: ResolverPrefilter;
  #line = 0;
  #untilSample = 0;

  constructor(interest: Interest, options: ReaderOptions) {
    this.#interest = interest;
    this.#options = options;
    this.#prefilter = new ResolverPrefilter(interest);
  }

  read(chunk: Buffer, from: number, end: number, sink: Sink): number {
    const lines = end === chunk.length ? chunk : chunk.subarray(0, end);
    this.#prefilter.restart();
    this.#untilSample = 0;
    let at = from;
    let records = 0;
    let skippedFrom = -1;
    let skippedTo = -1;
    while (at < end) {
      const feed = lineEnd(lines, at, end);
      const start = skipBlanks(lines, this.#line === 0 ? skipByteOrderMark(lines, at, feed) : at, feed);
      const stop = dropBlanks(lines, start, feed);
      if (stop - start <= this.#options.maxLine && this.#prefilter.isBenign(lines, start, stop)) {
        this.#line += 1;
        records += 1;
        skippedFrom = start;
        skippedTo = stop;
        this.#untilSample -= 1;
        if (this.#untilSample < 0) this.#sample(lines, start, stop, sink);
      } else {
        const ofControls = start === stop && !isBlank(lines, at, feed);
        const read = ofControls ? undefined : this.#other(lines, start, stop, sink);
        if (read === undefined) break;
        records += read;
      }
      at = feed + 1;
    }
    if (skippedFrom >= 0) this.#sample(lines, skippedFrom, skippedTo, sink);
    if (records > 0) sink.read(records);
    sink.settled(this.#line);
    return Math.min(at, end);
  }

  get lines(): number {
    return this.#line;
  }

  finish(sink: Sink): void {
    sink.settled(this.#line);
  }

  /** Takes a line that the prefilter did not reject: gives the number of records read, `undefined` for another format. */
  #other(chunk: Buffer, from: number, to: number, sink: Sink): number | undefined {
    if (from === to) {
      this.#line += 1;
      return 0;
    }
    if (chunk[from] !== OPEN_BRACE) {
      if (!isPublicZoneLine(chunk, from, to)) return undefined;
      this.#line += 1;
      return this.#unreadable('wrong-log-type', chunk, from, to, sink);
    }
    if (to - from > this.#options.maxLine) {
      this.#line += 1;
      return this.#unreadable('too-long', chunk, from, to, sink);
    }
    return this.#parse(chunk, from, to, sink);
  }

  #parse(chunk: Buffer, from: number, to: number, sink: Sink): number | undefined {
    const fields = parseFields(chunk.toString('utf8', from, to));
    if (typeof fields !== 'string' && !isQuery(fields) && !isResolverLine(chunk, from, to)) {
      return undefined;
    }
    this.#line += 1;
    const outcome = typeof fields === 'string' ? fields : dnsEvent(fields, this.#options, this.#line);
    if (typeof outcome === 'string') return this.#unreadable(outcome, chunk, from, to, sink);
    sink.time(outcome.time);
    if (typeof fields !== 'string' && isOfInterest(fields, this.#interest)) sink.event(outcome, [this.#line]);
    return 1;
  }

  #sample(chunk: Buffer, from: number, to: number, sink: Sink): void {
    this.#untilSample = SAMPLE_EVERY;
    const text = this.#prefilter.timestamp(chunk, from, to);
    const time = text === undefined ? undefined : parseTimestamp(text);
    if (time !== undefined) sink.time(holdTime(time, this.#options.envelopeTime));
  }

  #unreadable(kind: ParseError['kind'], chunk: Buffer, from: number, to: number, sink: Sink): number {
    sink.unreadable({ kind, bytes: lineBeginning(chunk, from, to) }, this.#line);
    return 0;
  }
}

function isQuery(fields: object): boolean {
  return Object.hasOwn(fields, 'query_name') && !Object.hasOwn(fields, 'class_uid');
}
