import { spawn } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { main } from '../../cli/main.ts';

const COMMAND = fileURLToPath(new URL('../../cli/davylamp.js', import.meta.url));

/** What a run of the command left. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Keeps what is written to it; with `columns` it is a terminal with colours. */
export class Written extends Writable {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly #parts: Buffer[] = [];

  constructor(columns?: number) {
    super();
    this.isTTY = columns !== undefined;
    this.columns = columns ?? 100;
  }

  override _write(part: Buffer, _encoding: string, done: () => void): void {
    this.#parts.push(part);
    done();
  }

  hasColors(): boolean {
    return this.isTTY;
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString('utf8');
  }
}

export interface Surroundings {
  readonly stdin?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  /** Width of the terminal that standard output and error are. */
  readonly columns?: number;
}

/** Runs the command in this process. */
export async function davylamp(argv: readonly string[], around: Surroundings = {}): Promise<Ran> {
  const stdout = new Written(around.columns);
  const stderr = new Written(around.columns);
  const stdin = Readable.from(around.stdin === undefined ? [] : [Buffer.from(around.stdin)]);
  const code = await main(argv, { stdin, stdout, stderr, env: around.env ?? {} });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** Runs the command as users do, in a process of its own; `watch` sees it before it has ended. */
export function startDavylamp(
  argv: readonly string[],
  around: Surroundings & { readonly watch?: (stdout: Readable) => void } = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [COMMAND, ...argv], { env: { ...process.env, NO_COLOR: '', ...around.env } });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => out.push(part));
  child.stderr.on('data', (part: Buffer) => err.push(part));
  around.watch?.(child.stdout);
  child.stdin.on('error', () => {});
  child.stdin.end(around.stdin);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') });
    });
  });
}
