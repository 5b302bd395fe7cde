import { CLASS, type ClassId, type Event, type Process, processOf } from '#shared/model/event.ts';
import type { NeedlePolicy } from './needles.ts';

/** What a field holds, which decides what values and modifiers it takes. */
export type FieldKind = 'text' | 'list' | 'number' | 'flag' | 'address' | 'addresses';
type Value = string | number | boolean | readonly string[] | undefined;

/** A field of Sigma's taxonomy (appendix "Taxonomy", 2.1), or one of ours, as it is read from an event of the model. */
export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly needle: NeedlePolicy;
  /** All values that there are, for fields with words of our own. */
  readonly words?: readonly string[];
  read(event: Event): Value;
}

/** A log source category: which events its rules see, and by which fields. */
export interface Category {
  readonly name: string;
  readonly class: RuleClass;
  accepts(event: Event): boolean;
  readonly fields: ReadonlyMap<string, Field>;
}

/** Classes that rules may ask for: what programs print is read by code alone. */
type RuleClass = Exclude<ClassId, typeof CLASS.base>;

type EventOf<C extends RuleClass> = Extract<Event, { class: C }>;
type Row<E> = readonly [FieldKind, NeedlePolicy, (from: E) => Value, (readonly string[])?];
type Table<E> = Readonly<Record<string, Row<E>>>;

function fieldsOf<E>(table: Table<E>, subject: (event: Event) => E | undefined): readonly Field[] {
  return Object.entries(table).map(([name, [kind, needle, read, words]]) => ({
    name,
    kind,
    needle,
    ...(words === undefined ? {} : { words }),
    read: (event) => {
      const from = subject(event);
      return from === undefined ? undefined : read(from);
    },
  }));
}

/** Every name that a process goes by: a multi-call program (kmod, busybox) is known only by its first argument. */
function programNames(actor: Process): readonly string[] {
  const names = new Set<string>();
  for (const path of [actor.executable, actor.argv?.[0], actor.name]) {
    if (path !== undefined) names.add(path.slice(path.lastIndexOf('/') + 1));
  }
  names.delete('');
  return [...names];
}

const PROCESS: Table<Process> = {
  Image: ['text', 'words', (actor) => actor.executable],
  Program: ['list', 'words', programNames],
  CommandLine: ['text', 'words', (actor) => actor.argv?.join(' ')],
  Argument: ['list', 'words', (actor) => actor.argv],
  ProcessName: ['text', 'words', (actor) => actor.name],
  CurrentDirectory: ['text', 'words', (actor) => actor.workingDirectory],
  User: ['text', 'none', (actor) => actor.uid],
  LoginUser: ['text', 'none', (actor) => actor.auid],
  ParentImage: ['text', 'words', (actor) => actor.parentExecutable],
  ParentCommandLine: ['text', 'words', (actor) => actor.parentCommandLine],
  ParentName: ['text', 'words', (actor) => actor.parentName],
  AncestorName: ['list', 'words', (actor) => actor.ancestors],
};

const STARTED: Table<EventOf<typeof CLASS.process>> = {
  Success: ['flag', 'none', (event) => event.success],
};

const FILE_ACTIVITIES = ['create', 'update', 'delete', 'rename', 'read', 'unknown'] as const;
type FileActivityName = (typeof FILE_ACTIVITIES)[number];

const FILE: Table<EventOf<typeof CLASS.file>> = {
  TargetFilename: ['text', 'path', (event) => event.path],
  PreviousFilename: ['text', 'path', (event) => event.previousPath],
  Activity: ['text', 'none', (event) => event.activity, FILE_ACTIVITIES],
  Success: ['flag', 'none', (event) => event.success],
};

const DNS: Table<EventOf<typeof CLASS.dns>> = {
  QueryName: ['text', 'words', (event) => event.query],
  RecordType: ['text', 'none', (event) => event.type],
  QueryStatus: ['text', 'none', (event) => event.rcode],
  QueryResults: ['addresses', 'none', (event) => event.answers.map((answer) => answer.data)],
};

/** IANA protocol numbers by the names that Sigma's rules use. */
export const PROTOCOLS: readonly (readonly [number, string])[] = [
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [58, 'ipv6-icmp'],
];

function protocolName(protocol: number | undefined): string | undefined {
  if (protocol === undefined) return undefined;
  return PROTOCOLS.find(([number]) => number === protocol)?.[1] ?? String(protocol);
}

const NETWORK: Table<EventOf<typeof CLASS.network>> = {
  SourceIp: ['address', 'none', (event) => event.src?.ip],
  SourcePort: ['number', 'none', (event) => event.src?.port],
  DestinationIp: ['address', 'none', (event) => event.dst.ip],
  DestinationPort: ['number', 'none', (event) => event.dst.port],
  Protocol: ['text', 'none', (event) => protocolName(event.protocol)],
  Initiated: ['flag', 'none', (event) => (event.own === undefined ? undefined : event.own === 'src')],
  Accepted: ['flag', 'none', (event) => event.accepted],
};

const KERNEL: Table<EventOf<typeof CLASS.kernel>> = {
  ModuleName: ['text', 'words', (event) => event.name],
  Message: ['text', 'words', (event) => event.message],
  Success: ['flag', 'none', (event) => event.success],
};

const JOB: Table<EventOf<typeof CLASS.scheduledJob>> = {
  JobName: ['text', 'words', (event) => event.name],
  JobCommand: ['text', 'words', (event) => event.command],
  Scheduler: ['text', 'none', (event) => event.scheduler, ['cron', 'systemd', 'at', 'windows']],
  Activity: ['text', 'none', (event) => event.activity, ['create', 'update', 'start']],
};

const DETECTION: Table<EventOf<typeof CLASS.detection>> = {
  Product: ['text', 'none', (event) => event.product],
  RuleName: ['text', 'words', (event) => event.rule],
  Message: ['text', 'words', (event) => event.message],
  Tag: ['list', 'words', (event) => event.tags],
};

function category<C extends RuleClass>(
  name: string,
  wanted: C,
  table: Table<EventOf<C>>,
  accepts: (event: EventOf<C>) => boolean = () => true,
): Category {
  const narrow = (event: Event) => (event.class === wanted ? (event as EventOf<C>) : undefined);
  const fields = [...fieldsOf(table, narrow), ...fieldsOf(PROCESS, processOf)];
  return {
    name,
    class: wanted,
    accepts: (event) => {
      const own = narrow(event);
      return own !== undefined && accepts(own);
    },
    fields: new Map(fields.map((one) => [one.name, one])),
  };
}

function fileCategory(name: string, activities: readonly FileActivityName[]): Category {
  return category(name, CLASS.file, FILE, (event) => activities.includes(event.activity));
}

/**
 * The categories that rules may name, as in Sigma's taxonomy, and three of ours (`kernel`, `scheduled_job`,
 * `detection`). A watch that fired without saying what was done counts as a write.
 */
export const CATEGORIES: ReadonlyMap<string, Category> = new Map(
  [
    category('process_creation', CLASS.process, STARTED),
    fileCategory('file_event', ['create', 'update', 'rename', 'unknown']),
    fileCategory('file_change', ['update', 'unknown']),
    fileCategory('file_rename', ['rename']),
    fileCategory('file_delete', ['delete']),
    fileCategory('file_access', ['read']),
    category('dns_query', CLASS.dns, DNS),
    category('network_connection', CLASS.network, NETWORK),
    category('driver_load', CLASS.kernel, KERNEL, (event) => event.activity === 'module_load'),
    category('kernel', CLASS.kernel, KERNEL, (event) => event.activity === 'message'),
    category('scheduled_job', CLASS.scheduledJob, JOB),
    category('detection', CLASS.detection, DETECTION),
  ].map((one) => [one.name, one]),
);
