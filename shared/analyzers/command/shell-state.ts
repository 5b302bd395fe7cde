import { EXPORTERS } from './names.ts';
import { absolutePath } from './program.ts';
import type { Environment } from './streams.ts';

const MAX_VARIABLES = 512;
/** Characters of a variable's value. */
export const MAX_VALUE = 8192;
const NAME = /^[A-Za-z_]\w{0,127}$/;

/** What a shell keeps from command to command: variables and the folder that it is in. */
export class ShellState {
  folder: string | undefined;
  /** Variables that were asked for. */
  readonly asked = new Set<string>();
  private readonly variables = new Map<string, string>([['IFS', ' ']]);
  /** What changed variables were before the innermost subshell; nothing outside of one. */
  private before: Map<string, string | undefined> | undefined;

  constructor(folder: string | undefined) {
    this.folder = folder;
  }

  get(name: string): string | undefined {
    return this.variables.get(name);
  }

  assign(name: string, value: string): void {
    if (this.variables.size >= MAX_VARIABLES) return;
    this.remember(name);
    this.variables.set(name, value.slice(0, MAX_VALUE));
  }

  forget(name: string): void {
    this.remember(name);
    this.variables.delete(name);
  }

  /** Goes to a folder; nobody knows to which one `cd -` goes back. */
  enter(folder: string): void {
    this.folder =
      folder === '-' ? undefined : absolutePath(/^[~$]|\//.test(folder) ? folder : `./${folder}`, this.folder);
  }

  /** `A=B; export A`: the values that the text gave before to the names that a command exports. */
  exported(argv: readonly string[]): Environment {
    const values: Record<string, string> = {};
    if (!EXPORTERS.has(argv[0] ?? '')) return values;
    for (const name of argv.slice(1, MAX_VARIABLES)) {
      const value = NAME.test(name) ? this.get(name) : undefined;
      if (value !== undefined) values[name] = value;
    }
    return values;
  }

  /**
   * Runs what a process of its own does: parentheses, a stage of a pipe, a substitution, another shell. Folder and
   * variables are afterwards what they were. Costs no more than what it changes.
   */
  apart<T>(run: () => T): T {
    const { folder, before } = this;
    const changed = new Map<string, string | undefined>();
    this.before = changed;
    const result = run();
    this.before = before;
    this.folder = folder;
    for (const [name, value] of changed) {
      if (value === undefined) this.variables.delete(name);
      else this.variables.set(name, value);
    }
    return result;
  }

  private remember(name: string): void {
    if (this.before !== undefined && !this.before.has(name)) this.before.set(name, this.variables.get(name));
  }
}
