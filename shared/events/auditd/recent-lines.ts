/** Lines that are remembered, and how many later lines settle an event. A power of two. */
export const WINDOW = 4096;
const SLOT = WINDOW - 1;
const BUCKETS = 8192;
/** Bytes of the lines before the current chunk that are kept at most. */
const MAX_RETAINED = 16 * 1024 * 1024;

const MAX_FORGOTTEN = 1024;
const NOTHING = Buffer.alloc(0);

/** The lines of one chunk: in place while it is read, then a copy of those that are still in the window. */
interface Block {
  bytes: Buffer;
  /** Offset in the chunk of the first byte of `bytes`. */
  shift: number;
  readonly first: number;
  last: number;
}

/** A remembered line: bytes [from, to) of `bytes`. Valid until the next line is added. */
export interface RecentLine {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
  /** Number of the line in its stream. */
  readonly line: number;
  readonly type: number;
}

/**
 * The last 4,096 lines of a stream, with an index by the hash of their event key: typed arrays alone, so that a line
 * which nobody will ask for costs a few stores. Lines are known by their place in the sequence of records.
 */
export class RecentLines {
  /** Records so far. */
  count = 0;
  readonly #hash = new Int32Array(WINDOW);
  readonly #type = new Int32Array(WINDOW);
  readonly #from = new Int32Array(WINDOW);
  readonly #to = new Int32Array(WINDOW);
  readonly #line = new Float64Array(WINDOW);
  /** The line before, of the same bucket. */
  readonly #previous = new Float64Array(WINDOW);
  readonly #head = new Float64Array(BUCKETS);
  #blocks: Block[] = [];
  /** Blocks before this one are forgotten. */
  #start = 0;
  /** Memory of a forgotten block, to be used for the next. */
  #spare: Buffer = NOTHING;
  #retained = 0;
  /** Lines before this one are forgotten. */
  #oldest = 1;

  /** From now on lines are offsets into this chunk. */
  open(chunk: Buffer): void {
    this.#blocks.push({ bytes: chunk, shift: 0, first: this.count + 1, last: this.count });
  }

  add(hash: number, type: number, from: number, to: number, line: number): void {
    const sequence = this.count + 1;
    const slot = sequence & SLOT;
    const bucket = hash & (BUCKETS - 1);
    this.#hash[slot] = hash;
    this.#type[slot] = type;
    this.#from[slot] = from;
    this.#to[slot] = to;
    this.#line[slot] = line;
    this.#previous[slot] = this.#head[bucket] as number;
    this.#head[bucket] = sequence;
    this.count = sequence;
  }

  /** The chunk is about to change hands: copies what is still in the window, and forgets what is not. */
  close(): void {
    const block = this.#blocks.at(-1);
    if (block === undefined) return;
    block.last = this.count;
    const to = this.#to[block.last & SLOT] as number;
    let first = Math.max(block.first, block.last - WINDOW + 1);
    while (first <= block.last && to - (this.#from[first & SLOT] as number) > MAX_RETAINED) first += 1;
    if (first > block.first) this.#oldest = Math.max(this.#oldest, first);
    if (first > block.last) {
      this.#blocks.pop();
    } else {
      block.shift = this.#from[first & SLOT] as number;
      block.bytes = this.#copy(block.bytes, block.shift, to);
      this.#retained += block.bytes.length;
    }
    this.#forget();
  }

  /** A copy of bytes [from, to), in memory that may be larger than it. */
  #copy(bytes: Buffer, from: number, to: number): Buffer {
    const spare = this.#spare;
    const fits = spare.length >= to - from && spare.length <= 4 * (to - from);
    if (fits) this.#spare = NOTHING;
    const copy = fits ? spare : Buffer.allocUnsafeSlow(to - from);
    bytes.copy(copy, 0, from, to);
    return copy;
  }

  #forget(): void {
    for (;;) {
      const block = this.#blocks[this.#start];
      if (block === undefined || (block.last > this.count - WINDOW && this.#retained <= MAX_RETAINED)) break;
      this.#retained -= block.bytes.length;
      this.#oldest = Math.max(this.#oldest, block.last + 1);
      this.#spare = block.bytes;
      block.bytes = NOTHING;
      this.#start += 1;
    }
    if (this.#start > MAX_FORGOTTEN) {
      this.#blocks = this.#blocks.slice(this.#start);
      this.#start = 0;
    }
  }

  /** Number, in the stream, of the oldest line that can still be pulled; infinity where there is none. */
  oldestLine(): number {
    const oldest = this.#firstKept();
    return oldest > this.count ? Number.POSITIVE_INFINITY : (this.#line[oldest & SLOT] as number);
  }

  /** Calls `visit` for the remembered lines of this hash, newest first, until it answers true. */
  find(hash: number, visit: (line: RecentLine) => boolean): void {
    const firstKept = this.#firstKept();
    let at = this.#head[hash & (BUCKETS - 1)] as number;
    for (; at >= firstKept; at = this.#previous[at & SLOT] as number) {
      if (this.#hash[at & SLOT] === hash && visit(this.#recall(at))) return;
    }
  }

  #firstKept(): number {
    return Math.max(this.#oldest, this.count - WINDOW + 1);
  }

  #recall(sequence: number): RecentLine {
    const slot = sequence & SLOT;
    const block = this.#blockOf(sequence);
    return {
      bytes: block.bytes,
      from: (this.#from[slot] as number) - block.shift,
      to: (this.#to[slot] as number) - block.shift,
      line: this.#line[slot] as number,
      type: this.#type[slot] as number,
    };
  }

  /** By bisection: a caller that hands over line by line makes thousands of blocks. */
  #blockOf(sequence: number): Block {
    let low = this.#start;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#blocks[middle] as Block).first <= sequence) low = middle;
      else high = middle - 1;
    }
    return this.#blocks[low] as Block;
  }
}
