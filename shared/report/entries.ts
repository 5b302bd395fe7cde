import type { DecidedEvidence } from '#shared/model/finding.ts';
import type { Sample } from '#shared/model/indicator.ts';
import { type CrontabUser, crontabUser, runsCrontab, spelledLines, spoolFile, whereCrontab } from './crontab-entry.ts';
import { startsText, techniqueOf } from './entry-words.ts';
import { list, namedBy, unique } from './facts.ts';
import { filledFolder } from './start-folders.ts';
import { unshownOf } from './triage-unshown.ts';
import { isoTime, techniqueText } from './words.ts';

/** Something that starts the miner again, as a responder finds it on the host. */
export interface Entry {
  /** Its file, unit or crontab; for what no record names, the command that set it up. */
  readonly name: string;
  /** What to do about it, with where to look. */
  readonly removal: string;
  /** All commands and URLs that it is known to start, however many its removal spells out. */
  readonly shows: readonly string[];
}

/** What evidence says was set up; several items may tell of one crontab. */
type Thing =
  | { readonly kind: 'file' | 'unit' | 'deed'; readonly name: string; readonly samples: readonly Sample[] }
  /** What came into a folder that starts all of its files, from an archive or from where no record tells. */
  | {
      readonly kind: 'folder';
      readonly name: string;
      readonly from: readonly string[];
      readonly samples: readonly Sample[];
    }
  | { readonly kind: 'crontab'; readonly user: CrontabUser; readonly folder?: string; readonly sample?: Sample };

/** The entries of persistence evidence, each once, in the order of the evidence. */
export function entriesOf(all: readonly DecidedEvidence[]): readonly Entry[] {
  const names = namesByUid(all);
  const crontabs = new Map<string, Crontab>();
  const order: (Entry | Crontab)[] = [];
  for (const evidence of all) {
    const things = thingsOf(evidence, names);
    const alone = new Set(things.map(identity)).size === 1 && unshownOf([evidence]).records === 0 && !evidence.more;
    for (const thing of things) {
      if (thing.kind !== 'crontab') {
        order.push({ name: nameOf(thing), ...removalOf(thing, evidence, alone) });
        continue;
      }
      const { user } = thing;
      const key = JSON.stringify(user ?? null);
      let crontab = crontabs.get(key);
      if (crontab === undefined) {
        crontab = { user, folders: new Set(), samples: new Set(), evidence: new Set(), starts: new Set() };
        crontabs.set(key, crontab);
        order.push(crontab);
      }
      if (thing.folder !== undefined) crontab.folders.add(thing.folder);
      if (thing.sample !== undefined) crontab.samples.add(thing.sample);
      crontab.evidence.add(evidence);
      for (const one of startsOf(evidence, samplesOf(thing), alone)) crontab.starts.add(one);
    }
  }
  const entries = order.map((one) => ('removal' in one ? one : crontabEntry(one)));
  return [...new Map(entries.map((one) => [one.removal, one])).values()];
}

/** Names of users whose number alone is known elsewhere: only root writes another user's crontab. */
function namesByUid(all: readonly DecidedEvidence[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { path, uid } of all.flatMap(({ samples }) => samples)) {
    const user = path === undefined ? undefined : spoolFile(path)?.user;
    if (user !== undefined && uid !== undefined && uid !== '0') names.set(uid, user);
  }
  return names;
}

function named(user: CrontabUser, names: ReadonlyMap<string, string>): CrontabUser {
  const name = user !== undefined && 'uid' in user ? names.get(user.uid) : undefined;
  return name === undefined ? user : { name };
}

/** A write of a file: its rule names the file in artifacts where the record was of a command. */
const isFileRule = ({ rule }: DecidedEvidence): boolean => /^persistence_file(?:\/|$)/.test(rule);

const samplesOf = (thing: Thing): readonly Sample[] =>
  thing.kind !== 'crontab' ? thing.samples : thing.sample === undefined ? [] : [thing.sample];

const identity = (thing: Thing): string =>
  thing.kind === 'crontab' ? `crontab ${JSON.stringify(thing.user ?? null)}` : `${thing.kind} ${thing.name}`;

function thingsOf(evidence: DecidedEvidence, names: ReadonlyMap<string, string>): readonly Thing[] {
  return once(rawThingsOf(evidence)).map((one) =>
    one.kind === 'crontab' ? { ...one, user: named(one.user, names) } : one,
  );
}

function rawThingsOf(evidence: DecidedEvidence): readonly Thing[] {
  const things: Thing[] = [];
  const others: Sample[] = [];
  for (const sample of evidence.samples) {
    if (sample.path !== undefined) things.push(thingAt(sample.path, sample));
    else if (!isFileRule(evidence) && runsCrontab(sample))
      things.push({ kind: 'crontab', user: crontabUser(sample), sample });
    else others.push(sample);
  }
  const filled = isFileRule(evidence) ? foldersOf(evidence, others) : [];
  things.push(...filled);
  const sources = new Set(filled.flatMap(({ from }) => from));
  const paths = entryPaths(evidence).filter((path) => !sources.has(path));
  if (isFileRule(evidence)) {
    // Samples are few: what no sample shows, artifacts may still name.
    const hidden = others.length > 0 || unshownOf([evidence]).records > 0;
    const more = hidden ? paths : paths.filter(spoolFile);
    things.push(...more.map((path) => thingAt(path, writerOf(path, others))));
  }
  if (things.length > 0 && (others.length === 0 || isFileRule(evidence))) return things;
  const units = unique(namedBy(evidence, 'unit'));
  if (units.length > 0) {
    things.push(...units.map((name): Thing => ({ kind: 'unit', name, samples: others.filter(namesUnit(name)) })));
  } else {
    const commands = Map.groupBy(others, ({ commandLine }) => commandLine ?? '');
    for (const [name, samples] of commands) if (name !== '') things.push({ kind: 'deed', name, samples });
    if (things.length === 0) things.push(...paths.map((path) => thingAt(path)));
  }
  return things.length > 0 ? things : [{ kind: 'deed', name: evidence.rule, samples: others }];
}

type Folder = Extract<Thing, { kind: 'folder' }>;

/** The folders that commands filled, each with all that came into it. */
function foldersOf(evidence: DecidedEvidence, samples: readonly Sample[]): readonly Folder[] {
  const paths = namedBy(evidence, 'path');
  const folders = new Map<string, Folder>();
  for (const sample of samples) {
    const filled = filledFolder(sample, paths);
    if (filled === undefined) continue;
    const known = folders.get(filled.folder);
    folders.set(filled.folder, {
      kind: 'folder',
      name: filled.folder,
      from: unique([...(known?.from ?? []), ...filled.from]),
      samples: [...(known?.samples ?? []), sample],
    });
  }
  return [...folders.values()];
}

const namesUnit =
  (unit: string) =>
  ({ commandLine }: Sample): boolean =>
    commandLine?.includes(unit.replace(/\.(?:service|timer|socket|path|mount)$/, '')) === true;

/** The command that wrote a file: which names it, or which alone is there. */
function writerOf(path: string, writers: readonly Sample[]): Sample | undefined {
  return (
    writers.find(({ commandLine }) => commandLine?.includes(path)) ?? (writers.length === 1 ? writers[0] : undefined)
  );
}

function thingAt(path: string, sample?: Sample): Thing {
  const spool = spoolFile(path);
  if (spool === undefined) return { kind: 'file', name: path, samples: sample === undefined ? [] : [sample] };
  const user = spool.user === undefined ? sample && crontabUser(sample) : { name: spool.user };
  return { kind: 'crontab', user, folder: spool.folder, ...(sample === undefined ? {} : { sample }) };
}

/** Files, units and commands once, with all their samples; crontabs are joined later, over all evidence. */
function once(things: readonly Thing[]): Thing[] {
  const merged = new Map<string, Thing>();
  things.forEach((one, at) => {
    const key = one.kind === 'crontab' ? String(at) : `${one.kind} ${one.name}`;
    const known = merged.get(key);
    const both = known !== undefined && known.kind !== 'crontab' && one.kind !== 'crontab';
    merged.set(key, both ? { ...known, samples: [...new Set([...known.samples, ...one.samples])] } : one);
  });
  return [...merged.values()];
}

const WRITABLE = /^(?:\/tmp|\/var\/tmp|\/dev\/shm|\/run\/user)\//;

/** Files that the evidence names as written, without what they start and without a second name behind a mount point. */
function entryPaths(evidence: DecidedEvidence): readonly string[] {
  const started = namedBy(evidence, 'cmd');
  const all = namedBy(evidence, 'path');
  const own = all.filter(
    (path) => !WRITABLE.test(path) && !started.some((command) => command.split(' ').includes(path)),
  );
  const paths = own.length > 0 ? own : all;
  return paths.filter((path) => !paths.some((other) => other !== path && other.endsWith(path)));
}

interface Crontab {
  readonly user: CrontabUser;
  readonly folders: Set<string>;
  readonly samples: Set<Sample>;
  readonly evidence: Set<DecidedEvidence>;
  readonly starts: Set<string>;
}

function crontabEntry({ user, folders, samples: set, evidence: items, starts }: Crontab): Entry {
  const [samples, all] = [[...set], [...items]];
  const whose =
    user === undefined ? 'the user of that session' : 'uid' in user ? `uid ${user.uid}` : `user ${user.name}`;
  const where = whereCrontab(user, [...folders]);
  const login = user !== undefined && 'name' in user ? [] : unique(samples.map(loginOf));
  const lines = unique(samples.flatMap((one) => spelledLines(one.commandLine ?? '')));
  const quoted = list(
    lines.map((line) => `\`${line}\``),
    8,
  );
  const what =
    lines.length === 0 ? 'the added lines' : lines.length === 1 ? `the entry ${quoted}` : `the entries ${quoted}`;
  const place = `${where.join(', ')}${login.length === 0 ? '' : `; ${list(login, 2)}`}`;
  const techniques = unique(all.map((one) => (isCron(one) ? one.technique : 'T1053.003'))).map(techniqueText);
  const shown = lines.map(singleBlanks);
  const rest = [...starts].filter((one) => !shown.some((line) => line.includes(one)));
  const writers = unique(samples.map((one) => one.commandLine));
  const how =
    rest.length > 0
      ? startsText(rest, samples)
      : lines.length > 0 || writers.length === 0
        ? ''
        : `; set up by: ${list(writers, 2)}`;
  return {
    name: `the crontab of ${whose} (${where.at(-1)})`,
    removal: `Remove ${what} from the crontab of ${whose} (${place}) (${list(techniques, 3)}, first ${firstOf(samples, all)}${how})`,
    shows: [...starts],
  };
}

const isCron = ({ technique }: DecidedEvidence): boolean => technique === 'T1053.003';

function loginOf({ auid, session }: Sample): string | undefined {
  const parts = [auid === undefined ? '' : `login uid ${auid}`, session === undefined ? '' : `session ${session}`];
  return parts.filter((one) => one !== '').join(', ') || undefined;
}

const singleBlanks = (text: string): string => text.replace(/\s+/g, ' ');

/** The first time of an entry's own samples; of the evidence where it has none. */
function firstOf(samples: readonly Sample[], all: readonly DecidedEvidence[]): string {
  const times = samples.length > 0 ? samples.map(({ time }) => time) : all.map((one) => one.first);
  return isoTime(Math.min(...times));
}

/**
 * What an entry is known to start: of the evidence's commands and URLs those that its own samples spell, or all where
 * the evidence is of this entry alone and each of its records is shown.
 */
function startsOf(evidence: DecidedEvidence, samples: readonly Sample[], alone: boolean): readonly string[] {
  const all = unique([...namedBy(evidence, 'cmd'), ...namedBy(evidence, 'url')]);
  if (alone) return all;
  const texts = samples.map(({ commandLine }) => singleBlanks(commandLine ?? ''));
  return all.filter((one) => texts.some((text) => text.includes(one)));
}

type Plain = Exclude<Thing, { kind: 'crontab' }>;

function nameOf(thing: Plain): string {
  const { kind, name } = thing;
  if (kind === 'folder') return `${name} (${cameFrom(thing)})`;
  return kind === 'deed' ? `what \`${name}\` set up` : name;
}

/** What came into a folder, as far as records tell. */
const cameFrom = ({ from }: Folder): string =>
  from.length === 0 ? 'what came into it then' : `what came from ${list(from, 4)}`;

function removalOf(thing: Plain, evidence: DecidedEvidence, alone: boolean): Pick<Entry, 'removal' | 'shows'> {
  const { kind, name, samples } = thing;
  const shows = startsOf(evidence, samples, alone);
  const starts = kind === 'deed' ? shows.filter((one) => !singleBlanks(name).includes(one)) : shows;
  const writers = unique(samples.map(({ commandLine }) => (commandLine === name ? undefined : commandLine)))
    // First those that name it: a bare shell says little.
    .sort((a, b) => Number(b.includes(name)) - Number(a.includes(name)));
  const ofIt = alone
    ? namedBy(evidence, 'unit')
    : namedBy(evidence, 'unit').filter((unit) => name.endsWith(`/${unit}`));
  const units = unique(ofIt.filter((unit) => unit !== name));
  const unit = units.length === 0 ? '' : `; unit ${list(units, 3)}`;
  const how =
    starts.length > 0
      ? startsText(starts, samples)
      : writers.length === 0 || kind === 'deed'
        ? ''
        : `; set up by: ${list(writers, 2)}`;
  const technique = techniqueOf(kind, name, evidence, alone);
  const what =
    thing.kind === 'folder'
      ? `Remove from ${name} ${cameFrom(thing)}`
      : kind === 'deed'
        ? undoing(name, evidence.rule, technique)
        : `${verbFor(name)} ${name}`;
  const first = firstOf(samples, [evidence]);
  const known = technique === undefined ? '' : `${techniqueText(technique)}, `;
  return { removal: `${what} (${known}first ${first}${unit}${how})`, shows };
}

/** A command is over when a responder reads of it: what it left is to be found. */
function undoing(command: string, rule: string, technique: string | undefined): string {
  if (command === rule) return `Find and remove what ${rule} saw`;
  return technique === 'T1053.002'
    ? `Remove the job (\`atq\` lists, \`atrm\` removes) that this command left: \`${command}\``
    : `Undo what this command set up: \`${command}\``;
}

function verbFor(name: string): string {
  if (name.endsWith('authorized_keys')) return "Remove the attacker's key from";
  if (name.endsWith('ld.so.preload')) return 'Empty (every new process loads what it names)';
  return /\/(?:\.?(?:bashrc|profile|bash_profile|zshrc)|rc\.(?:local|common)|crontab)$/.test(name)
    ? 'Remove the added lines from'
    : 'Remove';
}
