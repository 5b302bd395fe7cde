import { MAX_ENVELOPE_LINE } from './limits.ts';

const LINE_FEED = 0x0a;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
/** Between two deliveries of CloudWatch Logs without a separator. No JSON string can hold it, since its quote would be escaped. */
const BETWEEN_DELIVERIES = Buffer.from('}{"messageType"');

/**
 * Cuts blocks at line ends: each buffer ends with a line end, but the last. A byte order mark at the beginning is taken
 * away. Of a line longer than `maxLine` bytes, one byte more than that is given, so that its reader sees that it is too
 * long, and the rest is dropped; a JSON line may have 8 MiB, since it may be an envelope of many records. Deliveries of
 * CloudWatch Logs that were written back to back on one long line are given one or several at a time, each buffer
 * counting as a line.
 */
export async function* wholeLines(source: AsyncIterable<Buffer>, maxLine: number): AsyncGenerator<Buffer> {
  const line = new OpenLine(maxLine);
  let first = true;
  for await (const read of source) {
    const block = first && read.subarray(0, 3).equals(BYTE_ORDER_MARK) ? read.subarray(3) : read;
    first = false;
    const end = block.lastIndexOf(LINE_FEED) + 1;
    if (end === 0) {
      const cut = line.add(block);
      if (cut !== undefined) yield cut;
      continue;
    }
    const start = line.empty ? 0 : block.indexOf(LINE_FEED) + 1;
    if (start > 0) {
      const whole = line.close(block.subarray(0, start));
      if (whole.length > 0) yield whole;
    }
    if (end > start) yield block.subarray(start, end);
    if (end < block.length) {
      const cut = line.add(block.subarray(end));
      if (cut !== undefined) yield cut;
    }
  }
  const rest = line.close(Buffer.alloc(0));
  if (rest.length > 0) yield rest;
}

/** A line whose end has not come yet. */
class OpenLine {
  readonly #maxLine: number;
  #parts: Buffer[] = [];
  #length = 0;
  /** The line was too long, what was given of it is given, and the rest is dropped. */
  #dropping = false;
  #nextLook = 0;

  constructor(maxLine: number) {
    this.#maxLine = maxLine;
  }

  get empty(): boolean {
    return this.#length === 0 && !this.#dropping;
  }

  /** Keeps a copy of more of the line, and gives what of it can or must be given before its end. */
  add(bytes: Buffer): Buffer | undefined {
    if (this.#dropping || bytes.length === 0) return undefined;
    this.#parts.push(Buffer.from(bytes));
    this.#length += bytes.length;
    if (this.#length <= this.#maxLine) return undefined;
    const deliveries = this.#deliveries();
    if (deliveries !== undefined || this.#length <= this.#limit()) return deliveries;
    const whole = Buffer.concat(this.#parts);
    this.#keep(undefined);
    this.#dropping = true;
    return shortened(whole, this.#maxLine);
  }

  /** The whole line with its end; empty when it was given already. */
  close(end: Buffer): Buffer {
    const dropped = this.#dropping;
    const limit = this.#limit();
    const whole = dropped ? Buffer.alloc(0) : Buffer.concat([...this.#parts, end]);
    this.#keep(undefined);
    this.#dropping = false;
    return whole.length - 1 > limit ? shortened(whole, this.#maxLine) : whole;
  }

  #isJson(): boolean {
    const first = this.#parts[0]?.[0];
    return first === OPEN_OBJECT || first === OPEN_ARRAY;
  }

  #limit(): number {
    return this.#isJson() ? Math.max(MAX_ENVELOPE_LINE, this.#maxLine) : this.#maxLine;
  }

  /** Whole deliveries at the beginning of a long line. It is looked at again when it has grown by half. */
  #deliveries(): Buffer | undefined {
    if (!this.#isJson() || this.#length < this.#nextLook) return undefined;
    const whole = Buffer.concat(this.#parts);
    const between = whole.lastIndexOf(BETWEEN_DELIVERIES);
    this.#keep(between < 0 ? whole : whole.subarray(between + 1));
    this.#nextLook = between < 0 ? this.#length * 1.5 : 0;
    return between < 0 ? undefined : whole.subarray(0, between + 1);
  }

  #keep(rest: Buffer | undefined): void {
    this.#parts = rest === undefined ? [] : [rest];
    this.#length = rest?.length ?? 0;
    this.#nextLook = 0;
  }
}

function shortened(line: Buffer, maxLine: number): Buffer {
  const short = Buffer.from(line.subarray(0, maxLine + 2));
  short[maxLine + 1] = LINE_FEED;
  return short;
}
