import type { Format, FormatReader, Interest, ParseError, ReaderOptions, Sink } from '#shared/model/reader.ts';
import { isEventTime } from '#shared/model/time.ts';
import { decimal, dropBlanks, holdTime, isBlank, lineBeginning, skipByteOrderMark } from '../byte-lines.ts';
import { headerFields, MAX_FIELDS } from './fields.ts';
import {
  type Bounds,
  compileLayout,
  DEFAULT_LAYOUT,
  isProvableCount,
  type Layout,
  lineFeedOf,
  lineValues,
  looksTyped,
  makeBounds,
  provenLayout,
  splitFields,
  valueFault,
  valueStart,
} from './layout.ts';
import { belongsElsewhere, isFlowHeader, isFlowRecord } from './recognise.ts';
import { FlowLine, flowEvent } from './record.ts';

/** What a user must do about `field-count`: the number of values is no proof of their order. */
export const FLOW_FORMAT_ADVICE =
  "the order of this flow log's fields must be named, as in --flow-format 'version srcaddr dstaddr …' (its LogFormat)";

/** Of skipped lines one in so many gives its time to the summary. */
const SAMPLE_EVERY = 1_024;

/**
 * Amazon VPC and Transit Gateway flow logs as text. The order of fields is the header's, else the configured one, else
 * the default; one pass over the bytes, and no string for a line whose addresses are of no interest.
 */
export const VPC_FLOW: Format = {
  name: 'vpc-flow',
  look: 'flow',
  recognises: (chunk, from, end) => isFlowHeader(chunk, from, end) || isFlowRecord(chunk, from, end),
  make: (interest, options) => new FlowReader(interest, options),
};

class FlowReader implements FormatReader {
  readonly #interest: Interest;
  readonly #options: ReaderOptions;
  readonly #bounds: Bounds = makeBounds();
  #layout: Layout;
  #line = 0;
  #untilSample = 0;
  /** Offset of the last skipped line of this chunk and this layout, or -1. */
  #lastSkipped = -1;

  constructor(interest: Interest, options: ReaderOptions) {
    this.#interest = interest;
    this.#options = options;
    const { flowFormat } = options;
    this.#layout = flowFormat === undefined ? DEFAULT_LAYOUT : compileLayout(flowFormat.slice(0, MAX_FIELDS), true);
  }

  read(chunk: Buffer, from: number, end: number, sink: Sink): number {
    const bounds = this.#bounds;
    let at = from;
    let records = 0;
    this.#lastSkipped = -1;
    this.#untilSample = 0;
    while (at < end) {
      const start = this.#line === 0 ? skipByteOrderMark(chunk, at, end) : at;
      const count = splitFields(chunk, start, end, bounds);
      const next = lineFeedOf(bounds) + 1;
      if (this.#isRegular(chunk, start, count) || this.#relayout(chunk, start, count)) {
        this.#line += 1;
        if (this.#interests(chunk, start)) records += this.#candidate(chunk, start, sink);
        else {
          records += 1;
          this.#lastSkipped = start;
          this.#untilSample -= 1;
          if (this.#untilSample < 0) this.#sample(chunk, start, sink);
        }
      } else if (!this.#irregular(chunk, start, count, sink)) break;
      at = next;
    }
    if (this.#lastSkipped >= 0) {
      splitFields(chunk, this.#lastSkipped, end, bounds);
      this.#sample(chunk, this.#lastSkipped, sink);
    }
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

  #isRegular(chunk: Buffer, from: number, count: number): boolean {
    const layout = this.#layout;
    return (
      count === layout.names.length &&
      layout.addressed &&
      lineFeedOf(this.#bounds) - from <= this.#options.maxLine &&
      looksTyped(layout, chunk, from, this.#bounds)
    );
  }

  #interests(chunk: Buffer, from: number): boolean {
    const interest = this.#interest;
    if (interest.everything) return true;
    const columns = this.#layout.addressColumns;
    const bounds = this.#bounds;
    for (let index = 0; index < columns.length; index += 1) {
      const column = columns[index] as number;
      if (interest.address(chunk, valueStart(bounds, column, from), bounds[column] as number)) return true;
    }
    return false;
  }

  /** Gives the number of records read: none where the line turns out to be unreadable. */
  #candidate(chunk: Buffer, from: number, sink: Sink): number {
    const record = new FlowLine(chunk, from, this.#layout, this.#bounds);
    const outcome = flowEvent(record, this.#layout, this.#options, this.#line);
    if (outcome === 'no-data') return 1;
    if (typeof outcome === 'string') {
      this.#unreadable(outcome, chunk, from, sink);
      return 0;
    }
    sink.event(outcome, [this.#line]);
    sink.time(outcome.time);
    return 1;
  }

  /** Another known order, proved by this line's own values, is the stream's from here on; named orders stay. */
  #relayout(chunk: Buffer, from: number, count: number): boolean {
    const tooLong = lineFeedOf(this.#bounds) - from > this.#options.maxLine;
    if (this.#layout.named || tooLong || !isProvableCount(count)) return false;
    const proven = provenLayout(lineValues(chunk, from, count, this.#bounds));
    if (proven === undefined || proven === this.#layout) return false;
    this.#setLayout(proven);
    return true;
  }

  /** Takes a line that is no record of the stream's order; false where it belongs to another format. */
  #irregular(chunk: Buffer, from: number, count: number, sink: Sink): boolean {
    const end = lineFeedOf(this.#bounds);
    const blank = isBlank(chunk, from, end);
    if (!blank && (dropBlanks(chunk, from, end) === from || belongsElsewhere(chunk, from, end))) return false;
    this.#line += 1;
    if (blank) return true;
    if (end - from > this.#options.maxLine) {
      this.#unreadable('too-long', chunk, from, sink);
      return true;
    }
    const header = this.#header(chunk, from, count);
    if (header !== undefined) this.#setLayout(compileLayout(header, true));
    else this.#unreadable(this.#fault(chunk, from, count), chunk, from, sink);
    return true;
  }

  #setLayout(layout: Layout): void {
    this.#layout = layout;
    this.#lastSkipped = -1;
  }

  #header(chunk: Buffer, from: number, count: number): readonly string[] | undefined {
    if (count > MAX_FIELDS) return undefined;
    return headerFields(lineValues(chunk, from, count, this.#bounds));
  }

  #fault(chunk: Buffer, from: number, count: number): ParseError['kind'] {
    const layout = this.#layout;
    if (count !== layout.names.length) return 'field-count';
    if (!layout.addressed) return 'missing-field';
    return valueFault(layout, lineValues(chunk, from, count, this.#bounds));
  }

  #sample(chunk: Buffer, from: number, sink: Sink): void {
    this.#untilSample = SAMPLE_EVERY;
    const column = this.#layout.columns.get('end') ?? this.#layout.columns.get('start');
    if (column === undefined) {
      if (this.#options.envelopeTime !== undefined) sink.time(this.#options.envelopeTime);
      return;
    }
    const seconds = decimal(chunk, valueStart(this.#bounds, column, from), this.#bounds[column] as number);
    if (seconds !== undefined && isEventTime(seconds * 1_000)) {
      sink.time(holdTime(seconds * 1_000, this.#options.envelopeTime));
    }
  }

  #unreadable(kind: ParseError['kind'], chunk: Buffer, from: number, sink: Sink): void {
    sink.unreadable({ kind, bytes: lineBeginning(chunk, from, lineFeedOf(this.#bounds)) }, this.#line);
  }
}
