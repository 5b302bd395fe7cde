import type { InputError } from './input-error.ts';

export interface ReadOptions {
  /** Longest line in bytes, see `wholeLines`. */
  readonly maxLine?: number;
  /** Inflated bytes for each compressed byte beyond which, after the first 16 MiB, a file counts as a bomb. */
  readonly maxRatio?: number;
  /** Inflated bytes beyond which a file counts as a bomb; without it there is no bound. */
  readonly maxBytes?: number;
  /** Told how far the file as stored was read: bytes done, of bytes in all. */
  readonly progress?: (done: number, total: number) => void;
}

/**
 * The bytes of an input in whole lines, each buffer valid until the next is asked for; what went wrong is known when the
 * iteration has ended.
 */
export interface ChunkStream extends AsyncIterable<Buffer> {
  readonly error: InputError | undefined;
}
