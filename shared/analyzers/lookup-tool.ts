import { programs } from '#shared/analyzers/command/reading.ts';
import type { Analyzer } from '#shared/model/analyzer.ts';
import { endpointArtifact } from '#shared/model/endpoint.ts';
import { CLASS, type Process } from '#shared/model/event.ts';
import type { Verdict } from '#shared/model/indicator.ts';
import type { Intel, NameMatch } from '#shared/model/intel.ts';
import { isPoolKind, isStratum, listing, POOL_TECHNIQUE } from './pool-lookup.ts';

const MAX_ARGUMENTS = 64;
/** A DNS name, a scheme, a path: longer arguments are no host. */
const MAX_ARGUMENT = 1024;
const MIN_NEEDLE = 4;

/** Programs that ask a resolver for the names among their arguments. */
const RESOLVERS = new Set('dig kdig delv drill dog doggo host nslookup'.split(' '));
/** Programs of which one word makes a resolver: it must be among the arguments. */
const RESOLVERS_BY_WORD: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['getent', new Set(['hosts', 'ahosts', 'ahostsv4', 'ahostsv6'])],
  ['resolvectl', new Set(['query'])],
  ['systemd-resolve', new Set([])],
  ['powershell', new Set(['resolve-dnsname'])],
  ['pwsh', new Set(['resolve-dnsname'])],
  ['resolve-dnsname', new Set([])],
]);
/** Programs that go to the host among their arguments, and look it up for that. */
const VISITORS = new Set(
  'ping ping6 curl wget nc ncat netcat telnet openssl socat traceroute tracepath mtr'.split(' '),
);
/** Programs that start the program behind them. */
const WRAPPERS = new Set('sudo env timeout nohup nice ionice stdbuf setsid time busybox chronic'.split(' '));

/**
 * A command line that asks for a mining pool: dig, host or nslookup with a pool's stratum name, as loaders do that test
 * for a way out, or ping, curl, nc and openssl s_client that try it. What was asked by a batch file is not visible.
 * A factory, since the names of the tools are too short for needles: these are the listed names themselves, and so let
 * lines with any of them pass the text filter for other detections too.
 */
export function lookupTool(intel: { names(): Iterable<string> }): Analyzer {
  return {
    id: 'lookup_tool',
    version: 1,
    title: 'Lookup of a mining pool by a command',
    group: 'pool_connection',
    technique: POOL_TECHNIQUE,
    classes: [CLASS.process],
    needles: [...new Set([...intel.names()].filter((name) => name.length >= MIN_NEEDLE))],
    decide(event, known) {
      if (event.class !== CLASS.process || event.success === false) return [];
      const direct = decideCommand(commandOf(event.process), known);
      if (direct.length > 0) return direct;
      const inner = programs(event.process).filter((program) => program.source !== 'argv' && !program.remote);
      return (
        inner
          .map(({ argv, exact }) => decideCommand(commandOf({ argv, exact }), known))
          .find((one) => one.length > 0) ?? []
      );
    },
  };
}

function decideCommand(command: Command | undefined, known: Intel): readonly Verdict[] {
  if (command === undefined) return [];
  if (isResolver(command)) return firstVerdict(command, known, resolvedVerdict);
  return VISITORS.has(command.program) ? firstVerdict(command, known, visitedVerdict) : [];
}

interface Command {
  readonly program: string;
  readonly arguments: readonly string[];
}

/** The program that runs in the end, and its arguments: wrappers and their options are skipped. */
function commandOf({ argv, executable, exact }: Process): Command | undefined {
  let words: readonly string[] = (argv ?? []).slice(0, MAX_ARGUMENTS);
  if (exact === false) words = words.map(unquoted);
  const first = words[0] ?? executable;
  if (first === undefined) return undefined;
  let program = baseName(first);
  let rest = words.slice(1);
  while (WRAPPERS.has(program)) {
    const next = rest.findIndex((word) => !isWrapperOption(word));
    if (next < 0) return undefined;
    program = baseName(rest[next] ?? '');
    rest = rest.slice(next + 1);
  }
  // The kernel's name of the program wins over what the caller claims to start, unless one box holds many programs.
  const real = executable === undefined ? program : baseName(executable);
  const isTool = VISITORS.has(real) || RESOLVERS.has(real) || RESOLVERS_BY_WORD.has(real);
  return { program: isTool ? real : program, arguments: rest };
}

function isWrapperOption(word: string): boolean {
  return word.startsWith('-') || word.includes('=') || /^\d+(?:\.\d+)?[smhd]?$/.test(word);
}

function unquoted(word: string): string {
  const bare = word.startsWith('"') || word.startsWith("'") ? word.slice(1) : word;
  return bare.endsWith('"') || bare.endsWith("'") ? bare.slice(0, -1) : bare;
}

function baseName(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).toLowerCase();
  return name.endsWith('.exe') ? name.slice(0, -4) : name;
}

function isResolver({ program, arguments: words }: Command): boolean {
  if (RESOLVERS.has(program)) return true;
  const needed = RESOLVERS_BY_WORD.get(program);
  if (needed === undefined) return false;
  return needed.size === 0 || words.some((word) => word.split(/\s/, 8).some((part) => needed.has(part.toLowerCase())));
}

type Judge = (host: string, port: number | undefined, match: NameMatch, program: string) => Verdict | undefined;

/** The strongest of what the arguments give; one command is one lookup. */
function firstVerdict(command: Command, intel: Intel, judge: Judge): readonly Verdict[] {
  let best: Verdict | undefined;
  for (const word of command.arguments.flatMap(wordsOf)) {
    for (const { host, port } of hostsOf(word)) {
      const match = intel.name(host);
      const verdict = match === undefined ? undefined : judge(host, port, match, command.program);
      if (verdict?.strength === 'strong') return [verdict];
      best ??= verdict;
    }
  }
  return best === undefined ? [] : [best];
}

/** A whole command in one argument (`powershell -Command …`) is taken apart; server and options are no names. */
function wordsOf(argument: string): readonly string[] {
  if (argument.length > MAX_ARGUMENT) return [];
  return argument.split(/\s+/).flatMap((word) => {
    if (word.startsWith('-') && word.includes('=')) return [word.slice(word.indexOf('=') + 1)];
    return word === '' || '-+@'.includes(word.charAt(0)) ? [] : [word];
  });
}

interface Host {
  readonly host: string;
  readonly port: number | undefined;
}

/** The hosts that a word may name: bare, with a port, in a URL, or behind an address type as socat writes it. */
function hostsOf(word: string): readonly Host[] {
  const scheme = word.indexOf('://');
  let authority = scheme < 0 ? word : word.slice(scheme + 3);
  const end = authority.search(/[/?#,]/);
  if (end >= 0) authority = authority.slice(0, end);
  authority = authority.slice(authority.lastIndexOf('@') + 1);
  const parts = authority.split(':', 3);
  return parts.slice(0, 2).flatMap((host, at) => (host === '' ? [] : [{ host, port: portOf(parts[at + 1]) }]));
}

function portOf(text: string | undefined): number | undefined {
  const port = text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port > 0 && port < 65_536 ? port : undefined;
}

const resolvedVerdict: Judge = (_, port, match, program) => {
  if (!isPoolKind(match.entry)) return undefined;
  return verdict(isStratum(match) ? 'strong' : 'weak', port, match, program);
};

/** Whoever visits a pool's web page is no miner, so only stratum names count, and these may be a test of the way out. */
const visitedVerdict: Judge = (_, port, match, program) =>
  isStratum(match) ? verdict('weak', port, match, program) : undefined;

function verdict(strength: 'strong' | 'weak', port: number | undefined, match: NameMatch, program: string): Verdict {
  return {
    strength,
    artifacts: [endpointArtifact(port === undefined ? { host: match.name } : { host: match.name, port })],
    flags: ['lookup'],
    why: `${program} was run with ${match.name}: ${listing(match.entry)}`,
  };
}
