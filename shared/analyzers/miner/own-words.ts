import type { Intel } from '#shared/model/intel.ts';
import { isInterpreter } from '../command/names.ts';
import { type Program, programName, speaksOnly } from '../command/program.ts';
import { isSuspectPath } from './actor.ts';
import { isWeb, type MinerArguments } from './arguments.ts';

/**
 * Whether a program is a tool or a launcher by its name and stands where systems and package managers install such: its
 * words are then no miner's unless `isMinersCommand` says so. `/root/find` is no tool, whoever calls it so.
 */
export function isToolsCommand(program: Program): boolean {
  return speaksOnly(program) && (program.launcher || isInstalledPlace(program.path));
}

const INSTALLED = /^\/(?:usr|opt|snap|nix|gnu\/store|lib(?:32|64|x32)?|var\/lib|Applications|System|Library)\//;
const PROGRAM_FOLDER = /\/(?:s?bin|libexec|shims|Scripts)\/[^/]*$/;

function isInstalledPlace(path: string): boolean {
  return !path.startsWith('/') || INSTALLED.test(path) || PROGRAM_FOLDER.test(path);
}

/** Commands that print, keep or weigh any words: `echo -o pool:3333 -u WALLET` mines nothing. */
const TAKES_ANY_WORDS: ReadonlySet<string> = new Set(
  'echo printf true false test [ expr set unset export alias read logger mail mailx write wall help'.split(' '),
);
const SCRIPT_FILE = /\.(?:py[cz]?|[cm]?[jt]s|rb|pl|php|jar|lua|tcl|exp|ps1)$/;

/**
 * Whether a tool's words, each of them an option or its value, are a miner's whole command line: a pool beside a wallet,
 * an algorithm or an own option, or two own options. No tool takes such words; a pattern, a message or an operand among
 * them ends the question.
 */
export function isMinersCommand(program: Program, said: MinerArguments, intel: Intel): boolean {
  if (!said.pure) return false;
  if (TAKES_ANY_WORDS.has(programName(program)) && /^(?:(?:\/usr)?\/bin\/)?[^/]*$/.test(program.path)) return false;
  if (isInterpreter(programName(program)) && program.argv.some((word) => SCRIPT_FILE.test(word))) return false;
  const own = said.strong.filter(isOptionWord).length;
  if (own >= 2 || said.together.length > 0) return true;
  const pools = [...said.given, ...said.hosts].filter((pool) => !isWeb(pool));
  const listed = pools.some(({ endpoint }) => listedPool(endpoint.host, intel));
  if (said.given.every(isWeb) && !listed) return false;
  return (
    own > 0 ||
    said.beside.length > 0 ||
    said.algorithms.some(({ strength }) => strength === 'strong') ||
    hasWalletLogin(said) ||
    (listed && said.users.length > 0)
  );
}

/** Programs that try any host and port: a pool among their words is looked up there, and mined by none of them. */
const VISITORS: ReadonlySet<string> = new Set(
  'nc ncat netcat nc.openbsd nc.traditional telnet tcping nping httping'.split(' '),
);

export function onlyVisits(program: Program): boolean {
  return VISITORS.has(programName(program).toLowerCase());
}

/**
 * Whether what an interpreter's script is told makes up a miner's command: a pool by a pool's option beside what only a
 * miner is told with it. A wallet, a pool's URL or one option alone is what scanners and payment scripts handle too.
 */
export function scriptMines(said: MinerArguments, intel: Intel): boolean {
  const own = said.strong.filter(isOptionWord).length;
  if (own >= 2 || said.together.length > 0) return true;
  if (said.given.length === 0) return false;
  const login = said.users.length > 0 || said.passes.length > 0;
  return (
    own > 0 ||
    said.beside.length > 0 ||
    (said.triple && hasWalletLogin(said)) ||
    (login &&
      (said.given.some(({ mining, endpoint }) => mining || listedPool(endpoint.host, intel)) ||
        said.algorithms.some(({ strength }) => strength === 'strong')))
  );
}

/**
 * Whether the program at this place of a command line is the script of the interpreter before it, or the interpreter
 * with its program text. What such a text itself starts is none.
 */
export function isScript(programs: readonly Program[], at: number): boolean {
  const program = programs[at];
  if (program === undefined || isSuspectPath(program.executable ?? '')) return false;
  if (!program.launcher && isInterpreter(programName(program)) && !isSuspectPath(program.path)) return true;
  if (!isInterpreter(program.via.at(-1) ?? '')) return false;
  const before = programs[at - 1];
  if (before === undefined || before.argv.length <= program.argv.length) return false;
  const behind = before.argv.length - program.argv.length;
  return program.argv.every((word, index) => word === before.argv[behind + index]);
}

/** Whether a host is a listed pool or proxy, rather than its web page. */
export function listedPool(host: string, intel: Intel): boolean {
  const match = intel.name(host);
  return match !== undefined && !match.site && (match.entry.kind === 'pool' || match.entry.kind === 'proxy');
}

/** Own options as words; keys of a configuration are in quotes. */
function isOptionWord(word: string): boolean {
  return word.startsWith('-');
}

function hasWalletLogin({ wallets, users }: MinerArguments): boolean {
  return wallets.some(({ checksum, address }) => checksum === 'verified' && users.some((one) => one.includes(address)));
}
