import { assignment } from '#shared/analyzers/command/assignments.ts';
import { baseName } from '#shared/analyzers/command/names.ts';
import { imageCommand, type Program, programName } from '#shared/analyzers/command/program.ts';
import type { Intel } from '#shared/model/intel.ts';
import { type Artifact, artifact } from '#shared/model/place.ts';
import { readArguments } from '../miner/arguments.ts';
import { endpointArtifacts, imageMiner, walletArtifacts } from '../miner/artifacts.ts';
import { isMinersCommand, isToolsCommand, listedPool, scriptMines } from '../miner/own-words.ts';
import { findPoolUrls, parsePoolUrl } from '../miner/pool-url.ts';
import { merelyPaid } from '../wallet/coins.ts';
import { findWallets } from '../wallet/find.ts';
import { minerName } from './names.ts';

/** Why something mines, and what names it. */
export interface Mining {
  readonly reason: string;
  readonly artifacts: readonly Artifact[];
}

export type Variable = readonly [name: string, value: string];

const MAX_VARIABLES = 64;
const MAX_VALUE = 8192;
const POOL_NAME = /(?:^|_)(?:pool|stratum)(?:$|[_\d])/i;

/** Programs that start what they name: tools of services, of containers and of process managers, with their verbs. */
const STARTERS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    systemctl: 'start restart reload-or-restart try-restart enable reenable',
    service: 'start restart',
    'rc-service': 'start restart',
    initctl: 'start restart',
    supervisorctl: 'start restart',
    pm2: 'start restart',
    snap: 'start restart',
    docker: 'start restart',
    podman: 'start restart',
    nerdctl: 'start restart',
  }).map(([name, verbs]) => [name, new Set(verbs.split(' '))]),
);
const MAX_NAMES = 16;

/**
 * Why a program of a start text mines, read as a command that runs at once is read: by its image, by the service or
 * container that it starts, by its words, by its variables.
 */
export function miningOf(program: Program, intel: Intel): Mining | undefined {
  return (
    ofImage(program, intel) ?? ofName(program, intel) ?? ofWords(program, intel) ?? ofVariables(given(program), intel)
  );
}

function ofImage({ container, via }: Program, intel: Intel): Mining | undefined {
  const image = container?.image;
  if (image === undefined || container?.kind !== 'run' || via.at(-1)?.toLowerCase() !== container.tool)
    return undefined;
  const entry = imageMiner(image, (base) => intel.miner(base));
  return entry === undefined
    ? undefined
    : {
        reason: `starts an image of ${entry.name}`,
        artifacts: [artifact('image', image), artifact('miner', entry.name)],
      };
}

function ofName(program: Program, intel: Intel): Mining | undefined {
  const words = program.argv.slice(1);
  const verbs = STARTERS.get(programName(program));
  if (verbs === undefined || !words.some((word) => verbs.has(word))) return undefined;
  for (const word of words.filter((one) => !one.startsWith('-')).slice(0, MAX_NAMES)) {
    const named = minerName(word, intel);
    if (named !== undefined) return { reason: `starts ${baseName(word)}: ${named}`, artifacts: [] };
  }
  return undefined;
}

function ofWords(program: Program, intel: Intel): Mining | undefined {
  const words = imageCommand(program) ? program.argv : program.argv.slice(1);
  if (words.length === 0) return undefined;
  const exempt = isToolsCommand(program);
  if (exempt && !words.some((word) => word.startsWith('-'))) return undefined;
  const said = readArguments(words);
  if (said.benign !== undefined && said.pools.length === 0) return undefined;
  if (!isMinersCommand(program, said, intel) && (exempt || !scriptMines(said, intel))) return undefined;
  const name = baseName(program.argv[0] ?? '');
  return {
    reason: `starts ${name} with a miner's words`,
    artifacts: [...endpointArtifacts(said.pools, said.proxies), ...walletArtifacts(said.wallets)],
  };
}

const given = ({ environment }: Program): readonly Variable[] =>
  Object.entries(environment)
    .slice(0, MAX_VARIABLES)
    .map(([name, value]) => [name, value.slice(0, MAX_VALUE)]);

/** Why variables are a miner's: a mining scheme, a listed pool, a verified wallet beside a pool. */
export function ofVariables(variables: readonly Variable[], intel: Intel): Mining | undefined {
  const wallets = variables
    .flatMap(([, value]) => findWallets(value))
    .filter(({ checksum, coins }) => checksum === 'verified' && !merelyPaid(coins));
  for (const [name, value] of variables) {
    const scheme = findPoolUrls(value).find(({ mining }) => mining);
    const url = scheme ?? parsePoolUrl(value.trim(), true);
    if (url === undefined) continue;
    const pool = POOL_NAME.test(name);
    const { host, port } = url.endpoint;
    const listed = listedPool(host, intel) && (pool || port !== undefined);
    if (scheme === undefined && !listed && !(pool && port !== undefined && wallets.length > 0)) continue;
    const what =
      scheme !== undefined ? 'a mining scheme' : listed ? `the listed pool ${host}` : 'a pool beside a wallet';
    return {
      reason: `gives the variable ${name.slice(0, 64)} ${what}`,
      artifacts: [...endpointArtifacts([url], []), ...walletArtifacts(wallets)],
    };
  }
  return undefined;
}

const PAIR = /"([^"]{0,8192})"|'([^']{0,8192})'|(\S{1,8192})/g;

/** The assignments of a unit's `Environment=` (systemd.exec(5)): pairs between blanks, each in quotes or not. */
export function variablesIn(text: string): readonly Variable[] {
  const found: Variable[] = [];
  for (const [, double, single, bare = ''] of text.slice(0, MAX_VALUE).matchAll(PAIR)) {
    const pair = assignment(double ?? single ?? bare);
    if (pair !== undefined && found.length < MAX_VARIABLES) found.push(pair);
  }
  return found;
}
