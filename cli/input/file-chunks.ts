import { type FileHandle, open } from 'node:fs/promises';
import { isGzip, MAX_GZIP_LAYERS } from '#shared/events/decode/inflate.ts';
import type { ChunkStream, ReadOptions } from './chunk-stream.ts';
import { type InflateOutcome, inflate, pieces } from './inflate.ts';
import type { Failure } from './inflation.ts';
import { fileError, type InputError } from './input-error.ts';
import type { Input } from './list-inputs.ts';
import { wholeLines } from './whole-lines.ts';

const BLOCK_BYTES = 256 * 1024;
const DEFAULT_MAX_LINE = 1024 * 1024;
/**
 * Logs inflate to some ten or thirty times their size, a container's log of one long message over and over to 130: even
 * then each record's time takes a few bytes. Gzip can do 1,032 (RFC 1951).
 */
const DEFAULT_MAX_RATIO = 200;
/** Bytes that any file may inflate to. Lines of two bytes, millions of them in a megabyte, must not take minutes. */
const RATIO_COUNTS_FROM = 16 * 1024 * 1024;

/** A file that is read in this thread; `readChunks` says what it gives. */
export class FileChunks implements ChunkStream {
  readonly #input: Input;
  readonly #options: ReadOptions;
  error: InputError | undefined;
  /** How far the stored file was read. */
  #position = 0;
  /** How much of it was taken to be inflated, which is less: it is read in larger blocks. */
  #taken = 0;

  constructor(input: Input, options: ReadOptions) {
    this.#input = input;
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    this.error = undefined;
    this.#position = 0;
    this.#taken = 0;
    yield* wholeLines(await this.#bytes(), this.#options.maxLine ?? DEFAULT_MAX_LINE);
  }

  /** The file's bytes without the layers of gzip around them. */
  async #bytes(): Promise<AsyncIterable<Buffer>> {
    let open = (): AsyncGenerator<Buffer> => this.#stored();
    for (let layer = 0; ; layer += 1) {
      const source = open();
      const { first, all } = await begun(source);
      if (!isGzip(first)) return all;
      if (layer === MAX_GZIP_LAYERS) {
        // Not `all`, which was not begun: only what was begun closes its file.
        await source.return(undefined);
        this.error ??= { path: this.#input.path, ...TOO_DEEP };
        return nothing();
      }
      const compressed = firstThen(all, open);
      const counted = layer === 0 ? (): AsyncIterable<Buffer> => this.#counted(compressed()) : compressed;
      open = () => this.#inflated(counted);
    }
  }

  async *#stored(): AsyncGenerator<Buffer> {
    const { path, file, size } = this.#input;
    let handle: FileHandle | undefined;
    try {
      handle = await open(file, 'r');
      const buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
      for (let position = 0; ; ) {
        const { bytesRead } = await handle.read(buffer, 0, BLOCK_BYTES, null);
        if (bytesRead === 0) return;
        position += bytesRead;
        this.#position = Math.max(this.#position, position);
        yield buffer.subarray(0, bytesRead);
        this.#options.progress?.(this.#position, Math.max(size, this.#position));
      }
    } catch (error) {
      this.error ??= fileError(path, error);
    } finally {
      await handle?.close();
    }
  }

  async *#counted(stored: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let taken = 0;
    for await (const piece of pieces(stored)) {
      taken += piece.length;
      this.#taken = Math.max(this.#taken, taken);
      yield piece;
    }
  }

  async *#inflated(compressed: () => AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const outcome: InflateOutcome = {};
    let inflated = 0;
    yield* inflate(
      compressed,
      (bytes) => {
        inflated += bytes;
        return this.#allows(inflated);
      },
      outcome,
    );
    if (outcome.failure !== undefined) this.error ??= { path: this.#input.path, ...FAILURES[outcome.failure] };
  }

  #allows(inflated: number): boolean {
    const { maxRatio = DEFAULT_MAX_RATIO, maxBytes = Number.POSITIVE_INFINITY } = this.#options;
    if (inflated > maxBytes) return false;
    return inflated <= RATIO_COUNTS_FROM || inflated <= maxRatio * this.#taken;
  }
}

const FAILURES: Readonly<Record<Failure, Omit<InputError, 'path'>>> = {
  truncated: { kind: 'truncated', message: 'the gzip data break off; what stands before was read' },
  corrupt: { kind: 'corrupt', message: 'the gzip data are damaged; what stands before was read' },
  garbage: { kind: 'corrupt', message: 'what stands behind the last gzip member could not be inflated' },
  limit: { kind: 'bomb', message: 'the gzip data inflate to far more than a log does; what came first was read' },
};

const TOO_DEEP: Omit<InputError, 'path'> = {
  kind: 'corrupt',
  message: `gzip within gzip more than ${MAX_GZIP_LAYERS} times over is not read`,
};

async function* nothing(): AsyncGenerator<Buffer> {}

/** The first block of a stream, empty where there is none, and the whole stream with it. */
async function begun(source: AsyncGenerator<Buffer>): Promise<{ first: Buffer; all: AsyncGenerator<Buffer> }> {
  const { value, done } = await source.next();
  const first = done === true ? Buffer.alloc(0) : value;
  return { first, all: rejoined(first, source) };
}

async function* rejoined(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (first.length > 0) yield first;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

/** Opens a stream that was begun already, and the same again from its beginning each time after that. */
function firstThen(
  begunStream: AsyncIterable<Buffer>,
  again: () => AsyncIterable<Buffer>,
): () => AsyncIterable<Buffer> {
  let opened = false;
  return () => {
    if (opened) return again();
    opened = true;
    return begunStream;
  };
}
