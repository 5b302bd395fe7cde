import { CLASS, type Event } from '#shared/model/event.ts';

/** Longest DNS name as text (RFC 1035, 2.3.4). */
const MAX_NAME = 255;

/**
 * The start of a process by its command line; `undefined` for a blank one. A line with quotes is what somebody types into
 * a shell; one without is what logs show of arguments, whose quotes are lost.
 */
export function commandEvent(text: string, line: number): Event | undefined {
  if (/["']/.test(text)) {
    const argv = ['sh', '-c', text.replaceAll('\0', ' ')];
    return { ...bare(line, 'cmdline'), class: CLASS.process, process: { argv, exact: true } };
  }
  // As /proc/PID/cmdline is printed, NUL bytes stand between the arguments.
  const argv = text.split(/[\s\0]+/).filter(Boolean);
  if (argv.length === 0) return undefined;
  return { ...bare(line, 'cmdline'), class: CLASS.process, process: { argv, exact: false } };
}

/** The lookup of a name; `undefined` for a blank line. */
export function domainEvent(text: string, line: number): Event | undefined {
  const query = text.trim().toLowerCase().replace(/\.$/, '').slice(0, MAX_NAME);
  if (query === '') return undefined;
  return {
    ...bare(line, 'domain'),
    class: CLASS.dns,
    claims: { network: true },
    query,
    type: 'A',
    rcode: 'NOERROR',
    answers: [],
  };
}

const bare = (line: number, source: string) => ({ time: 0, claims: {}, raw: { line }, id: `line ${line}`, source });
