import { launcherOf } from '#shared/analyzers/command/launchers.ts';
import { baseName, isInterpreter, isShell, MULTI_CALL } from '#shared/analyzers/command/names.ts';
import { type Node, type Pipeline, parseScript } from '#shared/analyzers/command/script.ts';
import { skipLauncher } from '#shared/analyzers/command/skip-launcher.ts';
import type { Redirect, Word } from '#shared/analyzers/command/words.ts';

/** Code that runs without ever being a file: fetched from the net, or decoded from text, and given to a shell. */
export interface PipedCode {
  readonly origin: 'download' | 'decode';
  /** Base name of the program that runs it. */
  readonly runner: string;
}

type Origin = PipedCode['origin'];

/** Downloaders by base name, with the names that loaders give to renamed copies of curl and wget. */
const DOWNLOADERS = new Set(
  'curl wget fetch get lynx links w3m cur cd1 wd1 wge wdt wdl tntcurl tntwget axel'.split(' '),
);
const MAX_DEPTH = 6;

/**
 * Whether shell text gives downloaded or decoded code to a shell or interpreter: `curl URL | sh`,
 * `(curl A || wget B) | bash`, `bash <(curl URL)`, `bash -c "$(curl URL)"`, `eval $(… | base64 -d)`, also inside
 * `sh -c '…'`. `curl URL | python3 -m json.tool` runs nothing that was fetched. Time is linear for each of six levels.
 */
export function pipedCode(script: string, depth = 0): PipedCode | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const walk = new Walk(depth);
  walk.list(parseScript(script), undefined);
  return walk.found;
}

/** The same question of exact arguments, which no shell reads again. */
export function pipedCodeOfArguments(argv: readonly string[]): PipedCode | undefined {
  const walk = new Walk(0);
  walk.stage(
    argv.map((text): Word => ({ kind: 'word', parts: [{ kind: 'text', text, quoted: true }] })),
    [],
    undefined,
  );
  return walk.found;
}

class Walk {
  found: PipedCode | undefined;
  private readonly depth: number;

  constructor(depth: number) {
    this.depth = depth;
  }

  /** Walks the pipelines of a list, each fed with what the list is fed with; gives what any of them prints. */
  list(pipelines: readonly Pipeline[], given: Origin | undefined): Origin | undefined {
    let printed: Origin | undefined;
    for (const pipeline of pipelines) {
      let carried = given;
      for (const node of pipeline) carried = this.node(node, carried);
      printed = carried ?? printed;
      if (this.found !== undefined) break;
    }
    return printed;
  }

  private node(node: Node, carried: Origin | undefined): Origin | undefined {
    return node.kind === 'group' ? this.list(node.list, carried) : this.stage(node.words, node.redirects, carried);
  }

  /** Judges one stage of a pipeline and gives what it prints. */
  stage(words: readonly Word[], redirects: readonly Redirect[], carried: Origin | undefined): Origin | undefined {
    const [head] = words;
    if (head === undefined) return carried;
    const inner = this.substituted(head);
    if (inner !== undefined && firstIsCommand(head)) this.report(inner, 'sh');
    for (const word of words.slice(1)) this.substituted(word);
    const argv = stripLaunchers(words.map(plainText));
    const rest = words.slice(words.length - argv.length);
    const base = baseName(argv[0] ?? '').toLowerCase();
    if (base === 'eval') this.script(rest.slice(1));
    else if (base === 'source' || base === '.') this.operand(rest[1], base);
    else if (isShell(base)) this.shell(base, argv, rest, redirects, carried);
    else if (isInterpreter(base)) this.interpreter(base, argv, rest, carried);
    return printedBy(base, argv) ?? carried;
  }

  private shell(
    base: string,
    argv: readonly string[],
    words: readonly Word[],
    redirects: readonly Redirect[],
    carried: Origin | undefined,
  ): void {
    const option = argv.findIndex((word, at) => at > 0 && /^-[a-zA-Z]*c$/.test(word));
    if (option > 0) {
      this.script(words.slice(option + 1, option + 2));
      return;
    }
    const operand = argv.findIndex((word, at) => at > 0 && !/^[-+]/.test(word));
    const readsInput = operand < 0 || argv.some((word, at) => at > 0 && /^-[a-z]*s[a-z]*$/.test(word));
    if (readsInput && carried !== undefined) this.report(carried, base);
    if (operand > 0) this.operand(words[operand], base);
    for (const redirect of redirects) {
      if (redirect.descriptor === 0) this.operand(redirect.target, base);
    }
  }

  /** An interpreter runs its input unless it is told a module, a script or program text. */
  private interpreter(
    base: string,
    argv: readonly string[],
    words: readonly Word[],
    carried: Origin | undefined,
  ): void {
    const option = argv.findIndex((word, at) => at > 0 && /^-(?:[a-zA-Z]{0,3}[cemr]|-eval)$/.test(word));
    if (option > 0) {
      const text = argv[option + 1] ?? '';
      const inner = words[option + 1] === undefined ? undefined : this.substituted(words[option + 1]);
      if (inner !== undefined) this.report(inner, base);
      const origin = runsWhatItFetches(text);
      if (origin !== undefined && argv[option] !== '-m') this.report(origin, base);
      return;
    }
    const operand = argv.slice(1).find((word) => word === '-' || !word.startsWith('-'));
    if ((operand === undefined || operand === '-') && carried !== undefined) this.report(carried, base);
  }

  /** Words that are joined and read as shell text. */
  private script(words: readonly (Word | undefined)[]): void {
    const [head] = words;
    if (head === undefined) return;
    const inner = this.substituted(head);
    if (inner !== undefined && firstIsCommand(head)) this.report(inner, 'sh');
    const text = words.map((word) => (word === undefined ? '' : plainText(word))).join(' ');
    const nested = pipedCode(text, this.depth + 1);
    if (nested !== undefined) this.report(nested.origin, nested.runner);
  }

  /** A file operand that is a substitution: `<(curl URL)`; of `<<<` and `-c`, its text. */
  private operand(word: Word | undefined, base: string): void {
    const inner = word === undefined ? undefined : this.substituted(word);
    if (inner !== undefined) this.report(inner, base);
  }

  /** What the substitutions in a word print. */
  private substituted(word: Word | undefined): Origin | undefined {
    if (word === undefined || this.depth >= MAX_DEPTH) return undefined;
    let printed: Origin | undefined;
    for (const part of word.parts) {
      if (part.kind !== 'command') continue;
      const inner = new Walk(this.depth + 1);
      const output = inner.list(parseScript(part.script), undefined);
      if (inner.found !== undefined) this.report(inner.found.origin, inner.found.runner);
      printed ??= output;
    }
    return printed;
  }

  private report(origin: Origin, runner: string): void {
    this.found ??= { origin, runner };
  }
}

function firstIsCommand(word: Word): boolean {
  return word.parts.find((part) => part.kind !== 'text' || part.text.trim() !== '')?.kind === 'command';
}

function plainText(word: Word): string {
  return word.parts
    .map((part) => (part.kind === 'text' ? part.text : part.kind === 'variable' ? `$${part.name}` : ''))
    .join('');
}

/** The words from the program that really runs on: behind assignments, sudo, nohup, env, busybox. */
function stripLaunchers(words: readonly string[]): readonly string[] {
  let left = words;
  for (let steps = 0; steps < 8; steps += 1) {
    const [first = ''] = left;
    if (/^[A-Za-z_]\w{0,60}=/.test(first) || /^(?:!|\{|then|do|else|if|while|until|elif)$/.test(first)) {
      left = left.slice(1);
      continue;
    }
    const base = baseName(first);
    if (MULTI_CALL.has(base) && left.length > 1) {
      left = left.slice(1);
      continue;
    }
    const launcher = launcherOf(base);
    if (launcher === undefined || base === 'eval' || base === 'trap' || launcher.remote === true) return left;
    const rest = skipLauncher(left, launcher, base).rest;
    if (rest.length === 0) return left;
    left = rest;
  }
  return left;
}

/** What a stage prints that the next one might run: a downloader that writes to standard output, a decoder. */
function printedBy(base: string, argv: readonly string[]): Origin | undefined {
  const options = argv.slice(1);
  if (DOWNLOADERS.has(base)) {
    const isWget = /^w/.test(base) || base === 'tntwget';
    if (isWget) return options.some(namesStandardOutput) ? 'download' : undefined;
    return options.some((word) => /^(?:-[a-zA-Z]*[oO]|--output(?:=.*)?|--remote-name)$/.test(word)) &&
      !options.some((word) => word === '-' || word === '/dev/stdout' || word === '-o-')
      ? undefined
      : 'download';
  }
  if (isInterpreter(base) && /urlopen|urllib|requests\.get|file_get_contents\(.http|LWP::/.test(argv.join(' '))) {
    return 'download';
  }
  if (base === 'base64' || base === 'base32' || base === 'basenc') {
    return options.some((word) => /^-[a-zA-Z]*[dD]|^--dec/.test(word)) ? 'decode' : undefined;
  }
  if (base === 'openssl') return options.includes('-d') ? 'decode' : undefined;
  if (base === 'xxd') return options.some((word) => /^-[a-z]*r/.test(word)) ? 'decode' : undefined;
  return undefined;
}

/** wget's `-O -`, `-qO-`, `--output-document=-`, `-O /dev/stdout`. */
function namesStandardOutput(word: string, at: number, all: readonly string[]): boolean {
  if (/^-[a-zA-Z]*O-$/.test(word) || /^--output-document=(?:-|\/dev\/stdout)$/.test(word)) return true;
  const next = all[at + 1];
  return /^-[a-zA-Z]*O$|^--output-document$/.test(word) && (next === '-' || next === '/dev/stdout');
}

/** Program text that runs what it fetched or decoded itself: `exec(urlopen(…).read())`, `eval(base64_decode(…))`. */
function runsWhatItFetches(text: string): Origin | undefined {
  if (!/exec|eval|system|subprocess|popen/i.test(text)) return undefined;
  if (/urlopen|urllib|requests\.get|file_get_contents\(.?.?http|LWP::|Net::HTTP|open-uri/i.test(text))
    return 'download';
  return /b64decode|base64_decode|decode_base64|Base64\.decode|atob\(|unhexlify|\.decode\(.?.?(?:base64|hex)/i.test(
    text,
  )
    ? 'decode'
    : undefined;
}
