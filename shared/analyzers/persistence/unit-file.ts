import { splitLines } from './crontab.ts';

/** What a systemd unit starts, when, and the units that it names. */
export interface UnitText {
  /** Values of Exec… settings, prefixes such as `-` and `@` removed. */
  readonly commands: readonly string[];
  /** Whether the text is a timer's: it has an `On…=` setting. */
  readonly timer: boolean;
  /** Values of `Environment=` settings. */
  readonly environment: readonly string[];
}

/** Settings of systemd.service(5), systemd.socket(5) and systemd.mount(5) that start a program. */
const EXEC = new Set([
  'execstart',
  'execstartpre',
  'execstartpost',
  'execcondition',
  'execreload',
  'execstop',
  'execstoppost',
]);
const TIMES = new Set([
  'oncalendar',
  'onbootsec',
  'onstartupsec',
  'onactivesec',
  'onunitactivesec',
  'onunitinactivesec',
]);
const MAX_VALUE = 8192;

/**
 * Reads the text of a systemd unit or drop-in (systemd.syntax(7)): comments, continued lines, settings. `undefined`
 * when the text has no section head, no Exec… and no On… setting: then it is no unit.
 */
export function parseUnit(text: string): UnitText | undefined {
  const commands: string[] = [];
  const environment: string[] = [];
  let timer = false;
  let section = false;
  for (const line of logicalLines(text)) {
    if (/^\[[A-Z][A-Za-z-]{1,30}\]$/.test(line)) section = true;
    const equals = line.indexOf('=');
    if (equals < 1 || equals > 40) continue;
    const name = line.slice(0, equals).trim().toLowerCase();
    const value = line.slice(equals + 1, equals + 1 + MAX_VALUE).trim();
    if (value === '') continue;
    if (EXEC.has(name)) commands.push(value.replace(/^[-@:+!|]{1,5}/, ''));
    else if (name === 'environment') environment.push(value);
    else if (TIMES.has(name)) timer = true;
  }
  return section || commands.length > 0 || timer ? { commands, environment, timer } : undefined;
}

/** Trimmed lines without comments; a backslash at the end joins the next line. */
function logicalLines(text: string): readonly string[] {
  const lines: string[] = [];
  let open: string[] = [];
  for (const raw of splitLines(text)) {
    const line = raw.trim();
    if (line.startsWith('#') || line.startsWith(';')) continue;
    if (line.endsWith('\\')) {
      open.push(line.slice(0, -1).trim());
      continue;
    }
    lines.push([...open, line].join(' ').trim());
    open = [];
  }
  if (open.length > 0) lines.push(open.join(' '));
  return lines;
}
