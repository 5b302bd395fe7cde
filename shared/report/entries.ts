import type { DecidedEvidence } from '#shared/model/finding.ts';
import type { Sample } from '#shared/model/indicator.ts';
import { type CrontabUser, crontabUser, runsCrontab, spelledLines, spoolFile, whereCrontab } from './crontab-entry.ts';
import { list, namedBy, unique } from './facts.ts';
import { isoTime, techniqueText } from './words.ts';

/** Something that starts the miner again, as a responder finds it on the host. */
export interface Entry {
  /** Its file, unit or crontab; for what no record names, the command that set it up. */
  readonly name: string;
  /** What to do about it, with where to look. */
  readonly removal: string;
}

/** What evidence says was set up; several items may tell of one crontab. */
type Thing =
  | { readonly kind: 'file' | 'unit' | 'deed'; readonly name: string }
  | { readonly kind: 'crontab'; readonly user: CrontabUser; readonly folder?: string; readonly sample?: Sample };

/** The entries of persistence evidence, each once, in the order of the evidence. */
export function entriesOf(all: readonly DecidedEvidence[]): readonly Entry[] {
  const names = namesByUid(all);
  const crontabs = new Map<string, Crontab>();
  const order: (Entry | Crontab)[] = [];
  for (const evidence of all) {
    for (const thing of thingsOf(evidence)) {
      if (thing.kind !== 'crontab') {
        order.push({ name: nameOf(thing), removal: removalOf(thing, evidence) });
        continue;
      }
      const user = named(thing.user, names);
      const key = JSON.stringify(user ?? null);
      let crontab = crontabs.get(key);
      if (crontab === undefined) {
        crontab = { user, folders: new Set(), samples: new Set(), evidence: new Set() };
        crontabs.set(key, crontab);
        order.push(crontab);
      }
      if (thing.folder !== undefined) crontab.folders.add(thing.folder);
      if (thing.sample !== undefined) crontab.samples.add(thing.sample);
      crontab.evidence.add(evidence);
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

function thingsOf(evidence: DecidedEvidence): readonly Thing[] {
  const things: Thing[] = [];
  const others: Sample[] = [];
  for (const sample of evidence.samples) {
    if (sample.path !== undefined) things.push(thingAt(sample.path, sample));
    else if (!isFileRule(evidence) && runsCrontab(sample))
      things.push({ kind: 'crontab', user: crontabUser(sample), sample });
    else others.push(sample);
  }
  const paths = entryPaths(evidence);
  // A user's crontab that only artifacts name: samples are few.
  if (isFileRule(evidence)) things.push(...paths.filter(spoolFile).map((path) => thingAt(path, others[0])));
  if (things.length > 0 && others.length === 0) return once(things);
  const units = namedBy(evidence, 'unit');
  const commands = unique(others.map((one) => one.commandLine));
  if (isFileRule(evidence) && paths.length > 0) things.push(...paths.map((path) => thingAt(path, others[0])));
  else if (units.length > 0) things.push(...unique(units).map((name): Thing => ({ kind: 'unit', name })));
  else if (commands.length > 0) things.push(...commands.map((name): Thing => ({ kind: 'deed', name })));
  else if (paths.length > 0) things.push(...paths.map((path) => thingAt(path)));
  return things.length > 0 ? once(things) : [{ kind: 'deed', name: evidence.rule }];
}

function thingAt(path: string, sample?: Sample): Thing {
  const spool = spoolFile(path);
  if (spool === undefined) return { kind: 'file', name: path };
  const user = spool.user === undefined ? sample && crontabUser(sample) : { name: spool.user };
  return { kind: 'crontab', user, folder: spool.folder, ...(sample === undefined ? {} : { sample }) };
}

const once = (things: readonly Thing[]): Thing[] => {
  const seen = new Set<string>();
  return things.filter((one) => {
    const key = one.kind === 'crontab' ? '' : `${one.kind} ${one.name}`;
    const fresh = key === '' || !seen.has(key);
    seen.add(key);
    return fresh;
  });
};

const WRITABLE = /^(?:\/tmp|\/var\/tmp|\/dev\/shm|\/run\/user)\//;

/** Files that the evidence names as written, without what they start and without a second name behind a mount point. */
function entryPaths(evidence: DecidedEvidence): readonly string[] {
  const started = namedBy(evidence, 'cmd');
  const all = namedBy(evidence, 'path');
  const own = all.filter((path) => !WRITABLE.test(path) && !started.some((command) => command.startsWith(path)));
  const paths = own.length > 0 ? own : all;
  return paths.filter((path) => !paths.some((other) => other !== path && other.endsWith(path)));
}

interface Crontab {
  readonly user: CrontabUser;
  readonly folders: Set<string>;
  readonly samples: Set<Sample>;
  readonly evidence: Set<DecidedEvidence>;
}

function crontabEntry({ user, folders, samples: set, evidence: items }: Crontab): Entry {
  const [samples, all] = [[...set], [...items]];
  const whose =
    user === undefined ? 'the user of that session' : 'uid' in user ? `uid ${user.uid}` : `user ${user.name}`;
  const where = whereCrontab(user, [...folders]);
  const login = user !== undefined && 'name' in user ? [] : unique(samples.map(loginOf));
  const lines = unique(samples.flatMap((one) => spelledLines(one.commandLine ?? '')));
  const quoted = list(
    lines.map((line) => `\`${line}\``),
    4,
  );
  const what =
    lines.length === 0 ? 'the added lines' : lines.length === 1 ? `the entry ${quoted}` : `the entries ${quoted}`;
  const place = `${where.join(', ')}${login.length === 0 ? '' : `; ${list(login, 2)}`}`;
  const techniques = unique(all.map((one) => (isCron(one) ? one.technique : 'T1053.003'))).map(techniqueText);
  const first = isoTime(Math.min(...all.map((one) => one.first)));
  const rest = all.flatMap((one) => startsOf(one, lines));
  const writers = unique(samples.map((one) => one.commandLine));
  const how =
    rest.length > 0
      ? `; it starts: ${list(unique(rest), 3)}`
      : lines.length > 0 || writers.length === 0
        ? ''
        : `; set up by: ${list(writers, 2)}`;
  return {
    name: `the crontab of ${whose} (${where.at(-1)})`,
    removal: `Remove ${what} from the crontab of ${whose} (${place}) (${list(techniques, 3)}, first ${first}${how})`,
  };
}

const isCron = ({ technique }: DecidedEvidence): boolean => technique === 'T1053.003';

function loginOf({ auid, session }: Sample): string | undefined {
  const parts = [auid === undefined ? '' : `login uid ${auid}`, session === undefined ? '' : `session ${session}`];
  return parts.filter((one) => one !== '').join(', ') || undefined;
}

const singleBlanks = (text: string): string => text.replace(/\s+/g, ' ');

/** What the entry starts, as far as its own lines don't show it. */
function startsOf(evidence: DecidedEvidence, lines: readonly string[]): readonly string[] {
  const shown = lines.map(singleBlanks);
  const all = unique([...namedBy(evidence, 'cmd'), ...namedBy(evidence, 'url')]);
  return all.filter((one) => !shown.some((line) => line.includes(one)));
}

type Plain = Exclude<Thing, { kind: 'crontab' }>;

const nameOf = ({ kind, name }: Plain): string => (kind === 'deed' ? `what \`${name}\` set up` : name);

function removalOf({ kind, name }: Plain, evidence: DecidedEvidence): string {
  const starts = startsOf(evidence, []);
  const writers = unique(evidence.samples.map(({ commandLine }) => (commandLine === name ? undefined : commandLine)));
  const units = unique(namedBy(evidence, 'unit').filter((unit) => unit !== name));
  const unit = units.length === 0 ? '' : `; unit ${list(units, 3)}`;
  const how =
    starts.length > 0
      ? `; it starts: ${list(starts, 3)}`
      : writers.length === 0 || kind === 'deed'
        ? ''
        : `; set up by: ${list(writers, 2)}`;
  const what = kind === 'deed' ? undoing(name, evidence) : `${verbFor(name)} ${name}`;
  return `${what} (${techniqueText(evidence.technique)}, first ${isoTime(evidence.first)}${unit}${how})`;
}

/** A command is over when a responder reads of it: what it left is to be found. */
function undoing(command: string, { technique, rule }: DecidedEvidence): string {
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
