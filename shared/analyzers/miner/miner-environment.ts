import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS } from '#shared/model/event.ts';
import type { Flag, Verdict } from '#shared/model/indicator.ts';
import type { Intel } from '#shared/model/intel.ts';
import { type Artifact, artifact } from '#shared/model/place.ts';
import { assignment } from '../command/assignments.ts';
import { type Program, programName } from '../command/program.ts';
import { readCommand } from '../command/reading.ts';
import { merelyPaid } from '../wallet/coins.ts';
import { type FoundWallet, findWallets, WALLET_NEEDLES } from '../wallet/find.ts';
import { actorOf, isWalletSoftware, listedMiner, processTexts } from './actor.ts';
import { ALGORITHM_NEEDLES, algorithmStrength } from './algorithms.ts';
import { isWeb } from './arguments.ts';
import { endpointArtifacts, imageMiner, MINER_TECHNIQUE, pathArtifacts, walletArtifacts } from './artifacts.ts';
import { CONFIG_NEEDLES, readConfigText } from './config-text.ts';
import { literals, makeGate, minimalNeedles } from './gate.ts';
import { allExported, optionsIn } from './given-options.ts';
import { OPTION_NEEDLES } from './options.ts';
import { listedPool } from './own-words.ts';
import { findPoolUrls, type PoolUrl, parsePoolUrl, SCHEME_NEEDLES } from './pool-url.ts';

/**
 * Names of variables that only images of miners read (metal3d/xmrig, aeon-miner, monero-miner, xmr-stak, HiveOS, the
 * Qubic client, ORE), in lower case: weak alone, since only a value is proof. A trailing `*` stands for any end.
 */
const TELLING = [
  'donate_level',
  'xmrig_*',
  'use_nicehash',
  'payout_address',
  'xmrpool',
  'custom_miner',
  'custom_miner_*',
  'clientsettings__*',
  'mining_pool*',
  'miner_wallet*',
  'pool_wallet',
  'xmr_wallet*',
  'randomx_*',
];

/** Those of the telling names that say who is paid and no more: a shop has such an address too. */
const PAID_NAMES = /^(?:payout_address|xmr_wallet.{0,64})$/;

/** Names under which images of miners take a pool or a wallet; web applications use some of them too. */
const SHARED =
  /^(?:wallet(?:_?address)?|user(?:name)?|address|url|custom_(?:url|template|pass|user_config)|worker(?:_?name)?|coin|server|xmr_address|btc_address)$/;
/** Names that speak of a pool, or of the account there. */
const POOL_NAME =
  /^(?:(?:mining|miner|xmr|xmrig|monero)_?)?(?:pool|stratum)(?:_?(?:url|uri|user|addr|address|host|server|pass|pw|wallet|port))?\d?$|^(?:custom_url|custom_template|mining_address|miner_server)$/;
const POOL_PORT = /^(?:(?:mining|miner|xmr|xmrig|monero)_?)?(?:pool|stratum)_?port\d?$/;
const ALGORITHM_NAME =
  /^(?:(?:mining|miner|xmr|xmrig|monero|pool|custom|cpu|gpu)_?)?algo(?:rithm)?s?(?:_mode)?\d?$|^cryptonight_variant$/;
const WORKER_NAME = /^(?:(?:mining|miner|xmr|xmrig|pool)_?)?(?:worker|rig)(?:_?(?:name|id))?$/;
/** A number of workers, or whether there are any, names no worker. */
const NO_NAME = /^(?:\d{0,9}|true|false|yes|no|on|off)$/i;

/** A part of the host that a program talks to, and of its port: they say something beside a mining algorithm alone. */
const HOST_NAME = /^(?:host(?:name)?|server|addr(?:ess)?|ip|remote|endpoint)(?:_?(?:host|ip|addr))?$/;
const PORT_NAME = /^(?:(?:server|remote|host)_?)?port$/;

/** Where a program listens, or its own host. */
const LISTENS = /^(?:127\.|0\.0\.0\.0$|::1?$|localhost$)/;

const MAX_VARIABLES = 256;
const MAX_TEXTS = 64;
const MAX_VALUE = 8192;

/**
 * Variables that an image of a miner reads, in a process's environment, in front of a command, or given to a container
 * by `-e`, or exported earlier in the same text. A wallet is strong beside a pool, an algorithm, a worker, another
 * variable that only miners read, or a miner; alone it is weak, since whoever takes payments has one. A pool beside a
 * mining algorithm is strong, a telling name alone weak, names shared with other software nothing.
 * @param names listed DNS names
 */
export function minerEnvironment(names: readonly string[]): Analyzer {
  const needles = minimalNeedles([
    ...TELLING.map((name) => name.replace('*', '')),
    ...SCHEME_NEEDLES,
    ...WALLET_NEEDLES,
    ...CONFIG_NEEDLES,
    ...literals(names),
    ...ALGORITHM_NEEDLES,
    ...OPTION_NEEDLES,
    'equihash',
    'pool_url',
    'pool_user',
    'pool_address',
    'pool_host',
    'pool_server',
    'custom_url',
    'custom_template',
  ]);
  const gate = makeGate(needles, true);
  return {
    id: 'miner_environment',
    version: 2,
    title: 'Environment variables of a miner',
    group: 'miner_execution',
    technique: MINER_TECHNIQUE,
    classes: [CLASS.process, CLASS.file, CLASS.network, CLASS.dns, CLASS.detection],
    needles,
    decide(event, intel) {
      const found = actorOf(event);
      if (found === undefined || !gate(processTexts(found.actor))) return [];
      const { argv = [], exact } = found.actor;
      const texts = argv.slice(0, MAX_TEXTS).join(exact === false ? ' ' : '\n');
      const seen = new Set<string>();
      const verdicts: Verdict[] = [];
      const exported = new Map<string, string>();
      for (const program of readCommand(found.actor).programs) {
        if (verdicts.length >= 4) break;
        const given = isSet(program) ? allExported(texts) : exportsOf(program);
        for (const [name, value] of given) if (exported.size < MAX_VARIABLES) exported.set(name, value);
        if (isSet(program)) continue;
        const variables = variablesOf(program, exported);
        const miner = isMiner(program, intel);
        const key = [String(miner), ...variables.map(([name, value]) => `${name}=${value}`)].join('\n');
        if (variables.length === 0 || seen.has(key)) continue;
        seen.add(key);
        const verdict = judge(program, variables, miner, intel);
        if (verdict !== undefined) verdicts.push(verdict);
      }
      return verdicts;
    },
  };
}

type Variable = readonly [name: string, value: string];

/** What `export A=B` and its kin give to the programs behind them, and `export A` of a variable set before. */
function exportsOf({ argv, container, remote, environment }: Program): readonly Variable[] {
  if (container !== undefined || remote || !/^(?:export|declare|readonly|local|typeset)$/.test(argv[0] ?? ''))
    return [];
  return argv.slice(1).flatMap((word) => {
    const value = Object.hasOwn(environment, word) ? environment[word] : undefined;
    const pair = assignment(word) ?? (value === undefined ? undefined : ([word, value] as const));
    return pair === undefined ? [] : [pair];
  });
}

const isSet = ({ argv, container, remote }: Program): boolean =>
  argv[0] === 'set' && container === undefined && !remote;

/** A program's own variables, and those that the text exported before it; a container sees only its own. */
function variablesOf(program: Program, exported: ReadonlyMap<string, string>): readonly Variable[] {
  const inherited = program.container === undefined && !program.remote ? Object.fromEntries(exported) : {};
  return Object.entries({ ...inherited, ...program.environment })
    .slice(0, MAX_VARIABLES)
    .map(([name, value]) => [name, value.slice(0, MAX_VALUE)]);
}

/** Whether the program, or the image that is started with the variables, is a listed miner. */
function isMiner(program: Program, intel: Intel): boolean {
  if (listedMiner(program.path, intel) !== undefined) return true;
  const { image, entry } = program.container ?? {};
  return image !== undefined && entry !== true && imageMiner(image, (base) => intel.miner(base)) !== undefined;
}

interface Found {
  readonly names: string[];
  /** Names that say mining beside a wallet: of a pool, a worker, a miner's own setting. */
  readonly mining: string[];
  /** Endpoints in variables whose name or scheme is a pool's. */
  readonly poolNamed: PoolUrl[];
  /** Endpoints in `URL`, `SERVER`: any program's, unless an algorithm or a login stands beside. */
  readonly servers: PoolUrl[];
  readonly algorithms: string[];
  login: boolean;
  readonly pools: PoolUrl[];
  readonly wallets: FoundWallet[];
  strong: string | undefined;
  weak: string | undefined;
}

function judge(program: Program, variables: readonly Variable[], miner: boolean, intel: Intel): Verdict | undefined {
  const found: Found = {
    names: [],
    mining: [],
    poolNamed: [],
    servers: [],
    algorithms: [],
    login: false,
    pools: [],
    wallets: [],
    strong: undefined,
    weak: undefined,
  };
  const port = variables.find(([name]) => POOL_PORT.test(name.toLowerCase()))?.[1];
  for (const [name, value] of variables) {
    readVariable(name, value, port, found, intel);
    readOptions(name, value, found, intel);
  }
  const algorithm = found.algorithms[0];
  if (algorithm !== undefined && hasHostAndPort(variables)) {
    found.weak ??= `mining algorithm ${algorithm} beside a host and a port`;
  }
  const own = isWalletSoftware(programName(program))
    ? undefined
    : found.wallets.find(({ coins }) => !merelyPaid(coins));
  if (found.login || found.algorithms.length > 0) found.poolNamed.push(...found.servers);
  found.pools.push(...found.poolNamed);
  if (found.wallets.length > 0 && found.poolNamed.length > 0) found.strong ??= 'a verified wallet beside a pool';
  if (found.algorithms.length > 0 && found.poolNamed.length > 0)
    found.strong ??= `mining algorithm ${found.algorithms[0]} beside a pool`;
  if (own !== undefined) {
    const what = `a verified ${own.coins.join(' or ')} wallet`;
    const beside = found.algorithms[0] ?? found.mining[0] ?? (miner ? "a miner's program or image" : undefined);
    if (beside === undefined) found.weak ??= what;
    else found.strong ??= `${what} beside ${beside}`;
  }
  const why = found.strong ?? found.weak;
  if (why === undefined) return undefined;
  const artifacts: Artifact[] = [
    ...endpointArtifacts(found.pools, []),
    ...walletArtifacts(found.wallets),
    ...found.algorithms.map((name) => artifact('algo', name.toLowerCase())),
    ...(program.container?.image === undefined ? [] : [artifact('image', program.container.image)]),
    ...found.wallets.flatMap(({ worker }) => (worker === undefined ? [] : [artifact('worker', worker)])),
    ...(program.launcher || program.container !== undefined ? [] : pathArtifacts(program.path)),
  ];
  const flags: readonly Flag[] = program.container === undefined ? [] : ['launch'];
  return {
    strength: found.strong === undefined || program.remote ? 'weak' : 'strong',
    artifacts: [...new Set(artifacts)],
    why: `${why} in variables of a miner (${found.names.slice(0, 8).join(' ')})`,
    ...(flags.length === 0 ? {} : { flags }),
  };
}

/** Whether two variables hold a host and a port that something is reached by. */
function hasHostAndPort(variables: readonly Variable[]): boolean {
  const host = variables.find(([name]) => HOST_NAME.test(name.toLowerCase()))?.[1].trim();
  const port = variables.find(([name]) => PORT_NAME.test(name.toLowerCase()))?.[1].trim();
  if (host === undefined || port === undefined || !/^\d{1,5}$/.test(port) || LISTENS.test(host)) return false;
  return parsePoolUrl(`${host}:${port}`) !== undefined;
}

/** Reads a value as a miner's own arguments, as an image takes them whole in one variable. */
function readOptions(name: string, value: string, found: Found, intel: Intel): void {
  const said = optionsIn(value, intel);
  if (said === undefined) return;
  found.strong ??= `a miner's own arguments (${value.trim().slice(0, 96)})`;
  found.names.push(name);
  found.pools.push(...said.pools, ...said.hosts);
  found.wallets.push(...said.wallets.filter(({ checksum }) => checksum === 'verified'));
  found.algorithms.push(...said.algorithms.map((one) => one.name));
}

function readVariable(name: string, value: string, port: string | undefined, found: Found, intel: Intel): void {
  const lower = name.toLowerCase();
  const telling = TELLING.some((one) => (one.endsWith('*') ? lower.startsWith(one.slice(0, -1)) : lower === one));
  if (telling) {
    found.weak ??= `variable ${name}`;
    found.names.push(name);
    if (!PAID_NAMES.test(lower)) found.mining.push(name);
  }
  if (ALGORITHM_NAME.test(lower) && algorithmStrength(value.trim()) === 'strong') {
    found.algorithms.push(value.trim().slice(0, 64));
    found.names.push(name);
  }
  if (WORKER_NAME.test(lower) && !NO_NAME.test(value.trim())) found.mining.push(name);
  const mining = findPoolUrls(value);
  const config = readConfigText(value);
  if (mining.length > 0) found.strong ??= `mining scheme ${mining[0]?.scheme}://`;
  if (config.keys.length >= 2) found.strong ??= `a miner's configuration (${config.keys.slice(0, 3).join(' ')})`;
  if (mining.length > 0 || config.keys.length >= 2) {
    found.names.push(name);
    found.pools.push(...mining, ...config.pools.filter((pool) => !pool.mining));
  }
  const poolNamed = POOL_NAME.test(lower) || (telling && !PAID_NAMES.test(lower));
  if (!telling && !poolNamed && !SHARED.test(lower) && config.keys.length < 2 && mining.length === 0) return;
  const wallets = findWallets(value).filter(({ checksum }) => checksum === 'verified');
  found.wallets.push(...wallets);
  if (wallets.length > 0 && poolNamed) found.mining.push(name);
  if (wallets.length > 0 && /^user(?:name)?$/.test(lower)) found.login = true;
  const pool = mining.length > 0 ? undefined : poolOf(value.trim(), poolNamed ? port : undefined);
  if (pool !== undefined) takePool(pool, poolNamed, found, intel);
  if ((pool !== undefined || wallets.length > 0) && !found.names.includes(name)) found.names.push(name);
}

/** The endpoint of a value; a bare host takes the port of the pool's port variable. */
function poolOf(value: string, port: string | undefined): PoolUrl | undefined {
  const pool = parsePoolUrl(value, true);
  if (pool === undefined || pool.endpoint.port !== undefined || port === undefined) return pool;
  return parsePoolUrl(`${value}:${port.trim()}`) ?? pool;
}

function takePool(pool: PoolUrl, poolNamed: boolean, found: Found, intel: Intel): void {
  const { host, port } = pool.endpoint;
  const listed = listedPool(host, intel);
  if (listed) found.strong ??= `listed pool ${host}`;
  if (listed || (poolNamed && port !== undefined)) found.poolNamed.push(pool);
  else if (port !== undefined && !isWeb(pool) && !LISTENS.test(host)) found.servers.push(pool);
}
