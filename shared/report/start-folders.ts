import type { Sample } from '#shared/model/indicator.ts';

/** A folder from which something starts, into which a command put files that no record names. */
export interface Filled {
  readonly folder: string;
  /** The archives or folders that the files came from, of those that the evidence names. */
  readonly from: readonly string[];
}

/**
 * Folders whose every file is started or read at a start, without their last slash: cron(8), anacrontab(5),
 * systemd.unit(5), init(8), bash(1), udev(7), the XDG autostart specification.
 */
const FOLDERS = [
  String.raw`etc/cron\.(?:d|minutely|hourly|daily|weekly|monthly|yearly)`,
  'etc/crontabs|var/spool/cron(?:/crontabs|/tabs)?|etc/periodic/[a-z0-9]{1,16}',
  String.raw`(?:etc(?:/xdg)?|run|lib|usr(?:/local)?/lib)/systemd/(?:system|user)(?:/[\w@.-]{1,64}\.(?:wants|requires))?`,
  String.raw`etc/(?:init\.d|rc\.d|(?:rc\.d/)?rc[0-6S]\.d|local\.d|profile\.d|udev/rules\.d|xdg/autostart)`,
].join('|');
/** Such a folder as a word, behind a mount point too, or behind its option's letter (`-d/etc/cron.d`). */
const AS_WORD = new RegExp(
  String.raw`(?:^|[\s"'=(;&|]|\s-[A-Za-z])((?:/[\w.-]{1,64}){0,4}?/(?:${FOLDERS}))/?(?=$|[\s"');&|])`,
  'g',
);
const LONGEST_LINE = 4096;

const lastName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Whether a line has a text as a whole word. */
function hasWord(line: string, text: string): boolean {
  const border = (char: string): boolean => char === '' || /[\s"'=;&|()<>]/.test(char);
  for (let at = line.indexOf(text); at >= 0; at = line.indexOf(text, at + 1)) {
    if (border(line.charAt(at - 1)) && border(line.charAt(at + text.length))) return true;
  }
  return false;
}

/**
 * The folder that a command filled, of which evidence names no file: `unzip a.zip -d /etc/cron.d`, `cpio -idD /etc/cron.d`.
 * @param paths what the evidence names: the files of a folder where they are known, the archives
 */
export function filledFolder({ commandLine }: Sample, paths: readonly string[]): Filled | undefined {
  if (commandLine === undefined) return undefined;
  const line = commandLine.slice(0, LONGEST_LINE);
  const folder = [...line.matchAll(AS_WORD)].at(-1)?.[1];
  if (folder === undefined) return undefined;
  const inside = paths.filter((path) => path.startsWith(`${folder}/`));
  // `wget -P /etc/cron.d http://…/c`: the name that the file got is in the command.
  if (inside.some((path) => line.includes(lastName(path)))) return undefined;
  const from = paths.filter((path) => path !== folder && !inside.includes(path) && hasWord(line, path));
  return { folder, from };
}
