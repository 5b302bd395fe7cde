import type { Analyzer } from '#shared/model/analyzer.ts';
import { CLASS, type Process } from '#shared/model/event.ts';
import { artifact } from '#shared/model/place.ts';
import { baseName, isInterpreter, isShell } from '../command/names.ts';
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
  // A shell behind an assignment or a launcher, and what it is given.
  ...[
    ' bash',
    ' sh -',
    'sh -s',
    'sh <(',
    'ce <(',
    '. <(',
    '-c $(',
    '-c "$(',
    "-c '$(",
    '`/usr/',
    '`/bin/',
    '| lc_',
    '| lang',
    '| path=',
  ],
  ...['>(sh', '>(bash', 'sh </dev/', 'sh < /dev/', '| ssh ', '|ssh ', '| at ', '|at ', '| batch', '|batch'],
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
    const urls = `${text}\n${found.text ?? ''}`.match(URL) ?? [];
    const what = found.origin === 'download' ? 'a download' : 'decoded text';
    const where = found.remote ? ' on another machine' : found.inContainer ? ' in a container' : '';
    return [
      {
        strength: 'weak',
        part: found.origin,
        technique: found.origin === 'download' ? 'T1059.004' : 'T1140',
        artifacts: [...new Set(urls.slice(0, MAX_URLS))].map((url) => artifact('url', url)),
        ...(found.inContainer && !found.remote ? { flags: ['launch' as const] } : {}),
        why: `${what} run by ${found.runner}${where}: ${text.slice(0, 160)}`,
      },
    ];
  },
};

/** A bare command line has lost its quotes: it is read as shell text, and `sh -c` takes all that follows. */
function pipedCodeOf(process: Process): PipedCode | undefined {
  const argv = process.argv ?? [];
  if (process.exact === true) return pipedCodeOfArguments(argv);
  const base = baseName(argv[0] ?? '');
  const option = isShell(base) ? argv.slice(0, 4).findIndex((word) => /^-[a-z]*c$/.test(word)) : -1;
  if (option > 0) {
    const rest = argv.slice(option + 1);
    return pipedCode(/\s/.test(rest[0] ?? '') ? (rest[0] ?? '') : rest.join(' '), true);
  }
  const text = argv.map(quoted).join(' ');
  // Parentheses of a program text without its quotes would be a shell's.
  const program = isInterpreter(base) ? pipedCodeOfArguments(argv, true) : undefined;
  return program ?? pipedCode(text, true);
}

const quoted = (word: string): string => (/\s/.test(word) ? `'${word.replaceAll("'", `'\\''`)}'` : word);
