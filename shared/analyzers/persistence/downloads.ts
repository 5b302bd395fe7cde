import type { FileWrite } from './file-writes.ts';
import { type Option, readOptions, type Valued } from './short-options.ts';
import { transfers } from './transfers.ts';

/** Options with values, from the manual pages curl(1), wget(1) and aria2c(1); of long ones, those that may look like URLs. */
const CURL: Valued = {
  letters: 'AbcCdDeEFHKmoPQrtTuUwxXyYz',
  names: new Set(
    `--output --output-dir --referer --proxy --preproxy --doh-url --header --data --data-raw --data-binary
     --data-urlencode --json --form --user --user-agent --url --cookie --upload-file`.split(/\s+/),
  ),
};
const WGET: Valued = {
  letters: 'aeioOBtTwQPUlARDIX',
  names: new Set(
    `--output-document --directory-prefix --output-file --append-output --referer --header --user-agent --post-data
     --post-file --base --execute --body-data --user --password`.split(/\s+/),
  ),
  abbreviated: true,
};
const ARIA: Valued = {
  letters: 'doilxsjkmtT',
  names: new Set(['--dir', '--out', '--log', '--header', '--referer', '--user-agent', '--all-proxy', '--input-file']),
};
const SCHEME = /^(?:https?|ftp):\/\//i;
const MAX_DOWNLOADS = 32;

/** What `curl`, `wget` and `aria2c`, also under the names that campaigns give them, and other fetchers save and where. */
export function downloads(name: string, argv: readonly string[]): readonly FileWrite[] {
  const words = argv.slice(1);
  if (/^(?:wget|wd1|wge|wdt|tntwget)$/.test(name)) return wget(readOptions(words, WGET));
  if (/^(?:curl|cd1|cur|tntcurl)$/.test(name)) return curl(readOptions(words, CURL));
  return name === 'aria2c' ? aria(readOptions(words, ARIA)) : transfers(name, argv);
}

function lastValue(options: readonly Option[], ...names: readonly string[]): string | undefined {
  return options.findLast((one) => names.includes(one.name))?.value;
}

/** Operands that are URLs; where none has a scheme, those that begin like a host. */
function urlsOf(options: readonly Option[]): readonly string[] {
  const operands = options.filter(({ name }) => name === '' || name === '--url').map(({ value = '' }) => value);
  const plain = operands.filter((word) => SCHEME.test(word));
  return (plain.length > 0 ? plain : operands.filter((word) => /^[\w.-]{1,253}\.\w{1,63}(?:[:/]|$)/.test(word))).slice(
    0,
    MAX_DOWNLOADS,
  );
}

/** The name under which a URL's document is saved: the last part of its path. */
function documentName(url: string): string {
  const path = url.replace(SCHEME, '').split(/[?#]/, 1)[0] ?? '';
  return path.includes('/') ? path.slice(path.lastIndexOf('/') + 1) : '';
}

const inside = (folder: string | undefined, name: string): string =>
  folder === undefined || name.startsWith('/') ? name : `${folder.replace(/\/$/, '')}/${name}`;

function saved(path: string, url: string | undefined): readonly FileWrite[] {
  if (path === '' || path === '-') return [];
  return [url === undefined ? { path } : { path, from: url }];
}

/** `-O FILE` takes all documents, else each has its own name below `-P DIR` or the working directory. */
function wget(options: readonly Option[]): readonly FileWrite[] {
  const urls = urlsOf(options);
  const file = lastValue(options, 'O', '--output-document');
  if (file !== undefined) return saved(file, urls[0]);
  if (options.some(({ name }) => name === '--spider')) return [];
  const folder = lastValue(options, 'P', '--directory-prefix');
  return urls.flatMap((url) => saved(inside(folder, documentName(url) || 'index.html'), url));
}

/** `-o FILE` and `-O` stand for one URL each, in order; without them the document goes to standard output. */
function curl(options: readonly Option[]): readonly FileWrite[] {
  const urls = urlsOf(options);
  const folder = lastValue(options, '--output-dir');
  const all = options.some(({ name }) => name === '--remote-name-all');
  const targets = options.filter(({ name }) => ['o', '--output', 'O', '--remote-name'].includes(name));
  if (all && targets.length === 0) targets.push(...urls.map(() => ({ name: 'O' })));
  return targets.slice(0, MAX_DOWNLOADS).flatMap((target, index) => {
    const url = urls[index] ?? urls[0];
    const named = target.name === 'o' || target.name === '--output';
    const name = named ? target.value : documentName(url ?? '');
    return name === undefined || name === '' || name === '-' ? [] : saved(inside(folder, name), url);
  });
}

function aria(options: readonly Option[]): readonly FileWrite[] {
  const folder = lastValue(options, 'd', '--dir');
  const file = lastValue(options, 'o', '--out');
  return urlsOf(options).flatMap((url) => saved(inside(folder, file ?? documentName(url)), url));
}
