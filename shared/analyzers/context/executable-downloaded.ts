import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS, type Event } from '#shared/model/event.ts';
import type { Verdict } from '#shared/model/indicator.ts';
import { artifact } from '#shared/model/place.ts';
import { baseName } from '../command/names.ts';
import { absolutePath } from '../command/program.ts';
import { isSuspectPath, processTexts } from '../miner/actor.ts';
import { makeGate } from '../miner/gate.ts';
import { type Act, actsOf } from '../optimization/acts.ts';
import { stripRoot } from '../persistence/root-prefix.ts';

/** Downloaders by base name, with the names that loaders give to renamed copies of curl and wget. */
const WGETS: ReadonlySet<string> = new Set(['wget', 'wge', 'wd1', 'tntwget', 'wdt']);
const CURLS: ReadonlySet<string> = new Set(['curl', 'cur', 'cd1', 'tntcurl', 'fetch', 'axel', 'aria2c']);
/** Where it is put, not what fetches it: health checks run curl all day. Hidden folders below these are looked into. */
const NEEDLES: readonly string[] = [
  ...[
    'chmod',
    '/tmp',
    '/dev/shm',
    '/run/shm',
    '/run/user/',
    '/run/lock',
    '/root/.',
    '/usr/bin/.',
    '/usr/lib/.',
    '/opt/.',
  ],
  ...[
    '/var/.',
    '/etc/.',
    '/lib/.',
    '/mnt/.',
    '/srv/.',
    '/home/.',
    '/share/.',
    '/local/.',
    '/bin/.',
    '/.cache/',
    '/.config/',
  ],
];
const gate = makeGate(NEEDLES, false);

const URL = /^(?:(?:https?|ftp):\/\/)?[\w.-]{1,253}(?::\d{1,5})?\/[^\s"'`|;<>(){}\\]{0,500}$/i;
/** Endings of data, which nobody starts. Archives and texts are let pass unless the folder hides them. */
const DATA =
  /\.(?:json|ya?ml|xml|csv|txt|md|html?|log|pem|crt|key|asc|gpg|sig|sha256|deb|rpm|apk|zip|tgz|gz|xz|bz2|zst|tar|png|jpe?g|pdf|sql|conf|cfg|ini|list|repo|jar|whl|db)$/i;
const PROGRAM_MODE =
  /^(?:[ugoa]{0,4}\+[rwst]{0,4}x[rwxst]{0,4}|[ugoa]{0,4}=[rwst]{0,4}x[rwxst]{0,4}|0?[0-7]?[1357][0-7]{2})$/;
const MAX_VERDICTS = 8;

/**
 * A program fetched into a folder that everybody may write or that is hidden, or a file there made executable: the
 * step before most miners start. Its `path:` and `url:` tie it to what runs later.
 */
export const executableDownloaded: Analyzer = {
  id: 'executable_downloaded',
  version: 1,
  title: 'Program put into a writable or hidden folder',
  group: 'context',
  technique: 'T1105',
  classes: [CLASS.process, CLASS.file],
  needles: NEEDLES,
  decide(event) {
    return decideEvent(event).slice(0, MAX_VERDICTS);
  },
};

function decideEvent(event: Event): readonly Verdict[] {
  if (event.class === CLASS.file) {
    const { path, activity, actor, success } = event;
    if (activity === 'read' || activity === 'delete' || success === false) return [];
    const name = baseName(actor.executable ?? actor.name ?? '').toLowerCase();
    if ((!WGETS.has(name) && !CURLS.has(name)) || !gate([path, ...processTexts(actor)])) return [];
    return downloaded(path, undefined, name);
  }
  if (event.class !== CLASS.process || event.success === false) return [];
  return actsOf(event.process, gate).flatMap(decideAct);
}

function decideAct(act: Act): readonly Verdict[] {
  if (act.name === 'chmod') return madeExecutable(act);
  const isWget = WGETS.has(act.name);
  if (!isWget && !CURLS.has(act.name)) return [];
  const url = act.words.find((word) => !word.startsWith('-') && !word.startsWith('/') && URL.test(word));
  const targets = [...act.program.writes.map(({ path }) => path), ...outputs(act, isWget, url)];
  return targets.flatMap((target) => downloaded(inFolder(target, act), url, act.name));
}

/** Where a downloader writes: `-o`, `-O`, `--output`, a folder by `-P`, else the URL's last name for wget and `-O` of curl. */
function outputs({ words }: Act, isWget: boolean, url: string | undefined): readonly string[] {
  const last = url === undefined ? '' : baseName(url.replace(/[?#].*$/, ''));
  let folder = '';
  let named = isWget;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const next = words[at + 1] ?? '';
    const long = /^--(?:output|output-document|out)=(.{1,4096})$/.exec(word)?.[1];
    if (long !== undefined) return [long];
    if (
      /^--(?:output|output-document|out)$/.test(word) ||
      (isWget ? /^-[a-zA-Z]{0,6}O$/ : /^-[a-zA-Z]{0,6}o$/).test(word)
    )
      return [next];
    const joined = (isWget ? /^-[a-z]{0,6}O(\/.{1,4096})$/ : /^-[a-zA-Z]{0,6}o(\/.{1,4096})$/).exec(word)?.[1];
    if (joined !== undefined) return [joined];
    if (/^(?:-[a-zA-Z]{0,6}P|--directory-prefix|--output-dir)$/.test(word)) folder = next;
    if (!isWget && (/^-[a-zA-Z]{0,6}O/.test(word) || word === '--remote-name')) named = true;
  }
  return named && last !== '' ? [folder === '' ? last : `${folder.replace(/\/$/, '')}/${last}`] : [];
}

function madeExecutable(act: Act): readonly Verdict[] {
  const operands = act.words.filter((word) => !/^-[a-zA-Z-]{1,20}$/.test(word));
  const [mode = '', ...files] = operands;
  if (!PROGRAM_MODE.test(mode)) return [];
  return files
    .map((file) => inFolder(file, act))
    .filter((path) => isProgramPath(path))
    .map((path) => ({
      strength: 'weak',
      technique: 'T1222.002',
      part: 'mode',
      artifacts: [artifact('path', path)],
      why: `makes ${path} executable`,
    }));
}

function downloaded(path: string, url: string | undefined, by: string): readonly Verdict[] {
  if (!isProgramPath(path)) return [];
  return [
    {
      strength: 'weak',
      part: 'download',
      artifacts: [artifact('path', path), ...(url === undefined ? [] : [artifact('url', url)])],
      why: `${by} fetches ${path}${url === undefined ? '' : ` from ${url}`}`,
    },
  ];
}

function inFolder(path: string, { program }: Act): string {
  return stripRoot(absolutePath(path.includes('/') ? path : `./${path}`, program.folder)).path;
}

/** A path of one file, not data, in a folder that everybody may write or that is hidden; `/dev/null` is no such file. */
function isProgramPath(path: string): boolean {
  if (!path.startsWith('/') || path.length > 512 || path.endsWith('/') || /[*?$]/.test(path)) return false;
  if (/^\/dev\/(?!shm\/)/.test(path) || !isSuspectPath(path)) return false;
  return !DATA.test(path) || /\/\.[^/]{1,255}\/[^/]{1,255}\.(?:tgz|gz|xz|tar|zip)$/.test(path);
}
