import { createReadStream, rmSync } from 'node:fs';
import { mkdtemp, open, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { isGzip } from '#shared/events/decode/inflate.ts';
import { fileError, type InputError } from './input-error.ts';
import type { Input } from './list-inputs.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What was spooled, and how to remove it; it is removed at the end of the process in any case. */
export interface Spooled {
  readonly input: Input;
  remove(): void;
}

/**
 * Writes a stream that can be read only once to a temporary file that only its owner can read, compressed unless it is
 * so already, so that later looks can read it again.
 * @param path what the user knows the stream by, `-` for standard input
 */
export async function spoolStdin(stream: Readable, path = '-'): Promise<Spooled | InputError> {
  let remove = (): void => {};
  try {
    const folder = await mkdtemp(join(tmpdir(), 'davylamp-'));
    remove = removeAtEnd(folder);
    const file = join(folder, 'input.gz');
    const handle = await open(file, 'wx', 0o600);
    const [first, source] = await peek(stream);
    const compress = isGzip(first) ? new PassThrough() : createGzip({ level: constants.Z_BEST_SPEED });
    await pipeline(source, compress, handle.createWriteStream());
    const { size } = await stat(file);
    return { input: { path, file, kind: 'file', named: true, size }, remove };
  } catch (error) {
    remove();
    return fileError(path, error);
  }
}

/**
 * Spools a pipe or a device by its path, as `spoolStdin` does. It is opened before anything else is done, so that one
 * that can't be (a socket, one of another user) is an error as a value.
 */
export async function spoolPath(path: string): Promise<Spooled | InputError> {
  try {
    const handle = await open(path, 'r');
    return await spoolStdin(createReadStream(path, { fd: handle }), path);
  } catch (error) {
    return fileError(path, error);
  }
}

/** The first bytes of a stream, and the whole of it. */
async function peek(stream: Readable): Promise<[Uint8Array, AsyncIterable<Uint8Array>]> {
  const iterator: AsyncIterator<Uint8Array> = stream[Symbol.asyncIterator]();
  const first = await iterator.next();
  async function* whole(): AsyncGenerator<Uint8Array> {
    for (let next = first; !next.done; next = await iterator.next()) yield next.value;
  }
  return [first.done ? new Uint8Array() : first.value, whole()];
}

/** Removes a folder when asked, when the process ends, and when a signal ends it. */
function removeAtEnd(folder: string): () => void {
  const remove = (): void => {
    process.off('exit', remove);
    for (const signal of SIGNALS) process.off(signal, onSignal);
    rmSync(folder, { recursive: true, force: true });
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    remove();
    process.kill(process.pid, signal);
  };
  process.once('exit', remove);
  for (const signal of SIGNALS) process.once(signal, onSignal);
  return remove;
}
