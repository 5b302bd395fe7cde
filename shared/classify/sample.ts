import { CLASS, type Event, type NetworkEndpoint, type Process, processOf } from '../model/event.ts';
import type { Sample } from '../model/indicator.ts';
import { redactCommandLine } from './redact.ts';
import { maskKnown, secretsOf } from './secrets/known.ts';
import type { Keep } from './secrets/shapes.ts';

type Mutable<T> = { -readonly [K in keyof T]?: T[K] };

/**
 * What of an event lets a responder act, not yet bounded. Arguments are redacted while it is known where each ends.
 * @param keep tokens that are no secrets: verified wallets
 * @param own the address of the side that the indicator is about, for flows that don't say which side is theirs
 */
export function sampleOf(event: Event, keep: Keep, own?: string): Sample {
  const sample: Mutable<Sample> = { ...processPart(processOf(event), keep), ...eventPart(event, keep, own) };
  const { container, pod, namespace, task, image } = event.claims;
  if (container !== undefined) sample.container = container;
  if (pod !== undefined) sample.pod = namespace === undefined ? pod : `${namespace}/${pod}`;
  if (task !== undefined) sample.task = task;
  const digest = processOf(event)?.imageDigest;
  if (image !== undefined || digest !== undefined) sample.image = [image, digest].filter(Boolean).join('@');
  for (const key of Object.keys(sample) as (keyof Sample)[]) if (sample[key] === undefined) delete sample[key];
  return { ...sample, time: event.time, id: event.id, source: event.source, raw: event.raw };
}

function processPart(process: Process | undefined, keep: Keep): Mutable<Sample> {
  if (process === undefined) return {};
  const part = {
    pid: process.pid,
    parentPid: process.parentPid,
    executable: process.executable,
    commandLine:
      process.argv === undefined ? undefined : redactCommandLine(process.argv, keep, process.exact !== false).join(' '),
    workingDirectory: process.workingDirectory,
    uid: process.uid,
    auid: process.auid,
    session: process.session,
    tty: process.tty,
    parentName: process.parentName ?? process.parentExecutable,
    ancestors: process.ancestors,
  };
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined));
}

/** A message that cites the command line of its process, without the secrets that this is known to hold. */
function citing(message: string | undefined, process: Process | undefined, keep: Keep): string | undefined {
  const argv = process?.argv;
  if (message === undefined || argv === undefined) return message;
  return maskKnown(message, secretsOf(argv, redactCommandLine(argv, keep, process?.exact !== false)));
}

function eventPart(event: Event, keep: Keep, own: string | undefined): Mutable<Sample> {
  const part: Record<string, unknown> = {};
  if ('success' in event) part['success'] = event.success;
  switch (event.class) {
    case CLASS.file:
      part['path'] = event.path;
      break;
    case CLASS.network:
      part['remote'] = remoteText(event.own === 'dst' || event.dst.ip === own ? event.src : event.dst);
      part['bytes'] = event.bytes;
      part['success'] = event.accepted;
      break;
    case CLASS.dns:
      part['query'] = event.query;
      part['answer'] =
        event.answers.length === 0
          ? event.rcode
          : event.answers
              .slice(0, 8)
              .map((one) => one.data)
              .join(' ');
      break;
    case CLASS.scheduledJob:
      part['commandLine'] = event.command;
      part['path'] = event.name;
      break;
    case CLASS.kernel:
      part['path'] = event.name;
      part['commandLine'] = event.message;
      break;
    case CLASS.detection:
      part['commandLine'] = citing(event.message, processOf(event), keep);
      break;
    case CLASS.base:
      part['commandLine'] = event.message;
      break;
    case CLASS.process:
      break;
  }
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined));
}

function remoteText(endpoint: NetworkEndpoint | undefined): string | undefined {
  if (endpoint === undefined) return undefined;
  const ip = endpoint.ip.includes(':') ? `[${endpoint.ip}]` : endpoint.ip;
  return endpoint.port === undefined ? ip : `${ip}:${endpoint.port}`;
}
