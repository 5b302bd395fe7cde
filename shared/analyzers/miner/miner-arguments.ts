import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS, type Process } from '#shared/model/event.ts';
import type { Flag, Verdict } from '#shared/model/indicator.ts';
import type { Intel, MinerEntry } from '#shared/model/intel.ts';
import { ENCODING_NEEDLES } from '../command/encodings.ts';
import { onlyNames } from '../command/names.ts';
import { imageCommand, type Program, programName } from '../command/program.ts';
import { readCommand } from '../command/reading.ts';
import { merelyPaid } from '../wallet/coins.ts';
import { WALLET_NEEDLES } from '../wallet/find.ts';
import { actorOf, isSuspectPath, isWalletSoftware, listedMiner, processTexts, spoken } from './actor.ts';
import { ALGORITHM_NEEDLES, COIN_PASS_NEEDLES, isCoin } from './algorithms.ts';
import { isWeb, type MinerArguments, readArguments } from './arguments.ts';
import { imageMiner, MINER_TECHNIQUE, programArtifacts } from './artifacts.ts';
import { CONFIG_NEEDLES } from './config-text.ts';
import { FAMILY_NEEDLES } from './families.ts';
import { literals, makeGate, minimalNeedles } from './gate.ts';
import { OPTION_NEEDLES } from './options.ts';
import { isMinersCommand, isScript, isToolsCommand, listedPool, onlyVisits, scriptMines } from './own-words.ts';
import { type PoolUrl, SCHEME_NEEDLES } from './pool-url.ts';

const MAX_VERDICTS = 8;

/**
 * A program whose own words are a miner's: a pool URL, a verified wallet beside a pool, options or algorithms that only
 * miners know. The program's name is not asked, so a renamed miner is found; programs that merely speak of miners are
 * not looked at. What a launcher starts counts as if it stood alone.
 * @param programs listed miners' names, lower case: beside them weaker words are enough
 * @param names listed DNS names
 */
export function minerArguments(programs: readonly string[], names: readonly string[]): Analyzer {
  const needles = minimalNeedles([
    ...SCHEME_NEEDLES,
    ...OPTION_NEEDLES,
    ...FAMILY_NEEDLES,
    ...ALGORITHM_NEEDLES,
    ...WALLET_NEEDLES,
    ...CONFIG_NEEDLES,
    ...ENCODING_NEEDLES,
    ...SUSPECT_FOLDERS,
    ...literals([...programs, ...names]),
    ...COIN_PASS_NEEDLES,
    '--coin',
    'm=solo',
    'extra_nonce',
    'nicehash',
    '--clientsettings',
    '--par',
    '--submit',
  ]);
  const gate = makeGate(needles, true);
  return {
    id: 'miner_arguments',
    version: 1,
    title: 'Program started with the arguments of a miner',
    group: 'miner_execution',
    technique: MINER_TECHNIQUE,
    classes: [CLASS.process, CLASS.file, CLASS.network, CLASS.dns, CLASS.kernel, CLASS.detection],
    needles,
    decide(event, intel) {
      const found = actorOf(event);
      if (found === undefined || !gate(processTexts(found.actor))) return [];
      const verdicts = spokenByMiner(found.actor, intel);
      return found.failed ? verdicts.map((verdict) => ({ ...verdict, strength: 'weak' as const })) : verdicts;
    },
  };
}

/** What the words of a process say of the miners that it is or starts. */
export function spokenByMiner(actor: Process, intel: Intel): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  const setUp = processTexts(actor).some((text) => text !== undefined && SET_UP_SCRIPT.test(text));
  const { programs: started } = readCommand(actor);
  const look = (launcher: boolean): void => {
    for (const [at, program] of started.entries()) {
      if (verdicts.length >= MAX_VERDICTS) break;
      if (program.launcher !== launcher) continue;
      const verdict = judge(program, intel, setUp, isScript(started, at));
      if (verdict !== undefined) verdicts.push(verdict);
    }
  };
  look(false);
  // A launcher's name is asked only where what it seems to start is no miner: a launcher's words hold a miner's.
  if (!verdicts.some(({ strength }) => strength === 'strong')) look(true);
  return verdicts;
}

const SUSPECT_FOLDERS = ['/tmp', '/dev/shm', '/run/user'];

/** The set-up scripts of MoneroOcean, C3Pool and their copies take the wallet as argument. */
const SET_UP_SCRIPT = /(?:^|[/\s])setup_[a-z0-9]{1,24}_miner[\w-]{0,24}\.sh/i;

/** @param script the words are those of an interpreter's script or program text */
function judge(program: Program, intel: Intel, setUp: boolean, script: boolean): Verdict | undefined {
  const words = imageCommand(program) ? program.argv : program.argv.slice(1);
  if (words.length === 0) return undefined;
  const exempt = isToolsCommand(program);
  if (exempt && !words.some((word) => word.startsWith('-'))) return undefined;
  const said = readArguments(words);
  if (exempt && !isMinersCommand(program, said, intel)) return undefined;
  const entry =
    listedMiner(program.path, intel) ??
    (program.container?.image === undefined
      ? undefined
      : imageMiner(program.container.image, (base) => intel.miner(base)));
  const mentioned = said.mentioned.filter(({ url }) => listedPool(url.endpoint.host, intel));
  const pools = [
    ...said.pools,
    ...mentioned.map(({ url }) => url).filter(({ mining }) => !mining),
    ...said.hosts.filter(({ endpoint }) => entry !== undefined || listedPool(endpoint.host, intel)),
  ];
  const reason = strongReason(program, said, pools, entry, intel) ?? weakReason(program, said, pools, setUp, intel);
  if (reason === undefined) return undefined;
  const proven = reason.strong && (!script || reason.common === true || scriptMines(said, intel));
  const strong = proven && !program.remote && (said.benign === undefined || pools.length > 0);
  const flags: Flag[] = [
    ...(program.container === undefined ? [] : (['launch'] as const)),
    ...(reason.common ? (['common_option'] as const) : []),
  ];
  return {
    strength: strong ? 'strong' : 'weak',
    artifacts: programArtifacts(program, said, pools, entry),
    why: `${reason.why}: ${spoken(program)}`,
    ...(flags.length === 0 ? {} : { flags }),
  };
}

interface Reason {
  readonly why: string;
  readonly strong: boolean;
  readonly common?: true;
}

/** `c=XMR`, `m=solo`, alone or in a list: passwords as pools read them. */
function isPoolPass(pass: string): boolean {
  return pass.split(',', 16).some((part) => part === 'm=solo' || (part.startsWith('c=') && isCoin(part.slice(2))));
}
/** unMineable: `COIN:ADDRESS.worker#code`. */
const UNMINEABLE = /^[A-Z0-9]{2,6}:[A-Za-z0-9]{20,120}(?:\.[\w-]{1,64})?#[\w]{3,5}-[\w]{3,5}$/;
const TEMPLATES = /%(?:WAL|rig_name|WORKER_NAME|EWAL|ZWAL|DWAL)%/;

function strongReason(
  program: Program,
  said: MinerArguments,
  pools: readonly PoolUrl[],
  entry: MinerEntry | undefined,
  intel: Intel,
): Reason | undefined {
  const is = (why: string): Reason => ({ why, strong: true });
  const scheme = pools.find(({ mining }) => mining);
  if (scheme !== undefined) return is(`mining scheme ${scheme.scheme}://`);
  if (said.strong.length > 0) return is(`options that only miners have (${said.strong.slice(0, 4).join(' ')})`);
  if (said.together.length > 0)
    return is(`options that only one miner has together (${said.together.slice(0, 4).join(' ')})`);
  if (said.beside.length > 0)
    return is(`options that only miners have beside a pool (${said.beside.slice(0, 4).join(' ')})`);
  if (said.relay !== undefined && (said.relay !== 'simple' || isSuspectPath(program.path)))
    return is(`a pool, a place to listen and a mode of a miners' proxy (${said.relay})`);
  const algorithm = said.algorithms.find(({ strength }) => strength === 'strong') ?? said.algorithms[0];
  const onlyMining = algorithm?.strength === 'strong';
  const listed = pools.find(({ endpoint }) => listedPool(endpoint.host, intel));
  const backed = algorithm !== undefined || listed !== undefined || entry !== undefined;
  const wallet = isWalletSoftware(programName(program)) ? undefined : bestWallet(said, backed);
  if (wallet !== undefined && pools.length > 0) return is(`a verified ${wallet} wallet beside a pool`);
  if (wallet !== undefined && said.togetherWithWallet.length > 0)
    return is(`a verified ${wallet} wallet with ${said.togetherWithWallet.slice(0, 4).join(' ')}`);
  if (wallet !== undefined && (onlyMining || entry !== undefined))
    return is(`a verified ${wallet} wallet with an algorithm or a miner's name`);
  if (pools.length > 0) {
    const login = said.users.length > 0 || said.passes.length > 0;
    if (onlyMining && login) return is(`mining algorithm ${algorithm.name} with a pool and a login`);
    if (algorithm !== undefined && said.users.some(isWalletShaped))
      return is(`algorithm ${algorithm.name}, a pool and a wallet-shaped login`);
    if (listed !== undefined && login) return is(`listed pool ${listed.endpoint.host} with a login`);
    if (
      listed !== undefined &&
      said.port !== undefined &&
      !said.mentioned.some(({ url, named }) => url === listed && !named)
    )
      return is(`listed pool ${listed.endpoint.host} with its port`);
    if (entry !== undefined && (login || algorithm !== undefined))
      return is(`listed miner ${entry.name} (${entry.source}) with a pool`);
    if (said.passes.some(isPoolPass) && said.users.length > 0) return is('a pool with a password that only pools read');
    if (said.users.some((user) => UNMINEABLE.test(user) || TEMPLATES.test(user)))
      return is('a pool with a login that only mining services read');
  }
  return undefined;
}

function weakReason(
  program: Program,
  said: MinerArguments,
  pools: readonly PoolUrl[],
  setUp: boolean,
  intel: Intel,
): Reason | undefined {
  const suspect = program.container === undefined && isSuspectPath(program.path);
  const common = (why: string): Reason => ({ why, strong: suspect, common: true });
  if (said.common.length > 0 && !KNOWN_USERS.test(programName(program)) && sharedAlone(said, pools))
    return { why: `an option that miners share with others (${said.common[0]})`, strong: false };
  if (said.common.length > 0 && !KNOWN_USERS.test(programName(program)))
    return common(`options that miners share with others (${said.common.slice(0, 4).join(' ')})`);
  const algorithm = said.algorithms.find(({ strength }) => strength === 'strong');
  if (algorithm !== undefined) return { why: `mining algorithm ${algorithm.name}`, strong: suspect };
  if (said.submitted) return { why: 'a benchmark of a miner, submitted', strong: false };
  const login = said.users.length > 0;
  if (said.coins.length > 0 && said.given.length > 0 && login)
    return { why: `coin ${said.coins[0]} with a pool and a login`, strong: suspect };
  if (said.kept && suspect && !onlyNames(programName(program)))
    return common('a host with a port, a login and an option of its connection');
  if ((said.triple && suspect) || ((said.triple || said.split) && said.users.some(isWalletShaped)))
    return common('a host with a port and a login');
  const listed = pools.find((pool) => !isWeb(pool) && listedPool(pool.endpoint.host, intel));
  if (listed !== undefined && (suspect || !onlyVisits(program)))
    return { why: `listed pool ${listed.endpoint.host} as an option's value`, strong: suspect };
  if (isWalletSoftware(programName(program))) return undefined;
  const wallet = bestWallet(said, false);
  return wallet === undefined
    ? undefined
    : { why: `a verified ${wallet} wallet${setUp ? " for a miner's set-up script" : ''}`, strong: setUp };
}

/** Programs that take some of these options for their own work: crackers of hashes and load tests. */
const KNOWN_USERS = /^(?:hashcat|john|stress-ng|sysbench|fio)(?:\.bin)?$/i;
/** Options that hashcat and others spell the same way: one of them proves nothing even in a writable folder. */
const SHARED_OPTIONS: ReadonlySet<string> = new Set(['--cpu-affinity', '--pause-on-active', '--wrmsr']);

/** Whether one shared option is all that the words have of a miner. */
function sharedAlone(said: MinerArguments, pools: readonly PoolUrl[]): boolean {
  const [option = ''] = said.common;
  const signs = pools.length + said.hosts.length + said.wallets.length + said.algorithms.length + said.coins.length;
  return said.common.length === 1 && SHARED_OPTIONS.has(option) && signs === 0;
}

/** Long base58 or hexadecimal text before the worker's name. */
function isWalletShaped(user: string): boolean {
  return /^(?:[A-Z0-9]{2,6}:)?(?:[a-z]{2,12}:)?[A-Za-z0-9]{30,400}(?:[.+/:~#@,_-]|$)/.test(user);
}

/** Coins of the best verified wallet; wallets that are merely paid count when something of mining stands beside them. */
function bestWallet(said: MinerArguments, backed: boolean): string | undefined {
  const verified = said.wallets.filter(({ checksum }) => checksum === 'verified');
  const own = verified.find(({ coins }) => !merelyPaid(coins)) ?? (backed ? verified[0] : undefined);
  return own?.coins.join(' or ');
}
