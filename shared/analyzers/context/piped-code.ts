import { awkCommands, awkText } from '#shared/analyzers/command/awk-text.ts';
import { contained, isContainerTool } from '#shared/analyzers/command/containers.ts';
import { bracedWords } from '#shared/analyzers/command/expansion.ts';
import { launcherOf } from '#shared/analyzers/command/launchers.ts';
import { baseName, isAwk, isInterpreter, isShell, MULTI_CALL, SOURCING } from '#shared/analyzers/command/names.ts';
import { type Output, outputOf } from '#shared/analyzers/command/output.ts';
import { callsOf, interpreterWords } from '#shared/analyzers/command/program-text.ts';
import { type Node, type Pipeline, parseScript } from '#shared/analyzers/command/script.ts';
import { skipLauncher } from '#shared/analyzers/command/skip-launcher.ts';
import { fedStarts } from '#shared/analyzers/command/streams.ts';
import { MAX_SCRIPT, type Redirect, type Word } from '#shared/analyzers/command/words.ts';
import { both, type Origin, outputFrom, type Printed, printedBy, runsWhatItFetches } from './printed-code.ts';

/** Code that runs without ever being a file: fetched from the net, or decoded from text, and given to a shell. */
export interface PipedCode {
  readonly origin: Origin;
  /** Base name of the program that runs it. */
  readonly runner: string;
  /** It runs on another machine (ssh). */
  readonly remote: boolean;
  /** It runs in a container that the command line starts or enters. */
  readonly inContainer: boolean;
  /** The code itself, where the command line holds it. */
  readonly text?: string;
}

/** A word of a command as far as it is known. */
interface Item {
  readonly text: string;
  /** What its substitutions and variables hold. */
  readonly printed?: Printed | undefined;
  /** It begins with a substitution or variable: as shell text, that is what runs. */
  readonly leads?: boolean;
}

/** Nesting of shell texts, and of launchers in front of one program. */
const MAX_DEPTH = 8;
const MAX_LAUNCHERS = 12;
/** Characters of shell text and of variables' values that are read for one command line. */
const MAX_TEXT = 4 * MAX_SCRIPT;
/** Characters that pass from command to command in pipes. */
const MAX_FED = 8 * MAX_SCRIPT;
const MAX_VALUE = 8192;
const MAX_VARIABLES = 256;
/** Starts of one xargs and program texts of one interpreter; words of one variable. */
const MAX_STARTS = 8;
const MAX_WORDS = 256;
const ASSIGNMENT = /^([A-Za-z_]\w{0,60})=/;
const CONTROL = /^(?:!|\{|then|do|else|if|while|until|elif)$/;
/** Programs that give a shell what they are fed. */
const DEFERRING: ReadonlySet<string> = new Set(['at', 'batch']);
/** Programs that print their words, or the files that these name. */
const SPEAKERS: ReadonlySet<string> = new Set(['echo', 'printf', 'cat', 'base64', 'base32', 'basenc', 'xxd', 'rev']);

/**
 * Whether shell text gives downloaded or decoded code to a shell or interpreter: `curl URL | sh`,
 * `(curl A || wget B) | bash`, `bash <(curl URL)`, `bash -c "$(curl URL)"`, `eval $(… | base64 -d)`, also behind
 * launchers, in containers, on other machines and inside `sh -c '…'`. `curl URL | python3 -m json.tool` runs nothing
 * that was fetched. What runs here is told before what runs elsewhere. Bounded in depth and text; never throws.
 * @param lostQuotes the text was joined from words whose quotes are lost: `sh -c` goes on to the end of its command
 */
export function pipedCode(script: string, lostQuotes = false): PipedCode | undefined {
  const walk = new Walk(lostQuotes);
  walk.text(script, undefined);
  return walk.found;
}

/** The same question of exact arguments, which no shell reads again. */
export function pipedCodeOfArguments(argv: readonly string[], lostQuotes = false): PipedCode | undefined {
  const walk = new Walk(lostQuotes);
  walk.command(argv.map(literalItem), [], undefined);
  return walk.found;
}

const literalItem = (text: string): Item => ({ text });

class Walk {
  found: PipedCode | undefined;
  private readonly lostQuotes: boolean;
  private readonly variables = new Map<string, Printed>();
  private left = MAX_TEXT;
  private fedLeft = MAX_FED;
  private depth = 0;
  private remote = false;
  private inContainer = false;

  constructor(lostQuotes: boolean) {
    this.lostQuotes = lostQuotes;
  }

  /** Reads shell text that is fed with something; gives what it prints. */
  text(script: string, given: Printed | undefined): Printed | undefined {
    const size = Math.min(script.length, MAX_SCRIPT);
    if (this.depth >= MAX_DEPTH || this.left < size) return undefined;
    this.left -= size;
    this.depth += 1;
    const printed = this.list(parseScript(script), given);
    this.depth -= 1;
    return printed;
  }

  /** Walks the pipelines of a list, each fed with what the list is fed with; gives what all of them print. */
  private list(pipelines: readonly Pipeline[], given: Printed | undefined): Printed | undefined {
    let printed: Printed | undefined;
    const { remote, inContainer } = this;
    for (const pipeline of pipelines) {
      let carried = given;
      for (const node of pipeline) carried = this.node(node, carried);
      this.remote = remote;
      this.inContainer = inContainer;
      printed = both(printed, carried);
      if (this.isFoundHere()) break;
    }
    return printed;
  }

  private node(node: Node, given: Printed | undefined): Printed | undefined {
    const printed =
      node.kind === 'group' ? this.list(node.list, given) : this.simple(node.words, node.redirects, given);
    return this.redirected(node.redirects, printed);
  }

  /** What is left for the next stage: nothing of what goes to a file; `> >(sh)` feeds a shell. */
  private redirected(redirects: readonly Redirect[], printed: Printed | undefined): Printed | undefined {
    let left = printed;
    for (const { operator, descriptor, target } of redirects) {
      if (descriptor !== 1 || !operator.startsWith('>')) continue;
      for (const part of target.parts) if (part.kind === 'command' && part.file) this.text(part.script, printed);
      left = undefined;
    }
    return left;
  }

  /** Judges one simple command and gives what it prints. */
  private simple(
    words: readonly Word[],
    redirects: readonly Redirect[],
    given: Printed | undefined,
  ): Printed | undefined {
    const items = words.flatMap(bracedWords).flatMap((word) => this.items(word, given));
    const inputs = redirects
      .filter(({ descriptor, operator }) => descriptor === 0 && operator.startsWith('<'))
      .map(({ target, operator }) => this.inputOf(target, operator));
    let at = 0;
    for (; at < items.length; at += 1) {
      const item = items[at];
      const name = ASSIGNMENT.exec(item?.text ?? '')?.[1];
      if (item === undefined || (name === undefined && !CONTROL.test(item.text))) break;
      if (name !== undefined && this.variables.size < MAX_VARIABLES)
        this.variables.set(name, {
          origin: item.printed?.origin,
          text: item.text.slice(name.length + 1, name.length + 1 + MAX_VALUE),
        });
    }
    const input = inputs.length > 0 ? inputs.at(-1) : given;
    if (at === items.length) return input;
    const head = items[at];
    if (head?.leads === true) this.report(head.printed, 'sh');
    return this.command(items.slice(at), redirects, input);
  }

  /** What a command reads by `<`, `<<` and `<<<`; `/dev/tcp` of bash is the net. */
  private inputOf(target: Word, operator: Redirect['operator']): Printed | undefined {
    const text = target.parts.length === 0 ? undefined : this.joined(target, undefined);
    if (text === undefined || operator !== '<') return text === undefined ? undefined : { ...text.printed, ...text };
    return /^\/dev\/(?:tcp|udp)\//.test(text.text) ? { origin: 'download' } : text.printed;
  }

  /** Judges a program behind its assignments, follows what it starts, and gives what it prints. */
  command(
    items: readonly Item[],
    redirects: readonly Redirect[],
    given: Printed | undefined,
    launchers = 0,
  ): Printed | undefined {
    const argv = items.map(({ text }) => text);
    const base = baseName(argv[0] ?? '').toLowerCase();
    if (items.length === 0 || launchers > MAX_LAUNCHERS) return undefined;
    const next = (rest: readonly Item[], input = given): Printed | undefined =>
      this.command(rest, redirects, input, launchers + 1);
    if (isContainerTool(base)) {
      const inside = contained(base, argv)?.argv ?? [];
      return this.elsewhere('inContainer', () => next(sameItems(inside, items)));
    }
    if (MULTI_CALL.has(base)) return next(items.slice(1));
    if (base === 'eval') return this.script(items.slice(1), given);
    if (base === 'trap') return this.script(items.slice(1, 2), undefined);
    if (SOURCING.has(base)) return this.operand(items[1], base);
    if (isShell(base)) return this.shell(base, items, given);
    if (isInterpreter(base)) return this.interpreter(base, items, given);
    if (isAwk(base)) return this.awk(argv, given);
    if (DEFERRING.has(base)) return argv.includes('-f') ? undefined : this.fed(given, base);
    const at = base === 'find' ? argv.findIndex((word) => /^-(?:exec|execdir|ok)$/.test(word)) : -1;
    if (at > 0) return next(items.slice(at + 1), undefined);
    return launcherOf(base) === undefined ? this.printed(base, items, given) : this.launcher(base, items, given, next);
  }

  private launcher(
    base: string,
    items: readonly Item[],
    given: Printed | undefined,
    next: (items: readonly Item[], input?: Printed) => Printed | undefined,
  ): Printed | undefined {
    const launcher = launcherOf(base);
    if (launcher === undefined) return undefined;
    const argv = items.map(({ text }) => text);
    const skipped = skipLauncher(argv, launcher, base);
    const rest = sameItems(skipped.rest, items);
    const { script } = skipped;
    const run = (): Printed | undefined => {
      if (script !== undefined)
        return this.script([items.find(({ text }) => text === script) ?? { text: script }], given);
      if (launcher.joins === true && rest.length > 0) return this.script(rest, given);
      if (base === 'xargs') {
        this.lines(skipped.rest, skipped.placeholder, given);
        const starts = [...fedStarts(skipped, outputFrom(given))].slice(0, MAX_STARTS);
        return starts.reduce<Printed | undefined>(
          (printed, start) => both(printed, next(sameItems(start, items), {})),
          undefined,
        );
      }
      // Without a program, ssh gives the other machine's shell what it is fed, and su its own.
      return rest.length > 0
        ? next(rest)
        : this.fed(launcher.remote === true || base === 'su' ? given : undefined, base);
    };
    return launcher.remote === true ? this.elsewhere('remote', run) : run();
  }

  /** `xargs sh -c` and `xargs -I{} sh -c '{}'`: what is fed becomes the text. */
  private lines(rest: readonly string[], placeholder: string | undefined, given: Printed | undefined): void {
    const shell = baseName(rest[0] ?? '').toLowerCase();
    if (given?.origin === undefined || !isShell(shell)) return;
    const at = rest.findIndex((word) => /^-[a-zA-Z]*c$/.test(word));
    const text = rest[at + 1]?.trimStart();
    if (at > 0 && (placeholder === undefined ? text === undefined : text?.startsWith(placeholder) === true))
      this.report(given, shell);
  }

  private shell(base: string, items: readonly Item[], given: Printed | undefined): Printed | undefined {
    const option = items.findIndex(({ text }, at) => at > 0 && /^-[a-zA-Z]*c[a-zA-Z]*$/.test(text));
    const operand = items.findIndex(({ text }, at) => at > 0 && !/^[-+]/.test(text));
    if (option > 0 && (operand < 0 || option < operand)) {
      const rest = items.slice(items[option + 1]?.text === '--' ? option + 2 : option + 1);
      const joins = this.lostQuotes && !/\s/.test(rest[0]?.text ?? '');
      return this.script(joins ? rest : rest.slice(0, 1), given);
    }
    const readsInput = operand < 0 || items.some(({ text }, at) => at > 0 && /^-[a-z]*s[a-z]*$/.test(text));
    const printed = readsInput ? this.fed(given, base) : undefined;
    if (operand > 0 && !readsInput) this.operand(items[operand], base);
    return printed;
  }

  /** An interpreter runs its input unless it is told a module, a script or program text. */
  private interpreter(base: string, items: readonly Item[], given: Printed | undefined): Printed | undefined {
    const argv = items.map(({ text }) => text);
    const texts = interpreterWords(argv, this.lostQuotes).texts.slice(0, MAX_STARTS);
    const runs = texts.length === 0 ? undefined : runsWhatItFetches(argv.join(' '));
    if (runs !== undefined) this.report({ origin: runs }, base);
    for (const text of texts) {
      for (const item of items) if (item.leads === true && item.text === text) this.report(item.printed, base);
      const { scripts, argvs } = callsOf(text);
      for (const script of scripts) this.text(script, undefined);
      for (const words of argvs) this.command(words.map(literalItem), [], undefined, 1);
    }
    if (texts.length > 0) return this.printed(base, items, undefined);
    const options = items.slice(1).filter(({ text }) => text.length > 1 && text.startsWith('-'));
    const operand = items.slice(1).find(({ text }) => text === '-' || !text.startsWith('-'));
    const isPlain = options.every(({ text }) => text.startsWith('--') || /^-(?![cemrnp])[a-zA-Z]{1,2}$/.test(text));
    if (operand === undefined || operand.text === '-') {
      if (isPlain) this.report(given, base);
    } else if (isPlain) this.report(operand.printed, base);
    return this.printed(base, items, given);
  }

  private awk(argv: readonly string[], given: Printed | undefined): Printed | undefined {
    for (const { script, input } of awkCommands(awkText(argv, this.lostQuotes)))
      this.text(script, input === undefined ? undefined : { text: input });
    return given?.origin === undefined ? undefined : { origin: given.origin };
  }

  /** Words that are joined and read as shell text. */
  private script(items: readonly Item[], given: Printed | undefined): Printed | undefined {
    const [head] = items;
    if (head?.leads === true) this.report(head.printed, 'sh');
    return head === undefined ? undefined : this.text(items.map(({ text }) => text).join(' '), given);
  }

  /** A file operand that is a substitution: `<(curl URL)`. */
  private operand(item: Item | undefined, runner: string): Printed | undefined {
    return this.fed(item?.printed, runner);
  }

  /** A shell that reads its commands from what it is fed. */
  private fed(given: Printed | undefined, runner: string): Printed | undefined {
    this.report(given, runner);
    return given?.text === undefined || given.origin !== undefined ? undefined : this.text(given.text, undefined);
  }

  /** What a program prints that starts no other; what it is not known for, it passes on in some form. */
  private printed(base: string, items: readonly Item[], given: Printed | undefined): Printed | undefined {
    const argv = items.map(({ text }) => text);
    const named = SPEAKERS.has(base) ? items.slice(1).map(({ printed }) => printed) : [];
    const input = named.find((printed) => printed?.origin !== undefined) ?? given;
    const own = printedBy(base, argv);
    const origin = input?.origin === 'download' ? 'download' : (own ?? input?.origin);
    const file =
      base === 'echo' || base === 'printf' ? undefined : named.find((printed) => printed?.text !== undefined);
    const output = outputOf(base, argv, this.passed(file ?? input));
    const decoded = output?.decoded === true ? 'decode' : undefined;
    return origin === undefined && output === undefined ? undefined : { origin: origin ?? decoded, text: output?.text };
  }

  /** The text that a program is fed, as long as there is room for it. */
  private passed(printed: Printed | undefined): Output | undefined {
    this.fedLeft -= printed?.text?.length ?? 0;
    return this.fedLeft < 0 ? undefined : outputFrom(printed);
  }

  /** The words that a shell makes of one; what stands alone without quotes is split. */
  private items(word: Word, given: Printed | undefined): readonly Item[] {
    const item = this.joined(word, given);
    const [only, ...others] = word.parts;
    if (others.length > 0 || only === undefined || only.kind === 'text' || only.quoted || !/\s/.test(item.text))
      return [item];
    const [first = '', ...rest] = item.text.trim().split(/\s+/, MAX_WORDS);
    return [{ ...item, text: first }, ...rest.map(literalItem)];
  }

  private joined(word: Word, given: Printed | undefined): Item {
    let text = '';
    let printed: Printed | undefined;
    let leads = false;
    for (const part of word.parts) {
      if (part.kind === 'text') {
        text += part.text;
        continue;
      }
      const held =
        part.kind === 'variable'
          ? this.variables.get(part.name)
          : this.text(part.script, part.file ? given : undefined);
      leads ||= text.trim() === '';
      printed = both(printed, held);
      const isFile = part.kind === 'command' && part.file;
      text += isFile ? '/dev/fd/63' : this.value(held?.text, part.kind === 'variable' ? `$${part.name}` : '');
    }
    return { text, printed, leads };
  }

  /** A value as far as there is room for it; else what stands for the unknown. */
  private value(text: string | undefined, unknown: string): string {
    if (text === undefined || text.length > this.left) return unknown;
    this.left -= text.length;
    return text.replace(/\n{1,64}$/, '');
  }

  /** Runs what belongs to another place. Where quotes are lost, the rest of the pipeline belongs there too. */
  private elsewhere<T>(place: 'remote' | 'inContainer', run: () => T): T {
    const before = this[place];
    this[place] = true;
    const result = run();
    this[place] = before || this.lostQuotes;
    return result;
  }

  private isFoundHere(): boolean {
    return this.found !== undefined && !this.found.remote && !this.found.inContainer;
  }

  private report(code: Printed | undefined, runner: string): void {
    const { remote, inContainer } = this;
    if (code?.origin === undefined || (this.found !== undefined && (this.isFoundHere() || remote || inContainer)))
      return;
    const { origin, text } = code;
    this.found = { origin, runner, remote, inContainer, ...(text === undefined ? {} : { text }) };
  }
}

/** Words with what is known of those of them that end the given items. */
function sameItems(words: readonly string[], items: readonly Item[]): readonly Item[] {
  const shift = items.length - words.length;
  let same = words.length;
  while (same > 0 && items[same - 1 + shift]?.text === words[same - 1]) same -= 1;
  return words.map((text, at) => (at < same ? { text } : (items[at + shift] ?? { text })));
}
