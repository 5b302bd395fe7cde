import type { Writable } from 'node:stream';
import { terminalText } from '#shared/report/escape.ts';
import { errorCode } from './input/input-error.ts';

/** The reader of a pipe has gone, as `head` does when it has enough: no fault of anybody. */
const READER_GONE: ReadonlySet<string> = new Set(['EPIPE', 'EOF', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

/** Writes text to a stream that may be slow, or closed by its reader before the end. */
export class Output {
  readonly #stream: Writable;
  #error: Error | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', (error) => {
      this.#error ??= error;
    });
  }

  /** Nothing more can be written. */
  get closed(): boolean {
    return this.#error !== undefined || this.#stream.destroyed;
  }

  /** Why what was written is lost; a reader that has gone is no reason. */
  get failure(): string | undefined {
    return this.#error === undefined || READER_GONE.has(errorCode(this.#error)) ? undefined : this.#error.message;
  }

  write(text: string): void {
    if (!this.closed) this.#stream.write(text);
  }

  /** Writes one line for people, in which nothing is left that a terminal would obey. */
  line(text: string): void {
    this.write(`${terminalText(text)}\n`);
  }

  /** Resolves when all that was written has been taken, or is lost. */
  async settled(): Promise<void> {
    if (!this.closed) await new Promise<void>((resolve) => this.#stream.write('', () => resolve()));
  }
}
