import { pathToFileURL } from 'node:url';
import { CALLER_HEADER } from './calls.ts';

/** What the process of a function tells the runner. */
export type FromFunction =
  | { readonly kind: 'ready' }
  | { readonly kind: 'broken'; readonly error: Failure }
  | { readonly kind: 'outcome'; readonly outcome: { readonly result: unknown } | { readonly error: Failure } };

interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
}

interface ToFunction {
  readonly event: unknown;
  readonly context: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
}

/** Stands for the runtime of Lambda in the forked process: loads the bundle and hands it events. */
async function main(file: string, name: string, clockOffsetMs: number): Promise<void> {
  const tell = (message: FromFunction): void => {
    process.send?.(message);
  };
  if (clockOffsetMs !== 0) moveClock(clockOffsetMs);
  nameCaller();
  let handler: unknown;
  try {
    const bundle: Record<string, unknown> = await import(pathToFileURL(file).href);
    handler = bundle[name];
  } catch (error) {
    return tell({ kind: 'broken', error: failureOf(error) });
  }
  if (typeof handler !== 'function')
    return tell({
      kind: 'broken',
      error: { errorType: 'Runtime.HandlerNotFound', errorMessage: `no ${name} in ${file}` },
    });
  const invoke = handler;
  process.on('message', async ({ event, context, timeoutMs }: ToFunction) => {
    const until = performance.now() + timeoutMs;
    try {
      const whole = { ...context, getRemainingTimeInMillis: () => Math.max(0, until - performance.now()) };
      const result: unknown = await invoke(event, whole);
      tell({ kind: 'outcome', outcome: { result: result === undefined ? null : result } });
    } catch (error) {
      tell({ kind: 'outcome', outcome: { error: failureOf(error) } });
    }
  });
  // Of a runner that is gone nobody would end this process.
  process.on('disconnect', () => process.exit());
  tell({ kind: 'ready' });
}

function failureOf(error: unknown): Failure {
  return error instanceof Error
    ? { errorType: error.name, errorMessage: error.message }
    : { errorType: 'Error', errorMessage: String(error) };
}

/** The function lives that much later than the machine. */
function moveClock(offsetMs: number): void {
  const Real = Date;
  const now = (): number => Real.now() + offsetMs;
  globalThis.Date = new Proxy(Real, {
    construct: (target, values) => Reflect.construct(target, values.length === 0 ? [now()] : values),
    get: (target, property) => (property === 'now' ? now : Reflect.get(target, property)),
  });
}

/** Requests that are not signed carry the key of this process, so that the local parts know who sends them. */
function nameCaller(): void {
  const real = globalThis.fetch;
  const local = process.env['AWS_ENDPOINT_URL'] ?? '';
  globalThis.fetch = (input, options) => {
    const target = input instanceof Request ? input.url : String(input);
    if (!target.startsWith(local)) return real(input, options);
    const headers = new Headers(options?.headers);
    headers.set(CALLER_HEADER, process.env['AWS_ACCESS_KEY_ID'] ?? '');
    return real(input, { ...options, headers });
  };
}

if (process.send !== undefined && process.argv[1] === import.meta.filename) {
  const [, , file = '', name = '', clockOffsetMs = '0'] = process.argv;
  await main(file, name, Number(clockOffsetMs));
}
