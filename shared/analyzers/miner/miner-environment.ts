import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS } from '#shared/model/event.ts';
import type { Flag, Verdict } from '#shared/model/indicator.ts';
import type { Intel } from '#shared/model/intel.ts';
import { type Artifact, artifact } from '#shared/model/place.ts';
import { assignment } from '../command/launchers.ts';
import { baseName } from '../command/names.ts';
import { type Program, programName } from '../command/program.ts';
import { readCommand } from '../command/reading.ts';
import { merelyPaid } from '../wallet/coins.ts';
import { type FoundWallet, findWallets, WALLET_NEEDLES } from '../wallet/find.ts';
import { actorOf, isWalletSoftware, processTexts } from './actor.ts';
import { endpointArtifacts, MINER_TECHNIQUE, pathArtifacts, walletArtifacts } from './artifacts.ts';
import { CONFIG_NEEDLES, readConfigText } from './config-text.ts';
import { literals, makeGate, minimalNeedles } from './gate.ts';
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
  'clientsettings__*',
  'mining_pool*',
  'miner_wallet*',
  'pool_wallet',
  'xmr_wallet*',
  'randomx_*',
];

/** Names under which images of miners take a pool or a wallet; web applications use some of them too. */
const SHARED =
  /^(?:pool(?:_?(?:url|user|address|host|server|pass|pw|wallet))?|wallet(?:_?address)?|user(?:name)?|address|url|custom_(?:url|template|pass|user_config)|worker(?:_?name)?|algo(?:_mode)?|coin|server|mining_address|xmr_address|btc_address|stratum(?:_url)?)$/;

const MAX_VARIABLES = 256;
const MAX_VALUE = 8192;

/**
 * Variables that an image of a miner reads, in a process's environment, in front of a command, or given to a container
 * by `-e`. A pool or a wallet as value is strong, a name alone weak, names shared with other software nothing.
 * @param names listed DNS names
 */
export function minerEnvironment(names: readonly string[]): Analyzer {
  const needles = minimalNeedles([
    ...TELLING.map((name) => name.replace('*', '')),
    ...SCHEME_NEEDLES,
    ...WALLET_NEEDLES,
    ...CONFIG_NEEDLES,
    ...literals(names),
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
    version: 1,
    title: 'Environment variables of a miner',
    group: 'miner_execution',
    technique: MINER_TECHNIQUE,
    classes: [CLASS.process, CLASS.file, CLASS.network, CLASS.dns, CLASS.detection],
    needles,
    decide(event, intel) {
      const found = actorOf(event);
      if (found === undefined || !gate(processTexts(found.actor))) return [];
      const seen = new Set<string>();
      const verdicts: Verdict[] = [];
      for (const program of readCommand(found.actor).programs) {
        const variables = variablesOf(program);
        const key = variables.map(([name, value]) => `${name}=${value}`).join('\n');
        if (variables.length === 0 || seen.has(key)) continue;
        seen.add(key);
        const verdict = judge(program, variables, intel);
        if (verdict !== undefined) verdicts.push(verdict);
        if (verdicts.length >= 4) break;
      }
      return verdicts;
    },
  };
}

type Variable = readonly [name: string, value: string];

function variablesOf(program: Program): readonly Variable[] {
  const given: Variable[] = Object.entries(program.environment);
  if (/^(?:export|declare|readonly|local)$/.test(baseName(program.argv[0] ?? ''))) {
    for (const word of program.argv.slice(1)) {
      const pair = assignment(word);
      if (pair !== undefined) given.push(pair);
    }
  }
  return given.slice(0, MAX_VARIABLES).map(([name, value]) => [name, value.slice(0, MAX_VALUE)]);
}

interface Found {
  readonly names: string[];
  readonly pools: PoolUrl[];
  readonly wallets: FoundWallet[];
  strong: string | undefined;
  weak: string | undefined;
}

function judge(program: Program, variables: readonly Variable[], intel: Intel): Verdict | undefined {
  const found: Found = { names: [], pools: [], wallets: [], strong: undefined, weak: undefined };
  for (const [name, value] of variables) readVariable(name, value, found, intel);
  const own = isWalletSoftware(programName(program))
    ? undefined
    : found.wallets.find(({ coins }) => !merelyPaid(coins));
  if (own !== undefined) found.strong ??= `a verified ${own.coins.join(' or ')} wallet`;
  if (found.wallets.length > 0 && found.pools.length > 0) found.strong ??= 'a verified wallet beside a pool';
  const why = found.strong ?? found.weak;
  if (why === undefined) return undefined;
  const artifacts: Artifact[] = [
    ...endpointArtifacts(found.pools, []),
    ...walletArtifacts(found.wallets),
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

function readVariable(name: string, value: string, found: Found, intel: Intel): void {
  const lower = name.toLowerCase();
  const telling = TELLING.some((one) => (one.endsWith('*') ? lower.startsWith(one.slice(0, -1)) : lower === one));
  if (telling) {
    found.weak ??= `variable ${name}`;
    found.names.push(name);
  }
  const mining = findPoolUrls(value);
  const config = readConfigText(value);
  if (mining.length > 0) found.strong ??= `mining scheme ${mining[0]?.scheme}://`;
  if (config.keys.length >= 2) found.strong ??= `a miner's configuration (${config.keys.slice(0, 3).join(' ')})`;
  if (mining.length > 0 || config.keys.length >= 2) {
    found.names.push(name);
    found.pools.push(...mining, ...config.pools.filter((pool) => !pool.mining));
  }
  if (!telling && !SHARED.test(lower) && config.keys.length < 2 && mining.length === 0) return;
  found.wallets.push(...findWallets(value).filter(({ checksum }) => checksum === 'verified'));
  const pool = mining.length > 0 ? undefined : parsePoolUrl(value.trim(), true);
  if (pool !== undefined) {
    const match = intel.name(pool.endpoint.host);
    const listed = match !== undefined && !match.site && (match.entry.kind === 'pool' || match.entry.kind === 'proxy');
    if (listed) found.strong ??= `listed pool ${pool.endpoint.host}`;
    if (listed || pool.endpoint.port !== undefined) found.pools.push(pool);
  }
  if (found.pools.length + found.wallets.length > 0 && !found.names.includes(name)) found.names.push(name);
}
