import type { Intel } from '#shared/model/intel.ts';
import { type Artifact, artifact } from '#shared/model/place.ts';
import { parseAnacrontab, parseCrontab, splitLines } from './crontab.ts';
import { variablesIn } from './mines.ts';
import { isSuspiciousProgramPath } from './root-prefix.ts';
import { commandArtifact, type Judgement, judgeCommand, judgeVariables } from './starts.ts';
import type { Target } from './targets.ts';
import { parseUnit } from './unit-file.ts';

/** What a written text amounts to: `unknown` when it does not tell what will be started. */
export interface ContentJudgement {
  readonly verdict: 'suspicious' | 'harmless' | 'unknown';
  readonly reason: string;
  readonly artifacts: readonly Artifact[];
}

/**
 * Libraries that monitoring agents and Raspberry Pi OS preload for every process: Dynatrace OneAgent, Snoopy,
 * AppDynamics, Instana, libarmmem, jemalloc, and AWS' and Azure's own.
 */
const BENIGN_PRELOADS =
  /\/(?:liboneagentproc|libsnoopy|libappdprelo|libinstana|libarmmem|libjemalloc|libtcmalloc|libaxi|libsignalfx|libdatadog)[^/]*\.so/;
/** Comments of SSH keys that campaigns leave everywhere: Outlaw's `mdrfckr`. */
const LISTED_KEY_COMMENTS = /\b(?:mdrfckr|rsa-key-20200222)\b/;
const MAX_COMMANDS = 64;
const MAX_ARTIFACTS = 48;

/** Judges text that is written to a persistence target by what it starts or where it points. */
export function judgeContent(target: Target, text: string, intel: Intel): ContentJudgement {
  if (text.trim() === '' || /^\s*\$\{?\w{1,64}\}?\s*$/.test(text)) return unknown();
  switch (target.kind) {
    case 'preload':
      return judgePreload(target, text);
    case 'ssh_key':
      return judgeKeys(text, intel);
    case 'account':
      return /^[^:\n]{1,64}:[^:\n]{0,256}:0+:/m.test(text) && !/^root:/m.test(text)
        ? { verdict: 'suspicious', reason: 'adds an account with the rights of root', artifacts: [] }
        : unknown();
    case 'kernel_module':
      return judgeModules(target, text, intel);
    case 'logrotate':
      return judgeRotation(text, intel);
    case 'unit':
    case 'unit_link':
      return judgeUnit(text, intel);
    case 'sshd':
    case 'sudoers':
    case 'login_module':
    case 'manifest':
      return unknown();
    default:
      return judgeCommands(commandsOf(target, text), intel);
  }
}

const unknown = (): ContentJudgement => ({
  verdict: 'unknown',
  reason: 'what it starts is not in the record',
  artifacts: [],
});

/** The commands that a text makes its reader start. */
function commandsOf(target: Target, text: string): readonly string[] {
  if (target.name === 'anacrontab') {
    const jobs = parseAnacrontab(text);
    return jobs.length > 0 ? jobs : [text];
  }
  if (target.kind === 'cron' && target.label !== 'periodic cron script') {
    const entries = parseCrontab(text, target.system);
    return entries.length > 0 ? entries.map((entry) => entry.command) : [text];
  }
  if (target.kind === 'autostart') return settings(text, /^\s*Exec\s*=\s*(.{1,4096})$/i);
  if (target.kind === 'supervisor') return settings(text, /^\s*command\s*=\s*(.{1,4096})$/i);
  if (target.kind === 'udev')
    return quoted(text, /(?:RUN|PROGRAM|IMPORT)(?:\{[a-z]{1,20}\})?\s*\+?=\s*"([^"]{1,4096})"/g);
  if (target.kind === 'package_hook') return [text, ...quoted(text, /["']([^"'\n]{1,4096})["']/g)];
  return [text];
}

/** The commands of a unit and the variables that it gives them. */
function judgeUnit(text: string, intel: Intel): ContentJudgement {
  const unit = parseUnit(text);
  if (unit === undefined) return judgeCommands([text], intel);
  const given = judgeVariables(unit.environment.flatMap(variablesIn), intel);
  const judged = judgeCommands(unit.commands, intel);
  const artifacts = [...new Set([...given.artifacts, ...judged.artifacts])].slice(0, MAX_ARTIFACTS);
  if (judged.verdict === 'suspicious' || given.suspicious === undefined) return { ...judged, artifacts };
  return { verdict: 'suspicious', reason: given.suspicious, artifacts };
}

function settings(text: string, pattern: RegExp): readonly string[] {
  return splitLines(text)
    .map((line) => pattern.exec(line)?.[1])
    .filter((value) => value !== undefined);
}

function quoted(text: string, pattern: RegExp): readonly string[] {
  const found: string[] = [];
  for (const [, value = ''] of text.matchAll(pattern)) {
    if (found.length >= MAX_COMMANDS) break;
    found.push(value);
  }
  return found;
}

/** Judges several commands together: suspicious when one is. */
export function judgeCommands(commands: readonly string[], intel: Intel): ContentJudgement {
  if (commands.length === 0) return unknown();
  const artifacts: Artifact[] = [];
  const harmless: Artifact[] = [];
  let suspicious: string | undefined;
  let unseen = false;
  for (const command of commands.slice(0, MAX_COMMANDS)) {
    const one: Judgement = judgeCommand(command, intel);
    suspicious ??= one.suspicious;
    unseen ||= one.unseen === true;
    // What a suspicious line names is kept before what harmless ones name; a text with a gap names nothing of its own.
    const named = [...(one.unseen === true ? [] : [commandArtifact(command)]), ...one.artifacts];
    (one.suspicious === undefined ? harmless : artifacts).push(...named);
  }
  const kept = [...new Set([...artifacts, ...harmless])].slice(0, MAX_ARTIFACTS);
  if (suspicious !== undefined) return { verdict: 'suspicious', reason: suspicious, artifacts: kept };
  return unseen
    ? { ...unknown(), artifacts: kept }
    : { verdict: 'harmless', reason: 'starts nothing suspicious', artifacts: kept };
}

function judgePreload(target: Target, text: string): ContentJudgement {
  const libraries = text.split(/[\s:]+/, MAX_COMMANDS).filter((word) => word.startsWith('/'));
  if (libraries.length === 0) return unknown();
  const strange =
    target.name === 'ld.so.preload'
      ? libraries.find((library) => !BENIGN_PRELOADS.test(library))
      : libraries.find(isSuspiciousProgramPath);
  const artifacts = libraries.slice(0, MAX_ARTIFACTS).map((library) => artifact('path', library));
  return strange === undefined
    ? { verdict: 'harmless', reason: 'loads known libraries', artifacts }
    : { verdict: 'suspicious', reason: `loads ${strange} into every process`, artifacts };
}

/** A key tells nothing of its owner, so plain keys stay unknown; forced commands and listed comments tell. */
function judgeKeys(text: string, intel: Intel): ContentJudgement {
  const listed = LISTED_KEY_COMMENTS.exec(text)?.[0];
  if (listed !== undefined)
    return { verdict: 'suspicious', reason: `the key's comment ${listed} is listed`, artifacts: [] };
  const forced = quoted(text, /command="([^"\n]{1,4096})"/g);
  const judged = judgeCommands(forced, intel);
  return judged.verdict === 'suspicious' ? judged : unknown();
}

/**
 * Of modprobe.d(5) only `install` and `remove` start a command; the other words tune modules that are loaded anyway. A
 * list of modules to load says nothing of what these do.
 */
function judgeModules(target: Target, text: string, intel: Intel): ContentJudgement {
  if (target.label !== 'kernel module set-up') return unknown();
  const commands = settings(text, /^\s*(?:install|remove)\s+\S{1,256}\s+(\S.{0,4096})$/);
  if (commands.length > 0) return judgeCommands(commands, intel);
  return /^\s*(?:install|remove)\s/m.test(text)
    ? unknown()
    : { verdict: 'harmless', reason: 'starts no command', artifacts: [] };
}

const ROTATION_SCRIPT = /^\s*(?:firstaction|prerotate|postrotate|lastaction|preremove)\s*$/;

/** Scripts of logrotate(8), from their keyword to `endscript`; what has none starts nothing. */
function judgeRotation(text: string, intel: Intel): ContentJudgement {
  const scripts: string[][] = [];
  let inside = false;
  for (const line of splitLines(text)) {
    if (ROTATION_SCRIPT.test(line)) {
      inside = true;
      scripts.push([]);
    } else if (line.trim() === 'endscript') inside = false;
    else if (inside) scripts.at(-1)?.push(line);
  }
  return scripts.length === 0
    ? { verdict: 'harmless', reason: 'holds no script', artifacts: [] }
    : judgeCommands(
        scripts.map((lines) => lines.join('\n')),
        intel,
      );
}
