import { type Failure, Inflation } from './inflation.ts';

/** Compressed bytes that are handed to the thread pool at a time. */
const PIECE_BYTES = 64 * 1024;

/** What stopped an inflation, for the caller to tell; `undefined` after all went well. */
export interface InflateOutcome {
  failure?: Failure;
}

/**
 * The inflated bytes of one or more gzip members. `open` gives the compressed bytes from their beginning and is called
 * again after damage, to get at what was inflated just before it. While the consumer works on one block, the next is
 * inflated in the thread pool.
 */
export async function* inflate(
  open: () => AsyncIterable<Buffer>,
  allowed: (bytes: number) => boolean,
  outcome: InflateOutcome,
): AsyncGenerator<Buffer> {
  const inflation = new Inflation(allowed);
  let given = 0;
  let good = 0;
  try {
    for await (const piece of pieces(open())) {
      const output = inflation.output();
      const written = inflation.write(piece);
      for (const block of output) {
        given += block.length;
        yield block;
        release(block);
      }
      // Before another piece is asked for: the memory of this one may then be used again.
      await written;
      if (inflation.stopped) break;
      good += piece.length;
    }
    await inflation.end();
    for (const block of inflation.output()) {
      given += block.length;
      yield block;
      release(block);
    }
  } finally {
    inflation.destroy();
  }
  if (inflation.failure === 'corrupt' || inflation.failure === 'garbage') yield* justBefore(open, good, given);
  if (inflation.failure === undefined) return;
  const stray = inflation.failure === 'truncated' && (await endsOneByteEarly(open));
  outcome.failure = stray ? 'garbage' : inflation.failure;
}

/**
 * Gives the memory of a block back, where zlib has filled it to its end and so lets go of it. Left to the collector,
 * which comes when some tens of megabytes lie about, each block is new memory that the system must clear first.
 */
function release(block: Buffer): void {
  const { buffer, byteOffset, length } = block;
  if (buffer instanceof ArrayBuffer && byteOffset + length === buffer.byteLength) buffer.transfer(0);
}

/** Blocks cut into pieces of at most 64 KiB. */
export async function* pieces(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const block of source) {
    for (let at = 0; at < block.length; at += PIECE_BYTES) yield block.subarray(at, at + PIECE_BYTES);
  }
}

/** Bytes that are tried at a time to find the damage in a piece, before single ones are. */
const FINE_BYTES = 256;

/**
 * What lies between the last whole piece and the damage: zlib drops the output of the piece that fails, so what comes
 * just before the damage is given byte by byte. `good` bytes of input gave `given` bytes of output before.
 */
async function* justBefore(open: () => AsyncIterable<Buffer>, good: number, given: number): AsyncGenerator<Buffer> {
  const inflation = new Inflation(() => true);
  let skip = given;
  try {
    for await (const step of steps(open(), await goodInSteps(open, good), 1)) {
      await inflation.write(step);
      for (const block of inflation.output()) {
        if (block.length > skip) yield block.subarray(skip);
        skip = Math.max(0, skip - block.length);
      }
      if (inflation.stopped) return;
    }
  } finally {
    inflation.destroy();
  }
}

/** How many bytes of input, of which `good` are known to be whole, come before the damage, to within some hundred. */
async function goodInSteps(open: () => AsyncIterable<Buffer>, good: number): Promise<number> {
  const inflation = new Inflation(() => true);
  let done = 0;
  try {
    for await (const step of steps(open(), good, FINE_BYTES)) {
      await inflation.write(step);
      inflation.output().forEach(release);
      if (inflation.stopped) break;
      done += step.length;
    }
    return done;
  } finally {
    inflation.destroy();
  }
}

/** Pieces up to `good` bytes, and steps of a given size from there on. */
async function* steps(source: AsyncIterable<Buffer>, good: number, size: number): AsyncGenerator<Buffer> {
  let done = 0;
  for await (const piece of pieces(source)) {
    for (let at = 0; at < piece.length; ) {
      const step = piece.subarray(at, at + (done < good ? good - done : size));
      at += step.length;
      done += step.length;
      yield step;
    }
  }
}

/** Whether all is whole but for the last byte: zlib takes one byte behind a member for a member that breaks off. */
async function endsOneByteEarly(open: () => AsyncIterable<Buffer>): Promise<boolean> {
  const inflation = new Inflation(() => true);
  let last: Buffer | undefined;
  try {
    for await (const piece of pieces(open())) {
      if (piece.length === 0) continue;
      if (last !== undefined) await inflation.write(last);
      await inflation.write(piece.subarray(0, -1));
      // A copy: the memory of a piece may be used again.
      last = Buffer.from(piece.subarray(-1));
      inflation.output().forEach(release);
      if (inflation.stopped) return false;
    }
    await inflation.end();
    return !inflation.stopped;
  } finally {
    inflation.destroy();
  }
}
