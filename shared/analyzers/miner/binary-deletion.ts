import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS, type Event } from '#shared/model/event.ts';
import { type Artifact, artifact } from '#shared/model/place.ts';
import { absolutePath, type Program, programName } from '../command/program.ts';
import { readCommand } from '../command/reading.ts';
import { actorOf, processTexts } from './actor.ts';
import { makeGate } from './gate.ts';

const REMOVERS: ReadonlySet<string> = new Set(['rm', 'unlink', 'shred', 'srm', 'wipe']);
const MAX_PATHS = 8;

/** `"rm"` and `nametype=delete` are how audit records write it. */
const NEEDLES: readonly string[] = ['rm -', 'rm /', 'rm ./', '"rm"', '/rm"', 'unlink', 'shred', 'nametype=delete'];
const gate = makeGate(NEEDLES, false);

/**
 * A file that may have been a program was deleted. Nothing by itself: a note that lets correlation see that a binary
 * with a common option was removed after its start, as loaders do.
 */
export const binaryDeletion: Analyzer = {
  id: 'binary_deletion',
  version: 1,
  title: 'Deletion of a file that may be a program',
  group: 'miner_execution',
  technique: 'T1070.004',
  classes: [CLASS.process, CLASS.file],
  needles: NEEDLES,
  decide(event) {
    const paths = [...new Set(deletedBy(event).filter(mayBeProgram))].slice(0, MAX_PATHS);
    if (paths.length === 0) return [];
    const artifacts: readonly Artifact[] = paths.map((path) => artifact('path', path));
    return [{ strength: 'note', artifacts, why: `deleted: ${paths.join(' ').slice(0, 200)}`, flags: ['deleted'] }];
  },
};

function deletedBy(event: Event): readonly string[] {
  if (event.class === CLASS.file) return event.activity === 'delete' && event.success !== false ? [event.path] : [];
  const found = actorOf(event);
  if (found === undefined || found.failed || !gate(processTexts(found.actor))) return [];
  return readCommand(found.actor).programs.flatMap(operands);
}

function operands(program: Program): readonly string[] {
  if (program.launcher || program.remote || program.container !== undefined || !REMOVERS.has(programName(program)))
    return [];
  return program.argv
    .slice(1)
    .filter((word) => !word.startsWith('-'))
    .map((word) => absolutePath(word.includes('/') ? word : `./${word}`, program.folder));
}

/** An absolute path of one file without an ending that programs don't have. */
function mayBeProgram(path: string): boolean {
  if (!path.startsWith('/') || path.length > 256 || /[*?{[$]|\/$/.test(path)) return false;
  const base = path.slice(path.lastIndexOf('/') + 1);
  return (
    base !== '' &&
    (base.startsWith('.') || !base.includes('.') || /\.(?:bin|elf|x86_64|amd64|arm64|aarch64|exe|out|run)$/.test(base))
  );
}
