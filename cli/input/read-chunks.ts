import type { ChunkStream, ReadOptions } from './chunk-stream.ts';
import { FileChunks } from './file-chunks.ts';
import type { Input } from './list-inputs.ts';
import { ThreadChunks } from './thread-chunks.ts';

/** Stored bytes from which a thread is worth its start, some tens of milliseconds. */
const THREAD_FROM_BYTES = 2 * 1024 * 1024;

/**
 * Reads a file, plain or gzip by its first bytes: several members, zeros between and behind them, up to three
 * layers. All that stands before damage is given, then `error` is set. Never throws for what a file may hold.
 */
export function readChunks(input: Input, options: ReadOptions = {}): ChunkStream {
  return new FileChunks(input, options);
}

/**
 * As `readChunks`, for who reads to the end: a big file is read and inflated in a thread of its own, while the consumer
 * works on what came before.
 */
export function readChunksAhead(input: Input, options: ReadOptions = {}): ChunkStream {
  return input.size < THREAD_FROM_BYTES ? new FileChunks(input, options) : new ThreadChunks(input, options);
}
