import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromFunction } from './bootstrap.ts';

const BOOTSTRAP = fileURLToPath(new URL('./bootstrap.ts', import.meta.url));

export interface ProcessOptions {
  /** File of the bundle and the name of its handler. */
  readonly file: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly clockOffsetMs: number;
  /** One line that the function wrote. */
  readonly line: (text: string) => void;
}

/** How an invocation ended, as Lambda tells its caller. */
export type Outcome =
  | { readonly result: unknown }
  | { readonly error: { readonly errorType: string; readonly errorMessage: string } };

/** One container: a process of Node that holds the bundle, and takes one event at a time. */
export class FunctionProcess {
  /** Milliseconds from start to readiness. */
  initMs = Number.NaN;
  busy = false;
  readonly #child: ChildProcess;
  readonly #started = performance.now();
  readonly #ready: Promise<Outcome | undefined>;
  #settle: (outcome: Outcome) => void = () => {};
  #ended = false;
  #killed = false;

  constructor({ file, handler, environment, memoryMb, clockOffsetMs, line }: ProcessOptions) {
    this.#child = fork(BOOTSTRAP, [file, handler, String(clockOffsetMs)], {
      env: { ...environment },
      execArgv: [`--max-old-space-size=${memoryMb}`],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) if (stream !== null) byLine(stream, line);
    const { promise, resolve } = Promise.withResolvers<Outcome | undefined>();
    this.#ready = promise;
    this.#child.on('message', (message: FromFunction) => {
      if (message.kind === 'ready') {
        this.initMs = performance.now() - this.#started;
        resolve(undefined);
      } else if (message.kind === 'broken') {
        resolve({ error: message.error });
      } else {
        this.#settle(message.outcome);
      }
    });
    this.#child.on('exit', (code, signal) => {
      this.#ended = true;
      const outcome = { error: { errorType: 'Runtime.ExitError', errorMessage: `ended by ${signal ?? code}` } };
      resolve(outcome);
      this.#settle(outcome);
    });
  }

  /** No event can be given to it any more. */
  get ended(): boolean {
    return this.#ended || this.#killed;
  }

  async invoke(event: unknown, context: Readonly<Record<string, unknown>>, timeoutMs: number): Promise<Outcome> {
    const broken = await this.#ready;
    if (broken !== undefined) {
      this.kill();
      return broken;
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.kill();
        resolve({ error: { errorType: 'Sandbox.Timedout', errorMessage: `Task timed out after ${timeoutMs} ms` } });
      }, timeoutMs);
      this.#settle = (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      };
      this.#child.send({ event, context, timeoutMs });
    });
  }

  kill(): void {
    this.#killed = true;
    this.#child.kill('SIGKILL');
  }

  /** Resolves once the process is gone. */
  async close(): Promise<void> {
    if (this.#ended) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.kill();
    await gone;
  }
}

function byLine(stream: NodeJS.ReadableStream, line: (text: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const one of lines) line(one);
  });
  stream.on('end', () => {
    if (rest !== '') line(rest);
  });
}
