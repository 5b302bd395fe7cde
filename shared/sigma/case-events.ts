import { isIP } from 'node:net';
import { CLASS, type Event, type Process } from '#shared/model/event.ts';
import { type Category, PROTOCOLS } from './fields.ts';

export type FieldValue = string | number | boolean | readonly string[];
export type FieldMap = ReadonlyMap<string, FieldValue>;

/** What a record would have told beside the fields. */
const BASE = { time: 0, claims: {}, raw: {}, id: 'case', source: 'case' };

/**
 * Makes the event whose fields read as given, each value of its field's kind: the inverse of `fields.ts`. A text says
 * what is missing.
 */
export function makeEvent(category: Category, values: FieldMap): Event | string {
  const process = makeProcess(values);
  const success = present({ success: flag(values, 'Success') });
  const activity = text(values, 'Activity');
  switch (category.class) {
    case CLASS.process:
      return { ...BASE, class: CLASS.process, process, ...success };
    case CLASS.file:
      return needed(values, 'TargetFilename', (path) => ({
        ...BASE,
        class: CLASS.file,
        activity: FILE_ACTIVITIES.find((one) => one === activity) ?? USUAL_ACTIVITY[category.name] ?? 'create',
        path,
        ...present({ previousPath: text(values, 'PreviousFilename') }),
        actor: process,
        ...success,
      }));
    case CLASS.kernel:
      return makeKernel(category, values, process);
    case CLASS.scheduledJob:
      return {
        ...BASE,
        class: CLASS.scheduledJob,
        activity: JOB_ACTIVITIES.find((one) => one === activity) ?? 'create',
        scheduler: SCHEDULERS.find((one) => one === text(values, 'Scheduler')) ?? 'cron',
        ...present({ name: text(values, 'JobName'), command: text(values, 'JobCommand') }),
        actor: process,
      };
    case CLASS.dns:
      return needed(values, 'QueryName', (query) => ({
        ...BASE,
        class: CLASS.dns,
        query: query.toLowerCase(),
        type: text(values, 'RecordType') ?? 'A',
        rcode: text(values, 'QueryStatus') ?? 'NOERROR',
        answers: (list(values, 'QueryResults') ?? []).map((data) => ({ type: answerType(data), data })),
        actor: process,
      }));
    case CLASS.network:
      return makeConnection(values, process);
    case CLASS.detection:
      return needed(values, 'RuleName', (rule) => ({
        ...BASE,
        class: CLASS.detection,
        product: text(values, 'Product') ?? '',
        rule,
        message: text(values, 'Message') ?? '',
        tags: list(values, 'Tag') ?? [],
        actor: process,
      }));
  }
}

const FILE_ACTIVITIES = ['create', 'update', 'delete', 'rename', 'read', 'unknown'] as const;
const JOB_ACTIVITIES = ['create', 'update', 'start'] as const;
const SCHEDULERS = ['cron', 'systemd', 'at', 'windows'] as const;
/** What a file event is where the case doesn't say. */
const USUAL_ACTIVITY: Readonly<Record<string, (typeof FILE_ACTIVITIES)[number]>> = {
  file_change: 'update',
  file_rename: 'rename',
  file_delete: 'delete',
  file_access: 'read',
};

function needed(values: FieldMap, name: string, make: (value: string) => Event): Event | string {
  const value = text(values, name);
  return value === undefined ? `the event needs ${name}` : make(value);
}

function makeProcess(values: FieldMap): Process {
  const commandLine = text(values, 'CommandLine');
  const argv = list(values, 'Argument') ?? (commandLine === undefined ? undefined : splitCommandLine(commandLine));
  return present({
    executable: text(values, 'Image'),
    name: text(values, 'ProcessName'),
    argv,
    exact: argv === undefined ? undefined : values.has('Argument'),
    workingDirectory: text(values, 'CurrentDirectory'),
    uid: text(values, 'User'),
    auid: text(values, 'LoginUser'),
    parentExecutable: text(values, 'ParentImage'),
    parentCommandLine: text(values, 'ParentCommandLine'),
    parentName: text(values, 'ParentName'),
    ancestors: list(values, 'AncestorName'),
  });
}

function makeKernel(category: Category, values: FieldMap, actor: Process): Event | string {
  const more = present({ message: text(values, 'Message'), success: flag(values, 'Success') });
  const event = { ...BASE, class: CLASS.kernel, actor, ...more };
  if (category.name === 'kernel') return { ...event, activity: 'message', name: text(values, 'ModuleName') ?? '' };
  return needed(values, 'ModuleName', (name) => ({ ...event, activity: 'module_load', name }));
}

function makeConnection(values: FieldMap, actor: Process): Event | string {
  const sourceIp = text(values, 'SourceIp');
  const initiated = flag(values, 'Initiated');
  const protocol = text(values, 'Protocol');
  return needed(values, 'DestinationIp', (ip) => ({
    ...BASE,
    class: CLASS.network,
    dst: { ip, ...present({ port: number(values, 'DestinationPort') }) },
    ...present({
      src: sourceIp === undefined ? undefined : { ip: sourceIp, ...present({ port: number(values, 'SourcePort') }) },
      own: initiated === undefined ? undefined : initiated ? ('src' as const) : ('dst' as const),
      protocol: protocol === undefined ? undefined : protocolNumber(protocol),
      accepted: flag(values, 'Accepted'),
    }),
    actor,
  }));
}

function protocolNumber(name: string): number {
  return PROTOCOLS.find(([, known]) => known === name)?.[0] ?? Number(name);
}

function answerType(data: string): string {
  return { 4: 'A', 6: 'AAAA' }[isIP(data)] ?? 'CNAME';
}

/** Splits at white space as a shell does: quotes hold words together, a backslash outside single quotes escapes. */
export function splitCommandLine(line: string): readonly string[] {
  const words = line.match(/(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+|['"\\]/g) ?? [];
  return words.map((word) =>
    word.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g, (_, single?: string, double?: string, escaped?: string) =>
      double === undefined ? `${single ?? escaped}` : double.replace(/\\(["\\$`])/g, '$1'),
    ),
  );
}

function text(values: FieldMap, name: string): string | undefined {
  const value = values.get(name);
  return typeof value === 'string' ? value : undefined;
}

function number(values: FieldMap, name: string): number | undefined {
  const value = values.get(name);
  return typeof value === 'number' ? value : undefined;
}

function flag(values: FieldMap, name: string): boolean | undefined {
  const value = values.get(name);
  return typeof value === 'boolean' ? value : undefined;
}

function list(values: FieldMap, name: string): readonly string[] | undefined {
  const value = values.get(name);
  return typeof value === 'object' ? value : undefined;
}

/** Leaves out what is undefined, as exact optional properties want it. */
function present<T extends object>(values: T): Partial<{ [K in keyof T]: Exclude<T[K], undefined> }> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<{
    [K in keyof T]: Exclude<T[K], undefined>;
  }>;
}
