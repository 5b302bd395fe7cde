import { readCommand } from '../analyzers/command/reading.ts';
import { CLASS, type Event, type Process } from '../model/event.ts';

/**
 * An event and one more for each program that its command line starts: what stands inside `sh -c '…'`, behind a
 * launcher or in base64 is judged by the rules like a process of its own.
 */
export function expand(event: Event): readonly Event[] {
  if (event.class !== CLASS.process) return [event];
  const outer = event.process;
  const inner = readCommand(outer)
    .programs.filter((program) => !program.remote && program.argv.length > 0)
    .filter((program) => program.source !== 'argv' || program.via.length > 0)
    .map((program): Event => {
      const { executable: _executable, name: _name, argv: _argv, ...context } = outer;
      const process: Process = {
        ...context,
        argv: program.argv,
        exact: program.exact,
        ...(program.path.startsWith('/') ? { executable: program.path } : {}),
        ...(outer.executable === undefined ? {} : { parentExecutable: outer.executable }),
      };
      return { ...event, process };
    });
  return [event, ...inner];
}
