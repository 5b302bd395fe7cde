import type { FileWrite } from './file-writes.ts';
import { type Option, readOptions, type Valued } from './short-options.ts';

/** Options with values, from the manual pages tar(1), bsdtar(1), unzip(1) and cpio(1). */
const TAR: Valued = {
  letters: 'fCTXbIKNVgHFL',
  names: new Set(['--file', '--directory', '--files-from', '--exclude-from', '--use-compress-program', '--exclude']),
  abbreviated: true,
};
const UNZIP: Valued = { letters: 'dPx', names: new Set() };
const CPIO: Valued = { letters: 'DFIEHRCM', names: new Set(['--directory', '--file', '--format']) };
const MAX_MEMBERS = 32;

/** The files that an archive's unpacking makes; where its members are not named, the folder that gets them. */
export function unpacked(name: string, argv: readonly string[]): readonly FileWrite[] {
  const words = argv.slice(1);
  if (/^(?:g|bsd)?tar$/.test(name)) return tar(words);
  if (name === 'unzip') return unzip(readOptions(words, UNZIP));
  if (/^7z[arz]?$/.test(name)) return sevenZip(words);
  return name === 'cpio' ? cpio(readOptions(words, CPIO)) : [];
}

function members(folder: string, names: readonly string[], from: string | undefined): readonly FileWrite[] {
  const source = from === undefined || from === '-' ? {} : { from };
  const base = folder.replace(/\/$/, '');
  const plain = names.filter((name) => name !== '' && !/[*?[]/.test(name)).slice(0, MAX_MEMBERS);
  return plain.length > 0
    ? plain.map((name) => ({ path: `${base}/${name}`, ...source }))
    : [{ path: folder, ...source, inside: true }];
}

/** Also the old style without a dash, whose letters take the next words in turn: `tar xfC a.tar /srv`. */
function tar(words: readonly string[]): readonly FileWrite[] {
  const [first = ''] = words;
  const old = /^[a-zA-Z]{1,16}$/.test(first);
  const options = old ? [...oldStyle(first, words.slice(1))] : readOptions(words, TAR);
  const has = (...names: readonly string[]): boolean => options.some(({ name }) => names.includes(name));
  if (!has('x', '--extract', '--get') || has('O', '--to-stdout')) return [];
  const value = (...names: readonly string[]): string | undefined =>
    options.findLast(({ name }) => names.includes(name))?.value;
  const stripped = has('--strip-components', '--strip', '--transform', '-s');
  const names = stripped ? [] : operandsOf(options);
  return members(value('--one-top-level') ?? value('C', '--directory') ?? '.', names, value('f', '--file'));
}

function oldStyle(letters: string, words: readonly string[]): readonly Option[] {
  const options: Option[] = [];
  let at = 0;
  for (const name of letters) {
    const value = TAR.letters.includes(name) ? words[at++] : undefined;
    options.push(value === undefined ? { name } : { name, value });
  }
  return [...options, ...readOptions(words.slice(at), TAR)];
}

const operandsOf = (options: readonly Option[]): readonly string[] =>
  options.filter(({ name }) => name === '').map(({ value = '' }) => value);

function unzip(options: readonly Option[]): readonly FileWrite[] {
  if (options.some(({ name }) => 'ltvpczZ'.includes(name) && name !== '')) return [];
  const [archive, ...names] = operandsOf(options);
  if (archive === undefined) return [];
  return members(options.find(({ name }) => name === 'd')?.value ?? '.', names, archive);
}

/** `7z x ARCHIVE -oDIR`. */
function sevenZip(words: readonly string[]): readonly FileWrite[] {
  const [verb = '', archive, ...names] = words.filter((word) => !word.startsWith('-'));
  if ((verb !== 'x' && verb !== 'e') || archive === undefined) return [];
  return members(words.find((word) => word.startsWith('-o'))?.slice(2) || '.', names, archive);
}

/** `cpio -id -D DIR`: its archive comes by standard input. */
function cpio(options: readonly Option[]): readonly FileWrite[] {
  const value = (...names: readonly string[]): string | undefined =>
    options.find(({ name }) => names.includes(name))?.value;
  return options.some(({ name }) => name === 'i' || name === '--extract')
    ? members(value('D', '--directory') ?? '.', [], value('F', 'I', '--file'))
    : [];
}
