import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS, type Event, type Process } from '#shared/model/event.ts';
import type { Flag, Verdict } from '#shared/model/indicator.ts';
import type { Intel, MinerEntry } from '#shared/model/intel.ts';
import { type Artifact, artifact } from '#shared/model/place.ts';
import { ENCODING_NEEDLES } from '../command/encodings.ts';
import { baseName, isInterpreter, isShell, onlyNames } from '../command/names.ts';
import { imageCommand, type Program, speaksOnly, wordsOf } from '../command/program.ts';
import { readCommand } from '../command/reading.ts';
import { actorOf, listedMiner, namedLikeMalware, processTexts } from './actor.ts';
import { readArguments } from './arguments.ts';
import { imageMiner, MINER_TECHNIQUE, pathArtifacts } from './artifacts.ts';
import { literals, makeGate, minimalNeedles } from './gate.ts';
import { IMAGE_NEEDLES } from './image-names.ts';

const MAX_VERDICTS = 8;
/** Miners that print their version for `-v`: it starts xmrig with more output (their own usage texts). */
const VERSION_BY_V = /^(?:nbminer|lolminer|teamredminer|gminer|miner|xmr-stak)/;
/** Words of a program among which its command is looked for. */
const MAX_WORDS = 64;
/** Endings of files that are handed to an interpreter or an editor rather than executed as a miner. */
const NOT_A_BINARY =
  /\.(?:sh|bash|py|pl|rb|js|json|ya?ml|conf|cfg|ini|toml|log|txt|md|tar|t?gz|zip|xz|deb|rpm|service|dockerfile)$/i;

/**
 * Words that make a miner of a program whose name says nothing: `ore --rpc URL mine` (regolith-labs/ore-cli: README.md),
 * where other programs called `ore` read a file or keep a catalogue.
 */
const COMMANDS: ReadonlyMap<string, string> = new Map([['ore', 'mine']]);
/** Of names too short for a needle: as a word of a command line, and as a string of a list or a record. */
const COMMAND_NEEDLES: readonly string[] = [...COMMANDS].flatMap(([name, command]) => [
  `${name} ${command}`,
  `${name} --`,
  `"${name}"`,
]);

/**
 * A listed program of a miner or of miner malware that runs: by the executable's base name, also when the event is not
 * its start but something that it did; by the image of a container that is started. A name that only argv[0] claims, or
 * that prints a version or runs a benchmark, is weak.
 * @param programs the listed names, lower case, prefixes without their star
 */
export function minerProgram(programs: readonly string[]): Analyzer {
  const needles = minimalNeedles([...literals(programs), ...COMMAND_NEEDLES, ...IMAGE_NEEDLES, ...ENCODING_NEEDLES]);
  const gate = makeGate(needles, true);
  return {
    id: 'miner_program',
    version: 1,
    title: 'Program of a miner or of miner malware',
    group: 'miner_execution',
    technique: MINER_TECHNIQUE,
    classes: [CLASS.process, CLASS.file, CLASS.network, CLASS.dns, CLASS.kernel, CLASS.scheduledJob, CLASS.detection],
    needles,
    decide(event, intel) {
      const found = actorOf(event);
      if (found === undefined) return inImage(event, intel, gate);
      const { actor, failed } = found;
      if (!gate([...processTexts(actor), actor.parentName, actor.parentExecutable, event.claims.image])) return [];
      const verdicts = [...byPrograms(actor, intel)];
      if (verdicts.length === 0) verdicts.push(...byName(actor, intel), ...byParent(actor, intel));
      if (verdicts.length === 0) verdicts.push(...inImage(event, intel, gate));
      return failed ? verdicts.map((verdict) => ({ ...verdict, strength: 'weak' as const })) : verdicts;
    },
  };
}

function reason(entry: MinerEntry, what: string): string {
  return `${what} is listed as ${entry.kind} ${entry.name} (${entry.source})`;
}

function byPrograms(actor: Process, intel: Intel): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  const seen = new Set<string>();
  for (const program of readCommand(actor).programs) {
    if (verdicts.length >= MAX_VERDICTS) break;
    const verdict = judge(program, intel);
    const key = verdict === undefined ? '' : verdict.artifacts.join('\n');
    if (verdict === undefined || seen.has(key)) continue;
    seen.add(key);
    verdicts.push(verdict);
  }
  return verdicts;
}

function judge(program: Program, intel: Intel): Verdict | undefined {
  const launched: readonly Flag[] = program.container === undefined ? [] : ['launch'];
  const image = program.container?.image;
  const byImage = image === undefined ? undefined : imageMiner(image, (base) => intel.miner(base));
  const words = imageCommand(program) ? program.argv : program.argv.slice(1);
  const benign = readArguments(words).benign ?? printsVersion(program, words);
  if (
    byImage !== undefined &&
    image !== undefined &&
    program.via.length > 0 &&
    isFirstInside(program) &&
    !runsMiner(program, intel)
  ) {
    return {
      strength: benign === undefined && !program.remote && runsOwnCommand(program) ? 'strong' : 'weak',
      artifacts: [artifact('image', image), artifact('miner', byImage.name)],
      why: reason(byImage, `container image ${image}`),
      flags: launched,
    };
  }
  if (program.launcher && program.executable === undefined) return undefined;
  const operand = isImagesOperand(program);
  const inspects = isToolsImage(image ?? '');
  if (operand && inspects) return undefined;
  const listed = listedMiner(program.path, intel) ?? minesByCommand(program, intel) ?? setUpMiner(program);
  const entry = listed ?? namedLikeMalware(program.path, intel);
  if (entry === undefined) return fromArgument(program, intel);
  if (speaksOnly(program) && !program.launcher) return undefined;
  const script =
    entry === SET_UP_MINER ||
    (NOT_A_BINARY.test(program.path) && intel.miner(baseName(program.path))?.name.endsWith('*') === true);
  const asked = benign !== undefined || program.container?.created === true || operand || inspects;
  const artifacts: Artifact[] = [
    ...pathArtifacts(program.path),
    artifact('miner', entry.name),
    ...(image === undefined ? [] : [artifact('image', image)]),
  ];
  const flags: Flag[] = [...launched, ...(program.path.endsWith(' (deleted)') ? (['deleted'] as const) : [])];
  return {
    strength: asked || script || program.remote || listed === undefined ? 'weak' : 'strong',
    artifacts,
    why: reason(entry, `program ${program.path}`) + (benign === undefined ? '' : `, run with ${benign}`),
    ...(flags.length === 0 ? {} : { flags }),
  };
}

/** `nbminer -v`, and nothing else. */
function printsVersion({ path }: Program, words: readonly string[]): string | undefined {
  return words.length === 1 && words[0] === '-v' && VERSION_BY_V.test(baseName(path).toLowerCase()) ? '-v' : undefined;
}

/** The entry of a program by name and command: the command is its first word that is neither an option nor its value. */
function minesByCommand(program: Program, intel: Intel): MinerEntry | undefined {
  const name = baseName(program.path).toLowerCase();
  const command = COMMANDS.get(name);
  if (command === undefined) return undefined;
  let value = false;
  for (const word of program.argv.slice(1, MAX_WORDS)) {
    if (word === command) return intel.miner(name);
    if (!word.startsWith('-') && !value) return undefined;
    value = word.startsWith('-') && !word.includes('=');
  }
  return undefined;
}

/**
 * The script that the set-up scripts of MoneroOcean, C3Pool and their copies leave in a folder of the pool's name
 * (MoneroOcean/xmrig_setup: setup_moneroocean_miner.sh), and the configuration that they write for it.
 */
function setUpMiner(program: Program): MinerEntry | undefined {
  if (!program.path.endsWith('/miner.sh')) return undefined;
  const configured = program.argv.slice(1, MAX_WORDS).some((word) => SET_UP_CONFIG.test(word));
  return configured || SET_UP_FOLDER.test(program.path) ? SET_UP_MINER : undefined;
}

const SET_UP_FOLDER = /\/\.?(?:moneroocean|c3pool)\/miner\.sh$/;
const SET_UP_CONFIG = /(?:^|[/=])config_background\.json$/;
const SET_UP_MINER: MinerEntry = {
  name: 'moneroocean_miner',
  kind: 'miner',
  source: 'MoneroOcean/xmrig_setup: setup_moneroocean_miner.sh',
};

/** Whether a container's image runs by its own command: no entry point, tool or shell was put in its place. */
function runsOwnCommand({ container, argv }: Program): boolean {
  if (container?.created === true || container?.entry === true) return false;
  const name = baseName(argv[0] ?? '');
  return !onlyNames(name) && !isShell(name);
}

/** Whether the given words name a listed miner themselves, as an entry point or a path does. */
function runsMiner(program: Program, intel: Intel): boolean {
  return program.container?.entry === true && listedMiner(program.path, intel) !== undefined;
}

/** `docker run IMAGE metal3d/xmrig`: a name with a slash that is no whole path may go to the image's own command. */
function isImagesOperand({ container, argv, via }: Program): boolean {
  const [word = ''] = argv;
  const first = via.at(-1)?.toLowerCase() === container?.tool;
  return container?.image !== undefined && container.entry !== true && first && /^[^./][^/]*\//.test(word);
}

/** An image that is named after a tool which inspects what its words name. */
function isToolsImage(image: string): boolean {
  return onlyNames(image.replace(/@.*$/s, '').split('/').at(-1)?.split(':')[0] ?? '');
}

/** The outermost program of a container: what a shell inside it starts names the image no second time. */
function isFirstInside(program: Program): boolean {
  return program.via.at(-1)?.toLowerCase() === program.container?.tool;
}

/** argv[0] names a miner, the kernel's path something else that is neither shell nor interpreter. */
function fromArgument(program: Program, intel: Intel): Verdict | undefined {
  if (program.executable === undefined || program.argv[0] === undefined) return undefined;
  const entry = listedMiner(program.argv[0], intel);
  const real = baseName(program.executable).toLowerCase();
  if (entry === undefined || isShell(real) || isInterpreter(real)) return undefined;
  return {
    strength: 'weak',
    artifacts: [...pathArtifacts(program.path), artifact('miner', entry.name)],
    why: reason(entry, `argv[0] ${program.argv[0].slice(0, 128)} of ${program.executable.slice(0, 128)}`),
  };
}

/** The kernel's short name alone: any program may set it. */
function byName(actor: Process, intel: Intel): readonly Verdict[] {
  if (wordsOf(actor).length > 0 || actor.name === undefined) return [];
  const entry = listedMiner(actor.name, intel);
  if (entry === undefined) return [];
  return [
    { strength: 'weak', artifacts: [artifact('miner', entry.name)], why: reason(entry, `process name ${actor.name}`) },
  ];
}

/** What a miner starts: its `modprobe msr`, its shell. */
function byParent(actor: Process, intel: Intel): readonly Verdict[] {
  for (const parent of [actor.parentExecutable, actor.parentName]) {
    const entry = parent === undefined ? undefined : listedMiner(parent, intel);
    if (parent === undefined || entry === undefined || NOT_A_BINARY.test(parent)) continue;
    return [
      {
        strength: 'weak',
        artifacts: [...pathArtifacts(parent), artifact('miner', entry.name)],
        why: reason(entry, `parent ${parent.slice(0, 128)}`),
      },
    ];
  }
  return [];
}

/** Any event inside a container whose image names a miner. */
function inImage(
  event: Event,
  intel: Intel,
  gate: (texts: readonly (string | undefined)[]) => boolean,
): readonly Verdict[] {
  const { image } = event.claims;
  if (image === undefined || !gate([image])) return [];
  const entry = imageMiner(image, (base) => intel.miner(base));
  if (entry === undefined) return [];
  return [
    {
      strength: 'weak',
      artifacts: [artifact('image', image), artifact('miner', entry.name)],
      why: reason(entry, `image ${image.slice(0, 128)} of the container`),
    },
  ];
}
