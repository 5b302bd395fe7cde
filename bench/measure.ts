import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Measured {
  readonly seconds: number;
  /** Largest resident set of the process, in megabytes; absent where /proc is not there to tell. */
  readonly megabytes?: number;
  readonly output: string;
}

/** Runs a command to its end and measures it from outside. Throws when it could not be started. */
export function measure(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
    let peak = 0;
    let output = '';
    const watch = setInterval(() => {
      peak = Math.max(peak, residentPeak(child.pid));
    }, 20);
    child.stdout.on('data', (part: Buffer) => {
      output += part.toString();
    });
    child.once('error', reject);
    child.once('close', () => {
      clearInterval(watch);
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      resolve({ seconds, output, ...(peak > 0 ? { megabytes: peak } : {}) });
    });
  });
}

function residentPeak(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0; // The process has ended, or this system has no /proc: then there is no figure, which the caller says.
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
