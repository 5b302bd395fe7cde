import type { Intel } from '#shared/model/intel.ts';
import { assignment } from '../command/assignments.ts';
import { type MinerArguments, readArguments } from './arguments.ts';
import { scriptMines } from './own-words.ts';

const MAX_OPTION_WORDS = 128;

/**
 * What the value of a variable says as a miner's own arguments, with or without its program in front, as images of miners
 * take them whole (`MINER_OPTS='-o host:port -a rx/0 -u x'`). Nothing for text that is more than options, and for options
 * that are not a miner's: `CURL_OPTS='-o host:80 -u x'`.
 */
export function optionsIn(value: string, intel: Intel): MinerArguments | undefined {
  const words = value.trim().split(/\s+/, MAX_OPTION_WORDS);
  if (words[0]?.startsWith('-') !== true) words.shift();
  if (words.length < 2 || words[0]?.startsWith('-') !== true) return undefined;
  const said = readArguments(words);
  if (!said.pure || said.benign !== undefined) return undefined;
  const wallet = said.wallets.some(({ checksum }) => checksum === 'verified');
  return scriptMines(said, intel) || (said.given.length > 0 && said.users.length > 0 && wallet) ? said : undefined;
}

const ALL_EXPORTED = /(?:^|[\s;|&({'"`])set\s{1,8}(?:-[a-zA-Z]{0,8}a[a-zA-Z]{0,8}|-o\s{1,8}allexport)(?=[\s;|&)}]|$)/;
const MAX_SCRIPT = 16_384;

/** The variables that a shell's text sets behind `set -a`, which exports each of them (POSIX sh: set). */
export function allExported(text: string): readonly (readonly [name: string, value: string])[] {
  const found = ALL_EXPORTED.exec(text.slice(0, MAX_SCRIPT));
  if (found === null) return [];
  const behind = text.slice(found.index + found[0].length, MAX_SCRIPT);
  return behind.split(/[;\n]|&&|\|\|/).flatMap((part) => {
    const pair = assignment(part.trim());
    if (pair === undefined) return [];
    const [name, value] = pair;
    const quote = value.charAt(0);
    if (quote === '"' || quote === "'") return value.endsWith(quote) ? [[name, value.slice(1, -1)] as const] : [];
    return /\s/.test(value) ? [] : [[name, value] as const];
  });
}
