import { isInterpreter } from '#shared/analyzers/command/names.ts';
import type { Output } from '#shared/analyzers/command/output.ts';
import { MAX_SCRIPT } from '#shared/analyzers/command/words.ts';

/** Where code comes from that is no file of this machine. */
export type Origin = 'download' | 'decode';

/** What is printed, or fed to a program: where it comes from, and its text where the command line tells. */
export interface Printed {
  readonly origin?: Origin | undefined;
  readonly text?: string | undefined;
}

/** Programs that print what they fetch unless they are told a file, with the names of renamed copies of curl. */
const PRINTING = new Set(
  `curl cur cd1 tntcurl curlie get lwp-request lynx links elinks w3m http https xh nc ncat netcat dig drill kdig host
   nslookup`.split(/\s+/),
);
/** Those that write a file unless they are told standard output, and the letter of that option. */
const FILING: ReadonlyMap<string, string> = new Map([
  ...['wget', 'wget2', 'wge', 'wd1', 'wdt', 'wdl', 'tntwget'].map((name) => [name, 'O'] as const),
  ...['fetch', 'ftp', 'axel', 'aria2c'].map((name) => [name, 'o'] as const),
]);
const STANDARD_OUTPUT: ReadonlySet<string> = new Set(['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']);
const LONG_OUTPUT = /^--(?:output-document|output|out)$/;
const FETCHING =
  /urlopen|urllib|requests\.get|(?:file_get_contents|readfile|fopen)\(.?.?(?:http|ftp)|LWP::|Net::HTTP|open-uri|\bfetch\(|https?\.get\(/i;
const DECODING =
  /b64decode|base64_decode|decode_base64|Base64\.decode|atob\(|unhexlify|\.decode\(.?.?(?:base64|hex)|from\(.{1,64}?base64/i;

/** What a program of this base name prints that another one might run; `argv[0]` is the program itself. */
export function printedBy(base: string, argv: readonly string[]): Origin | undefined {
  const options = argv.slice(1);
  if (PRINTING.has(base)) return writesFile(options) ? undefined : 'download';
  const letter = FILING.get(base);
  if (letter !== undefined) {
    return options.some((word, at) => namesStandardOutput(word, options[at + 1], letter)) ? 'download' : undefined;
  }
  if (base === 'aws' || base === 'gsutil' || base === 'gcloud') return printsObject(options) ? 'download' : undefined;
  if (isInterpreter(base) && FETCHING.test(options.join(' '))) return 'download';
  if (base === 'base64' || base === 'base32' || base === 'basenc') {
    return options.some((word) => /^-[a-zA-Z]*[dD]|^--dec/.test(word)) ? 'decode' : undefined;
  }
  if (base === 'openssl') return options.includes('-d') ? 'decode' : undefined;
  if (base === 'xxd') return options.some((word) => /^-[a-z]*r/.test(word)) ? 'decode' : undefined;
  return undefined;
}

/** Whether curl is told a file: `-o FILE`, `-O`, `-fsSLo FILE`, `-o/tmp/a`. */
function writesFile(options: readonly string[]): boolean {
  return (
    options.some((word) => /^(?:-[a-zA-Z]*[oO]|-[a-zA-Z]{0,6}o[./~$].*|--output(?:=.*)?|--remote-name)$/.test(word)) &&
    !options.some((word) => STANDARD_OUTPUT.has(word.replace(/^--output=/, '')) || word === '-o-')
  );
}

/** `-O -`, `-qO-`, `--output-document=-`, `-O /dev/stdout` of wget; the same with `-o` of fetch. */
function namesStandardOutput(word: string, next: string | undefined, letter: string): boolean {
  const isNext = next !== undefined && STANDARD_OUTPUT.has(next);
  if (word.startsWith('--')) {
    const equals = word.indexOf('=');
    if (equals < 0) return isNext && LONG_OUTPUT.test(word);
    return LONG_OUTPUT.test(word.slice(0, equals)) && STANDARD_OUTPUT.has(word.slice(equals + 1));
  }
  const at = /^-[a-zA-Z]/.test(word) ? word.indexOf(letter) : -1;
  if (at < 0) return false;
  return at === word.length - 1 ? isNext : STANDARD_OUTPUT.has(word.slice(at + 1));
}

/** `aws s3 cp s3://BUCKET/KEY -`, `gsutil cat gs://BUCKET/KEY`. */
function printsObject(words: readonly string[]): boolean {
  const prints = words.includes('cat') || (words.includes('cp') && words.includes('-'));
  return prints && words.some((word) => /^(?:s3|gs):\/\//.test(word));
}

/** Program text that runs what it fetched or decoded itself: `exec(urlopen(…).read())`, `eval(base64_decode(…))`. */
export function runsWhatItFetches(text: string): Origin | undefined {
  if (!/exec|eval|system|subprocess|popen/i.test(text)) return undefined;
  if (FETCHING.test(text)) return 'download';
  return DECODING.test(text) ? 'decode' : undefined;
}

/** What two commands in a row print. */
export function both(first: Printed | undefined, second: Printed | undefined): Printed | undefined {
  if (first === undefined || second === undefined || first === second) return first ?? second;
  const start = first.text ?? '';
  const text = start.length >= MAX_SCRIPT ? start : `${start}${second.text ?? ''}`.slice(0, MAX_SCRIPT);
  return { origin: first.origin ?? second.origin, ...(text === '' ? {} : { text }) };
}

/** The known text of it, as commands print it. */
export function outputFrom(printed: Printed | undefined): Output | undefined {
  return printed?.text === undefined ? undefined : { text: printed.text, decoded: printed.origin === 'decode' };
}
