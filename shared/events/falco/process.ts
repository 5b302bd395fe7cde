import type { Process } from '#shared/model/event.ts';
import type { Fields } from './fields.ts';

const MAX_WORDS = 4096;
const MAX_ENVIRONMENT = 64;
/** Device number of a pseudo terminal: majors 136 to 143 (Linux: Documentation/admin-guide/devices.txt). */
const FIRST_PTS_MAJOR = 136;
const LAST_PTS_MAJOR = 143;

type Draft = { -readonly [K in keyof Process]: Process[K] };

/** The process that an alert's fields describe; `undefined` when they name none. */
export function processOfAlert(fields: Fields): Process | undefined {
  const draft: Draft = {};
  const set = <K extends keyof Draft>(key: K, value: Draft[K] | undefined): void => {
    if (value !== undefined) draft[key] = value;
  };
  set('pid', fields.number('proc.pid'));
  set('parentPid', fields.number('proc.ppid'));
  set('executable', fields.text('proc.exepath'));
  set('name', fields.text('proc.name', 'proc.aname[0]'));
  const argv = words(commandLine(fields));
  if (argv.length > 0) Object.assign(draft, { argv, exact: false });
  set('environment', environment(fields));
  set('workingDirectory', fields.text('proc.cwd'));
  set('parentName', fields.text('proc.pname', 'proc.aname[1]'));
  set('parentExecutable', fields.text('proc.pexepath', 'proc.aexepath[1]', 'proc.pexe'));
  set('parentCommandLine', fields.text('proc.pcmdline', 'proc.acmdline[1]'));
  set('ancestors', ancestors(fields));
  set('uid', fields.text('user.uid'));
  set('auid', loginUid(fields));
  set('tty', terminal(fields));
  set('unit', unit(fields.text('thread.cgroups')));
  set('imageDigest', fields.text('container.image.digest'));
  return Object.keys(draft).length === 0 ? undefined : draft;
}

/**
 * The command line as one text whose quotes are lost. `proc.cmdline` begins with the short name; `proc.exeline` and
 * `proc.exe` with the first argument (libs: sinsp_filtercheck_thread.cpp).
 */
function commandLine(fields: Fields): string {
  const whole = fields.text('proc.exeline', 'proc.cmdline', 'proc.acmdline[0]');
  if (whole !== undefined) return whole;
  const args = fields.text('proc.args');
  const program = fields.text('proc.exe', 'proc.exepath', 'proc.name');
  return args === undefined || program === undefined ? '' : `${program} ${args}`;
}

function words(text: string): string[] {
  return text.split(/[ \t\n\r]+/, MAX_WORDS).filter((word) => word !== '');
}

function environment(fields: Fields): Readonly<Record<string, string>> | undefined {
  const found = new Map<string, string>();
  for (const word of words(fields.text('proc.env') ?? '')) {
    const equals = word.indexOf('=');
    if (equals > 0 && found.size < MAX_ENVIRONMENT) found.set(word.slice(0, equals), word.slice(equals + 1));
  }
  for (const { key, text } of fields.keyed('proc.env')) found.set(key, text);
  return found.size === 0 ? undefined : Object.fromEntries(found);
}

/** Nearest first; index 0 is the process itself, 1 its parent. */
function ancestors(fields: Fields): readonly string[] | undefined {
  const named = new Map(fields.indexed('proc.aname').map(({ index, text }) => [index, text]));
  const parent = fields.text('proc.pname');
  if (parent !== undefined && !named.has(1)) named.set(1, parent);
  named.delete(0);
  return named.size === 0 ? undefined : [...named].sort(([a], [b]) => a - b).map(([, name]) => name);
}

function loginUid(fields: Fields): string | undefined {
  const text = fields.text('user.loginuid');
  return text === '-1' || text === '4294967295' ? undefined : text;
}

function terminal(fields: Fields): string | undefined {
  const device = fields.number('proc.tty');
  if (device === undefined || device === 0) return undefined;
  const major = device >> 8;
  const isPts = major >= FIRST_PTS_MAJOR && major <= LAST_PTS_MAJOR;
  return isPts ? `pts/${(major - FIRST_PTS_MAJOR) * 256 + (device & 0xff)}` : String(device);
}

/** The systemd service of the cgroups, where one ends in it; scopes, slices and user managers name no unit. */
function unit(cgroups: string | undefined): string | undefined {
  for (const part of (cgroups ?? '').split(/[\s,]+/)) {
    const path = part.slice(part.indexOf('=') + 1);
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (!name.endsWith('.service') || name.startsWith('user@')) continue;
    if (!path.includes('kubepods') && /\/(?:system|user|app)\.slice\//.test(path)) return name;
  }
  return undefined;
}
