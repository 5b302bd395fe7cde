import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { FileChunks } from './file-chunks.ts';
import type { FromThread, ThreadTask } from './thread-chunks.ts';

/** Handing a block over costs some fifty microseconds in all, and readers do some work for each. */
const BLOCK_BYTES = 1024 * 1024;
/** Blocks that may wait for the consumer: all memory that reading ahead takes. */
const BLOCKS = 4;
const LINE_FEED = 0x0a;

/** Gathers chunks in blocks of memory that go to the consumer and come back. */
class Blocks {
  readonly #port: MessagePort;
  readonly #free = Array.from({ length: BLOCKS }, () => new ArrayBuffer(BLOCK_BYTES));
  #wake: () => void = () => {};
  #block: Uint8Array<ArrayBuffer> | undefined;
  #used = 0;
  /** How far the stored file was read. */
  done = 0;
  total = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (block: ArrayBuffer) => {
      this.#free.push(block);
      this.#wake();
    });
  }

  /** A chunk that ends within a line, as one cut from a long line does, stays the last of its block. */
  async add(chunk: Buffer): Promise<void> {
    if (this.#block !== undefined && this.#used + chunk.length > this.#block.length) this.send();
    this.#block ??= new Uint8Array(await this.#taken(chunk.length));
    this.#block.set(chunk, this.#used);
    this.#used += chunk.length;
    if (chunk.at(-1) !== LINE_FEED) this.send();
  }

  send(): void {
    const block = this.#block?.buffer;
    if (block === undefined) return;
    const message: FromThread = { block, length: this.#used, done: this.done, total: this.total };
    this.#port.postMessage(message, [block]);
    this.#block = undefined;
    this.#used = 0;
  }

  async #taken(atLeast: number): Promise<ArrayBuffer> {
    for (;;) {
      const block = this.#free.shift();
      if (block !== undefined) return block.byteLength < atLeast ? new ArrayBuffer(atLeast) : block;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

async function run(port: MessagePort, { input, options }: ThreadTask): Promise<void> {
  const blocks = new Blocks(port);
  const chunks = new FileChunks(input, {
    ...options,
    progress: (done, total) => {
      blocks.done = done;
      blocks.total = total;
    },
  });
  for await (const chunk of chunks) await blocks.add(chunk);
  blocks.send();
  const end: FromThread = { error: chunks.error };
  port.postMessage(end);
}

if (parentPort !== null) await run(parentPort, workerData);
