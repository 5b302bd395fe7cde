import type { Look } from '#shared/report/lines.ts';
import type { Io } from '../io.ts';

const DEFAULT_WIDTH = 100;
const MAX_WIDTH = 140;

/** How standard output shows text: colours where it is a terminal and NO_COLOR is not set (https://no-color.org). */
export function terminalLook({ stdout, env }: Pick<Io, 'stdout' | 'env'>): Look {
  const colour = stdout.isTTY === true && (env['NO_COLOR'] ?? '') === '' && stdout.hasColors?.() === true;
  return { width: Math.min(stdout.columns ?? DEFAULT_WIDTH, MAX_WIDTH), colour };
}
