import { launcherOf } from '#shared/analyzers/command/launchers.ts';
import { baseName, isInterpreter, isShell } from '#shared/analyzers/command/names.ts';
import { type Program, programName, speaksOnly } from '#shared/analyzers/command/program.ts';
import { readScript } from '#shared/analyzers/command/reading.ts';
import { pipedCode } from '#shared/analyzers/context/piped-code.ts';
import { isPublicAddress } from '#shared/model/address.ts';
import type { Intel } from '#shared/model/intel.ts';
import { type Artifact, artifact } from '#shared/model/place.ts';
import { miningOf, ofVariables, type Variable } from './mines.ts';
import { minerName } from './names.ts';
import { isSuspiciousProgramPath, stripRoot } from './root-prefix.ts';

/** What a text starts or where it points. */
export interface Judgement {
  /** Why it looks like malware's; absent when it looks harmless. */
  readonly suspicious?: string;
  /** What it starts stands in a variable whose value is not known, or is missing. */
  readonly unseen?: true;
  /** URLs that it fetches and programs that it starts by path. */
  readonly artifacts: readonly Artifact[];
}

/** Options that no program but a miner is known to take (usage texts of XMRig, SRBMiner and their forks). */
const MINER_OPTIONS =
  /^--(?:donate-l|donate-o|randomx-|rig-id|rigid|nicehash|use-nicehash|cpu-max-threads-hint|coinbase-addr|huge-pages-jit|algorithm-cpu|disable-msr-tweaks|mining-address)/;
const POOL_SCHEME = /\b(?:stratum[123]?\+(?:tcps?|ssl|tls)|daemon\+https?|ethproxy\+(?:tcp|ssl)|stratums?):\/\//i;
/** Hosts where anybody may leave a file without an account, and dynamic names of campaigns. */
const DROP_HOSTS =
  /(?:^|\.)(?:pastebin\.com|transfer\.sh|0x0\.st|bashupload\.com|oshi\.at|paste\.ee|ix\.io|termbin\.com|hastebin\.com|temp\.sh|file\.io|catbox\.moe|anonfiles\.com|anondns\.net|onion|onion\.[a-z]{2,6}|tor2web\.[a-z]{2,6})$/;
const URL = /\b(?:https?|ftp):\/\/[^\s"'`|;<>(){}\\]{3,500}/gi;
const BARE_ADDRESS = /^(\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?(?:\/|$)/;
const DOWNLOADERS = new Set('curl wget cur cd1 wd1 wge fetch aria2c lwp-download tntcurl tntwget'.split(' '));
const MAX_ARTIFACTS = 16;

/** Collects the first reason, and a bounded number of artifacts. */
class Verdicts {
  suspicious: string | undefined;
  readonly artifacts = new Set<Artifact>();

  because(reason: string): void {
    this.suspicious ??= reason;
  }

  add(one: Artifact): void {
    if (this.artifacts.size < MAX_ARTIFACTS) this.artifacts.add(one);
  }

  judgement(): Judgement {
    const artifacts = [...this.artifacts];
    return this.suspicious === undefined ? { artifacts } : { suspicious: this.suspicious, artifacts };
  }
}

/**
 * Judges a command as a cron line, unit or profile would start it, by what it runs: fetched or decoded code piped to a
 * shell, a program in a writable or hidden folder, a file from a bare public address or a paste host, a miner by name or
 * option. A path that is merely written to or cleaned (`find /tmp -delete`, `> /tmp/log`) says nothing.
 */
export function judgeCommand(text: string, intel: Intel): Judgement {
  const found = new Verdicts();
  const piped = pipedCode(text);
  if (piped !== undefined) {
    found.because(
      piped.origin === 'download' ? `runs a download with ${piped.runner}` : `runs decoded text with ${piped.runner}`,
    );
  }
  readUrls(text, found);
  const { programs } = readScript(text);
  for (const program of programs) judgeProgram(program, intel, found);
  const judged = found.judgement();
  return judged.suspicious === undefined && isUnseen(text, programs) ? { ...judged, unseen: true } : judged;
}

/** A program's place taken by a variable; that of the home folder tells enough. */
const VARIABLE = /^\$(?!HOME\b|\{HOME\})[\w{(]/;
/** What prepares or delays a start and starts nothing itself, beside the programs that merely speak. */
const PREPARING: ReadonlySet<string> = new Set('sleep wait ulimit umask . source'.split(' '));

/** Whether a command starts something, and all that it starts is unknown. */
function isUnseen(text: string, programs: readonly Program[]): boolean {
  if (/^\s*(?:\$\(|`|$)/.test(text)) return true;
  const started = programs.filter(
    (one) => one.argv.length > 0 && !speaksOnly(one) && !PREPARING.has(one.argv[0] ?? ''),
  );
  return started.length > 0 && started.every(({ argv }) => VARIABLE.test(argv[0] ?? ''));
}

/** Judges variables that are given to what starts: a library to load from a writable or hidden folder, a miner's pool. */
export function judgeVariables(variables: readonly Variable[], intel: Intel): Judgement {
  const found = new Verdicts();
  for (const [name, value] of variables) if (name === 'LD_PRELOAD') judgePreload(value, found);
  const mining = ofVariables(variables, intel);
  if (mining !== undefined) {
    found.because(mining.reason);
    for (const one of mining.artifacts) found.add(one);
  }
  return found.judgement();
}

function judgePreload(library: string, found: Verdicts): void {
  if (isSuspiciousProgramPath(stripRoot(library).path)) found.because(`preloads ${library}`);
}

/** Folders that set-up scripts of pools make for their miner (MoneroOcean, C3Pool, HashVault). */
const MINER_FOLDERS: ReadonlySet<string> = new Set(['moneroocean', 'c3pool', 'hashvault']);

/** Why the folders of a path point to a miner, whatever the file is called. */
function minerFolder(path: string, intel: Intel): string | undefined {
  for (const folder of path.split('/', 16).slice(0, -1)) {
    if (MINER_FOLDERS.has(folder.toLowerCase())) return `the folder ${folder} is a pool's`;
    const named = folder === '' ? undefined : minerName(folder, intel);
    if (named !== undefined) return named;
  }
  return undefined;
}

function judgeProgram(program: Program, intel: Intel, found: Verdicts): void {
  const { path } = stripRoot(program.path);
  if (path.includes('/')) {
    if (!isCommonProgram(path)) found.add(artifact('path', path));
    if (isSuspiciousProgramPath(path)) found.because(`starts ${path}`);
    const folder = minerFolder(path, intel);
    if (folder !== undefined) found.because(`starts ${path}: ${folder}`);
  }
  const exported = program.argv.find((word) => word.startsWith('LD_PRELOAD='))?.slice('LD_PRELOAD='.length);
  const preload = program.environment['LD_PRELOAD'] ?? exported;
  if (preload !== undefined) judgePreload(preload, found);
  if (DOWNLOADERS.has(programName(program).toLowerCase())) {
    for (const word of program.argv.slice(1)) judgeHost(BARE_ADDRESS.exec(word)?.[1] ?? '', word, found);
  }
  const mining = miningOf(program, intel);
  if (mining !== undefined) {
    found.because(mining.reason);
    for (const one of mining.artifacts) found.add(one);
  }
  if (speaksOnly(program)) return;
  const name = baseName(program.argv[0] ?? '');
  const entry = intel.miner(name);
  if (entry !== undefined && entry.generic !== true) found.because(`starts the listed program ${entry.name}`);
  const option = program.argv.find((word) => MINER_OPTIONS.test(word) || POOL_SCHEME.test(word));
  if (option !== undefined) found.because(`starts ${name} with a miner's option ${option.slice(0, 80)}`);
}

/** Shells, interpreters, launchers and downloaders link nothing: half the host runs them. */
function isCommonProgram(path: string): boolean {
  const base = baseName(path);
  return isShell(base) || isInterpreter(base) || launcherOf(base) !== undefined || DOWNLOADERS.has(base);
}

function readUrls(text: string, found: Verdicts): void {
  let count = 0;
  for (const [url] of text.matchAll(URL)) {
    if (count++ >= MAX_ARTIFACTS) return;
    const clean = url.replace(/[.,]{1,3}$/, '');
    found.add(artifact('url', clean));
    judgeHost(hostOf(clean), clean, found);
  }
}

function hostOf(url: string): string {
  const authority = url.slice(url.indexOf('://') + 3).split(/[/?#]/, 1)[0] ?? '';
  return authority
    .slice(authority.lastIndexOf('@') + 1)
    .replace(/:\d{0,5}$/, '')
    .toLowerCase();
}

function judgeHost(host: string, text: string, found: Verdicts): void {
  if (host === '') return;
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)) {
    if (isPublicAddress(host)) found.because(`fetches from a bare address: ${text}`);
  } else if (DROP_HOSTS.test(host)) found.because(`fetches from a paste or hidden host: ${text}`);
}

/** Why a program that fetches a text fetches it from where no administrator keeps one; `undefined` for other programs. */
export function strangeSource(program: Program): string | undefined {
  if (!DOWNLOADERS.has(programName(program).toLowerCase())) return undefined;
  const found = new Verdicts();
  const words = program.argv.slice(1);
  readUrls(words.join('\n'), found);
  for (const word of words) judgeHost(BARE_ADDRESS.exec(word)?.[1] ?? '', word, found);
  return found.suspicious;
}

/** `cmd:` of a command, blanks made single so that the same line from two records is the same artifact. */
export function commandArtifact(command: string): Artifact {
  return artifact('cmd', command.slice(0, 2048).replace(/\s+/g, ' ').trim());
}
