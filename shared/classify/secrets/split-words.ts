import { type Command, optionSort } from './names.ts';
import { ENDPOINT, URL } from './options.ts';
import { type Keep, MASK } from './shapes.ts';

/** No more words are taken for one passphrase: the longest that lists of words recommend have ten. */
const MOST_WORDS = 12;
/** An option, a path, an operator of the shell. */
const ENDS = /^(?:-|\.{0,2}\/|\d?[<>]|[|&;])/;
/** `-e NAME=x`, as containers take their environment. */
const SETS_ENVIRONMENT = /^(?:-e|--env|--build-arg)$/;
const ENVIRONMENT = /^(?:-e|--env=|--build-arg=)[A-Za-z_]\w*=/;
/** Programs that another one with a password of its own starts: `sshpass -p x ssh host`, `sudo -p x sh`. */
const STARTED = /^(?:ssh|scp|sftp|rsync|sudo|env|nohup|exec|(?:ba|da|z)?sh)$/;

/** Programs among whose words an image's name stands, and the name: folders in small letters, a tag, a digest. */
const CONTAINERS: ReadonlySet<string> = new Set(['docker', 'podman', 'nerdctl', 'ctr', 'crictl', 'kubectl']);
const IMAGE = /^[a-z0-9][a-z0-9.-]*(?::\d{1,5})?(?:\/[a-z0-9][a-z0-9._-]*)+(?::[\w.-]+)?(?:@sha256:[0-9a-f]+)?$/;

function endsRun(word: string, command: Command, keep: Keep): boolean {
  if (IMAGE.test(word) && command.names.some((name) => CONTAINERS.has(name))) return true;
  return ENDS.test(word) || STARTED.test(word) || ENDPOINT.test(word) || URL.test(word) || keep(word);
}

/** Whether a masked word is the value, or holds it, of an option that takes a secret. */
function isOptionValue(word: string, previous: string, command: Command): boolean {
  if (!word.endsWith(MASK)) return false;
  if (ENVIRONMENT.test(word) || SETS_ENVIRONMENT.test(previous)) return true;
  if (!word.startsWith('-')) return optionSort(previous, command) !== 'none';
  const equals = word.indexOf('=');
  return optionSort(equals < 0 ? word : word.slice(0, equals), command) !== 'none';
}

/**
 * Redacted words of a command line whose quotes were lost, where a secret may go on in the words behind its first one:
 * these become part of its mask, up to an option, a path, an endpoint, a URL, a wallet or an operator.
 * @param mayGoOn whether the word at an index shows no end of its value, as a closing quote or an operator does
 * @param separators what of the shell's separators ends the word at an index, which stays behind its mask
 */
export function maskRunsOfWords(
  words: readonly string[],
  mayGoOn: (index: number) => boolean,
  command: Command,
  keep: Keep,
  separators: (index: number) => string,
): string[] {
  const out: string[] = [];
  let left = 0;
  for (const [index, word] of words.entries()) {
    if (left > 0 && !endsRun(word, command, keep)) {
      left = mayGoOn(index) ? left - 1 : 0;
      if (out.length > 0) out[out.length - 1] += separators(index);
      continue;
    }
    out.push(word);
    left = mayGoOn(index) && isOptionValue(word, words[index - 1] ?? '', command) ? MOST_WORDS : 0;
  }
  return out;
}
