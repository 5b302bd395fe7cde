import { type FileHandle, open } from 'node:fs/promises';
import { isGzip } from '#shared/events/decode/inflate.ts';
import { type InflateOutcome, inflate } from './inflate.ts';
import type { Failure } from './inflation.ts';
import { fileError, type InputError } from './input-error.ts';
import type { Input } from './list-inputs.ts';
import { wholeLines } from './whole-lines.ts';

const BLOCK_BYTES = 1024 * 1024;
const DEFAULT_MAX_LINE = 1024 * 1024;
/** Logs inflate to some ten or twenty times their size; gzip can't do more than 1,032 (RFC 1951). */
const DEFAULT_MAX_RATIO = 1000;
const RATIO_COUNTS_FROM = 64 * 1024 * 1024;

export interface ReadOptions {
  /** Longest line in bytes, see `wholeLines`. */
  readonly maxLine?: number;
  /** Inflated bytes for each compressed byte beyond which, after the first 64 MiB, a file counts as a bomb. */
  readonly maxRatio?: number;
  /** Inflated bytes beyond which a file counts as a bomb; without it there is no bound. */
  readonly maxBytes?: number;
  /** Told how far the file as stored was read: bytes done, of bytes in all. */
  readonly progress?: (done: number, total: number) => void;
}

/** The bytes of an input in whole lines; what went wrong is known when the iteration has ended. */
export interface ChunkStream extends AsyncIterable<Buffer> {
  readonly error: InputError | undefined;
  /** What the user should know although nothing is lost. */
  readonly notices: readonly string[];
}

/**
 * Reads a file, plain or gzip by its first bytes: several members, gzip in gzip once, bytes after the last member. All
 * that stands before damage is given, then `error` is set. Never throws for what a file may hold. Each buffer is valid
 * until the consumer asks for the next.
 */
export function readChunks(input: Input, options: ReadOptions = {}): ChunkStream {
  return new FileChunks(input, options);
}

class FileChunks implements ChunkStream {
  readonly #input: Input;
  readonly #options: ReadOptions;
  readonly notices: string[] = [];
  error: InputError | undefined;
  /** How far the stored file was read. */
  #position = 0;

  constructor(input: Input, options: ReadOptions) {
    this.#input = input;
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    this.error = undefined;
    this.notices.length = 0;
    this.#position = 0;
    yield* wholeLines(await this.#bytes(), this.#options.maxLine ?? DEFAULT_MAX_LINE);
  }

  /** The file's bytes without the layers of gzip around them. */
  async #bytes(): Promise<AsyncIterable<Buffer>> {
    const stored = (): AsyncIterable<Buffer> => this.#stored();
    if (!(await beginsAsGzip(stored()))) return stored();
    const once = (): AsyncIterable<Buffer> => this.#inflated(stored);
    return (await beginsAsGzip(inflate(stored, () => true, {}))) ? this.#inflated(once) : once();
  }

  async *#stored(): AsyncGenerator<Buffer> {
    const { path, file, size } = this.#input;
    let handle: FileHandle | undefined;
    try {
      handle = await open(file, 'r');
      for (let position = 0; ; ) {
        const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(BLOCK_BYTES), 0, BLOCK_BYTES, null);
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
    if (outcome.failure === 'garbage') this.notices.push('bytes behind the last gzip member were passed over');
    else if (outcome.failure !== undefined) this.error ??= { path: this.#input.path, ...FAILURES[outcome.failure] };
  }

  #allows(inflated: number): boolean {
    const { maxRatio = DEFAULT_MAX_RATIO, maxBytes = Number.POSITIVE_INFINITY } = this.#options;
    if (inflated > maxBytes) return false;
    return inflated <= RATIO_COUNTS_FROM || inflated <= maxRatio * this.#position;
  }
}

const FAILURES: Readonly<Record<Exclude<Failure, 'garbage'>, Omit<InputError, 'path'>>> = {
  truncated: { kind: 'truncated', message: 'the gzip data break off; what stands before was read' },
  corrupt: { kind: 'corrupt', message: 'the gzip data are damaged; what stands before was read' },
  limit: { kind: 'bomb', message: 'the gzip data inflate to far more than a log does; what came first was read' },
};

async function beginsAsGzip(source: AsyncIterable<Buffer>): Promise<boolean> {
  for await (const block of source) return isGzip(block);
  return false;
}
