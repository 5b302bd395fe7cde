import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ScanResult } from '../../cli/commands/scan.ts';
import { type Log, linesOf } from './logs.ts';
import { scanPaths } from './scenario.ts';

/** Numbers in [0, below), each equally likely. */
export type Random = (below: number) => number;

/** mulberry32: what one seed gives is the same everywhere. */
export function randomOf(seed: number): Random {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export function shuffled<T>(all: readonly T[], random: Random): T[] {
  const result = [...all];
  for (let at = result.length - 1; at > 0; at--) {
    const other = random(at + 1);
    [result[at], result[other]] = [result[other] as T, result[at] as T];
  }
  return result;
}

/**
 * How much the order of a file's lines means: nothing; near lines make one event (auditd); a line may go on in the
 * next one (CRI); a line is a whole delivery.
 */
export type Order = 'free' | 'near' | 'strict' | 'packed';

export function orderOf({ text }: Log): Order {
  if (/^\{"(?:awslogs|Records|messageType)"/.test(text)) return 'packed';
  if (/^(?:\S+ +\d+ \S+ \S+ audispd: )?(?:node=\S+ )?type=[A-Z]/.test(text)) return 'near';
  return /^\S+Z (?:stdout|stderr) [PF] /.test(text) ? 'strict' : 'free';
}

interface Lines {
  /** The header of a flow log, which goes with each part of it. */
  readonly header: readonly string[];
  readonly body: readonly string[];
}

export function splitHeader({ text }: Log): Lines {
  const [first = '', ...rest] = linesOf(text);
  return first.startsWith('version ') ? { header: [first], body: rest } : { header: [], body: [first, ...rest] };
}

export const joined = (path: string, lines: readonly string[]): Log => ({
  path,
  text: lines.map((line) => `${line}\n`).join(''),
});

/** A path in a folder of its own, so that what the last parts of a path tell stays. */
export const inFolder = (folder: string, { path }: Log): string => `${folder}/${path}`;

const auditKey = (line: string): string => /audit\([^)]*\)/.exec(line)?.[0] ?? '';

/**
 * Line borders at which a rotated file may end without parting what lies in several lines. Deliveries of a subscription
 * end anywhere within an event, so that these stay whole.
 */
export function borders(log: Log): number[] {
  const { body } = splitHeader(log);
  const order = orderOf(log);
  if (order === 'packed') return [];
  const all = Array.from({ length: Math.max(0, body.length - 1) }, (_, at) => at + 1);
  if (order === 'near') return all.filter((at) => auditKey(body[at] ?? '') !== auditKey(body[at - 1] ?? ''));
  return order === 'strict' ? all.filter((at) => !/ (?:stdout|stderr) P /.test(body[at - 1] ?? '')) : all;
}

/** Scans logs as they are arranged, in this order. */
export async function scanArranged(logs: readonly Log[]): Promise<ScanResult> {
  const folder = mkdtempSync(join(tmpdir(), 'arranged-'));
  try {
    const files = logs.map(({ path, text }) => {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, 'latin1');
      return file;
    });
    return await scanPaths(files);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
