import { createGunzip, type Gunzip } from 'node:zlib';

/** Room for about what one piece of input gives: few round trips to the thread pool, and it stays in the processor's cache. */
const OUTPUT_BYTES = 256 * 1024;

/** Why inflating stopped before the end of the input. */
export type Failure = 'truncated' | 'corrupt' | 'garbage' | 'limit';

/**
 * Inflates gzip piece by piece in the thread pool. What came out is taken between pieces, so that nothing of it is lost
 * when a later piece turns out to be damaged, which a piped stream would discard. Zeros between members and behind the
 * last are padding, as tape blocks and preallocated files leave it, and a member behind them is inflated too.
 */
export class Inflation {
  readonly #allowed: (bytes: number) => boolean;
  #gunzip: Gunzip;
  /** The zlib stream took all it will: what comes next is padding or a further member. */
  #memberOver = false;
  #output: Buffer[] = [];
  #wake: () => void = () => {};
  failure: Failure | undefined;

  /** @param allowed whether so many further bytes of output may come; asked for each block */
  constructor(allowed: (bytes: number) => boolean) {
    this.#allowed = allowed;
    this.#gunzip = this.#member();
  }

  get stopped(): boolean {
    return this.failure !== undefined;
  }

  /** Resolves when the piece is inflated, or the stream has stopped. */
  async write(piece: Buffer): Promise<void> {
    let rest = piece;
    while (!this.stopped) {
      if (this.#memberOver) {
        rest = withoutPadding(rest);
        if (rest.length === 0) return;
        this.#gunzip.destroy();
        this.#gunzip = this.#member();
      }
      const before = this.#gunzip.bytesWritten;
      await this.#written(rest);
      if (!this.#memberOver) return;
      rest = rest.subarray(this.#gunzip.bytesWritten - before);
    }
  }

  /** Tells that no more input comes, and resolves when that is known to be right or wrong. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.stopped || this.#memberOver) resolve();
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

  #member(): Gunzip {
    const gunzip = createGunzip({ chunkSize: OUTPUT_BYTES });
    this.#memberOver = false;
    gunzip.on('data', (block: Buffer) => this.#take(block));
    gunzip.on('end', () => {
      this.#memberOver = true;
      this.#wake();
    });
    gunzip.on('error', (error) => {
      this.failure ??= failureOf(error);
      this.#wake();
    });
    return gunzip;
  }

  #written(piece: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#gunzip.write(piece, () => resolve());
    });
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

/** The bytes from the first one on that is not zero. */
function withoutPadding(bytes: Buffer): Buffer {
  let at = 0;
  while (at < bytes.length && bytes[at] === 0) at += 1;
  return bytes.subarray(at);
}

/** After a first member, zlib takes what is no gzip header for a damaged one: it is garbage behind the data. */
function failureOf(error: Error): Failure {
  if ('code' in error && error.code === 'Z_BUF_ERROR') return 'truncated';
  return error.message === 'incorrect header check' ? 'garbage' : 'corrupt';
}
