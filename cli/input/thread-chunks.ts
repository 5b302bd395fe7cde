import { once } from 'node:events';
import { getCompileCacheDir } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { ChunkStream, ReadOptions } from './chunk-stream.ts';
import type { InputError } from './input-error.ts';
import type { Input } from './list-inputs.ts';

/** What the thread is to read. */
export interface ThreadTask {
  readonly input: Input;
  readonly options: Omit<ReadOptions, 'progress'>;
}

/** A block of whole lines, in memory that goes back to the thread to be filled again; or what is known at the end. */
export type FromThread =
  | { readonly block: ArrayBuffer; readonly length: number; readonly done: number; readonly total: number }
  | { readonly error: InputError | undefined };

/**
 * A file that is read in a thread of its own. Beside using a second processor this keeps what reading leaves behind (one
 * buffer for each block that was inflated) out of the heap that holds everything else, where each collection is dearer.
 */
export class ThreadChunks implements ChunkStream {
  readonly #input: Input;
  readonly #options: ReadOptions;
  error: InputError | undefined;

  constructor(input: Input, options: ReadOptions) {
    this.#input = input;
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    const { progress, ...options } = this.#options;
    const worker = startThread({ input: this.#input, options });
    try {
      for await (const message of messagesOf(worker)) {
        if ('block' in message) {
          yield Buffer.from(message.block, 0, message.length);
          progress?.(message.done, message.total);
          worker.postMessage(message.block, [message.block]);
        } else {
          this.error = message.error;
          return;
        }
      }
    } finally {
      await worker.terminate();
    }
  }
}

/** A thread finds the compile cache of the process by its environment alone. */
function startThread(task: ThreadTask): Worker {
  const cache = getCompileCacheDir();
  return new Worker(new URL('./chunk-thread.ts', import.meta.url), {
    workerData: task,
    ...(cache === undefined ? {} : { env: { ...process.env, NODE_COMPILE_CACHE: cache } }),
  });
}

/** Messages in their order. Throws what the thread threw. */
async function* messagesOf(worker: Worker): AsyncGenerator<FromThread> {
  const waiting: FromThread[] = [];
  let wake: () => void = () => {};
  worker.on('message', (message: FromThread) => {
    waiting.push(message);
    wake();
  });
  const ended = once(worker, 'exit').then(() => {
    throw new Error('the thread that reads a file ended before the file did');
  });
  ended.catch(() => {}); // Told by the race below; after the last message nobody waits for it.
  for (;;) {
    const message = waiting.shift();
    if (message !== undefined) {
      yield message;
      continue;
    }
    const arrival = new Promise<void>((resolve) => {
      wake = resolve;
    });
    await Promise.race([arrival, ended]);
  }
}
