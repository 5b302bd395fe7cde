import { CLASS, type Event, type NetworkEndpoint, type Process, type ProcessActivity } from '#shared/model/event.ts';
import { type ArgumentList, executedArguments, processTitle } from './arguments.ts';
import { type EventBase, markCut } from './event-base.ts';
import { fileEvents } from './file-events.ts';
import { type Paths, pathsOf } from './paths.ts';
import { type ProcessFields, processFields, put } from './process.ts';
import { type AuditRecord, recordOf } from './record.ts';
import { TYPE } from './record-type.ts';
import { socketEndpoint, translatedEndpoint } from './socket-address.ts';
import { ringOperation, type SystemCall, systemCall } from './system-calls.ts';
import { userEvents } from './user-events.ts';
import { outcome, untrusted } from './value.ts';

/** What the records of one kernel event say, gathered before it is known what they amount to. */
interface Gathered {
  readonly base: EventBase;
  readonly records: readonly AuditRecord[];
  /** SYSCALL, URINGOP, SECCOMP or ANOM_ABEND: the record that names the process. */
  readonly subject: AuditRecord | undefined;
  readonly call: SystemCall | undefined;
  readonly success: boolean | undefined;
  readonly paths: Paths;
  readonly title: ArgumentList | undefined;
}

const SUBJECTS = [TYPE.syscall, TYPE.ringOperation, TYPE.seccomp, TYPE.abnormalEnd] as const;
/** The loader that the kernel maps beside a program: base names of the C libraries' dynamic linkers. */
const LOADER = /\/ld-[^/]*\.so[^/]*$|\/ld-musl-[^/]*$/;

/**
 * The events that the records of one audit event give: an execution, a connection, a module, paths, what sudo and
 * systemd logged, or, where nothing finer is to be seen, the process that a record names.
 */
export function toEvents(records: readonly AuditRecord[], base: EventBase): Event[] {
  const user = userEvents(records, base);
  if (user.length > 0) return user;
  const subject = SUBJECTS.map((type) => recordOf(records, type)).find((record) => record !== undefined);
  const gathered: Gathered = {
    base: markCut(base, subject?.fields.cut === true),
    records,
    subject,
    call: callOf(subject),
    success: subject === undefined ? undefined : outcome(subject.fields, 'success'),
    paths: pathsOf(records),
    title: processTitle(records),
  };
  return execution(gathered) ?? module(gathered) ?? connection(gathered) ?? files(gathered) ?? processSeen(gathered);
}

function callOf(subject: AuditRecord | undefined): SystemCall | undefined {
  if (subject?.type === TYPE.syscall) return systemCall(subject.fields);
  return subject?.type === TYPE.ringOperation ? ringOperation(subject.fields) : undefined;
}

/** An exec, also one of which a cut left only the arguments, or only the program and its loader. */
function execution(gathered: Gathered): Event[] | undefined {
  const { base, records, subject, call, success, paths, title } = gathered;
  const executed = executedArguments(records);
  const isExec = call?.kind === 'exec' || (subject === undefined && (executed !== undefined || isLoaded(paths)));
  if (!isExec) return undefined;
  const process = processFields(subject?.fields);
  const program = paths.items[0]?.path;
  if (success === false) {
    // The kernel's names are still those of the process that tried.
    put(process, 'parentExecutable', process.executable);
    put(process, 'parentName', process.name);
    delete process.executable;
    delete process.name;
  }
  put(process, 'executable', process.executable ?? program);
  put(process, 'workingDirectory', paths.workingDirectory);
  const list = executed ?? title;
  const exact = list?.exact === true && (executed !== undefined || success !== false);
  setArguments(process, list, exact);
  const cut = list?.cut === true || paths.cut;
  return [processActivity(markCut(base, cut), process, success)];
}

function isLoaded({ items }: Paths): boolean {
  return items.slice(1).some((item) => item.nameType === 'NORMAL' && LOADER.test(item.path));
}

/** A module that was loaded; without the record of the call a module's name is taken for a load. */
function module(gathered: Gathered): Event[] | undefined {
  const { base, records, subject, call, success } = gathered;
  const record = recordOf(records, TYPE.kernelModule);
  const name = record === undefined ? undefined : untrusted(record.fields, 'name');
  if (name === undefined || (subject !== undefined && call?.kind !== 'load-module')) return undefined;
  const event = { ...base, class: CLASS.kernel, activity: 'module_load', name, actor: actorOf(gathered) } as const;
  return [success === undefined ? event : { ...event, success }];
}

/** A connection or datagram to an internet address; also where only the address is left of the event. */
function connection(gathered: Gathered): Event[] | undefined {
  const { base, records, subject, call } = gathered;
  const isSent = call?.kind === 'connect' || call?.kind === 'send' || subject === undefined;
  const dst = isSent ? endpointOf(recordOf(records, TYPE.socketAddress)) : undefined;
  if (dst === undefined) return undefined;
  return [{ ...base, class: CLASS.network, own: 'src', dst, actor: actorOf(gathered) }];
}

function endpointOf(record: AuditRecord | undefined): NetworkEndpoint | undefined {
  if (record === undefined) return undefined;
  const { byKey } = record.fields;
  const written = byKey.get('saddr')?.raw ?? '';
  const translated = byKey.get('SADDR')?.raw;
  return socketEndpoint(written) ?? translatedEndpoint(translated ?? written);
}

function files(gathered: Gathered): Event[] | undefined {
  const { base, records, call, success, paths } = gathered;
  if (paths.items.length === 0 || call?.kind === 'connect' || call?.kind === 'send') return undefined;
  return fileEvents({ base: markCut(base, paths.cut), actor: actorOf(gathered), success }, paths.items, call, records);
}

/** A record that is worth keeping only for the process that it names. */
function processSeen(gathered: Gathered): Event[] {
  const { base, subject, success, title } = gathered;
  const hasName = subject !== undefined && (subject.fields.byKey.has('exe') || subject.fields.byKey.has('comm'));
  if (!hasName && title === undefined) return [];
  return [processActivity(markCut(base, title?.cut === true), actorOf(gathered), success)];
}

function actorOf({ subject, paths, title }: Gathered): Process {
  const process = processFields(subject?.fields);
  put(process, 'workingDirectory', paths.workingDirectory);
  setArguments(process, title, title?.exact === true);
  return process;
}

function setArguments(process: ProcessFields, list: ArgumentList | undefined, exact: boolean): void {
  if (list === undefined || list.argv.length === 0) return;
  process.argv = list.argv;
  process.exact = exact;
}

function processActivity(base: EventBase, process: Process, success: boolean | undefined): ProcessActivity {
  const event: ProcessActivity = { ...base, class: CLASS.process, process };
  return success === undefined ? event : { ...event, success };
}
