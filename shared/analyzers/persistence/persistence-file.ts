import { baseName } from '#shared/analyzers/command/names.ts';
import { programs } from '#shared/analyzers/command/reading.ts';
import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS, type Event, type FileActivity, type Process } from '#shared/model/event.ts';
import type { Strength } from '#shared/model/groups.ts';
import type { Flag, Verdict } from '#shared/model/indicator.ts';
import type { Intel } from '#shared/model/intel.ts';
import { type Artifact, artifact } from '#shared/model/place.ts';
import { processTexts } from '../miner/actor.ts';
import { makeGate } from '../miner/gate.ts';
import { type ContentJudgement, judgeContent } from './content.ts';
import { type FileWrite, fileWrites } from './file-writes.ts';
import { foundFile } from './found-files.ts';
import { minerName } from './names.ts';
import { isSuspiciousProgramPath, stripRoot } from './root-prefix.ts';
import { folderTarget, persistenceTarget, TARGET_NEEDLES, type Target } from './targets.ts';
import { keepsBooks, strangeWriter, strengthOfUnseen } from './writers.ts';

const MAX_VERDICTS = 32;
const gate = makeGate(TARGET_NEEDLES, true);

/**
 * Files from which something starts again, written by any program or by a command line that shows the text. Judged by
 * what the text starts or where it points; where it is unseen, by who wrote.
 */
export const PERSISTENCE_FILE: Analyzer = {
  id: 'persistence_file',
  version: 1,
  title: 'Start-up file, schedule or key written',
  group: 'persistence_setup',
  technique: 'T1053.003',
  classes: [CLASS.file, CLASS.process],
  needles: TARGET_NEEDLES,
  decide(event, intel) {
    if (event.class === CLASS.file) return decideFile(event, intel);
    return event.class === CLASS.process ? decideCommand(event, intel) : [];
  },
};

function decideFile(event: FileActivity, intel: Intel): readonly Verdict[] {
  if (event.activity === 'delete' || event.activity === 'read' || !gate([event.path])) return [];
  const rooted = stripRoot(event.path);
  const target = persistenceTarget(rooted.path);
  if (target === undefined || keepsBooks(target, event.actor, intel)) return [];
  const named = minerName(target.name, intel);
  const unseen = strengthOfUnseen(target, event.actor, intel);
  const from = event.activity === 'rename' ? event.previousPath : undefined;
  const moved = from !== undefined && target.kind !== 'cron' && isSuspiciousProgramPath(stripRoot(from).path);
  const strength: Strength = named !== undefined || moved ? 'strong' : unseen.strength;
  const reason = named ?? (moved ? `moved there from ${from}` : unseen.reason);
  const failed = event.success === false;
  return [
    {
      strength: failed ? 'note' : strength,
      technique: target.technique,
      part: target.kind,
      artifacts: fileArtifacts(target, event.path, rooted.path),
      flags: ['write'],
      why: `${target.label} ${event.path.slice(0, 200)} written ${reason.slice(0, 200)}${failed ? ' (refused)' : ''}`,
    },
  ];
}

/** The file by both of its names; a scheduler's temporary name tells nothing. */
function fileArtifacts(target: Target, path: string, stripped: string): readonly Artifact[] {
  if (target.temporary) return [];
  const artifacts = new Set([artifact('path', path), artifact('path', stripped)]);
  if (target.kind === 'unit' || target.kind === 'unit_link') artifacts.add(artifact('unit', target.name));
  return [...artifacts];
}

function decideCommand(event: Event & { class: typeof CLASS.process }, intel: Intel): readonly Verdict[] {
  const { process: launched } = event;
  if (event.success === false || !gate(processTexts(launched))) return [];
  const verdicts: Verdict[] = [];
  const all = programs(launched);
  for (const [at, program] of all.entries()) {
    if (program.remote) continue;
    for (const one of fileWrites(program)) {
      if (one.removes === true) continue;
      const write = one.path.includes('{}') ? { ...one, path: foundFile(one.path, all.slice(0, at)) } : one;
      const writer: Process = {
        ...(launched.executable === undefined || program.source !== 'argv' ? {} : { executable: launched.executable }),
        name: baseName(program.argv[0] ?? ''),
      };
      const verdict = judgeWrite(
        write,
        writer,
        intel,
        program.container === undefined ? ['write'] : ['launch', 'write'],
      );
      if (verdict !== undefined) verdicts.push(verdict);
      if (verdicts.length >= MAX_VERDICTS) return verdicts;
    }
  }
  return verdicts;
}

function judgeWrite(write: FileWrite, writer: Process, intel: Intel, flags: readonly Flag[]): Verdict | undefined {
  const rooted = stripRoot(write.path);
  // `cp -r FOLDER/. TARGET` and `rsync FOLDER/ TARGET` copy what the folder holds.
  const inside = write.inside === true || /\/\.?$/.test(write.path);
  const target = inside ? folderTarget(rooted.path) : persistenceTarget(rooted.path);
  if (target === undefined || isKeptCopy(target, write, rooted.path)) return undefined;
  const content = write.text === undefined ? undefined : judgeContent(target, write.text, intel);
  const { strength, reason } = weigh(target, write, writer, content, intel);
  const own = inside ? [] : fileArtifacts(target, write.path, rooted.path);
  const artifacts = [...own, ...(content?.artifacts ?? [])];
  if (write.from !== undefined) {
    artifacts.push(
      /^(?:https?|ftp):\/\//i.test(write.from) ? artifact('url', write.from) : artifact('path', write.from),
    );
  }
  return {
    strength,
    technique: target.technique,
    part: target.kind,
    artifacts: [...new Set(artifacts)],
    flags,
    why: `${target.label} ${write.path.slice(0, 200)} set up: ${reason.slice(0, 200)}`,
  };
}

/** Folders that start nothing by themselves, and in which copies are kept; a service may have its home there. */
const KEEPING = /^\/(?:srv|opt|data|mnt|media|backups?)\//;

/** `cp ~/.bashrc /srv/backup/`: a start-up file that is copied where none is read, by its own name. */
function isKeptCopy(target: Target, { from }: FileWrite, path: string): boolean {
  if (from === undefined || !KEEPING.test(path)) return false;
  const source = persistenceTarget(stripRoot(from).path);
  return source?.kind === target.kind && source.name === target.name;
}

/** Whether what is copied comes from where no package puts it; a start-up file's own dot hides nothing. */
function comesFromHiding(from: string): boolean {
  const { path } = stripRoot(from);
  return isSuspiciousProgramPath(path) && persistenceTarget(path) === undefined;
}

function weigh(
  target: Target,
  write: FileWrite,
  writer: Process,
  content: ContentJudgement | undefined,
  intel: Intel,
): { strength: Strength; reason: string } {
  const named = minerName(target.name, intel) ?? strangeWriter(writer, intel);
  if (content?.verdict === 'suspicious') return { strength: 'strong', reason: content.reason };
  if (named !== undefined) return { strength: 'strong', reason: named };
  if (content?.verdict === 'harmless') return { strength: 'note', reason: content.reason };
  const { from } = write;
  if (from !== undefined && (comesFromHiding(from) || minerName(from, intel) !== undefined)) {
    return { strength: 'strong', reason: `it comes from ${from}` };
  }
  return strengthOfUnseen(target, writer, intel);
}
