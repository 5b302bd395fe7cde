import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS, type FileActivity } from '#shared/model/event.ts';
import type { Flag, Verdict } from '#shared/model/indicator.ts';
import { artifact } from '#shared/model/place.ts';
import { ENCODING_NEEDLES } from '../command/encodings.ts';
import { baseName } from '../command/names.ts';
import { type Program, programName } from '../command/program.ts';
import { readCommand } from '../command/reading.ts';
import { merelyPaid } from '../wallet/coins.ts';
import { WALLET_NEEDLES } from '../wallet/find.ts';
import { actorOf, isSuspectPath, processTexts } from './actor.ts';
import { endpointArtifacts, MINER_TECHNIQUE, pathArtifacts, walletArtifacts } from './artifacts.ts';
import { CONFIG_NEEDLES, readConfigText } from './config-text.ts';
import { makeGate, minimalNeedles } from './gate.ts';
import { SCHEME_NEEDLES } from './pool-url.ts';

const words = (text: string): readonly string[] => text.split(/\s+/);

/** Names of configuration files that miners read (xmrig, MoneroOcean's script, xmr-stak, Claymore, GPU miners, Qubic). */
const CONFIG_FILES: ReadonlySet<string> = new Set(
  words(`config.json config_background.json config.txt pools.txt epools.txt dpools.txt cpu.txt .xmrig.json xmrig.json
    ccminer.conf cgminer.conf bfgminer.conf sgminer.conf lolminer.cfg user_config.json config.ini miner.conf
    appsettings.json appsettings.production.json miner_config.cfg wallet.conf rig.conf h-manifest.conf`),
);
/** Of these, names that nothing else has. */
const OWN_FILES: ReadonlySet<string> = new Set(
  words('config_background.json .xmrig.json xmrig.json epools.txt dpools.txt'),
);

/** Editors of text by expression: what they write stands in their words. */
const EDITORS: ReadonlySet<string> = new Set(
  words('sed gsed perl ruby jq yq ed ex awk gawk python python2 python3 node php'),
);
/** Keys of a pool's entry, as `sed` expressions of set-up scripts name them. */
const POOL_KEYS = /"(?:url|user|pass|pools?|algo|coin)\\?"\s{0,16}:|\.pools?\b/g;

const needles = minimalNeedles([
  ...SCHEME_NEEDLES,
  ...WALLET_NEEDLES,
  ...CONFIG_NEEDLES,
  ...ENCODING_NEEDLES,
  ...words('config.json config_background.json xmrig.json pools.txt epools.txt dpools.txt'),
]);
const gate = makeGate(needles, true);
const MAX_VERDICTS = 4;

/**
 * A command that writes a miner's configuration: `sed -i`, `jq`, `tee`, `echo >`, a here-document, an interpreter. Its
 * text holds the pool and the wallet that the miner itself, started without an argument, never shows. An editor that
 * opens such a file says nothing.
 */
export const minerConfigWrite: Analyzer = {
  id: 'miner_config_write',
  version: 1,
  title: "Write of a miner's configuration",
  group: 'miner_execution',
  technique: MINER_TECHNIQUE,
  classes: [CLASS.process, CLASS.file],
  needles,
  decide(event) {
    if (event.class === CLASS.file) return ofFile(event);
    const found = actorOf(event);
    if (found === undefined || !gate(processTexts(found.actor))) return [];
    const verdicts: Verdict[] = [];
    const seen = new Set<string>();
    for (const program of readCommand(found.actor).programs) {
      for (const { path, text } of writesOf(program)) {
        if (verdicts.length >= MAX_VERDICTS || seen.has(`${path}\n${text}`)) continue;
        seen.add(`${path}\n${text}`);
        const verdict = judge(program, path, text);
        if (verdict !== undefined) verdicts.push(verdict);
      }
    }
    return verdicts;
  },
};

/** A file event shows no text: only a name that is the miners' own, or a configuration where programs hide, is a sign. */
function ofFile(event: FileActivity): readonly Verdict[] {
  const base = baseName(event.path).toLowerCase();
  const own = OWN_FILES.has(base);
  if (!own && !(base === 'config.json' && isSuspectPath(event.path))) return [];
  if (event.activity === 'read' || event.activity === 'delete' || event.success === false || !gate([event.path]))
    return [];
  return [
    {
      strength: own ? 'weak' : 'note',
      artifacts: pathArtifacts(event.path),
      why: `file named like a miner's configuration: ${event.path.slice(0, 160)}`,
      flags: ['write'],
    },
  ];
}

interface WrittenText {
  readonly path: string;
  readonly text: string;
}

function writesOf(program: Program): readonly WrittenText[] {
  const written: WrittenText[] = program.writes.flatMap(({ path, text }) =>
    text === undefined ? [] : [{ path, text }],
  );
  const name = programName(program).toLowerCase();
  if (!EDITORS.has(name) || program.argv.length < 2) return written;
  const said = program.argv.slice(1).join('\n').slice(0, 131_072);
  const operand = [...program.argv].reverse().find((word) => CONFIG_FILES.has(baseName(word).toLowerCase()));
  const inPlace = program.argv.some((word) => /^(?:-[a-zA-Z]{0,4}i|--in-?place)/.test(word));
  const redirected = program.writes.find(({ path }) => !path.startsWith('/dev/'))?.path;
  const target = inText(said) ?? (inPlace || redirected !== undefined ? (operand ?? redirected) : undefined);
  return target === undefined ? written : [...written, { path: target, text: said }];
}

/** `open('/tmp/config.json', 'w')` in program text. */
function inText(said: string): string | undefined {
  const path = /open\(\s{0,4}["']([^"']{1,256})["']\s{0,4},\s{0,4}["'][wa]/.exec(said)?.[1];
  return path !== undefined && CONFIG_FILES.has(baseName(path).toLowerCase()) ? path : undefined;
}

function judge(program: Program, path: string, text: string): Verdict | undefined {
  if (path.startsWith('/dev/')) return undefined;
  const named = CONFIG_FILES.has(baseName(path).toLowerCase());
  const { keys, pools, wallets } = readConfigText(text);
  const verified = wallets.filter(({ checksum }) => checksum === 'verified');
  const poolKeys = new Set(text.match(POOL_KEYS) ?? []).size;
  const own =
    verified.some(({ coins }) => !merelyPaid(coins)) || (verified.length > 0 && (pools.length > 0 || keys.length > 0));
  const strong = keys.length >= 2 || (own && (named || keys.length > 0 || pools.length > 0));
  const weak = named && (keys.length > 0 || pools.length > 0 || verified.length > 0 || poolKeys >= 2);
  if (!strong && !weak) return undefined;
  const signs = [
    ...keys.slice(0, 4).map((key) => `"${key}"`),
    ...verified.slice(0, 1).map(({ coins }) => `${coins.join(' or ')} wallet`),
    ...pools.slice(0, 1).map(({ endpoint }) => `pool ${endpoint.host}`),
  ];
  const flags: Flag[] = program.container === undefined ? ['write'] : ['write', 'launch'];
  return {
    strength: strong && !program.remote ? 'strong' : 'weak',
    artifacts: [
      ...(program.container === undefined ? pathArtifacts(path) : []),
      ...endpointArtifacts(pools, []),
      ...walletArtifacts(verified),
      ...verified.flatMap(({ worker }) => (worker === undefined ? [] : [artifact('worker', worker)])),
    ],
    why: `${programName(program)} writes a miner's configuration ${path.slice(0, 128)} (${signs.join(', ')})`,
    flags,
  };
}
