import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS, type Process } from '#shared/model/event.ts';
import { artifact } from '#shared/model/place.ts';
import { baseName, isShell } from '../command/names.ts';
import { processTexts } from '../miner/actor.ts';
import { makeGate } from '../miner/gate.ts';
import { type PipedCode, pipedCode, pipedCodeOfArguments } from './piped-code.ts';

/** What may stand before `|sh` where nobody left a blank. */
const BEFORE_PIPE = [...'abcdefghijklmnopqrstuvwxyz0123456789-_/=&?})\'"*'];
/**
 * The joint between what fetches or decodes and what runs it. Names of downloaders are no needles: health checks run
 * curl all day.
 */
const NEEDLES = [
  ...BEFORE_PIPE.map((char) => `${char}|sh`),
  ...[
    'sh',
    'bash',
    'dash',
    'ash',
    'zsh',
    'ksh',
    'python',
    'perl',
    'php',
    'ruby',
    'node',
    'sudo',
    'env ',
    'nohup',
    'busybox',
  ].flatMap((runner) => (runner === 'sh' ? ['| sh'] : [`|${runner}`, `| ${runner}`])),
  ...[
    '|/bin/',
    '| /bin/',
    '|/usr/bin/',
    '| /usr/bin/',
    '<(curl',
    '<(wget',
    '< <(',
    '$(curl',
    '$(wget',
    '`curl',
    '`wget',
    'eval ',
  ],
  ...['base64 -', 'urlopen', 'urllib', 'b64decode', 'base64_decode', 'decode_base64', 'file_get_contents', 'lwp::'],
].filter((needle) => needle.length > 3);
const gate = makeGate(NEEDLES, false);
const URL = /\b(?:https?|ftp):\/\/[^\s"'`|;<>(){}\\]{3,500}/gi;
const MAX_URLS = 8;

/**
 * Code that is fetched or decoded and run without being a file: how most loaders begin, and some installers. Context
 * alone: it says how somebody came in, not that he mines.
 */
export const downloadToShell: Analyzer = {
  id: 'download_to_shell',
  version: 1,
  title: 'Downloaded or decoded code given to a shell',
  group: 'context',
  technique: 'T1059.004',
  classes: [CLASS.process],
  needles: NEEDLES,
  decide(event) {
    if (event.class !== CLASS.process || !gate(processTexts(event.process))) return [];
    const found = pipedCodeOf(event.process);
    if (found === undefined) return [];
    const text = (event.process.argv ?? []).join(' ');
    const urls = [...new Set((text.match(URL) ?? []).slice(0, MAX_URLS))];
    return [
      {
        strength: 'weak',
        part: found.origin,
        technique: found.origin === 'download' ? 'T1059.004' : 'T1140',
        artifacts: urls.map((url) => artifact('url', url)),
        why: `${found.origin === 'download' ? 'a download' : 'decoded text'} run by ${found.runner}: ${text.slice(0, 160)}`,
      },
    ];
  },
};

/** A bare command line has lost its quotes: it is read as shell text, and `sh -c` takes all that follows. */
function pipedCodeOf(process: Process): PipedCode | undefined {
  const argv = process.argv ?? [];
  if (process.exact === true) return pipedCodeOfArguments(argv);
  const option = isShell(baseName(argv[0] ?? '')) ? argv.slice(0, 4).findIndex((word) => /^-[a-z]*c$/.test(word)) : -1;
  if (option < 1) return pipedCode(argv.map(quoted).join(' '));
  const rest = argv.slice(option + 1);
  return pipedCode(/\s/.test(rest[0] ?? '') ? (rest[0] ?? '') : rest.join(' '));
}

const quoted = (word: string): string => (/\s/.test(word) ? `'${word.replaceAll("'", `'\\''`)}'` : word);
