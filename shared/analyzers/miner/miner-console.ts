import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS } from '#shared/model/event.ts';
import type { Verdict } from '#shared/model/indicator.ts';
import { type Artifact, artifact } from '#shared/model/place.ts';
import { algorithmStrength } from './algorithms.ts';
import { endpointArtifacts, MINER_TECHNIQUE } from './artifacts.ts';
import { parsePoolUrl } from './pool-url.ts';

const MAX_MESSAGE = 2048;

const NEEDLES = [
  ...['xmrig', 'cpuminer', 'srbminer', 'lolminer', 't-rex nvidia', 'nbminer', 'gminer', 'nanominer', 'teamredminer'],
  ...['team red miner', 'bzminer', 'pool #', 'use pool', 'use daemon', 'use self-select', 'new job from'],
  ...['accepted (', 'rejected (', 'accepted: ', 's/60s/15m', 'huge pages', 'dataset ready', 'init dataset'],
  ...['connect error', 'read error', 'register values for', 'failed to apply msr', 'cannot set msr', ' hashes, '],
  ...['miner threads started', 'starting stratum on', 'stratum difficulty set', 'stratum connection failed'],
];

/** What a line says: of the miner's work, of the pool's answer, of the machine's tuning. */
interface Meaning {
  readonly shape: RegExp;
  /** The pool answered (`strong`), or did not (`weak`). */
  readonly pool?: 'strong' | 'weak';
  readonly optimization?: 'strong' | 'weak';
  readonly what: string;
}

/**
 * Lines of XMRig (src/Summary.cpp, src/base/net/stratum, src/backend/common, src/crypto/rx, src/hw/msr) and of cpuminer
 * (cpu-miner.c). Named groups are artifacts; the first shape that fits is the meaning.
 */
const MEANINGS: readonly Meaning[] = [
  {
    shape:
      /^(?:net\s+)?use (?:pool|daemon|self-select) (?<pool>\S{1,300}:\d{1,5})(?:\s{1,3}\S{1,64})??(?:\s{1,3}(?<address>[\d.]{7,15}|[\da-f:]{2,45}))?\s*$/,
    pool: 'strong',
    what: 'a miner logged in to its pool',
  },
  {
    shape: /^(?:net\s+)?new job from (?<pool>\S{1,300}:\d{1,5}) (?:\S{1,64} )?diff \d+(?: algo (?<algo>\S{1,64}))?/,
    pool: 'strong',
    what: 'a pool gave its miner a job',
  },
  {
    shape: /^(?:cpu|opencl|cuda|nvidia)?\s*(?:accepted|rejected) \(\d+\/\d+/,
    pool: 'strong',
    what: 'a pool judged a share',
  },
  { shape: /^accepted: \d+\/\d+ \(\d/, pool: 'strong', what: 'a pool judged a share' },
  { shape: /^Stratum difficulty set to /, pool: 'strong', what: 'a pool set the difficulty' },
  {
    shape: /^(?:net\s+)?(?<pool>\S{1,300}:\d{1,5}) (?:connect|read) error/,
    pool: 'weak',
    what: 'a miner did not reach its pool',
  },
  { shape: /^Stratum connection failed/, pool: 'weak', what: 'a miner did not reach its pool' },
  { shape: /^Starting Stratum on (?<pool>\S{1,300})/, what: 'a miner goes to its pool' },
  { shape: /^\* POOL #\d+:?\s+(?<pool>\S{1,300})(?:.{0,64}? algo (?<algo>\S{1,64}))?/, what: "a miner's pool" },
  {
    shape: /^(?:msr\s+)?register values for "(?<preset>[^"]{1,64})" preset ha(?:s|ve) been set successfully/,
    optimization: 'strong',
    what: 'a miner wrote model-specific registers',
  },
  {
    shape: /^(?:msr\s+)?(?:FAILED TO APPLY MSR|cannot set MSR)/,
    optimization: 'weak',
    what: 'a miner tried to write model-specific registers',
  },
  {
    shape: /^(?:(?:cpu|randomx)\s+)?(?:READY|allocated) .{0,200}?huge pages (?:[1-9]\d*\/\d+ )?[1-9]\d{0,2}%/,
    optimization: 'weak',
    what: 'a miner works on huge pages',
  },
  { shape: /^(?:randomx\s+)?init dataset (?:algo (?<algo>\S{1,64}))?/, what: 'a miner makes its dataset' },
  {
    shape:
      /^(?:(?:cpu|randomx|miner)\s+)?(?:READY |dataset ready|speed \d+(?:\.\d)?s\/60s\/15m|thread \d+: \d+ hashes, |\d+ miner threads started)/,
    what: 'a miner tells of its work',
  },
  {
    shape: /^(?:\* (?:ABOUT|VERSIONS?):?\s+)?(?<miner>XMRig(?:-[A-Za-z]{1,12})?|cpuminer(?:-[a-z]{1,12})?)[/ ]\d/,
    what: 'a miner names itself',
  },
  {
    shape:
      /^(?<miner>SRBMiner-MULTI|lolMiner|T-Rex|NBMiner|GMiner|nanominer|TeamRedMiner|Team Red Miner|BzMiner)\b.{0,32}? v?\d/,
    what: 'a miner names itself',
  },
];

/**
 * A miner's own words on its console: the only sign of a process that Fargate keeps. What it says of its pool and of the
 * machine is evidence of those groups.
 */
export const minerConsole: Analyzer = {
  id: 'miner_console',
  version: 1,
  title: "Miner's console output",
  group: 'miner_execution',
  technique: MINER_TECHNIQUE,
  classes: [CLASS.base],
  needles: NEEDLES,
  decide(event) {
    if (event.class !== CLASS.base) return [];
    const message = event.message.slice(0, MAX_MESSAGE);
    for (const meaning of MEANINGS) {
      const said = meaning.shape.exec(message);
      if (said !== null) return verdictsOf(meaning, said.groups ?? {}, message);
    }
    return [];
  },
};

function verdictsOf(
  { pool, optimization, what }: Meaning,
  said: Readonly<Record<string, string>>,
  message: string,
): Verdict[] {
  const endpoint = said['pool'] === undefined ? undefined : parsePoolUrl(said['pool']);
  const port = endpoint?.endpoint.port;
  const address = said['address'] === undefined ? undefined : parsePoolUrl(bracketed(said['address'], port));
  const pools = endpointArtifacts(
    [endpoint, address].flatMap((one) => one ?? []),
    [],
  );
  const why = `${what}: ${message}`;
  const all: Verdict[] = [
    {
      strength: 'strong',
      artifacts: [...new Set([...pools, ...algorithmOf(said['algo']), ...minerOf(said['miner'])])],
      why,
    },
  ];
  if (pool !== undefined) {
    const flags = pool === 'weak' ? { flags: ['rejected'] as const } : {};
    all.push({ group: 'pool_connection', strength: pool, artifacts: pools, why, ...flags });
  }
  if (optimization !== undefined) {
    all.push({ group: 'system_optimization', strength: optimization, artifacts: [], why });
  }
  return all;
}

function bracketed(address: string, port: number | undefined): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${host}:${port ?? 0}`;
}

function algorithmOf(name: string | undefined): readonly Artifact[] {
  return name !== undefined && name !== 'auto' && algorithmStrength(name) !== undefined
    ? [artifact('algo', name.toLowerCase())]
    : [];
}

function minerOf(name: string | undefined): readonly Artifact[] {
  return name === undefined ? [] : [artifact('miner', name.toLowerCase().replaceAll(' ', ''))];
}
