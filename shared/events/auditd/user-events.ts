import { CLASS, type Event, type ProcessActivity, type ScheduledJob } from '#shared/model/event.ts';
import { type EventBase, markCut } from './event-base.ts';
import { processFields, put } from './process.ts';
import type { AuditRecord } from './record.ts';
import { TYPE } from './record-type.ts';
import { outcome, untrusted } from './value.ts';

/** The events of records that user space wrote: a command that sudo ran, a unit that systemd started. */
export function userEvents(records: readonly AuditRecord[], base: EventBase): Event[] {
  return records.flatMap((record): Event[] => {
    const marked = markCut(base, record.fields.cut);
    if (record.type === TYPE.userCommand) return sudoCommand(record, marked);
    return record.type === TYPE.serviceStart ? serviceStart(record, marked) : [];
  });
}

/**
 * sudo logs the command as one text, its words joined by blanks: how it was quoted is lost, so it is split on blanks
 * and not exact. The process in the record is sudo itself, hence the parent.
 */
function sudoCommand({ fields }: AuditRecord, base: EventBase): ProcessActivity[] {
  const argv = (untrusted(fields, 'cmd') ?? '').split(' ').filter((word) => word !== '');
  if (argv.length === 0) return [];
  const { pid, executable, name, ...process } = processFields(fields);
  put(process, 'parentPid', pid);
  put(process, 'parentExecutable', executable);
  put(process, 'parentName', name);
  put(process, 'workingDirectory', untrusted(fields, 'cwd'));
  process.argv = argv;
  process.exact = false;
  const success = outcome(fields, 'res');
  const event: ProcessActivity = { ...base, class: CLASS.process, process };
  return [success === undefined ? event : { ...event, success }];
}

/** The unit's name is logged without `.service`. */
function serviceStart({ fields }: AuditRecord, base: EventBase): ScheduledJob[] {
  const name = untrusted(fields, 'unit');
  if (name === undefined) return [];
  const actor = processFields(fields);
  return [{ ...base, class: CLASS.scheduledJob, activity: 'start', scheduler: 'systemd', name, actor }];
}
