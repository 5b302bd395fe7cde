import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS } from '#shared/model/event.ts';
import type { Verdict } from '#shared/model/indicator.ts';
import type { Artifact } from '#shared/model/place.ts';
import { ENCODING_NEEDLES } from '../command/encodings.ts';
import { type Program, programName } from '../command/program.ts';
import { readCommand } from '../command/reading.ts';
import { findWallets } from '../wallet/find.ts';
import { actorOf, processTexts, spoken } from './actor.ts';
import { endpointArtifacts, MINER_TECHNIQUE, pathArtifacts, walletArtifacts } from './artifacts.ts';
import { readConfigText } from './config-text.ts';
import { makeGate, minimalNeedles } from './gate.ts';

const MAX_VERDICTS = 8;
/** Longest text of one program that is read, in characters. */
const MAX_TEXT = 131_072;

/** Nodes of Monero and its forks take `start_mining ADDRESS THREADS` and `--start-mining ADDRESS` (monerod --help). */
const CRYPTONOTE_NODE = /^[a-z0-9]{1,24}(?:d|-wallet-cli)$/;
/** Clients whose flags make a node mine: go-ethereum (cmd/utils/flags.go) and its forks; Hyperledger Besu. */
const FLAGS: ReadonlyMap<string, RegExp> = new Map([
  ...['geth', 'core-geth', 'bor', 'erigon', 'etc-geth'].map((name) => [name, /^--mine(?:=true)?$/] as const),
  ['besu', /^--miner-(?:stratum-)?enabled(?:=true)?$/],
]);
/** A chain of its own, made for the run: nobody is paid. */
const PRIVATE_CHAIN = /^--(?:dev(?:=true|\..{0,64})?|network=dev|regtest)$/;

const REQUESTS: ReadonlySet<string> = new Set(['curl', 'wget', 'http', 'https', 'xh', 'curlie']);
/** monerod's request (src/rpc/core_rpc_server.h) and Ethereum clients' method. */
const START_PATH = /:\/\/[^\s/]{1,255}\/start_mining(?:[?#]|$)|^[^\s/]{1,255}:\d{1,5}\/start_mining(?:[?#]|$)/;
const START_METHOD = /"method\\?"\s{0,8}:\s{0,8}\\?"(?:miner_start|start_mining)\\?"/;
/** XMRig's HTTP API takes a new configuration here (doc/api/1). */
const CONFIG_PATH = /^(?:https?:\/\/)?[^\s/]{1,255}\/[12]\/config(?:[?#]|$)/;

const NEEDLES = minimalNeedles([
  'start_mining',
  'start-mining',
  'miner_start',
  '--mine',
  '--miner-enabled',
  '--miner-stratum-enabled',
  '/1/config',
  '/2/config',
  ...ENCODING_NEEDLES,
]);
const gate = makeGate(NEEDLES, true);

/**
 * An order to mine that goes to software which is no listed miner, or to a miner that runs already: a node's own
 * command or flag, a request to its API, a new configuration for XMRig's. Who is paid makes it strong.
 */
export const miningOrder: Analyzer = {
  id: 'mining_order',
  version: 1,
  title: 'Node or miner told to mine',
  group: 'miner_execution',
  technique: MINER_TECHNIQUE,
  classes: [CLASS.process, CLASS.file, CLASS.network, CLASS.dns, CLASS.kernel, CLASS.detection],
  needles: NEEDLES,
  decide(event) {
    const found = actorOf(event);
    if (found === undefined || !gate(processTexts(found.actor))) return [];
    const verdicts: Verdict[] = [];
    for (const program of readCommand(found.actor).programs) {
      if (verdicts.length >= MAX_VERDICTS) break;
      const verdict = program.launcher ? undefined : judge(program);
      if (verdict !== undefined) verdicts.push(found.failed ? { ...verdict, strength: 'weak' } : verdict);
    }
    return verdicts;
  },
};

function judge(program: Program): Verdict | undefined {
  const name = programName(program).toLowerCase();
  const words = program.argv.slice(1);
  const text = [...words, program.input ?? ''].join('\n').slice(0, MAX_TEXT);
  if (REQUESTS.has(name)) return newConfiguration(program, words, text) ?? request(program, words, text);
  const what = order(name, words);
  return what === undefined ? undefined : paid(program, what, text);
}

/** What a node's own words tell it to do. */
function order(name: string, words: readonly string[]): string | undefined {
  if (words.some((word) => PRIVATE_CHAIN.test(word))) return undefined;
  const flag = FLAGS.get(name);
  const hit = words.find((word) =>
    flag === undefined
      ? CRYPTONOTE_NODE.test(name) && /^(?:start_mining|--start-mining(?:=.{0,512})?)$/.test(word)
      : flag.test(word),
  );
  return hit === undefined ? undefined : `a node told to mine (${hit.slice(0, 32)})`;
}

function request(program: Program, words: readonly string[], text: string): Verdict | undefined {
  const asked = words.some((word) => START_PATH.test(word)) || START_METHOD.test(text);
  return asked ? paid(program, "a request to a node's API to mine", text) : undefined;
}

/** Weak, or strong where a verified wallet says who is paid. */
function paid(program: Program, what: string, text: string): Verdict {
  const wallets = findWallets(text).filter(({ checksum }) => checksum === 'verified');
  const to = wallets[0] === undefined ? '' : `, paid to a verified ${wallets[0].coins.join(' or ')} wallet`;
  return verdict(program, wallets.length > 0, what + to, walletArtifacts(wallets));
}

/** A configuration sent to XMRig's API; words that say nothing of mining may go to anybody's `/1/config`. */
function newConfiguration(program: Program, words: readonly string[], text: string): Verdict | undefined {
  if (!words.some((word) => CONFIG_PATH.test(word))) return undefined;
  const config = readConfigText(text);
  const wallets = config.wallets.filter(({ checksum }) => checksum === 'verified');
  const pools = config.pools.filter(({ endpoint }) => !text.includes(`${endpoint.host}:${endpoint.port}/1/config`));
  if (config.keys.length === 0 && (pools.length === 0 || !/"pools\\?"\s{0,8}:/.test(text))) return undefined;
  const strong = wallets.length > 0 || config.keys.length >= 2 || (config.keys.length > 0 && pools.length > 0);
  return verdict(program, strong, `a new configuration for a miner's API (${config.keys.slice(0, 4).join(' ')})`, [
    ...endpointArtifacts(pools, []),
    ...walletArtifacts(wallets),
  ]);
}

function verdict(program: Program, strong: boolean, what: string, found: readonly Artifact[]): Verdict {
  return {
    strength: strong && !program.remote ? 'strong' : 'weak',
    artifacts: [...new Set([...(REQUESTS.has(programName(program)) ? [] : pathArtifacts(program.path)), ...found])],
    why: `${what}: ${spoken(program)}`,
  };
}
