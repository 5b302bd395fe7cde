import { type FileHandle, open } from 'node:fs/promises';
import { UnpackedChunks } from '#shared/events/decode/unpacked-chunks.ts';
import type { ChunkStream, ReadOptions } from './chunk-stream.ts';
import { fileError, type InputError } from './input-error.ts';
import type { Input } from './list-inputs.ts';

const BLOCK_BYTES = 256 * 1024;

/** A file that is read in this thread; `readChunks` says what it gives. */
export class FileChunks implements ChunkStream {
  readonly #input: Input;
  readonly #options: ReadOptions;
  error: InputError | undefined;
  /** How far the stored file was read. */
  #position = 0;

  constructor(input: Input, options: ReadOptions) {
    this.#input = input;
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    this.error = undefined;
    this.#position = 0;
    const chunks = new UnpackedChunks(() => this.#stored(), this.#options);
    yield* chunks;
    if (chunks.damage !== undefined) this.error ??= { path: this.#input.path, ...chunks.damage };
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
}
