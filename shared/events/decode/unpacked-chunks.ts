import { isGzip, MAX_GZIP_LAYERS } from './inflate.ts';
import { type InflateOutcome, inflate, pieces } from './inflate-stream.ts';
import type { Failure } from './inflation.ts';
import { wholeLines } from './whole-lines.ts';

export interface UnpackOptions {
  /** Longest line in bytes, see `wholeLines`. */
  readonly maxLine?: number;
  /** Inflated bytes for each compressed byte beyond which, after the first 16 MiB, the data count as a bomb. */
  readonly maxRatio?: number;
  /** Inflated bytes beyond which the data count as a bomb; without it there is no bound. */
  readonly maxBytes?: number;
}

/** Why not all of the stored bytes could be read as lines. */
export interface Damage {
  readonly kind: 'truncated' | 'corrupt' | 'bomb';
  /** One line that says what is wrong. */
  readonly message: string;
}

const DEFAULT_MAX_LINE = 1024 * 1024;
/**
 * Logs inflate to some ten or thirty times their size, a container's log of one long message over and over to 130: even
 * then each record's time takes a few bytes. Gzip can do 1,032 (RFC 1951).
 */
const DEFAULT_MAX_RATIO = 200;
/** Bytes that any data may inflate to. Lines of two bytes, millions of them in a megabyte, must not take minutes. */
const RATIO_COUNTS_FROM = 16 * 1024 * 1024;

/**
 * Stored bytes, plain or gzip by the first of them, in whole lines: several members, zeros between and behind them, up to
 * three layers. All that stands before damage is given, then `damage` is set. Each buffer is valid until the next is
 * asked for.
 */
export class UnpackedChunks implements AsyncIterable<Buffer> {
  readonly #stored: () => AsyncGenerator<Buffer>;
  readonly #options: UnpackOptions;
  damage: Damage | undefined;
  /** How much of what is stored was taken to be inflated; it is read in larger blocks. */
  #taken = 0;

  /** @param stored gives the stored bytes from their beginning; called again after damage */
  constructor(stored: () => AsyncGenerator<Buffer>, options: UnpackOptions = {}) {
    this.#stored = stored;
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    this.damage = undefined;
    this.#taken = 0;
    yield* wholeLines(await this.#bytes(), this.#options.maxLine ?? DEFAULT_MAX_LINE);
  }

  /** The bytes without the layers of gzip around them. */
  async #bytes(): Promise<AsyncIterable<Buffer>> {
    let open = (): AsyncGenerator<Buffer> => this.#stored();
    for (let layer = 0; ; layer += 1) {
      const source = open();
      const { first, all } = await begun(source);
      if (!isGzip(first)) return all;
      if (layer === MAX_GZIP_LAYERS) {
        // Not `all`, which was not begun: only what was begun closes what it reads.
        await source.return(undefined);
        this.damage ??= TOO_DEEP;
        return nothing();
      }
      const compressed = firstThen(all, open);
      const counted = layer === 0 ? (): AsyncIterable<Buffer> => this.#counted(compressed()) : compressed;
      open = () => this.#inflated(counted);
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
    if (outcome.failure !== undefined) this.damage ??= FAILURES[outcome.failure];
  }

  #allows(inflated: number): boolean {
    const { maxRatio = DEFAULT_MAX_RATIO, maxBytes = Number.POSITIVE_INFINITY } = this.#options;
    if (inflated > maxBytes) return false;
    return inflated <= RATIO_COUNTS_FROM || inflated <= maxRatio * this.#taken;
  }
}

const FAILURES: Readonly<Record<Failure, Damage>> = {
  truncated: { kind: 'truncated', message: 'the gzip data break off; what stands before was read' },
  corrupt: { kind: 'corrupt', message: 'the gzip data are damaged; what stands before was read' },
  garbage: { kind: 'corrupt', message: 'what stands behind the last gzip member could not be inflated' },
  limit: { kind: 'bomb', message: 'the gzip data inflate to far more than a log does; what came first was read' },
};

const TOO_DEEP: Damage = {
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
