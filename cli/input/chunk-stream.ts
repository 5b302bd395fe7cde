import type { UnpackOptions } from '#shared/events/decode/unpacked-chunks.ts';
import type { InputError } from './input-error.ts';

export interface ReadOptions extends UnpackOptions {
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
