import type { Process } from '#shared/model/event.ts';
import { type Program, programName } from '../command/program.ts';
import { programs } from '../command/reading.ts';
import { processTexts } from '../miner/actor.ts';
import type { Gate } from '../miner/gate.ts';

/** A program of a command line under its lower-case base name. */
export interface Act {
  readonly name: string;
  readonly program: Program;
  /** Arguments without the program's own name. */
  readonly words: readonly string[];
}

/** What a process's command line runs on this machine; nothing when the gate finds no needle in its texts. */
export function actsOf(process: Process, gate: Gate): readonly Act[] {
  if (!gate(processTexts(process))) return [];
  return programs(process)
    .filter((program) => !program.remote)
    .map((program) => ({ name: programName(program).toLowerCase(), program, words: program.argv.slice(1) }));
}

const KILLERS: ReadonlySet<string> = new Set(['kill', 'pkill', 'killall', 'skill', 'xkill']);

/** Whether a program ends others: kill and its kin, `fuser -k`, `busybox kill`. */
export function isKill({ name, words }: Act): boolean {
  return KILLERS.has(name)
    ? !words.some((word) => word === '-0' || word === '-l' || word === '-L')
    : name === 'fuser' && words.some((word) => /^-[a-z]*k/.test(word));
}
