import { isIP } from 'node:net';
import { CLASS, type Event, type Process, type RawPointer } from '#shared/model/event.ts';
import type { Claims } from '#shared/model/place.ts';
import type { Alert } from './alert.ts';
import type { AlertTime } from './alert-time.ts';
import { fileUseOf } from './file.ts';
import { type Connection, connectionOf } from './network.ts';
import { processOfAlert } from './process.ts';

const EXECS = /^execve(?:at)?$/;
const MODULE_LOADS = /^(?:init_module|finit_module)$/;

/** What every event of one alert shares. */
export interface AlertContext {
  readonly time: AlertTime;
  readonly claims: Claims;
  readonly raw: RawPointer;
}

type Base = Omit<Extract<Event, { class: typeof CLASS.process }>, 'class' | 'process' | 'success'>;

/**
 * The events of one alert: the process that it speaks of, its connection, the use of a file, a loaded module; where
 * none of these can be told, what the rule said.
 */
export function eventsOf(alert: Alert, context: AlertContext): readonly Event[] {
  const { time, claims, raw } = context;
  const actor = processOfAlert(alert.fields);
  const id = [time.text, alert.hostName ?? '', alert.rule, actor?.pid ?? ''].join('/');
  const base: Base = {
    time: time.ms,
    claims,
    raw,
    id,
    source: 'falco',
    ...(alert.truncated && { truncated: true }),
  };
  const isSystemCall = alert.source === undefined || alert.source === 'syscall';
  const found = isSystemCall ? finer(alert, base, actor) : [];
  return found.length > 0 ? found : [detection(alert, base, actor)];
}

function finer(alert: Alert, base: Base, actor: Process | undefined): Event[] {
  const { fields } = alert;
  const events: Event[] = [];
  const success = outcome(alert);
  if (actor?.argv !== undefined || actor?.executable !== undefined) {
    const launched = EXECS.test(fields.text('evt.type') ?? '') && success !== undefined;
    events.push({ ...base, class: CLASS.process, process: actor, ...(launched && { success }) });
  }
  const connection = connectionOf(fields);
  if (connection !== undefined) {
    events.push({ ...base, class: CLASS.network, ...connection, ...(actor !== undefined && { actor }) });
    const name = serverName(alert);
    if (name !== undefined) events.push(knownName(base, name, connection, actor));
  }
  const use = connection === undefined ? fileUseOf(alert) : undefined;
  if (use !== undefined) {
    events.push({ ...base, class: CLASS.file, ...use, actor: actor ?? {}, ...(success !== undefined && { success }) });
  }
  const module = loadedModule(alert);
  if (module !== undefined) {
    const known = success === undefined ? {} : { success };
    events.push({ ...base, class: CLASS.kernel, activity: 'module_load', name: module, actor: actor ?? {}, ...known });
  }
  return events;
}

function detection(alert: Alert, base: Base, actor: Process | undefined): Event {
  const { rule, message, tags } = alert;
  return { ...base, class: CLASS.detection, product: 'falco', rule, message, tags, ...(actor && { actor }) };
}

/** `evt.res` is SUCCESS or the name of an error; `evt.rawres` the number that the call gave. */
function outcome(alert: Alert): boolean | undefined {
  const result = alert.fields.text('evt.res');
  if (result !== undefined) return result === 'SUCCESS' || /^\d+$/.test(result);
  const raw = alert.fields.number('evt.rawres');
  return raw === undefined ? undefined : raw >= 0;
}

/** The name by which Falco knows the server's address: it resolved it for a rule's list. */
function serverName(alert: Alert): string | undefined {
  const name = alert.fields.text('fd.sip.name')?.toLowerCase().replace(/\.$/, '');
  return name !== undefined && name.length <= 253 && /^[a-z0-9_.-]+$/.test(name) && isIP(name) === 0 ? name : undefined;
}

function knownName(base: Base, query: string, connection: Connection, actor: Process | undefined): Event {
  const { ip } = connection.dst;
  const type = isIP(ip) === 6 ? 'AAAA' : 'A';
  const answers = [{ type, data: ip }];
  return { ...base, class: CLASS.dns, query, type, rcode: 'NOERROR', answers, ...(actor && { actor }) };
}

function loadedModule(alert: Alert): string | undefined {
  if (!MODULE_LOADS.test(alert.fields.text('evt.type') ?? '')) return undefined;
  const file = alert.fields.text('fd.name', 'evt.arg.fd') ?? '';
  return /([^/<>]{1,64})\.ko(?:\.[a-z]{2,4})?$/.exec(file.slice(-128))?.[1];
}
