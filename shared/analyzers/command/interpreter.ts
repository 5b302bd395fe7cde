import { shellAssignment } from './assignments.ts';
import { awkCommands, awkText } from './awk-text.ts';
import { Budget, MAX_PROGRAMS } from './budget.ts';
import { contained, isContainerTool } from './containers.ts';
import { type Context, type Followed, inner, isApart, NOTHING, type Source } from './context.ts';
import { decodedTexts } from './encodings.ts';
import { expandWord, expandWords, type Substitute } from './expansion.ts';
import { launcherOf } from './launchers.ts';
import { listedPaths, loopValues } from './loops.ts';
import { ASSIGNERS, baseName, isAwk, isInterpreter, isShell, MULTI_CALL, SOURCING } from './names.ts';
import { type Output, outputOf } from './output.ts';
import { absolutePath, type Program, type Write } from './program.ts';
import { callsOf, interpreterWords } from './program-text.ts';
import { type Loop, literal, type Node, type Pipeline, parseScript } from './script.ts';
import { MAX_VALUE, ShellState } from './shell-state.ts';
import { skipLauncher } from './skip-launcher.ts';
import {
  type Command,
  type Environment,
  type Expanded,
  fedStarts,
  fedTo,
  joined,
  nothingExpanded,
  ownWrites,
  withoutLineEnds,
  withText,
} from './streams.ts';
import { MAX_SCRIPT, type Redirect } from './words.ts';

/** Nesting of launchers and shells. */
const MAX_DEPTH = 12;

/** Reads shell text and launchers into the list of programs that they run. One instance for one command line. */
export class Interpreter {
  readonly programs: Program[] = [];
  readonly decoded: string[] = [];
  private readonly exact: boolean;
  private readonly budget = new Budget();
  private readonly state: ShellState;

  constructor(exact: boolean, workingDirectory?: string) {
    this.exact = exact;
    this.state = new ShellState(workingDirectory);
  }

  /** Reads shell text that stands by itself. */
  script(text: string, source: Source, environment: Environment = {}): void {
    this.text(text, { source, depth: 0, via: [], remote: false }, environment);
  }

  /** Reads one executed command. */
  run(command: Command): void {
    this.command(command, { source: 'argv', depth: 0, via: [], remote: false });
  }

  /** Runs shell text; gives what is known of its output. */
  private text(text: string, context: Context, environment: Environment, input?: Output): Output | undefined {
    const size = Math.min(text.length, MAX_SCRIPT);
    if (context.depth > MAX_DEPTH || !this.budget.reads(size)) return undefined;
    const list = parseScript(text);
    const only = list.length === 1 && list[0]?.length === 1 ? list[0][0] : undefined;
    const alone =
      only?.kind === 'simple' && only.words.length === 1 && only.words[0] ? literal(only.words[0]) : undefined;
    if (alone !== undefined && alone !== text && /\s/.test(alone)) {
      return this.text(alone, { ...context, depth: context.depth + 1 }, environment, input);
    }
    return this.list(list, context, environment, input);
  }

  private list(
    list: readonly Pipeline[],
    context: Context,
    environment: Environment,
    input?: Output,
  ): Output | undefined {
    const outputs: Output[] = [];
    for (const pipeline of list) {
      if (!this.budget.runs()) break;
      let passed = input;
      for (const node of pipeline) {
        const stage = (): Output | undefined => this.node(node, context, environment, passed);
        passed = isApart(node, pipeline) ? this.state.apart(stage) : stage();
      }
      if (passed !== undefined) outputs.push(passed);
    }
    return outputs.length === 0 ? undefined : joined(outputs);
  }

  private node(node: Node, context: Context, environment: Environment, input?: Output): Output | undefined {
    if (node.kind === 'group') {
      const output =
        node.loop === undefined
          ? this.list(node.list, context, environment, input)
          : this.turns(node.loop, node.list, context, environment, input);
      const { writes } = this.redirects(node.redirects, context);
      if (writes.length > 0) this.note({ argv: [], environment, writes: withText(writes, output) }, context);
      return output;
    }
    const expanded = nothingExpanded();
    const substitute = this.substitution(context, expanded);
    const words = expandWords(node.words, substitute);
    if (!this.budget.runs(words)) return undefined;
    const assigned: Record<string, string> = {};
    let at = 0;
    const known = (name: string): string | undefined => assigned[name] ?? this.state.get(name);
    for (
      let pair = shellAssignment(words[at] ?? '', known);
      pair !== undefined;
      pair = shellAssignment(words[++at] ?? '', known)
    )
      assigned[pair[0]] = pair[1].slice(0, MAX_VALUE);
    const argv = words.slice(at);
    const { writes, input: redirected } = this.redirects(node.redirects, context);
    if (argv.length === 0) {
      for (const [name, value] of Object.entries(assigned)) this.state.assign(name, value);
      if (writes.length > 0) this.note({ argv, environment, writes }, context);
      return input;
    }
    for (const word of ASSIGNERS.has(argv[0] ?? '') ? argv.slice(1) : []) {
      const pair = shellAssignment(word, known);
      if (pair !== undefined) this.state.assign(pair[0], pair[1]);
    }
    const source = expanded.decoded ? 'decoded' : context.source;
    const given = { ...environment, ...assigned, ...this.state.exported(argv) };
    const command = { argv, environment: given, writes, input: redirected ?? input, files: expanded.files };
    return this.command(command, { ...context, source });
  }

  /** Runs a loop's body with each of its values; once where none is known, or where the body asks for none. */
  private turns(
    { name, words }: Loop,
    list: readonly Pipeline[],
    context: Context,
    environment: Environment,
    input?: Output,
  ): Output | undefined {
    const substitute = this.substitution(context, nothingExpanded(), listedPaths);
    const given = expandWords(words, substitute);
    if (!this.budget.runs(given)) return undefined;
    const [first, ...others] = loopValues(given);
    this.state.forget(name);
    if (first !== undefined) this.state.assign(name, first);
    this.state.asked.delete(name);
    const outputs = [this.list(list, context, environment, input)];
    this.budget.repeat(() => {
      for (const value of others) {
        if (!this.state.asked.has(name) || !this.budget.runs()) break;
        this.state.forget(name);
        this.state.assign(name, value);
        outputs.push(this.list(list, context, environment, input));
      }
    });
    const known = outputs.filter((output) => output !== undefined);
    return known.length === 0 ? undefined : joined(known);
  }

  /** @param unknown what stands for the output of a command that is not known */
  private substitution(context: Context, expanded: Expanded, unknown = (_: string): string => ''): Substitute {
    const within = { ...context, source: inner(context.source), depth: context.depth + 1 };
    return {
      variable: (name) => {
        this.state.asked.add(name);
        return this.state.get(name);
      },
      command: (script) => {
        const output = this.state.apart(() => this.text(script, within, {}));
        if (output?.decoded === true) expanded.decoded = true;
        return withoutLineEnds(output?.text ?? unknown(script));
      },
      file: (script) => {
        const output = this.state.apart(() => this.text(script, within, {}));
        const path = `/dev/fd/${expanded.descriptor}`;
        if (output !== undefined && expanded.descriptor > 0) expanded.files.set(path, output);
        if (expanded.descriptor > 0) expanded.descriptor--;
        return path;
      },
    };
  }

  private redirects(redirects: readonly Redirect[], context: Context): { writes: Write[]; input?: Output } {
    const writes: Write[] = [];
    let input: Output | undefined;
    for (const { operator, target, descriptor } of redirects) {
      const expanded = nothingExpanded();
      const substitute = this.substitution(context, expanded);
      const text = expandWord(target, substitute, false).join(' ');
      if (!this.budget.runs([text])) break;
      if (operator === '<<' || operator === '<<<')
        input = { text: operator === '<<' ? text : `${text}\n`, decoded: expanded.decoded };
      else if (operator === '<') input = expanded.files.get(text) ?? input;
      else if (operator === '>' || operator === '>>' || (operator === '>&' && !/^(?:\d{1,3}|-)?$/.test(text))) {
        if (text !== '')
          writes.push({ path: text, append: operator === '>>', ...(descriptor === 1 ? {} : { text: '' }) });
      }
    }
    return input === undefined ? { writes } : { writes, input };
  }

  /** Notes a command and everything that it starts; gives what it prints, as far as the text tells. */
  private command(command: Command, context: Context): Output | undefined {
    const base = baseName(command.argv[0] ?? '');
    const index = this.programs.length;
    if (!this.budget.runs([command.input?.text ?? ''])) return undefined;
    this.note(command, context);
    if (base === 'cd' || base === 'pushd')
      this.state.enter(command.argv.slice(1).find((word) => !/^-./.test(word)) ?? '~');
    if (context.depth >= MAX_DEPTH) return undefined;
    const followed = this.follow(
      command,
      { ...context, depth: context.depth + 1, via: [...context.via, base] },
      base.toLowerCase(),
    );
    const fed = fedTo(base, command);
    const isFed = fed !== undefined && this.budget.feeds(fed.text.length);
    const output = followed.output ?? outputOf(base, command.argv, isFed ? fed : undefined);
    if (output?.decoded === true && !this.decoded.includes(output.text)) this.decoded.push(output.text);
    const noted = this.programs[index];
    if (noted !== undefined && index < MAX_PROGRAMS) {
      const writes = [...withText(noted.writes, output), ...ownWrites(base, command)];
      this.programs[index] = { ...noted, launcher: followed.starts, writes };
    }
    return command.writes.some((write) => write.text === undefined) ? undefined : output;
  }

  private note(command: Command, context: Context): void {
    if (!this.budget.notes(this.programs.length)) return;
    const { argv, environment, writes, input, executable, spoken } = command;
    const { source, via, remote, container } = context;
    this.programs.push({
      argv,
      exact: this.exact,
      environment,
      source,
      launcher: false,
      via,
      remote,
      writes,
      path:
        executable ?? absolutePath(argv[0] ?? '', container === undefined && !remote ? this.state.folder : undefined),
      ...(container === undefined ? {} : { container }),
      ...(container !== undefined || remote || this.state.folder === undefined ? {} : { folder: this.state.folder }),
      ...(input === undefined ? {} : { input: input.text }),
      ...(executable === undefined ? {} : { executable }),
      ...(spoken === undefined ? {} : { spoken }),
    });
  }

  private follow(command: Command, context: Context, base: string): Followed {
    const { argv } = command;
    const real = command.executable === undefined ? base : baseName(command.executable).toLowerCase();
    const file = command.files?.get(argv[SOURCING.has(base) ? 1 : 0] ?? '');
    if (file !== undefined) {
      const read = (): Followed => this.fed(file, command, context);
      return SOURCING.has(base) ? read() : this.state.apart(read);
    }
    if (isContainerTool(base)) return this.container(base, argv, context);
    if (MULTI_CALL.has(base)) return this.next(command, argv.slice(argv[1] === '--' ? 2 : 1), context);
    if (isShell(base) || isShell(real)) return this.shell(command, context);
    if (isInterpreter(base) || isInterpreter(real)) return this.interpreter(command, context);
    if (isAwk(base) || isAwk(real)) return this.awk(command, context);
    const launcher = launcherOf(base);
    if (launcher !== undefined) {
      const skipped = skipLauncher(argv, launcher, base);
      const { rest, script, environment, spoken } = skipped;
      const where = launcher.remote === true ? { ...context, remote: true } : context;
      const given = { ...command, environment: { ...command.environment, ...environment } };
      const text = script ?? (launcher.joins === true && rest.length > 0 ? rest.join(' ') : undefined);
      if (text !== undefined) return this.inside(text, given, where, launcher.joins !== true);
      return base === 'xargs'
        ? this.each(given, fedStarts(skipped, command.input), where)
        : this.next({ ...given, spoken }, rest, where);
    }
    const at = base === 'find' ? argv.findIndex((word) => /^-(?:exec|execdir|ok)$/.test(word)) : -1;
    if (at > 0)
      this.next(
        command,
        argv.slice(at + 1).filter((word) => word !== ';' && word !== '+'),
        context,
      );
    return NOTHING;
  }

  private next(command: Command, argv: readonly string[], context: Context): Followed {
    if (argv.length === 0) return NOTHING;
    const { environment, input, files, spoken } = command;
    return { starts: true, output: this.command({ argv, environment, writes: [], input, files, spoken }, context) };
  }

  /** Starts several in a row, none of which reads the input. */
  private each(command: Command, starts: Iterable<readonly string[]>, context: Context): Followed {
    const alone = { ...command, input: undefined };
    const outputs: (Output | undefined)[] = [];
    let paid = true;
    for (const argv of starts) {
      const run = (): void => {
        paid = this.budget.runs(argv);
        if (paid) outputs.push(this.next(alone, argv, context).output);
      };
      if (outputs.length === 0) run();
      else this.budget.repeat(run);
      if (!paid) break;
    }
    const known = outputs.filter((output) => output !== undefined);
    return { starts: true, output: known.length === 0 ? undefined : joined(known) };
  }

  /** @param apart the text is run by a shell of its own */
  private inside(text: string, command: Command, context: Context, apart: boolean): Followed {
    const source = inner(context.source);
    const run = (): Output | undefined => this.text(text, { ...context, source }, command.environment, command.input);
    return { starts: true, output: apart ? this.state.apart(run) : run() };
  }

  private container(base: string, argv: readonly string[], context: Context): Followed {
    const found = contained(base, argv);
    if (found === undefined) return NOTHING;
    const { container, environment } = found;
    this.command({ argv: found.argv, environment, writes: [] }, { ...context, container });
    return { starts: true };
  }

  private shell(command: Command, context: Context): Followed {
    const { argv, input } = command;
    for (let at = 1; at < argv.length; at++) {
      const word = argv[at] ?? '';
      if (/^(?:[-+][oO]|--rcfile|--init-file)$/.test(word)) at++;
      else if (/^-[A-Za-z]{0,8}c[A-Za-z]{0,8}$/.test(word)) {
        const rest = argv.slice(argv[at + 1] === '--' ? at + 2 : at + 1);
        const whole = this.exact || context.source !== 'argv' || /\s/.test(rest[0] ?? '');
        // What lost its quotes may go on behind the command that it seems to end with.
        if (!whole) return this.inside(rest.join(' '), command, context, false);
        return this.state.apart(() => {
          for (const [index, value] of rest.slice(1, 11).entries()) this.state.assign(String(index), value);
          return this.inside(rest[0] ?? '', command, context, false);
        });
      } else if (/^-[A-Za-z]{0,8}s[A-Za-z]{0,8}$/.test(word)) break;
      else if (!/^[-+]./.test(word)) return this.next(command, argv.slice(at), context);
    }
    return input === undefined ? NOTHING : this.state.apart(() => this.fed(input, command, context));
  }

  /** Runs shell text that another command printed. */
  private fed({ text, decoded }: Output, command: Command, context: Context): Followed {
    const source = decoded ? 'decoded' : inner(context.source);
    return { starts: true, output: this.text(text, { ...context, source }, command.environment) };
  }

  private interpreter(command: Command, context: Context): Followed {
    const { argv, files, input } = command;
    const { texts, operands } = interpreterWords(argv, !this.exact && context.source === 'argv');
    for (const text of texts) this.program(text, false, command, context);
    const given = operands.length === 0 ? input : files?.get(operands[0] ?? '');
    if (given === undefined || texts.length > 0) return this.next(command, operands, context);
    this.program(given.text, given.decoded, command, context);
    return NOTHING;
  }

  /** Runs what an awk program starts; awk itself reads and prints. */
  private awk(command: Command, context: Context): Followed {
    const text = awkText(command.argv, !this.exact && context.source === 'argv');
    if (!this.budget.reads(text.length)) return NOTHING;
    const within = { ...context, source: inner(context.source) };
    for (const { script, input } of awkCommands(text)) {
      const fed = input === undefined ? undefined : { text: input, decoded: false };
      this.text(script, within, command.environment, fed);
    }
    return NOTHING;
  }

  /** Reads the commands that an interpreter's program text starts, itself or in what it decodes once. */
  private program(text: string, decoded: boolean, { environment }: Command, context: Context): void {
    if (!this.budget.reads(text.length)) return;
    const read = (part: string, source: Source): void => {
      const { scripts, argvs } = callsOf(part);
      const within = { ...context, source };
      for (const script of scripts) this.text(script, within, environment);
      for (const argv of argvs) this.command({ argv, environment, writes: [] }, within);
    };
    read(text, decoded ? 'decoded' : inner(context.source));
    for (const part of decodedTexts(text)) read(part, 'decoded');
  }
}
