import type { Sample } from '#shared/model/indicator.ts';
import { shellWord } from './escape.ts';
import { unique } from './facts.ts';

/** Where a user's crontab is kept, by the file's path; mount prefixes such as `/host` stay part of the folder. */
export interface SpoolFile {
  readonly folder: string;
  /** The user, after whom the file is called; absent for a temporary file of crontab(1), renamed in the same act. */
  readonly user?: string;
}

/** Spool folders of cronie and busybox, Debian, SUSE, BSD and Alpine: crontab(1), crond(8). */
const SPOOL = /\/(?:var\/spool\/cron(?:\/crontabs|\/tabs)?|var\/cron\/tabs|etc\/crontabs)\/([^/]+)$/;

/** Names of crontab(1)'s own for a moment: Debian `tmp.XXXXXX`, cronie `#tmp.HOST.XXXXXXXXXX`, busybox `USER.new`. */
const TEMPORARY = /^(?:tmp\.[A-Za-z0-9]{6,10}|#tmp\..*|.+\.new)$/;

/** Reads the path of a user's crontab; `undefined` for any other file. */
export function spoolFile(path: string): SpoolFile | undefined {
  const user = SPOOL.exec(path)?.[1];
  if (user === undefined || ['crontabs', 'tabs'].includes(user)) return undefined;
  const folder = path.slice(0, -user.length - 1);
  return TEMPORARY.test(user) ? { folder } : { folder, user };
}

const RUNS_CRONTAB = /(?:^|[\s|;&(]|\/s?bin\/)crontab(?=[\s;)"']|$)/;

/** Whether a sample is of crontab(1) or of a shell that calls it. */
export const runsCrontab = ({ commandLine, executable }: Sample): boolean =>
  commandLine === undefined ? executable?.endsWith('/crontab') === true : RUNS_CRONTAB.test(commandLine);

const CHOSEN_USER = /(?:^|[\s/])crontab[ \t]{1,8}-u[ \t]{0,8}([^\s"'|;&()<>]{1,64})/g;
const BY_SUDO =
  /(?:^|[\s|;&(/])sudo[ \t]{1,8}(?:-u[ \t]{0,8}([^\s"'|;&()<>]{1,64})[ \t]{1,8})?(?:\/[^\s"']{0,64}\/)?crontab(?=\s|$)/g;

/** A user as the records know it: a name, or the number alone. */
export type CrontabUser = { readonly name: string } | { readonly uid: string } | undefined;

/** Whose crontab a sample's process sets: who its command names, else who it runs as. */
export function crontabUser({ commandLine = '', uid, auid }: Sample): CrontabUser {
  const chosen = [...commandLine.matchAll(CHOSEN_USER)].at(-1)?.[1];
  if (chosen !== undefined) return { name: chosen };
  const raised = [...commandLine.matchAll(BY_SUDO)].at(-1);
  if (raised !== undefined) return { name: raised[1] ?? 'root' };
  const id = uid ?? auid;
  if (id === undefined || id === '') return undefined;
  if (id === '0') return { name: 'root' };
  return /^\d{1,10}$/.test(id) ? { uid: id } : { name: id };
}

const FIELD = String.raw`[\d*][\d*,/~-]{0,60}`;
const NAMED = String.raw`(?:[\d*]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)[\d*,/~a-z-]{0,60}`;
const NICKNAME = '@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly|every_minute)';
/** A line of crontab(5): five time fields or a nickname, then a command. */
const CRON_LINE = new RegExp(
  String.raw`^\s{0,20}(?:${NICKNAME}|(?:${FIELD}[ \t]{1,20}){3}${NAMED}[ \t]{1,20}${NAMED})[ \t]{1,20}\S`,
  'i',
);
const MAX_LINES = 16;

/** The lines of a crontab that a command line spells out, in quotes (`echo "…" | crontab -`), at most 16. */
export function spelledLines(commandLine: string): readonly string[] {
  const lines = quotedTexts(commandLine)
    .flatMap((text) => text.split(/\r?\n|\\r\\n|\\n/, 64))
    .filter((line) => CRON_LINE.test(line))
    .map((line) => line.trim());
  return unique(lines).slice(0, MAX_LINES);
}

/** What stands between quotes; a cut text ends its last one. */
function quotedTexts(text: string): string[] {
  const found: string[] = [];
  let at = 0;
  while (at < text.length && found.length < 64) {
    const mark = text[at];
    if (mark !== '"' && mark !== "'") {
      at += 1;
      continue;
    }
    let end = at + 1;
    while (end < text.length && text[end] !== mark) end += mark === '"' && text[end] === '\\' ? 2 : 1;
    const inner = text.slice(at + 1, end);
    found.push(mark === '"' ? inner.replace(/\\(["$`\\])/g, '$1') : inner);
    // A script in quotes may hold the quoted line: `sh -c 'echo "* * * * * …" | crontab -'`.
    if (mark === "'" && inner.includes('"')) found.push(...quotedTexts(inner.replaceAll("'", '')).slice(0, 16));
    at = end + 1;
  }
  return found;
}

/** How to list a user's crontab and which file holds it, as `crontab -l -u root`, /var/spool/cron/root. */
export function whereCrontab(user: CrontabUser, folders: readonly string[]): readonly string[] {
  const known = folders.length > 0 ? folders : ['/var/spool/cron', '/var/spool/cron/crontabs'];
  if (user === undefined) return [`in ${known.join(' or ')}`];
  if ('uid' in user) return [`\`crontab -l -u "$(id -nu ${user.uid})"\``, `in ${known.join(' or ')}`];
  const word = shellWord(user.name);
  const look = word === undefined ? [] : [`\`crontab -l -u ${word}\``];
  return [...look, known.map((folder) => `${folder}/${user.name}`).join(' or ')];
}
