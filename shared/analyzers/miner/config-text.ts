import { type FoundWallet, findWallets } from '../wallet/find.ts';
import { findPoolUrls, type PoolUrl, parsePoolUrl } from './pool-url.ts';

/** What a text holds of a miner's configuration. */
export interface ConfigText {
  /** Keys that only miners' configurations have. */
  readonly keys: readonly string[];
  readonly pools: readonly PoolUrl[];
  readonly wallets: readonly FoundWallet[];
}

const list = (text: string): readonly string[] => text.split(/\s+/);

/**
 * Keys of the configurations of xmrig and its forks, xmr-stak, T-Rex, nanominer and the Qubic client that no other
 * program's configuration is known to have.
 */
const KEYS: readonly string[] = list(
  `donate-level donate-over-proxy rig-id nicehash 1gb-pages cache_qos huge-pages-jit max-threads-hint memory-pool
   scratchpad_prefetch_mode argon2-impl self-select submit-to-origin tls-fingerprint daemon-poll-interval daemon-zmq-port
   spend-secret-key max-cpu-usage algo-perf bench-algo-time rebench-algo pool_list wallet_address pool_address rig_id
   pool_password use_nicehash pool_weight randomx cn/r rx/0 rigname qubicaddress payoutid wrmsr`,
);
const KEY = new RegExp(`"(${KEYS.map((key) => key.replace('/', '\\/')).join('|')})\\\\?"\\s{0,16}:`, 'gi');
/** Values of pool keys; the text may be a `sed` expression or JSON with escaped quotes. */
const POOL_VALUE =
  /(?:"(?:url|pool_address|pooladdress|pool|proxy)\\?"|\.url)\s{0,16}[:=]\s{0,16}\\?"([^"\\]{3,512})/gi;
/** `donate-level` beside a list of pools is a whole configuration of xmrig, however little else it names. */
const POOL_LIST = /"pools\\?"\s{0,16}:\s{0,16}\[/i;
const MAX_VALUES = 64;

/** Literals of which every text with a miner's key holds one. */
export const CONFIG_NEEDLES: readonly string[] = KEYS.filter(
  (key) => !/^(?:randomx|wrmsr|nicehash)$/.test(key) && key.length >= 4,
).concat('randomx', 'wrmsr', 'nicehash');

/** Reads JSON, pieces of JSON, or text that edits JSON. Linear. */
export function readConfigText(text: string): ConfigText {
  const keys = new Set<string>();
  for (const [, key = ''] of text.matchAll(KEY)) keys.add(key.toLowerCase());
  if (keys.has('donate-level') && POOL_LIST.test(text)) keys.add('pools');
  const pools = [...findPoolUrls(text)];
  let values = 0;
  for (const [, value = ''] of text.matchAll(POOL_VALUE)) {
    if (values++ >= MAX_VALUES) break;
    const pool = parsePoolUrl(value);
    if (pool !== undefined && !pool.mining) pools.push(pool);
  }
  return { keys: [...keys], pools, wallets: findWallets(text) };
}
