import { type Input, listInputs } from './input/list-inputs.ts';
import { type Spooled, spoolPath, spoolStdin } from './input/spool.ts';
import type { Io } from './io.ts';
import type { Output } from './output.ts';

/** A folder of rotated logs may hold thousands. */
const MAX_PASSED_OVER = 10;

/** Inputs that can be read as often as wanted. */
export interface OpenedInputs {
  readonly inputs: readonly Input[];
  /** How many could not be opened; each was told. */
  readonly errors: number;
  /** Removes what was spooled. */
  remove(): void;
}

/** Files as they are, standard input and pipes spooled so that they can be read again. */
export async function openInputs(paths: readonly string[], io: Io, err: Output): Promise<OpenedInputs> {
  const list = await listInputs(paths);
  const inputs: Input[] = [];
  const spooled: Spooled[] = [];
  const errors = [...list.errors];
  for (const input of list.inputs) {
    const one = input.kind === 'file' ? undefined : await spool(input, io);
    if (one === undefined) inputs.push(input);
    else if ('message' in one) errors.push(one);
    else {
      spooled.push(one);
      inputs.push(one.input);
    }
  }
  for (const { path, what } of list.passedOver.slice(0, MAX_PASSED_OVER)) err.line(`${path}: passed over, ${what}`);
  const more = list.passedOver.length - MAX_PASSED_OVER;
  if (more > 0) err.line(`and ${more} more pipes, sockets, devices and links that lead nowhere passed over`);
  for (const error of errors) err.line(`davylamp: ${error.path}: ${error.message}`);
  return {
    inputs,
    errors: errors.length,
    remove: () => {
      for (const one of spooled) one.remove();
    },
  };
}

function spool(input: Input, io: Io): ReturnType<typeof spoolStdin> {
  return input.kind === 'stdin' ? spoolStdin(io.stdin) : spoolPath(input.path);
}
