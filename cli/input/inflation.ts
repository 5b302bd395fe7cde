import { createGunzip, type Gunzip } from 'node:zlib';
import { errorCode } from './input-error.ts';

/** The C library keeps blocks of this size for their next use; larger ones it gives back to the system and asks for again. */
const OUTPUT_BYTES = 64 * 1024;

/** Why inflating stopped before the end of the input. */
export type Failure = 'truncated' | 'corrupt' | 'garbage' | 'limit';

/**
 * Inflates gzip piece by piece in the thread pool. What came out is taken between pieces, so that nothing of it is lost
 * when a later piece turns out to be damaged, which a piped stream would discard.
 */
export class Inflation {
  readonly #gunzip: Gunzip;
  readonly #allowed: (bytes: number) => boolean;
  #output: Buffer[] = [];
  #wake: () => void = () => {};
  failure: Failure | undefined;
  /** The stream is over, although more input may be there: zeros after the last member. */
  ended = false;

  /** @param allowed whether so many further bytes of output may come; asked for each block */
  constructor(allowed: (bytes: number) => boolean) {
    this.#allowed = allowed;
    this.#gunzip = createGunzip({ chunkSize: OUTPUT_BYTES });
    this.#gunzip.on('data', (block: Buffer) => this.#take(block));
    this.#gunzip.on('end', () => {
      this.ended = true;
      this.#wake();
    });
    this.#gunzip.on('error', (error) => {
      this.failure ??= failureOf(error);
      this.#wake();
    });
  }

  get stopped(): boolean {
    return this.ended || this.failure !== undefined;
  }

  /** Resolves when the piece is inflated, or the stream has stopped. */
  write(piece: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.stopped) resolve();
      else this.#gunzip.write(piece, () => resolve());
    });
  }

  /** Tells that no more input comes, and resolves when that is known to be right or wrong. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.stopped) resolve();
      else this.#gunzip.end();
    });
  }

  /** What came out since the last call. */
  output(): readonly Buffer[] {
    const output = this.#output;
    this.#output = [];
    return output;
  }

  destroy(): void {
    this.#gunzip.destroy();
  }

  #take(block: Buffer): void {
    if (this.failure !== undefined) return;
    if (this.#allowed(block.length)) this.#output.push(block);
    else {
      this.failure = 'limit';
      this.#gunzip.destroy();
      this.#wake();
    }
  }
}

/** After a first member, zlib takes what is no gzip header for a damaged one: it is garbage behind the data. */
function failureOf(error: Error): Failure {
  if (errorCode(error) === 'Z_BUF_ERROR') return 'truncated';
  return error.message === 'incorrect header check' ? 'garbage' : 'corrupt';
}
