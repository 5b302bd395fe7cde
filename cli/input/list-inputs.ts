import type { BigIntStats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, type InputError } from './input-error.ts';

/** One stream of bytes to read. */
export interface Input {
  /** The path as the user named it or as it was found below a named folder; `-` for standard input. */
  readonly path: string;
  /** Where the bytes lie: `path`, or the temporary file of what was spooled. */
  readonly file: string;
  /** A file can be read several times; pipes and standard input only once, see `spoolStdin`. */
  readonly kind: 'file' | 'pipe' | 'stdin';
  /** The user named it, rather than a folder above it. */
  readonly named: boolean;
  /** The folder that the user named, where it was found below one. */
  readonly folder?: string;
  /** Bytes as stored, 0 where that is unknown. */
  readonly size: number;
}

export interface InputList {
  readonly inputs: readonly Input[];
  /** What was found in folders and can hold no log, with what it is instead. */
  readonly passedOver: readonly { readonly path: string; readonly what: string }[];
  readonly errors: readonly InputError[];
}

/**
 * The files that the paths name: files as they are, folders with all below them, sorted, `-` for standard input.
 * Symbolic links are followed, each folder is entered once. In folders, hidden files and folders (names that begin with
 * a dot) are left alone, and what is neither file nor folder is passed over and told, as are links that lead nowhere:
 * rotated container logs leave these behind. What the user names is never passed over. A file that is reached twice is
 * listed once.
 */
export async function listInputs(paths: readonly string[]): Promise<InputList> {
  const walk = new Walk();
  for (const path of paths) await walk.named(path);
  return walk;
}

class Walk implements InputList {
  readonly inputs: Input[] = [];
  readonly passedOver: { path: string; what: string }[] = [];
  readonly errors: InputError[] = [];
  readonly #seen = new Set<string>();

  async named(path: string): Promise<void> {
    if (path === '-') {
      if (this.#isNew('-')) this.inputs.push({ path, file: path, kind: 'stdin', named: true, size: 0 });
      return;
    }
    await this.#visit(path);
  }

  /** `folder` is the named one above what is visited; without it the path itself was named. */
  async #visit(path: string, folder?: string): Promise<void> {
    const named = folder === undefined;
    try {
      const stats = await stat(path, { bigint: true });
      if (stats.isDirectory()) {
        if (this.#isNew(identity(stats))) await this.#enter(path, folder ?? path);
      } else if (stats.isFile()) {
        const size = Number(stats.size);
        const above = named ? {} : { folder };
        if (this.#isNew(identity(stats))) this.inputs.push({ path, file: path, kind: 'file', named, size, ...above });
      } else if (named) this.inputs.push({ path, file: path, kind: 'pipe', named, size: 0 });
      else this.passedOver.push({ path, what: 'a pipe, socket or device' });
    } catch (error) {
      if (!named && (await isDanglingLink(path))) this.passedOver.push({ path, what: 'a link that leads nowhere' });
      else this.errors.push(fileError(path, error));
    }
  }

  async #enter(path: string, folder: string): Promise<void> {
    const names = await readdir(path);
    for (const name of names.sort()) if (!name.startsWith('.')) await this.#visit(join(path, name), folder);
  }

  #isNew(id: string): boolean {
    if (this.#seen.has(id)) return false;
    this.#seen.add(id);
    return true;
  }
}

function identity(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}`;
}

/** A link in a folder that leads nowhere or in a circle is nothing that was asked for. */
async function isDanglingLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch {
    return false;
  }
}
