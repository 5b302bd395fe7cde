/** One entry of a crontab: when, as whom, and what. */
export interface CronEntry {
  /** The five time fields joined by a blank, or a nickname such as `@reboot`. */
  readonly schedule: string;
  /** Only in system crontabs (`/etc/crontab`, `/etc/cron.d`). */
  readonly user?: string;
  readonly command: string;
}

/** Nicknames of crontab(5), Vixie cron and cronie; `@every_minute` is FreeBSD's, `@every` takes a number of seconds. */
const NICKNAMES = new Set([
  '@reboot',
  '@yearly',
  '@annually',
  '@monthly',
  '@weekly',
  '@daily',
  '@midnight',
  '@hourly',
  '@every_minute',
]);

const TIME_FIELD = /^[\d*,/~a-zA-Z-]{1,100}$/;
const NAMES = new Set('jan feb mar apr may jun jul aug sep oct nov dec sun mon tue wed thu fri sat'.split(' '));
const MAX_LINES = 2000;
const MAX_LINE = 8192;

/** Whether text is one of the five time fields of crontab(5): numbers, names, ranges, lists, steps, `~` of cronie. */
function isCronField(text: string): boolean {
  if (!TIME_FIELD.test(text)) return false;
  return text.split(/[,/~-]/).every((part) => part === '*' || /^\d{1,3}$/.test(part) || NAMES.has(part.toLowerCase()));
}

/** Reads the word that begins at or after `from`; `end` is the first place after it. */
function wordAt(line: string, from: number): { word: string; end: number } {
  let start = from;
  while (line[start] === ' ' || line[start] === '\t') start += 1;
  let end = start;
  while (end < line.length && line[end] !== ' ' && line[end] !== '\t') end += 1;
  return { word: line.slice(start, end), end };
}

/**
 * Reads one line of a crontab. `undefined` for comments, blank lines, environment settings and everything that has no
 * schedule. `system` says that a user name stands before the command; without it, the name is told by its shape.
 */
function parseCronLine(line: string, system = false): CronEntry | undefined {
  if (line.length > MAX_LINE) return undefined;
  const first = wordAt(line, 0);
  let end = first.end;
  let schedule = first.word;
  if (schedule.startsWith('@')) {
    if (!NICKNAMES.has(schedule.toLowerCase())) return undefined;
  } else {
    if (!isCronField(schedule)) return undefined;
    for (let field = 1; field < 5; field += 1) {
      const next = wordAt(line, end);
      if (!isCronField(next.word)) return undefined;
      schedule += ` ${next.word}`;
      end = next.end;
    }
  }
  const user = wordAt(line, end);
  if (user.word === '') return undefined;
  if (system || (KNOWN_USERS.has(user.word) && line.slice(user.end).trim() !== '')) {
    const command = line.slice(user.end).trim();
    return command === '' ? undefined : { schedule, user: user.word, command };
  }
  return { schedule, command: line.slice(end).trim() };
}

/** Account names that no program bears: before a command they are the user field of a system crontab. */
const KNOWN_USERS = new Set(['root', 'ec2-user', 'ubuntu', 'admin', 'centos', 'nobody', 'www-data', 'daemon', 'bin']);

/**
 * Reads a crontab's text, at most 2,000 lines. `\n` written as two characters (as `echo -e` and `printf` take it)
 * ends a line too.
 */
export function parseCrontab(text: string, system = false): readonly CronEntry[] {
  const entries: CronEntry[] = [];
  for (const line of splitLines(text)) {
    const entry = parseCronLine(line, system);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

const ANACRON_PERIOD = /^(?:\d{1,6}|@(?:daily|weekly|monthly|yearly|annually))$/;

/** The commands of anacrontab(5): `period delay job-identifier command`, where the period is days or a nickname. */
export function parseAnacrontab(text: string): readonly string[] {
  const commands: string[] = [];
  for (const line of splitLines(text)) {
    if (line.length > MAX_LINE) continue;
    const period = wordAt(line, 0);
    const delay = wordAt(line, period.end);
    const job = wordAt(line, delay.end);
    const command = line.slice(job.end).trim();
    if (ANACRON_PERIOD.test(period.word) && /^\d{1,6}$/.test(delay.word) && command !== '') commands.push(command);
  }
  return commands;
}

/** Lines of a text, real and written as `\n` or `\r`, at most 2,000 of them. */
export function splitLines(text: string): readonly string[] {
  return text.split(/\r\n|\n|\r|\\r\\n|\\n|\\r/, MAX_LINES);
}
