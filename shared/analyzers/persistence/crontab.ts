/** One entry of a crontab: when, as whom, and what. */
export interface CronEntry {
  /** The five time fields joined by a blank, or a nickname such as `@reboot`. */
  readonly schedule: string;
  /** Only in system crontabs (`/etc/crontab`, `/etc/cron.d`). */
  readonly user?: string;
  /** Empty where the text that stood there is not known. */
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

/**
 * What stands for a text that is known only when the line is written: a shell's variable, arithmetic or substitution,
 * a directive of printf, a placeholder of Python. It may hold blanks.
 */
const EXPRESSION =
  /\$\(\([^()]{0,64}(?:\([^()]{0,64}\)[^()]{0,64}){0,4}\)\)|\$\([^()]{0,128}\)|\$\{[^{}]{0,64}\}|\$\w{1,64}|`[^`]{0,128}`|%0?\d?[dis]|\{[^{}]{0,64}\}/;
const EXPRESSIONS = new RegExp(EXPRESSION, 'g');
const EXPRESSION_HERE = new RegExp(EXPRESSION, 'y');
const MARKS = new Set(['$', '`', '%', '{']);

/**
 * Whether text is one of the five time fields of crontab(5): numbers, names, ranges, lists, steps, `~` of cronie. An
 * expression stands for a number: whoever draws the minute by lot sets up a start like any other.
 */
function isCronField(text: string): boolean {
  const plain = text.replace(EXPRESSIONS, '0');
  if (!TIME_FIELD.test(plain)) return false;
  return plain.split(/[,/~-]/).every((part) => part === '*' || /^\d{1,3}$/.test(part) || NAMES.has(part.toLowerCase()));
}

const isBlank = (char: string | undefined): boolean => char === ' ' || char === '\t';

/** Reads the word that begins at or after `from`, an expression's blanks included; `end` is the first place after it. */
function wordAt(line: string, from: number): { word: string; end: number } {
  let start = from;
  while (isBlank(line[start])) start += 1;
  let end = start;
  while (end < line.length && !isBlank(line[end])) end += MARKS.has(line[end] ?? '') ? expressionLength(line, end) : 1;
  return { word: line.slice(start, end), end };
}

function expressionLength(line: string, at: number): number {
  EXPRESSION_HERE.lastIndex = at;
  return EXPRESSION_HERE.exec(line)?.[0].length ?? 1;
}

/**
 * Reads one line of a crontab. `undefined` for comments, blank lines, environment settings and everything that has no
 * schedule. `system` says that a user name stands before the command; without it, the name is told by its shape.
 */
function parseCronLine(line: string, system = false): CronEntry | undefined {
  if (line.length > MAX_LINE) return undefined;
  const when = scheduleOf(line, system);
  if (when === undefined) return undefined;
  const { schedule, end } = when;
  const user = wordAt(line, end);
  if (system || (KNOWN_USERS.has(user.word) && line.slice(user.end).trim() !== '')) {
    return { schedule, user: user.word, command: line.slice(user.end).trim() };
  }
  return { schedule, command: line.slice(end).trim() };
}

/** The nickname or the five fields at a line's start, and the first place after them. */
function scheduleOf(line: string, system: boolean): { schedule: string; end: number } | undefined {
  const first = wordAt(line, 0);
  if (first.word.startsWith('@'))
    return NICKNAMES.has(first.word.toLowerCase()) ? { schedule: first.word, end: first.end } : undefined;
  const fields: string[] = [];
  let end = 0;
  for (let next = first; fields.length < 5 && isCronField(next.word); next = wordAt(line, end)) {
    fields.push(next.word);
    end = next.end;
  }
  const known = fields.length === 5 || (fields.length === 4 && hasGap(line.slice(0, end)));
  if (known) return { schedule: fields.join(' '), end };
  // One variable may hold the whole schedule; what follows then looks like the user or the command.
  const next = wordAt(line, first.end).word;
  const follows = /^[/~$]/.test(next) || KNOWN_USERS.has(next) || (system && /^[a-z_][\w-]{0,31}$/.test(next));
  return fields.length === 1 && first.word.startsWith('$') && follows
    ? { schedule: first.word, end: first.end }
    : undefined;
}

/** Where a field came from a command whose output is not known, nothing stands in its place. */
const hasGap = (fields: string): boolean => /^[ \t]|[ \t]{2}/.test(fields);

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
