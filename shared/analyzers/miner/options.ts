const list = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');

/** What the value of an option is. */
export type Role =
  | 'pool'
  | 'proxy'
  | 'user'
  | 'pass'
  | 'userpass'
  | 'worker'
  | 'algo'
  | 'coin'
  | 'config'
  | 'benign'
  | 'other';

export interface Option {
  readonly role: Role;
  /** It takes a value as the next word. */
  readonly value: boolean;
  /** `strong`: only miners know it. `common`: others use it too, yet not on a binary in a writable folder. */
  readonly weight: 'strong' | 'common' | 'none';
  /** Only miners have it beside `-o host:port`, whatever it is worth alone. */
  readonly beside?: true;
}

type Row = readonly [role: Role, value: boolean, weight: Option['weight'], names: string];

/**
 * Long options (two dashes) of the miners, from their own usage texts: xmrig, MoneroOcean/xmrig, xmrigCC, xmr-stak,
 * SRBMiner-Multi, cpuminer and its forks, ccminer, p2pool, cgminer and bfgminer, T-Rex, lolMiner, GMiner, NBMiner,
 * TeamRedMiner, ethminer, BzMiner, Rigel, OneZeroMiner, WildRig, miniZ, kaspa-miner, dero-miner, ORE. The weight says
 * what one of them is worth alone.
 */
const LONG: readonly Row[] = [
  [
    'pool',
    true,
    'none',
    'maintenance_server url pool server url2 tls-url pool1 pool2 pool3 o2 dualpool stratum daemon-rpc-address p1 p2',
  ],
  ['pool', true, 'strong', 'cc-url self-select kaspad-address'],
  [
    'user',
    true,
    'none',
    'maintenance_user user username user2 wallet wallet1 address w1 w2 dualuser subaddress btc-address',
  ],
  ['user', true, 'common', 'wallet-address worker-wallet-address'],
  ['user', true, 'strong', 'mining-address coinbase-addr start-mining contest_wallet'],
  ['pass', true, 'none', 'pass password pass2 dualpass pool_password1'],
  ['userpass', true, 'none', 'userpass'],
  ['worker', true, 'none', 'worker worker2 dualworker r1'],
  ['worker', true, 'strong', 'rig-id rigid api-rig-name'],
  ['worker', true, 'common', 'api-worker-id'],
  ['algo', true, 'none', 'algo algorithm a1 a2 pool-algo par dual-mode'],
  ['algo', true, 'strong', 'algorithm-cpu algorithm-gpu dual-algo dualmode'],
  ['coin', true, 'none', 'coin currency'],
  ['proxy', true, 'none', 'proxy socks5 socks-proxy pool-proxy'],
  ['config', true, 'none', 'config poolconf params-file'],
  [
    'benign',
    false,
    'none',
    'version help list-devices list-algorithms print-devices print-platforms device-info-json export-topology dry-run stress',
  ],
  ['benign', false, 'none', 'benchmark'],
  ['benign', true, 'none', 'bench'],
  [
    'other',
    true,
    'strong',
    `donate-level donate-over-proxy randomx-init randomx-mode randomx-wrmsr cpu-max-threads-hint cuda-bfactor-hint cuda-bsleep-hint
     opencl-loader spend-secret-key cc-access-token cc-worker-id cc-update-interval-s cc-reboot-cmd cc-http-proxy cc-socks-proxy
     cc-retries-to-failover msr-use-preset msr-use-tweaks lhr-tune lhr_tune lhr-autotune-mode ethstratum cuckoo-intensity
     extra-dag-epoch dag_mode api-bind-http dag-build-mode dual-intensity mallob-endpoint kawpow-cache-dag autolykos2-prebuild
     ergo-prebuild cpu-threads-intensity cpu-threads-priority daemon-zmq-port daemon-poll-interval daemon-job-timeout
     bench-algo-time algo-min-time coinbase-sig btc-sig multi-device-arg-mode merge-mine eth_worker eth_stratum_mode
     back-to-main-pool-sec lock-cclock cuda-loader eth_config prog_config cm_api_listen cm_api_password dns_https
     kernel_vm_mode nr_cu_override`,
  ],
  [
    'other',
    false,
    'strong',
    `randomx-no-numa randomx-1gb-pages randomx-use-1gb-pages randomx-no-rdmsr randomx-cache-qos nicehash use-nicehash huge-pages-jit
     hugepages-jit submit-to-origin disable-msr-tweaks force-msr-tweaks cc-use-tls cc-use-remote-logging cc-disabled
     cc-upload-config-on-start rebench-algo safe_dag cache_dag enablezilcache disable-dag-verify xelis-solo eth_hash_report
     pool_force_ensub pool_no_ensub pool_broken_rpc no-stratum script-low-hash progpow-kernel dns_https_sni`,
  ],
  [
    'other',
    true,
    'common',
    'tls-fingerprint cpu-priority cpu-affinity max-cpu-usage cpu-memory-pool hugepage-size argon2-impl cpu-argon2-impl',
  ],
  ['other', true, 'common', 'pause-on-active health-print-time retry-pause'],
  [
    'other',
    false,
    'common',
    'no-huge-pages no-hugepages cpu-no-yield 1gb-pages wrmsr no-rdmsr cache-qos pause-on-battery no-nvml disable-huge-pages',
  ],
  ['other', false, 'common', 'noAMD noNVIDIA noUAC'],
  ['other', false, 'common', 'no-longpoll no-getwork no-gbt hash-meter submit-stale stratum-keepalive farm-recheck'],
  [
    'other',
    true,
    'none',
    'custom-diff reuse-timeout access-log-file access-password threads cpu-threads retries print-time user-agent http-host http-port http-access-token api-id log-file dns-ttl port opencl-devices opencl-platform cuda-devices maintenance_fee zmq-port rpc-port p2p addpeers data-api openCLVendor amdGpus nvidiaGpus amdCacheDir benchwait benchwork',
  ],
  [
    'other',
    false,
    'none',
    'custom-diff-stats no-algo-ext tls keepalive background no-color syslog opencl cuda no-cpu verbose daemon no-title no-dmi ssl submit mini nano light-mode local-api stratum-api no-randomx noCPU noAMDCache',
  ],
];

/** xmrig-proxy's own options, which say it together, or with its mode or its place to listen, beside a pool (README.md). */
const PROXY_OPTIONS = list('custom-diff custom-diff-stats no-algo-ext reuse-timeout access-log-file access-password');

/** Those of xmrig-proxy's own options that are among these names. */
export function proxyOptions(names: ReadonlySet<string>): readonly string[] {
  return PROXY_OPTIONS.filter((name) => names.has(name));
}

/** Words with one dash, as nanominer, PhoenixMiner and Claymore take them. */
const SINGLE: readonly Row[] = [
  ['pool', true, 'none', 'pool pool1 pool2 dpool'],
  ['pool', true, 'strong', 'epool'],
  ['user', true, 'none', 'wal wallet dwal'],
  ['user', true, 'strong', 'ewal'],
  ['pass', true, 'none', 'pass'],
  ['pass', true, 'strong', 'epsw'],
  ['worker', true, 'none', 'worker'],
  ['worker', true, 'strong', 'eworker rigName'],
  ['algo', true, 'none', 'algo'],
  ['coin', true, 'none', 'coin dcoin'],
  ['other', true, 'none', 'email proto protocol cdm cdmport mport webPort'],
  ['other', true, 'strong', 'allpools allcoins'],
  ['algo', true, 'none', 'ac ag'],
  ['benign', false, 'none', 'version help'],
];

const table = (rows: readonly Row[]): ReadonlyMap<string, Option> =>
  new Map(
    rows.flatMap(([role, value, weight, names]) => list(names).map((name) => [name, { role, value, weight }] as const)),
  );

/** Shared by few, and proof beside a pool (xmrig: `--tls-fingerprint=HEX`). */
const BESIDE: ReadonlySet<string> = new Set(['tls-fingerprint']);

const LONG_OPTIONS: ReadonlyMap<string, Option> = new Map(
  [...table(LONG)].map(([name, option]) => [name, BESIDE.has(name) ? { ...option, beside: true } : option]),
);
const SINGLE_OPTIONS = table(SINGLE);

/**
 * One-letter options. Their meaning differs between miners (`-p` is a password, lolMiner's pool; `-w` a worker, BzMiner's
 * wallet), so the value's shape decides; the role is what most of them mean.
 */
const SHORT_OPTIONS: ReadonlyMap<string, Role> = new Map<string, Role>([
  ['o', 'pool'],
  ['P', 'pool'],
  ['s', 'pool'],
  ['u', 'user'],
  ['w', 'user'],
  ['p', 'pass'],
  ['O', 'userpass'],
  ['a', 'algo'],
  ['r', 'worker'],
  ['x', 'proxy'],
  ['c', 'config'],
]);

export function shortRole(letter: string): Role | undefined {
  return SHORT_OPTIONS.get(letter);
}

/** A word with one dash (`-epool`); case counts only for camel-case names. */
export function singleOption(name: string): Option | undefined {
  return SINGLE_OPTIONS.get(name);
}

/**
 * Beginnings too short for the common rule that getopt_long still takes for one option of xmrig's and cpuminer's. They
 * say little by themselves: `--nice` is a priority elsewhere.
 */
const ABBREVIATIONS: readonly (readonly [name: string, shortest: string])[] = [
  ['url', 'ur'],
  ['user', 'use'],
  ['userpass', 'userp'],
  ['pass', 'pas'],
  ['algo', 'al'],
  ['coin', 'coi'],
  ['proxy', 'prox'],
  ['nicehash', 'nice'],
];

function abbreviated(name: string): { readonly name: string; readonly option: Option } | undefined {
  const full = ABBREVIATIONS.find(([one, shortest]) => one.startsWith(name) && name.startsWith(shortest))?.[0];
  const option = full === undefined ? undefined : LONG_OPTIONS.get(full);
  if (full === undefined || option === undefined) return undefined;
  return { name: full, option: option.weight === 'none' ? option : { ...option, weight: 'none', beside: true } };
}

/**
 * Short options of a getopt cluster: letters that take no value in xmrig, cpuminer and their forks, then one that does,
 * its value glued or in the next word (`-kBo host:port`, `-kuLOGIN`). Undefined for every other word.
 */
export function clusterEnd(word: string): string | undefined {
  const cluster = /^-(?:[kBSqD46]{1,7}([oupOaxc])$|[kBSq46]{1,7}([oupOaxc].))/s.exec(word);
  if (cluster === null) return undefined;
  return `-${word.slice(cluster[0].length - (cluster[1] === undefined ? 2 : 1))}`;
}

/** A long option by its name or an unambiguous beginning of it, as getopt_long takes it; without dashes. */
export function longOption(name: string): { readonly name: string; readonly option: Option } | undefined {
  const exact = LONG_OPTIONS.get(name);
  if (exact !== undefined) return { name, option: exact };
  if (name.length < MIN_PREFIX) return abbreviated(name);
  let found: { readonly name: string; readonly option: Option } | undefined;
  for (const [full, option] of LONG_OPTIONS) {
    if (name.length < shortest(full) || !full.startsWith(name)) continue;
    if (found !== undefined && found.option.weight !== option.weight) return undefined;
    found ??= { name: full, option };
  }
  return found;
}

const MIN_PREFIX = 7;

/** The shortest beginning that is taken for an option: its first word and one letter, seven characters at least. */
function shortest(name: string): number {
  return Math.max(MIN_PREFIX, name.search(/[-_]/) + 2);
}

/** Literals of which every strong or common long option holds one, in any form that `longOption` takes. */
export const OPTION_NEEDLES: readonly string[] = [
  ...[...LONG_OPTIONS]
    .filter(([, option]) => option.weight !== 'none')
    .map(([name]) => name.slice(0, shortest(name)).toLowerCase()),
  '--nice',
  ...PROXY_OPTIONS.map((name) => name.slice(0, shortest(name))),
  ...[...SINGLE_OPTIONS].filter(([, option]) => option.weight === 'strong').map(([name]) => `-${name.toLowerCase()}`),
].map((name) => (name.length < 4 ? `--${name}` : name));
