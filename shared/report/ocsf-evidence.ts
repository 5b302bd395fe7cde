import { parseEndpoint } from '#shared/model/endpoint.ts';
import type { DecidedEvidence } from '#shared/model/finding.ts';
import type { Sample } from '#shared/model/indicator.ts';
import { isEventTime } from '#shared/model/time.ts';

/** A value as OCSF's JSON carries it. */
export type OcsfValue = string | number | boolean | readonly OcsfValue[] | OcsfObject;
export interface OcsfObject {
  readonly [key: string]: OcsfValue;
}

type Loose = Readonly<Record<string, OcsfValue | undefined>>;

/** The object without what is undefined; `undefined` where nothing is left. */
export function known(fields: Loose): OcsfObject | undefined {
  const left = Object.entries(fields).filter((one): one is [string, OcsfValue] => one[1] !== undefined);
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

/** Milliseconds since the epoch, as OCSF's `timestamp_t` wants them; `undefined` for what is no event time. */
export const timestamp = (at: number): number | undefined => (isEventTime(at) ? Math.floor(at) : undefined);

const integer = (value: number | undefined): number | undefined => (Number.isSafeInteger(value) ? value : undefined);
const uid = (value: string | undefined): OcsfObject | undefined => known({ uid: value });

/** OCSF requires a file's name and type: what names no type is of type 0, unknown. */
function fileOf(path: string | undefined): OcsfObject | undefined {
  if (path === undefined || path === '') return undefined;
  return { name: path.split('/').findLast((part) => part !== '') ?? path, path, type_id: 0 };
}

/** OCSF's `process` must have a pid (or its own uid): without one, `data` takes what is known. */
function processOf(sample: Sample): OcsfObject | undefined {
  const pid = integer(sample.pid);
  if (pid === undefined) return undefined;
  const parent = integer(sample.parentPid);
  return known({
    pid,
    cmd_line: sample.commandLine,
    file: fileOf(sample.executable),
    user: uid(sample.uid),
    session: uid(sample.session),
    parent_process: parent === undefined ? undefined : known({ pid: parent, name: sample.parentName }),
  });
}

/** The endpoint that a sample names: an address, else a host name, with its port. */
export function endpointOf(text: string): OcsfObject | undefined {
  const { host, port } = parseEndpoint(text);
  if (host === '') return undefined;
  const address = host.includes(':') || /^[\d.]+$/.test(host);
  return known({ ...(address ? { ip: host } : { hostname: host }), port: integer(port) });
}

function containerOf({ container, image }: Sample): OcsfObject | undefined {
  if (container === undefined && image === undefined) return undefined;
  return known({ uid: container, image: image === undefined ? undefined : { uid: image, name: image } });
}

/**
 * One sample as an item of OCSF's `evidences`. `data` always stands in it: which rule and record, and what the other
 * attributes have no place for.
 */
export function evidenceItem(evidence: DecidedEvidence, sample: Sample): OcsfObject {
  const process = processOf(sample);
  const data = known({
    time: timestamp(sample.time),
    group: evidence.group,
    rule: evidence.rule,
    why: evidence.why,
    event: sample.id,
    source: sample.source,
    raw: known({ ...sample.raw, line: integer(sample.raw.line) }),
    ...(process === undefined
      ? { command_line: sample.commandLine, executable: sample.executable, user: sample.uid, session: sample.session }
      : {}),
    parent_pid: process === undefined ? integer(sample.parentPid) : undefined,
    parent_name: process?.['parent_process'] === undefined ? sample.parentName : undefined,
    login_uid: sample.auid,
    tty: sample.tty,
    working_directory: sample.workingDirectory,
    ancestors: sample.ancestors,
    pod: sample.pod,
    task: sample.task,
    answer: sample.answer,
    bytes: integer(sample.bytes),
    success: sample.success,
  });
  return (
    known({
      process,
      file: fileOf(sample.path),
      container: containerOf(sample),
      query: sample.query === undefined ? undefined : { hostname: sample.query },
      dst_endpoint: sample.remote === undefined ? undefined : endpointOf(sample.remote),
      data,
    }) ?? {}
  );
}
